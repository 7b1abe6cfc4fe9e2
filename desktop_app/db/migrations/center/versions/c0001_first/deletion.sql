-- Deleting samples and documents for good. The keys go first: without its key a sealed file is noise, wherever copies of
-- it are. Files are removed after the transaction, by whoever comes to it (uploads.sql: what was given up is swept).

-- Delete these samples with all of their documents, and these documents, all of them or none: p_samples and p_documents
-- name id and row version of everything that goes, as it was shown to whoever decided. LK001 when anything of it was
-- changed or added since. It runs with the rights of whoever calls it.
CREATE FUNCTION delete_records(p_samples jsonb, p_documents jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_samples CONSTANT uuid[] := ARRAY(SELECT k::uuid FROM jsonb_object_keys(p_samples) AS k);
    v_documents CONSTANT uuid[] := ARRAY(SELECT k::uuid FROM jsonb_object_keys(p_documents) AS k);
    v_changed boolean;
BEGIN
    -- Documents before samples, as whoever saves into them locks. Once the samples are locked, no document comes to them.
    PERFORM FROM center_00000000000000000000000000000000.documents d
    WHERE d.id = ANY (v_documents) OR d.sample_id = ANY (v_samples) ORDER BY d.id FOR UPDATE;
    PERFORM FROM center_00000000000000000000000000000000.samples s
    WHERE s.id = ANY (v_samples) ORDER BY s.id FOR UPDATE;
    SELECT count(*) > 0 INTO v_changed
    FROM (
        SELECT d.id, d.row_version FROM center_00000000000000000000000000000000.documents d
        WHERE d.id = ANY (v_documents) OR d.sample_id = ANY (v_samples)
        UNION ALL
        SELECT s.id, s.row_version FROM center_00000000000000000000000000000000.samples s WHERE s.id = ANY (v_samples)
    ) AS found
    FULL JOIN (
        SELECT e.key::uuid AS id, e.value::integer AS row_version FROM jsonb_each_text(p_samples || p_documents) AS e
    ) AS named ON named.id = found.id
    WHERE found.row_version IS DISTINCT FROM named.row_version;
    IF v_changed THEN
        RAISE EXCEPTION USING ERRCODE = 'LK001', MESSAGE = 'more_to_delete';
    END IF;
    DELETE FROM center_00000000000000000000000000000000.documents d WHERE d.id = ANY (v_documents);
    DELETE FROM center_00000000000000000000000000000000.samples s WHERE s.id = ANY (v_samples);
END
$$;

-- Before a version goes, what opens it goes, also what a rotation under way has wrapped anew.
CREATE FUNCTION delete_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM center_00000000000000000000000000000000.document_keys k WHERE k.version_id = OLD.id;
    DELETE FROM center_00000000000000000000000000000000.rewrapped_keys r WHERE r.version_id = OLD.id;
    RETURN OLD;
END
$$;

CREATE TRIGGER a_key BEFORE DELETE ON document_versions FOR EACH ROW EXECUTE FUNCTION delete_key();
