"""Transactions that members leave open, and the program's own sessions that wait for them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812

from desktop_app.db import administration
from desktop_app.db.scram import verifier
from desktop_app.db.sessions import SharedSessions
from desktop_app.db.user_engine import UserEngine
from desktop_app.domain.ids import schema_name
from tests.db.conftest import TwoCenters
from tests.db.installation import Member, identity_says, made_up_identity


def own_password(scene: TwoCenters, who: Member, cursor: Any) -> None:
    """In the middle of changing one's own password, without the program."""
    cursor.execute("ALTER ROLE CURRENT_USER PASSWORD %s", (verifier(who.password, who.login),))


def own_keys(scene: TwoCenters, who: Member, cursor: Any) -> None:
    """In the middle of replacing one's own keys: the lock of the whole installation."""
    lab, identity = scene.installation, made_up_identity()
    with lab.shared(who).begin() as session:
        says = {"user": str(who.id), "identity": identity_says(identity), "provisional": False}
        entry = lab.next_entry(session, "replace_keys", says, who.identity.id)
    cursor.execute(
        "SELECT api.replace_own_keys(%s, %s, %s, NULL)",
        (
            json.dumps(identity.to_json()),
            json.dumps(entry.to_json()),
            json.dumps([grant.to_json() for grant in lab.grants_for(who.center_id, identity.id)]),
        ),
    )


def own_keys_in_one_message(scene: TwoCenters, who: Member, cursor: Any) -> None:
    """The same with BEGIN in the same message: for the server it is the transaction's first statement."""
    cursor.execute("COMMIT; BEGIN; SELECT set_config('labkeep.x', 'y', true)")
    own_keys(scene, who, cursor)


def sample(scene: TwoCenters, who: Member, cursor: Any) -> None:
    """In the middle of writing a sample for which he is responsible."""
    cursor.execute(
        f"INSERT INTO {schema_name(scene.a)}.samples (id, name, sample_type) VALUES (gen_random_uuid(), 'x', 'blood')"
    )


def sealed_sample(scene: TwoCenters, who: Member, cursor: Any) -> None:
    """The record's head held by sealing before the end."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    sample(scene, who, cursor)


def sealed_registry(scene: TwoCenters, who: Member, cursor: Any) -> None:
    """The head of the installation's own record held in the same way."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    own_keys(scene, who, cursor)


Hold = Callable[[TwoCenters, Member, Any], None]
BY_VIEWERS: list[Hold] = [own_password, own_keys, own_keys_in_one_message, sealed_registry]
BY_USERS: list[Hold] = [sample, sealed_sample]
HOLDS = [pytest.param(hold, "viewer", id=hold.__name__) for hold in BY_VIEWERS] + [
    pytest.param(hold, "user", id=hold.__name__) for hold in BY_USERS
]


@contextmanager
def held(scene: TwoCenters, who: Member, hold: Hold) -> Iterator[Psycopg2Connection]:
    """The transaction, left open."""
    with scene.installation.raw(who) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        hold(scene, who, cursor)
        yield connection


@contextmanager
def program(scene: TwoCenters, who: Member) -> Iterator[SharedSessions]:
    """The program's own way to the shared tables, which watches over what waits for a lock."""
    engine = UserEngine(scene.installation.address, who.login, who.password)
    try:
        yield SharedSessions(engine.engine, lock_waits=engine.lock_waits)
    finally:
        engine.close()


def deactivate(scene: TwoCenters, sessions: SharedSessions, by: Member, member: Member) -> None:
    """The three steps of a deactivation."""
    closed = False
    while not closed:
        with sessions.begin() as session:
            closed = administration.close_login(session, member.id)
    left = 1
    while left:
        with sessions.begin() as session:
            left = administration.end_sessions(session, member.id)
    with sessions.begin() as session:
        entry = scene.installation.next_entry(session, "remove", {"user": str(member.id)}, by.identity.id)
        administration.deactivate_user(session, member.id, entry)
