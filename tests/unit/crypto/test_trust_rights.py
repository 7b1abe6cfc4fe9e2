"""Who may say what in the trust log: every statement by every signer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from desktop_app.crypto.trust_state import RefusalReason
from desktop_app.crypto.trust_statements import (
    CenterDeletedStatement,
    CenterRestoredStatement,
    JoinStatement,
    KeyVersionStatement,
    KitReplacedStatement,
    LeaveStatement,
    ReadmitStatement,
    RemoveStatement,
    ReplaceKeysStatement,
    RestoredStatement,
    RootStatement,
    Statement,
)
from tests.unit.crypto.lab import A, B, Log, beginning, enrol, identity, user
from tests.unit.crypto.test_identities import broken

NO = RefusalReason.NO_RIGHT
DAY = date(2027, 1, 31)
NEW = UUID(int=0xC)
SIGNERS = ["root", "sys", "sys2", "adminA", "userA", "viewA", "adminB", "userB", "viewB", "stranger"]
ABOVE = {"root", "sys", "sys2"}

# What is said, and who is believed. Everybody else is refused.
MAY: dict[str, tuple[Statement, set[str]]] = {
    "enrol a system administrator": (enrol("new", "admin", None), ABOVE),
    "enrol an admin of A": (enrol("new", "admin", A), ABOVE | {"adminA"}),
    "enrol a user of A": (enrol("new", "user", A), ABOVE | {"adminA"}),
    "enrol a viewer of B": (enrol("new", "viewer", B), ABOVE | {"adminB"}),
    "enrol a user of A with lasting keys": (replace(enrol("new", "user", A), provisional=False), {"root"}),
    "make a user of A admin of A": (JoinStatement(user("userA"), "admin", A), ABOVE | {"adminA"}),
    "make a user of A viewer of A": (JoinStatement(user("userA"), "viewer", A), ABOVE | {"adminA"}),
    "make an admin of A viewer of A": (JoinStatement(user("adminA"), "viewer", A), ABOVE),
    "give a user of A a last day": (JoinStatement(user("userA"), "user", A, DAY), ABOVE | {"adminA"}),
    "a user of A into B, too": (JoinStatement(user("userA"), "user", B), ABOVE),
    "a user of B into A, too": (JoinStatement(user("userB"), "user", A), ABOVE),
    "say of a user of A what he is": (JoinStatement(user("userA"), "user", A), set()),
    "make a user of A system administrator as well": (JoinStatement(user("userA"), "admin", None), set()),
    "put a system administrator into A": (JoinStatement(user("sys2"), "viewer", A), set()),
    "make a system administrator one": (JoinStatement(user("sys2"), "admin", None), set()),
    "end the place of a user of A": (LeaveStatement(user("userA"), A), ABOVE | {"adminA"}),
    "end the place of the admin of A": (LeaveStatement(user("adminA"), A), ABOVE),
    "end a place that is not": (LeaveStatement(user("userA"), B), set()),
    "end a system administrator's place": (LeaveStatement(user("sys2"), None), ABOVE - {"sys2"}),
    "bring back who is there": (ReadmitStatement(user("userA")), set()),
    "delete center A": (CenterDeletedStatement(A), ABOVE),
    "delete a center that is not": (CenterDeletedStatement(user("nobody")), set()),
    "restore A beside itself": (CenterRestoredStatement(NEW, A, 3), ABOVE),
    "restore A as B, which is there": (CenterRestoredStatement(B, A, 3), set()),
    "restore what never was": (CenterRestoredStatement(NEW, user("nobody"), 3), set()),
    "restore A with what is not signed yet": (CenterRestoredStatement(NEW, A, 12), set()),
    "place nobody": (JoinStatement(user("nobody"), "user", A), set()),
    "remove a user of A": (RemoveStatement(user("userA")), ABOVE | {"adminA"}),
    "remove the admin of A": (RemoveStatement(user("adminA")), ABOVE),
    "remove a system administrator": (RemoveStatement(user("sys2")), ABOVE - {"sys2"}),
    "remove nobody": (RemoveStatement(user("nobody")), set()),
    "reset a user of A": (
        ReplaceKeysStatement(user("userA"), identity("fresh").public, True),
        ABOVE | {"adminA", "userA"},
    ),
    "reset the admin of A": (ReplaceKeysStatement(user("adminA"), identity("fresh").public, True), ABOVE | {"adminA"}),
    "reset a system administrator": (ReplaceKeysStatement(user("sys2"), identity("fresh").public, True), ABOVE),
    "give a user of A lasting keys": (
        ReplaceKeysStatement(user("userA"), identity("fresh").public, False),
        {"root", "userA"},
    ),
    "reset nobody": (ReplaceKeysStatement(user("nobody"), identity("fresh").public, True), set()),
    "next key of A": (KeyVersionStatement(A, 2, bytes(32)), ABOVE | {"adminA"}),
    "next key of B": (KeyVersionStatement(B, 2, bytes(32)), ABOVE | {"adminB"}),
    "key of A once more": (KeyVersionStatement(A, 1, bytes(32)), set()),
    "key of A left out": (KeyVersionStatement(A, 3, bytes(32)), set()),
    "new kit": (KitReplacedStatement(identity("root2").public), ABOVE),
    "restored": (RestoredStatement(20, bytes(32)), ABOVE),
    "another root": (RootStatement(identity("stranger").public), set()),
}


@pytest.mark.parametrize("signer", SIGNERS)
@pytest.mark.parametrize("what", MAY)
def test_every_statement_by_every_signer(what: str, signer: str) -> None:
    statement, believed = MAY[what]
    log = beginning()
    before = log.state()
    log.put(statement, signer)
    outcome = log.outcome()
    assert (outcome is None) == (signer in believed), outcome
    if outcome is not None:
        after = log.state()
        assert after.register.people == before.register.people
        assert after.register.keys == before.register.keys
        assert after.root == before.root


def after(*steps: tuple[Statement, str]) -> Log:
    log = beginning()
    for statement, signer in steps:
        log.put(statement, signer)
        assert log.outcome() is None
    return log


def removed(name: str) -> Log:
    return after((RemoveStatement(user(name)), "sys"))


def mixed(one: str, two: str) -> ReplaceKeysStatement:
    """New ids and keys, but one half is somebody else's."""
    public = replace(identity(one).public, ed25519=identity(two).public.ed25519)
    return ReplaceKeysStatement(user("userA"), public, True)


