-- Appending to the trust log: the server keeps order and refuses what does not say what is being done. Whether an
-- entry counts is decided by every client, by its signature, and by nothing that stands in this database.

-- The identity that the session signs with. A superuser without a row of his own is set-up, which signs as the root.
CREATE FUNCTION internal.current_signer() RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.id FROM public.identities i
    WHERE i.retired_at IS NULL
        AND i.user_id IS NOT DISTINCT FROM (SELECT u.id FROM public.users u WHERE u.login = session_user)
$$;

-- The recovery kit's identity: whoever holds the kit signs with it, under a system administrator's login.
CREATE FUNCTION internal.root_signer() RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.id FROM public.identities i WHERE i.user_id IS NULL AND i.retired_at IS NULL
$$;

CREATE FUNCTION internal.hex_bytes(p_object jsonb, p_key text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_text text := p_object ->> p_key;
BEGIN
    IF v_text IS NULL OR length(v_text) > 131072 OR v_text !~ '^([0-9a-f]{2})+$' THEN
        PERFORM internal.refuse('LK010', 'not_hexadecimal', p_key);
    END IF;
    RETURN decode(v_text, 'hex');
END $$;

-- How an identity stands in a signed statement: id, and the public halves in base64 without line breaks.
CREATE FUNCTION internal.identity_statement(p_identity jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object(
        'id', (p_identity ->> 'id')::uuid,
        'public', translate(encode(internal.hex_bytes(p_identity, 'public_key'), 'base64'), E'\n', ''))
$$;

CREATE FUNCTION internal.statement_of(p_payload bytea) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_said jsonb;
BEGIN
    IF octet_length(p_payload) > 65536 THEN
        PERFORM internal.refuse('LK010', 'entry_too_long', 'entry');
    END IF;
    v_said := convert_from(p_payload, 'UTF8')::jsonb;
    IF jsonb_typeof(v_said) <> 'object' THEN
        PERFORM internal.refuse('LK010', 'entry_not_object', 'entry');
    END IF;
    RETURN v_said;
EXCEPTION WHEN data_exception OR character_not_in_repertoire OR program_limit_exceeded OR statement_too_complex THEN
    PERFORM internal.refuse('LK010', 'entry_not_json', 'entry');
END $$;

-- The one byte form of a statement: ASCII, sorted keys, no spaces (crypto/canonical.py). What entries say is ids, digits,
-- flags and plain words, so nothing needs escaping, and what would is refused.
CREATE FUNCTION internal.canonical(p_value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_text text := p_value #>> '{}';
BEGIN
    IF jsonb_typeof(p_value) = 'object' THEN
        RETURN '{' || (SELECT string_agg('"' || e.key || '":' || internal.canonical(e.value), ',' ORDER BY e.key COLLATE "C")
                       FROM jsonb_each(p_value) e) || '}';
    END IF;
    IF jsonb_typeof(p_value) = 'string' THEN
        IF v_text !~ '^[A-Za-z0-9 +/=:._-]*$' THEN
            PERFORM internal.refuse('LK010', 'entry_unknown_words', 'entry');
        END IF;
        RETURN '"' || v_text || '"';
    END IF;
    IF jsonb_typeof(p_value) = 'number' AND v_text !~ '^(0|[1-9][0-9]{0,18})$' THEN
        PERFORM internal.refuse('LK010', 'entry_unknown_words', 'entry');
    END IF;
    RETURN p_value::text;
END $$;

-- p_says: every field of the statement but its place in the log. Called under the membership lock. p_by_any is for what
-- only the database's administrator calls: any identity that counts may have signed (center_restoring.sql).
CREATE FUNCTION internal.append_entry(p_entry jsonb, p_kind text, p_says jsonb, p_by_root boolean DEFAULT false,
                                      p_by_any boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_head public.trust_log;
    v_payload bytea := internal.hex_bytes(p_entry, 'payload');
    v_signature bytea := internal.hex_bytes(p_entry, 'signature');
    v_signer uuid := (p_entry ->> 'signer')::uuid;
    v_sequence bigint := (p_entry ->> 'sequence')::bigint;
    v_previous text;
BEGIN
    IF octet_length(v_signature) <> 64 THEN
        PERFORM internal.refuse('LK010', 'signature_length', 'entry');
    END IF;
    SELECT * INTO v_head FROM public.trust_log t ORDER BY t.sequence DESC LIMIT 1;
    v_previous := coalesce(encode(v_head.digest, 'hex'), repeat('00', 32));
    IF v_sequence IS DISTINCT FROM coalesce(v_head.sequence, 0) + 1
        OR internal.statement_of(v_payload) ->> 'previous' IS DISTINCT FROM v_previous THEN
        PERFORM internal.refuse('LK002');
    END IF;
    -- Byte for byte: other writings of the same statement would be room for whatever somebody wants to keep here.
    IF v_payload IS DISTINCT FROM convert_to(internal.canonical(p_says || jsonb_build_object(
        'format', 'labkeep/1', 'kind', p_kind, 'sequence', v_sequence, 'previous', v_previous,
        'installation', (SELECT i.id FROM public.installation i))), 'UTF8') THEN
        PERFORM internal.refuse('LK010', 'entry_about_something_else', 'entry');
    END IF;
    IF v_signer IS DISTINCT FROM internal.current_signer()
        AND NOT (p_by_root AND v_signer IS NOT DISTINCT FROM internal.root_signer())
        AND NOT (p_by_any AND EXISTS (
            SELECT FROM public.identities i WHERE i.id = v_signer AND i.retired_at IS NULL)) THEN
        PERFORM internal.refuse('LK010', 'signer_not_current', 'entry');
    END IF;
    IF (SELECT i.provisional FROM public.identities i WHERE i.id = v_signer)
        AND (p_kind, p_says -> 'provisional') IS DISTINCT FROM ('replace_keys', 'false'::jsonb) THEN
        PERFORM internal.refuse('LK004', 'provisional_keys_sign_nothing');
    END IF;
    INSERT INTO public.trust_log (sequence, payload, signer, signature, digest)
    VALUES (v_sequence, v_payload, v_signer, v_signature,
            sha256(v_payload || uuid_send(v_signer) || v_signature));
END $$;

-- What a person may append about himself is bounded in number, so that nobody fills the log that everybody verifies.
-- Administrators' acts are not counted: each of them changes what the log says of somebody.
CREATE FUNCTION internal.check_own_entries(p_user uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM public.trust_log t JOIN public.identities i ON i.id = t.signer
        WHERE i.user_id = p_user AND t.at > clock_timestamp() - interval '1 day'
            AND internal.statement_of(t.payload) ->> 'user' = p_user::text) >= 10 THEN
        PERFORM internal.refuse('LK004', 'keys_replaced_too_often');
    END IF;
END $$;

-- Statements about documents are one's own and fresh: signed with the session's current keys, by somebody who knew the
-- trust log as it was a quarter of an hour ago or later. The server cannot check signatures; it can refuse that people
-- who may write here say that they signed with former keys or at another time. LK011: the keys were replaced meanwhile;
-- LK002: read the log and sign again.
CREATE FUNCTION internal.check_all_signed(p_statements bytea[], p_signatures bytea[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_said CONSTANT jsonb[] := ARRAY(SELECT internal.statement_of(s) FROM unnest(p_statements) s);
    v_identity public.identities;
    v_sequences numeric[];
BEGIN
    IF EXISTS (SELECT FROM unnest(p_signatures) s WHERE coalesce(octet_length(s), 0) <> 64) THEN
        PERFORM internal.refuse('LK010', 'signature_length', 'signature');
    END IF;
    SELECT i.* INTO v_identity FROM public.identities i JOIN public.users u ON u.id = i.user_id
        WHERE u.login = session_user AND u.is_active AND i.retired_at IS NULL;
    IF EXISTS (SELECT FROM unnest(v_said) s WHERE s ->> 'signer' IS DISTINCT FROM v_identity.id::text) THEN
        PERFORM internal.refuse('LK011');
    END IF;
    IF v_identity.provisional THEN
        PERFORM internal.refuse('LK004', 'provisional_keys_sign_nothing');
    END IF;
    v_sequences := ARRAY(
        SELECT DISTINCT CASE WHEN jsonb_typeof(s -> 'trust_sequence') = 'number'
            THEN (s ->> 'trust_sequence')::numeric END
        FROM unnest(v_said) s);
    IF EXISTS (SELECT FROM unnest(v_sequences) n
               WHERE NOT EXISTS (SELECT FROM public.trust_log t WHERE t.sequence = n)) THEN
        PERFORM internal.refuse('LK010', 'no_such_trust_entry', 'statement');
    END IF;
    IF EXISTS (SELECT FROM unnest(v_sequences) n JOIN public.trust_log t ON t.sequence = n + 1
               WHERE t.at < clock_timestamp() - interval '15 minutes') THEN
        PERFORM internal.refuse('LK002');
    END IF;
END $$;

CREATE FUNCTION internal.check_signed(p_statement bytea, p_signature bytea) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.check_all_signed(ARRAY[p_statement], ARRAY[p_signature]);
END $$;

-- The fields that the caller may choose and the server cannot compute: taken over if they have the right form.
CREATE FUNCTION internal.said(p_entry jsonb, p_field text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object(p_field, internal.statement_of(internal.hex_bytes(p_entry, 'payload')) -> p_field)
$$;
