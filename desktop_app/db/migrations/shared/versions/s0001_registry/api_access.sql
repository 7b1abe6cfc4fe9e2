-- People: their place, their way in and out. All of these are entries of the trust log as well.

CREATE FUNCTION internal.place_statement(p_user uuid, p_role text, p_center uuid) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object('user', p_user, 'role', p_role, 'center', p_center)
$$;

CREATE FUNCTION internal.need_active(p_user public.users) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT p_user.is_active THEN
        PERFORM internal.refuse('LK004', 'This person is deactivated; activate first.');
    END IF;
END $$;

CREATE FUNCTION api.change_role(p_id uuid, p_role text, p_entry jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.locked_subject(p_id);
BEGIN
    PERFORM internal.check_not_oneself(v_user);
    PERFORM internal.need_active(v_user);
    PERFORM internal.check_role(p_role, v_user.center_id);
    IF p_role = v_user.role THEN
        PERFORM internal.refuse('LK004', 'The person has this role already.');
    END IF;
    PERFORM internal.check_not_last(v_user);
    PERFORM internal.append_entry(p_entry, 'place', internal.place_statement(p_id, p_role, v_user.center_id));
    UPDATE public.users u SET role = p_role WHERE u.id = p_id;
    PERFORM security.leave_group(v_user.login, internal.group_of(v_user.center_id, v_user.role));
    PERFORM security.join_group(v_user.login, internal.group_of(v_user.center_id, p_role));
END $$;

-- To another center, or to none (a system administrator), or from there.
CREATE FUNCTION api.change_center(p_id uuid, p_center uuid, p_role text, p_entry jsonb, p_grants jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
    v_moved public.users;
    v_from uuid[];
    v_to uuid[];
BEGIN
    PERFORM internal.need_platform();
    PERFORM internal.lock_membership(NULL);
    v_user := internal.subject(p_id);
    PERFORM internal.check_not_oneself(v_user);
    PERFORM internal.need_active(v_user);
    PERFORM internal.check_role(p_role, p_center);
    IF p_center IS NOT NULL THEN
        PERFORM internal.need_admin(p_center);
    END IF;
    IF p_center IS NOT DISTINCT FROM v_user.center_id THEN
        PERFORM internal.refuse('LK004', 'The person belongs there already.');
    END IF;
    PERFORM internal.check_not_last(v_user);
    PERFORM internal.append_entry(p_entry, 'place', internal.place_statement(p_id, p_role, p_center));
    UPDATE public.users u SET center_id = p_center, role = p_role WHERE u.id = p_id RETURNING * INTO v_moved;
    PERFORM security.leave_group(v_user.login, internal.group_of(v_user.center_id, v_user.role));
    PERFORM security.join_group(v_user.login, internal.group_of(p_center, p_role));
    v_from := internal.at_once(p_id, internal.centers_of(v_user.center_id));
    v_to := internal.at_once(p_id, internal.centers_of(p_center));
    PERFORM internal.drop_grants(p_id, v_from || v_to);
    PERFORM internal.store_grants(p_grants, v_to, ARRAY[internal.current_identity_of(p_id)]);
    PERFORM internal.leave_centers(p_id, ARRAY(SELECT unnest(v_from) EXCEPT SELECT unnest(v_to)));
    PERFORM internal.enter_centers(v_moved, v_to);
END $$;

-- The first of two transactions: nothing new can begin. The second is end_sessions, because in one transaction a
-- client that reconnects at once would slip in.
CREATE FUNCTION api.deactivate_user(p_id uuid, p_entry jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.locked_subject(p_id);
    v_centers uuid[] := internal.centers_of(v_user.center_id);
BEGIN
    PERFORM internal.check_not_oneself(v_user);
    PERFORM internal.need_active(v_user);
    PERFORM internal.check_not_last(v_user);
    PERFORM internal.append_entry(p_entry, 'remove', jsonb_build_object('user', p_id));
    UPDATE public.users u SET is_active = false WHERE u.id = p_id;
    v_centers := internal.at_once(p_id, v_centers);
    PERFORM security.close_login(v_user.login);
    PERFORM security.leave_group(v_user.login, internal.group_of(v_user.center_id, v_user.role));
    PERFORM internal.drop_grants(p_id, v_centers);
    PERFORM internal.leave_centers(p_id, v_centers);
END $$;

CREATE FUNCTION api.end_sessions(p_id uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.subject(p_id);
BEGIN
    PERFORM internal.check_not_oneself(v_user);
    RETURN security.end_sessions(v_user.login);
END $$;

CREATE FUNCTION api.activate_user(p_id uuid, p_entry jsonb, p_grants jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.locked_subject(p_id);
    v_centers uuid[] := internal.centers_of(v_user.center_id);
BEGIN
    IF v_user.is_active THEN
        PERFORM internal.refuse('LK004', 'This person is active already.');
    END IF;
    PERFORM internal.append_entry(p_entry, 'place',
                                  internal.place_statement(p_id, v_user.role, v_user.center_id));
    UPDATE public.users u SET is_active = true WHERE u.id = p_id;
    v_centers := internal.at_once(p_id, v_centers);
    PERFORM internal.drop_grants(p_id, v_centers);
    PERFORM internal.store_grants(p_grants, v_centers, ARRAY[internal.current_identity_of(p_id)]);
    PERFORM internal.enter_centers(v_user, v_centers);
    PERFORM security.open_login(v_user.login);
    PERFORM security.join_group(v_user.login, internal.group_of(v_user.center_id, v_user.role));
END $$;

-- New provisional keys and a new password by an administrator; what the old keys could open is sealed to the new ones.
CREATE FUNCTION api.reset_password(
    p_id uuid, p_verifier text, p_identity jsonb, p_entry jsonb, p_grants jsonb, p_must_change boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    v_user public.users := internal.locked_subject(p_id);
BEGIN
    IF v_user.login = session_user THEN
        PERFORM internal.refuse('LK006', 'Your own password is changed, not reset.');
    END IF;
    PERFORM internal.need_active(v_user);
    PERFORM internal.append_entry(p_entry, 'replace_keys', jsonb_build_object(
        'user', p_id, 'identity', internal.identity_statement(p_identity), 'provisional', true));
    PERFORM internal.replace_identity(v_user, p_identity, p_grants);
    PERFORM security.set_verifier(v_user.login, p_verifier);
    UPDATE public.users u SET must_change_password = coalesce(p_must_change, true) WHERE u.id = p_id;
END $$;
