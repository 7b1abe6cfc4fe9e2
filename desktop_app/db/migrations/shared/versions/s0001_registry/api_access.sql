-- People: their way in and out. All of these are entries of the trust log as well; the places are in api_places.sql.

CREATE FUNCTION internal.need_active(p_user public.users) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT p_user.is_active THEN
        PERFORM internal.refuse('LK004', 'person_deactivated');
    END IF;
END $$;

-- An administrator of one of the person's centers: enough to end open sessions, of which a lowered role needs it.
CREATE FUNCTION internal.need_authority_anywhere(p_user public.users) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT internal.is_platform() AND NOT EXISTS (
        SELECT FROM public.memberships m
        WHERE m.user_id = p_user.id AND m.center_id = ANY (public.administered_centers())) THEN
        PERFORM internal.refuse('42501', 'only_center_admin');
    END IF;
END $$;

-- The groups of every place he has.
CREATE FUNCTION internal.groups_of(p_user public.users) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT internal.group_of(NULL, 'admin') WHERE p_user.is_system
    UNION ALL
    SELECT internal.group_of(m.center_id, m.role) FROM public.memberships m WHERE m.user_id = p_user.id
$$;

-- The first of two transactions: nothing new can begin. The second is end_sessions, because in one transaction a
-- client that reconnects at once would slip in.
CREATE FUNCTION api.deactivate_user(p_id uuid, p_entry jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.locked_subject(p_id);
    v_centers uuid[] := internal.centers_of(v_user);
BEGIN
    PERFORM internal.check_not_oneself(v_user);
    PERFORM internal.need_active(v_user);
    PERFORM internal.check_not_last_anywhere(v_user);
    PERFORM internal.append_entry(p_entry, 'remove', jsonb_build_object('user', p_id));
    UPDATE public.users u SET is_active = false WHERE u.id = p_id;
    PERFORM internal.mark_rotation_due(v_centers);
    v_centers := internal.at_once(p_id, v_centers);
    PERFORM security.close_login(v_user.login);
    PERFORM security.leave_group(v_user.login, g) FROM internal.groups_of(v_user) g;
    PERFORM internal.forget_plans(m.center_id) FROM public.memberships m WHERE m.user_id = p_id;
    PERFORM internal.drop_grants(p_id, v_centers);
    PERFORM internal.leave_centers(p_id, v_centers);
END $$;

-- Whether the caller has just ended the person's place in a center that he administers. He does not see the person any
-- more, and the sessions that are open from before are still his to end.
CREATE FUNCTION internal.has_just_put_out(p_user uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.trust_log t, LATERAL internal.statement_of(t.payload) AS said
        WHERE t.signer = internal.current_signer() AND t.at > clock_timestamp() - interval '5 minutes'
            AND said @> jsonb_build_object('kind', 'leave', 'user', p_user)
            AND (said ->> 'center')::uuid = ANY (public.administered_centers()))
$$;

CREATE FUNCTION api.end_sessions(p_id uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
BEGIN
    IF internal.has_just_put_out(p_id) THEN
        SELECT * INTO v_user FROM public.users u WHERE u.id = p_id;
    ELSE
        v_user := internal.known_user(p_id);
        PERFORM internal.need_authority_anywhere(v_user);
    END IF;
    PERFORM internal.check_not_oneself(v_user);
    RETURN security.end_sessions(v_user.login);
END $$;

CREATE FUNCTION api.activate_user(p_id uuid, p_entry jsonb, p_grants jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.locked_subject(p_id);
    v_centers uuid[] := internal.centers_of(v_user);
BEGIN
    IF v_user.is_active THEN
        PERFORM internal.refuse('LK004', 'person_active');
    END IF;
    PERFORM internal.append_entry(p_entry, 'readmit', jsonb_build_object('user', p_id));
    UPDATE public.users u SET is_active = true WHERE u.id = p_id;
    v_centers := internal.at_once(p_id, v_centers);
    PERFORM internal.drop_grants(p_id, v_centers);
    PERFORM internal.store_grants(p_grants, internal.key_centers_of(v_user, v_centers),
                                  ARRAY[internal.current_identity_of(p_id)]);
    PERFORM internal.enter_centers(v_user, v_centers);
    PERFORM security.open_login(v_user.login);
    PERFORM security.join_group(v_user.login, g) FROM internal.groups_of(v_user) g;
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
        PERFORM internal.refuse('LK006', 'own_password_not_reset');
    END IF;
    PERFORM internal.need_active(v_user);
    PERFORM internal.append_entry(p_entry, 'replace_keys', jsonb_build_object(
        'user', p_id, 'identity', internal.identity_statement(p_identity), 'provisional', true));
    PERFORM internal.replace_identity(v_user, p_identity, p_grants);
    PERFORM security.set_verifier(v_user.login, p_verifier);
    UPDATE public.users u SET must_change_password = coalesce(p_must_change, true) WHERE u.id = p_id;
END $$;
