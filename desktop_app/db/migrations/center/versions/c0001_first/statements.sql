-- What signed statements say, and that the rows beside them say the same: docs/file-format.md, "Signed statements".
-- PostgreSQL has no Ed25519: here it is held that there is a statement for every change, in its place, about this very
-- document; whether its signature counts is checked by every workstation that opens the document.

-- Functions of one expression, their names bound when they are made: the planner puts them in place of their call, which
-- for hundreds of versions costs more than they do.
CREATE FUNCTION said_in(p_statement bytea) RETURNS jsonb
LANGUAGE sql STABLE RETURN convert_from(p_statement, 'UTF8')::jsonb;

-- Whether a statement calls a document what its row does. Written out: a comparison of rows is said in other words by
-- the server once a backup was restored, and the doctor would call it drift.
CREATE FUNCTION says_facts(p_said jsonb, p_title text, p_document_type text, p_tags text[], p_sample_id uuid)
RETURNS boolean
LANGUAGE sql STABLE
RETURN NOT (
    (p_said ->> 'title') IS DISTINCT FROM p_title
    OR (p_said ->> 'type') IS DISTINCT FROM p_document_type
    OR (p_said -> 'tags') IS DISTINCT FROM to_jsonb(p_tags)
    OR (p_said ->> 'sample')::uuid IS DISTINCT FROM p_sample_id
);

-- The digest by which the next statement names this one; 64 zeros before the first.
CREATE FUNCTION statement_digest(p_about uuid, p_nth integer) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(
        (
            SELECT encode(sha256(s.statement || s.signature), 'hex')
            FROM center_00000000000000000000000000000000.document_statements s
            WHERE s.document_id = p_about AND s.number = p_nth
        ),
        repeat('0', 64)
    )
$$;

-- A statement of this kind, about this document of this center, made now. 22023 otherwise.
CREATE FUNCTION check_statement(p_said jsonb, p_wanted text, p_about uuid, p_nth integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_said ->> 'kind' IS DISTINCT FROM p_wanted
        OR 'center_' || replace(p_said ->> 'center', '-', '') IS DISTINCT FROM 'center_00000000000000000000000000000000'
        OR p_said ->> 'document' IS DISTINCT FROM p_about::text
        OR p_said -> 'number' IS DISTINCT FROM to_jsonb(p_nth)
        OR coalesce(abs(extract(epoch FROM clock_timestamp() - (p_said ->> 'at')::timestamptz)) > 3600, true) THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'statement_about_something_else';
    END IF;
END
$$;

-- Versions are saved under what their documents are called at that moment, and name their newest statements. LK003 where
-- somebody was first: the uploader looks and signs again.
CREATE FUNCTION check_version_statements(p_versions center_00000000000000000000000000000000.document_versions[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_said CONSTANT jsonb[] := ARRAY(
        SELECT center_00000000000000000000000000000000.said_in(v.statement) FROM unnest(p_versions) AS v
    );
BEGIN
    PERFORM center_00000000000000000000000000000000.check_statement(said, 'version', v.document_id, v.number)
    FROM ROWS FROM (unnest(p_versions), unnest(v_said))
        AS v (id, document_id, number, file_id, file_name, mime_type, size, stored_size, stored_digest, statement,
              signature, created_at, created_by, said);
    PERFORM FROM ROWS FROM (unnest(p_versions), unnest(v_said))
        AS v (id, document_id, number, file_id, file_name, mime_type, size, stored_size, stored_digest, statement,
              signature, created_at, created_by, said)
    LEFT JOIN center_00000000000000000000000000000000.documents d ON d.id = v.document_id
        AND center_00000000000000000000000000000000.says_facts(v.said, d.title, d.document_type, d.tags, d.sample_id)
        AND v.said -> 'statement' = to_jsonb(d.statement_number)
        AND v.said ->> 'statement_digest' = CASE d.statement_number WHEN 0 THEN repeat('0', 64)
            ELSE center_00000000000000000000000000000000.statement_digest(v.document_id, d.statement_number) END
    WHERE d.id IS NULL;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'LK003', MESSAGE = 'document_renamed';
    END IF;
END
$$;

-- Change what a document is called: the values come from the signed statement and from nowhere else. LK001 where
-- somebody was first, LK008 when there is no such document.
CREATE FUNCTION change_document(p_about uuid, p_read_version integer, p_signed text, p_signature text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_payload bytea := decode(p_signed, 'hex');
    v_said jsonb := center_00000000000000000000000000000000.said_in(v_payload);
    v_latest integer;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    SELECT d.statement_number INTO v_latest
    FROM center_00000000000000000000000000000000.documents d WHERE d.id = p_about FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'LK008', MESSAGE = 'no_such_document';
    END IF;
    IF v_said -> 'number' IS DISTINCT FROM to_jsonb(v_latest + 1)
        OR v_said ->> 'previous'
            IS DISTINCT FROM center_00000000000000000000000000000000.statement_digest(p_about, v_latest) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK001', TABLE = 'documents',
            MESSAGE = 'document_changed';
    END IF;
    PERFORM internal.check_signed(v_payload, decode(p_signature, 'hex'));
    PERFORM center_00000000000000000000000000000000.check_statement(v_said, 'document', p_about, v_latest + 1);
    INSERT INTO center_00000000000000000000000000000000.document_statements (document_id, number, statement, signature)
    VALUES (p_about, v_latest + 1, v_payload, decode(p_signature, 'hex'));
    UPDATE center_00000000000000000000000000000000.documents d
    SET title = v_said ->> 'title', document_type = v_said ->> 'type',
        tags = ARRAY(SELECT jsonb_array_elements_text(v_said -> 'tags')), sample_id = (v_said ->> 'sample')::uuid,
        statement_number = v_latest + 1, row_version = p_read_version
    WHERE d.id = p_about;
END
$$;

-- Holds for every writer: what a document is called never changes without the statement that says so.
CREATE FUNCTION require_statement() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM center_00000000000000000000000000000000.document_statements s
    WHERE s.document_id = NEW.id AND s.number = NEW.statement_number AND s.number = OLD.statement_number + 1
        AND center_00000000000000000000000000000000.says_facts(
            center_00000000000000000000000000000000.said_in(s.statement),
            NEW.title, NEW.document_type, NEW.tags, NEW.sample_id
        );
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = '42501',
            MESSAGE = 'facts_need_statement';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER d_signed BEFORE UPDATE ON documents
    FOR EACH ROW WHEN (
        OLD.title IS DISTINCT FROM NEW.title
        OR OLD.document_type IS DISTINCT FROM NEW.document_type
        OR OLD.tags IS DISTINCT FROM NEW.tags
        OR OLD.sample_id IS DISTINCT FROM NEW.sample_id
        OR OLD.statement_number IS DISTINCT FROM NEW.statement_number
    ) EXECUTE FUNCTION require_statement();
CREATE TRIGGER a_immutable BEFORE UPDATE ON document_statements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
