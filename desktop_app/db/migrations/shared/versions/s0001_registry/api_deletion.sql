-- Deleting a center for good: its row, keys, schema and roles in one transaction. Its files follow; until they are gone
-- it stands in public.deleted_centers, which says nothing but the id.

-- What goes with a center, counted.
CREATE FUNCTION internal.contents_of(p_center uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_found jsonb;
BEGIN
    EXECUTE format($sql$
        SELECT jsonb_build_object(
            'samples', (SELECT count(*) FROM %1$I.samples),
            'documents', (SELECT count(*) FROM %1$I.documents),
            'versions', (SELECT count(*) FROM %1$I.document_versions),
            'stored_bytes', (SELECT coalesce(sum(stored_size), 0) FROM %1$I.document_versions),
            'keys', (SELECT count(*) FROM %1$I.tenant_keys),
            'links', (SELECT seq FROM %1$I.audit_head))
    $sql$, internal.center_schema(p_center)) INTO v_found;
    RETURN v_found || jsonb_build_object(
        'people', (SELECT count(*) FROM public.memberships m WHERE m.center_id = p_center),
        'only_here', (SELECT count(*) FROM public.memberships m WHERE m.center_id = p_center AND NOT EXISTS (
            SELECT FROM public.memberships o WHERE o.user_id = m.user_id AND o.center_id <> p_center)));
END $$;

CREATE FUNCTION api.center_contents(p_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.need_platform();
    PERFORM internal.visible_center(p_id);
    RETURN internal.contents_of(p_id);
END $$;

-- The center is closed, and whoever still has a transaction open in it is ended: nobody's transaction keeps a center, and
-- this one, which holds the lock of all changes of people, waits for half a second at a time. (Longer, and it would be
-- taken for one of security.queue_jumpers().)
CREATE FUNCTION internal.drop_center_schema(p_schema text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_timeout CONSTANT text := current_setting('lock_timeout');
BEGIN
    FOR v_round IN 1..8 LOOP
        BEGIN
            PERFORM security.end_sessions_in(p_schema);
            PERFORM set_config('lock_timeout', '500ms', true);
            EXECUTE format('DROP SCHEMA %I CASCADE', p_schema);
            PERFORM set_config('lock_timeout', v_timeout, true);
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN NULL;
        END;
    END LOOP;
    RAISE EXCEPTION USING ERRCODE = '55P03', MESSAGE = 'center_in_use';
END $$;

-- p_row_version is that of the deactivated center whose contents were shown: whoever opened it again meanwhile wins.
CREATE FUNCTION api.delete_center(p_id uuid, p_row_version integer, p_entry jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    v_center public.centers;
    v_contents jsonb;
BEGIN
    PERFORM internal.need_platform();
    PERFORM internal.lock_membership(ARRAY[p_id]);
    PERFORM internal.need_platform();
    v_center := internal.visible_center(p_id);
    IF v_center.is_active THEN
        PERFORM internal.refuse('LK004', 'center_is_open');
    END IF;
    IF v_center.row_version IS DISTINCT FROM p_row_version THEN
        PERFORM internal.refuse('LK001');
    END IF;
    IF coalesce(current_setting('labkeep.reason', true), '') !~ '\S' THEN
        PERFORM internal.refuse('LK010', 'deleting_center_needs_reason', 'reason');
    END IF;
    v_contents := internal.contents_of(p_id);
    PERFORM internal.append_entry(p_entry, 'center_deleted', jsonb_build_object('center', p_id));
    DELETE FROM public.unfinished t WHERE t.center_id = p_id;
    DELETE FROM public.memberships m WHERE m.center_id = p_id;
    PERFORM internal.drop_center_schema(v_center.schema_name);
    PERFORM security.drop_center_roles(replace(p_id::text, '-', ''));
    DELETE FROM public.centers c WHERE c.id = p_id;
    INSERT INTO public.deleted_centers (id) VALUES (p_id);
    PERFORM internal.write_entry('delete', 'center_schemas', NULL, p_id, v_contents, NULL);
    RETURN v_contents;
END $$;

-- Its files are gone from the store. Only of what is there no more.
CREATE FUNCTION api.forget_deleted_center(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.need_platform();
    DELETE FROM public.deleted_centers d WHERE d.id = p_id;
END $$;
