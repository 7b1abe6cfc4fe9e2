"""Attacks on the list itself, by people with psql and by the database's own administrator."""

from dataclasses import replace
from uuid import UUID

import pytest

from desktop_app.crypto import canonical
from desktop_app.crypto.errors import (
    BrokenChainError,
    CryptoError,
    ForkError,
    TruncatedLogError,
    WrongRootError,
)
from desktop_app.crypto.trust_entries import TrustEntry
from desktop_app.crypto.trust_log import NotCountedError, extend, sign_entry, verify_log
from desktop_app.crypto.trust_state import RefusalReason, RefusedEntry, TrustHead, TrustState
from desktop_app.crypto.trust_statements import (
    KeyVersionStatement,
    RemoveStatement,
    ReplaceKeysStatement,
    RootStatement,
)
from tests.unit.crypto.lab import LAB, OTHER_LAB, A, B, Log, beginning, enrol, grown, identity, user, verified

PIN = identity("root").public.fingerprint()


def renumbered(entries: list[TrustEntry]) -> list[TrustEntry]:
    return [replace(entry, sequence=number) for number, entry in enumerate(entries, 1)]


# What the database's administrator can do: anything. Found out, by name.


def test_a_swapped_public_key_in_an_old_entry_breaks_the_chain() -> None:
    log = beginning()
    place = 4  # userA's enrolment
    old = log.entries[place]
    mine, his = canonical.data_text(identity("evil").public.to_bytes()), identity("userA").public.to_bytes()
    payload = old.payload.replace(canonical.data_text(his).encode(), mine.encode())
    assert payload != old.payload
    log.entries[place] = replace(old, payload=payload)
    with pytest.raises(BrokenChainError):
        log.state()


def test_a_swapped_public_key_in_the_newest_entry_has_no_signature() -> None:
    log = beginning()
    log.put(enrol("new", "user", A), "adminA")
    old = log.entries[-1]
    mine, his = (canonical.data_text(identity(name).public.to_bytes()).encode() for name in ("evil", "new"))
    log.entries[-1] = replace(old, payload=old.payload.replace(his, mine))
    assert log.outcome() is RefusalReason.BAD_SIGNATURE
    assert log.state().person(user("new")) is None


def test_an_entry_resigned_by_somebody_else_has_no_right() -> None:
    log = beginning()
    log.put(ReplaceKeysStatement(user("userA"), identity("evil").public, True), "evil")
    assert log.outcome() is RefusalReason.UNKNOWN_SIGNER


@pytest.mark.parametrize("place", range(1, 13))
def test_a_middle_entry_taken_out(place: int) -> None:
    entries = grown().entries
    for left in (entries[:place] + entries[place + 1 :], renumbered(entries[:place] + entries[place + 1 :])):
        with pytest.raises(BrokenChainError):
            verified(left)


@pytest.mark.parametrize("place", range(1, 12))
def test_two_entries_swapped(place: int) -> None:
    entries = list(grown().entries)
    entries[place], entries[place + 1] = entries[place + 1], entries[place]
    for swapped in (entries, renumbered(entries)):
        with pytest.raises(BrokenChainError):
            verified(swapped)


@pytest.mark.parametrize("place", range(1, 13))
def test_any_byte_of_an_old_entry_counts(place: int) -> None:
    old = grown().entries[place]
    for changed in (
        replace(old, payload=flipped(old.payload)),
        replace(old, signature=flipped(old.signature)),
        replace(old, signer=UUID(bytes=flipped(old.signer.bytes))),
    ):
        log = grown()
        log.entries[place] = changed
        with pytest.raises(BrokenChainError):
            log.state()


def flipped(old: bytes) -> bytes:
    place = len(old) // 2
    return old[:place] + bytes([old[place] ^ 1]) + old[place + 1 :]


def test_entries_put_in_between() -> None:
    log = grown()
    false = replace(log.entries[4], sequence=12)
    with pytest.raises(BrokenChainError):
        verified(renumbered([*log.entries[:11], false, *log.entries[11:]]))


