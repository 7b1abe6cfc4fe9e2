-- The last step of saving: a batch of uploads becomes live, all or none. Each step is one statement for all files of the
-- batch, because a statement costs more than its rows (measured: 0.65 ms of the server's time for a file, one by one).

-- Lock own uploads, and give the rows of the versions that they become; those that are live already, with this very
-- statement, are left out: the answer to an earlier, equal call was lost, and repeating it must do no harm. LK009 when
-- one of them is not reserved by the caller any more.
CREATE FUNCTION claim_uploads(p_items jsonb) RETURNS center_00000000000000000000000000000000.document_versions[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_versions center_00000000000000000000000000000000.document_versions[];
    v_claimed bigint;
BEGIN
    SELECT coalesce(array_agg(c.version) FILTER (WHERE c.state = 'reserved'), '{}'),
        count(*) FILTER (WHERE c.state = 'reserved' OR c.state = 'live' AND EXISTS (
            SELECT FROM center_00000000000000000000000000000000.document_versions v
            WHERE v.id = (c.version).id AND v.statement = (c.version).statement
        ))
    INTO v_versions, v_claimed
    FROM (
        SELECT u.state, ROW(
            i.version_id, i.document_id, i.number, u.file_id, i.file_name, coalesce(i.mime_type, ''), i.size,
            i.stored_size, i.stored_digest, decode(i.statement, 'hex'), decode(i.signature, 'hex'), NULL, NULL
        )::center_00000000000000000000000000000000.document_versions AS version
        FROM jsonb_to_recordset(p_items) AS i (
            version_id uuid, document_id uuid, number integer, file_name text, mime_type text, size bigint,
            stored_size bigint, stored_digest text, statement text, signature text
        )
        JOIN center_00000000000000000000000000000000.document_uploads u
            ON u.id = i.version_id AND u.document_id = i.document_id AND u.created_by = session_user
        ORDER BY i.document_id, i.number
        FOR UPDATE OF u
    ) AS c;
    IF v_claimed <> jsonb_array_length(p_items) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK009', MESSAGE = 'upload_not_reserved';
    END IF;
    RETURN v_versions;
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

-- Make room for versions, at most one of each document: the new documents, or the locked existing ones, in the order of
-- documents, so that two batches that share some wait for each other instead of deadlocking. LK003 when the number is not
-- the next one, LK008 when there is no such document, LK020 when the title of a new one is taken (by an active document
-- of the same sample, or without one among those of no sample), and when the existing one is not where it was chosen any
-- more: deactivated, or given to another sample.
CREATE FUNCTION place_versions(p_versions center_00000000000000000000000000000000.document_versions[], p_items jsonb)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_problem text;
    v_wanted bigint;
    v_made bigint;
BEGIN
    PERFORM FROM center_00000000000000000000000000000000.documents d
    WHERE d.id IN (SELECT v.document_id FROM unnest(p_versions) AS v) ORDER BY d.id FOR UPDATE;
    SELECT min(found.problem), count(*) FILTER (WHERE found.is_new) INTO v_problem, v_wanted
    FROM (
        SELECT d.id IS NULL AS is_new, CASE
            WHEN d.id IS NULL AND i.draft IS NULL THEN 'no_such_document'
            WHEN v.number IS DISTINCT FROM coalesce(d.latest_number, 0) + 1 OR (d.id IS NULL) <> (i.draft IS NOT NULL)
                THEN 'version_number_taken'
            WHEN d.id IS NOT NULL AND (NOT d.is_active OR d.sample_id IS DISTINCT FROM i.sample_id)
                THEN 'document_moved'
            WHEN d.id IS NULL AND (
                row_number() OVER (PARTITION BY d.id IS NULL, i.draft ->> 'title', i.draft ->> 'sample_id') > 1
                OR EXISTS (
                    SELECT FROM center_00000000000000000000000000000000.documents t WHERE t.is_active
                        AND t.title = i.draft ->> 'title' AND t.sample_id = (i.draft ->> 'sample_id')::uuid
                )
                OR i.draft ->> 'sample_id' IS NULL AND EXISTS (
                    SELECT FROM center_00000000000000000000000000000000.documents t WHERE t.is_active
                        AND t.title = i.draft ->> 'title' AND t.sample_id IS NULL
                )
            ) THEN 'title_taken'
        END AS problem
        FROM unnest(p_versions) AS v
        JOIN (
            SELECT r.version_id, r.sample_id, nullif(r.document, 'null') AS draft
            FROM jsonb_to_recordset(p_items) AS r (version_id uuid, sample_id uuid, document jsonb)
        ) AS i ON i.version_id = v.id
        LEFT JOIN center_00000000000000000000000000000000.documents d ON d.id = v.document_id
    ) AS found;
    IF v_problem IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = v_problem, ERRCODE = CASE v_problem
            WHEN 'no_such_document' THEN 'LK008' WHEN 'version_number_taken' THEN 'LK003' ELSE 'LK020' END;
    END IF;
    UPDATE center_00000000000000000000000000000000.documents d
    SET latest_number = v.number, latest_version_id = v.id, file_name = v.file_name, row_version = d.row_version
    FROM unnest(p_versions) AS v WHERE d.id = v.document_id;
    INSERT INTO center_00000000000000000000000000000000.documents
        (id, title, document_type, tags, sample_id, latest_number, latest_version_id, file_name)
    SELECT v.document_id, d.title, coalesce(d.document_type, ''), coalesce(d.tags, '{}'), d.sample_id,
        v.number, v.id, v.file_name
    FROM unnest(p_versions) WITH ORDINALITY
        AS v (id, document_id, number, file_id, file_name, mime_type, size, stored_size, stored_digest, statement,
              signature, created_at, created_by, place)
    JOIN jsonb_to_recordset(p_items) AS i (version_id uuid, document jsonb) ON i.version_id = v.id
    CROSS JOIN LATERAL jsonb_to_record(nullif(i.document, 'null'))
        AS d (title text, document_type text, tags text[], sample_id uuid)
    WHERE nullif(i.document, 'null') IS NOT NULL
    ORDER BY v.place
    ON CONFLICT (id) DO NOTHING;
    GET DIAGNOSTICS v_made = ROW_COUNT;
    IF v_made <> v_wanted THEN  -- another writer of a new document was not visible above, and has committed since
        RAISE EXCEPTION USING ERRCODE = 'LK003', MESSAGE = 'version_number_taken';
    END IF;
END
$$;

-- Make a batch of uploads live, all or none. Each item: version_id, document_id, number, file_name, mime_type, size,
-- stored_size, stored_digest, statement, signature, token (these three in hex), key_version, `document`: null to add to
-- an existing document, or {title, document_type, tags, sample_id} to make it; and `sample_id`: where the existing
-- document was when somebody chose it. Of several versions of one document each has its own turn.
CREATE FUNCTION save_versions(p_items jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_all center_00000000000000000000000000000000.document_versions[];
    v_turn center_00000000000000000000000000000000.document_versions[];
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    PERFORM center_00000000000000000000000000000000.lock_titles(p_items);
    v_all := center_00000000000000000000000000000000.claim_uploads(p_items);
    PERFORM internal.check_all_signed(
        ARRAY(SELECT v.statement FROM unnest(v_all) AS v), ARRAY(SELECT v.signature FROM unnest(v_all) AS v)
    );
    FOR v_turn IN
        SELECT array_agg(numbered.version ORDER BY (numbered.version).document_id)
        FROM (
            SELECT v AS version, row_number() OVER (PARTITION BY v.document_id ORDER BY v.number) AS turn
            FROM unnest(v_all) AS v
        ) AS numbered
        GROUP BY numbered.turn ORDER BY numbered.turn
    LOOP
        PERFORM center_00000000000000000000000000000000.place_versions(v_turn, p_items);
        PERFORM center_00000000000000000000000000000000.check_version_statements(v_turn);
        INSERT INTO center_00000000000000000000000000000000.document_versions
            (id, document_id, number, file_id, file_name, mime_type, size, stored_size, stored_digest, statement,
             signature)
        SELECT v.id, v.document_id, v.number, v.file_id, v.file_name, v.mime_type, v.size, v.stored_size,
            v.stored_digest, v.statement, v.signature
        FROM unnest(v_turn) AS v;
    END LOOP;
    INSERT INTO center_00000000000000000000000000000000.document_keys (version_id, key_version, token)
    SELECT v.id, i.key_version, decode(i.token, 'hex')
    FROM unnest(v_all) AS v
    JOIN jsonb_to_recordset(p_items) AS i (version_id uuid, key_version integer, token text) ON i.version_id = v.id;
    UPDATE center_00000000000000000000000000000000.document_uploads u SET state = 'live'
    FROM unnest(v_all) AS v WHERE u.id = v.id;
END
$$;
