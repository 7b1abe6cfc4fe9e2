-- The only functions that make and change roles; owned by labkeep_security, called by labkeep_owner's functions only.
-- They check the form of every name themselves; whether the caller may is decided in schema api.

CREATE FUNCTION security.check_login(p_login text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_login IS NULL OR p_login !~ '^u_[a-z2-7]{32}$' THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'login', MESSAGE = 'not_a_login';
    END IF;
END $$;

CREATE FUNCTION security.check_verifier(p_verifier text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_verifier IS NULL OR p_verifier
        !~ '^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$' THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'verifier',
            MESSAGE = 'not_a_verifier';
    END IF;
END $$;

CREATE FUNCTION security.check_group(p_group text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_group IS NULL
        OR p_group !~ '^(labkeep_app|labkeep_platform|center_[0-9a-f]{32}_(viewer|user|admin))$' THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'role', MESSAGE = 'not_a_group';
    END IF;
END $$;

-- Since 16 a membership says what it confers: the rights of the group, but no SET ROLE to it.
CREATE FUNCTION security.grant_membership(p_group text, p_member text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_options text := CASE WHEN current_setting('server_version_num')::int >= 160000
        THEN ' WITH INHERIT TRUE, SET FALSE' ELSE '' END;
BEGIN
    EXECUTE format('GRANT %I TO %I', p_group, p_member) || v_options;
END $$;

CREATE FUNCTION security.make_center_roles(p_hex text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_viewer text := 'center_' || p_hex || '_viewer';
    v_user text := 'center_' || p_hex || '_user';
    v_admin text := 'center_' || p_hex || '_admin';
BEGIN
    -- The zeros belong to the template: a real center of that name would stand in the way of every migration.
    IF p_hex IS NULL OR p_hex !~ '^[0-9a-f]{32}$' OR p_hex = repeat('0', 32) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'id', MESSAGE = 'not_a_center_id';
    END IF;
    PERFORM security.forget_self_grants();
    EXECUTE format('CREATE ROLE %I NOLOGIN', v_viewer);
    EXECUTE format('CREATE ROLE %I NOLOGIN', v_user);
    EXECUTE format('CREATE ROLE %I NOLOGIN', v_admin);
    PERFORM security.grant_membership(v_viewer, v_user);
    PERFORM security.grant_membership(v_user, v_admin);
END $$;

-- Once its schema is gone nothing depends on them; who was in them is in them no more.
CREATE FUNCTION security.drop_center_roles(p_hex text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_hex IS NULL OR p_hex !~ '^[0-9a-f]{32}$' THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'id', MESSAGE = 'not_a_center_id';
    END IF;
    EXECUTE format('DROP ROLE %I', 'center_' || p_hex || '_admin');
    EXECUTE format('DROP ROLE %I', 'center_' || p_hex || '_user');
    EXECUTE format('DROP ROLE %I', 'center_' || p_hex || '_viewer');
END $$;

-- createrole_self_grant (16 and newer) is the caller's to set, and would give labkeep_security the new role itself.
CREATE FUNCTION security.forget_self_grants() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        PERFORM set_config('createrole_self_grant', '', true);
    END IF;
END $$;

-- A window uses five connections at most (POOL_SIZE, the one that listens and, while it waits for a lock, that of
-- db/lock_waits.py), so ten are two windows. On a small server it is a quarter of what there is: three people leave room for a fourth.
CREATE FUNCTION security.connections_of_one() RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT least(10, (current_setting('max_connections')::integer
        - current_setting('superuser_reserved_connections')::integer
        - coalesce(current_setting('reserved_connections', true), '0')::integer) / 4)
$$;

CREATE FUNCTION security.make_login(p_login text, p_verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM security.check_login(p_login);
    PERFORM security.check_verifier(p_verifier);
    PERFORM security.forget_self_grants();
    EXECUTE format('CREATE ROLE %I LOGIN NOCREATEDB NOCREATEROLE CONNECTION LIMIT %s PASSWORD %L',
                   p_login, security.connections_of_one(), p_verifier);
    PERFORM security.grant_membership('labkeep_app', p_login);
END $$;

CREATE FUNCTION security.set_verifier(p_login text, p_verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM security.check_login(p_login);
    PERFORM security.check_verifier(p_verifier);
    EXECUTE format('ALTER ROLE %I PASSWORD %L', p_login, p_verifier);
END $$;

CREATE FUNCTION security.join_group(p_login text, p_group text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM security.check_login(p_login);
    PERFORM security.check_group(p_group);
    PERFORM security.grant_membership(p_group, p_login);
END $$;

CREATE FUNCTION security.leave_group(p_login text, p_group text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM security.check_login(p_login);
    PERFORM security.check_group(p_group);
    IF NOT pg_has_role(p_login, p_group, 'MEMBER') THEN
        RETURN;
    END IF;
    EXECUTE format('REVOKE %I FROM %I', p_group, p_login);
    -- Since 16 a membership that another grantor gave stays, with no more than a warning.
    IF pg_has_role(p_login, p_group, 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = 'LK004',
            MESSAGE = 'rights_of_database_admin';
    END IF;
END $$;

CREATE FUNCTION security.open_login(p_login text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM security.check_login(p_login);
    EXECUTE format('ALTER ROLE %I LOGIN', p_login);
    PERFORM security.grant_membership('labkeep_app', p_login);
END $$;

CREATE FUNCTION security.close_login(p_login text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM security.check_login(p_login);
    EXECUTE format('ALTER ROLE %I NOLOGIN', p_login);
    PERFORM security.leave_group(p_login, 'labkeep_app');
END $$;

-- How many sessions are left; the client calls again until none is. One call waits at most a second per session.
CREATE FUNCTION security.end_sessions(p_login text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_left integer;
BEGIN
    PERFORM security.check_login(p_login);
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_terminate_backend(a.pid, 1000) FROM pg_stat_activity a
        WHERE a.usename = p_login AND a.pid <> pg_backend_pid();
    PERFORM pg_stat_clear_snapshot();
    SELECT count(*) INTO v_left FROM pg_stat_activity a WHERE a.usename = p_login AND a.pid <> pg_backend_pid();
    RETURN v_left;
END $$;

GRANT EXECUTE ON FUNCTION
    security.make_center_roles(text), security.drop_center_roles(text), security.make_login(text, text), security.set_verifier(text, text),
    security.join_group(text, text), security.leave_group(text, text), security.open_login(text),
    security.close_login(text), security.end_sessions(text)
    TO labkeep_owner;