def unusable() -> Statement:
    return ReplaceKeysStatement(user("userA"), broken(identity("fresh").public)[0], False)


TO_B: tuple[Statement, str] = (JoinStatement(user("userA"), "viewer", B), "sys")


def of_both() -> Log:
    """userA is a viewer of B, too."""
    return after(TO_B)


REFUSED: dict[str, tuple[Callable[[], Log], Statement, str, RefusalReason]] = {
    "self-promotion": (beginning, JoinStatement(user("userA"), "admin", A), "userA", RefusalReason.OWN_PLACE),
    "self-promotion of an admin": (
        beginning,
        JoinStatement(user("adminA"), "admin", None),
        "adminA",
        RefusalReason.OWN_PLACE,
    ),
    "own demotion": (beginning, JoinStatement(user("sys"), "viewer", A), "sys", RefusalReason.OWN_PLACE),
    "own removal": (beginning, RemoveStatement(user("adminA")), "adminA", RefusalReason.OWN_PLACE),
    "second self": (beginning, enrol("userA2", "admin", A, "fresh"), "userA", NO),
    "swapped public key by the other center": (
        beginning,
        ReplaceKeysStatement(user("userA"), identity("fresh").public, True),
        "adminB",
        NO,
    ),
    "swapped public key by a viewer": (
        beginning,
        ReplaceKeysStatement(user("userA"), identity("fresh").public, True),
        "viewA",
        NO,
    ),
    "planted tenant key": (beginning, KeyVersionStatement(A, 2, bytes(32)), "userA", NO),
    "planted tenant key by the other center": (beginning, KeyVersionStatement(A, 2, bytes(32)), "adminB", NO),
    "planted tenant key by nobody": (
        beginning,
        KeyVersionStatement(A, 2, bytes(32)),
        "stranger",
        RefusalReason.UNKNOWN_SIGNER,
    ),
    "overwritten tenant key": (
        beginning,
        KeyVersionStatement(A, 1, bytes(32)),
        "adminA",
        RefusalReason.WRONG_KEY_NUMBER,
    ),
    "brought back by the other center": (
        lambda: removed("userA"),
        ReadmitStatement(user("userA")),
        "adminB",
        NO,
    ),
    "brought back into the other center": (
        lambda: removed("userA"),
        JoinStatement(user("userA"), "user", B),
        "adminB",
        NO,
    ),
    "brought back by himself": (
        lambda: removed("userA"),
        ReadmitStatement(user("userA")),
        "userA",
        RefusalReason.REMOVED_SIGNER,
    ),
    "brought back by a colleague": (lambda: removed("userA"), ReadmitStatement(user("userA")), "viewA", NO),
    "brought back under a new enrolment": (
        lambda: removed("userA"),
        enrol("userA", "user", A, "fresh"),
        "adminA",
        RefusalReason.ALREADY_ENROLLED,
    ),
    "a system administrator brought back into A by its admin": (
        lambda: removed("sys2"),
        ReadmitStatement(user("sys2")),
        "adminA",
        NO,
    ),
    "a removed person's new place": (
        lambda: removed("userA"),
        JoinStatement(user("userA"), "viewer", A),
        "adminA",
        RefusalReason.REMOVED_PERSON,
    ),
    "a removed person's end of a place": (
        lambda: removed("userA"),
        LeaveStatement(user("userA"), A),
        "sys",
        RefusalReason.REMOVED_PERSON,
    ),
    "a role said again": (
        beginning,
        JoinStatement(user("userA"), "user", A),
        "adminA",
        RefusalReason.NO_CHANGE,
    ),
    "a place ended again": (beginning, LeaveStatement(user("userA"), B), "sys", RefusalReason.NO_CHANGE),
    "brought back who is there": (beginning, ReadmitStatement(user("userA")), "adminA", RefusalReason.NO_CHANGE),
    "a system administrator's place in a center": (
        beginning,
        JoinStatement(user("sys2"), "admin", A),
        "sys",
        RefusalReason.SYSTEM_ADMINISTRATOR,
    ),
    "a member made system administrator": (
        beginning,
        JoinStatement(user("userA"), "admin", None),
        "sys",
        RefusalReason.STILL_MEMBER,
    ),
    "another person's login": (
        beginning,
        replace(enrol("new", "user", A), login=enrol("userB", "user", B).login),
        "adminA",
        RefusalReason.REUSED_LOGIN,
    ),
    "a foreign person brought into A": (beginning, JoinStatement(user("userB"), "user", A), "adminA", NO),
    "a person of two centers, reset by an admin of one": (
        of_both,
        ReplaceKeysStatement(user("userA"), identity("fresh").public, True),
        "adminA",
        NO,
    ),
    "a person of two centers, removed by an admin of one": (of_both, RemoveStatement(user("userA")), "adminB", NO),
    "a person of two centers, brought back by an admin of one": (
        lambda: after(TO_B, (RemoveStatement(user("userA")), "sys")),
        ReadmitStatement(user("userA")),
        "adminA",
        NO,
    ),
    "the other place of a person of two centers": (of_both, LeaveStatement(user("userA"), B), "adminA", NO),
    "the other role of a person of two centers": (of_both, JoinStatement(user("userA"), "admin", B), "adminA", NO),
    "reset by the admin of a center that was left": (
        lambda: after(TO_B, (LeaveStatement(user("userA"), A), "adminA")),
        ReplaceKeysStatement(user("userA"), identity("fresh").public, True),
        "adminA",
        NO,
    ),
    "a guest's stay made longer by himself": (
        lambda: after((JoinStatement(user("userA"), "user", A, DAY), "adminA")),
        JoinStatement(user("userA"), "user", A),
        "userA",
        RefusalReason.OWN_PLACE,
    ),
    "keys for a removed person": (
        lambda: removed("userA"),
        ReplaceKeysStatement(user("userA"), identity("fresh").public, True),
        "adminA",
        RefusalReason.REMOVED_PERSON,
    ),
    "keys of his own after removal": (
        lambda: removed("userA"),
        ReplaceKeysStatement(user("userA"), identity("fresh").public, False),
        "userA",
        RefusalReason.REMOVED_SIGNER,
    ),
    "removed twice": (
        lambda: removed("userA"),
        RemoveStatement(user("userA")),
        "adminA",
        RefusalReason.REMOVED_PERSON,
    ),
    "a removed admin's word": (
        lambda: removed("adminA"),
        enrol("new", "user", A),
        "adminA",
        RefusalReason.REMOVED_SIGNER,
    ),
    "a demoted admin's word": (
        lambda: after((JoinStatement(user("adminA"), "user", A), "sys")),
        enrol("new", "user", A),
        "adminA",
        NO,
    ),
    "a moved admin's word about where he was": (
        lambda: after((JoinStatement(user("adminA"), "admin", B), "sys"), (LeaveStatement(user("adminA"), A), "sys")),
        enrol("new", "user", A),
        "adminA",
        NO,
    ),
    "a retired key's word": (
        lambda: after((ReplaceKeysStatement(user("adminA"), identity("fresh").public, False), "adminA")),
        enrol("new", "user", A),
        "adminA",
        RefusalReason.RETIRED_SIGNER,
    ),
    "taking keys back": (
        lambda: after((ReplaceKeysStatement(user("userA"), identity("fresh").public, True), "adminA")),
        ReplaceKeysStatement(user("userA"), identity("userA").public, True),
        "adminA",
        RefusalReason.REUSED_KEYS,
    ),
    "somebody else's keys": (
        beginning,
        ReplaceKeysStatement(user("userA"), identity("userB").public, True),
        "adminA",
        RefusalReason.REUSED_KEYS,
    ),
    "a half of somebody else's keys": (beginning, mixed("fresh", "userB"), "adminA", RefusalReason.REUSED_KEYS),
    "the root's keys as a person's": (
        beginning,
        enrol("new", "user", A, "root"),
        "adminA",
        RefusalReason.REUSED_KEYS,
    ),
    "keys nobody can seal to": (beginning, unusable(), "userA", RefusalReason.UNUSABLE_KEYS),
    "lasting keys made by an administrator": (
        beginning,
        ReplaceKeysStatement(user("userA"), identity("fresh").public, False),
        "adminA",
        RefusalReason.MUST_BE_PROVISIONAL,
    ),
    "a new person with lasting keys made by an administrator": (
        beginning,
        replace(enrol("new", "user", A), provisional=False),
        "adminA",
        RefusalReason.MUST_BE_PROVISIONAL,
    ),
    "enrolled twice": (beginning, enrol("userA", "admin", A, "fresh"), "adminA", RefusalReason.ALREADY_ENROLLED),
    "a person of B enrolled as A's": (
        beginning,
        enrol("userB", "user", A, "fresh"),
        "adminA",
        RefusalReason.ALREADY_ENROLLED,
    ),
    "a replaced kit's word": (
        lambda: after((KitReplacedStatement(identity("root2").public), "sys")),
        enrol("new", "admin", None),
        "root",
        RefusalReason.RETIRED_SIGNER,
    ),
    "a person's keys as the new kit": (
        beginning,
        KitReplacedStatement(identity("userA").public),
        "sys",
        RefusalReason.REUSED_KEYS,
    ),
    "restored, said by an admin of a center": (beginning, RestoredStatement(20, bytes(32)), "adminA", NO),
}


ABOUT_NOBODY: list[Statement] = [
    JoinStatement(user("nobody"), "user", A),
    RemoveStatement(user("nobody")),
    ReplaceKeysStatement(user("nobody"), identity("fresh").public, True),
]


@pytest.mark.parametrize("statement", ABOUT_NOBODY, ids=lambda statement: type(statement).__name__)
def test_whether_a_person_exists_is_said_only_to_who_may_know(statement: Statement) -> None:
    for signer, reason in (("sys", RefusalReason.UNKNOWN_PERSON), ("adminA", NO), ("viewB", NO)):
        log = beginning()
        log.put(statement, signer)
        assert log.outcome() is reason


@pytest.mark.parametrize("attack", REFUSED)
def test_refused_by_name(attack: str) -> None:
    begin, statement, signer, reason = REFUSED[attack]
    log = begin()
    before = log.state()
    log.put(statement, signer)
    assert log.outcome() is reason
    now = log.state()
    assert now.register.people == before.register.people
    assert now.refused == (*before.refused, now.refused[-1])
