-- The record of changes of a center and its chain, by the same names as the registry's (the shared line's audit.sql);
-- how texts and digests are made stands there, once for all records.
--
-- Every change of a watched row writes an entry at once; at COMMIT a deferred trigger seals all entries of the
-- transaction with one link. Taking the chain's lock per entry would serialize the work (44 times slower) and deadlock.

CREATE TABLE audit_log (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    link uuid NOT NULL,
    at timestamptz NOT NULL,
    txid xid8 NOT NULL,
    login text NOT NULL,
    operation text NOT NULL,
    table_name text NOT NULL,
    row_id uuid,
    old jsonb,
    new jsonb,
    reason text NOT NULL,
    -- NULL says that old, new and reason were erased.
    salt bytea,
    digest bytea NOT NULL
);
CREATE INDEX audit_log_by_link ON audit_log (link);
CREATE INDEX audit_log_by_row ON audit_log (row_id, seq);
-- Entries lie in the order of time: a few kilobytes of BRIN find a day among millions.
CREATE INDEX audit_log_by_time ON audit_log USING brin (at);
-- Without the number equal values take hardly any room (a sixteenth, measured); what is frequent is found from the end.
CREATE INDEX audit_log_by_login ON audit_log (login);
CREATE INDEX audit_log_by_table ON audit_log (table_name, operation);
CREATE INDEX audit_log_by_operation ON audit_log (operation) WHERE operation NOT IN ('insert', 'update');
CREATE INDEX audit_log_by_field ON audit_log USING gin (public.changed_fields(old, new)) WHERE operation = 'update';
CREATE INDEX audit_log_erasures ON audit_log (txid) WHERE operation = 'erase';

-- Transactions that have written to the record and are not sealed yet; empty whenever nobody is writing.
CREATE TABLE audit_pending (
    link uuid PRIMARY KEY,
    txid xid8 NOT NULL UNIQUE
);

CREATE TABLE audit_chain (
    seq bigint PRIMARY KEY,
    link uuid NOT NULL UNIQUE,
    epoch uuid NOT NULL,
    at timestamptz NOT NULL,
    rows integer NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL
);

CREATE TABLE audit_head (
    seq bigint NOT NULL,
    digest bytea NOT NULL,
    at timestamptz,
    -- Under which name whoever listens hears of the next link.
    channel uuid NOT NULL DEFAULT gen_random_uuid()
);
CREATE UNIQUE INDEX audit_head_has_one_row ON audit_head ((true));
INSERT INTO audit_head (seq, digest, at) VALUES (0, decode(repeat('00', 32), 'hex'), NULL);

-- Nobody has the rights to these; the triggers hold the owner's own functions to it, too.
CREATE TRIGGER only_grows BEFORE DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION internal.forbid_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION internal.forbid_change();

CREATE FUNCTION next_link() RETURNS uuid
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(nullif(current_setting('labkeep.plan', true), '')::uuid, gen_random_uuid())
$$;

CREATE FUNCTION write_entry(
    p_operation text, p_table text, p_row uuid, p_old jsonb, p_new jsonb,
    p_reason text DEFAULT current_setting('labkeep.reason', true)
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_reason CONSTANT text := left(coalesce(p_reason, ''), 2000);
    v_salt CONSTANT bytea := internal.new_salt();
    v_link uuid;
    v_is_first boolean;
BEGIN
    SELECT p.link INTO v_link
    FROM center_00000000000000000000000000000000.audit_pending p WHERE p.txid = pg_current_xact_id();
    v_is_first := NOT FOUND;
    IF v_is_first THEN
        v_link := center_00000000000000000000000000000000.next_link();
    END IF;
    INSERT INTO center_00000000000000000000000000000000.audit_log
        (link, at, txid, login, operation, table_name, row_id, old, new, reason, salt, digest)
    VALUES (
        v_link, clock_timestamp(), pg_current_xact_id(), session_user, p_operation, p_table, p_row, p_old, p_new,
        v_reason, v_salt, internal.words_digest(v_salt, p_old, p_new, v_reason)
    );
    -- After the entry, never before it: SET CONSTRAINTS ... IMMEDIATE seals within this very statement, and then each
    -- entry gets a link of its own instead of a link that was sealed without it.
    IF v_is_first THEN
        INSERT INTO center_00000000000000000000000000000000.audit_pending (link, txid) VALUES (v_link, pg_current_xact_id());
    END IF;
END $$;

-- TG_ARGV[0]: the column that is the row's id ('' if its key is no uuid); the other arguments: columns of key material, kept as SHA-256.
-- bytea_output and timezone are the session's to set, and to_jsonb() obeys them: both are fixed here.
CREATE FUNCTION record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' AS $$
DECLARE
    v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    v_row CONSTANT jsonb := coalesce(v_new, v_old);
    v_column text;
BEGIN
    FOREACH v_column IN ARRAY TG_ARGV[1:] LOOP
        v_old := internal.without_secret(v_old, v_column);
        v_new := internal.without_secret(v_new, v_column);
    END LOOP;
    IF TG_OP = 'UPDATE' THEN
        -- Only what changed; who and when of the change are the entry's own columns.
        SELECT jsonb_object_agg(n.key, v_old -> n.key), jsonb_object_agg(n.key, n.value) INTO v_old, v_new
        FROM jsonb_each(v_new) AS n
        WHERE n.value IS DISTINCT FROM v_old -> n.key AND n.key NOT IN ('updated_at', 'updated_by');
        IF v_new IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM center_00000000000000000000000000000000.write_entry(
        lower(TG_OP), TG_TABLE_NAME, nullif(v_row ->> TG_ARGV[0], '')::uuid, v_old, v_new
    );
    RETURN NULL;
END $$;

-- The same for all rows that one statement made, where they come in hundreds.
CREATE FUNCTION record_inserts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' AS $$
DECLARE
    v_reason CONSTANT text := left(coalesce(current_setting('labkeep.reason', true), ''), 2000);
    v_link uuid;
    v_is_first boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM inserted) THEN
        RETURN NULL;
    END IF;
    SELECT p.link INTO v_link
    FROM center_00000000000000000000000000000000.audit_pending p WHERE p.txid = pg_current_xact_id();
    v_is_first := NOT FOUND;
    IF v_is_first THEN
        v_link := center_00000000000000000000000000000000.next_link();
    END IF;
    INSERT INTO center_00000000000000000000000000000000.audit_log
        (link, at, txid, login, operation, table_name, row_id, old, new, reason, salt, digest)
    SELECT v_link, clock_timestamp(), pg_current_xact_id(), session_user, 'insert', TG_TABLE_NAME,
        nullif(made.new ->> TG_ARGV[0], '')::uuid, NULL, made.new, v_reason, made.salt,
        internal.words_digest(made.salt, NULL, made.new, v_reason)
    FROM (
        SELECT internal.new_salt() AS salt, each.new || coalesce((
            SELECT jsonb_object_agg(secret, internal.without_secret(each.new, secret) -> secret)
            FROM unnest(TG_ARGV[1:]) AS secret
        ), '{}') AS new
        FROM (SELECT to_jsonb(i) AS new FROM inserted AS i OFFSET 0) AS each
        OFFSET 0  -- one salt for each row, and not one for each place where it stands
    ) AS made;
    -- After the entries, never before them: see write_entry.
    IF v_is_first THEN
        INSERT INTO center_00000000000000000000000000000000.audit_pending (link, txid) VALUES (v_link, pg_current_xact_id());
    END IF;
    RETURN NULL;
