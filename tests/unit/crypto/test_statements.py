"""Signed versions: whose word counts for which document, and when."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from desktop_app.crypto.errors import (
    CryptoError,
    LogBehindError,
    NotAWriterError,
    TrustError,
    UnknownFormatError,
    UnsignedError,
)
from desktop_app.crypto.trust_statements import JoinStatement, RemoveStatement, ReplaceKeysStatement
from desktop_app.crypto.version_statements import (
    DocumentStatement,
    VersionStatement,
    check_document,
    check_version,
    sign_document,
    sign_version,
)
from desktop_app.domain.drafts import DocumentDraft
from tests.unit.crypto.lab import LAB, OTHER_LAB, A, B, beginning, identity, user

DIGEST = "blake3:" + bytes(range(32)).hex()
NOW = datetime(2026, 11, 28, 23, 5, 11, tzinfo=UTC)
FACTS = DocumentDraft(title="Report", document_type="letter", tags=("a", "b"), sample_id=uuid4())
OTHER_FACTS = [
    replace(FACTS, title="Other"),
    replace(FACTS, document_type=""),
    replace(FACTS, tags=("b", "a")),
    replace(FACTS, sample_id=None),
    replace(FACTS, sample_id=uuid4()),
]


def statement(signer: str = "userA", center: UUID = A, at: int = 11) -> VersionStatement:
    return VersionStatement(
        installation_id=LAB,
        center_id=center,
        document_id=uuid4(),
        version_id=uuid4(),
        number=1,
        file_name="report.pdf",
        size=5,
        stored_digest=DIGEST,
        facts=FACTS,
        at=NOW,
        signer=identity(signer).public.id,
        trust_sequence=at,
    )


def renamed(signer: str = "userA", center: UUID = A, at: int = 11) -> DocumentStatement:
    return DocumentStatement(
        installation_id=LAB,
        center_id=center,
        document_id=uuid4(),
        number=1,
        facts=FACTS,
        at=NOW,
        signer=identity(signer).public.id,
        trust_sequence=at,
    )


def signed(made: VersionStatement, signer: str = "userA") -> tuple[bytes, bytes]:
    return sign_version(made, identity(signer))


@pytest.mark.parametrize(
    ("signer", "center", "counts"),
    [
        ("userA", A, True),
        ("adminA", A, True),
        ("sys", A, True),
        ("sys", B, True),
        ("viewA", A, False),
        ("userB", A, False),
        ("adminB", A, False),
        ("userA", B, False),
        ("root", A, False),
    ],
)
def test_whose_word_counts(signer: str, center: UUID, counts: bool) -> None:
    made = statement(signer, center)
    payload, signature = signed(made, signer)
    state = beginning().state()
    if counts:
        assert check_version(payload, signature, state) == made
    else:
        with pytest.raises(NotAWriterError):
            check_version(payload, signature, state)


def test_the_word_of_a_leaver_counts_for_what_he_signed_before() -> None:
    log = beginning()
    log.put(RemoveStatement(user("userA")), "adminA")  # 12
    state = log.state()
    before, after = statement(at=11), statement(at=12)
    assert check_version(*signed(before), state) == before
    with pytest.raises(NotAWriterError):
        check_version(*signed(after), state)


def test_the_word_of_a_replaced_key_counts_until_then() -> None:
    log = beginning()
    log.put(ReplaceKeysStatement(user("userA"), identity("fresh").public, False), "userA")
    state = log.state()
    assert check_version(*signed(statement(at=11)), state)
    with pytest.raises(NotAWriterError):
        check_version(*signed(statement(at=12)), state)
    assert check_version(*signed(statement("fresh", at=12), "fresh"), state)
    with pytest.raises(NotAWriterError):
        check_version(*signed(statement("fresh", at=11), "fresh"), state)


def test_a_viewer_made_user_writes_from_then_on() -> None:
    log = beginning()
    log.put(JoinStatement(user("viewA"), "user", A), "adminA")
    with pytest.raises(NotAWriterError):
        check_version(*signed(statement("viewA", at=11), "viewA"), log.state())
    assert check_version(*signed(statement("viewA", at=12), "viewA"), log.state())


def test_a_point_of_the_log_not_read_yet() -> None:
    state = beginning().state()
    with pytest.raises(LogBehindError):
        check_version(*signed(statement(at=12)), state)
    with pytest.raises(LogBehindError):
        check_version(*signed(statement("newcomer", at=13), "newcomer"), state)


def test_a_signature_that_is_not_the_uploaders() -> None:
    state = beginning().state()
    made = statement()
    payload, signature = signed(made)
    for bad in (b"", bytes(64), signature[:-1], signature + b"\x00", identity("adminA").sign(payload)):
        with pytest.raises(UnsignedError):
            check_version(payload, bad, state)
    with pytest.raises(UnsignedError):
        check_version(*signed(statement("stranger"), "stranger"), state)


CHANGES: list[dict[str, Any]] = [
    {"center_id": B},
    {"document_id": uuid4()},
    {"version_id": uuid4()},
    {"number": 2},
    {"file_name": "other.pdf"},
    {"size": 6},
    {"stored_digest": "blake3:" + bytes(32).hex()},
    {"trust_sequence": 10},
    {"statement": 1},
    {"statement_digest": bytes(31) + b"x"},
    {"at": NOW + timedelta(seconds=1)},
    *[{"facts": facts} for facts in OTHER_FACTS],
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_field_is_signed(change: dict[str, Any]) -> None:
    made = statement()
    changed = replace(made, **change)
    with pytest.raises(UnsignedError):
        check_version(changed.to_bytes(), signed(made)[1], beginning().state())


@pytest.mark.parametrize(
    "change",
    [
        {"center_id": B},
        {"document_id": uuid4()},
        {"number": 2},
        {"previous": bytes(31) + b"x"},
        {"at": NOW + timedelta(seconds=1)},
        {"trust_sequence": 10},
        *({"facts": facts} for facts in OTHER_FACTS),
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_of_a_change_is_signed(change: dict[str, Any]) -> None:
    made, state = renamed(), beginning().state()
    payload, signature = sign_document(made, identity("userA"))
    assert payload == made.to_bytes()
    assert check_document(made.to_bytes(), signature, state) == made
    changed = replace(made, **change)
    with pytest.raises(UnsignedError):
        check_document(changed.to_bytes(), signature, state)


def test_a_change_counts_as_a_version_does() -> None:
    state = beginning().state()
    for signer, center in (("viewA", A), ("userB", A), ("userA", B), ("root", A)):
        made = renamed(signer, center)
        with pytest.raises(NotAWriterError):
            check_document(*sign_document(made, identity(signer)), state)
    late = renamed(at=12)
    with pytest.raises(LogBehindError):
        check_document(*sign_document(late, identity("userA")), state)


def test_a_change_is_no_version_and_a_version_no_change() -> None:
    version, change = statement(), renamed()
    with pytest.raises(UnknownFormatError):
        DocumentStatement.from_bytes(version.to_bytes())
    with pytest.raises(UnknownFormatError):
        VersionStatement.from_bytes(change.to_bytes())


def test_the_longest_facts_can_be_signed() -> None:
    """Fifty tags of sixty characters, each of which takes two escapes."""
    wide = "😀"
    facts = DocumentDraft(
        title=wide * 300, document_type=wide * 80, tags=tuple(wide * 59 + str(at % 10) for at in range(50))
    )
    made = replace(statement(), facts=facts, file_name=wide * 1000)
    assert VersionStatement.from_bytes(made.to_bytes()) == made
    assert sign_version(made, identity("userA"))


def test_another_signer_and_another_installation() -> None:
    made = statement()
    state = beginning().state()
    with pytest.raises(UnsignedError):
        check_version(replace(made, signer=identity("adminA").public.id).to_bytes(), signed(made)[1], state)
    foreign = replace(made, installation_id=OTHER_LAB)
    with pytest.raises(TrustError):
        check_version(*signed(foreign), state)
    with pytest.raises(CryptoError):
        sign_version(made, identity("adminA"))


@pytest.mark.parametrize(
    "name", ["Befund – Özgür.pdf", "日本.csv", 'tab\t"quote"\\.txt', "\udc80broken", "", "a" * 300]
)
def test_any_file_name_can_be_signed(name: str) -> None:
    made = replace(statement(), file_name=name)
    payload = made.to_bytes()
    assert payload.isascii()
    assert VersionStatement.from_bytes(payload) == made
    assert check_version(*sign_version(made, identity("userA")), beginning().state()) == made


def test_what_could_not_be_read_back_is_not_signed() -> None:
    bads: tuple[dict[str, Any], ...] = (
        {"number": 0},
        {"size": -1},
        {"stored_digest": "sha256:" + bytes(32).hex()},
        {"file_name": "x" * 70_000},
    )
    for bad in bads:
        with pytest.raises(UnknownFormatError):
            sign_version(replace(statement(), **bad), identity("userA"))


def test_payloads_of_another_form_are_refused() -> None:
    fields = json.loads(statement().to_bytes())
    changes: list[dict[str, object]] = [
        {"kind": "enrol"},
        {"format": "labkeep/2"},
        {"number": "1"},
        {"size": 1.5},
        {"more": 1},
        {"stored_digest": "00" * 32},
        {"stored_digest": "blake3:" + "AB" * 32},
        {"stored_digest": "blake3:" + "00" * 33},
        {"signer": "somebody"},
        {"file_name": None},
        {"trust_sequence": 2**63},
        {"tags": "a"},
        {"tags": [1]},
        {"sample": ""},
        {"title": None},
        {"at": "2026-11-28T23:05:11+00:00"},
        {"at": "2026-11-28T23:05:11.5Z"},
        {"at": "2026-1-28T23:05:11Z"},
        {"statement": -1},
    ]
    for change in changes:
        payload = json.dumps({**fields, **change}, sort_keys=True, separators=(",", ":")).encode()
        with pytest.raises(UnknownFormatError):
            VersionStatement.from_bytes(payload)
    for name in fields:
        fewer = {key: value for key, value in fields.items() if key != name}
        with pytest.raises(UnknownFormatError):
            VersionStatement.from_bytes(json.dumps(fewer, sort_keys=True, separators=(",", ":")).encode())
    with pytest.raises(UnknownFormatError):
        VersionStatement.from_bytes(json.dumps(fields).encode())
