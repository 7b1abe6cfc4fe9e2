-- What people call. Each function runs as the owner, so each checks for itself whose rows it touches.

-- The entries of one record (of a document: also those of its versions), oldest first. Only records of the lab's work:
-- who became a member, and the keys, are for those who may read the whole record.
CREATE FUNCTION timeline(p_row uuid)
RETURNS TABLE (
    seq bigint, at timestamptz, login text, who text, operation text, table_name text, row_id uuid,
    old jsonb, new jsonb, reason text, link uuid, is_erased boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT l.seq, l.at, l.login, coalesce(nullif(p.display_name, ''), p.username, l.login),
        l.operation, l.table_name, l.row_id, l.old, l.new, l.reason, l.link, l.salt IS NULL
    FROM center_00000000000000000000000000000000.audit_log l
    LEFT JOIN center_00000000000000000000000000000000.people p ON p.login = l.login
    WHERE (SELECT center_00000000000000000000000000000000.belongs_today())
        AND (l.table_name IN ('samples', 'documents', 'document_versions') OR l.operation = 'erase')
        AND l.row_id = ANY (
            p_row || ARRAY(
                SELECT v.id FROM center_00000000000000000000000000000000.document_versions v WHERE v.document_id = p_row
            )
        )
    ORDER BY l.seq
$$;

-- The digest of a link, so that every member notices a record that went back behind what he saw; null if there is none.
CREATE FUNCTION digest_at(p_number bigint) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.digest FROM center_00000000000000000000000000000000.audit_chain c
    WHERE c.seq = p_number AND (SELECT center_00000000000000000000000000000000.belongs_today())
$$;

-- Lock an own upload. Returns its file id, or null when this very version is live already: the answer to an earlier,
-- equal call was lost, and repeating it must do no harm. LK009 when it is not reserved by the caller any more.
CREATE FUNCTION claim_upload(p_wanted uuid, p_for_document uuid, p_signed bytea) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_upload center_00000000000000000000000000000000.document_uploads;
BEGIN
    SELECT u.* INTO v_upload FROM center_00000000000000000000000000000000.document_uploads u
    WHERE u.id = p_wanted AND u.document_id = p_for_document AND u.created_by = session_user
    FOR UPDATE;
    IF v_upload.state = 'reserved' THEN
        RETURN v_upload.file_id;
    END IF;
    IF v_upload.state = 'live' AND EXISTS (
        SELECT FROM center_00000000000000000000000000000000.document_versions v
        WHERE v.id = p_wanted AND v.statement = p_signed
    ) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'LK009', MESSAGE = 'upload_not_reserved';
END
$$;

-- Two who make a document of one title in one sample at once (or of no sample) wait for each other here, until the end
-- of the transaction that follows at once; so the second one sees the first one's document. By hashes in their order,
-- and few of them: a batch must not fill the server's table of locks.
CREATE FUNCTION lock_titles(p_items jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock('center_00000000000000000000000000000000.documents'::regclass::oid::integer, slots.slot)
    FROM (
        SELECT DISTINCT hashtext(coalesce(i.document ->> 'sample_id', '') || ' ' || (i.document ->> 'title')) & 31 AS slot
        FROM jsonb_to_recordset(p_items) AS i (document jsonb)
        WHERE i.document ->> 'title' IS NOT NULL
        ORDER BY 1
    ) AS slots;
END
$$;

-- Whether an active document of this title is there: in this sample, or without one among those of no sample.
CREATE FUNCTION title_is_taken(p_wanted text, p_of_sample uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM center_00000000000000000000000000000000.documents d
        WHERE d.is_active AND d.title = p_wanted AND d.sample_id = p_of_sample
    ) OR (p_of_sample IS NULL AND EXISTS (
        SELECT FROM center_00000000000000000000000000000000.documents d
        WHERE d.is_active AND d.title = p_wanted AND d.sample_id IS NULL
    ))
$$;

-- Make room for a version: the new document, or the locked existing one. LK003 when the number is not the next one,
-- LK008 when there is no such document, LK020 when the title of a new one is taken, and when the existing one is not
-- where it was chosen any more: deactivated, or given to another sample.
CREATE FUNCTION place_version(
    p_for_document uuid, p_wanted integer, p_draft jsonb, p_of_sample uuid, p_name_of_file text, p_version_id uuid
)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_latest integer;
    v_active boolean;
    v_sample uuid;
BEGIN
    SELECT d.latest_number, d.is_active, d.sample_id INTO v_latest, v_active, v_sample
    FROM center_00000000000000000000000000000000.documents d WHERE d.id = p_for_document FOR UPDATE;
    IF v_latest IS NULL AND p_draft IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'LK008', MESSAGE = 'no_such_document';
    END IF;
    IF p_wanted IS DISTINCT FROM coalesce(v_latest, 0) + 1 OR (v_latest IS NULL) <> (p_draft IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK003', MESSAGE = 'version_number_taken';
    END IF;
    IF v_latest IS NOT NULL THEN
        IF NOT v_active OR v_sample IS DISTINCT FROM p_of_sample THEN
            RAISE EXCEPTION USING ERRCODE = 'LK020', MESSAGE = 'document_moved';
        END IF;
        UPDATE center_00000000000000000000000000000000.documents d
        SET latest_number = p_wanted, latest_version_id = p_version_id, file_name = p_name_of_file,
            row_version = d.row_version
        WHERE d.id = p_for_document;
        RETURN;
    END IF;
    IF center_00000000000000000000000000000000.title_is_taken(p_draft ->> 'title', (p_draft ->> 'sample_id')::uuid) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK020', MESSAGE = 'title_taken';
    END IF;
    INSERT INTO center_00000000000000000000000000000000.documents
        (id, title, document_type, tags, sample_id, latest_number, latest_version_id, file_name)
    SELECT p_for_document, d.title, coalesce(d.document_type, ''), coalesce(d.tags, '{}'), d.sample_id,
        p_wanted, p_version_id, p_name_of_file
    FROM jsonb_to_record(p_draft) AS d (title text, document_type text, tags text[], sample_id uuid)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN  -- another writer of this new document was not visible above, and has committed since
        RAISE EXCEPTION USING ERRCODE = 'LK003', MESSAGE = 'version_number_taken';
    END IF;
END
$$;

-- Make a batch of uploads live, all or none. Each item: version_id, document_id, number, file_name, mime_type, size,
-- stored_size, stored_digest, statement, signature, token (these three in hex), key_version, `document`: null to add to
-- an existing document, or {title, document_type, tags, sample_id} to make it; and `sample_id`: where the existing
-- document was when somebody chose it.
-- In the order of documents, so that two batches that share some wait for each other instead of deadlocking.
CREATE FUNCTION save_versions(p_items jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_item record;
    v_file uuid;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    PERFORM center_00000000000000000000000000000000.lock_titles(p_items);
    FOR v_item IN
        SELECT i.*, nullif(i.document, 'null') AS draft
        FROM jsonb_to_recordset(p_items) AS i (
            version_id uuid, document_id uuid, number integer, file_name text, mime_type text, size bigint,
            stored_size bigint, stored_digest text, statement text, signature text, key_version integer, token text,
            document jsonb, sample_id uuid
        )
        ORDER BY i.document_id, i.number
    LOOP
        v_file := center_00000000000000000000000000000000.claim_upload(
            v_item.version_id, v_item.document_id, decode(v_item.statement, 'hex')
        );
        CONTINUE WHEN v_file IS NULL;
        PERFORM internal.check_signed(decode(v_item.statement, 'hex'), decode(v_item.signature, 'hex'));
        PERFORM center_00000000000000000000000000000000.place_version(
            v_item.document_id, v_item.number, v_item.draft, v_item.sample_id, v_item.file_name, v_item.version_id
        );
        PERFORM center_00000000000000000000000000000000.check_version_statement(
            v_item.document_id, v_item.number, decode(v_item.statement, 'hex')
        );
        INSERT INTO center_00000000000000000000000000000000.document_versions
            (id, document_id, number, file_id, file_name, mime_type, size, stored_size, stored_digest, statement,
             signature)
        VALUES (
            v_item.version_id, v_item.document_id, v_item.number, v_file, v_item.file_name,
            coalesce(v_item.mime_type, ''), v_item.size, v_item.stored_size, v_item.stored_digest, decode(v_item.statement, 'hex'),
            decode(v_item.signature, 'hex')
        );
        INSERT INTO center_00000000000000000000000000000000.document_keys (version_id, key_version, token)
        VALUES (v_item.version_id, v_item.key_version, decode(v_item.token, 'hex'));
        UPDATE center_00000000000000000000000000000000.document_uploads u SET state = 'live' WHERE u.id = v_item.version_id;
    END LOOP;
END
$$;

-- Whether an identity is the session's own; a function, because the registry hides other rows from those who ask.
CREATE FUNCTION is_own_identity(p_identity uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM public.identities i JOIN public.users u ON u.id = i.user_id
        WHERE i.id = p_identity AND u.login = session_user
    )
$$;
