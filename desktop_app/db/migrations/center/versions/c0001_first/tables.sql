-- The tables of one center. Ids are uuids made by the client; times are the server's, in UTC.
-- No foreign key leaves the schema: it would accept another center's rows and tie centers to one server.

CREATE TABLE people (
    id uuid PRIMARY KEY,
    login text NOT NULL CONSTRAINT people_login_key UNIQUE,
    username text NOT NULL,
    display_name text NOT NULL DEFAULT '',
    member_from timestamptz NOT NULL DEFAULT clock_timestamp(),
    member_until timestamptz,
    is_system boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE people IS 'The center''s own copy of who is or was a member; id is that of public.users.';

-- What a sample may be of, and why one is rejected: the center's own words, in its own order. They are taken out of use
-- and never deleted, because samples name them.
CREATE TABLE sample_types (
    code text PRIMARY KEY CONSTRAINT sample_types_code_check CHECK (code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    name text NOT NULL CONSTRAINT sample_types_name_check CHECK (length(name) BETWEEN 1 AND 80),
    position integer NOT NULL DEFAULT 1000 CONSTRAINT sample_types_position_check CHECK (position BETWEEN 0 AND 10000),
    is_active boolean NOT NULL DEFAULT true
);
INSERT INTO sample_types (code, name, position) VALUES
    ('blood', 'Blood', 1), ('urine', 'Urine', 2), ('tissue', 'Tissue', 3), ('saliva', 'Saliva', 4), ('other', 'Other', 5);

CREATE TABLE rejection_reasons (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT rejection_reasons_name_key UNIQUE
        CONSTRAINT rejection_reasons_name_check CHECK (length(name) BETWEEN 1 AND 200),
    position integer NOT NULL DEFAULT 1000
        CONSTRAINT rejection_reasons_position_check CHECK (position BETWEEN 0 AND 10000),
    is_active boolean NOT NULL DEFAULT true
);

-- What the center keeps of its samples beyond the columns that all have. A sample's value stands in samples.metadata under
-- the field's key, which never changes; name, kind and the rest may. Taken out of use and not deleted, like types, but by
-- the undoing of the plan that made it (plans.sql).
CREATE TABLE fields (
    id uuid PRIMARY KEY,
    key text NOT NULL CONSTRAINT fields_key_key UNIQUE
        CONSTRAINT fields_key_check CHECK (length(key) >= 1 AND length(key) <= 80 AND key !~ '[[:cntrl:]]'),
    name text NOT NULL CONSTRAINT fields_name_check
        CHECK (length(name) >= 1 AND length(name) <= 80 AND name !~ '[[:cntrl:]]'),
    kind text NOT NULL CONSTRAINT fields_kind_check CHECK (kind IN ('text', 'number', 'date', 'choice', 'yes-no')),
    unit text NOT NULL DEFAULT '' CONSTRAINT fields_unit_check CHECK (length(unit) <= 40),
    choices text[] NOT NULL DEFAULT '{}' CONSTRAINT fields_choices_check
        CHECK (CASE WHEN coalesce(array_ndims(choices), 1) = 1 AND coalesce(array_lower(choices, 1), 1) = 1
                    THEN cardinality(choices) <= 200 AND array_position(choices, NULL) IS NULL
                         AND (cardinality(choices) > 0) = (kind = 'choice')
                    ELSE false END),
    required boolean NOT NULL DEFAULT false,
    -- Codes of sample_types; none: all.
    sample_types text[] NOT NULL DEFAULT '{}' CONSTRAINT fields_sample_types_check
        CHECK (CASE WHEN coalesce(array_ndims(sample_types), 1) = 1 AND coalesce(array_lower(sample_types, 1), 1) = 1
                    THEN cardinality(sample_types) <= 200 AND array_position(sample_types, NULL) IS NULL
                    ELSE false END),
    position integer NOT NULL DEFAULT 1000 CONSTRAINT fields_position_check CHECK (position BETWEEN 0 AND 10000),
    is_active boolean NOT NULL DEFAULT true
);
CREATE UNIQUE INDEX fields_name_key ON fields (lower(name));

CREATE TABLE samples (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT samples_name_check CHECK (length(name) BETWEEN 1 AND 200),
    description text NOT NULL DEFAULT '' CONSTRAINT samples_description_check CHECK (length(description) <= 10000),
    sample_type text NOT NULL CONSTRAINT samples_sample_type_fkey REFERENCES sample_types (code),
    status text NOT NULL DEFAULT 'pending' CONSTRAINT samples_status_check
        CHECK (status IN ('pending', 'processing', 'completed', 'rejected', 'archived')),
    barcode text NOT NULL DEFAULT '' CONSTRAINT samples_barcode_key UNIQUE
        CONSTRAINT samples_barcode_check CHECK (length(barcode) BETWEEN 1 AND 64),
    user_id uuid NOT NULL CONSTRAINT samples_user_id_fkey REFERENCES people (id),
    -- Twice the draft's 64 KiB: jsonb writes 1e300 out in digits, and the text may grow on the way in.
    metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT samples_metadata_check
        CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) <= 131072
               AND public.is_readable(metadata)),
    -- What every program and calendar can show: one sample of the year 20000 made every list of the center unreadable.
    collected_at timestamptz CONSTRAINT samples_collected_at_check
        CHECK (collected_at >= '1800-01-01 00:00+00' AND collected_at < '2200-01-01 00:00+00'),
    collected_place text NOT NULL DEFAULT '' CONSTRAINT samples_collected_place_check
        CHECK (length(collected_place) <= 200),
    processing_started_at timestamptz,
    processing_completed_at timestamptz,
    results text NOT NULL DEFAULT '' CONSTRAINT samples_results_check CHECK (length(results) <= 20000),
    rejection_reason text NOT NULL DEFAULT '' CONSTRAINT samples_rejection_reason_check
        CHECK (length(rejection_reason) <= 2000),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user,
    updated_by text NOT NULL DEFAULT session_user,
    is_active boolean NOT NULL DEFAULT true,
    row_version integer NOT NULL DEFAULT 1
);