def test_rubbish_does_not_cut_the_chain() -> None:
    """Behind an entry that is bound to nothing, what stands before could be exchanged unnoticed."""
    log = beginning()
    log.put(RemoveStatement(user("userA")), "adminA")
    unbound = log.copy()
    unbound.put_raw(b"rubbish")
    with pytest.raises(BrokenChainError):
        unbound.state()
    bound = log.copy()
    bound.put_raw(b"rubbish " + bound.previous().hex().encode())
    bound.put(enrol("new", "user", A), "adminA")
    assert [entry.reason for entry in bound.state().refused] == [RefusalReason.MALFORMED]
    bound.entries[11] = replace(bound.entries[11], payload=b"also rubbish " + bound.entries[10].digest().hex().encode())
    with pytest.raises(BrokenChainError):
        bound.state()


@pytest.mark.parametrize("by", [-200, -17, -16, -1, 1, 15, 16, 63, 64])
def test_moving_the_border_between_payload_and_signature_changes_nothing(by: int) -> None:
    """The digest is over all three in a row: it alone would not notice, and the removal would not count."""
    log = grown()
    seen = log.state()
    old = log.entries[11]
    whole = old.payload + old.signer.bytes + old.signature
    end = len(old.payload) + by
    moved = TrustEntry(12, whole[:end], UUID(bytes=whole[end : end + 16]), whole[end + 16 :])
    assert moved.digest() == old.digest()
    log.entries[11] = moved
    assert log.state() == seen
    assert seen.refused == ()


@pytest.mark.parametrize(("payload", "signature"), [(b"", b""), (b"x", b"y"), (b"x" * 10, bytes(53)), (b"", bytes(64))])
def test_an_entry_too_short_to_be_one(payload: bytes, signature: bytes) -> None:
    log = beginning()
    log.put_raw(payload, signature=signature)
    with pytest.raises(BrokenChainError):
        log.state()


def test_gaps_and_doubles_in_the_numbers() -> None:
    entries = grown().entries
    with pytest.raises(BrokenChainError):
        verified([*entries[:5], *entries[6:]])
    with pytest.raises(BrokenChainError):
        verified([*entries[:5], entries[4], *entries[5:]])


def test_a_removed_person_brought_back_by_cutting_the_log() -> None:
    log = grown()
    seen = log.state().seen
    for length in range(1, 14):
        with pytest.raises(TruncatedLogError) as refused:
            verify_log(log.entries[:length], LAB, PIN, remembered=seen)
        assert str(refused.value).endswith(".")
    assert verify_log(log.entries, LAB, PIN, remembered=seen).seen == seen


def test_a_removed_person_brought_back_by_another_history() -> None:
    log = grown()
    seen = log.state().seen
    other = Log(log.entries[:11])
    for _ in range(4):
        number = other.state().active_key(A)
        assert number is not None
        other.put(KeyVersionStatement(A, number.number + 1, bytes(32)), "adminA")
    for length in (14, 15):
        with pytest.raises(ForkError):
            verify_log(other.entries[:length], LAB, PIN, remembered=seen)


def test_a_log_that_grew_is_fine_and_the_head_moves_on() -> None:
    log = grown()
    seen = log.state().seen
    log.put(enrol("newer", "user", B), "adminB")
    state = verify_log(log.entries, LAB, PIN, remembered=seen)
    assert state.head == TrustHead(15, log.entries[-1].digest(), bytes(32))


def test_a_wrong_beginning() -> None:
    log, own = grown(), Log()
    own.put(RootStatement(identity("evil").public), "evil")
    own.put(enrol("evil2", "admin", None), "evil")
    with pytest.raises(WrongRootError):
        verified(own.entries)
    with pytest.raises(TruncatedLogError):
        verified([])
    with pytest.raises(TruncatedLogError):
        verified(log.entries[1:])
    with pytest.raises(WrongRootError):
        verified(renumbered(log.entries[1:]))
    with pytest.raises(WrongRootError):
        verify_log(log.entries, OTHER_LAB, PIN)
    with pytest.raises(WrongRootError):
        verify_log(log.entries, LAB, bytes(32))
    for spoilt in (
        replace(log.entries[0], signature=bytes(64)),
        replace(log.entries[0], signer=identity("sys").public.id),
        replace(log.entries[0], payload=b"{}"),
    ):
        with pytest.raises(WrongRootError):
            verified([spoilt, *log.entries[1:]])


