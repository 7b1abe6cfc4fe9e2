-- Reservations of files on their way: renewed, given up, and swept when they are over. A reservation is over when its
-- lease has ended or its server session is gone; from "abandoned" there is no way back, so that what was given up and
-- committed may be deleted from the store afterwards, whatever a slow writer still tries.

-- Own reservations get a quarter of an hour more. All of them, or LK009: a lost one must stop the writing.
CREATE FUNCTION renew_uploads(p_ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_began CONSTANT timestamptz := center_00000000000000000000000000000000.session_began();
    v_renewed integer;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    UPDATE center_00000000000000000000000000000000.document_uploads u
    SET lease_until = clock_timestamp() + interval '15 minutes', backend_pid = pg_backend_pid(),
        backend_start = v_began
    WHERE u.id = ANY (p_ids) AND u.created_by = session_user AND u.state = 'reserved';
    GET DIAGNOSTICS v_renewed = ROW_COUNT;
    IF v_renewed <> (SELECT count(DISTINCT i) FROM unnest(p_ids) AS i) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK009', MESSAGE = 'upload_not_reserved';
    END IF;
END
$$;

-- Give up own reservations; returns how many there were. Those already given up or saved are left as they are.
CREATE FUNCTION abandon_uploads(p_ids uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_abandoned integer;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    UPDATE center_00000000000000000000000000000000.document_uploads u SET state = 'abandoned'
    WHERE u.id = ANY (p_ids) AND u.created_by = session_user AND u.state = 'reserved';
    GET DIAGNOSTICS v_abandoned = ROW_COUNT;
    RETURN v_abandoned;
END
$$;

-- Whether the session that holds it is gone. Not believed of what was touched in this moment (the list of sessions is a
-- little older than the rows), nor while the server has just started: who lost his session with it comes back soon.
CREATE FUNCTION session_is_gone(p_pid integer, p_began timestamptz, p_lease_until timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p_lease_until < clock_timestamp() + interval '15 minutes' - interval '2 seconds'
        AND NOT EXISTS (
            SELECT FROM pg_stat_get_activity(NULL) AS a WHERE a.pid = p_pid AND a.backend_start = p_began
        )
        AND NOT EXISTS (
            SELECT FROM pg_stat_get_activity(NULL) AS a
            WHERE a.backend_type = 'checkpointer' AND a.backend_start > p_began
                AND a.backend_start > clock_timestamp() - interval '3 minutes'
        )
$$;

-- Since when nothing was restored from a backup: what was reserved before may be named by rows that are lost, and its
-- files are reported and never deleted. Somebody who deletes a version since then means it: that counts from then on.
CREATE FUNCTION nothing_restored_since() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(max(l.at), '-infinity') FROM public.audit_log l
    WHERE l.operation = 'restored' AND l.table_name = 'trust_log'
$$;

-- Give up what is over, at most so many and none of *keep*, and name files that may be deleted once this is committed:
-- of uploads that were given up, now or before, and that no version names.
CREATE FUNCTION sweep_uploads(p_keep uuid[], p_at_most integer) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    -- Sessions are listed once in a transaction, and here they must not be older than the rows.
    PERFORM pg_stat_clear_snapshot();
    UPDATE center_00000000000000000000000000000000.document_uploads u SET state = 'abandoned'
    WHERE u.state = 'reserved' AND u.id IN (
        SELECT o.id FROM center_00000000000000000000000000000000.document_uploads o
        WHERE o.state = 'reserved' AND o.id <> ALL (p_keep) AND (
            o.lease_until < clock_timestamp()
            OR center_00000000000000000000000000000000.session_is_gone(o.backend_pid, o.backend_start, o.lease_until)
        )
        ORDER BY o.lease_until
        LIMIT least(p_at_most, 10000)
        FOR UPDATE SKIP LOCKED
    );
    RETURN QUERY
        SELECT u.file_id FROM center_00000000000000000000000000000000.document_uploads u
        WHERE u.state = 'abandoned'
            AND coalesce(u.released_at, u.created_at) > center_00000000000000000000000000000000.nothing_restored_since()
            AND NOT EXISTS (
                SELECT FROM center_00000000000000000000000000000000.document_versions v WHERE v.file_id = u.file_id
            )
        ORDER BY u.created_at
        LIMIT least(p_at_most, 10000);
END
$$;

-- The files of these are gone from the store: nothing is left of the attempt.
CREATE FUNCTION forget_uploads(p_files uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_forgotten integer;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    DELETE FROM center_00000000000000000000000000000000.document_uploads u
    WHERE u.state = 'abandoned' AND u.file_id = ANY (p_files)
        AND coalesce(u.released_at, u.created_at) > center_00000000000000000000000000000000.nothing_restored_since();
    GET DIAGNOSTICS v_forgotten = ROW_COUNT;
    RETURN v_forgotten;
END
$$;

-- How many files are on their way, how many wait to be swept, and how many are kept because something was restored.
CREATE FUNCTION upload_counts() RETURNS TABLE (under_way bigint, to_sweep bigint, kept bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_since CONSTANT timestamptz := center_00000000000000000000000000000000.nothing_restored_since();
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    PERFORM pg_stat_clear_snapshot();
    RETURN QUERY
        SELECT count(*) FILTER (WHERE NOT found.is_over),
            count(*) FILTER (WHERE found.is_over AND found.created_at > v_since),
            count(*) FILTER (WHERE found.is_over AND found.created_at <= v_since)
        FROM (
            SELECT coalesce(u.released_at, u.created_at) AS created_at, u.state = 'abandoned' OR u.lease_until < clock_timestamp()
                OR center_00000000000000000000000000000000.session_is_gone(
                    u.backend_pid, u.backend_start, u.lease_until
                ) AS is_over
            FROM center_00000000000000000000000000000000.document_uploads u WHERE u.state <> 'live'
        ) AS found;
END
$$;

-- Which of these files of the store no row names.
CREATE FUNCTION unnamed_files(p_files uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f FROM unnest(p_files) AS f
    WHERE (SELECT center_00000000000000000000000000000000.belongs_today()) AND NOT EXISTS (
        SELECT FROM center_00000000000000000000000000000000.document_uploads u WHERE u.file_id = f
    ) AND NOT EXISTS (
        SELECT FROM center_00000000000000000000000000000000.document_versions v WHERE v.file_id = f
    )
$$;
