-- Lists are read newest first from a key on (a row comparison, never OFFSET), so each filter's index ends in that key.

CREATE INDEX samples_newest ON samples (created_at DESC, id DESC);
CREATE INDEX samples_by_status ON samples (status, created_at DESC, id DESC);
CREATE INDEX samples_by_type ON samples (sample_type, created_at DESC, id DESC);
CREATE INDEX samples_by_user ON samples (user_id, created_at DESC, id DESC);
CREATE INDEX samples_barcode_prefix ON samples (barcode text_pattern_ops);
CREATE INDEX samples_fields ON samples USING gin (public.field_terms(metadata));
CREATE INDEX samples_search ON samples
    USING gin (public.trigrams(name || E'\n' || barcode || E'\n' || description));

-- Without it the planner takes every ILIKE for rare, and collects and sorts all rows for a word that most of them have.
CREATE STATISTICS samples_words ON (name || E'\n' || barcode || E'\n' || description) FROM samples;

CREATE INDEX documents_newest ON documents (created_at DESC, id DESC);
CREATE INDEX documents_by_sample ON documents (sample_id, created_at DESC, id DESC) WHERE sample_id IS NOT NULL;
CREATE INDEX documents_by_type ON documents (document_type, created_at DESC, id DESC);
CREATE INDEX documents_by_title ON documents (title, sample_id);
CREATE INDEX documents_tags ON documents USING gin (tags);

-- array_to_string() is only STABLE because it serves every element type; for text it changes with nothing.
CREATE FUNCTION document_words(p_title text, p_tags text[], p_file_name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT p_title || E'\n' || array_to_string(p_tags, E'\n') || E'\n' || p_file_name $$;

CREATE INDEX documents_search ON documents USING gin (public.trigrams(document_words(title, tags, file_name)));
CREATE STATISTICS documents_words ON (document_words(title, tags, file_name)) FROM documents;

-- What is swept: reservations that are over, and what was given up; live ones, almost all, need no entry.
CREATE INDEX document_uploads_reserved ON document_uploads (lease_until) WHERE state = 'reserved';
CREATE INDEX document_uploads_abandoned ON document_uploads (created_at) WHERE state = 'abandoned';
CREATE INDEX document_keys_by_key ON document_keys (key_version);
