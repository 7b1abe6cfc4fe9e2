-- A new key for the center. The document keys are wrapped under it beforehand, page by page and with nobody waiting, into
-- a table beside; the rotation itself is one transaction (api.rotate_key) that puts them in force with one statement,
-- counts, and holds up whoever saves a document no longer than that.

-- The document keys that a rotation has not wrapped yet, in the order of versions, from the one *after* on. A page is one
-- text, because rows cost more than what is in them: a line for each with version, number of the key, and token. A token is
-- of letters; another one is not, and will not open.
CREATE FUNCTION keys_to_rewrap(p_rotation uuid, p_after uuid, p_at_most integer) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    RETURN (
        SELECT string_agg(
            page.version_id || ' ' || page.key_version || ' ' || replace(encode(page.token, 'escape'), E'\n', '\n'),
            E'\n' ORDER BY page.version_id
        )
        FROM (
            SELECT k.version_id, k.key_version, k.token FROM center_00000000000000000000000000000000.document_keys k
            WHERE k.version_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000') AND NOT EXISTS (
                SELECT FROM center_00000000000000000000000000000000.rewrapped_keys r
                WHERE r.rotation = p_rotation AND r.version_id = k.version_id
            )
            ORDER BY k.version_id LIMIT least(p_at_most, 10000)
        ) AS page
    );
END
$$;

-- Keep a page of them, a line for each with version and token, and give back in the same form what is kept now, so that it
-- can be opened once more. Of rotations that the same person began before and never ended nothing is kept.
CREATE FUNCTION keep_rewrapped(p_rotation uuid, p_page text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_lines CONSTANT text[] := string_to_array(p_page, E'\n');
    v_kept text;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    IF cardinality(v_lines) > 10000 THEN
        PERFORM internal.refuse('LK010', 'rewrapped_keys_malformed', 'page');
    END IF;
    IF NOT EXISTS (
        SELECT FROM center_00000000000000000000000000000000.rewrapped_keys r WHERE r.rotation = p_rotation
    ) THEN
        DELETE FROM center_00000000000000000000000000000000.rewrapped_keys r WHERE r.created_by = session_user;
    END IF;
    WITH kept AS (
        INSERT INTO center_00000000000000000000000000000000.rewrapped_keys AS r (rotation, version_id, token)
        SELECT p_rotation, k.version_id, w.token
        FROM (
            SELECT split_part(line, ' ', 1)::uuid AS version_id, split_part(line, ' ', 2)::bytea AS token
            FROM unnest(v_lines) AS line
        ) AS w
        JOIN center_00000000000000000000000000000000.document_keys k ON k.version_id = w.version_id
        RETURNING r.version_id, r.token
    )
    SELECT string_agg(kept.version_id || ' ' || encode(kept.token, 'escape'), E'\n') INTO v_kept FROM kept;
    RETURN v_kept;
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
