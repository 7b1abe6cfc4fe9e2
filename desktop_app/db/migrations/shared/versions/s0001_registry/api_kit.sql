-- The recovery kit: that somebody keeps its words, and a new one in the place of the former.

CREATE FUNCTION internal.current_root() RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.id FROM public.identities i WHERE i.user_id IS NULL AND i.retired_at IS NULL
$$;

-- Says that the words of the root's kit are kept. A row of its own, so that nobody waits for the installation's.
CREATE FUNCTION api.confirm_kit(p_identity uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.need_platform();
    IF p_identity IS DISTINCT FROM internal.current_root() THEN
        PERFORM internal.refuse('LK001');
    END IF;
    INSERT INTO public.kept_kits (identity_id) VALUES (p_identity) ON CONFLICT DO NOTHING;
END $$;

-- The root is another one from now on, signed by a system administrator. The centers' keys follow one by one
-- (seal_to_kit), so that the locks of no transaction grow with the centers; until all have, the kit is not confirmed.
CREATE FUNCTION api.replace_kit(p_identity jsonb, p_entry jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
BEGIN
    PERFORM internal.need_platform();
    PERFORM internal.check_keys(p_identity, ARRAY['id', 'public_key']);
    PERFORM internal.lock_membership('{}');
    PERFORM internal.need_platform();
    PERFORM internal.append_entry(p_entry, 'kit_replaced',
                                  jsonb_build_object('identity', internal.identity_statement(p_identity)));
    UPDATE public.identities i SET retired_at = clock_timestamp() WHERE i.id = internal.current_root();
    INSERT INTO public.identities (id, user_id, public_key)
    VALUES ((p_identity ->> 'id')::uuid, NULL, internal.hex_bytes(p_identity, 'public_key'));
END $$;

-- Every key of one center for the root of now, and for no former one.
CREATE FUNCTION api.seal_to_kit(p_center uuid, p_grants jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    v_center public.centers;
BEGIN
    PERFORM internal.need_platform();
    PERFORM internal.lock_membership(ARRAY[p_center]);
    PERFORM internal.need_platform();
    v_center := internal.visible_center(p_center);
    EXECUTE format('DELETE FROM %I.key_grants g USING public.identities i
                    WHERE i.id = g.identity_id AND i.user_id IS NULL', v_center.schema_name);
    PERFORM internal.store_grants(p_grants, ARRAY[p_center], ARRAY[internal.current_root()]);
END $$;
