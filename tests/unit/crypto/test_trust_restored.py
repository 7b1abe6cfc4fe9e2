"""Restored from backup: what a signed statement excuses, and what it does not."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from desktop_app.crypto.errors import (
    ForkError,
    TruncatedLogError,
)
from desktop_app.crypto.trust_log import verify_log
from desktop_app.crypto.trust_state import TrustHead
from desktop_app.crypto.trust_statements import RemoveStatement, RestoredStatement
from tests.unit.crypto.lab import LAB, B, Log, beginning, enrol, grown, identity, user, verified

PIN = identity("root").public.fingerprint()


def restored(log: Log, length: int, lost: TrustHead, signer: str = "sys") -> Log:
    """The log cut to ``length``, with a statement that it was restored."""
    shorter = Log(log.entries[:length])
    shorter.put(RestoredStatement(lost.sequence, lost.digest), signer)
    return shorter


def test_a_restored_log_is_taken_once_an_administrator_signs() -> None:
    log = grown()
    heads = [verified(log.entries[:length]).head for length in range(1, 15)]
    lost = heads[-1]
    again = restored(log, 11, lost)
    for seen in heads:
        assert verify_log(again.entries, LAB, PIN, remembered=seen).head.sequence == 12
    by_nobody = restored(log, 11, lost, "adminA")
    with pytest.raises(TruncatedLogError):
        verify_log(by_nobody.entries, LAB, PIN, remembered=lost)
    with pytest.raises(ForkError):
        verify_log(by_nobody.entries, LAB, PIN, remembered=heads[11])


def test_restored_does_not_cover_heads_newer_than_the_one_it_names() -> None:
    log = grown()
    heads = [verified(log.entries[:length]).head for length in range(1, 15)]
    again = restored(log, 11, heads[12])
    with pytest.raises(TruncatedLogError):
        verify_log(again.entries, LAB, PIN, remembered=heads[13])


def test_a_head_without_lineage_is_excused_only_by_name() -> None:
    log = grown()
    lost = log.state().head
    again = restored(log, 11, lost)
    verify_log(again.entries, LAB, PIN, remembered=replace(lost, lineage=None))
    before = replace(verified(log.entries[:13]).head, lineage=None)
    with pytest.raises(TruncatedLogError):
        verify_log(again.entries, LAB, PIN, remembered=before)


def test_an_old_restoration_excuses_no_later_cut() -> None:
    log = grown()
    again = restored(log, 8, log.state().head)
    again.put(RemoveStatement(user("userB")), "sys")
    seen = again.state().head
    assert seen.sequence == 10
    again.put(enrol("new", "user", B), "sys")
    for length in (9,):
        with pytest.raises(TruncatedLogError):
            verify_log(again.entries[:length], LAB, PIN, remembered=seen)
    other = Log(again.entries[:9])
    other.put(enrol("newer", "user", B), "sys")
    with pytest.raises(ForkError):
        verify_log(other.entries, LAB, PIN, remembered=seen)


def test_a_former_branch_cannot_come_back_after_a_second_restoration() -> None:
    log = grown()
    first = restored(log, 8, log.state().head)
    first.put(enrol("one", "user", B), "sys")
    second = restored(first, 8, first.state().head)
    on_second = verify_log(second.entries, LAB, PIN, remembered=first.state().head).head
    with pytest.raises(ForkError):
        verify_log(first.entries, LAB, PIN, remembered=on_second)


def test_the_lineage_is_the_last_restoration() -> None:
    log = restored(grown(), 9, grown().state().head)
    assert log.state().head.lineage == log.entries[-1].digest()


def test_digest_is_what_the_server_computes() -> None:
    for before, entry in pairwise(beginning().entries):
        assert json.loads(entry.payload)["previous"] == before.digest().hex()
        assert json.loads(entry.payload)["sequence"] == entry.sequence
