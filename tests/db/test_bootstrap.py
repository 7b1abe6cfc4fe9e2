"""Tests of making an installation: what is there afterwards, what is refused, and that a failure leaves nothing."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import psycopg2
import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812
from sqlalchemy import text
from sqlalchemy.orm import Session

from desktop_app.db.bootstrap import prepare_cluster
from desktop_app.db.bootstrap_checks import (
    BootstrapRefusedError,
    DatabaseInUseError,
    LeftoverRolesError,
    NotSuperuserError,
    OtherDatabasesError,
    ServerTooOldError,
    WrongEncodingError,
    check_cluster,
)
from desktop_app.errors import InvalidInputError, LabkeepError
from tests.db.installation import DATABASE, Installation, wipe
from tests.servers import TestServer

FIXED_ROLES = {"labkeep_owner", "labkeep_security", "labkeep_app", "labkeep_platform", "labkeep_backup"}


@contextmanager
def connected(server: TestServer, database: str = "postgres") -> Iterator[Any]:
    with closing(psycopg2.connect(server.dsn(database))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def rows(server: TestServer, statement: str, database: str = "postgres") -> list[Any]:
    with connected(server, database) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def state(server: TestServer) -> list[Any]:
    """Everything that init could change in a cluster, apart from the inside of a database."""
    return [
        rows(server, "SELECT rolname, rolsuper, rolcreaterole, rolcanlogin FROM pg_roles ORDER BY 1"),
        rows(server, "SELECT datname, datdba::regrole::text, datacl::text FROM pg_database ORDER BY 1"),
        rows(server, "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2"),
    ]


@contextmanager
def unchanged(server: TestServer) -> Iterator[None]:
    before = state(server)
    yield
    assert state(server) == before


@contextmanager
def extra_database(server: TestServer, name: str, options: str = "") -> Iterator[None]:
    with connected(server) as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" {options}')
    try:
        yield
    finally:
        with connected(server) as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


# What is there afterwards


def test_of_the_fixed_roles_only_one_may_make_roles_and_only_that_of_backups_could_sign_in(
    empty_cluster: TestServer,
) -> None:
    prepare_cluster(empty_cluster.admin_dsn, uuid4())
    found = rows(
        empty_cluster,
        "SELECT rolname, rolcanlogin, rolcreaterole, rolcreatedb, rolsuper, rolbypassrls, rolreplication"
        " FROM pg_roles WHERE rolname LIKE 'labkeep\\_%' AND NOT rolsuper ORDER BY 1",
    )
    assert {row[0] for row in found} == FIXED_ROLES
    for name, may_sign_in, may_make_roles, *more in found:
        assert may_sign_in == (name == "labkeep_backup")
        assert may_make_roles == (name == "labkeep_security")
        assert more == [False, False, name == "labkeep_backup", False]
    # It has no password: the server's administrator lets it in, by one or by an account of the system.
    passwords = rows(empty_cluster, "SELECT rolpassword FROM pg_authid WHERE rolname = 'labkeep_backup'")
    assert passwords == [(None,)]


def test_public_may_nothing_any_more(empty_cluster: TestServer) -> None:
    prepare_cluster(empty_cluster.admin_dsn, uuid4())
    with connected(empty_cluster, DATABASE) as cursor:
        cursor.execute("CREATE ROLE somebody LOGIN")
        try:
            for database in (DATABASE, "postgres", "template1"):
                for right in ("CONNECT", "TEMP", "CREATE"):
                    cursor.execute("SELECT has_database_privilege('somebody', %s, %s)", (database, right))
                    assert cursor.fetchone() == (False,), (database, right)
            cursor.execute(
                "SELECT count(*) FROM pg_proc WHERE oid >= 16384 AND has_function_privilege('somebody', oid, 'EXECUTE')"
            )
            assert cursor.fetchone() == (0,)
            cursor.execute(
                "SELECT nspname FROM pg_namespace WHERE has_schema_privilege('somebody', oid, 'CREATE')"
                " OR (oid >= 16384 AND has_schema_privilege('somebody', oid, 'USAGE')) OR (nspname = 'public'"
                " AND has_schema_privilege('somebody', oid, 'USAGE'))"
            )
            assert cursor.fetchall() == []
        finally:
            cursor.execute("DROP ROLE somebody")


def test_owner_and_security_own_what_is_theirs(empty_cluster: TestServer) -> None:
    prepare_cluster(empty_cluster.admin_dsn, uuid4())
    found = rows(
        empty_cluster,
        "SELECT DISTINCT n.nspname, p.proowner::regrole::text FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid >= 16384"
        # One runs in whatever the superuser does himself, the other sees what only he does: so they are his.
        " AND p.proname NOT IN ('refuse_persons_ddl', 'person_logins') ORDER BY 1",
        DATABASE,
    )
    assert found == [
        ("api", "labkeep_owner"),
        ("internal", "labkeep_owner"),
        ("public", "labkeep_owner"),
        ("security", "labkeep_security"),
    ]
    not_owners = rows(
        empty_cluster,
        "SELECT relname FROM pg_class WHERE oid >= 16384 AND relowner <> 'labkeep_owner'::regrole"
        " AND relnamespace <> 'pg_toast'::regnamespace",
        DATABASE,
    )
    assert not_owners == []


def test_every_definer_function_fixes_its_search_path(empty_cluster: TestServer) -> None:
    prepare_cluster(empty_cluster.admin_dsn, uuid4())
    found = rows(empty_cluster, "SELECT proname, proconfig FROM pg_proc WHERE oid >= 16384 AND prosecdef", DATABASE)
    assert len(found) > 20
    for name, config in found:
        assert config is not None, name
        assert "search_path=pg_catalog, pg_temp" in config, name


def test_template_is_recorded_and_nothing_of_the_scratch_schema_stays(empty_cluster: TestServer) -> None:
    prepare_cluster(empty_cluster.admin_dsn, uuid4())
    statements = [row[0] for row in rows(empty_cluster, "SELECT statement FROM public.center_template", DATABASE)]
    assert any("CREATE TABLE samples" in statement for statement in statements)
    assert not any("alembic_version" in statement for statement in statements)
    assert rows(empty_cluster, "SELECT 1 FROM pg_roles WHERE rolname LIKE 'center%'") == []
    assert rows(empty_cluster, "SELECT 1 FROM pg_namespace WHERE nspname LIKE 'center%'", DATABASE) == []


def test_installation_row_names_itself_once(empty_cluster: TestServer) -> None:
    installation_id = uuid4()
    prepare_cluster(empty_cluster.admin_dsn, installation_id)
    ((found, kdf),) = rows(empty_cluster, "SELECT id::text, kdf FROM public.installation", DATABASE)
    assert found == str(installation_id)
    assert kdf == "kdf 1"
    with connected(empty_cluster, DATABASE) as cursor, pytest.raises(psycopg2.errors.UniqueViolation):
        cursor.execute(
            "INSERT INTO public.installation (id, epoch, kdf, oldest_client, migrated_by)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), 'x', 'y', 'z')"
        )


def test_database_of_another_name_is_taken_from_the_dsn(empty_cluster: TestServer) -> None:
    with extra_database(empty_cluster, "our lab", "TEMPLATE template0 ENCODING 'UTF8'"):
        address = prepare_cluster(empty_cluster.dsn("our lab"), uuid4())
        assert address.database == "our lab"
        assert rows(empty_cluster, "SELECT count(*) FROM public.installation", "our lab") == [(1,)]


# What is refused


def test_old_server_is_refused() -> None:
    old = cast("Psycopg2Connection", SimpleNamespace(server_version=140012))
    with pytest.raises(ServerTooOldError, match="PostgreSQL 14; Labkeep needs 15"):
        check_cluster(old, DATABASE)


def test_login_without_superuser_is_refused(empty_cluster: TestServer) -> None:
    with connected(empty_cluster) as cursor:
        cursor.execute("CREATE ROLE nearly LOGIN CREATEROLE CREATEDB PASSWORD 'pw'")
        # A cluster that an installation was on once has taken this from PUBLIC.
        cursor.execute("GRANT CONNECT ON DATABASE postgres TO nearly")
    try:
        with unchanged(empty_cluster), pytest.raises(NotSuperuserError):
            prepare_cluster(empty_cluster.dsn("postgres", "nearly", "pw"), uuid4())
    finally:
        with connected(empty_cluster) as cursor:
            cursor.execute("DROP OWNED BY nearly; DROP ROLE nearly")


def test_cluster_with_other_databases_is_refused_and_they_are_named(empty_cluster: TestServer) -> None:
    with (
        extra_database(empty_cluster, "payroll"),
        extra_database(empty_cluster, "Wiki"),
        unchanged(empty_cluster),
        pytest.raises(OtherDatabasesError) as refused,
    ):
        prepare_cluster(empty_cluster.admin_dsn, uuid4())
    assert set(refused.value.databases) == {"payroll", "Wiki"}
    assert "payroll" in str(refused.value)
    assert "PUBLIC" in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        "CREATE TABLE t (a int)",
        "CREATE SCHEMA theirs",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE mood AS ENUM ('sad')",
        "SELECT lo_create(0)",
        "CREATE SEQUENCE s",
    ],
)
def test_database_that_holds_something_is_refused(empty_cluster: TestServer, content: str) -> None:
    with extra_database(empty_cluster, DATABASE, "TEMPLATE template0 ENCODING 'UTF8'"):
        with connected(empty_cluster, DATABASE) as cursor:
            cursor.execute(content)
        with unchanged(empty_cluster), pytest.raises(DatabaseInUseError):
            prepare_cluster(empty_cluster.admin_dsn, uuid4())


def test_second_installation_is_refused(empty_cluster: TestServer) -> None:
    prepare_cluster(empty_cluster.admin_dsn, uuid4())
    with unchanged(empty_cluster), pytest.raises(LeftoverRolesError):
        prepare_cluster(empty_cluster.admin_dsn, uuid4())


@pytest.mark.parametrize("role", ["labkeep_app", "u_" + "a" * 32, "center_" + "0" * 32 + "_admin"])
def test_roles_left_over_are_refused_by_name(empty_cluster: TestServer, role: str) -> None:
    with connected(empty_cluster) as cursor:
        cursor.execute(f"CREATE ROLE {role}")
    with unchanged(empty_cluster), pytest.raises(LeftoverRolesError) as refused:
        prepare_cluster(empty_cluster.admin_dsn, uuid4())
    assert refused.value.roles == (role,)


def test_database_in_another_encoding_is_refused(empty_cluster: TestServer) -> None:
    with (
        extra_database(
            empty_cluster, DATABASE, "TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
        ),
        unchanged(empty_cluster),
        pytest.raises(WrongEncodingError),
    ):
        prepare_cluster(empty_cluster.admin_dsn, uuid4())


@pytest.mark.parametrize("name", ["postgres", "template1", "template0"])
def test_databases_of_the_cluster_are_not_taken(empty_cluster: TestServer, name: str) -> None:
    with unchanged(empty_cluster), pytest.raises(DatabaseInUseError):
        prepare_cluster(empty_cluster.admin_dsn, uuid4(), database=name)


def test_dsn_that_cannot_be_read_shows_no_password(empty_cluster: TestServer) -> None:
    with pytest.raises(InvalidInputError) as refused:
        prepare_cluster("host=x pasword=verysecret", uuid4())
    assert "verysecret" not in str(refused.value)


# All or nothing


class _Stop(Exception):  # noqa: N818
    pass


def _stop(_session: Session) -> None:
    raise _Stop


def test_failure_of_the_first_rows_leaves_nothing(empty_cluster: TestServer) -> None:
    with unchanged(empty_cluster), pytest.raises(_Stop):
        prepare_cluster(empty_cluster.admin_dsn, uuid4(), then=_stop)
    prepare_cluster(empty_cluster.admin_dsn, uuid4())


def test_lost_connection_leaves_nothing(empty_cluster: TestServer) -> None:
    def kill(session: Session) -> None:
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with connected(empty_cluster) as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        session.execute(text("SELECT 1"))

    with unchanged(empty_cluster), pytest.raises(LabkeepError):
        prepare_cluster(empty_cluster.admin_dsn, uuid4(), then=kill)


def test_failure_in_a_database_made_before_keeps_it_empty(empty_cluster: TestServer) -> None:
    with extra_database(empty_cluster, DATABASE, "TEMPLATE template0 ENCODING 'UTF8'"):
        with unchanged(empty_cluster), pytest.raises(_Stop):
            prepare_cluster(empty_cluster.admin_dsn, uuid4(), then=_stop)
        prepare_cluster(empty_cluster.admin_dsn, uuid4())


def test_of_two_set_ups_at_once_one_wins_whole(empty_cluster: TestServer) -> None:
    arrived = threading.Barrier(2)
    outcomes: list[object] = []

    def set_up() -> None:
        mine = uuid4()
        arrived.wait(timeout=30)
        try:
            prepare_cluster(empty_cluster.admin_dsn, mine)
            outcomes.append(mine)
        except LabkeepError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=set_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    winners = [outcome for outcome in outcomes if not isinstance(outcome, LabkeepError)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, LabkeepError)]
    assert len(winners) == len(losers) == 1
    assert isinstance(losers[0], BootstrapRefusedError), losers
    assert rows(empty_cluster, "SELECT id::text FROM public.installation", DATABASE) == [(str(winners[0]),)]


def test_first_administrator_is_part_of_it(empty_cluster: TestServer) -> None:
    made = Installation(empty_cluster).make()
    try:
        assert made.value("SELECT count(*) FROM public.trust_log") == 2
        assert made.value("SELECT session_user::text") == empty_cluster.superuser
        with made.raw(made.system) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT username FROM public.users")
            assert cursor.fetchall() == [("root.admin",)]
    finally:
        made.close()
        wipe(empty_cluster)