-- Barcodes YYYYMMDD-nnnn that begin again each day: the day is part of the sequence's value (days since 1970-01-01
-- times ten million), because a counter row would make every sample wait for every unfinished transaction.
CREATE SEQUENCE sample_barcodes AS bigint MINVALUE 0 START 0;

CREATE TABLE documents (
    id uuid PRIMARY KEY,
    title text NOT NULL CONSTRAINT documents_title_check CHECK (length(title) BETWEEN 1 AND 300),
    document_type text NOT NULL DEFAULT '' CONSTRAINT documents_document_type_check
        CHECK (length(document_type) <= 80),
    tags text[] NOT NULL DEFAULT '{}' CONSTRAINT documents_tags_check
        CHECK (CASE WHEN coalesce(array_ndims(tags), 1) = 1 AND coalesce(array_lower(tags, 1), 1) = 1
                    THEN cardinality(tags) <= 50 AND array_position(tags, NULL) IS NULL
                         AND octet_length(tags::text) <= 32768
                    ELSE false END),
    sample_id uuid CONSTRAINT documents_sample_id_fkey REFERENCES samples (id),
    -- The newest version, kept by save_versions() alone. The file name is repeated here for the search index.
    latest_number integer NOT NULL DEFAULT 0,
    latest_version_id uuid,
    file_name text NOT NULL DEFAULT '',
    -- How many signed statements have changed title, type, tags or sample; the first values are in the first version's.
    statement_number integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user,
    updated_by text NOT NULL DEFAULT session_user,
    is_active boolean NOT NULL DEFAULT true,
    row_version integer NOT NULL DEFAULT 1
);

-- Who changed what a document is called, signed; the newest one says what its row must say. See statements.sql.
CREATE TABLE document_statements (
    document_id uuid NOT NULL CONSTRAINT document_statements_document_id_fkey
        REFERENCES documents (id) ON DELETE CASCADE,
    number integer NOT NULL CONSTRAINT document_statements_number_check CHECK (number > 0),
    statement bytea NOT NULL CONSTRAINT document_statements_statement_check
        CHECK (octet_length(statement) BETWEEN 1 AND 65536),
    signature bytea NOT NULL CONSTRAINT document_statements_signature_check
        CHECK (octet_length(signature) BETWEEN 1 AND 1024),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (document_id, number)
);

-- When this very server session began; of its defaults alone a reservation knows whose it is. Kept as text: what the
-- server keeps parsed names every column of this view, which a later major version has more of.
CREATE FUNCTION session_began() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.backend_start FROM pg_stat_get_activity(pg_backend_pid()) AS a
$$;

-- A file on its way into the store: its id is that of the version to be, its file id is used for this attempt only.
CREATE TABLE document_uploads (
    id uuid PRIMARY KEY,
    document_id uuid NOT NULL,
    file_id uuid NOT NULL CONSTRAINT document_uploads_file_id_key UNIQUE,
    state text NOT NULL DEFAULT 'reserved' CONSTRAINT document_uploads_state_check
        CHECK (state IN ('reserved', 'live', 'abandoned')),
    lease_until timestamptz NOT NULL DEFAULT clock_timestamp() + interval '15 minutes',
    -- The server session that made it or renewed it last: with its end the reservation is over, too (uploads.sql). Who
    -- finds it reserved by an earlier session of his, because the answer was lost, renews it at once.
    backend_pid integer NOT NULL DEFAULT pg_backend_pid(),
    backend_start timestamptz NOT NULL DEFAULT session_began(),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user,
    -- When its version was deleted for good.
    released_at timestamptz
);

