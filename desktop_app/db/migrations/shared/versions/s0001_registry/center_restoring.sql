-- One center brought back from a backup, beside what is there (db/restored_center.py), in one transaction: the center is
-- begun, its rows are loaded with the triggers off, and it is finished. Only the database's administrator comes here:
-- loading rows that others wrote is past every right that a person has, and schema internal is closed to all of them.
-- Whose signature an entry has is for the workstations to judge; the server cannot know which system administrator it is.

CREATE FUNCTION internal.begin_restored_center(p_center jsonb, p_origin uuid, p_restored jsonb, p_key jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    v_id uuid := (p_center ->> 'id')::uuid;
BEGIN
    PERFORM internal.lock_membership('{}');
    PERFORM internal.append_entry(p_restored, 'center_restored',
                                  jsonb_build_object('center', v_id, 'origin', p_origin)
                                      || internal.said(p_restored, 'up_to'), p_by_any => true);
    PERFORM internal.append_entry(p_key, 'key_version', jsonb_build_object('center', v_id, 'number', 1)
                                      || internal.said(p_key, 'digest'), p_by_any => true);
    INSERT INTO public.centers (id, name, slug, description, settings)
    VALUES (v_id, p_center ->> 'name', p_center ->> 'slug', p_center ->> 'description', p_center -> 'settings');
    PERFORM internal.make_center_schema(v_id);
END $$;

-- p_joins: places by user, role, until and the entry that says so. Who was a member in the backup and is none now is a
-- former one; who became one since, or is a system administrator, comes in.
CREATE FUNCTION internal.finish_restored_center(p_id uuid, p_joins jsonb, p_grants jsonb, p_said jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_schema text := internal.center_schema(p_id);
    v_join jsonb;
    v_user public.users;
    v_role text;
    v_until date;
BEGIN
    EXECUTE format('INSERT INTO %I.tenant_keys (number, state) VALUES (1, ''active'')', v_schema);
    FOR v_join IN SELECT j FROM jsonb_array_elements(p_joins) j LOOP
        SELECT * INTO STRICT v_user FROM public.users u WHERE u.id = (v_join ->> 'user')::uuid;
        v_role := v_join ->> 'role';
        v_until := (v_join ->> 'until')::date;
        PERFORM internal.need_active(v_user);
        PERFORM internal.check_place(p_id, v_role, v_until);
        PERFORM internal.append_entry(v_join -> 'entry', 'join',
                                      internal.place_statement(v_user.id, p_id, v_role, v_until), p_by_any => true);
        PERFORM internal.set_membership(v_user, NULL, p_id, v_role, v_until);
    END LOOP;
    PERFORM internal.store_grants(p_grants, ARRAY[p_id], internal.recipients_in(p_id));
    EXECUTE format($sql$
        UPDATE %I.people p SET member_until = clock_timestamp() WHERE p.member_until IS NULL AND NOT EXISTS (
            SELECT FROM public.users u WHERE u.id = p.id AND u.is_active AND (u.is_system OR EXISTS (
                SELECT FROM public.memberships m WHERE m.user_id = u.id AND m.center_id = $1)))
    $sql$, v_schema) USING p_id;
    PERFORM internal.enter_centers(u, ARRAY[p_id]) FROM public.users u WHERE u.is_active AND (u.is_system
        OR EXISTS (SELECT FROM public.memberships m WHERE m.user_id = u.id AND m.center_id = p_id));
    EXECUTE format('SELECT %I.write_entry(''restored'', ''centers'', $1, NULL, $2)', v_schema) USING p_id, p_said;
    PERFORM internal.write_entry('restored', 'centers', p_id, p_id, NULL, p_said);
END $$;
