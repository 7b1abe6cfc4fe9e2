-- The record of changes and its chain.
--
-- Every change of a watched row writes an entry at once; at COMMIT a deferred trigger seals all entries of the
-- transaction with one link. Taking the chain's lock per entry would serialize the work (44 times slower) and deadlock.
-- The chain stands on a digest of what an entry says, and not on the words themselves, which can be erased. How texts
-- and digests are made stands once for all records, in the shared line's audit.sql; a client computes them again.

-- Replace the bytes in one field by their SHA-256: key material never enters the record.
CREATE FUNCTION audit_digested(row_data jsonb, field text) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_set(
        row_data, ARRAY[field],
        to_jsonb('sha256:' || encode(sha256(decode(substr(row_data ->> field, 3), 'hex')), 'hex'))
    )
$$;

CREATE FUNCTION write_entry(
    operation text, table_name text, about uuid, before jsonb, after jsonb, why text
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reason CONSTANT text := left(coalesce(why, ''), 2000);
    salt CONSTANT bytea := internal.new_salt();
    chosen uuid;
    is_first boolean;
BEGIN
    SELECT p.link INTO chosen
    FROM center_00000000000000000000000000000000.audit_pending p WHERE p.txid = pg_current_xact_id();
    is_first := NOT FOUND;
    IF is_first THEN
        chosen := gen_random_uuid();
    END IF;
    INSERT INTO center_00000000000000000000000000000000.audit_log
        (link, at, txid, login, operation, table_name, row_id, old, new, reason, salt, digest)
    VALUES (
        chosen, clock_timestamp(), pg_current_xact_id(), session_user, operation, table_name, about, before, after,
        reason, salt, internal.words_digest(salt, before, after, reason)
    );
    -- After the entry, never before it: SET CONSTRAINTS ... IMMEDIATE seals within this very statement, and then each
    -- entry gets a link of its own instead of a link that was sealed without it.
    IF is_first THEN
        INSERT INTO center_00000000000000000000000000000000.audit_pending (txid, link)
        VALUES (pg_current_xact_id(), chosen);
    END IF;
END
$$;

-- Arguments: the column that identifies the row ('' if its key is no uuid), then the columns of key material.
-- bytea_output and timezone are the session's to set, and to_jsonb() obeys them: both are fixed here.
CREATE FUNCTION record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex'
AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    about uuid := nullif(coalesce(after, before) ->> TG_ARGV[0], '')::uuid;
BEGIN
    FOR i IN 1 .. TG_NARGS - 1 LOOP
        before := center_00000000000000000000000000000000.audit_digested(before, TG_ARGV[i]);
        after := center_00000000000000000000000000000000.audit_digested(after, TG_ARGV[i]);
    END LOOP;
    IF TG_OP = 'UPDATE' THEN
        -- Only what changed; who and when of the change are the entry's own columns.
        SELECT jsonb_object_agg(n.key, n.value), jsonb_object_agg(n.key, before -> n.key) INTO after, before
        FROM jsonb_each(after) AS n
        WHERE n.value IS DISTINCT FROM before -> n.key AND n.key NOT IN ('updated_at', 'updated_by');
        IF after IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM center_00000000000000000000000000000000.write_entry(
        lower(TG_OP), TG_TABLE_NAME, about, before, after, current_setting('labkeep.reason', true)
    );
    RETURN NULL;
END
$$;

CREATE FUNCTION seal_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    counted integer;
    texts bytea;
    head record;
    sealed_at timestamptz;
    cluster_epoch uuid;
    link_digest bytea;
BEGIN
    SELECT count(*), sha256(convert_to(string_agg(internal.entry_text(
        l.seq, l.link, l.at, l.login, l.operation, l.table_name, l.row_id, NULL, l.digest
    ), E'\n' ORDER BY l.seq), 'UTF8')) INTO counted, texts
    FROM center_00000000000000000000000000000000.audit_log l WHERE l.link = NEW.link;
    SELECT i.epoch INTO STRICT cluster_epoch FROM public.installation i;

    -- From here to the end of the commit the chain is ours.
    SELECT h.seq, h.digest INTO STRICT head
    FROM center_00000000000000000000000000000000.audit_head h FOR UPDATE;
    sealed_at := clock_timestamp();
    link_digest := internal.link_digest(
        head.digest, head.seq + 1, NEW.link, cluster_epoch, sealed_at, counted, texts
    );
    INSERT INTO center_00000000000000000000000000000000.audit_chain (seq, link, epoch, at, rows, previous, digest)
    VALUES (head.seq + 1, NEW.link, cluster_epoch, sealed_at, counted, head.digest, link_digest);
    UPDATE center_00000000000000000000000000000000.audit_head
    SET seq = head.seq + 1, digest = link_digest, at = sealed_at;
    DELETE FROM center_00000000000000000000000000000000.audit_pending p WHERE p.txid = NEW.txid;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER seal AFTER INSERT ON audit_pending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION seal_link();

-- Nobody has the rights to these; the triggers hold the owner's own functions to it too.
CREATE TRIGGER immutable BEFORE DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER z_record AFTER INSERT OR UPDATE OR DELETE ON people
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER z_record AFTER INSERT OR UPDATE OR DELETE ON sample_types
    FOR EACH ROW EXECUTE FUNCTION record_change('');
CREATE TRIGGER z_record AFTER INSERT OR UPDATE OR DELETE ON rejection_reasons
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER z_record AFTER INSERT OR UPDATE OR DELETE ON samples
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER z_record AFTER INSERT OR UPDATE OR DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER z_record AFTER INSERT OR UPDATE OR DELETE ON document_versions
    FOR EACH ROW EXECUTE FUNCTION record_change('id', 'statement', 'signature');
CREATE TRIGGER z_record AFTER INSERT OR UPDATE OR DELETE ON tenant_keys
    FOR EACH ROW EXECUTE FUNCTION record_change('');
CREATE TRIGGER z_record AFTER INSERT OR UPDATE OR DELETE ON key_grants
    FOR EACH ROW EXECUTE FUNCTION record_change('identity_id', 'sealed');
