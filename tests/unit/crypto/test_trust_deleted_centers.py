"""What a center that is no more leaves in the trust log."""

from uuid import UUID

from desktop_app.crypto.trust_state import RefusalReason
from desktop_app.crypto.trust_statements import (
    CenterDeletedStatement,
    CenterRestoredStatement,
    JoinStatement,
    KeyVersionStatement,
    LeaveStatement,
    RemoveStatement,
)
from tests.unit.crypto.lab import A, B, beginning, identity, user

NEW, NEWER = UUID(int=0xC), UUID(int=0xD)


def test_a_deleted_center_has_no_places_and_no_keys_and_what_was_signed_there_counts() -> None:
    log = beginning()
    log.put(RemoveStatement(user("viewA")), "sys")
    before = log.state()
    at = before.head.sequence
    assert before.active_key(A) is not None
    log.put(CenterDeletedStatement(A), "sys")
    after = log.state()
    assert not after.refused
    assert (after.is_deleted(A), after.is_deleted(B), after.active_key(A), after.members(A)) == (True, False, None, ())
    assert after.active_key(B) == before.active_key(B)
    for name in ("adminA", "userA", "viewA"):
        person = after.person(user(name))
        assert person is not None
        assert person.membership(A) is None
    assert after.might_write(identity("userA").public.id, A, at)
    assert not after.might_write(identity("userA").public.id, A, at + 1)


def test_a_center_that_is_made_again_from_a_backup_is_not_deleted() -> None:
    log = beginning()
    log.put(CenterDeletedStatement(A), "sys")
    log.put(KeyVersionStatement(A, 2, b"\x01" * 32), "sys")
    assert [refused.reason for refused in log.state().refused] == [RefusalReason.WRONG_KEY_NUMBER]
    log.put(KeyVersionStatement(A, 1, b"\x01" * 32), "sys")
    assert not log.state().is_deleted(A)


def test_a_restored_center_has_what_was_signed_for_its_origin_until_the_backup_and_nothing_of_others() -> None:
    log = beginning()
    at = log.state().head.sequence
    log.put(RemoveStatement(user("viewA")), "sys")
    log.put(CenterDeletedStatement(A), "sys")
    log.put(CenterRestoredStatement(NEW, A, at), "sys")
    log.put(KeyVersionStatement(NEW, 1, b"\x01" * 32), "sys")
    log.put(CenterRestoredStatement(NEWER, NEW, at + 4), "sys")
    state = log.state()
    assert not state.refused
    for restored in (NEW, NEWER):
        assert state.is_of(restored, restored, at + 3)
        assert state.is_of(restored, A, at)
        assert not state.is_of(restored, A, at + 1), "what was signed after the backup is not in it"
        assert not state.is_of(restored, B, 1)
    assert state.is_of(NEWER, NEW, at + 4)
    assert not state.is_of(A, NEW, at)
    assert not state.is_of(NEW, NEWER, at)


def test_whom_a_restored_center_gets_back_says_the_trust_log_of_now() -> None:
    """Who left or was removed since the backup does not come back with it, nor a role that was taken away."""
    log = beginning()
    log.put(JoinStatement(user("userA"), "viewer", A), "adminA")
    log.put(RemoveStatement(user("viewA")), "sys")
    assert {person.user_id: place.role for person, place in log.state().places_to_restore(A)} == {
        user("adminA"): "admin",
        user("userA"): "viewer",
    }
    log.put(JoinStatement(user("userB"), "viewer", A), "sys")
    log.put(LeaveStatement(user("userB"), A), "sys")
    log.put(CenterDeletedStatement(A), "sys")
    assert {person.user_id for person, _place in log.state().places_to_restore(A)} == {user("adminA"), user("userA")}
    log.put(RemoveStatement(user("adminA")), "sys")
    assert {person.user_id for person, _place in log.state().places_to_restore(A)} == {user("userA")}
