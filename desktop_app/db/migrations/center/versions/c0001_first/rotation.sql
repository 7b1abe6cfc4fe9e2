-- A new key for the center. The document keys are wrapped under it beforehand, page by page and with nobody waiting, into
-- a table beside; the rotation itself is one transaction (api.rotate_key) that puts them in force with one statement,
-- counts, and holds up whoever saves a document no longer than that.

-- The document keys that a rotation has not wrapped yet, in the order of versions, from the one *after* on.
CREATE FUNCTION keys_to_rewrap(p_rotation uuid, p_after uuid, p_at_most integer)
RETURNS TABLE (version_id uuid, key_version integer, token bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    RETURN QUERY
        SELECT k.version_id, k.key_version, k.token FROM center_00000000000000000000000000000000.document_keys k
        WHERE (p_after IS NULL OR k.version_id > p_after) AND NOT EXISTS (
            SELECT FROM center_00000000000000000000000000000000.rewrapped_keys r
            WHERE r.rotation = p_rotation AND r.version_id = k.version_id
        )
        ORDER BY k.version_id LIMIT least(p_at_most, 10000);
END
$$;

-- Keep a page of them, and give back what is kept now, so that it can be opened once more. Of rotations that the same
-- person began before and never ended nothing is kept.
CREATE FUNCTION keep_rewrapped(p_rotation uuid, p_versions uuid[], p_tokens bytea[])
RETURNS TABLE (version_id uuid, token bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    IF cardinality(p_versions) > 10000 OR cardinality(p_versions) <> cardinality(p_tokens) THEN
        PERFORM internal.refuse('LK010', 'rewrapped_keys_malformed', 'versions');
    END IF;
    DELETE FROM center_00000000000000000000000000000000.rewrapped_keys r
    WHERE r.created_by = session_user AND r.rotation <> p_rotation;
    RETURN QUERY
        INSERT INTO center_00000000000000000000000000000000.rewrapped_keys AS r (rotation, version_id, token)
        SELECT p_rotation, k.version_id, w.token
        FROM unnest(p_versions, p_tokens) AS w (version_id, token)
        JOIN center_00000000000000000000000000000000.document_keys k ON k.version_id = w.version_id
        RETURNING r.version_id, r.token;
END
$$;

-- Put what a rotation has wrapped in force, all of it or nothing; how many there were. Called by api.rotate_key alone,
-- which holds the locks: nobody adds a document key meanwhile. LK022 when some were not wrapped yet.
CREATE FUNCTION put_in_force(p_rotation uuid, p_number integer) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_all CONSTANT integer := (SELECT count(*) FROM center_00000000000000000000000000000000.document_keys);
    v_moved integer;
BEGIN
    UPDATE center_00000000000000000000000000000000.document_keys k SET key_version = p_number, token = r.token
    FROM center_00000000000000000000000000000000.rewrapped_keys r
    WHERE r.rotation = p_rotation AND r.created_by = session_user AND r.version_id = k.version_id;
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    IF v_moved <> v_all THEN
        PERFORM internal.refuse('LK022');
    END IF;
    DELETE FROM center_00000000000000000000000000000000.rewrapped_keys;
    RETURN v_moved;
END
$$;

-- Whoever changes a document key, and however: none of them is then under another key than the one in force.
CREATE FUNCTION check_keys_rewrapped() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM changed c WHERE c.key_version IS DISTINCT FROM (
        SELECT k.number FROM center_00000000000000000000000000000000.tenant_keys k WHERE k.state = 'active'
    )) THEN
        PERFORM internal.refuse('LK007', 'key_not_active');
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER b_key_active AFTER UPDATE ON document_keys REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION check_keys_rewrapped();

-- Whatever else a transaction does that makes a key: at its end no document key is under another one.
CREATE FUNCTION check_rotation_is_whole() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM center_00000000000000000000000000000000.document_keys k
        JOIN center_00000000000000000000000000000000.tenant_keys t ON t.number = k.key_version
        WHERE t.state <> 'active'
    ) THEN
        PERFORM internal.refuse('LK022');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER z_whole AFTER INSERT ON tenant_keys
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_rotation_is_whole();
