-- Erasing what entries of the record say, for good. The chain stands on digests, and holds; the erasure is an entry of
-- its own, which names what it erased, says who, when and why, and can never be erased.

-- The one change of the record that there is: words and salt of entries that an erasure of this very transaction names.
CREATE FUNCTION check_erasure() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM entries_before b FULL JOIN entries_after a ON a.seq = b.seq
        WHERE to_jsonb(a) IS DISTINCT FROM to_jsonb(b) || '{"old": null, "new": null, "reason": "", "salt": null}'
            OR b.operation = 'erase'
            OR b.seq NOT IN (
                SELECT named.seq::bigint
                FROM center_00000000000000000000000000000000.audit_log e,
                    jsonb_array_elements_text(e.new -> 'entries') AS named (seq)
                WHERE e.operation = 'erase' AND e.txid = pg_current_xact_id()
            )
    ) THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'list_only_grows';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER only_erased AFTER UPDATE ON audit_log
    REFERENCING OLD TABLE AS entries_before NEW TABLE AS entries_after
    FOR EACH STATEMENT EXECUTE FUNCTION check_erasure();

-- What was said of one record (of a document: also of its versions); returns how many entries were erased. Entries
-- about keys are left: they hold no names, and who could open what is not to be forgotten.
CREATE FUNCTION erase_record(p_row uuid, p_reason text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_entries bigint[];
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    IF coalesce(p_reason, '') !~ '\S' THEN
        PERFORM internal.refuse('LK010', 'erasing_needs_reason', 'reason');
    END IF;
    IF center_00000000000000000000000000000000.erasure_administrators() > 1 THEN
        PERFORM internal.refuse('LK004', 'erasing_needs_two');
    END IF;
    SELECT array_agg(l.seq ORDER BY l.seq) INTO v_entries
    FROM center_00000000000000000000000000000000.audit_log l
    WHERE l.salt IS NOT NULL AND l.operation <> 'erase' AND l.table_name NOT IN ('tenant_keys', 'key_grants')
        AND l.row_id = ANY (
            p_row || ARRAY(
                -- Each version was the newest once: so a document's entries name all of them, also those that are gone.
                SELECT (d.new ->> 'latest_version_id')::uuid
                FROM center_00000000000000000000000000000000.audit_log d
                WHERE d.row_id = p_row AND d.table_name = 'documents' AND d.new ->> 'latest_version_id' IS NOT NULL
            )
        );
    IF v_entries IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM center_00000000000000000000000000000000.write_entry(
        'erase', 'audit_log', p_row, NULL, jsonb_build_object('entries', v_entries), p_reason
    );
    UPDATE center_00000000000000000000000000000000.audit_log l
    SET old = NULL, new = NULL, reason = '', salt = NULL WHERE l.seq = ANY (v_entries);
    RETURN cardinality(v_entries);
END $$;
