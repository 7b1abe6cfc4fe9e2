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
    IF v_text IS NULL OR v_text !~ '^([0-9a-f]{2})+$' THEN
        PERFORM internal.refuse('LK010', 'Bytes are given as hexadecimal digits.', p_key);
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
BEGIN
    RETURN convert_from(p_payload, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception OR character_not_in_repertoire OR program_limit_exceeded THEN
    PERFORM internal.refuse('LK010', 'The signed entry is not JSON.', 'entry');
END $$;

-- p_says: every field of the statement but its place in the log. Called under the membership lock.
CREATE FUNCTION internal.append_entry(p_entry jsonb, p_kind text, p_says jsonb, p_by_root boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_head public.trust_log;
    v_payload bytea := internal.hex_bytes(p_entry, 'payload');
    v_signature bytea := internal.hex_bytes(p_entry, 'signature');
    v_signer uuid := (p_entry ->> 'signer')::uuid;
    v_said jsonb := internal.statement_of(v_payload);
    v_sequence bigint := (p_entry ->> 'sequence')::bigint;
BEGIN
    SELECT * INTO v_head FROM public.trust_log t ORDER BY t.sequence DESC LIMIT 1;
    IF v_sequence IS DISTINCT FROM coalesce(v_head.sequence, 0) + 1
        OR v_said ->> 'previous' IS DISTINCT FROM coalesce(encode(v_head.digest, 'hex'), repeat('00', 32)) THEN
        PERFORM internal.refuse('LK002');
    END IF;
    IF v_said IS DISTINCT FROM p_says || jsonb_build_object(
        'format', 'labkeep/1', 'kind', p_kind, 'sequence', v_sequence, 'previous', v_said -> 'previous',
        'installation', (SELECT i.id FROM public.installation i)) THEN
        PERFORM internal.refuse('LK010', 'The signed entry does not say what is being done.', 'entry');
    END IF;
    IF v_signer IS DISTINCT FROM internal.current_signer()
        AND NOT (p_by_root AND v_signer IS NOT DISTINCT FROM internal.root_signer()) THEN
        PERFORM internal.refuse('LK010', 'The entry is not signed by your own current identity.', 'entry');
    END IF;
    INSERT INTO public.trust_log (sequence, payload, signer, signature, digest)
    VALUES (v_sequence, v_payload, v_signer, v_signature,
            sha256(v_payload || uuid_send(v_signer) || v_signature));
END $$;

-- The fields that the caller may choose and the server cannot compute: taken over if they have the right form.
CREATE FUNCTION internal.said(p_entry jsonb, p_field text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object(p_field, internal.statement_of(internal.hex_bytes(p_entry, 'payload')) -> p_field)
$$;
