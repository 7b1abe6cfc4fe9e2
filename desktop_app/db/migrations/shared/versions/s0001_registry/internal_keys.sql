-- Identities and grants: a tenant key version sealed to one identity. What the server can hold is that nobody is
-- forgotten and nobody else is served; whether a grant opens is found out by whoever it is for.

-- The current identities of everybody who must be able to open a new center: system administrators and the root.
CREATE FUNCTION internal.standing_recipients() RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(i.id) FROM public.identities i LEFT JOIN public.users u ON u.id = i.user_id
    WHERE i.retired_at IS NULL AND (i.user_id IS NULL OR (u.is_system AND u.is_active))
$$;

-- The centers that a person belongs to, in the order of locking: for a system administrator all of them.
CREATE FUNCTION internal.centers_of(p_user public.users) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(SELECT c.id FROM public.centers c WHERE p_user.is_system
        OR EXISTS (SELECT FROM public.memberships m WHERE m.user_id = p_user.id AND m.center_id = c.id)
        ORDER BY c.id)
$$;

-- Of these the ones whose keys he gets: his own, where his last day is not over.
CREATE FUNCTION internal.key_centers_of(p_user public.users, p_centers uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(SELECT c FROM unnest(internal.centers_of(p_user)) c WHERE c = ANY (p_centers) AND NOT EXISTS (
        SELECT FROM public.memberships m
        WHERE m.user_id = p_user.id AND m.center_id = c AND m.until < internal.today()) ORDER BY c)
$$;

-- Stores the grants of one center: every key version for every one of these identities, no more and no less.
CREATE FUNCTION internal.store_center_grants(p_grants jsonb, p_center uuid, p_identities uuid[]) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_schema text := internal.center_schema(p_center);
    v_wrong integer;
    v_stored integer;
BEGIN
    EXECUTE format($sql$
        SELECT count(*) FROM (
            SELECT (g ->> 'key_version')::integer AS number, (g ->> 'identity_id')::uuid AS identity
            FROM jsonb_array_elements($1) g WHERE (g ->> 'center_id')::uuid = $2
        ) given FULL JOIN (
            SELECT k.number, i.identity FROM %I.tenant_keys k CROSS JOIN unnest($3) i (identity)
        ) needed USING (number, identity) WHERE given IS NULL OR needed IS NULL
    $sql$, v_schema) INTO v_wrong USING p_grants, p_center, p_identities;
    IF v_wrong > 0 THEN
        PERFORM internal.refuse('LK005');
    END IF;
    EXECUTE format($sql$
        INSERT INTO %I.key_grants (key_version, identity_id, sealed)
        SELECT (g ->> 'key_version')::integer, (g ->> 'identity_id')::uuid, internal.hex_bytes(g, 'sealed')
        FROM jsonb_array_elements($1) g WHERE (g ->> 'center_id')::uuid = $2
    $sql$, v_schema) USING p_grants, p_center;
    GET DIAGNOSTICS v_stored = ROW_COUNT;
    RETURN v_stored;
END $$;

CREATE FUNCTION internal.store_grants(p_grants jsonb, p_centers uuid[], p_identities uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center uuid;
    v_stored integer := 0;
BEGIN
    IF p_grants IS NULL OR jsonb_typeof(p_grants) <> 'array' THEN
        PERFORM internal.refuse('LK010', 'grants_not_list', 'grants');
    END IF;
    FOREACH v_center IN ARRAY p_centers LOOP
        v_stored := v_stored + internal.store_center_grants(p_grants, v_center, p_identities);
    END LOOP;
    IF v_stored <> jsonb_array_length(p_grants) THEN
        -- Some are for a center that this change is not about.
        PERFORM internal.refuse('LK005');
    END IF;
END $$;

-- Everybody who must be able to open the keys of a center now: its members, system administrators and the root.
CREATE FUNCTION internal.recipients_in(p_center uuid) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(found.id) FROM (
        SELECT unnest(internal.standing_recipients()) AS id
        UNION ALL
        SELECT i.id FROM public.memberships m
        JOIN public.users u ON u.id = m.user_id AND u.is_active
        JOIN public.identities i ON i.user_id = u.id AND i.retired_at IS NULL
        WHERE m.center_id = p_center AND (m.until IS NULL OR m.until >= internal.today())
    ) found
$$;

-- The grants of a key that was just made: one for every one of these identities, no more and no less.
CREATE FUNCTION internal.store_new_grants(p_grants jsonb, p_center uuid, p_number integer, p_identities uuid[])
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_grants IS NULL OR jsonb_typeof(p_grants) <> 'array' THEN
        PERFORM internal.refuse('LK010', 'grants_not_list', 'grants');
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT (g ->> 'center_id')::uuid AS center, (g ->> 'key_version')::integer AS number,
                (g ->> 'identity_id')::uuid AS identity
            FROM jsonb_array_elements(p_grants) g
        ) given FULL JOIN (
            SELECT p_center AS center, p_number AS number, i AS identity FROM unnest(p_identities) i
        ) needed USING (center, number, identity) WHERE given IS NULL OR needed IS NULL
    ) THEN
        PERFORM internal.refuse('LK005');
    END IF;
    EXECUTE format($sql$
        INSERT INTO %I.key_grants (key_version, identity_id, sealed)
        SELECT $2, (g ->> 'identity_id')::uuid, internal.hex_bytes(g, 'sealed') FROM jsonb_array_elements($1) g
    $sql$, internal.center_schema(p_center)) USING p_grants, p_number;
