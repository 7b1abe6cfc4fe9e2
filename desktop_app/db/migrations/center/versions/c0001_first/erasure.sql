-- Erasing everything that carries one person's mark: what goes is listed, decided by one administrator or by two, as the
-- center's settings say ({"erasure": {"administrators": 2}}), and done in one transaction. What was searched for is never
-- written down here: it would bring back what is to be forgotten.

CREATE FUNCTION erasure_administrators() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT internal.erasure_administrators(c.settings) FROM public.centers c
    WHERE c.id = '00000000000000000000000000000000'
$$;

-- p_samples and p_documents name id and row version, as delete_records() wants them; p_entries are entries of the record
-- about other things. Asking again for the same under the same id, because an answer was lost, changes nothing.
CREATE FUNCTION request_erasure(p_id uuid, p_samples jsonb, p_documents jsonb, p_entries bigint[], p_reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    IF coalesce(p_reason, '') !~ '\S' THEN
        PERFORM internal.refuse('LK010', 'erasing_needs_reason', 'reason');
    END IF;
    INSERT INTO center_00000000000000000000000000000000.erasures (id, samples, documents, entries, reason)
    VALUES (p_id, p_samples, p_documents, p_entries, p_reason)
    ON CONFLICT (id) DO NOTHING;
END
$$;

-- The request, locked and still open; of two who end it at once the second is told.
CREATE FUNCTION open_erasure(p_id uuid) RETURNS center_00000000000000000000000000000000.erasures
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure center_00000000000000000000000000000000.erasures;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    SELECT * INTO v_erasure FROM center_00000000000000000000000000000000.erasures e WHERE e.id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM internal.refuse('LK008');
    END IF;
    IF v_erasure.state <> 'open' THEN
        PERFORM internal.refuse('LK004', 'erasure_ended');
    END IF;
    RETURN v_erasure;
END
$$;

CREATE FUNCTION withdraw_erasure(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    PERFORM center_00000000000000000000000000000000.open_erasure(p_id);
    UPDATE center_00000000000000000000000000000000.erasures e
    SET state = 'withdrawn', ended_at = clock_timestamp(), ended_by = session_user WHERE e.id = p_id;
END
$$;

-- Deletes what the request lists and erases what the record says of it, and the entries it lists; how many entries.
-- LK001 where something was changed since it was listed: withdraw, and list again.
CREATE FUNCTION confirm_erasure(p_id uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure CONSTANT center_00000000000000000000000000000000.erasures :=
        center_00000000000000000000000000000000.open_erasure(p_id);
    v_rows uuid[];
    v_entries bigint[];
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    IF v_erasure.requested_by = session_user AND center_00000000000000000000000000000000.erasure_administrators() > 1 THEN
        PERFORM internal.refuse('42501', 'erasure_needs_another');
    END IF;
    PERFORM set_config('labkeep.reason', v_erasure.reason, true);
    v_rows := ARRAY(
        SELECT k::uuid FROM jsonb_object_keys(v_erasure.samples || v_erasure.documents) AS k
        UNION ALL
        SELECT v.id FROM center_00000000000000000000000000000000.document_versions v
        WHERE v_erasure.documents ? v.document_id::text
    );
    PERFORM center_00000000000000000000000000000000.delete_records(v_erasure.samples, v_erasure.documents);
    v_entries := ARRAY(
        SELECT l.seq FROM center_00000000000000000000000000000000.audit_log l
        WHERE l.salt IS NOT NULL AND l.operation <> 'erase' AND l.table_name NOT IN ('tenant_keys', 'key_grants')
            AND (l.row_id = ANY (v_rows) OR l.seq = ANY (v_erasure.entries))
        ORDER BY l.seq
    );
    IF v_entries <> '{}' THEN
        PERFORM center_00000000000000000000000000000000.write_entry(
            'erase', 'audit_log', p_id, NULL,
            jsonb_build_object('entries', v_entries, 'requested_by', v_erasure.requested_by), v_erasure.reason
        );
        UPDATE center_00000000000000000000000000000000.audit_log l
        SET old = NULL, new = NULL, reason = '', salt = NULL WHERE l.seq = ANY (v_entries);
    END IF;
    UPDATE center_00000000000000000000000000000000.erasures e
    SET state = 'done', ended_at = clock_timestamp(), ended_by = session_user WHERE e.id = p_id;
    RETURN cardinality(v_entries);
END
$$;
