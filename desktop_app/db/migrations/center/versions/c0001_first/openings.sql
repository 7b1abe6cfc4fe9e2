-- Who opened which version of a document, and who signed in: entries of the record that programs ask for. No server can
-- see that somebody decrypts what he holds; what is here is what our programs say, and nobody can say it in another's name.

-- What the two functions below look for, and nothing else does.
CREATE INDEX audit_log_openings ON audit_log (login, at) WHERE operation IN ('open', 'preview', 'export', 'sign_in');

-- {"workstation": name, "openings": [{"operation": open, preview or export, "version": id, "seconds_late": n}, ...]}, 200 at
-- most; seconds_late says how long the program waited to tell. How many were put on record: not what the center's settings
-- leave out, not what is no version here, and of one person, version and operation one in five minutes. 20,000 a day are
-- taken of each person.
CREATE FUNCTION note_openings(p_openings jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_list CONSTANT jsonb := coalesce(p_openings -> 'openings', 'null');
    v_workstation CONSTANT text := left(coalesce(p_openings ->> 'workstation', ''), 100);
    v_wanted text[] := '{open, export, preview}';
    v_noted integer;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    IF (CASE WHEN jsonb_typeof(v_list) = 'array' THEN jsonb_array_length(v_list) > 200 ELSE true END)
        OR octet_length(p_openings::text) > 65536 THEN
        PERFORM internal.refuse('LK010', 'openings_malformed', 'openings');
    END IF;
    IF 20000 <= (SELECT count(*) FROM (
        SELECT FROM center_00000000000000000000000000000000.audit_log l
        WHERE l.login = session_user AND l.operation IN ('open', 'preview', 'export', 'sign_in')
            AND l.at >= date_trunc('day', clock_timestamp(), 'UTC')
        LIMIT 20000
    ) AS today) THEN
        PERFORM internal.refuse('LK010', 'openings_too_many', 'openings');
    END IF;
    IF EXISTS (
        SELECT FROM public.centers c
        WHERE c.id = '00000000000000000000000000000000' AND c.settings ->> 'openings' = 'exports'
    ) THEN
        v_wanted := '{open, export}';
    END IF;
    PERFORM center_00000000000000000000000000000000.write_entry(
        said.operation, 'document_versions', said.id, NULL,
        jsonb_strip_nulls(jsonb_build_object(
            'version', said.number, 'workstation', v_workstation, 'seconds_late', nullif(said.seconds_late, 0))), ''
    )
    FROM (
        SELECT o.said ->> 'operation' AS operation, v.id, v.number, min(o.place) AS place, max(
            CASE WHEN jsonb_typeof(o.said -> 'seconds_late') = 'number'
                THEN least(greatest((o.said ->> 'seconds_late')::numeric, 0), 604800)::integer END
        ) AS seconds_late
        FROM jsonb_array_elements(v_list) WITH ORDINALITY AS o (said, place)
        JOIN center_00000000000000000000000000000000.document_versions v ON v.id = (o.said ->> 'version')::uuid
        WHERE o.said ->> 'operation' = ANY (v_wanted)
        GROUP BY 1, 2, 3 ORDER BY place
    ) AS said
    WHERE NOT EXISTS (
        SELECT FROM center_00000000000000000000000000000000.audit_log l
        WHERE l.login = session_user AND l.operation IN ('open', 'preview', 'export', 'sign_in')
            AND l.operation = said.operation AND l.row_id = said.id AND l.at > clock_timestamp() - interval '5 minutes'
    );
    GET DIAGNOSTICS v_noted = ROW_COUNT;
    RETURN v_noted;
END
$$;

-- Called by api.note_sign_in alone, for each center of a member. Of one person and workstation one in fifteen minutes: each
-- command of a script signs in (all of them are in public.sign_ins).
CREATE FUNCTION note_sign_in(p_person uuid, p_workstation text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_workstation CONSTANT jsonb := jsonb_build_object('workstation', left(coalesce(p_workstation, ''), 100));
BEGIN
    IF NOT EXISTS (
        SELECT FROM center_00000000000000000000000000000000.audit_log l
        WHERE l.login = session_user AND l.operation IN ('open', 'preview', 'export', 'sign_in')
            AND l.operation = 'sign_in' AND l.new = v_workstation AND l.at > clock_timestamp() - interval '15 minutes'
    ) THEN
        PERFORM center_00000000000000000000000000000000.write_entry(
            'sign_in', 'people', p_person, NULL, v_workstation, ''
        );
    END IF;
END
$$;
