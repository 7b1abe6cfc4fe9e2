-- The record of changes of the registry, one chain link per transaction, made at COMMIT. A center's (the center line's
-- audit.sql) has the same tables and functions by the same names; tests hold the two files to it.
-- The chain stands on a digest of what an entry says, and not on the words themselves: those, and the salt without
-- which the digest tells nobody anything, can be erased for good, and everything else still proves itself.

-- The names of the fields that an update changed, for the filter by field; of a column "metadata" also those of its
-- own fields, as metadata.freezer. What was erased names none. Some 12 µs each (measured): with the usual COST a rare
-- field was looked for in a million entries one by one, and not by the index.
CREATE FUNCTION public.changed_fields(p_old jsonb, p_new jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2000
RETURN CASE WHEN jsonb_typeof(p_new) = 'object' THEN ARRAY(
    SELECT f.name FROM jsonb_object_keys(p_new) AS f(name)
    UNION ALL
    SELECT 'metadata.' || f.name
    FROM jsonb_object_keys(
        CASE WHEN jsonb_typeof(p_new -> 'metadata') = 'object' THEN p_new -> 'metadata' ELSE '{}' END
        || CASE WHEN jsonb_typeof(p_old -> 'metadata') = 'object' THEN p_old -> 'metadata' ELSE '{}' END
    ) AS f(name)
    WHERE p_new -> 'metadata' -> f.name IS DISTINCT FROM p_old -> 'metadata' -> f.name
) ELSE '{}' END;

CREATE TABLE public.audit_log (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    link uuid NOT NULL,
    at timestamptz NOT NULL,
    txid xid8 NOT NULL,
    login text NOT NULL,
    operation text NOT NULL,
    table_name text NOT NULL,
    row_id uuid,
    center_id uuid,
    old jsonb,
    new jsonb,
    reason text NOT NULL,
    -- NULL says that old, new and reason were erased.
    salt bytea,
    digest bytea NOT NULL
);
CREATE INDEX audit_log_by_link ON public.audit_log (link);
CREATE INDEX audit_log_by_row ON public.audit_log (row_id, seq);
CREATE INDEX audit_log_by_center ON public.audit_log (center_id, seq);
-- Entries lie in the order of time: a few kilobytes of BRIN find a day among millions.
CREATE INDEX audit_log_by_time ON public.audit_log USING brin (at);
-- Without the number equal values take hardly any room (a sixteenth, measured); what is frequent is found from the end.
CREATE INDEX audit_log_by_login ON public.audit_log (login);
CREATE INDEX audit_log_by_table ON public.audit_log (table_name, operation);
CREATE INDEX audit_log_by_operation ON public.audit_log (operation) WHERE operation NOT IN ('insert', 'update');
CREATE INDEX audit_log_by_field ON public.audit_log USING gin (public.changed_fields(old, new)) WHERE operation = 'update';
CREATE INDEX audit_log_erasures ON public.audit_log (txid) WHERE operation = 'erase';

-- Transactions that have written to the record and are not sealed yet; empty whenever nobody is writing.
CREATE TABLE public.audit_pending (
    link uuid PRIMARY KEY,
    txid xid8 NOT NULL UNIQUE
);

CREATE TABLE public.audit_chain (
    seq bigint PRIMARY KEY,
    link uuid NOT NULL UNIQUE,
    epoch uuid NOT NULL,
    at timestamptz NOT NULL,
    rows integer NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL
);

CREATE TABLE public.audit_head (
    seq bigint NOT NULL,
    digest bytea NOT NULL,
    at timestamptz,
    -- Under which name whoever listens hears of the next link.
    channel uuid NOT NULL DEFAULT gen_random_uuid()
);
CREATE UNIQUE INDEX audit_head_has_one_row ON public.audit_head ((true));
INSERT INTO public.audit_head (seq, digest, at) VALUES (0, decode(repeat('00', 32), 'hex'), NULL);

-- Nobody has the rights to these; the triggers hold the owner's own functions to it, too.
CREATE TRIGGER only_grows BEFORE DELETE OR TRUNCATE ON public.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION internal.forbid_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON public.audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION internal.forbid_change();

-- What both kinds of record are made of; the client makes the same from plain columns (db/audit_digests.py).

CREATE FUNCTION internal.utc_text(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE RETURN to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- 244 random bits; there is no contrib, and so no gen_random_bytes().
CREATE FUNCTION internal.new_salt() RETURNS bytea
LANGUAGE sql VOLATILE RETURN uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());

-- The digest of what can be erased of an entry.
CREATE FUNCTION internal.words_digest(p_salt bytea, p_old jsonb, p_new jsonb, p_reason text) RETURNS bytea
LANGUAGE sql STABLE
RETURN sha256(p_salt || convert_to(jsonb_build_array(p_old, p_new, p_reason)::text, 'UTF8'));

-- The text of an entry that its link seals: what stays in clear, and the digest. Times are UTC text: the digest must
-- not depend on anybody's settings.
CREATE FUNCTION internal.entry_text(
    p_seq bigint, p_link uuid, p_at timestamptz, p_login text, p_operation text, p_table text, p_row uuid,
    p_center uuid, p_digest bytea
) RETURNS text
LANGUAGE sql STABLE
RETURN jsonb_build_array(p_seq, p_link, internal.utc_text(p_at), p_login, p_operation, p_table, p_row, p_center,
                         encode(p_digest, 'hex'))::text;

CREATE FUNCTION internal.link_digest(
    p_previous bytea, p_seq bigint, p_link uuid, p_epoch uuid, p_at timestamptz, p_rows integer, p_texts bytea
) RETURNS bytea
LANGUAGE sql STABLE
RETURN sha256(
    p_previous
    || convert_to(jsonb_build_array(p_seq, p_link, p_epoch, internal.utc_text(p_at), p_rows)::text, 'UTF8')
    || p_texts
);

-- Replace the bytes in one column by their SHA-256: key material never enters the record.
CREATE FUNCTION internal.without_secret(p_row jsonb, p_column text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE WHEN p_row ->> p_column IS NULL THEN p_row
    ELSE jsonb_set(p_row, ARRAY[p_column],
                   to_jsonb('sha256:' || encode(sha256(decode(substr(p_row ->> p_column, 3), 'hex')), 'hex')))
    END;

-- The id of a link to be: that of the plan that is being carried out (a center's plans.sql), so that each of its entries
-- names it. Anybody may set it; whoever takes one that is taken already cannot commit, because ids of links are unique.
CREATE FUNCTION internal.next_link() RETURNS uuid
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(nullif(current_setting('labkeep.plan', true), '')::uuid, gen_random_uuid())
$$;

-- Wakes whoever listens, at COMMIT, and says nothing but that: LISTEN asks for no right, so the name of the channel is
-- what only readers of the head know. Whoever listens and reads nothing holds up the queue, for anybody, and a full one
-- would refuse every commit: then nobody is woken, and windows find out by looking (docs/decisions/live-updates.md).
CREATE FUNCTION internal.hint(p_channel uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_notification_queue_usage() < 0.25 THEN
        PERFORM pg_notify('labkeep_' || replace(p_channel::text, '-', ''), '');
    END IF;
END $$;

CREATE FUNCTION internal.write_entry(
    p_operation text, p_table text, p_row uuid, p_center uuid, p_old jsonb, p_new jsonb,
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
    FROM public.audit_pending p WHERE p.txid = pg_current_xact_id();
    v_is_first := NOT FOUND;
    IF v_is_first THEN
        v_link := internal.next_link();
    END IF;
    INSERT INTO public.audit_log
        (link, at, txid, login, operation, table_name, row_id, center_id, old, new, reason, salt, digest)
    VALUES (
        v_link, clock_timestamp(), pg_current_xact_id(), session_user, p_operation, p_table, p_row, p_center, p_old, p_new,
        v_reason, v_salt, internal.words_digest(v_salt, p_old, p_new, v_reason)
    );
    -- After the entry, never before it: SET CONSTRAINTS ... IMMEDIATE seals within this very statement, and then each
    -- entry gets a link of its own instead of a link that was sealed without it.
    IF v_is_first THEN
        INSERT INTO public.audit_pending (link, txid) VALUES (v_link, pg_current_xact_id());
    END IF;
END $$;

-- Whose administrators read an entry about a person: those of his only center. About a system administrator and about
-- somebody of several centers only system administrators do; about a place the administrators of that center.
CREATE FUNCTION internal.record_center(p_user text) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN count(*) = 1 THEN (array_agg(m.center_id))[1] END
    FROM public.memberships m WHERE m.user_id = p_user::uuid
$$;

-- TG_ARGV[0]: the column that is the row's id; the other arguments: columns of key material, kept as SHA-256.
-- bytea_output and timezone are the session's to set, and to_jsonb() obeys them: both are fixed here.
CREATE FUNCTION internal.record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' AS $$
DECLARE
    v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    v_row CONSTANT jsonb := coalesce(v_new, v_old);
    v_center uuid;
    v_column text;
BEGIN
    IF TG_TABLE_NAME = 'centers' THEN
        v_center := (v_row ->> 'id')::uuid;
    ELSIF TG_TABLE_NAME = 'memberships' THEN
        v_center := (v_row ->> 'center_id')::uuid;
    ELSE
        v_center := internal.record_center(
            CASE TG_TABLE_NAME WHEN 'users' THEN v_row ->> 'id' ELSE v_row ->> 'user_id' END);
    END IF;
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
    PERFORM internal.write_entry(
        lower(TG_OP), TG_TABLE_NAME, nullif(v_row ->> TG_ARGV[0], '')::uuid, v_center, v_old, v_new
    );
    RETURN NULL;
END $$;

-- Runs at COMMIT: until then nobody waits for the head, and it is held for the shortest time.
CREATE FUNCTION internal.seal_link() RETURNS trigger
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
        l.seq, l.link, l.at, l.login, l.operation, l.table_name, l.row_id, l.center_id, l.digest
    ), E'\n' ORDER BY l.seq), 'UTF8')) INTO v_rows, v_texts
    FROM public.audit_log l WHERE l.link = NEW.link;
    SELECT i.epoch INTO STRICT v_epoch FROM public.installation i;
    -- From here to the end of the commit the chain is ours.
    SELECT h.seq, h.digest, h.at, h.channel INTO STRICT v_head
    FROM public.audit_head h FOR UPDATE;
    v_at := clock_timestamp();
    v_digest := internal.link_digest(v_head.digest, v_head.seq + 1, NEW.link, v_epoch, v_at, v_rows, v_texts);
    INSERT INTO public.audit_chain (seq, link, epoch, at, rows, previous, digest)
    VALUES (v_head.seq + 1, NEW.link, v_epoch, v_at, v_rows, v_head.digest, v_digest);
    -- Whoever listens hears of this link once more by the name that he knows. Nobody who may not read the head any more
    -- learns the next one: it is another one after each change of the center's people, and on each day.
    UPDATE public.audit_head SET seq = v_head.seq + 1, digest = v_digest, at = v_at,
        channel = CASE WHEN v_head.at >= date_trunc('day', v_at, 'UTC') AND NOT EXISTS (
            SELECT FROM public.audit_log l WHERE l.link = NEW.link AND l.table_name = 'people'
        ) THEN v_head.channel ELSE gen_random_uuid() END;
    PERFORM internal.hint(v_head.channel);
    DELETE FROM public.audit_pending p WHERE p.link = NEW.link;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER seal_link AFTER INSERT ON public.audit_pending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION internal.seal_link();

CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON public.installation
    FOR EACH ROW EXECUTE FUNCTION internal.record_change('id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON public.centers
    FOR EACH ROW EXECUTE FUNCTION internal.record_change('id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON public.users
    FOR EACH ROW EXECUTE FUNCTION internal.record_change('id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON public.memberships
    FOR EACH ROW EXECUTE FUNCTION internal.record_change('user_id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON public.identities
    FOR EACH ROW EXECUTE FUNCTION internal.record_change('id', 'public_key');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON public.kept_kits
    FOR EACH ROW EXECUTE FUNCTION internal.record_change('identity_id');
CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON public.identity_secrets
    FOR EACH ROW EXECUTE FUNCTION internal.record_change('identity_id', 'sealed');
