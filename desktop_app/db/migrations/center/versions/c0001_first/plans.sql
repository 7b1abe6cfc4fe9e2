-- Changes of many records in one transaction, shown before and undone as one. The link of the record has the plan's id
-- (labkeep.plan, see next_link), and each changed row its own entry in it. From these entries, and from nothing that a
-- person may write, a plan is undone.

-- Whatever this transaction changes from here on is the plan. Many rows take their time: the lock, which nobody can take
-- but by this, tells end_blockers() so.
CREATE FUNCTION begin_plan(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    PERFORM pg_advisory_xact_lock_shared(security.plan_lock());
    PERFORM set_config('labkeep.plan', p_id::text, true);
END
$$;

-- Write down that this transaction was the plan; how many rows it changed, counted here. Nothing where it changed none.
CREATE FUNCTION save_plan(p_id uuid, p_action text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_rows integer;
    v_is_plan boolean;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    SELECT count(*), count(*) = count(DISTINCT l.row_id) AND coalesce(bool_and(
        l.operation = 'update'
        OR l.operation = 'insert' AND l.table_name IN ('samples', 'fields') AND p_action IN ('create', 'import')
    ), true)
    INTO v_rows, v_is_plan
    FROM center_00000000000000000000000000000000.audit_log l
    WHERE l.link = p_id AND l.txid = pg_current_xact_id() AND l.table_name IN ('samples', 'documents', 'fields');
    -- Anything else than an update, a new sample or field, or two of one row, undo_plan() would not take back as it was.
    IF NOT v_is_plan OR p_action = 'undo' THEN
        PERFORM internal.refuse('42501', 'no_plan');
    END IF;
    IF v_rows > 0 THEN
        INSERT INTO center_00000000000000000000000000000000.change_plans (id, action, rows)
        VALUES (p_id, p_action, v_rows);
    END IF;
    RETURN v_rows;
END
$$;

-- Carry out a plan with the rights of whoever calls it: p_samples and p_documents are lists of {id, row_version, after},
-- as they were shown to whoever decided; where documents go to another sample, of {id, row_version, statement, signature,
-- sample_id}, because what a document is called is what was signed. A row that is in another state by now is left alone, and
-- so is a document whose sample was archived meanwhile, or the one that it goes to takes none any more; which were changed.
CREATE FUNCTION apply_plan(p_id uuid, p_action text, p_samples jsonb, p_documents jsonb) RETURNS SETOF uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_documents uuid[];
    v_samples uuid[];
BEGIN
    PERFORM center_00000000000000000000000000000000.begin_plan(p_id);
    v_documents := ARRAY(
        SELECT l.id
        FROM (
            SELECT d.id FROM center_00000000000000000000000000000000.documents d
            JOIN jsonb_to_recordset(p_documents) AS w (id uuid, row_version integer)
                ON w.id = d.id AND w.row_version = d.row_version
            ORDER BY d.id FOR UPDATE OF d
        ) AS l
    );
    -- After the documents, as whoever saves into samples locks. The triggers would refuse all of it for one of them.
    PERFORM FROM center_00000000000000000000000000000000.samples s
    WHERE s.id IN (
        SELECT d.sample_id FROM center_00000000000000000000000000000000.documents d WHERE d.id = ANY (v_documents)
        UNION SELECT w.sample_id FROM jsonb_to_recordset(p_documents) AS w (sample_id uuid)
    )
    ORDER BY s.id FOR SHARE;
    v_documents := ARRAY(
        SELECT d.id FROM center_00000000000000000000000000000000.documents d
        JOIN jsonb_to_recordset(p_documents) AS w (id uuid, sample_id uuid) ON w.id = d.id
        WHERE d.id = ANY (v_documents) AND NOT EXISTS (
            SELECT FROM center_00000000000000000000000000000000.samples s
            WHERE s.id IN (d.sample_id, w.sample_id) AND s.status = 'archived'
        ) AND (w.sample_id IS NULL OR EXISTS (
            SELECT FROM center_00000000000000000000000000000000.samples s WHERE s.id = w.sample_id AND s.is_active
        ))
        ORDER BY d.id
    );
    v_samples := ARRAY(
        SELECT l.id
        FROM (
            SELECT s.id FROM center_00000000000000000000000000000000.samples s
            JOIN jsonb_to_recordset(p_samples) AS w (id uuid, row_version integer)
                ON w.id = s.id AND w.row_version = s.row_version
            ORDER BY s.id FOR UPDATE OF s
        ) AS l
    );
    IF p_action IN ('deactivate', 'restore') THEN
        UPDATE center_00000000000000000000000000000000.documents d
        SET is_active = p_action = 'restore', row_version = d.row_version WHERE d.id = ANY (v_documents);
        UPDATE center_00000000000000000000000000000000.samples s
        SET is_active = p_action = 'restore', row_version = s.row_version WHERE s.id = ANY (v_samples);
    ELSIF p_action = 'attach' THEN
        PERFORM center_00000000000000000000000000000000.change_document(w.id, w.row_version, w.statement, w.signature)
        FROM jsonb_to_recordset(p_documents) AS w (id uuid, row_version integer, statement text, signature text)
        WHERE w.id = ANY (v_documents);
    ELSIF p_action = 'edit' THEN
        UPDATE center_00000000000000000000000000000000.samples s
        SET row_version = s.row_version, (
            name, description, sample_type, barcode, user_id, metadata, collected_at, collected_place, results
        ) = (
            SELECT r.name, r.description, r.sample_type, r.barcode, r.user_id, r.metadata, r.collected_at,
                r.collected_place, r.results
            FROM jsonb_populate_record(s, w.after) AS r
        )
        FROM jsonb_to_recordset(p_samples) AS w (id uuid, after jsonb)
        WHERE w.id = s.id AND s.id = ANY (v_samples);
    ELSE
        UPDATE center_00000000000000000000000000000000.samples s
        SET row_version = s.row_version, status = w.after ->> 'status',
            rejection_reason = coalesce(w.after ->> 'rejection_reason', s.rejection_reason)
        FROM jsonb_to_recordset(p_samples) AS w (id uuid, after jsonb)
        WHERE w.id = s.id AND s.id = ANY (v_samples);
    END IF;
    PERFORM center_00000000000000000000000000000000.save_plan(p_id, p_action);
    RETURN QUERY SELECT unnest(v_documents || v_samples);
END
$$;

-- The plans before a moment, newest first, or the one of this id: who, when, why, how many rows, and how many of them were undone since.
CREATE FUNCTION plans(p_before timestamptz, p_limit integer, p_id uuid)
RETURNS TABLE (
    id uuid, action text, rows integer, undone integer, undoes uuid, reason text, created_at timestamptz,
    created_by text, who text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.id, c.action, c.rows,
        coalesce((
            SELECT sum(u.rows) FROM center_00000000000000000000000000000000.change_plans u WHERE u.undoes = c.id
        ), 0)::integer,
        c.undoes,
        coalesce((
            SELECT l.reason FROM center_00000000000000000000000000000000.audit_log l
            WHERE l.link = c.id AND l.table_name = 'change_plans' LIMIT 1
        ), ''),
        c.created_at, c.created_by, coalesce(nullif(p.display_name, ''), p.username, c.created_by)
    FROM center_00000000000000000000000000000000.change_plans c
    LEFT JOIN center_00000000000000000000000000000000.people p ON p.login = c.created_by
    WHERE (SELECT center_00000000000000000000000000000000.belongs_today()) 
        AND (p_before IS NULL OR c.created_at < p_before) AND (p_id IS NULL OR c.id = p_id)
    ORDER BY c.created_at DESC, c.id
    LIMIT least(greatest(p_limit, 0), 1000)
$$;

-- Whether a row is again what it was after an entry of the record, because all that came later was taken back: of each
-- field, the first later entry says what it was then. What only counts changes counts the taking back, too.
CREATE FUNCTION is_as_after(p_seq bigint, p_now jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT NOT EXISTS (
        SELECT FROM (
            SELECT DISTINCT ON (f.key) f.key, f.value
            FROM center_00000000000000000000000000000000.audit_log l
            JOIN center_00000000000000000000000000000000.audit_log e
                ON e.row_id = l.row_id AND e.table_name = l.table_name AND e.seq > l.seq
            -- What was erased may have been anything.
            CROSS JOIN jsonb_each(coalesce(e.old, '{"id": "erased"}')) AS f
            WHERE l.seq = p_seq AND e.operation = 'update'
            ORDER BY f.key, e.seq
        ) AS first
        WHERE first.key NOT IN ('row_version', 'statement_number') AND first.value IS DISTINCT FROM p_now -> first.key
    )
$$;

-- Each row that a plan changed, from what to what, and whether that can be taken back: 'unchanged' since, or why not. A
-- row that the plan made has no old values, one that an undo removed no new ones.
CREATE FUNCTION plan_rows(p_plan uuid)
RETURNS TABLE (row_id uuid, table_name text, name text, old jsonb, new jsonb, state text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex'
AS $$
    SELECT l.row_id, l.table_name,
        CASE l.table_name
            WHEN 'fields' THEN coalesce(f.name, l.new ->> 'name', l.old ->> 'name', '')
            ELSE coalesce(s.barcode, d.title, l.new ->> 'barcode', l.old ->> 'barcode', '')
        END,
        l.old, l.new,
        CASE
            WHEN EXISTS (
                SELECT FROM center_00000000000000000000000000000000.change_plans u
                JOIN center_00000000000000000000000000000000.audit_log e ON e.link = u.id AND e.row_id = l.row_id
                WHERE u.undoes = p_plan
            ) THEN 'undone'
            WHEN l.operation <> 'delete' AND coalesce(s.id, d.id, f.id) IS NULL THEN 'deleted'
            WHEN l.salt IS NULL THEN 'erased'
            WHEN l.operation = 'insert' AND EXISTS (
                SELECT FROM center_00000000000000000000000000000000.documents r WHERE r.sample_id = s.id
            ) THEN 'has_documents'
            WHEN l.operation = 'insert' AND EXISTS (
                SELECT FROM center_00000000000000000000000000000000.work_list_items w WHERE w.sample_id = s.id
            ) THEN 'on_work_list'
            WHEN l.operation = 'insert' AND EXISTS (
                SELECT FROM center_00000000000000000000000000000000.samples v WHERE v.metadata ? f.key
            ) THEN 'has_values'
            WHEN f.id IS NOT NULL
                AND NOT center_00000000000000000000000000000000.is_as_after(l.seq, to_jsonb(f)) THEN 'changed'
            WHEN f.id IS NOT NULL AND l.old ? 'name' AND EXISTS (
                SELECT FROM center_00000000000000000000000000000000.fields o
                WHERE o.id <> f.id AND lower(l.old ->> 'name') IN (lower(o.name), lower(o.key))
            ) THEN 'name_taken'
            WHEN l.table_name = 'fields' AND l.operation = 'delete' AND EXISTS (
                SELECT FROM center_00000000000000000000000000000000.fields o
                WHERE lower(o.name) IN (lower(l.old ->> 'name'), lower(l.old ->> 'key'))
                    OR lower(o.key) IN (lower(l.old ->> 'name'), lower(l.old ->> 'key'))
            ) THEN 'name_taken'
            WHEN coalesce(s.row_version, d.row_version) <> (l.new ->> 'row_version')::integer
                AND NOT center_00000000000000000000000000000000.is_as_after(l.seq, coalesce(to_jsonb(s), to_jsonb(d)))
                THEN 'changed'
            WHEN EXISTS (
                SELECT FROM center_00000000000000000000000000000000.samples a
                WHERE a.id IN (d.sample_id, (l.old ->> 'sample_id')::uuid) AND a.status = 'archived'
            ) THEN 'sample_archived'
            WHEN l.old ->> 'sample_id' IS NOT NULL AND NOT EXISTS (
                SELECT FROM center_00000000000000000000000000000000.samples a WHERE a.id = (l.old ->> 'sample_id')::uuid
            ) THEN 'sample_deleted'
            WHEN l.old ? 'user_id' AND NOT EXISTS (
                SELECT FROM center_00000000000000000000000000000000.people p
                WHERE p.id = (l.old ->> 'user_id')::uuid AND p.member_until IS NULL
            ) THEN 'person_left'
            WHEN l.old ? 'sample_type' AND NOT EXISTS (
                SELECT FROM center_00000000000000000000000000000000.sample_types t
                WHERE t.code = l.old ->> 'sample_type' AND t.is_active
            ) THEN 'type_not_in_use'
            WHEN l.old ? 'barcode' AND EXISTS (
                SELECT FROM center_00000000000000000000000000000000.samples o
                WHERE o.barcode = l.old ->> 'barcode' AND o.id <> l.row_id
            ) THEN 'barcode_taken'
            ELSE 'unchanged'
        END
    FROM center_00000000000000000000000000000000.audit_log l
    LEFT JOIN center_00000000000000000000000000000000.samples s ON l.table_name = 'samples' AND s.id = l.row_id
    LEFT JOIN center_00000000000000000000000000000000.documents d ON l.table_name = 'documents' AND d.id = l.row_id
    LEFT JOIN center_00000000000000000000000000000000.fields f ON l.table_name = 'fields' AND f.id = l.row_id
    WHERE l.link = p_plan AND l.table_name IN ('samples', 'documents', 'fields')
        AND (SELECT center_00000000000000000000000000000000.belongs_today())
        AND EXISTS (SELECT FROM center_00000000000000000000000000000000.change_plans c WHERE c.id = p_plan)
    ORDER BY l.seq
$$;

-- Take back what a plan did to those of p_rows that are as it left them; which they were. It is a plan of its own, p_undo,
-- and can be undone in its turn. What a plan made is removed, if nothing refers to it; what an undo removed comes back
-- with its id. What a document is called goes back by a statement that whoever undoes signs, in p_documents as a list of
-- {id, statement, signature}; it must say what was before, else the document is left alone. For whoever carried out the
-- plan, and for administrators; a plan of fields for these alone, who define them.
CREATE FUNCTION undo_plan(p_plan uuid, p_undo uuid, p_rows uuid[], p_documents jsonb) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_is_admin CONSTANT boolean :=
        pg_has_role(session_user, 'center_00000000000000000000000000000000_admin', 'MEMBER')
        OR pg_has_role(session_user, 'labkeep_platform', 'MEMBER');
    v_plan record;
    v_rows uuid[];
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    SELECT c.created_by, c.action INTO v_plan FROM center_00000000000000000000000000000000.change_plans c WHERE c.id = p_plan;
    IF NOT FOUND THEN
        PERFORM internal.refuse('LK008');
    END IF;
    IF NOT v_is_admin AND v_plan.created_by <> session_user THEN
        PERFORM internal.refuse('42501', 'only_maker_undoes');
    END IF;
    IF NOT v_is_admin AND v_plan.action = 'archive' THEN
        PERFORM internal.refuse('42501', 'only_admin_archives');
    END IF;
    IF NOT v_is_admin AND EXISTS (
        SELECT FROM center_00000000000000000000000000000000.audit_log l WHERE l.link = p_plan AND l.table_name = 'fields'
    ) THEN
        PERFORM internal.refuse('42501', 'only_center_admin');
    END IF;
    PERFORM center_00000000000000000000000000000000.begin_plan(p_undo);
    -- Documents before samples, as whoever saves into them locks.
    PERFORM FROM center_00000000000000000000000000000000.documents d WHERE d.id = ANY (p_rows) ORDER BY d.id FOR UPDATE;
    PERFORM FROM center_00000000000000000000000000000000.samples s WHERE s.id = ANY (p_rows) ORDER BY s.id FOR UPDATE;
    PERFORM FROM center_00000000000000000000000000000000.fields f WHERE f.id = ANY (p_rows) ORDER BY f.id FOR UPDATE;
    v_rows := ARRAY(
        SELECT r.row_id FROM center_00000000000000000000000000000000.plan_rows(p_plan) AS r
        WHERE r.row_id = ANY (p_rows) AND r.state = 'unchanged' AND (
            r.table_name <> 'documents' OR r.old ->> 'statement_number' IS NULL OR EXISTS (
                SELECT FROM center_00000000000000000000000000000000.documents d
                CROSS JOIN LATERAL jsonb_populate_record(d, r.old) AS o
                JOIN jsonb_to_recordset(p_documents) AS w (id uuid, statement text) ON w.id = d.id
                WHERE d.id = r.row_id AND center_00000000000000000000000000000000.says_facts(
                    center_00000000000000000000000000000000.said_in(decode(w.statement, 'hex')),
                    o.title, o.document_type, o.tags, o.sample_id
                )
            )
        )
    );
    IF v_rows = '{}' THEN
        RETURN;
    END IF;
    INSERT INTO center_00000000000000000000000000000000.undoing (txid) VALUES (pg_current_xact_id());
    PERFORM center_00000000000000000000000000000000.change_document(d.id, d.row_version, w.statement, w.signature)
    FROM center_00000000000000000000000000000000.audit_log l
    JOIN center_00000000000000000000000000000000.documents d ON d.id = l.row_id
    JOIN jsonb_to_recordset(p_documents) AS w (id uuid, statement text, signature text) ON w.id = d.id
    WHERE l.link = p_plan AND l.table_name = 'documents' AND l.row_id = ANY (v_rows) AND l.old ? 'statement_number';
    UPDATE center_00000000000000000000000000000000.documents d
    SET is_active = (l.old ->> 'is_active')::boolean, row_version = d.row_version
    FROM center_00000000000000000000000000000000.audit_log l
    WHERE l.link = p_plan AND l.table_name = 'documents' AND l.row_id = ANY (v_rows) AND d.id = l.row_id
        AND l.old ? 'is_active';
    UPDATE center_00000000000000000000000000000000.samples s
    SET row_version = s.row_version, (
        name, description, sample_type, status, barcode, user_id, metadata, collected_at, collected_place,
        processing_started_at, processing_completed_at, results, rejection_reason, is_active
    ) = (
        SELECT r.name, r.description, r.sample_type, r.status, r.barcode, r.user_id, r.metadata, r.collected_at,
            r.collected_place, r.processing_started_at, r.processing_completed_at, r.results, r.rejection_reason,
            r.is_active
        FROM jsonb_populate_record(s, l.old) AS r
    )
    FROM center_00000000000000000000000000000000.audit_log l
    WHERE l.link = p_plan AND l.table_name = 'samples' AND l.row_id = ANY (v_rows) AND s.id = l.row_id
        AND l.operation = 'update';
    DELETE FROM center_00000000000000000000000000000000.samples s
    USING center_00000000000000000000000000000000.audit_log l
    WHERE l.link = p_plan AND l.table_name = 'samples' AND l.row_id = ANY (v_rows) AND s.id = l.row_id
        AND l.operation = 'insert';
    INSERT INTO center_00000000000000000000000000000000.samples (
        id, name, description, sample_type, barcode, user_id, metadata, collected_at, collected_place, results
    )
    SELECT r.id, r.name, r.description, r.sample_type, r.barcode, r.user_id, r.metadata, r.collected_at,
        r.collected_place, r.results
    FROM center_00000000000000000000000000000000.audit_log l
    CROSS JOIN LATERAL jsonb_populate_record(NULL::center_00000000000000000000000000000000.samples, l.old) AS r
    WHERE l.link = p_plan AND l.table_name = 'samples' AND l.row_id = ANY (v_rows) AND l.operation = 'delete'
    ORDER BY l.seq;
    DELETE FROM center_00000000000000000000000000000000.fields f
    USING center_00000000000000000000000000000000.audit_log l
    WHERE l.link = p_plan AND l.table_name = 'fields' AND l.row_id = ANY (v_rows) AND f.id = l.row_id
        AND l.operation = 'insert';
    UPDATE center_00000000000000000000000000000000.fields f
    SET (name, kind, unit, choices, required, sample_types, position, is_active) = (
        SELECT r.name, r.kind, r.unit, r.choices, r.required, r.sample_types, r.position, r.is_active
        FROM jsonb_populate_record(f, l.old) AS r
    )
    FROM center_00000000000000000000000000000000.audit_log l
    WHERE l.link = p_plan AND l.table_name = 'fields' AND l.row_id = ANY (v_rows) AND f.id = l.row_id
        AND l.operation = 'update';
    INSERT INTO center_00000000000000000000000000000000.fields (
        id, key, name, kind, unit, choices, required, sample_types, position, is_active
    )
    SELECT r.id, r.key, r.name, r.kind, r.unit, r.choices, r.required, r.sample_types, r.position, r.is_active
    FROM center_00000000000000000000000000000000.audit_log l
    CROSS JOIN LATERAL jsonb_populate_record(NULL::center_00000000000000000000000000000000.fields, l.old) AS r
    WHERE l.link = p_plan AND l.table_name = 'fields' AND l.row_id = ANY (v_rows) AND l.operation = 'delete'
    ORDER BY l.seq;
    DELETE FROM center_00000000000000000000000000000000.undoing u WHERE u.txid = pg_current_xact_id();
    INSERT INTO center_00000000000000000000000000000000.change_plans (id, action, rows, undoes)
    VALUES (p_undo, 'undo', cardinality(v_rows), p_plan);
    RETURN QUERY SELECT unnest(v_rows);
END
$$;
