"""Putting somebody out who, or whose colleague, leaves a transaction open: told, stopped, and truthful about it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest

from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled
from desktop_app.services.records.deactivation import DeactivationStoppedError
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, World


@contextmanager
def open_transaction(lab: Lab, *statements: str) -> Iterator[Any]:
    """A transaction of that person in a connection of his own, never ended by him."""
    engine = lab._context.shared.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        for statement in statements:
            connection.exec_driver_sql(statement)
        yield connection
        connection.invalidate()


def is_closed(world: World, login: str) -> bool:
    with world.superuser() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT NOT rolcanlogin FROM pg_roles WHERE rolname = %s", (login,))
        return bool(cursor.fetchall()[0][0])


def test_who_changes_his_password_for_ever_is_put_out(world: World) -> None:
    somebody = world.person(Role.VIEWER, "alpha")
    with world.enter(somebody) as lab:
        with open_transaction(lab, f"ALTER ROLE {lab.login} PASSWORD NULL"):
            changed = world.lab("a.admin").users.deactivate(somebody.username)
        assert (changed.user.is_active, changed.sessions_left) == (False, 0)
        assert is_closed(world, lab.login)


def hold_a_sample_of(lab: Lab, leaver: Lab) -> tuple[str, ...]:
    schema = lab.centers.get("alpha").schema_name
    columns = "(id, name, sample_type, user_id)"
    return (f"INSERT INTO {schema}.samples {columns} VALUES (gen_random_uuid(), 'x', 'blood', '{leaver.user.id}')",)


def test_a_colleague_who_stands_in_the_way_is_named_and_then_ended(world: World) -> None:
    leaver, colleague = world.person(Role.USER, "alpha"), world.person(Role.USER, "alpha")
    said: list[str] = []
    with world.enter(leaver) as leaving, world.enter(colleague) as holding:
        with open_transaction(holding, *hold_a_sample_of(holding, leaving)):
            changed = world.lab("a.admin").users.deactivate(leaver.username, said.append)
        assert (changed.user.is_active, changed.sessions_left) == (False, 0)
    assert f"Waiting for {colleague.username}: an open transaction stands in the way…" in said


def test_a_stopped_deactivation_says_what_was_done_and_goes_on_the_next_time(world: World) -> None:
    leaver, colleague = world.person(Role.USER, "alpha"), world.person(Role.USER, "alpha")

    def stop(sentence: str) -> None:
        if colleague.username in sentence:
            raise Cancelled("Stopped.")

    users = world.lab("a.admin").users
    with world.enter(leaver) as leaving, world.enter(colleague) as holding:
        with open_transaction(holding, *hold_a_sample_of(holding, leaving)) as connection:
            with pytest.raises(DeactivationStoppedError, match="cannot sign in any more, but still has the rights"):
                users.deactivate(leaver.username, stop)
            connection.exec_driver_sql("SELECT 1")  # the colleague was not ended
            assert is_closed(world, leaving.login)
            assert users.get(leaver.username).is_active
        assert not users.deactivate(leaver.username).user.is_active
        assert users.activate(leaver.username).is_active
    world.enter(leaver).close()  # and is back, with all that he had


def test_a_deactivation_that_is_stopped_at_once_changed_nothing(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")

    def stop(_sentence: str) -> None:
        raise Cancelled("Stopped.")

    with world.enter(somebody) as lab:
        with pytest.raises(DeactivationStoppedError, match="can still sign in"):
            world.lab(ROOT).users.deactivate(somebody.username, stop)
        assert not is_closed(world, lab.login)


def test_an_open_window_ends_who_lets_nobody_sign_in(world: World) -> None:
    """The database itself is asked for, while the same person holds it by a harmless setting."""
    somebody = world.person(Role.VIEWER, "alpha")
    database = world.profile.database
    bystander = world.lab("b.user")
    bystander.free_the_way()  # with a connection that is open from before
    with world.enter(somebody) as lab, world.superuser() as watching, watching.cursor() as cursor:
        holding = f"ALTER ROLE {lab.login} IN DATABASE {database} SET work_mem = '4MB'"
        with open_transaction(lab, holding), lab._context.shared.engine.connect() as asking:
            driver: Any = asking.connection.dbapi_connection
            driver.autocommit = True
            thread = threading.Thread(target=ask_for_the_database, args=(driver, database))
            thread.start()
            waits = 0
            while not waits:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", (driver.info.backend_pid,)
                )
                waits = cursor.fetchall()[0][0]
            while thread.is_alive():
                bystander.free_the_way()
            thread.join()
            asking.invalidate()
    world.sign_in("a.viewer").close()


def ask_for_the_database(driver: Any, database: str) -> None:
    with pytest.raises(psycopg2.OperationalError):
        driver.cursor().execute(f"DROP DATABASE {database}")
