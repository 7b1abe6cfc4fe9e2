-- The table of rights (domain/rights.toml) as privileges. Each role contains the former; what is not granted is refused.
-- Columns that are not granted are the server's: ids, who, when, status times, newest versions.

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA center_00000000000000000000000000000000 FROM PUBLIC;
GRANT USAGE ON SCHEMA center_00000000000000000000000000000000 TO center_00000000000000000000000000000000_viewer;

GRANT SELECT ON people, sample_types, rejection_reasons, fields, samples, documents, document_statements, document_versions,
    document_keys, key_grants, audit_head, change_plans, saved_views, work_lists, work_list_items
    TO center_00000000000000000000000000000000_viewer;
GRANT EXECUTE ON FUNCTION timeline(uuid), digest_at(bigint), document_words(text, text[], text), is_own_identity(uuid),
    upload_counts(), unnamed_files(uuid[]), belongs_for_good(), belongs_today(), note_openings(jsonb),
    plans(timestamptz, integer, uuid), plan_rows(uuid), delete_view(uuid)
    TO center_00000000000000000000000000000000_viewer;

-- Whoever reads may keep views of his own; the policies below say whose each is.
GRANT INSERT (id, name, is_shared, content), UPDATE (name, is_shared, content) ON saved_views
    TO center_00000000000000000000000000000000_viewer;
GRANT INSERT (id, name, user_id), UPDATE (name, user_id) ON work_lists
    TO center_00000000000000000000000000000000_user;
GRANT INSERT (list_id, sample_id, position), UPDATE (position, is_done) ON work_list_items
    TO center_00000000000000000000000000000000_user;

GRANT INSERT (
    id, name, description, sample_type, barcode, user_id, metadata, collected_at, collected_place, results
) ON samples TO center_00000000000000000000000000000000_user;
GRANT UPDATE (
    name, description, sample_type, status, barcode, user_id, metadata, collected_at, collected_place, results,
    rejection_reason, is_active, row_version
) ON samples TO center_00000000000000000000000000000000_user;
GRANT UPDATE (is_active, row_version) ON documents
    TO center_00000000000000000000000000000000_user;
GRANT SELECT ON document_uploads TO center_00000000000000000000000000000000_user;
GRANT INSERT (id, document_id, file_id) ON document_uploads TO center_00000000000000000000000000000000_user;
GRANT EXECUTE ON FUNCTION session_began(), renew_uploads(uuid[]), abandon_uploads(uuid[]), sweep_uploads(uuid[], integer),
    forget_uploads(uuid[]), save_versions(jsonb),
    change_document(uuid, integer, text, text), begin_plan(uuid), apply_plan(uuid, text, jsonb, jsonb),
    save_plan(uuid, text), undo_plan(uuid, uuid, uuid[], jsonb), delete_work_list(uuid), remove_from_work_list(uuid, uuid[])
    TO center_00000000000000000000000000000000_user;

GRANT INSERT (code, name, position), UPDATE (name, position, is_active) ON sample_types
    TO center_00000000000000000000000000000000_admin;
GRANT INSERT (id, name, position), UPDATE (name, position, is_active) ON rejection_reasons
    TO center_00000000000000000000000000000000_admin;
GRANT INSERT (id, key, name, kind, unit, choices, required, sample_types, position, is_active),
    UPDATE (name, kind, unit, choices, required, sample_types, position, is_active) ON fields
    TO center_00000000000000000000000000000000_admin;
GRANT DELETE ON samples, documents TO center_00000000000000000000000000000000_admin;
GRANT SELECT ON erasures TO center_00000000000000000000000000000000_admin;
GRANT EXECUTE ON FUNCTION request_erasure(uuid, jsonb, jsonb, bigint[], text), withdraw_erasure(uuid), confirm_erasure(uuid),
    delete_records(jsonb, jsonb), erase_record(uuid, text), keys_to_rewrap(uuid, uuid, integer),
    keep_rewrapped(uuid, text) TO center_00000000000000000000000000000000_admin;
GRANT SELECT ON tenant_keys, audit_log, audit_chain TO center_00000000000000000000000000000000_admin;

-- Row-level security is on for every table (last_day.sql); everybody sees his own uploads, and the grants to himself.
CREATE POLICY own ON document_uploads USING (created_by = session_user) WITH CHECK (created_by = session_user);

CREATE POLICY visible ON key_grants FOR SELECT USING (
    (SELECT pg_has_role(session_user, 'center_00000000000000000000000000000000_admin', 'MEMBER')
        OR pg_has_role(session_user, 'labkeep_platform', 'MEMBER'))
    OR is_own_identity(identity_id)
);

-- A private view is its owner's alone, also before administrators; a shared one is written by who may edit samples.
CREATE POLICY seen ON saved_views FOR SELECT USING (is_shared OR login = session_user);
CREATE POLICY written ON saved_views USING (
    CASE WHEN is_shared THEN (SELECT pg_has_role(session_user, 'center_00000000000000000000000000000000_user', 'MEMBER')
        OR pg_has_role(session_user, 'labkeep_platform', 'MEMBER'))
    ELSE login = session_user END
);
