-- The fields that a center defines: what may be said of one, and what samples may say in them. domain/fields.py has the
-- same rules.

-- A name finds one field, by its name or by the key that another had for a name once.
CREATE FUNCTION check_field() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM center_00000000000000000000000000000000.fields f
        WHERE f.id <> NEW.id AND (lower(f.key) IN (lower(NEW.name), lower(NEW.key)) OR lower(f.name) = lower(NEW.key))
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'name', MESSAGE = 'field_name_taken';
    END IF;
    IF EXISTS (
        SELECT FROM unnest(NEW.sample_types) AS code
        WHERE code NOT IN (SELECT t.code FROM center_00000000000000000000000000000000.sample_types t)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'sample_types', MESSAGE = 'no_such_sample_type';
    END IF;
    -- Every saved sample is held against all of them.
    IF TG_OP = 'INSERT' AND (SELECT count(*) FROM center_00000000000000000000000000000000.fields) >= 200 THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'name', MESSAGE = 'too_many_fields';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION fits_field(p_kind text, p_choices text[], p_value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_text CONSTANT text := p_value #>> '{}';
BEGIN
    CASE p_kind
        WHEN 'number' THEN
            RETURN jsonb_typeof(p_value) = 'number';
        WHEN 'yes-no' THEN
            RETURN jsonb_typeof(p_value) = 'boolean';
        WHEN 'choice' THEN
            RETURN jsonb_typeof(p_value) = 'string' AND v_text = ANY (p_choices);
        WHEN 'text' THEN
            RETURN jsonb_typeof(p_value) = 'string' AND length(v_text) BETWEEN 1 AND 2000
                AND v_text !~ '[\u0001-\u001f\u007f-\u009f]';
        WHEN 'date' THEN
            IF jsonb_typeof(p_value) <> 'string'
                OR v_text !~ '^(18|19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' THEN
                RETURN false;
            END IF;
            -- Without asking the server to read a 30th of February, which is an error.
            RETURN substr(v_text, 9)::integer <= extract(day FROM
                make_date(substr(v_text, 1, 4)::integer, substr(v_text, 6, 2)::integer, 1)
                + interval '1 month' - interval '1 day');
    END CASE;
END
$$;

-- Of a sample that is there only what is new or another than before is looked at: a value that does not fit any more,
-- because its field became another, hinders nobody. Undoing a plan puts back what was there.
CREATE FUNCTION check_sample_fields() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_old CONSTANT jsonb := CASE WHEN TG_OP = 'UPDATE' THEN OLD.metadata ELSE '{}' END;
    v_new CONSTANT jsonb := NEW.metadata;
    v_is_of boolean;
    v_field record;
BEGIN
    IF TG_OP = 'UPDATE' AND v_new = v_old AND NEW.sample_type = OLD.sample_type
        OR center_00000000000000000000000000000000.is_undoing() THEN
        RETURN NEW;
    END IF;
    FOR v_field IN
        SELECT f.key, f.name, f.kind, f.choices, f.required, f.sample_types
        FROM center_00000000000000000000000000000000.fields f WHERE f.is_active ORDER BY f.position, f.name
    LOOP
        v_is_of := v_field.sample_types = '{}' OR NEW.sample_type = ANY (v_field.sample_types);
        IF NOT v_new ? v_field.key THEN
            IF v_field.required AND v_is_of AND NOT (
                TG_OP = 'UPDATE' AND NOT v_old ? v_field.key
                AND (v_field.sample_types = '{}' OR OLD.sample_type = ANY (v_field.sample_types))
            ) THEN
                RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'metadata.' || v_field.key,
                    MESSAGE = 'field_needs_value', DETAIL = jsonb_build_object('name', v_field.name);
            END IF;
        ELSIF v_new -> v_field.key IS NOT DISTINCT FROM v_old -> v_field.key THEN
            CONTINUE;
        ELSIF NOT v_is_of THEN
            RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'metadata.' || v_field.key,
                MESSAGE = 'field_not_of_type', DETAIL = jsonb_build_object('name', v_field.name);
        ELSIF NOT center_00000000000000000000000000000000.fits_field(
            v_field.kind, v_field.choices, v_new -> v_field.key
        ) THEN
            RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'metadata.' || v_field.key,
                MESSAGE = 'value_misfits', DETAIL = jsonb_build_object('name', v_field.name);
        END IF;
    END LOOP;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_field BEFORE INSERT OR UPDATE ON fields
    FOR EACH ROW EXECUTE FUNCTION check_field();
CREATE TRIGGER d_fields BEFORE INSERT OR UPDATE OF metadata, sample_type ON samples
    FOR EACH ROW EXECUTE FUNCTION check_sample_fields();
