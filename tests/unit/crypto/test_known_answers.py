"""Every format against fixed bytes, and against a second writing of its source."""

import io
import json
import os
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from blake3 import blake3
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from desktop_app.crypto import key_ring, passwords, sealed_stream, trust_log, version_statements
from desktop_app.crypto.identities import Identity, PublicIdentity, identity_from_seed, make_identity, seal_to, verify
from desktop_app.crypto.recovery_kit import RecoveryKit, fingerprint_words
from desktop_app.crypto.trust_entries import TrustEntry
from desktop_app.crypto.trust_statements import decode_placed, encode_placed
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.system.secret import Secret
from tests.unit.crypto import reference

ANSWERS: dict[str, Any] = json.loads(Path(__file__).with_name("known_answers.json").read_text("ascii"))
IDS = {name: UUID(value) for name, value in ANSWERS["ids"].items()}


def identity() -> Identity:
    return Identity(Secret(bytes.fromhex(ANSWERS["identity"]["private"])), IDS["identity"])


def pattern(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def test_password_gives_the_keys_that_argon2_cffi_gives() -> None:
    known = ANSWERS["password"]
    keys = passwords.derive_keys(UUID(known["installation"]), known["username"], known["password"], passwords.KDF_1)
    assert keys.login == known["login"]
    assert keys.database_password.reveal().decode() == known["database_password"]
    assert keys.unseal_key.reveal().hex() == known["unseal_key"]


def test_public_identity() -> None:
    known = ANSWERS["identity"]
    public = identity().public
    assert public.to_bytes() == b64decode(known["public"])
    assert PublicIdentity.from_bytes(IDS["identity"], b64decode(known["public"])) == public
    assert public.fingerprint().hex() == known["fingerprint"]
    assert public.fingerprint() == reference.digest(public.to_bytes()[1:])


def test_signature() -> None:
    known = ANSWERS["identity"]
    signature = bytes.fromhex(known["signature"])
    assert identity().sign(known["message"].encode()) == signature
    assert verify(identity().public, known["message"].encode(), signature)


def test_sealed_to_an_identity() -> None:
    known = ANSWERS["identity"]
    assert identity().open(b64decode(known["sealed"]), known["info"].encode()) == known["plaintext"].encode()


@pytest.mark.parametrize("fresh", [False, True])
def test_sealing_is_hpke_with_x_wing(fresh: bool) -> None:
    private = bytes.fromhex(ANSWERS["identity"]["private"])
    info = ANSWERS["identity"]["info"].encode()
    clear = ANSWERS["identity"]["plaintext"].encode()
    sealed = seal_to(identity().public, info, clear) if fresh else b64decode(ANSWERS["identity"]["sealed"])
    assert sealed[:1] == b"\x01"
    assert reference.hpke_open(sealed[1:], private[:64], private[64:96], info) == clear
    assert len(sealed) == len(clear) + 1137


def test_sealed_private_halves() -> None:
    known = ANSWERS["identity"]
    sealed = b64decode(known["sealed_private"])
    unseal_key = bytes.fromhex(known["unseal_key"])
    opened = Identity.unseal(
        sealed, Secret(unseal_key), IDS["installation"], IDS["user"], IDS["identity"], passwords.KDF_1
    )
    assert opened.public == identity().public

    key = reference.hkdf(unseal_key, b"", b"labkeep/1|identity", 32)
    owner = f"{IDS['installation']}|{IDS['user']}|{IDS['identity']}".encode()
    assert sealed[:2] == b"\x01\x01"
    assert AESGCM(key).decrypt(sealed[2:14], sealed[14:], sealed[:2] + owner).hex() == known["private"]


def test_root_from_its_seed() -> None:
    known = ANSWERS["root"]
    seed = bytes.fromhex(known["seed"])
    root = identity_from_seed(seed, IDS["root"])
    expanded = reference.hkdf(seed, b"", b"labkeep/1|root", 128)
    assert root.public == Identity(Secret(expanded), IDS["root"]).public
    assert root.public.fingerprint().hex() == known["fingerprint"]
    assert fingerprint_words(root.public.fingerprint()) == known["fingerprint_words"]


def test_recovery_kit_words() -> None:
    known = ANSWERS["root"]
    kit = RecoveryKit.from_words(known["words"])
    assert kit.words() == known["words"].split()
    assert kit.fingerprint().hex() == known["fingerprint"]
    assert kit.identity(IDS["root"]).public == identity_from_seed(bytes.fromhex(known["seed"]), IDS["root"]).public


def test_tenant_key_digest() -> None:
    known = ANSWERS["key_ring"]
    found = key_ring.tenant_key_digest(IDS["center"], known["number"], known["tenant_key"].encode())
    assert found.hex() == known["digest"]
    label = f"labkeep/1|tenant-key|{IDS['center']}|{known['number']}|{known['tenant_key']}"
    assert found == sha256(label.encode()).digest()


def test_grant() -> None:
    known = ANSWERS["key_ring"]
    grant, number = b64decode(known["grant"]), known["number"]
    opened = key_ring.open_grant(IDS["installation"], IDS["center"], number, grant, identity())
    assert opened == known["tenant_key"].encode()
    info = f"labkeep/1|grant|{IDS['installation']}|{IDS['center']}|{number}|{IDS['identity']}"
    private = bytes.fromhex(ANSWERS["identity"]["private"])
    assert reference.hpke_open(grant[1:], private[:64], private[64:96], info.encode()) == opened


def test_document_key_frame() -> None:
    known = ANSWERS["key_ring"]
    key = known["tenant_key"].encode()
    ring = key_ring.KeyRing(IDS["installation"], IDS["center"], {known["number"]: key}, known["number"])
    assert ring.unwrap(IDS["version"], known["number"], known["token"].encode()).hex() == known["document_key"]
    head = b"LKK1" + IDS["center"].bytes + IDS["version"].bytes + known["number"].to_bytes(4, "big")
    assert Fernet(key).decrypt(known["token"]) == head + bytes.fromhex(known["document_key"])


@pytest.mark.parametrize("body", ANSWERS["body"]["sealed_by_tink"], ids=lambda body: f"{len(body['clear'])} characters")
def test_bodies_that_tink_sealed(body: dict[str, str]) -> None:
    target = io.BytesIO()
    key = bytes.fromhex(ANSWERS["body"]["document_key"])
    associated = sealed_stream.associated_data(IDS["center"], IDS["document"], IDS["version"])
    assert associated.decode() == ANSWERS["body"]["associated"]
    sealed_stream.open_stream(io.BytesIO(b64decode(body["sealed"])), target, key, associated)
    assert target.getvalue() == b64decode(body["clear"])


@pytest.mark.parametrize("answer", ANSWERS["body"]["digests"], ids=lambda answer: str(answer["size"]))
def test_bodies_of_all_border_sizes(answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    known = ANSWERS["body"]
    key, salt, prefix = (bytes.fromhex(known[name]) for name in ("document_key", "salt", "prefix"))
    monkeypatch.setattr(os, "urandom", {32: salt, 7: prefix}.__getitem__)
    target = io.BytesIO()
    clear, associated = pattern(answer["size"]), known["associated"].encode()
    made = sealed_stream.seal_stream(io.BytesIO(clear), target, key, associated)
    assert made.stored_digest == answer["stored_digest"]
    assert target.getvalue() == reference.seal_body(clear, key, salt, prefix, associated)


@pytest.mark.parametrize(
    ("length", "digest"),
    [
        (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
        (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"),
        (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"),
    ],
)
def test_blake3_is_blake3(length: int, digest: str) -> None:
    """The vectors of BLAKE3's authors."""
    data = bytes(number % 251 for number in range(length))
    assert sealed_stream.named_digest(blake3(data).digest()) == f"blake3:{digest}"


def test_trust_log() -> None:
    known = ANSWERS["trust_log"]
    entries = [
        TrustEntry(number, entry["payload"].encode(), UUID(entry["signer"]), bytes.fromhex(entry["signature"]))
        for number, entry in enumerate(known["entries"], 1)
    ]
    state = trust_log.verify_log(entries, IDS["installation"], bytes.fromhex(known["root_fingerprint"]))
    assert state.refused == ()
    assert state.head.digest.hex() == known["head"]
    kinds = [json.loads(entry.payload)["kind"] for entry in entries]
    assert kinds == [
        "root",
        "enrol",
        "enrol",
        "replace_keys",
        "key_version",
        "join",
        "leave",
        "remove",
        "readmit",
        "restored",
        "kit_replaced",
    ]
    for before, entry in zip([None, *entries], entries, strict=False):
        placed = decode_placed(entry.payload)
        assert encode_placed(placed) == entry.payload
        previous = (
            bytes(32) if before is None else reference.digest(before.payload, before.signer.bytes, before.signature)
        )
        assert placed.previous == previous


def test_signed_version() -> None:
    known = ANSWERS["version"]
    payload = known["payload"].encode()
    statement = version_statements.VersionStatement.from_bytes(payload)
    assert statement.to_bytes() == payload
    assert statement.file_name == known["file_name"]
    assert (statement.number, statement.size, statement.trust_sequence) == (2, 1234, 4)
    assert statement.facts == DocumentDraft(
        title="Befund – Özgür", document_type="report", tags=("urgent", "çay"), sample_id=IDS["sample"]
    )
    assert (statement.statement, statement.at) == (1, datetime(2026, 11, 28, 23, 5, 11, tzinfo=UTC))
    assert statement.statement_digest.hex() == ANSWERS["document_statement"]["digest"]
    signer = Identity(Secret(bytes(range(1, 129))), statement.signer)
    assert verify(signer.public, payload, bytes.fromhex(known["signature"]))
    assert version_statements.sign_version(statement, signer) == (payload, bytes.fromhex(known["signature"]))


def test_signed_change_of_a_document() -> None:
    known = ANSWERS["document_statement"]
    payload, signature = known["payload"].encode(), bytes.fromhex(known["signature"])
    statement = version_statements.DocumentStatement.from_bytes(payload)
    assert statement.to_bytes() == payload
    assert (statement.number, statement.previous, statement.document_id) == (1, bytes(32), IDS["document"])
    assert statement.facts.title == "Befund – Özgür"
    signer = Identity(Secret(bytes(range(1, 129))), statement.signer)
    assert version_statements.sign_document(statement, signer) == (payload, signature)
    assert version_statements.statement_digest(payload, signature).hex() == known["digest"]
    assert sha256(payload + signature).hexdigest() == known["digest"]


def test_identities_of_one_seed_are_the_same_and_of_none_are_not() -> None:
    assert make_identity().public.to_bytes() != make_identity().public.to_bytes()
    assert make_identity(IDS["identity"]).public.id == IDS["identity"]
