"""What a member's open transaction does to others: it is ended, on every server, whatever it holds."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812
from sqlalchemy.orm import Session

from desktop_app.db import administration, lock_waits
from desktop_app.db.api_rows import EntryRow
from desktop_app.db.sessions import CenterSessions
from desktop_app.db.user_engine import UserEngine
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled
from tests.db.attacks.open_transactions import (
    HOLDS,
    Hold,
    deactivate,
    held,
    own_keys,
    own_password,
    program,
    sample,
    sealed_sample,
)
from tests.db.conftest import TwoCenters
from tests.db.installation import DATABASE, Member

# Of a waiting administrator: the server's blocker timeout, and what the machine needs.
AT_MOST_SECONDS = 30.0


SET_BLOCKER_TIMEOUT = (
    "CREATE OR REPLACE FUNCTION internal.blocker_timeout() RETURNS interval"
    " LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT interval '{}' $$"
)


@pytest.fixture
def short_blocker_timeout(two_centers: TwoCenters, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A tenth of the waiting, for the many cases; test_queued_locks.py waits as long as people do."""
    monkeypatch.setattr(lock_waits, "FIRST_LOOK_SECONDS", 0.1)
    monkeypatch.setattr(lock_waits, "NEXT_LOOK_SECONDS", 0.1)
    assert two_centers.installation.value("SELECT internal.blocker_timeout()::text") == "00:00:05"
    with two_centers.installation.raw() as owner, owner.cursor() as cursor:
        cursor.execute(SET_BLOCKER_TIMEOUT.format("0.5 seconds"))
        yield
        cursor.execute(SET_BLOCKER_TIMEOUT.format("5 seconds"))


@pytest.fixture
def people(two_centers: TwoCenters) -> dict[str, Member]:
    """A viewer and a user of A, new for each test, because they are put out."""
    scene, tag = two_centers.installation, uuid4().hex[:8]
    return {role: scene.add_member(f"{role}.{tag}", Role(role), two_centers.a) for role in ("viewer", "user")}


def is_ended(connection: Psycopg2Connection) -> bool:
    with pytest.raises(psycopg2.OperationalError):
        connection.cursor().execute("SELECT 1")
    return True


def may_sign_in(scene: TwoCenters, member: Member) -> bool:
    found = scene.installation.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", member.login)
    return bool(found)


@pytest.mark.usefixtures("short_blocker_timeout")
@pytest.mark.parametrize(("hold", "role"), HOLDS)
def test_nobody_blocks_his_own_removal(
    two_centers: TwoCenters, people: dict[str, Member], hold: Hold, role: str
) -> None:
    leaver, began = people[role], time.monotonic()
    with held(two_centers, leaver, hold) as connection, program(two_centers, two_centers.admin_a) as sessions:
        deactivate(two_centers, sessions, two_centers.admin_a, leaver)
        assert is_ended(connection)
    assert time.monotonic() - began < AT_MOST_SECONDS
    assert not may_sign_in(two_centers, leaver)


@pytest.mark.usefixtures("short_blocker_timeout")
@pytest.mark.parametrize(("hold", "role"), HOLDS)
def test_nobody_blocks_somebody_elses_removal(
    two_centers: TwoCenters, people: dict[str, Member], hold: Hold, role: str
) -> None:
    other = two_centers.installation.add_member(f"other.{uuid4().hex[:8]}", Role.USER, two_centers.a)
    with held(two_centers, people[role], hold), program(two_centers, two_centers.admin_a) as sessions:
        deactivate(two_centers, sessions, two_centers.admin_a, other)
    assert not may_sign_in(two_centers, other)


def create_user(scene: TwoCenters, session: Session) -> None:
    lab = scene.installation
    member = Member(f"new.{uuid4().hex[:8]}", Role.USER, scene.b)
    lab.enrol(session, member, lab.system.identity.id)


def create_center(scene: TwoCenters, session: Session) -> None:
    lab, center_id = scene.installation, uuid4()
    says = {"center": str(center_id), "number": 1, "digest": "ab" * 32}
    entry = lab.next_entry(session, "key_version", says, lab.system.identity.id)
    grants = [
        {"center_id": str(center_id), "key_version": 1, "identity_id": str(one), "sealed": "00" * 1181}
        for one in lab.standing_recipients()
    ]
    session.connection().exec_driver_sql(
        "SELECT api.create_center(%s, %s, %s)",
        (
            json.dumps({"id": str(center_id), "name": center_id.hex, "slug": center_id.hex}),
            json.dumps(entry.to_json()),
            json.dumps(grants),
        ),
    )


def change_role(scene: TwoCenters, session: Session) -> None:
    lab, member = scene.installation, scene.user_b
    before = lab.value("SELECT role FROM public.memberships WHERE user_id = %s", str(member.id))
    role = Role.VIEWER if before == "user" else Role.USER
    entry = lab.join_entry(session, member, role, scene.b, lab.system.identity.id)
    administration.join_center(session, member.id, scene.b, role, None, entry, [])


ACTS: list[Callable[[TwoCenters, Session], None]] = [create_user, create_center, change_role]


@pytest.mark.usefixtures("short_blocker_timeout")
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
@pytest.mark.parametrize(("hold", "role"), HOLDS)
def test_nobody_freezes_another_center(
    two_centers: TwoCenters,
    people: dict[str, Member],
    hold: Hold,
    role: str,
    act: Callable[[TwoCenters, Session], None],
) -> None:
    with held(two_centers, people[role], hold), program(two_centers, two_centers.system) as sessions:
        began = time.monotonic()
        with sessions.begin() as session:
            act(two_centers, session)
        assert time.monotonic() - began < AT_MOST_SECONDS


