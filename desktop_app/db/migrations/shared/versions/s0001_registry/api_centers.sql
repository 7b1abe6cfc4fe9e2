-- What persons may do to centers. Each function decides by the session's own login and runs as labkeep_owner.

CREATE FUNCTION api.create_center(p_center jsonb, p_entry jsonb, p_grants jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    v_id uuid := (p_center ->> 'id')::uuid;
    v_digest jsonb;
BEGIN
    PERFORM internal.need_platform();
    PERFORM internal.check_keys(p_center, ARRAY['id', 'name', 'slug', 'description', 'settings']);
    -- No center is locked, but the list of system administrators is: it changes under the installation's lock only.
    PERFORM internal.lock_membership('{}');
    PERFORM internal.need_platform();
    IF EXISTS (SELECT FROM public.deleted_centers d WHERE d.id = v_id) THEN
        -- Whoever clears away what the deleted one left would take the new one's files.
        PERFORM internal.refuse('LK004', 'deleted_center_has_files');
    END IF;
    v_digest := internal.said(p_entry, 'digest');
    IF coalesce(v_digest ->> 'digest', '') !~ '^[0-9a-f]{64}$' THEN
        PERFORM internal.refuse('LK010', 'entry_without_key_digest', 'entry');
    END IF;
    PERFORM internal.append_entry(p_entry, 'key_version',
                                  jsonb_build_object('center', v_id, 'number', 1) || v_digest);
    INSERT INTO public.centers (id, name, slug, description, settings)
    VALUES (v_id, p_center ->> 'name', p_center ->> 'slug', coalesce(p_center ->> 'description', ''),
            coalesce(p_center -> 'settings', '{}'));
    PERFORM internal.make_center_schema(v_id);
    EXECUTE format('INSERT INTO %I.tenant_keys (number, state) VALUES (1, ''active'')', internal.center_schema(v_id));
    PERFORM internal.store_grants(p_grants, ARRAY[v_id], internal.standing_recipients());
    PERFORM internal.enter_centers(u, ARRAY[v_id]) FROM public.users u WHERE u.is_system AND u.is_active;
END $$;

-- Replays what the center line really sent when it was run for a schema of zeros (db/center_template.py). The bodies of
-- the functions were checked there; to check them again takes a tenth of the time that a center takes.
CREATE FUNCTION internal.make_center_schema(p_center uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on
SET check_function_bodies = off AS $$
DECLARE
    v_hex text := replace(p_center::text, '-', '');
    v_schema text := internal.center_schema(p_center);
    v_revision text;
    v_statement text;
BEGIN
    SELECT max(t.revision) INTO v_revision FROM public.center_template t;
    IF v_revision IS NULL THEN
        PERFORM internal.refuse('LK004', 'no_center_template');
    END IF;
    PERFORM security.make_center_roles(v_hex);
    EXECUTE format('CREATE SCHEMA %I', v_schema);
    PERFORM set_config('search_path', v_schema || ', pg_catalog, pg_temp', true);
    FOR v_statement IN
        SELECT t.statement FROM public.center_template t WHERE t.revision = v_revision ORDER BY t.position
    LOOP
        EXECUTE replace(v_statement, repeat('0', 32), v_hex);
    END LOOP;
    EXECUTE format('CREATE TABLE %I.alembic_version (version_num varchar(32) NOT NULL,
                    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))', v_schema);
    EXECUTE format('INSERT INTO %I.alembic_version (version_num) VALUES ($1)', v_schema) USING v_revision;
    UPDATE public.centers c SET schema_rev = v_revision WHERE c.id = p_center;
END $$;

CREATE FUNCTION api.update_center(p_id uuid, p_changes jsonb, p_row_version integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center public.centers := internal.need_admin(p_id);
BEGIN
    PERFORM internal.check_keys(p_changes, ARRAY['name', 'slug', 'description', 'settings']);
    IF p_changes ?| ARRAY['name', 'slug'] THEN
        PERFORM internal.need_platform();
    END IF;
    IF p_changes ? 'settings' AND internal.erasure_administrators(p_changes -> 'settings')
        < internal.erasure_administrators(v_center.settings) THEN
        -- Otherwise the one whom two are to hold says that one is enough.
        PERFORM internal.need_platform();
    END IF;
    UPDATE public.centers c SET
        name = CASE WHEN p_changes ? 'name' THEN p_changes ->> 'name' ELSE c.name END,
        slug = CASE WHEN p_changes ? 'slug' THEN p_changes ->> 'slug' ELSE c.slug END,
        description = CASE WHEN p_changes ? 'description' THEN p_changes ->> 'description' ELSE c.description END,
        settings = CASE WHEN p_changes ? 'settings' THEN p_changes -> 'settings' ELSE c.settings END
    WHERE c.id = v_center.id AND c.row_version = p_row_version;
    IF NOT FOUND THEN
        PERFORM internal.refuse('LK001');
    END IF;
END $$;

-- An inactive center is closed for everybody, by the privileges themselves, until it is restored.
CREATE FUNCTION api.set_center_active(p_id uuid, p_active boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center public.centers;
BEGIN
    PERFORM internal.need_platform();
    PERFORM internal.lock_membership(ARRAY[p_id]);
    PERFORM internal.need_platform();
    SELECT * INTO v_center FROM public.centers c WHERE c.id = p_id;
    IF NOT FOUND THEN
        PERFORM internal.refuse('LK008');
    END IF;
    IF v_center.is_active = p_active THEN
        RETURN;
    END IF;
    UPDATE public.centers c SET is_active = p_active WHERE c.id = p_id;
    IF p_active THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, labkeep_platform',
                       v_center.schema_name, v_center.schema_name || '_viewer');
        RETURN;
    END IF;
    EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM %I, labkeep_platform',
                   v_center.schema_name, v_center.schema_name || '_viewer');
END $$;

CREATE FUNCTION api.center_stats(p_id uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center public.centers := internal.open_center(p_id);
    v_users integer;
    v_found jsonb;
BEGIN
    SELECT count(*) INTO v_users FROM public.memberships m JOIN public.users u ON u.id = m.user_id
        WHERE m.center_id = p_id AND u.is_active AND (m.until IS NULL OR m.until >= internal.today());
    EXECUTE format($sql$
        SELECT jsonb_build_object(
            'samples', (SELECT count(*) FROM %1$I.samples WHERE is_active),
            'documents', (SELECT count(*) FROM %1$I.documents WHERE is_active),
            'stored_bytes', (SELECT coalesce(sum(stored_size), 0) FROM %1$I.document_versions),
            'samples_by_status', (SELECT coalesce(jsonb_object_agg(status, n), '{}') FROM
                (SELECT status, count(*) AS n FROM %1$I.samples WHERE is_active GROUP BY status) s),
            'samples_by_type', (SELECT coalesce(jsonb_object_agg(sample_type, n), '{}') FROM
                (SELECT sample_type, count(*) AS n FROM %1$I.samples WHERE is_active GROUP BY sample_type) s))
    $sql$, v_center.schema_name) INTO v_found;
    RETURN v_found || jsonb_build_object('users', v_users);
END $$;
