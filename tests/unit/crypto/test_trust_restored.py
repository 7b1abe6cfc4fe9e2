"""Restored from backup: what a signed statement excuses, and what it does not."""

import json
from itertools import pairwise

import pytest

from desktop_app.crypto.errors import ForkError, TruncatedLogError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.trust_log import place_and_sign, verify_log
from desktop_app.crypto.trust_state import SeenLog, TrustState
from desktop_app.crypto.trust_statements import (
    KitReplacedStatement,
    RemoveStatement,
    ReplaceKeysStatement,
    RestoredStatement,
)
from desktop_app.system.secret import Secret
from tests.unit.crypto.lab import LAB, B, Log, beginning, enrol, grown, identity, user, verified

PIN = identity("root").public.fingerprint()


def restored(log: Log, length: int, lost: SeenLog, signer: str = "sys") -> Log:
    """The log cut to ``length``, with a statement that it was restored."""
    shorter = Log(log.entries[:length])
    shorter.put(RestoredStatement(lost.head.sequence, lost.head.digest), signer)
    return shorter


def shown(log: Log, seen: SeenLog) -> TrustState:
    """The log as a workstation takes it that remembers what it saw."""
    return verify_log(log.entries, LAB, PIN, remembered=seen)


def test_a_restored_log_is_taken_once_an_administrator_signs() -> None:
    log = grown()
    heads = [verified(log.entries[:length]).seen for length in range(1, 15)]
    lost = heads[-1]
    again = restored(log, 11, lost)
    for seen in heads[1:]:  # who saw the first entry only saw no system administrator
        assert shown(again, seen).head.sequence == 12
    by_nobody = restored(log, 11, lost, "adminA")
    with pytest.raises(TruncatedLogError):
        shown(by_nobody, lost)
    with pytest.raises(ForkError):
        shown(by_nobody, heads[11])


def test_restored_does_not_cover_heads_newer_than_the_one_it_names() -> None:
    log = grown()
    again = restored(log, 11, verified(log.entries[:13]).seen)
    with pytest.raises(TruncatedLogError):
        shown(again, verified(log.entries[:14]).seen)


def test_who_was_removed_does_not_bless_the_state_in_which_he_was_not() -> None:
    log = beginning()
    log.put(RemoveStatement(user("sys2")), "sys")
    lost = log.state().seen
    by_the_removed = restored(log, 11, lost, "sys2")
    assert by_the_removed.outcome() is None, "in that log he still is one"
    with pytest.raises(ForkError):
        shown(by_the_removed, lost)
    # He cannot spoil the honest one either, which comes after his.
    by_the_removed.put(RestoredStatement(lost.head.sequence, lost.head.digest), "sys")
    assert shown(by_the_removed, lost).head.sequence == 13


def test_the_spoilt_restoration_is_passed_over_for_heads_that_nobody_names() -> None:
    log = grown()
    log.put(RemoveStatement(user("sys2")), "sys")
    seen = log.state().seen
    log.put(enrol("later", "user", B), "sys")
    lost = log.state().seen
    again = restored(log, 11, lost, "sys2")
    again.put(RestoredStatement(lost.head.sequence, lost.head.digest), "sys")
    assert shown(again, seen).head.sequence == 13
    assert shown(again, lost).head.sequence == 13


def test_a_borrowed_id_lends_no_trust() -> None:
    """In the restored log the removed one gives his own keys the id of somebody whom the newest log trusts."""
    log = beginning()
    log.put(enrol("third", "admin", None), "sys")
    log.put(ReplaceKeysStatement(user("third"), identity("third own").public, provisional=False), "third")
    log.put(RemoveStatement(user("sys2")), "sys")
    log.put(enrol("new", "user", B), "sys")
    lost = log.state().seen
    again = Log(log.entries[:11])
    again.put(enrol("friend", "admin", None), "sys2")
    borrowed = Identity(Secret(b"borrowed" * 16), identity("third own").public.id)
    again.put(ReplaceKeysStatement(user("friend"), borrowed.public, provisional=False), "friend")
    said = RestoredStatement(lost.head.sequence, lost.head.digest)
    again.entries.append(place_and_sign(said, len(again.entries) + 1, again.previous(), borrowed, LAB))
    assert again.outcome() is None
    with pytest.raises(TruncatedLogError):
        shown(again, lost)


