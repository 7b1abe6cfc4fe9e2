"""What a person with psql can append to the trust log: it does not count, and the lab goes on."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from desktop_app.crypto.errors import BrokenChainError, ReplayedEntryError
from desktop_app.crypto.trust_state import RefusalReason
from desktop_app.crypto.trust_statements import ReadmitStatement, RemoveStatement
from tests.unit.crypto.lab import LAB, OTHER_LAB, A, Log, beginning, enrol, grown, identity, user


def placed_payload(log: Log, **changes: object) -> bytes:
    fields: dict[str, object] = {
        "format": "labkeep/1",
        "installation": str(LAB),
        "kind": "remove",
        "sequence": len(log.entries) + 1,
        "previous": log.previous().hex(),
        "user": str(user("userA")),
    }
    fields.update(changes)
    kept = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()


MALFORMED: dict[str, dict[str, object]] = {
    "no format": {"format": None},
    "another format": {"format": "labkeep/2"},
    "unknown kind": {"kind": "explode"},
    "no kind": {"kind": None},
    "kind is a number": {"kind": 7},
    "a field too many": {"extra": 1},
    "a field missing": {"user": None},
    "user is no id": {"user": "userA"},
    "user in capitals": {"user": str(UUID(int=0xABC)).upper()},
    "user is a list": {"user": [1]},
    "sequence as text": {"sequence": "12"},
    "sequence as fraction": {"sequence": 12.0},
    "sequence is true": {"sequence": True},
    "enrol without identity": {"kind": "enrol", "role": "user", "center": str(A), "provisional": True},
    "a role there is not": {"kind": "place", "role": "owner", "center": str(A)},
    "a viewer without a center": {"kind": "place", "role": "viewer", "center": ""},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_statements_do_not_count_and_do_not_stop_the_lab(name: str) -> None:
    log = beginning()
    log.put_raw(placed_payload(log, **MALFORMED[name]))
    assert log.outcome() is RefusalReason.MALFORMED
    assert log.put(enrol("new", "user", A), "adminA")
    assert log.outcome() is None


def test_a_viewer_without_a_center_is_no_role() -> None:
    log = beginning()
    payload = placed_payload(log, kind="place", role="viewer", center="").replace(b'"center":""', b'"center":null')
    log.put_raw(payload)
    assert log.outcome() is RefusalReason.MALFORMED


RUBBISH = {
    "empty": b"",
    "not ASCII": "é".encode(),
    "not JSON": b"{",
    "a list": b"[]",
    "a number": b"1",
    "deep": b"[" * 60_000,
    "deep objects": b'{"a":' * 10_000,
    "long number": b'{"a":' + b"9" * 20_000 + b"}",
    "not a number": b'{"a":NaN}',
    "too long": b'{"a":"' + b"x" * 70_000 + b'"}',
    "binary": bytes(range(256)),
}


@pytest.mark.parametrize("name", RUBBISH)
@pytest.mark.parametrize("escaped", [False, True])
def test_rubbish_does_not_count_and_does_not_stop_the_lab(name: str, escaped: bool) -> None:
    """The server takes only what names the entry before, but JSON has many ways of writing that."""
    log = beginning()
    link = log.previous().hex()
    written = "".join(f"\\u{ord(letter):04x}" for letter in link) if escaped else link
    log.put_raw(RUBBISH[name] + f'"previous" : "{written}"'.encode())
    assert log.outcome() is RefusalReason.MALFORMED
    log.put(RemoveStatement(user("userA")), "adminA")
    assert log.outcome() is None


def test_the_same_statement_in_another_writing_does_not_count() -> None:
    log = beginning()
    good = placed_payload(log)
    doubled = good.replace(b'"kind"', b'"kind":"place","kind"')
    spaced = good.replace(b":", b": ", 1)
    escaped = good.replace(b"remove", b"r\\u0065move")
    for payload in (doubled, spaced, escaped, good + b" "):
        attempt = log.copy()
        attempt.put_raw(payload)
        assert attempt.outcome() is RefusalReason.MALFORMED
    log.put_raw(good)
    assert log.outcome() is None


def test_signatures_that_are_none() -> None:
    log = beginning()
    good = placed_payload(log)
    right = identity("adminA").sign(good)
    cases = {
        RefusalReason.BAD_SIGNATURE: [bytes(64), identity("sys").sign(good), right[:63] + bytes([right[63] ^ 1])],
        RefusalReason.MALFORMED: [b"", right[:63], right + b"\x00", right * 16],
    }
    for reason, signatures in cases.items():
        for signature in signatures:
            attempt = log.copy()
            attempt.put_raw(good, signature=signature)
            assert attempt.outcome() is reason


def test_an_entry_of_another_installation_does_not_count() -> None:
    log = beginning()
    log.put(RemoveStatement(user("userA")), "adminA", installation=OTHER_LAB)
    assert log.outcome() is RefusalReason.FOREIGN_INSTALLATION


def test_an_entry_that_says_another_place_does_not_count() -> None:
    log = beginning()
    for sequence in (1, 11, 13, 2**62):
        attempt = log.copy()
        attempt.put_raw(placed_payload(attempt, sequence=sequence))
        assert attempt.outcome() is RefusalReason.MALFORMED


def test_a_replayed_entry_is_refused_by_name() -> None:
    """The server does not append it; only its own administrator can."""
    log = grown()
    log.put(ReadmitStatement(user("userA")), "adminA")
    removal = log.entries[11]
    log.entries.append(replace(removal, sequence=len(log.entries) + 1))
    with pytest.raises(ReplayedEntryError):
        log.state()
    log.entries[-1] = replace(log.entries[-1], signature=bytes(64))
    with pytest.raises(BrokenChainError):
        log.state()
