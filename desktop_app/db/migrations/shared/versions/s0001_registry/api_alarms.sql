-- What a workstation found that disagrees with the trust log goes on the record: a word of its own and what it is about.
-- Everybody may say so, whoever finds it; once a day for each thing, and at most twenty times a day for each login.
CREATE INDEX audit_log_alarms ON public.audit_log (at) WHERE operation = 'alarm';

CREATE FUNCTION api.note_alarm(p_code text, p_about uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_day CONSTANT timestamptz := clock_timestamp() - interval '1 day';
BEGIN
    IF p_code !~ '^[a-z][a-z_]{2,39}$' OR p_code IS NULL
        OR NOT EXISTS (SELECT FROM public.users u WHERE u.login = session_user AND u.is_active) THEN
        RETURN false;
    END IF;
    IF EXISTS (
        SELECT FROM public.audit_log l
        WHERE l.at > v_day AND l.operation = 'alarm' AND l.row_id IS NOT DISTINCT FROM p_about
            AND l.new ->> 'code' = p_code
    ) OR (
        SELECT count(*) FROM public.audit_log l WHERE l.at > v_day AND l.operation = 'alarm' AND l.login = session_user
    ) >= 20 THEN
        RETURN false;
    END IF;
    PERFORM internal.write_entry('alarm', 'trust_log', p_about, NULL, NULL, jsonb_build_object('code', p_code), '');
    RETURN true;
END $$;