def test_the_root_is_believed_and_a_replaced_one_is_not() -> None:
    log = grown()
    lost = log.state().seen
    assert shown(restored(log, 11, lost, "root"), lost).head.sequence == 12
    log.put(KitReplacedStatement(identity("kit two").public), "root")
    lost = log.state().seen
    with pytest.raises(TruncatedLogError):
        shown(restored(log, 11, lost, "root"), lost)


def test_provisional_keys_are_nobodys_word() -> None:
    log = beginning()
    log.put(ReplaceKeysStatement(user("sys"), identity("reset").public, provisional=True), "sys2")
    assert identity("reset").public.fingerprint() not in log.state().seen.restorers
    log.put(ReplaceKeysStatement(user("sys"), identity("own").public, provisional=False), "reset")
    assert identity("own").public.fingerprint() in log.state().seen.restorers
    assert identity("sys").public.fingerprint() not in log.state().seen.restorers


def test_an_old_restoration_excuses_no_later_cut() -> None:
    log = grown()
    again = restored(log, 8, log.state().seen)
    again.put(RemoveStatement(user("userB")), "sys")
    seen = again.state().seen
    assert seen.head.sequence == 10
    again.put(enrol("new", "user", B), "sys")
    for length in (9,):
        with pytest.raises(TruncatedLogError):
            shown(Log(again.entries[:length]), seen)
    other = Log(again.entries[:9])
    other.put(enrol("newer", "user", B), "sys")
    with pytest.raises(ForkError):
        shown(other, seen)


def test_a_former_branch_cannot_come_back_after_a_second_restoration() -> None:
    log = grown()
    first = restored(log, 8, log.state().seen)
    first.put(enrol("one", "user", B), "sys")
    second = restored(first, 8, first.state().seen)
    on_second = shown(second, first.state().seen).seen
    with pytest.raises(ForkError):
        shown(first, on_second)


def test_a_restoration_that_was_lost_itself_is_signed_away() -> None:
    """The statement names a number beyond what was seen, as the program does, and the lineages that are lost."""
    log = grown()
    first = restored(log, 8, log.state().seen)
    just_after = first.state().seen
    first.put(enrol("one", "user", B), "sys")
    later, saw = first.copy(), first.state().seen
    for number in range(5):
        later.put(enrol(f"lost {number}", "user", B), "sys")
    again = Log(log.entries[:8])
    with pytest.raises(TruncatedLogError):
        shown(again, saw)
    again.put(RestoredStatement(log.state().head.sequence, b"\x01" * 32, saw.lineages), "sys")
    for seen in (just_after, saw, log.state().seen):
        assert (shown(again, seen).head.sequence, shown(again, seen).head.lineage) == (9, again.entries[-1].digest())
    with pytest.raises(TruncatedLogError):
        shown(again, later.state().seen)
    # A third one knows of both, and neither of the lost branches comes back.
    on_second = shown(again, saw).seen
    assert set(on_second.lineages) == {again.entries[-1].digest(), just_after.head.lineage}
    third = Log(log.entries[:7])
    third.put(RestoredStatement(10**6, b"\x02" * 32, on_second.lineages), "sys")
    for seen in (just_after, saw, on_second):
        on_third = shown(third, seen).seen
    for lost in (first, again):
        with pytest.raises((ForkError, TruncatedLogError)):
            shown(lost, on_third)


def test_the_lineage_is_the_last_restoration() -> None:
    log = restored(grown(), 9, grown().state().seen)
    assert log.state().head.lineage == log.entries[-1].digest()


def test_digest_is_what_the_server_computes() -> None:
    for before, entry in pairwise(beginning().entries):
        assert json.loads(entry.payload)["previous"] == before.digest().hex()
        assert json.loads(entry.payload)["sequence"] == entry.sequence
