"""Locks that PostgreSQL gives a member, or takes before it refuses him: nobody else queues behind them."""

import threading
from contextlib import ExitStack
from typing import Any

import psycopg2
import pytest

from desktop_app.db.sessions import CenterSessions
from desktop_app.db.user_engine import UserEngine
from desktop_app.domain.ids import schema_name
from tests.db.attacks.open_transactions import held, sample
from tests.db.conftest import TwoCenters
from tests.db.installation import DATABASE, Member


def queued(scene: TwoCenters, who: Member, holding: str, asking: str) -> ExitStack:
    """One session of the member holds, a second one asks for what is refused to it, and waits."""
    stack = ExitStack()
    # From before, because nobody may be able to come in afterwards.
    watching = stack.enter_context(scene.installation.raw()).cursor()
    holder = stack.enter_context(scene.installation.raw(who)).cursor()
    holder.execute("BEGIN")
    holder.execute(holding)
    asker = stack.enter_context(scene.installation.raw(who))
    pid = asker.info.backend_pid

    def ask() -> None:
        try:
            asker.cursor().execute(asking)
        except psycopg2.Error:
            return

    thread = threading.Thread(target=ask)
    thread.start()
    stack.callback(thread.join)
    stack.callback(holder.connection.close)
    waits = 0
    while not waits:
        watching.execute("SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", (pid,))
        ((waits,),) = watching.fetchall()
    return stack


def test_a_sign_in_does_not_queue_behind_a_request_for_the_database_itself(two_centers: TwoCenters) -> None:
    """An event trigger does not see statements about databases: whoever is signed in already ends the waiting one."""
    who, lab = two_centers.viewer_a, two_centers.installation
    holding = f"ALTER ROLE {who.login} IN DATABASE {DATABASE} SET work_mem = '4MB'"
    with lab.raw(two_centers.user_b) as open_window, queued(two_centers, who, holding, f"DROP DATABASE {DATABASE}"):
        ended: list[Any] = []
        while not any(was for _, was in ended):
            with open_window.cursor() as cursor:
                cursor.execute("SELECT * FROM api.end_blockers(NULL)")
                ended += cursor.fetchall()
        assert ended[-1] == (who.login, True)
        with lab.raw(two_centers.viewer_b) as connection:
            connection.cursor().execute("SELECT 1")


def test_a_locked_table_of_an_administrator_is_let_go(two_centers: TwoCenters) -> None:
    """DELETE on a table is enough for its strongest lock."""
    table = f"{schema_name(two_centers.a)}.samples"

    def lock(_scene: TwoCenters, _who: Member, cursor: Any) -> None:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

    engine = UserEngine(two_centers.installation.address, two_centers.viewer_a.login, two_centers.viewer_a.password)
    try:
        with held(two_centers, two_centers.admin_a, lock):
            sessions = CenterSessions(engine.engine, schema_name(two_centers.a), lock_waits=engine.lock_waits)
            with sessions.begin() as session:
                session.connection().exec_driver_sql("SELECT count(*) FROM samples")
    finally:
        engine.close()


@pytest.mark.parametrize("member", ["viewer_a", "user_a"])
def test_members_lock_tables_only_as_their_statements_do(two_centers: TwoCenters, member: str) -> None:
    schema = schema_name(two_centers.a)
    tables = two_centers.installation.value(
        "SELECT array_agg(oid::regclass::text) FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text"
        " = ANY (%s)",
        ["public", schema],
    )
    stronger = ("ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE")
    with two_centers.installation.raw(getattr(two_centers, member)) as connection, connection.cursor() as cursor:
        for table in tables:
            for mode in (*stronger, "ACCESS EXCLUSIVE"):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(f"BEGIN; LOCK TABLE {table} IN {mode} MODE")
                cursor.execute("ROLLBACK")


# Barcodes


def test_a_statement_stopped_while_it_takes_a_barcode_keeps_no_lock(two_centers: TwoCenters) -> None:
    """The first barcode of a day takes a lock of the session's: a timeout in between must not keep it."""
    schema, lab = schema_name(two_centers.a), two_centers.installation
    with lab.raw() as owner, owner.cursor() as holder, lab.raw(two_centers.user_a) as connection:
        holder.execute(f"BEGIN; SELECT setval('{schema}.sample_barcodes', 1)")
        holder.execute(f"COMMIT; BEGIN; ALTER SEQUENCE {schema}.sample_barcodes CACHE 1")
        cursor = connection.cursor()
        cursor.execute("SET statement_timeout = '300ms'")
        with pytest.raises(psycopg2.errors.QueryCanceled):
            sample(two_centers, two_centers.user_a, cursor)
        holder.execute("ROLLBACK")
        assert lab.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
