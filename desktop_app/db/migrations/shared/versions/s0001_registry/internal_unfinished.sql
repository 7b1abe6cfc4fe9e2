-- What concerns every center is not done in one transaction: each center's tables would be locked until its end (28
-- locks for each, and the server has room for some thousands). The person's row, login and place are changed at once,
-- with the first few centers; for the others it is written down that something is left to do, and api.settle does it,
-- one by one, whoever comes to it first. What is to be done is never written down: it follows from how things are.

CREATE FUNCTION internal.centers_at_once() RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 16 $$;

-- Of these centers (in the order of their ids) those that are done now; the others are written down.
CREATE FUNCTION internal.at_once(p_user uuid, p_centers uuid[]) RETURNS uuid[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.unfinished (user_id, center_id)
        SELECT p_user, c FROM unnest(p_centers[internal.centers_at_once() + 1:]) c ON CONFLICT DO NOTHING;
    RETURN p_centers[:internal.centers_at_once()];
END $$;

-- Of these the ones that grants were given for; the others are written down. For the recovery kit: a center whose keys
-- it does not open keeps nobody out of the others.
CREATE FUNCTION internal.granted_at_once(p_user uuid, p_centers uuid[], p_grants jsonb) RETURNS uuid[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_given uuid[] := ARRAY(SELECT (g ->> 'center_id')::uuid FROM jsonb_array_elements(p_grants) g);
BEGIN
    INSERT INTO public.unfinished (user_id, center_id)
        SELECT p_user, c FROM unnest(p_centers) c WHERE c <> ALL (v_given) ON CONFLICT DO NOTHING;
    RETURN ARRAY(SELECT c FROM unnest(p_centers) c WHERE c = ANY (v_given) ORDER BY c);
END $$;

-- The centers whose locks a change of a system administrator takes.
CREATE FUNCTION internal.first_centers() RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(SELECT c.id FROM public.centers c ORDER BY c.id LIMIT internal.centers_at_once())
$$;

-- Whether the person's current identity has every version of the center's key.
CREATE FUNCTION internal.has_every_key(p_user uuid, p_center uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_missing boolean;
BEGIN
    EXECUTE format($sql$
        SELECT EXISTS (SELECT FROM %1$I.tenant_keys k WHERE NOT EXISTS (
            SELECT FROM %1$I.key_grants g WHERE g.key_version = k.number AND g.identity_id = $1))
    $sql$, internal.center_schema(p_center)) INTO v_missing USING internal.current_identity_of(p_user);
    RETURN NOT v_missing;
END $$;

-- Grants to identities that the person has no more, or (not p_keeps) to any.
CREATE FUNCTION internal.drop_former_grants(p_user uuid, p_center uuid, p_keeps boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('DELETE FROM %I.key_grants g USING public.identities i WHERE i.id = g.identity_id
                    AND i.user_id = $1 AND NOT ($2 AND i.retired_at IS NULL)', internal.center_schema(p_center))
        USING p_user, p_keeps;
END $$;
