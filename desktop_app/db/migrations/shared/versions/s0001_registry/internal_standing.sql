-- Who is asking, what he may, and the locks that every change of people or keys takes.
-- Nothing here can be called by persons: schema internal has no USAGE for anybody but its owner.

-- One way to refuse: the SQLSTATE tells the program, the message is the name of a sentence (desktop_app/db/refusals.py).
CREATE FUNCTION internal.refuse(p_code text, p_name text DEFAULT '', p_field text DEFAULT '') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = p_code, MESSAGE = coalesce(nullif(p_name, ''), 'refused'), COLUMN = p_field;
END $$;

CREATE FUNCTION internal.is_platform() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_has_role(session_user, 'labkeep_platform', 'MEMBER')
$$;

CREATE FUNCTION internal.center_schema(p_center uuid) RETURNS text
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'center_' || replace(p_center::text, '-', '')
$$;

CREATE FUNCTION internal.group_of(p_center uuid, p_role text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_center IS NULL THEN 'labkeep_platform'
        ELSE internal.center_schema(p_center) || '_' || p_role END
$$;

-- Whether the session has the role there now: the group, and a membership whose last day is not over.
CREATE FUNCTION internal.has_role_in(p_center uuid, p_role text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    -- pg_has_role fails on a role that is not there, and that would tell a foreign center from an unknown one.
    SELECT CASE WHEN to_regrole(internal.group_of(p_center, p_role)) IS NULL THEN false
        ELSE internal.is_platform()
            OR (pg_has_role(session_user, internal.group_of(p_center, p_role), 'MEMBER')
                AND p_center = ANY (public.own_centers())) END
$$;

CREATE FUNCTION internal.need_platform() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT internal.is_platform() THEN
        PERFORM internal.refuse('42501', 'only_system_admin');
    END IF;
END $$;

-- The center's row, if the session may see it; the same answer for a foreign and an unknown one.
CREATE FUNCTION internal.visible_center(p_center uuid) RETURNS public.centers
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center public.centers;
BEGIN
    SELECT * INTO v_center FROM public.centers c WHERE c.id = p_center;
    IF NOT FOUND OR NOT (internal.is_platform() OR internal.has_role_in(p_center, 'viewer')) THEN
        PERFORM internal.refuse('LK008');
    END IF;
    RETURN v_center;
END $$;

-- The same of one that is open; a closed center is there for system administrators only.
CREATE FUNCTION internal.open_center(p_center uuid) RETURNS public.centers
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center public.centers := internal.visible_center(p_center);
BEGIN
    IF NOT (v_center.is_active OR internal.is_platform()) THEN
        PERFORM internal.refuse('42501', 'center_closed');
    END IF;
    RETURN v_center;
END $$;

-- An administrator of the open center, or a system administrator.
CREATE FUNCTION internal.need_admin(p_center uuid) RETURNS public.centers
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center public.centers := internal.open_center(p_center);
BEGIN
    IF NOT internal.has_role_in(p_center, 'admin') THEN
        PERFORM internal.refuse('42501', 'only_center_admin');
    END IF;
    RETURN v_center;
END $$;

-- Authority over places: a center's by its administrators, the rest by system administrators.
CREATE FUNCTION internal.need_authority(p_center uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_center IS NULL THEN
        PERFORM internal.need_platform();
    ELSE
        PERFORM internal.need_admin(p_center);
    END IF;
END $$;

-- The user's row, if the session has authority over a place of his; LK008 for one it may not even know.
CREATE FUNCTION internal.known_user(p_user uuid) RETURNS public.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
BEGIN
    SELECT * INTO v_user FROM public.users u WHERE u.id = p_user;
    IF NOT FOUND OR NOT (internal.is_platform() OR EXISTS (
        SELECT FROM public.memberships m
        WHERE m.user_id = p_user AND m.center_id = ANY (public.own_centers()))) THEN
        PERFORM internal.refuse('LK008');
    END IF;
    RETURN v_user;
END $$;

-- The user's row, if the session has authority over the whole person. Who belongs to several centers is system
-- administrators' alone: otherwise an administrator of one takes over an account that reads the others.
CREATE FUNCTION internal.subject(p_user uuid) RETURNS public.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.known_user(p_user);
    v_center uuid;
BEGIN
    IF internal.is_platform() THEN
        RETURN v_user;
    END IF;
    FOR v_center IN SELECT m.center_id FROM public.memberships m WHERE m.user_id = p_user LOOP
        IF v_user.is_system OR NOT internal.has_role_in(v_center, 'viewer') THEN
            PERFORM internal.refuse('42501', 'person_has_other_centers');
        END IF;
        PERFORM internal.need_admin(v_center);
    END LOOP;
    RETURN v_user;
END $$;

CREATE FUNCTION internal.own_user() RETURNS public.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
BEGIN
    SELECT * INTO v_user FROM public.users u WHERE u.login = session_user AND u.is_active;
    IF NOT FOUND THEN
        PERFORM internal.refuse('42501', 'login_of_nobody');
    END IF;
    RETURN v_user;
END $$;

-- The membership lock. First the installation's row (all changes of the trust log, one after the other), then the
-- centers in the order of their ids; NULL is for a change in every center, which begins with the first few. Authority is checked before it, so that nobody waits in the
-- queue who will be refused, and again after it, because it may have been taken away meanwhile.
CREATE FUNCTION internal.lock_membership(p_centers uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        -- An older snapshot would not see what the one who held the lock before has done.
        PERFORM internal.refuse('LK004', 'not_read_committed');
    END IF;
    PERFORM FROM public.installation FOR UPDATE;
    PERFORM FROM public.centers c WHERE c.id = ANY (coalesce(p_centers, internal.first_centers()))
        ORDER BY c.id FOR UPDATE;
END $$;

-- The user under the locks of his places; nobody else changes him until the transaction ends.
CREATE FUNCTION internal.locked_subject(p_user uuid) RETURNS public.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_before public.users := internal.subject(p_user);
    v_centers uuid[] := internal.centers_of(v_before);
    v_now public.users;
BEGIN
    PERFORM internal.lock_membership(CASE WHEN NOT v_before.is_system THEN v_centers END);
    v_now := internal.subject(p_user);
    IF v_now.is_system <> v_before.is_system
        OR NOT v_now.is_system AND internal.centers_of(v_now) <> v_centers THEN
        PERFORM internal.refuse('LK001');
    END IF;
    RETURN v_now;
END $$;

-- Refuses unknown keys: a misspelt one would silently change nothing.
CREATE FUNCTION internal.check_keys(p_given jsonb, p_known text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_key text;
BEGIN
    IF p_given IS NULL OR jsonb_typeof(p_given) <> 'object' THEN
        PERFORM internal.refuse('LK010', 'not_an_object');
    END IF;
    SELECT k INTO v_key FROM jsonb_object_keys(p_given) k WHERE k <> ALL (p_known) LIMIT 1;
    IF FOUND THEN
        PERFORM internal.refuse('LK010', 'no_such_field', left(v_key, 40));
    END IF;
END $$;

CREATE FUNCTION internal.check_place(p_center uuid, p_role text, p_until date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_role IS NULL OR p_role NOT IN ('viewer', 'user', 'admin') OR (p_center IS NULL AND p_role <> 'admin') THEN
        PERFORM internal.refuse('LK010', 'no_such_role', 'role');
    END IF;
    IF p_center IS NULL AND p_until IS NOT NULL THEN
        PERFORM internal.refuse('LK010', 'system_admin_last_day', 'until');
    END IF;
    IF p_until < internal.today() THEN
        PERFORM internal.refuse('LK010', 'last_day_over', 'until');
    END IF;
END $$;

-- Somebody must stay: the last active administrator of a center, the last system administrator.
CREATE FUNCTION internal.check_not_last(p_user public.users, p_center uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_center IS NULL AND p_user.is_system AND NOT EXISTS (
        SELECT FROM public.users u WHERE u.is_system AND u.is_active AND u.id <> p_user.id) THEN
        PERFORM internal.refuse('LK006', 'last_system_admin');
    END IF;
    IF EXISTS (SELECT FROM public.memberships m WHERE m.user_id = p_user.id AND m.center_id = p_center
               AND m.role = 'admin')
        AND NOT EXISTS (
            SELECT FROM public.memberships m JOIN public.users u ON u.id = m.user_id
            WHERE m.center_id = p_center AND m.role = 'admin' AND u.is_active AND u.id <> p_user.id
                AND (m.until IS NULL OR m.until >= internal.today())) THEN
        PERFORM internal.refuse('LK006', 'last_center_admin');
    END IF;
END $$;

-- The same in every place he has.
CREATE FUNCTION internal.check_not_last_anywhere(p_user public.users) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.check_not_last(p_user, NULL);
    PERFORM internal.check_not_last(p_user, m.center_id) FROM public.memberships m WHERE m.user_id = p_user.id;
END $$;

CREATE FUNCTION internal.check_not_oneself(p_user public.users) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_user.login = session_user THEN
        PERFORM internal.refuse('LK006', 'own_place');
    END IF;
END $$;
