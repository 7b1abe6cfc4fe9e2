-- Search without an extension: GIN over this array finds candidates, ILIKE checks them again.

-- Every run of three characters, in lower case. Three shifted copies are walked side by side, because taking
-- pieces by position costs the square of the length.
CREATE FUNCTION public.trigrams(p_text text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(a || b || c), '{}')
    FROM unnest(string_to_array(lower(p_text), NULL),
                string_to_array(substr(lower(p_text), 2), NULL),
                string_to_array(substr(lower(p_text), 3), NULL)) AS pieces (a, b, c)
    WHERE c IS NOT NULL
$$;