END $$;

-- Somebody who could open the keys of these centers can do so no more: what comes next should be under others.
CREATE FUNCTION internal.mark_rotation_due(p_centers uuid[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.centers c SET rotation_due = true WHERE c.id = ANY (p_centers) AND NOT c.rotation_due
$$;

CREATE FUNCTION internal.drop_grants(p_user uuid, p_centers uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center uuid;
BEGIN
    FOREACH v_center IN ARRAY p_centers LOOP
        EXECUTE format('DELETE FROM %I.key_grants g USING public.identities i
                        WHERE i.id = g.identity_id AND i.user_id = $1', internal.center_schema(v_center))
            USING p_user;
    END LOOP;
END $$;

CREATE FUNCTION internal.current_identity_of(p_user uuid) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.id FROM public.identities i WHERE i.user_id = p_user AND i.retired_at IS NULL
$$;

CREATE FUNCTION internal.add_identity(p_user uuid, p_identity jsonb) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_id uuid := (p_identity ->> 'id')::uuid;
    -- Whether they are provisional is said by the entry that was just appended.
    v_entry jsonb := (SELECT internal.statement_of(t.payload) FROM public.trust_log t ORDER BY t.sequence DESC LIMIT 1);
BEGIN
    PERFORM internal.check_keys(p_identity, ARRAY['id', 'public_key', 'sealed', 'kdf']);
    IF p_identity ->> 'kdf' IS DISTINCT FROM (SELECT i.kdf FROM public.installation i) THEN
        PERFORM internal.refuse('LK010', 'other_kdf', 'kdf');
    END IF;
    INSERT INTO public.identities (id, user_id, public_key, provisional)
    VALUES (v_id, p_user, internal.hex_bytes(p_identity, 'public_key'), (v_entry -> 'provisional')::boolean);
    INSERT INTO public.identity_secrets (identity_id, user_id, sealed, kdf)
    VALUES (v_id, p_user, internal.hex_bytes(p_identity, 'sealed'), p_identity ->> 'kdf');
    RETURN v_id;
END $$;

-- The former identity stays, for what it signed; its private half and its grants are of no use to anybody any more.
CREATE FUNCTION internal.replace_identity(p_user public.users, p_identity jsonb, p_grants jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_centers uuid[] := internal.at_once(p_user.id, internal.centers_of(p_user));
BEGIN
    PERFORM internal.drop_grants(p_user.id, v_centers);
    DELETE FROM public.identity_secrets s WHERE s.user_id = p_user.id;
    UPDATE public.identities i SET retired_at = clock_timestamp() WHERE i.user_id = p_user.id AND i.retired_at IS NULL;
    PERFORM internal.store_grants(p_grants, internal.key_centers_of(p_user, v_centers),
                                  ARRAY[internal.add_identity(p_user.id, p_identity)]);
END $$;