END $$;

-- Runs at COMMIT: until then nobody waits for the head, and it is held for the shortest time.
CREATE FUNCTION seal_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_rows integer;
    v_texts bytea;
    v_epoch uuid;
    v_head record;
    v_at timestamptz;
    v_digest bytea;
BEGIN
    SELECT count(*), sha256(convert_to(string_agg(internal.entry_text(
        l.seq, l.link, l.at, l.login, l.operation, l.table_name, l.row_id, NULL, l.digest
    ), E'\n' ORDER BY l.seq), 'UTF8')) INTO v_rows, v_texts
    FROM center_00000000000000000000000000000000.audit_log l WHERE l.link = NEW.link;
    SELECT i.epoch INTO STRICT v_epoch FROM public.installation i;
    -- From here to the end of the commit the chain is ours.
    SELECT h.seq, h.digest, h.at, h.channel INTO STRICT v_head
    FROM center_00000000000000000000000000000000.audit_head h FOR UPDATE;
    v_at := clock_timestamp();
    v_digest := internal.link_digest(v_head.digest, v_head.seq + 1, NEW.link, v_epoch, v_at, v_rows, v_texts);
    INSERT INTO center_00000000000000000000000000000000.audit_chain (seq, link, epoch, at, rows, previous, digest)
    VALUES (v_head.seq + 1, NEW.link, v_epoch, v_at, v_rows, v_head.digest, v_digest);
    -- Whoever listens hears of this link once more by the name that he knows. Nobody who may not read the head any more
    -- learns the next one: it is another one after each change of the center's people, and on each day.
    UPDATE center_00000000000000000000000000000000.audit_head SET seq = v_head.seq + 1, digest = v_digest, at = v_at,
        channel = CASE WHEN v_head.at >= date_trunc('day', v_at, 'UTC') AND NOT EXISTS (
            SELECT FROM center_00000000000000000000000000000000.audit_log l WHERE l.link = NEW.link AND l.table_name = 'people'
        ) THEN v_head.channel ELSE gen_random_uuid() END;
    PERFORM internal.hint(v_head.channel);
    DELETE FROM center_00000000000000000000000000000000.audit_pending p WHERE p.link = NEW.link;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER seal_link AFTER INSERT ON audit_pending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION seal_link();

CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON people
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON sample_types
    FOR EACH ROW EXECUTE FUNCTION record_change('');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON rejection_reasons
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON fields
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER record_change AFTER UPDATE OR DELETE ON samples
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER record_inserts AFTER INSERT ON samples REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION record_inserts('id');
CREATE TRIGGER record_change AFTER UPDATE OR DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER record_inserts AFTER INSERT ON documents REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION record_inserts('id');
CREATE TRIGGER record_change AFTER UPDATE OR DELETE ON document_versions
    FOR EACH ROW EXECUTE FUNCTION record_change('id', 'statement', 'signature');
CREATE TRIGGER record_inserts AFTER INSERT ON document_versions REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION record_inserts('id', 'statement', 'signature');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON change_plans
    FOR EACH ROW EXECUTE FUNCTION record_change('id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON tenant_keys
    FOR EACH ROW EXECUTE FUNCTION record_change('');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON key_grants
    FOR EACH ROW EXECUTE FUNCTION record_change('identity_id', 'sealed');
