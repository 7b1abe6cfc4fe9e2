-- Getting people out, and whoever stands in the way: what holds although a person leaves a transaction open.

-- Whoever has waited for somebody so long may end that session. No transaction of the program holds a lock for more
-- than a moment, but one that changes many rows as one, which has a minute; and whoever is ended so has changed nothing.
CREATE FUNCTION internal.blocker_timeout() RETURNS interval
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT interval '5 seconds' $$;

-- For everybody, about a session of his own: it waits in one connection while another one calls this. NULL: only
-- whoever holds up everybody by asking for what is refused to him.
CREATE FUNCTION api.end_blockers(p_pid integer) RETURNS TABLE (login text, ended boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_pid IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_stat_activity a WHERE a.pid = p_pid AND a.usename = session_user) THEN
        PERFORM internal.refuse('42501', 'not_own_session');
    END IF;
    RETURN QUERY SELECT b.login, b.ended FROM security.end_blockers(p_pid, internal.blocker_timeout()) b;
END $$;

-- The first step of a deactivation, in its own transaction: nothing of the person can begin any more. False: again.
CREATE FUNCTION api.close_login(p_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users := internal.subject(p_id);
BEGIN
    PERFORM internal.check_not_oneself(v_user);
    PERFORM internal.check_not_last_anywhere(v_user);
    PERFORM security.end_sessions(v_user.login);
    -- Two administrators who close each other's login at once come one after the other, and the second is refused.
    PERFORM FROM public.users u WHERE u.id = p_id OR u.login = session_user ORDER BY u.id FOR NO KEY UPDATE;
    IF NOT security.may_sign_in(session_user) THEN
        PERFORM internal.refuse('42501', 'own_login_closed');
    END IF;
    RETURN security.shut_out(v_user.login);
END $$;
