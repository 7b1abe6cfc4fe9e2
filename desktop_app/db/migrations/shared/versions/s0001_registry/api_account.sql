-- What a person does to his own account, and what the client needs to know at sign-in.

-- In the list of sign-ins, and on the record of each open center that the person is a member of now; a system
-- administrator, who is nowhere and everywhere, on the installation's.
CREATE FUNCTION api.note_sign_in(p_workstation text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.own_user();
    v_workstation CONSTANT text := left(coalesce(p_workstation, ''), 100);
    v_schema text;
BEGIN
    IF v_user.is_system AND NOT EXISTS (
        SELECT FROM public.sign_ins s WHERE s.user_id = v_user.id AND s.workstation = v_workstation
            AND s.at > clock_timestamp() - interval '15 minutes'
    ) THEN
        PERFORM internal.write_entry(
            'sign_in', 'users', v_user.id, NULL, NULL, jsonb_build_object('workstation', v_workstation), '');
    END IF;
    INSERT INTO public.sign_ins (user_id, workstation) VALUES (v_user.id, v_workstation);
    FOR v_schema IN
        SELECT c.schema_name FROM public.memberships m JOIN public.centers c ON c.id = m.center_id
        WHERE m.user_id = v_user.id AND NOT v_user.is_system AND c.is_active
            AND (m.until IS NULL OR m.until >= internal.today()) AND to_regnamespace(c.schema_name) IS NOT NULL
        ORDER BY c.id
    LOOP
        EXECUTE format('SELECT %I.note_sign_in($1, $2)', v_schema) USING v_user.id, v_workstation;
    END LOOP;
END $$;

-- A person's own new keys, signed with the former ones; with a verifier the password changes in the same step. A new
-- password always comes with new keys: what was sealed under the old one is deleted and opens no grant made later. Whoever
-- fears that somebody knows the former one (p_exposed) makes new keys due where he could open the present ones; the rows
-- of these centers are locked by this change anyway.
CREATE FUNCTION api.replace_own_keys(
    p_identity jsonb, p_entry jsonb, p_grants jsonb, p_verifier text, p_exposed boolean DEFAULT false
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    v_user public.users := internal.own_user();
BEGIN
    PERFORM internal.lock_membership(CASE WHEN NOT v_user.is_system THEN internal.centers_of(v_user) END);
    IF internal.own_user() IS DISTINCT FROM v_user THEN
        PERFORM internal.refuse('LK001');
    END IF;
    PERFORM internal.check_own_entries(v_user.id);
    PERFORM internal.append_entry(p_entry, 'replace_keys', jsonb_build_object(
        'user', v_user.id, 'identity', internal.identity_statement(p_identity), 'provisional', false));
    PERFORM internal.replace_identity(v_user, p_identity, p_grants);
    IF p_exposed THEN
        PERFORM internal.mark_rotation_due(internal.centers_of(v_user));
    END IF;
    IF p_verifier IS NOT NULL THEN
        PERFORM security.set_verifier(v_user.login, p_verifier);
        UPDATE public.users u SET must_change_password = false WHERE u.id = v_user.id AND u.must_change_password;
    END IF;
END $$;

-- One's own grants, also of a closed center, where they cannot be read: new keys of one's own need them.
CREATE FUNCTION api.own_grants(p_center uuid) RETURNS TABLE (key_version integer, identity_id uuid, sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center public.centers := internal.visible_center(p_center);
BEGIN
    RETURN QUERY EXECUTE format($sql$
        SELECT g.key_version, g.identity_id, g.sealed FROM %I.key_grants g
        JOIN public.identities i ON i.id = g.identity_id JOIN public.users u ON u.id = i.user_id
        WHERE u.login = session_user ORDER BY g.key_version
    $sql$, v_center.schema_name);
END $$;
