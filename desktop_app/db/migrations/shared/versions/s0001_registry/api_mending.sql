-- What the doctor mends (services/maintenance/repairs.py): what the registry says and is not so. Whether the registry is to
-- be believed, the program asks the trust log before it calls these.

-- The keys that a person who must be able to open the center has not; what is sealed to him stays.
CREATE FUNCTION api.grant_again(p_center uuid, p_user uuid, p_grants jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    v_identity uuid;
    v_stored integer;
BEGIN
    PERFORM internal.need_admin(p_center);
    PERFORM internal.lock_membership(ARRAY[p_center]);
    PERFORM internal.need_admin(p_center);
    v_identity := internal.current_identity_of(p_user);
    IF v_identity IS NULL OR NOT v_identity = ANY (internal.recipients_in(p_center)) THEN
        PERFORM internal.refuse('LK008');
    END IF;
    IF p_grants IS NULL OR jsonb_typeof(p_grants) <> 'array' THEN
        PERFORM internal.refuse('LK010', 'grants_not_list', 'grants');
    END IF;
    EXECUTE format($sql$
        INSERT INTO %I.key_grants (key_version, identity_id, sealed)
        SELECT (g ->> 'key_version')::integer, $2, internal.hex_bytes(g, 'sealed')
        FROM jsonb_array_elements($1) g
        WHERE (g ->> 'center_id')::uuid = $3 AND (g ->> 'identity_id')::uuid = $2
        ON CONFLICT DO NOTHING
    $sql$, internal.center_schema(p_center)) USING p_grants, v_identity, p_center;
    GET DIAGNOSTICS v_stored = ROW_COUNT;
    IF v_stored <> jsonb_array_length(p_grants) OR NOT internal.has_every_key(p_user, p_center) THEN
        PERFORM internal.refuse('LK005');
    END IF;
END $$;

-- Grants of people who must not open the center go; how many there were. Not those of a change that is under way: keys
-- that are about to be somebody's (api.prepare_own_grants), and what is left to settle.
CREATE FUNCTION api.drop_needless_grants(p_center uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_dropped integer;
BEGIN
    PERFORM internal.need_admin(p_center);
    PERFORM internal.lock_membership(ARRAY[p_center]);
    PERFORM internal.need_admin(p_center);
    EXECUTE format($sql$
        DELETE FROM %I.key_grants g USING public.identities i
        WHERE i.id = g.identity_id AND i.user_id IS NOT NULL AND i.id <> ALL ($1) AND NOT EXISTS (
            SELECT FROM public.unfinished t WHERE t.user_id = i.user_id AND t.center_id = $2)
    $sql$, internal.center_schema(p_center)) USING internal.recipients_in(p_center), p_center;
    GET DIAGNOSTICS v_dropped = ROW_COUNT;
    RETURN v_dropped;
END $$;

-- The groups of a login in a center (NULL: the system administrators'), as its person's place says; a login whose
-- person is deactivated, or that is nobody's, has none and is closed.
CREATE FUNCTION api.mend_groups(p_center uuid, p_login text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
    v_role text;
    v_group text;
BEGIN
    PERFORM internal.need_authority(p_center);
    PERFORM internal.lock_membership(CASE WHEN p_center IS NULL THEN '{}' ELSE ARRAY[p_center] END);
    PERFORM internal.need_authority(p_center);
    SELECT * INTO v_user FROM public.users u WHERE u.login = p_login AND u.is_active;
    IF p_center IS NULL THEN
        v_role := CASE WHEN v_user.is_system THEN 'admin' END;
    ELSE
        SELECT m.role INTO v_role FROM public.memberships m WHERE m.user_id = v_user.id AND m.center_id = p_center;
    END IF;
    -- From the highest down: each contains those below, and whether a revoke worked is asked of all of them together.
    FOR v_group IN
        SELECT g.rolname FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles l ON l.oid = a.member
        WHERE l.rolname = p_login AND g.rolname IN (SELECT internal.group_of(p_center, r)
                                                    FROM unnest(ARRAY['admin', 'user', 'viewer']) r)
        ORDER BY g.rolname
    LOOP
        PERFORM security.leave_group(p_login, v_group);
    END LOOP;
    IF v_role IS NOT NULL THEN
        PERFORM security.join_group(p_login, internal.group_of(p_center, v_role));
    END IF;
    IF p_center IS NULL AND v_user.id IS NULL THEN
        PERFORM security.close_login(p_login);
    ELSIF p_center IS NOT NULL THEN
        PERFORM internal.forget_plans(p_center);
    END IF;
END $$;