def test_a_sealed_record_does_not_stop_the_writing_of_its_center(
    two_centers: TwoCenters, people: dict[str, Member]
) -> None:
    colleague = two_centers.user_a
    engine = UserEngine(two_centers.installation.address, colleague.login, colleague.password)
    try:
        with held(two_centers, people["user"], sealed_sample) as connection:
            with CenterSessions(
                engine.engine, schema_name(two_centers.a), lock_waits=engine.lock_waits
            ).begin() as session:
                session.connection().exec_driver_sql(
                    "INSERT INTO samples (id, name, sample_type) VALUES (gen_random_uuid(), 'mine', 'blood')"
                )
            assert is_ended(connection)
    finally:
        engine.close()


def test_a_client_that_comes_back_at_once_is_put_out(two_centers: TwoCenters, people: dict[str, Member]) -> None:
    """Several programs that open the transaction again as soon as it is ended."""
    scene, leaver = two_centers.installation, people["viewer"]
    dsn, stop = scene.server.dsn(DATABASE, leaver.login, leaver.password), threading.Event()
    came_in: list[int] = []

    def come_back() -> None:
        while not stop.is_set():
            try:
                with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
                    own_password(two_centers, leaver, cursor)
                    came_in.append(1)
                    while not stop.is_set():
                        cursor.execute("SELECT pg_sleep(0.05)")
            except psycopg2.Error:
                continue

    threads = [threading.Thread(target=come_back) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        while not came_in:
            stop.wait(0.01)
        with program(two_centers, two_centers.admin_a) as sessions:
            deactivate(two_centers, sessions, two_centers.admin_a, leaver)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert scene.value("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", leaver.login) == 0


@pytest.mark.usefixtures("short_blocker_timeout")
def test_a_change_of_many_is_given_a_minute_and_not_more(two_centers: TwoCenters) -> None:
    """Of the short timeout here: six seconds. Nobody takes the lock by which it is known but by beginning a plan."""
    lab, schema = two_centers.installation, schema_name(two_centers.a)
    who = two_centers.user_a
    with lab.raw(who) as connection, connection.cursor() as cursor:
        sample(two_centers, who, cursor)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT pg_advisory_xact_lock_shared(1)")
        cursor.execute(f"BEGIN; SELECT {schema}.begin_plan(gen_random_uuid())")
        cursor.execute(f"UPDATE {schema}.samples SET name = 'many', row_version = row_version")
        engine = UserEngine(lab.address, two_centers.admin_a.login, two_centers.admin_a.password)
        sessions, began = CenterSessions(engine.engine, schema, lock_waits=engine.lock_waits), time.monotonic()
        try:
            with sessions.begin() as session:
                session.connection().exec_driver_sql("UPDATE samples SET name = 'one', row_version = row_version")
        finally:
            engine.close()
        assert 5.5 < time.monotonic() - began < AT_MOST_SECONDS
        assert is_ended(connection)


def test_who_waits_is_told_for_whom_and_may_stop(two_centers: TwoCenters, people: dict[str, Member]) -> None:
    holder, told = people["user"], []

    def waiting(blockers: Any) -> None:
        told.append(blockers)
        raise Cancelled("Stopped.")

    with held(two_centers, holder, own_keys) as connection, program(two_centers, two_centers.admin_a) as sessions:
        with pytest.raises(Cancelled), sessions.begin(waiting=waiting) as session:
            entry = EntryRow(1, b"{}", uuid4(), b"x")
            administration.join_center(session, two_centers.user_a.id, two_centers.a, Role.VIEWER, None, entry, [])
        connection.cursor().execute("SELECT 1")  # nobody was ended
    assert [(one.login, one.username, one.ended) for one in told[0]] == [(holder.login, holder.username, False)]


# Whom nobody may end, and by what


def test_only_the_own_session_can_be_helped(two_centers: TwoCenters) -> None:
    with two_centers.installation.raw(two_centers.admin_a) as other:
        pid = other.info.backend_pid
        for who in (two_centers.viewer_a, two_centers.system):
            with (
                two_centers.installation.raw(who) as connection,
                connection.cursor() as cursor,
                pytest.raises(psycopg2.errors.InsufficientPrivilege),
            ):
                cursor.execute("SELECT * FROM api.end_blockers(%s)", (pid,))


def test_nobody_is_ended_who_stands_in_nobodys_way(two_centers: TwoCenters) -> None:
    with (
        held(two_centers, two_centers.user_a, sample) as idle,
        two_centers.installation.raw(two_centers.viewer_a) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM api.end_blockers(pg_backend_pid())")
        assert cursor.fetchall() == []
        cursor.execute("SELECT * FROM api.end_blockers(NULL)")
        assert cursor.fetchall() == []
        idle.cursor().execute("SELECT 1")


@pytest.mark.usefixtures("short_blocker_timeout")
def test_the_database_administrator_is_not_ended(two_centers: TwoCenters) -> None:
    lab = two_centers.installation
    with lab.raw() as owner, owner.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT FROM public.installation FOR UPDATE")
        told: list[Any] = []

        def waiting(blockers: Any) -> None:
            told.extend(blockers)
            if len(told) > 7:
                raise Cancelled("Stopped.")

        with (
            program(two_centers, two_centers.system) as sessions,
            pytest.raises(Cancelled),
            sessions.begin(waiting=waiting) as session,
        ):
            create_user(two_centers, session)
        cursor.execute("SELECT 1")
    assert {(one.login, one.ended) for one in told} == {(lab.server.superuser, False)}
