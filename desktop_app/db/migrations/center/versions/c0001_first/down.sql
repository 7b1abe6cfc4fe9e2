-- Undo the first revision: everything that its files made, in one statement per kind.
DROP TABLE work_list_items, work_lists, saved_views, undoing, change_plans, erasures, audit_head, audit_chain, audit_pending, audit_log, key_grants, rewrapped_keys, document_keys, tenant_keys, document_versions,
    document_statements, document_uploads, documents, samples, sample_types, rejection_reasons, fields, people CASCADE;
DROP SEQUENCE sample_barcodes;
DROP FUNCTION delete_view(uuid), delete_work_list(uuid), remove_from_work_list(uuid, uuid[]), check_view(), note_done(), document_words(text, text[], text), compare_row_version(), set_base_columns(), refuse_change(),
    check_responsible_person(), check_sample_type(), check_field(), fits_field(text, text[], jsonb), check_sample_fields(), next_barcode(), make_barcode(), check_sample_change(),
    check_sample_step(),
    check_sample_delete(), check_document_sample(), check_key_active(), release_file(),
    write_entry(text, text, uuid, jsonb, jsonb, text), record_change(), record_inserts(), seal_link(),
    check_erasure(), delete_records(jsonb, jsonb), delete_key(), check_reason(), erasure_administrators(),
    request_erasure(uuid, jsonb, jsonb, bigint[], text), withdraw_erasure(uuid), confirm_erasure(uuid), erase_record(uuid, text), timeline(uuid), digest_at(bigint),
    session_began(), renew_uploads(uuid[]), abandon_uploads(uuid[]), session_is_gone(integer, timestamptz, timestamptz),
    nothing_restored_since(), sweep_uploads(uuid[], integer),
    forget_uploads(uuid[]), upload_counts(), unnamed_files(uuid[]), lock_titles(jsonb), save_versions(jsonb),
    is_own_identity(uuid), need_membership(), belongs_today(), belongs_for_good(),
    said_in(bytea), says_facts(jsonb, text, text, text[], uuid),
    statement_digest(uuid, integer), check_statement(jsonb, text, uuid, integer),
    change_document(uuid, integer, text, text), require_statement(), keys_to_rewrap(uuid, uuid, integer),
    keep_rewrapped(uuid, text), put_in_force(uuid, integer), check_rotation_is_whole(),
    note_openings(jsonb), note_sign_in(uuid, text), next_link(), is_undoing(), begin_plan(uuid), save_plan(uuid, text), apply_plan(uuid, text, jsonb, jsonb),
    plans(timestamptz, integer, uuid), is_as_after(bigint, jsonb), plan_rows(uuid), undo_plan(uuid, uuid, uuid[], jsonb);
REVOKE USAGE ON SCHEMA center_00000000000000000000000000000000 FROM center_00000000000000000000000000000000_viewer;
