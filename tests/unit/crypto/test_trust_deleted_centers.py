"""What a center that is no more leaves in the trust log."""

from desktop_app.crypto.trust_state import RefusalReason
from desktop_app.crypto.trust_statements import CenterDeletedStatement, KeyVersionStatement, RemoveStatement
from tests.unit.crypto.lab import A, B, beginning, identity, user


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
