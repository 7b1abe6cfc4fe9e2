-- Search without an extension: GIN over this array finds candidates, ILIKE checks them again.

-- Every run of three characters, in lower case. Subscripts of an array in plpgsql cost the same at its end as at its
-- beginning; taking pieces of the text by position costs the square of the length, and the same thing written as one
-- query twice to three times as much (measured on 15 and 18: 0.1 ms for 100 characters, 2 ms for 5,000).
-- No SET search_path, which would cost as much again: nobody can make an object that these names could find.
CREATE FUNCTION public.trigrams(p_text text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    v_letters text[] := pg_catalog.string_to_array(pg_catalog.lower(p_text), NULL);
    v_found text[] := '{}';
BEGIN
    FOR i IN 1 .. pg_catalog.cardinality(v_letters) - 2 LOOP
        v_found[i] := v_letters[i] || v_letters[i + 1] || v_letters[i + 2];
    END LOOP;
    RETURN v_found;
END $$;

-- What an object's own values are found by: each text and truth as it is, each number and each day as four digits that
-- sort as it does, and the beginnings of these. What is greater than one is whatever shares a beginning with it and goes
-- on with a greater digit: thirty terms or so that the array is asked for (db/field_conditions.py). Near numbers share
-- all digits, and long texts their beginning: what is found is compared once more.
-- Why an array of terms, and none of GIN's own classes for jsonb: docs/decisions/center-fields.md.
CREATE FUNCTION public.field_terms(p_values jsonb) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    v_found text[] := '{}';
    v_key text;
    v_value jsonb;
    v_text text;
    v_bits bigint;
    v_digits text;
BEGIN
    IF p_values = '{}' THEN
        RETURN v_found;
    END IF;
    FOR v_key, v_value IN SELECT e.key, e.value FROM pg_catalog.jsonb_each(p_values) AS e LOOP
        v_text := v_value #>> '{}';
        CASE pg_catalog.jsonb_typeof(v_value)
            WHEN 'number' THEN
                -- Sign, and of the double's exponent and fraction fifteen bits: from 2^-32 to 2^32, nine bits each.
                -- Of a number that no double can be reading it as one is an error.
                v_bits := ('x' || pg_catalog.encode(pg_catalog.float8send(
                    CASE WHEN pg_catalog.abs(v_text::numeric) < 1e-300 THEN 0
                        ELSE least(pg_catalog.abs(v_text::numeric), 1e300) END::pg_catalog.float8
                ), 'hex'))::pg_catalog.bit(64)::pg_catalog.int8 >> 43;
                v_bits := least(greatest(v_bits - 507392, 0), 32767);
                v_digits := pg_catalog.lpad(pg_catalog.to_hex(
                    CASE WHEN v_text::numeric < 0 THEN 32767 - v_bits ELSE 32768 + v_bits END), 4, '0');
                v_key := v_key || E'\nn';
            WHEN 'string' THEN
                v_found := v_found || (v_key || E'\ns' || pg_catalog.left(v_text, 60));
                CONTINUE WHEN v_text !~ '^(18|19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$';
                -- Four days share their digits.
                v_digits := pg_catalog.lpad(pg_catalog.to_hex((
                    (pg_catalog.left(v_text, 4)::integer - 1800) * 372 + pg_catalog.substr(v_text, 6, 2)::integer * 31
                    + pg_catalog.right(v_text, 2)::integer
                ) >> 2), 4, '0');
                v_key := v_key || E'\nd';
            WHEN 'boolean' THEN
                v_found := v_found || (v_key || E'\nb' || v_text);
                CONTINUE;
            ELSE
                CONTINUE;
        END CASE;
        v_found := v_found || ARRAY[
            v_key || pg_catalog.left(v_digits, 1), v_key || pg_catalog.left(v_digits, 2),
            v_key || pg_catalog.left(v_digits, 3), v_key || v_digits
        ];
    END LOOP;
    RETURN v_found;
END $$;
