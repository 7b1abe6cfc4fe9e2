"""The five fixed roles, the schemas, and what PUBLIC loses; run once, by a superuser, in the new database."""

from sqlalchemy import Connection, text

from desktop_app.db.migration_lines import run_text

GROUPS = ("labkeep_app", "labkeep_platform")
SERVER_WITH_MEMBERSHIP_OPTIONS = 160000

# Functions by which a login could leave something behind for others, speak to them or stand in their way, as a
# pattern because names and arguments differ between versions: writing large objects, pg_notify (not all of NOTIFY:
# the statement asks for no right), messages in the WAL, and advisory locks, which are one for the whole database.
_TAKEN_FROM_PUBLIC = (
    "^(lo_(creat|create|from_bytea|put|import|open|unlink|truncate|truncate64)|lowrite|pg_notify"
    "|pg_logical_emit_message|pg_(try_)?advisory_.*)$"
)
# The owner's triggers use these.
_GIVEN_TO_OWNER = "^(pg_notify|pg_(try_)?advisory_.*)$"

_REFUSE_DDL = """
CREATE FUNCTION internal.refuse_persons_ddl() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_user ~ '^(u_[a-z2-7]{32}|center_[0-9a-f]{32}_(viewer|user|admin)|labkeep_(app|platform))$' THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'no_objects_by_persons';
    END IF;
END $$;
REVOKE ALL ON FUNCTION internal.refuse_persons_ddl() FROM PUBLIC;
CREATE EVENT TRIGGER labkeep_refuse_persons_ddl ON ddl_command_start EXECUTE FUNCTION internal.refuse_persons_ddl();
"""

# A backup needs the verifiers of persons' passwords, which only a superuser sees; those of other roles it does not get.
_LEND_LOGINS = """
CREATE FUNCTION internal.person_logins() RETURNS TABLE (login text, verifier text, may_sign_in boolean, groups text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.rolname, coalesce(a.rolpassword, ''), a.rolcanlogin, ARRAY(
        SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
        WHERE m.member = a.oid AND g.rolname ~ '^(labkeep_(app|platform)|center_[0-9a-f]{32}_(viewer|user|admin))$'
        ORDER BY 1
    )
    FROM pg_authid a WHERE a.rolname ~ '^u_[a-z2-7]{32}$' ORDER BY 1
$$;
REVOKE ALL ON FUNCTION internal.person_logins() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION internal.person_logins() TO labkeep_backup;
"""


def make_roles(connection: Connection) -> None:
    """Make the fixed roles; none of them can sign in."""
    run = connection.exec_driver_sql
    run("CREATE ROLE labkeep_owner NOLOGIN")
    run("CREATE ROLE labkeep_security NOLOGIN CREATEROLE")
    for group in GROUPS:
        run(f"CREATE ROLE {group} NOLOGIN")
    # For scheduled backups: it reads everything and changes nothing. Without a password nobody signs in as it until the
    # server's administrator lets somebody: by the operating system's account (peer), or by a password in a passfile.
    run("CREATE ROLE labkeep_backup LOGIN BYPASSRLS CONNECTION LIMIT 4")
    run("ALTER ROLE labkeep_backup SET default_transaction_read_only = on")
    run("GRANT pg_signal_backend TO labkeep_security")
    # Whether the session that reserved a place is still there: others' beginnings are hidden otherwise.
    run("GRANT pg_read_all_stats TO labkeep_owner")
    if server_version(connection) >= SERVER_WITH_MEMBERSHIP_OPTIONS:
        # Before 16 CREATEROLE alone suffices to give memberships.
        run(f"GRANT {', '.join(GROUPS)} TO labkeep_security WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")


def make_schemas(connection: Connection, database: str) -> None:
    """Give the database and its schemas to their owners."""
    run = connection.exec_driver_sql
    quoted = connection.dialect.identifier_preparer.quote_identifier(database)
    run(f"ALTER DATABASE {quoted} OWNER TO labkeep_owner")
    # Rules that call functions make small queries look dear, and compiling one takes a thousand times as long as
    # running it: a quarter of all processor time where servers compile. The second line is for this very connection.
    run(f"ALTER DATABASE {quoted} SET jit = off")
    run("SET LOCAL jit = off")
    run("ALTER SCHEMA public OWNER TO labkeep_owner")
    run("CREATE SCHEMA api AUTHORIZATION labkeep_owner")
    run("CREATE SCHEMA internal AUTHORIZATION labkeep_owner")
    run("CREATE SCHEMA security AUTHORIZATION labkeep_security")


def close_to_public(connection: Connection, database: str) -> None:
    """Take from PUBLIC what PostgreSQL gives everybody, and give persons the little they need."""
    run = connection.exec_driver_sql
    quoted = connection.dialect.identifier_preparer.quote_identifier(database)
    for name in (quoted, "postgres", "template1"):
        run(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    run("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for owner in ("labkeep_owner", "labkeep_security"):
        run(f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    run(f"GRANT CONNECT ON DATABASE {quoted} TO labkeep_app, labkeep_backup")
    run("GRANT USAGE ON SCHEMA public, api TO labkeep_app")
    # Not pg_read_all_data, which reads the superuser's verifier, too. What is made later has the rights from the start.
    run("GRANT USAGE ON SCHEMA public, internal TO labkeep_backup")
    for what in ("USAGE ON SCHEMAS", "SELECT ON TABLES", "SELECT ON SEQUENCES"):
        run(f"ALTER DEFAULT PRIVILEGES FOR ROLE labkeep_owner GRANT {what} TO labkeep_backup")
    run("GRANT USAGE ON SCHEMA security TO labkeep_owner")
    run(f"REVOKE EXECUTE ON FUNCTION {_functions(connection, _TAKEN_FROM_PUBLIC)} FROM PUBLIC")
    run(f"GRANT EXECUTE ON FUNCTION {_functions(connection, _GIVEN_TO_OWNER)} TO labkeep_owner")


def forbid_ddl(connection: Connection) -> None:
    """Refuse every statement that makes or changes objects to persons before it does anything.

    PostgreSQL refuses them, too, but takes the lock first: CREATE RULE on a table that somebody is reading waits, and
    everybody else's statements behind it. The superuser's own, because it runs in whatever he does himself.
    """
    run_text(connection, _REFUSE_DDL)


def lend_logins(connection: Connection) -> None:
    """Let backups read persons' logins; the superuser's own function, too."""
    run_text(connection, _LEND_LOGINS)


def _functions(connection: Connection, pattern: str) -> str:
    """The signatures of the server's own functions with such a name, as GRANT takes them; every server has some."""
    found = connection.execute(
        text(
            "SELECT oid::regprocedure::text FROM pg_proc"
            " WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ :pattern"
        ),
        {"pattern": pattern},
    )
    return ", ".join(found.scalars())


def server_version(connection: Connection) -> int:
    """PostgreSQL's number of itself, such as 180004."""
    return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
