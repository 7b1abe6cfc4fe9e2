"""What the trust log amounts to: who is who, whom a key is sealed to, who might write when."""

from datetime import timedelta

from desktop_app.crypto.trust_statements import (
    JoinStatement,
    KeyVersionStatement,
    KitReplacedStatement,
    LeaveStatement,
    ReadmitStatement,
    RemoveStatement,
    ReplaceKeysStatement,
)
from tests.unit.crypto.lab import PEOPLE, A, B, Log, beginning, enrol, identity, user
from tests.unit.crypto.test_trust_rights import DAY, NO, SIGNERS, after


def test_everybody_is_who_he_was_enrolled_as() -> None:
    state = beginning().state()
    for name, role, center in PEOPLE:
        person = state.person(user(name))
        assert person is not None
        assert person.is_system == (center == "-")
        assert [(place.center_id, place.role) for place in person.memberships] == (
            [] if center == "-" else [({"A": A, "B": B}[center], role)]
        )
        assert person.active
        assert state.identity(person.identity.id) == (identity(name).public, user(name))
    assert state.person(user("nobody")) is None
    assert state.identity(identity("stranger").public.id) is None


def names(publics: tuple[object, ...]) -> set[str]:
    known = ["root", "root2", "fresh", *(name for name, _, _ in PEOPLE)]
    found = {name for name in known if identity(name).public in publics}
    assert len(found) == len(publics)
    return found


def test_whom_a_key_is_sealed_to() -> None:
    log = beginning()
    assert names(log.state().recipients(A)) == {"root", "sys", "sys2", "adminA", "userA", "viewA"}
    assert names(log.state().recipients(B)) == {"root", "sys", "sys2", "adminB", "userB", "viewB"}
    log.put(RemoveStatement(user("userA")), "adminA")
    log.put(JoinStatement(user("viewA"), "viewer", B), "sys")
    log.put(LeaveStatement(user("viewA"), A), "adminA")
    log.put(RemoveStatement(user("sys2")), "root")
    log.put(ReplaceKeysStatement(user("adminA"), identity("fresh").public, False), "adminA")
    log.put(KitReplacedStatement(identity("root2").public), "sys")
    assert log.state().refused == ()
    assert names(log.state().recipients(A)) == {"root2", "sys", "fresh"}
    assert names(log.state().recipients(B)) == {"root2", "sys", "adminB", "userB", "viewB", "viewA"}
    log.put(ReadmitStatement(user("userA")), "sys")
    log.put(JoinStatement(user("viewB"), "viewer", A), "sys")
    assert names(log.state().recipients(A)) == {"root2", "sys", "fresh", "userA", "viewB"}
    assert "viewB" in names(log.state().recipients(B))


def test_a_guest_is_sealed_to_until_his_last_day() -> None:
    log = after((JoinStatement(user("userA"), "user", A, DAY), "adminA"))
    before, on, later = (names(log.state().recipients(A, DAY + timedelta(days))) for days in (-1, 0, 1))
    assert before == on == later | {"userA"}
    assert "userA" in names(log.state().recipients(A)), "no day is known"
    assert "userA" in names(log.state().recipients(A, DAY))
    assert names(log.state().recipients(B, DAY)) == {"root", "sys", "sys2", "adminB", "userB", "viewB"}


def test_a_system_administrator_becomes_a_member_and_back() -> None:
    log = after((LeaveStatement(user("sys2"), None), "sys"), (JoinStatement(user("sys2"), "user", A), "sys"))
    person = log.state().person(user("sys2"))
    assert person is not None
    assert (person.is_system, [place.center_id for place in person.memberships]) == (False, [A])
    assert "sys2" not in names(log.state().recipients(B))
    log.put(LeaveStatement(user("sys2"), A), "sys")
    log.put(JoinStatement(user("sys2"), "admin", None), "sys")
    assert log.outcome() is None
    assert "sys2" in names(log.state().recipients(B))


def test_who_belongs_nowhere_is_system_administrators_alone() -> None:
    log = after((LeaveStatement(user("userA"), A), "adminA"))
    log.put(ReplaceKeysStatement(user("userA"), identity("fresh").public, True), "adminA")
    assert log.outcome() is NO
    log.put(ReplaceKeysStatement(user("userA"), identity("fresh").public, True), "sys")
    assert log.outcome() is None


def test_keys_of_a_center() -> None:
    log = beginning()
    log.put(KeyVersionStatement(A, 2, b"\xa2" * 32), "sys")
    state = log.state()
    active = state.active_key(A)
    assert active is not None
    assert (active.number, active.digest) == (2, b"\xa2" * 32)
    assert [state.key_digest(A, number) for number in (0, 1, 2, 3)] == [None, b"\xa1" * 32, b"\xa2" * 32, None]
    assert state.key_digest(A, -1) is None
    assert state.active_key(user("no center")) is None
    assert state.key_digest(user("no center"), 1) is None


def test_a_new_kit_speaks_as_the_root() -> None:
    log = after((KitReplacedStatement(identity("root2").public), "root"))
    log.put(enrol("new", "admin", None), "root2")
    assert log.outcome() is None
    assert log.state().root == identity("root2").public


def might(log: Log, name: str, center: object, at: int | None = None) -> bool:
    assert center in (A, B)
    state = log.state()
    return state.might_write(identity(name).public.id, A if center is A else B, at or state.head.sequence)


def test_who_might_write() -> None:
    log = beginning()
    writers = {(name, center) for name in SIGNERS for center in (A, B) if might(log, name, center)}
    both = {(name, center) for name in ("sys", "sys2") for center in (A, B)}
    assert writers == both | {("adminA", A), ("userA", A), ("adminB", B), ("userB", B)}


def test_who_might_write_when() -> None:
    log = beginning()  # userA is enrolled by entry 5
    assert [might(log, "userA", A, at) for at in (1, 4, 5, 11)] == [False, False, True, True]
    state = log.state()
    assert not state.might_write(identity("userA").public.id, A, 0)
    assert not state.might_write(identity("userA").public.id, A, 12)
    log.put(JoinStatement(user("userA"), "viewer", A), "adminA")  # 12
    log.put(JoinStatement(user("userA"), "user", B), "sys")  # 13
    log.put(RemoveStatement(user("userA")), "sys")  # 14
    log.put(ReadmitStatement(user("userA")), "sys")  # 15
    log.put(JoinStatement(user("userA"), "user", A), "adminA")  # 16
    log.put(LeaveStatement(user("userA"), B), "adminB")  # 17
    log.put(ReplaceKeysStatement(user("userA"), identity("fresh").public, False), "userA")  # 18
    assert log.state().refused == ()
    in_a, in_b = ([might(log, "userA", center, at) for at in range(11, 19)] for center in (A, B))
    assert in_a == [True, False, False, False, False, True, True, False]
    assert in_b == [False, False, True, False, True, True, False, False]
    assert [might(log, "fresh", A, at) for at in range(11, 19)] == [False] * 7 + [True]
    assert not might(log, "fresh", B)
