-- The keys of a center: another one in the place of the one in force, and whether it is time for that.

-- The next key version in force, sealed to everybody who must have it, with every document key under it: all in this one
-- call and transaction. The document keys were wrapped before (rotation.sql of the centers); LK022 says that some were
-- added since. LK007 says that somebody else's rotation was first.
CREATE FUNCTION api.rotate_key(p_center uuid, p_number integer, p_rotation uuid, p_entry jsonb, p_grants jsonb)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    v_center public.centers;
    v_active integer;
    v_digest jsonb;
    v_moved integer;
BEGIN
    PERFORM internal.need_admin(p_center);
    PERFORM internal.lock_membership(ARRAY[p_center]);
    v_center := internal.need_admin(p_center);
    -- Whoever saves a document holds this row until it is saved, and whoever comes later waits for the end of this.
    EXECUTE format('SELECT k.number FROM %I.tenant_keys k WHERE k.state = ''active'' FOR UPDATE', v_center.schema_name)
        INTO v_active;
    IF p_number IS DISTINCT FROM v_active + 1 THEN
        PERFORM internal.refuse('LK007', 'key_not_active');
    END IF;
    v_digest := internal.said(p_entry, 'digest');
    IF coalesce(v_digest ->> 'digest', '') !~ '^[0-9a-f]{64}$' THEN
        PERFORM internal.refuse('LK010', 'entry_without_key_digest', 'entry');
    END IF;
    PERFORM internal.append_entry(p_entry, 'key_version',
                                  jsonb_build_object('center', p_center, 'number', p_number) || v_digest);
    EXECUTE format('UPDATE %I.tenant_keys k SET state = ''retired'' WHERE k.number = $1', v_center.schema_name)
        USING v_active;
    EXECUTE format('INSERT INTO %I.tenant_keys (number, state) VALUES ($1, ''active'')', v_center.schema_name)
        USING p_number;
    PERFORM internal.store_new_grants(p_grants, p_center, p_number, internal.recipients_in(p_center));
    EXECUTE format('SELECT %I.put_in_force($1, $2)', v_center.schema_name) INTO v_moved USING p_rotation, p_number;
    UPDATE public.centers c SET rotation_due = false WHERE c.id = p_center AND c.rotation_due;
    EXECUTE format('SELECT %I.write_entry(''rotate'', ''tenant_keys'', NULL, $1, $2)', v_center.schema_name)
        USING jsonb_build_object('number', v_active),
              jsonb_build_object('number', p_number, 'documents', v_moved);
    RETURN v_moved;
END $$;

-- Whether somebody who could open the key in force has left since it was made, or his last day is over.
CREATE FUNCTION internal.is_rotation_due(p_center public.centers) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_over date := (SELECT max(m.until) FROM public.memberships m
                    WHERE m.center_id = p_center.id AND m.until < internal.today());
    v_made timestamptz;
BEGIN
    IF p_center.rotation_due OR v_over IS NULL THEN
        RETURN p_center.rotation_due;
    END IF;
    EXECUTE format('SELECT k.created_at FROM %I.tenant_keys k WHERE k.state = ''active''', p_center.schema_name)
        INTO v_made;
    RETURN v_over >= (v_made AT TIME ZONE 'UTC')::date;
END $$;

CREATE FUNCTION api.rotation_due(p_center uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN internal.is_rotation_due(internal.need_admin(p_center));
END $$;

-- The same for every open center of one's own.
CREATE FUNCTION api.centers_with_due_keys() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.id FROM public.centers c
    WHERE c.is_active AND (internal.is_platform() OR c.id = ANY (public.administered_centers()))
        AND internal.is_rotation_due(c)
    ORDER BY lower(c.name), c.id
$$;
