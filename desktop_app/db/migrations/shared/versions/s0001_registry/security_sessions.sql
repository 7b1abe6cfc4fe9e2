-- Sessions that stand in others' way; owned by labkeep_security, as is security_roles.sql. None of this reads a table
-- of ours: it must work where those are held. Why it is so: docs/decisions/open-transactions.md.

-- Ends the login's sessions and closes it, whatever they hold; false if it must be tried again. The sessions are told
-- to end and nobody waits for it: so this one stands in the queue for the role before any client that comes back.
CREATE FUNCTION security.shut_out(p_login text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_timeout text;
BEGIN
    PERFORM security.check_login(p_login);
    -- The last round waits long enough for somebody else's transaction to be ended by end_blockers().
    FOREACH v_timeout IN ARRAY ARRAY['500ms', '500ms', '500ms', '500ms', '8s'] LOOP
        BEGIN
            PERFORM set_config('lock_timeout', v_timeout, true);
            PERFORM pg_stat_clear_snapshot();
            PERFORM pg_terminate_backend(a.pid) FROM pg_stat_activity a
                WHERE a.usename = p_login AND a.pid <> pg_backend_pid();
            EXECUTE format('ALTER ROLE %I NOLOGIN', p_login);
            RETURN true;
        EXCEPTION
            -- internal_error: "tuple concurrently updated", where somebody's change of the role was committed meanwhile.
            WHEN lock_not_available OR internal_error OR serialization_failure THEN NULL;
        END;
    END LOOP;
    RETURN false;
END $$;

-- Ends the persons' sessions that hold anything of a center's tables.
CREATE FUNCTION security.end_sessions_in(p_schema text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_schema IS NULL OR p_schema !~ '^center_[0-9a-f]{32}$' THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'id', MESSAGE = 'not_a_center_id';
    END IF;
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_terminate_backend(a.pid, 200)
    FROM pg_stat_activity a
    WHERE a.pid <> pg_backend_pid() AND a.usename ~ '^u_[a-z2-7]{32}$' AND EXISTS (
        SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
        WHERE l.pid = a.pid AND l.locktype = 'relation' AND c.relnamespace = to_regnamespace(p_schema)
            AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()));
END $$;

CREATE FUNCTION security.may_sign_in(p_login text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = p_login AND r.rolcanlogin)
$$;

-- Whom a session waits for: along the chain, everybody who stands before it, and since when.
CREATE FUNCTION security.before(p_pid integer) RETURNS TABLE (pid integer, since timestamptz, waits boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_known integer[] := ARRAY[p_pid];
    v_next integer[] := ARRAY[p_pid];
    v_waiting integer;
    v_blocking integer[];
    v_since timestamptz;
BEGIN
    WHILE v_next <> '{}' LOOP
        v_waiting := v_next[1];
        v_next := v_next[2:];
        v_blocking := ARRAY(SELECT DISTINCT b FROM unnest(pg_blocking_pids(v_waiting)) b WHERE b <> ALL (v_known));
        SELECT min(l.waitstart) INTO v_since FROM pg_locks l WHERE l.pid = v_waiting AND NOT l.granted;
        v_known := v_known || v_blocking;
        v_next := v_next || v_blocking;
        RETURN QUERY SELECT b, v_since, EXISTS (SELECT FROM pg_locks l WHERE l.pid = b AND NOT l.granted)
            FROM unnest(v_blocking) b;
    END LOOP;
END $$;

-- Persons have no business with these locks: what asks for them is refused afterwards for want of a right, but where
-- it has to wait, everybody else's statements queue behind it. Asked for by the functions of a new center, they are
-- those of its own new tables, for which nobody waits.
CREATE FUNCTION security.queue_jumpers() RETURNS TABLE (pid integer, since timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT l.pid, l.waitstart FROM pg_locks l
    WHERE NOT l.granted AND l.locktype IN ('relation', 'object')
        -- The object 0 is the queue of NOTIFY, which every commit that notifies takes.
        AND NOT (l.locktype = 'object' AND l.objid = 0)
        AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
$$;

-- The advisory lock of a transaction that changes many rows as one; no person may take one by himself.
CREATE FUNCTION security.plan_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 1::bigint $$;

-- Whether a session changes many rows as one (a center's begin_plan).
CREATE FUNCTION security.is_plan(p_pid integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM pg_locks l
        WHERE l.pid = p_pid AND l.granted AND l.locktype = 'advisory' AND l.objsubid = 1
            AND (l.classid::bigint << 32) + l.objid::bigint = security.plan_lock()
    )
$$;

-- Ends the persons' sessions that have kept p_pid waiting for longer than p_timeout (than twelve times that, where they
-- change many rows as one) while they waited for nobody themselves, and those of queue_jumpers(). NULL for p_pid: only these. Says who stood in the way, and who was ended.
CREATE FUNCTION security.end_blockers(p_pid integer, p_timeout interval) RETURNS TABLE (login text, ended boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_stat_clear_snapshot();
    RETURN QUERY
    WITH standing AS (
        SELECT b.pid, b.since, b.waits, p_timeout * CASE WHEN security.is_plan(b.pid) THEN 12 ELSE 1 END AS timeout
        FROM security.before(p_pid) b WHERE p_pid IS NOT NULL
        UNION ALL
        SELECT j.pid, j.since, false, least(p_timeout, interval '1 second') FROM security.queue_jumpers() j
    ), persons AS MATERIALIZED (
        SELECT a.pid, a.usename::text AS login,
            bool_or(NOT s.waits AND coalesce(clock_timestamp() - s.since >= s.timeout, false)) AS too_long
        FROM standing s JOIN pg_stat_activity a USING (pid)
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.pid IS DISTINCT FROM p_pid
        GROUP BY a.pid, a.usename
    )
    SELECT p.login, CASE WHEN p.too_long AND p.login ~ '^u_[a-z2-7]{32}$'
        THEN pg_terminate_backend(p.pid) ELSE false END
    FROM persons p;
END $$;

GRANT EXECUTE ON FUNCTION
    security.shut_out(text), security.end_sessions_in(text), security.may_sign_in(text), security.end_blockers(integer, interval),
    security.plan_lock()
    TO labkeep_owner;
