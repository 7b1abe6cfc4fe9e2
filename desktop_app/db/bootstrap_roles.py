"""The four fixed roles, the schemas, and what PUBLIC loses; run once, by a superuser, in the new database."""

from sqlalchemy import Connection, text

GROUPS = ("labkeep_app", "labkeep_platform")
SERVER_WITH_MEMBERSHIP_OPTIONS = 160000

# Functions by which a login could leave something behind for others, or speak to them. pg_notify is not all of
# NOTIFY (the statement asks for no right); the others are the ways to write a large object or into the WAL.
_TAKEN_FROM_PUBLIC = (
    "lo_creat", "lo_create", "lo_from_bytea", "lo_put", "lowrite", "lo_import", "lo_open", "lo_unlink",
    "lo_truncate", "lo_truncate64", "pg_notify", "pg_logical_emit_message",
)  # fmt: skip


def make_roles(connection: Connection) -> None:
    """Make the fixed roles; none of them can sign in."""
    run = connection.exec_driver_sql
    run("CREATE ROLE labkeep_owner NOLOGIN")
    run("CREATE ROLE labkeep_security NOLOGIN CREATEROLE")
    for group in GROUPS:
        run(f"CREATE ROLE {group} NOLOGIN")
    run("GRANT pg_signal_backend TO labkeep_security")
    if server_version(connection) >= SERVER_WITH_MEMBERSHIP_OPTIONS:
        # Before 16 CREATEROLE alone suffices to give memberships.
        run(f"GRANT {', '.join(GROUPS)} TO labkeep_security WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")


def make_schemas(connection: Connection, database: str) -> None:
    """Give the database and its schemas to their owners."""
    run = connection.exec_driver_sql
    quoted = connection.dialect.identifier_preparer.quote_identifier(database)
    run(f"ALTER DATABASE {quoted} OWNER TO labkeep_owner")
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
    run(f"GRANT CONNECT ON DATABASE {quoted} TO labkeep_app")
    run("GRANT USAGE ON SCHEMA public, api TO labkeep_app")
    run("GRANT USAGE ON SCHEMA security TO labkeep_owner")
    # By name, whatever their arguments: pg_logical_emit_message has other ones in each version.
    found = connection.execute(
        text("SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace"
             " AND proname = ANY (:names)"),
        {"names": list(_TAKEN_FROM_PUBLIC)},
    )  # fmt: skip
    for signature in found.scalars().all():
        run(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    run("GRANT EXECUTE ON FUNCTION pg_notify(text, text) TO labkeep_owner")


def server_version(connection: Connection) -> int:
    """PostgreSQL's number of itself, such as 180004."""
    return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
