-- What members may write is held to what every program can read.

-- At most 32 levels, and no number beyond what a double holds: jsonb takes 131,072 digits, which Python refuses to turn
-- into a number, and thousands of levels, which its reader cannot follow. No SET search_path, so that it is inlined.
CREATE FUNCTION public.is_readable(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT NOT pg_catalog.jsonb_path_exists(p_value, '$.**{33 to last}')
        AND NOT pg_catalog.jsonb_path_exists(p_value,
            '$.** ? (@.type() == "number" && (@ > 1e300 || @ < -1e300))')
$$;
