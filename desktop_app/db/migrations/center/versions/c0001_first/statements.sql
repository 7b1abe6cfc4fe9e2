-- What signed statements say, and that the rows beside them say the same: docs/file-format.md, "Signed statements".
-- PostgreSQL has no Ed25519: here it is held that there is a statement for every change, in its place, about this very
-- document; whether its signature counts is checked by every workstation that opens the document.

CREATE FUNCTION said_in(statement bytea) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT convert_from(statement, 'UTF8')::jsonb $$;

-- Whether a statement calls a document what its row does.
CREATE FUNCTION says_facts(said jsonb, title text, document_type text, tags text[], sample_id uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (said ->> 'title', said ->> 'type', said -> 'tags', (said ->> 'sample')::uuid)
        IS NOT DISTINCT FROM (title, document_type, to_jsonb(tags), sample_id)
$$;

-- The digest by which the next statement names this one; 64 zeros before the first.
CREATE FUNCTION statement_digest(about uuid, nth integer) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(
        (
            SELECT encode(sha256(s.statement || s.signature), 'hex')
            FROM center_00000000000000000000000000000000.document_statements s
            WHERE s.document_id = about AND s.number = nth
        ),
        repeat('0', 64)
    )
$$;

-- A statement of this kind, about this document of this center, made now. 22023 otherwise.
CREATE FUNCTION check_statement(said jsonb, wanted text, about uuid, nth integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF said ->> 'kind' IS DISTINCT FROM wanted
        OR 'center_' || replace(said ->> 'center', '-', '') IS DISTINCT FROM 'center_00000000000000000000000000000000'
        OR said ->> 'document' IS DISTINCT FROM about::text
        OR said -> 'number' IS DISTINCT FROM to_jsonb(nth)
        OR coalesce(abs(extract(epoch FROM clock_timestamp() - (said ->> 'at')::timestamptz)) > 3600, true) THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'statement_about_something_else';
    END IF;
END
$$;

-- A version is saved under what its document is called at that moment, and names its newest statement. LK003 where
-- somebody was first: the uploader looks and signs again.
CREATE FUNCTION check_version_statement(about uuid, nth integer, statement bytea) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    said jsonb := center_00000000000000000000000000000000.said_in(statement);
BEGIN
    PERFORM center_00000000000000000000000000000000.check_statement(said, 'version', about, nth);
    PERFORM FROM center_00000000000000000000000000000000.documents d
    WHERE d.id = about
        AND center_00000000000000000000000000000000.says_facts(said, d.title, d.document_type, d.tags, d.sample_id)
        AND said -> 'statement' = to_jsonb(d.statement_number)
        AND said ->> 'statement_digest'
            = center_00000000000000000000000000000000.statement_digest(about, d.statement_number);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'LK003', MESSAGE = 'document_renamed';
    END IF;
END
$$;

-- Change what a document is called: the values come from the signed statement and from nowhere else. LK001 where
-- somebody was first, LK008 when there is no such document.
CREATE FUNCTION change_document(about uuid, read_version integer, signed text, signature text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    payload bytea := decode(signed, 'hex');
    said jsonb := center_00000000000000000000000000000000.said_in(payload);
    latest integer;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    SELECT d.statement_number INTO latest
    FROM center_00000000000000000000000000000000.documents d WHERE d.id = about FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'LK008', MESSAGE = 'no_such_document';
    END IF;
    IF said -> 'number' IS DISTINCT FROM to_jsonb(latest + 1)
        OR said ->> 'previous' IS DISTINCT FROM center_00000000000000000000000000000000.statement_digest(about, latest) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK001', TABLE = 'documents',
            MESSAGE = 'document_changed';
    END IF;
    PERFORM internal.check_signed(payload, decode(signature, 'hex'));
    PERFORM center_00000000000000000000000000000000.check_statement(said, 'document', about, latest + 1);
    INSERT INTO center_00000000000000000000000000000000.document_statements (document_id, number, statement, signature)
    VALUES (about, latest + 1, payload, decode(signature, 'hex'));
    UPDATE center_00000000000000000000000000000000.documents d
    SET title = said ->> 'title', document_type = said ->> 'type',
        tags = ARRAY(SELECT jsonb_array_elements_text(said -> 'tags')), sample_id = (said ->> 'sample')::uuid,
        statement_number = latest + 1, row_version = read_version
    WHERE d.id = about;
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
        (OLD.title, OLD.document_type, OLD.tags, OLD.sample_id, OLD.statement_number)
        IS DISTINCT FROM (NEW.title, NEW.document_type, NEW.tags, NEW.sample_id, NEW.statement_number)
    ) EXECUTE FUNCTION require_statement();
CREATE TRIGGER a_immutable BEFORE UPDATE ON document_statements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
