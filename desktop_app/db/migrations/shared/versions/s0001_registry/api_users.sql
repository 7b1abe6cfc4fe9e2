-- People: who there is, and what is known about them.

CREATE FUNCTION api.create_user(p_user jsonb, p_verifier text, p_identity jsonb, p_entry jsonb, p_grants jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    v_center uuid := (p_user ->> 'center_id')::uuid;
    v_until date := (p_user ->> 'until')::date;
    v_user public.users;
    v_centers uuid[];
BEGIN
    PERFORM internal.need_authority(v_center);
    PERFORM internal.check_keys(p_user, ARRAY['id', 'username', 'email', 'first_name', 'last_name', 'phone',
                                              'center_id', 'role', 'until', 'login', 'must_change_password']);
    PERFORM internal.check_place(v_center, p_user ->> 'role', v_until);
    PERFORM internal.lock_membership(CASE WHEN v_center IS NOT NULL THEN ARRAY[v_center] END);
    PERFORM internal.need_authority(v_center);
    PERFORM internal.append_entry(p_entry, 'enrol', internal.enrol_statement(p_user, p_identity, p_entry));
    -- In one statement, so that the record of the new person is the center's from its first entry.
    WITH made AS (
        INSERT INTO public.users (id, username, email, first_name, last_name, phone, is_system, login,
                                  must_change_password)
        VALUES ((p_user ->> 'id')::uuid, p_user ->> 'username', p_user ->> 'email',
                coalesce(p_user ->> 'first_name', ''), coalesce(p_user ->> 'last_name', ''),
                coalesce(p_user ->> 'phone', ''), v_center IS NULL, p_user ->> 'login',
                coalesce((p_user ->> 'must_change_password')::boolean, false))
        RETURNING *
    ), placed AS (
        INSERT INTO public.memberships (user_id, center_id, role, until)
        SELECT made.id, v_center, p_user ->> 'role', v_until FROM made WHERE v_center IS NOT NULL
    )
    SELECT * INTO v_user FROM made;
    v_centers := internal.at_once(v_user.id, internal.centers_of(v_user));
    IF NOT EXISTS (SELECT FROM public.users u WHERE u.login = session_user) THEN
        v_centers := internal.granted_at_once(v_user.id, v_centers, p_grants);
    END IF;
    PERFORM internal.store_grants(p_grants, v_centers, ARRAY[internal.add_identity(v_user.id, p_identity)]);
    PERFORM internal.enter_centers(v_user, v_centers);
    PERFORM security.make_login(v_user.login, p_verifier);
    PERFORM security.join_group(v_user.login, internal.group_of(v_center, p_user ->> 'role'));
END $$;

-- Keys that somebody else made are provisional: only set-up, which signs as the root, may say that they are not.
CREATE FUNCTION internal.enrol_statement(p_user jsonb, p_identity jsonb, p_entry jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_said jsonb := internal.said(p_entry, 'provisional');
    v_by_root boolean := NOT EXISTS (SELECT FROM public.users u WHERE u.login = session_user);
BEGIN
    IF v_said -> 'provisional' IS DISTINCT FROM 'true' AND NOT (v_by_root AND v_said -> 'provisional' = 'false') THEN
        PERFORM internal.refuse('LK010', 'entry_not_provisional', 'entry');
    END IF;
    RETURN v_said || internal.place_statement((p_user ->> 'id')::uuid, (p_user ->> 'center_id')::uuid,
                                              p_user ->> 'role', (p_user ->> 'until')::date)
        || jsonb_build_object('login', p_user ->> 'login', 'identity', internal.identity_statement(p_identity));
END $$;

CREATE FUNCTION api.update_user(p_id uuid, p_changes jsonb, p_row_version integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
BEGIN
    PERFORM internal.subject(p_id);
    PERFORM internal.check_keys(p_changes, ARRAY['email', 'first_name', 'last_name', 'phone']);
    -- Under the lock, because the centers' copies of the name must not miss somebody who is just being moved.
    v_user := internal.locked_subject(p_id);
    UPDATE public.users u SET
        email = CASE WHEN p_changes ? 'email' THEN p_changes ->> 'email' ELSE u.email END,
        first_name = CASE WHEN p_changes ? 'first_name' THEN p_changes ->> 'first_name' ELSE u.first_name END,
        last_name = CASE WHEN p_changes ? 'last_name' THEN p_changes ->> 'last_name' ELSE u.last_name END,
        phone = CASE WHEN p_changes ? 'phone' THEN p_changes ->> 'phone' ELSE u.phone END
    WHERE u.id = p_id AND u.row_version = p_row_version
    RETURNING * INTO v_user;
    IF NOT FOUND THEN
        PERFORM internal.refuse('LK001');
    END IF;
    PERFORM internal.rename_in_centers(v_user);
END $$;
