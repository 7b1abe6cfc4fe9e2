-- The centers' own copies of who is or was a member (no foreign key leaves a center's schema).

CREATE FUNCTION internal.display_name(p_user public.users) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(nullif(btrim(p_user.first_name || ' ' || p_user.last_name), ''), p_user.username)
$$;

-- Comes in, or comes back: the row of a former member is taken up again.
CREATE FUNCTION internal.enter_centers(p_user public.users, p_centers uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center uuid;
BEGIN
    FOREACH v_center IN ARRAY p_centers LOOP
        EXECUTE format($sql$
            INSERT INTO %I.people AS p (id, login, username, display_name, member_from, is_system)
            VALUES ($1, $2, $3, $4, clock_timestamp(), $5)
            ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, is_system = excluded.is_system,
                member_from = CASE WHEN p.member_until IS NULL THEN p.member_from ELSE excluded.member_from END,
                member_until = NULL
        $sql$, internal.center_schema(v_center))
            USING p_user.id, p_user.login, p_user.username, internal.display_name(p_user), p_user.is_system;
    END LOOP;
END $$;

CREATE FUNCTION internal.leave_centers(p_user uuid, p_centers uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center uuid;
BEGIN
    FOREACH v_center IN ARRAY p_centers LOOP
        EXECUTE format('UPDATE %I.people SET member_until = clock_timestamp() WHERE id = $1 AND member_until IS NULL',
                       internal.center_schema(v_center)) USING p_user;
    END LOOP;
    -- A leaver may have kept a copy of the key: what comes next needs a new one.
    UPDATE public.centers c SET rotation_due = true WHERE c.id = ANY (p_centers) AND NOT c.rotation_due;
END $$;

-- In the centers where he is a member; one that he has left keeps the name that it knew.
CREATE FUNCTION internal.rename_in_centers(p_user public.users) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_center uuid;
BEGIN
    FOREACH v_center IN ARRAY internal.at_once(p_user.id, internal.centers_of(p_user)) LOOP
        EXECUTE format('UPDATE %I.people SET display_name = $2 WHERE id = $1 AND display_name <> $2',
                       internal.center_schema(v_center))
            USING p_user.id, internal.display_name(p_user);
    END LOOP;
END $$;
