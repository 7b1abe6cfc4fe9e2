"""Tenant keys: planted, swapped and missing ones, and document keys in the wrong row."""

import pickle
from base64 import urlsafe_b64encode
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from desktop_app.crypto.errors import CryptoError, PlantedKeyError, TamperedError, WrongKeyError
from desktop_app.crypto.identities import seal_to
from desktop_app.crypto.key_ring import (
    KeyRing,
    check_tenant_key,
    make_tenant_key,
    open_grant,
    seal_grant,
    tenant_key_digest,
)
from desktop_app.crypto.trust_statements import KeyVersionStatement
from tests.unit.crypto.lab import LAB, OTHER_LAB, A, B, beginning, identity

VERSION = uuid4()
KEYS = {number: urlsafe_b64encode(bytes([number]) * 32) for number in (1, 2, 3)}
DOCUMENT_KEY = bytes(range(32))


def ring(active: int = 3) -> KeyRing:
    return KeyRing(LAB, A, KEYS, active)


def test_a_document_key_comes_back_under_any_version() -> None:
    for number in KEYS:
        wrapped = ring(number).wrap(VERSION, DOCUMENT_KEY)
        assert wrapped.key_version == number
        assert ring().unwrap(VERSION, number, wrapped.token) == DOCUMENT_KEY


def test_a_document_key_opens_in_no_other_row() -> None:
    token = ring().wrap(VERSION, DOCUMENT_KEY).token
    other_center = KeyRing(LAB, B, KEYS, 3)
    with pytest.raises(TamperedError):
        ring().unwrap(uuid4(), 3, token)
    with pytest.raises(TamperedError):
        other_center.unwrap(VERSION, 3, token)
    with pytest.raises(TamperedError):
        ring().unwrap(VERSION, 2, token)
    with pytest.raises(WrongKeyError):
        ring().unwrap(VERSION, 4, token)


def test_the_number_beside_a_token_is_held_even_where_two_numbers_have_one_key() -> None:
    same = KeyRing(LAB, A, {1: KEYS[1], 2: KEYS[1]}, 1)
    with pytest.raises(TamperedError):
        same.unwrap(VERSION, 2, same.wrap(VERSION, DOCUMENT_KEY).token)


def test_each_character_of_a_token_counts() -> None:
    token = ring().wrap(VERSION, DOCUMENT_KEY).token
    for place in range(len(token)):
        changed = bytearray(token)
        changed[place] = ord("A") if changed[place] != ord("A") else ord("B")
        with pytest.raises(TamperedError):
            ring().unwrap(VERSION, 3, bytes(changed))
    for bad in (b"", token[:-4], token + b"AAAA", b"\xff", token[:40]):
        with pytest.raises(TamperedError):
            ring().unwrap(VERSION, 3, bad)


def frame(**parts: bytes) -> bytes:
    whole = {"magic": b"LKK1", "center": A.bytes, "version": VERSION.bytes, "number": b"\x00\x00\x00\x03"}
    whole["key"] = DOCUMENT_KEY
    whole.update(parts)
    return b"".join(whole.values())


def test_a_frame_of_another_form_is_refused_though_the_token_is_good() -> None:
    fernet = Fernet(KEYS[3])
    assert ring().unwrap(VERSION, 3, fernet.encrypt(frame())) == DOCUMENT_KEY
    frames = [
        frame(magic=b"LKK2"),
        frame(center=B.bytes),
        frame(version=bytes(16)),
        frame(number=b"\x00\x00\x00\x02"),
        frame(key=b""),
        frame(key=DOCUMENT_KEY[:31]),
        frame(key=DOCUMENT_KEY + b"\x00"),
        b"",
    ]
    for bad in frames:
        with pytest.raises(TamperedError):
            ring().unwrap(VERSION, 3, fernet.encrypt(bad))


def test_a_token_has_no_age() -> None:
    old = Fernet(KEYS[3]).encrypt_at_time(frame(), 0)
    future = Fernet(KEYS[3]).encrypt_at_time(frame(), 2**40)
    assert ring().unwrap(VERSION, 3, old) == ring().unwrap(VERSION, 3, future) == DOCUMENT_KEY


def test_a_key_of_another_length_is_not_wrapped() -> None:
    with pytest.raises(CryptoError):
        ring().wrap(VERSION, b"short")


def test_a_ring_shows_numbers_only() -> None:
    assert "keys [1, 2, 3], active 3" in repr(ring())
    assert not any(key.decode() in repr(ring()) for key in KEYS.values())
    with pytest.raises(TypeError):
        pickle.dumps(ring())


def test_a_ring_without_its_active_key_or_of_no_keys_is_refused() -> None:
    with pytest.raises(WrongKeyError):
        KeyRing(LAB, A, KEYS, 4)
    for bad in (b"", b"x" * 44, make_tenant_key()[:-1], b"\xff" * 44, KEYS[1][:-2] + b"F=", KEYS[1] + b"AAAA"):
        with pytest.raises(WrongKeyError):
            KeyRing(LAB, A, {1: bad}, 1)


def test_tenant_keys_are_new_each_time() -> None:
    made = {make_tenant_key() for _ in range(20)}
    assert len(made) == 20
    assert {len(key) for key in made} == {44}


def test_a_grant_opens_for_its_person_center_and_number_only() -> None:
    sealed = seal_grant(LAB, A, 1, KEYS[1], identity("userA").public)
    assert open_grant(LAB, A, 1, sealed, identity("userA")) == KEYS[1]
    with pytest.raises(TamperedError):
        open_grant(OTHER_LAB, A, 1, sealed, identity("userA"))
    with pytest.raises(TamperedError):
        open_grant(LAB, B, 1, sealed, identity("userA"))
    with pytest.raises(TamperedError):
        open_grant(LAB, A, 2, sealed, identity("userA"))
    with pytest.raises(TamperedError):
        open_grant(LAB, A, 1, sealed, identity("userB"))


def test_a_grant_of_something_else_is_refused() -> None:
    with pytest.raises(WrongKeyError):
        seal_grant(LAB, A, 1, b"not a key", identity("userA").public)
    public = identity("userA").public
    planted = seal_to(public, f"labkeep/1|grant|{LAB}|{A}|1|{public.id}".encode(), b"not a key")
    with pytest.raises(WrongKeyError):
        open_grant(LAB, A, 1, planted, identity("userA"))


def test_a_planted_tenant_key_is_found_by_the_trust_log() -> None:
    log = beginning()
    log.put(KeyVersionStatement(A, 2, tenant_key_digest(A, 2, KEYS[2])), "adminA")
    log.put(KeyVersionStatement(B, 2, tenant_key_digest(B, 2, KEYS[3])), "adminB")
    state = log.state()
    check_tenant_key(state, A, 2, KEYS[2])
    # The server's administrator can seal to anybody: the grant opens, and the log says no.
    sealed = seal_grant(LAB, A, 2, KEYS[1], identity("userA").public)
    planted = open_grant(LAB, A, 2, sealed, identity("userA"))
    for center, number, key in ((A, 2, planted), (A, 2, KEYS[3]), (A, 1, KEYS[2]), (A, 3, KEYS[2]), (B, 2, KEYS[2])):
        with pytest.raises(PlantedKeyError):
            check_tenant_key(state, center, number, key)


def test_a_key_version_signed_without_the_right_makes_no_key() -> None:
    log = beginning()
    log.put(KeyVersionStatement(A, 2, tenant_key_digest(A, 2, KEYS[2])), "userA")
    with pytest.raises(PlantedKeyError):
        check_tenant_key(log.state(), A, 2, KEYS[2])