CREATE TABLE document_versions (
    id uuid PRIMARY KEY,
    document_id uuid NOT NULL CONSTRAINT document_versions_document_id_fkey
        REFERENCES documents (id) ON DELETE CASCADE,
    number integer NOT NULL CONSTRAINT document_versions_number_check CHECK (number > 0),
    file_id uuid NOT NULL CONSTRAINT document_versions_file_id_key UNIQUE,
    file_name text NOT NULL CONSTRAINT document_versions_file_name_check CHECK (length(file_name) BETWEEN 1 AND 1000),
    mime_type text NOT NULL DEFAULT '' CONSTRAINT document_versions_mime_type_check CHECK (length(mime_type) <= 200),
    size bigint NOT NULL CONSTRAINT document_versions_size_check CHECK (size >= 0),
    stored_size bigint NOT NULL CONSTRAINT document_versions_stored_size_check CHECK (stored_size > 0),
    stored_digest text NOT NULL CONSTRAINT document_versions_stored_digest_check
        CHECK (stored_digest ~ '^blake3:[0-9a-f]{64}$'),
    -- What the uploader signed, byte for byte, so that the signature can be checked by whoever comes later.
    statement bytea NOT NULL CONSTRAINT document_versions_statement_check
        CHECK (octet_length(statement) BETWEEN 1 AND 65536),
    signature bytea NOT NULL CONSTRAINT document_versions_signature_check
        CHECK (octet_length(signature) BETWEEN 1 AND 1024),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user,
    CONSTRAINT document_versions_number_key UNIQUE (document_id, number)
);

CREATE TABLE tenant_keys (
    number integer PRIMARY KEY CONSTRAINT tenant_keys_number_check CHECK (number > 0),
    state text NOT NULL DEFAULT 'active' CONSTRAINT tenant_keys_state_check CHECK (state IN ('active', 'retired')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user
);
CREATE UNIQUE INDEX tenant_keys_one_active ON tenant_keys (state) WHERE state = 'active';

-- A document key, wrapped by the tenant key of that number. Apart from the version, because rotation rewrites it.
CREATE TABLE document_keys (
    version_id uuid PRIMARY KEY CONSTRAINT document_keys_version_id_fkey
        REFERENCES document_versions (id) ON DELETE CASCADE,
    key_version integer NOT NULL CONSTRAINT document_keys_key_version_fkey REFERENCES tenant_keys (number),
    token bytea NOT NULL CONSTRAINT document_keys_token_check CHECK (octet_length(token) BETWEEN 1 AND 4096)
);

-- Document keys that a rotation has wrapped anew, beside those in force until it is done (rotation.sql). What a server's
-- crash takes from it is missed when the rotation counts.
CREATE UNLOGGED TABLE rewrapped_keys (
    rotation uuid NOT NULL,
    version_id uuid NOT NULL,
    token bytea NOT NULL CONSTRAINT rewrapped_keys_token_check CHECK (octet_length(token) BETWEEN 1 AND 4096),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (rotation, version_id)
);

-- What somebody wants erased, until it is done or withdrawn: ids and row versions, and entries of the record. See erasure.sql.
CREATE TABLE erasures (
    id uuid PRIMARY KEY,
    samples jsonb NOT NULL CONSTRAINT erasures_samples_check
        CHECK (jsonb_typeof(samples) = 'object' AND octet_length(samples::text) <= 65536),
    documents jsonb NOT NULL CONSTRAINT erasures_documents_check
        CHECK (jsonb_typeof(documents) = 'object' AND octet_length(documents::text) <= 65536),
    entries bigint[] NOT NULL CONSTRAINT erasures_entries_check CHECK (cardinality(entries) <= 10000),
    reason text NOT NULL CONSTRAINT erasures_reason_check CHECK (length(reason) BETWEEN 1 AND 2000),
    state text NOT NULL DEFAULT 'open' CONSTRAINT erasures_state_check CHECK (state IN ('open', 'done', 'withdrawn')),
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    requested_by text NOT NULL DEFAULT session_user,
    ended_at timestamptz,
    ended_by text
);

-- Changes of many records that were made as one, and can be undone as one. What they changed, and why, stands in the
-- record alone, in the link that has the plan's id: a second copy would outlive an erasure. See plans.sql.
CREATE TABLE change_plans (
    id uuid PRIMARY KEY,
    action text NOT NULL CONSTRAINT change_plans_action_check
        CHECK (action IN ('create', 'import', 'edit', 'process', 'complete', 'reject', 'archive', 'deactivate',
                          'restore', 'attach', 'undo')),
    rows integer NOT NULL CONSTRAINT change_plans_rows_check CHECK (rows > 0),
    undoes uuid CONSTRAINT change_plans_undoes_fkey REFERENCES change_plans (id),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user,
    CONSTRAINT change_plans_undo_check CHECK ((action = 'undo') = (undoes IS NOT NULL))
);
CREATE INDEX change_plans_by_time ON change_plans (created_at DESC);
CREATE INDEX change_plans_by_undone ON change_plans (undoes) WHERE undoes IS NOT NULL;

-- The transactions that undo a plan at this moment; a row is there for as long as its function runs.
CREATE TABLE undoing (
    txid xid8 PRIMARY KEY
);

-- A tenant key, sealed to one identity (or to the root: the recovery kit).
CREATE TABLE key_grants (
    key_version integer NOT NULL CONSTRAINT key_grants_key_version_fkey REFERENCES tenant_keys (number),
    identity_id uuid NOT NULL,
    sealed bytea NOT NULL CONSTRAINT key_grants_sealed_check CHECK (octet_length(sealed) = 1181),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (key_version, identity_id)
);