# The verified prefix.


@pytest.mark.parametrize("length", range(1, 15))
def test_a_known_beginning_saves_work_and_changes_nothing(length: int) -> None:
    entries = grown().entries
    known = verified(entries[:length])
    whole = verified(entries)
    for rest in (entries[length:], entries[length - 1 :]):
        assert verify_log(rest, LAB, PIN, known=known) == whole
    assert known == verified(entries[:length])


def test_what_does_not_continue_the_known_is_a_fork() -> None:
    log = grown()
    known = log.state()
    other = Log(log.entries[:13])
    other.put(enrol("evil", "admin", A), "adminA")
    other.put(enrol("evil2", "admin", A), "adminA")
    with pytest.raises(ForkError):
        verify_log(other.entries[14:], LAB, PIN, known=known)
    with pytest.raises(ForkError):
        verify_log(other.entries[13:], LAB, PIN, known=known)
    with pytest.raises(BrokenChainError):
        verify_log(log.entries[:5], LAB, PIN, known=known)
    with pytest.raises(WrongRootError):
        verify_log([], OTHER_LAB, PIN, known=known)
    with pytest.raises(WrongRootError):
        verify_log([], LAB, bytes(32), known=known)
    newer = replace(known.seen, head=replace(known.head, sequence=20))
    with pytest.raises(TruncatedLogError):
        verify_log([], LAB, PIN, remembered=newer, known=known)


def test_extend_one_by_one_is_reading_at_once() -> None:
    entries = grown().entries
    state = verified(entries[:1])
    for entry in entries[1:]:
        state = extend(state, entry)
    assert state == verified(entries)
    with pytest.raises(BrokenChainError):
        extend(state, entries[-1])


# Signing.


def test_sign_entry_makes_what_will_count() -> None:
    state: TrustState | None = None
    root = sign_entry(RootStatement(identity("root").public), state, identity("root"), LAB)
    state = verify_log([root], LAB, PIN)
    entry = sign_entry(enrol("sys", "admin", None), state, identity("root"), LAB)
    state = extend(state, entry)
    assert state.head == TrustHead(2, entry.digest(), bytes(32))
    assert state.refused == ()


def test_sign_entry_refuses_what_would_not_count() -> None:
    state = beginning().state()
    with pytest.raises(NotCountedError) as refused:
        sign_entry(enrol("new", "admin", B), state, identity("adminA"), LAB)
    assert refused.value.reason is RefusalReason.NO_RIGHT
    with pytest.raises(NotCountedError) as refused:
        sign_entry(RemoveStatement(user("userA")), state, identity("adminA"), OTHER_LAB)
    assert refused.value.reason is RefusalReason.FOREIGN_INSTALLATION
    for statement, signer in (
        (enrol("sys", "admin", None), "root"),
        (RootStatement(identity("evil").public), "root"),
    ):
        with pytest.raises(CryptoError):
            sign_entry(statement, None, identity(signer), LAB)


def test_refused_entries_are_reported_once_each() -> None:
    log = beginning()
    log.put(enrol("new", "admin", B), "adminA")
    log.put_raw(b"rubbish " + log.previous().hex().encode())
    log.put(enrol("new", "admin", A), "adminA")
    signer = identity("adminA").public.id
    expected = (RefusedEntry(12, RefusalReason.NO_RIGHT, signer), RefusedEntry(13, RefusalReason.MALFORMED, signer))
    assert log.state().refused == expected
    assert verify_log(log.entries[13:], LAB, PIN, known=verified(log.entries[:13])).refused == expected
