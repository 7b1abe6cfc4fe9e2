-- Places: memberships of centers, and being a system administrator. Each change is an entry of the trust log.

CREATE FUNCTION internal.place_statement(p_user uuid, p_center uuid, p_role text, p_until date) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object('user', p_user, 'center', p_center, 'role', p_role,
                              'until', to_char(p_until, 'YYYY-MM-DD'))
$$;

-- Plans that open sessions have kept were made for the membership as it was (see belongs_for_good() of the centers).
-- A change of any schema's row makes every session forget its plans; this one changes nothing else.
CREATE FUNCTION internal.forget_plans(p_center uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', internal.center_schema(p_center));
END $$;

-- The person whose place in the center is about to change, under the center's lock.
CREATE FUNCTION internal.locked_member(p_user uuid, p_center uuid) RETURNS public.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
BEGIN
    PERFORM internal.known_user(p_user);
    PERFORM internal.need_admin(p_center);
    PERFORM internal.lock_membership(ARRAY[p_center]);
    PERFORM internal.need_admin(p_center);
    v_user := internal.known_user(p_user);
    PERFORM internal.check_not_oneself(v_user);
    PERFORM internal.need_active(v_user);
    IF v_user.is_system THEN
        PERFORM internal.refuse('LK004', 'system_admin_has_no_center');
    END IF;
    RETURN v_user;
END $$;

-- A membership, made or changed. Only a system administrator brings somebody into a further center; role and last day
-- are changed by the center's administrators. Grants are needed where the person could not open the center's keys.
CREATE FUNCTION api.join_center(
    p_id uuid, p_center uuid, p_role text, p_until date, p_entry jsonb, p_grants jsonb
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.locked_member(p_id, p_center);
    v_old public.memberships;
BEGIN
    PERFORM internal.check_place(p_center, p_role, p_until);
    SELECT * INTO v_old FROM public.memberships m WHERE m.user_id = p_id AND m.center_id = p_center;
    IF v_old.user_id IS NULL THEN
        PERFORM internal.need_platform();
    ELSIF (v_old.role, v_old.until) IS NOT DISTINCT FROM (p_role, p_until) THEN
        PERFORM internal.refuse('LK004', 'place_held_already');
    ELSIF p_role <> 'admin' OR p_until IS NOT NULL THEN
        PERFORM internal.check_not_last(v_user, p_center);
    END IF;
    PERFORM internal.append_entry(p_entry, 'join', internal.place_statement(p_id, p_center, p_role, p_until));
    PERFORM internal.set_membership(v_user, v_old, p_center, p_role, p_until);
    IF v_old.user_id IS NULL OR v_old.until < internal.today() THEN
        PERFORM internal.drop_grants(p_id, ARRAY[p_center]);
        PERFORM internal.store_grants(p_grants, ARRAY[p_center], ARRAY[internal.current_identity_of(p_id)]);
    ELSE
        PERFORM internal.store_grants(p_grants, '{}', '{}');
    END IF;
    PERFORM internal.enter_centers(v_user, ARRAY[p_center]);
END $$;

-- The row and the group.
CREATE FUNCTION internal.set_membership(
    p_user public.users, p_old public.memberships, p_center uuid, p_role text, p_until date
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.memberships (user_id, center_id, role, until) VALUES (p_user.id, p_center, p_role, p_until)
    ON CONFLICT (user_id, center_id) DO UPDATE SET role = excluded.role, until = excluded.until;
    IF p_old.role IS DISTINCT FROM p_role THEN
        IF p_old.role IS NOT NULL THEN
            PERFORM security.leave_group(p_user.login, internal.group_of(p_center, p_old.role));
        END IF;
        PERFORM security.join_group(p_user.login, internal.group_of(p_center, p_role));
    END IF;
    PERFORM internal.forget_plans(p_center);
END $$;

-- The end of a membership. The last one is not ended but the person deactivated, or moved.
CREATE FUNCTION api.leave_center(p_id uuid, p_center uuid, p_entry jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.locked_member(p_id, p_center);
BEGIN
    IF NOT EXISTS (SELECT FROM public.memberships m WHERE m.user_id = p_id AND m.center_id <> p_center) THEN
        PERFORM internal.refuse('LK004', 'only_center_of_person');
    END IF;
    PERFORM internal.check_not_last(v_user, p_center);
    PERFORM internal.append_entry(p_entry, 'leave', jsonb_build_object('user', p_id, 'center', p_center));
    PERFORM internal.end_place(v_user, p_center);
    PERFORM internal.mark_rotation_due(ARRAY[p_center]);
    PERFORM internal.drop_grants(p_id, ARRAY[p_center]);
    PERFORM internal.leave_centers(p_id, ARRAY[p_center]);
END $$;

-- Row and group of one place; LK008 where there is none.
CREATE FUNCTION internal.end_place(p_user public.users, p_center uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_role text;
BEGIN
    IF p_center IS NULL THEN
        UPDATE public.users u SET is_system = false WHERE u.id = p_user.id AND u.is_system;
        PERFORM security.leave_group(p_user.login, internal.group_of(NULL, 'admin'));
        RETURN;
    END IF;
    DELETE FROM public.memberships m WHERE m.user_id = p_user.id AND m.center_id = p_center
        RETURNING m.role INTO v_role;
    IF v_role IS NULL THEN
        PERFORM internal.refuse('LK008');
    END IF;
    PERFORM security.leave_group(p_user.login, internal.group_of(p_center, v_role));
    PERFORM internal.forget_plans(p_center);
END $$;

-- From the only place to another one: a leaving and a joining, two entries, in one transaction. NULL is the system
-- administrators' place.
CREATE FUNCTION api.change_center(
    p_id uuid, p_center uuid, p_role text, p_until date, p_leave jsonb, p_join jsonb, p_grants jsonb
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
    v_from uuid;
    v_old uuid[];
    v_new uuid[];
BEGIN
    PERFORM internal.need_platform();
    PERFORM internal.lock_membership(NULL);
    v_user := internal.subject(p_id);
    PERFORM internal.check_not_oneself(v_user);
    PERFORM internal.need_active(v_user);
    PERFORM internal.check_place(p_center, p_role, p_until);
    IF p_center IS NOT NULL THEN
        PERFORM internal.need_admin(p_center);
    END IF;
    v_from := internal.only_place(v_user);
    IF p_center IS NOT DISTINCT FROM v_from THEN
        PERFORM internal.refuse('LK004', 'member_already');
    END IF;
    PERFORM internal.check_not_last(v_user, v_from);
    PERFORM internal.append_entry(p_leave, 'leave', jsonb_build_object('user', p_id, 'center', v_from));
    PERFORM internal.append_entry(p_join, 'join', internal.place_statement(p_id, p_center, p_role, p_until));
    v_old := internal.centers_of(v_user);
    PERFORM internal.end_place(v_user, v_from);
    v_user := internal.take_place(v_user, p_center, p_role, p_until);
    PERFORM internal.mark_rotation_due(ARRAY(SELECT unnest(v_old) EXCEPT SELECT unnest(internal.centers_of(v_user))));
    v_old := internal.at_once(p_id, v_old);
    v_new := internal.at_once(p_id, internal.centers_of(v_user));
    PERFORM internal.drop_grants(p_id, v_old || v_new);
    PERFORM internal.store_grants(p_grants, internal.key_centers_of(v_user, v_new), ARRAY[internal.current_identity_of(p_id)]);
    PERFORM internal.leave_centers(p_id, ARRAY(SELECT unnest(v_old) EXCEPT SELECT unnest(v_new)));
    PERFORM internal.enter_centers(v_user, v_new);
END $$;

-- The one center that a person belongs to, NULL for a system administrator.
CREATE FUNCTION internal.only_place(p_user public.users) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_places uuid[] := ARRAY(SELECT m.center_id FROM public.memberships m WHERE m.user_id = p_user.id);
BEGIN
    IF cardinality(v_places) > 1 THEN
        PERFORM internal.refuse('LK004', 'member_of_several_centers');
    END IF;
    RETURN v_places[1];
END $$;

CREATE FUNCTION internal.take_place(p_user public.users, p_center uuid, p_role text, p_until date)
RETURNS public.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
BEGIN
    IF p_center IS NULL THEN
        UPDATE public.users u SET is_system = true WHERE u.id = p_user.id;
        PERFORM security.join_group(p_user.login, internal.group_of(NULL, 'admin'));
    ELSE
        PERFORM internal.set_membership(p_user, NULL, p_center, p_role, p_until);
    END IF;
    SELECT * INTO v_user FROM public.users u WHERE u.id = p_user.id;
    RETURN v_user;
END $$;
