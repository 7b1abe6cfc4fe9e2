"""Identities: sealing to them, signing, and their private halves under a password."""

import copy
import pickle
from uuid import UUID, uuid4

import pytest

from desktop_app.crypto.errors import CryptoError, TamperedError, UnknownFormatError, WrongKeyError
from desktop_app.crypto.identities import Identity, PublicIdentity, identity_from_seed, make_identity, seal_to, verify
from desktop_app.crypto.passwords import KDF_1
from desktop_app.system.secret import Secret

LAB, USER = uuid4(), uuid4()
UNSEAL = Secret(bytes(range(32)))


@pytest.fixture(scope="module")
def ayse() -> Identity:
    return make_identity()


@pytest.fixture(scope="module")
def sealed(ayse: Identity) -> bytes:
    return ayse.seal_private(UNSEAL, LAB, USER, KDF_1)


def test_sealed_opens_only_for_its_identity_and_purpose(ayse: Identity) -> None:
    box = seal_to(ayse.public, b"purpose", b"key")
    assert ayse.open(box, b"purpose") == b"key"
    for identity, info in ((ayse, b"other purpose"), (ayse, b""), (make_identity(), b"purpose")):
        with pytest.raises(TamperedError):
            identity.open(box, info)


def test_each_byte_of_a_sealed_box_counts(ayse: Identity) -> None:
    box = seal_to(ayse.public, b"i", b"key")
    for place in range(len(box)):
        changed = bytearray(box)
        changed[place] ^= 0x01 if place % 2 else 0x80
        with pytest.raises(TamperedError):
            ayse.open(bytes(changed), b"i")


@pytest.mark.parametrize("length", [0, 1, 2, 1088, 1089, 1120, 1121, 1136, 1139])
def test_a_cut_box_is_refused(ayse: Identity, length: int) -> None:
    box = seal_to(ayse.public, b"i", b"key")
    with pytest.raises(TamperedError):
        ayse.open(box[:length], b"i")
    with pytest.raises(TamperedError):
        ayse.open(box + b"\x00", b"i")


def test_two_boxes_of_one_thing_differ(ayse: Identity) -> None:
    assert seal_to(ayse.public, b"i", b"key") != seal_to(ayse.public, b"i", b"key")


def test_signatures(ayse: Identity) -> None:
    signature = ayse.sign(b"message")
    assert verify(ayse.public, b"message", signature)
    assert not verify(ayse.public, b"massage", signature)
    assert not verify(make_identity().public, b"message", signature)
    for bad in (b"", signature[:-1], signature + b"\x00", bytes(64)):
        assert not verify(ayse.public, b"message", bad)


def test_private_halves_come_back_under_the_password(ayse: Identity, sealed: bytes) -> None:
    opened = Identity.unseal(sealed, UNSEAL, LAB, USER, ayse.public.id, KDF_1)
    assert opened.public == ayse.public
    assert opened.open(seal_to(ayse.public, b"i", b"key"), b"i") == b"key"
    assert opened.sign(b"m") == ayse.sign(b"m")


def test_another_password_or_owner_opens_nothing(ayse: Identity, sealed: bytes) -> None:
    for others in (
        (Secret(bytes(32)), LAB, USER, ayse.public.id),
        (UNSEAL, uuid4(), USER, ayse.public.id),
        (UNSEAL, LAB, uuid4(), ayse.public.id),
        (UNSEAL, LAB, USER, uuid4()),
    ):
        with pytest.raises(WrongKeyError):
            Identity.unseal(sealed, *others, KDF_1)


def test_the_set_of_parameters_is_named_and_known(ayse: Identity, sealed: bytes) -> None:
    for kdf in ("", "kdf 0", "kdf 2"):
        with pytest.raises(UnknownFormatError):
            ayse.seal_private(UNSEAL, LAB, USER, kdf)
        with pytest.raises(UnknownFormatError):
            Identity.unseal(sealed, UNSEAL, LAB, USER, ayse.public.id, kdf)


def test_each_byte_of_the_sealed_private_halves_counts(ayse: Identity, sealed: bytes) -> None:
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 0x10
        with pytest.raises((WrongKeyError, UnknownFormatError)):
            Identity.unseal(bytes(changed), UNSEAL, LAB, USER, ayse.public.id, KDF_1)
    for length in (0, 1, 2, 13, 14, 29, len(sealed) - 1):
        with pytest.raises((WrongKeyError, UnknownFormatError)):
            Identity.unseal(sealed[:length], UNSEAL, LAB, USER, ayse.public.id, KDF_1)


def test_private_halves_are_never_sealed_the_same_way_twice(ayse: Identity) -> None:
    assert ayse.seal_private(UNSEAL, LAB, USER, KDF_1) != ayse.seal_private(UNSEAL, LAB, USER, KDF_1)


def test_public_halves_of_wrong_form_are_refused(ayse: Identity) -> None:
    good = ayse.public.to_bytes()
    for bad in (b"", good[:-1], good + b"\x00", b"\x02" + good[1:]):
        with pytest.raises(UnknownFormatError):
            PublicIdentity.from_bytes(ayse.public.id, bad)


SMALL_ORDER = [bytes(32), b"\x01" + bytes(31), b"\xed" + b"\xff" * 30 + b"\x7f"]


def broken(public: PublicIdentity) -> list[PublicIdentity]:
    keys = [PublicIdentity(public.id, public.ml_kem, point, public.ed25519) for point in SMALL_ORDER]
    return [*keys, PublicIdentity(public.id, b"\xff" * 1184, public.x25519, public.ed25519)]


@pytest.mark.parametrize("which", range(4))
def test_keys_nobody_can_seal_to_are_known_beforehand(ayse: Identity, which: int) -> None:
    bad = broken(ayse.public)[which]
    assert ayse.public.is_usable()
    assert not bad.is_usable()
    with pytest.raises(CryptoError):
        seal_to(bad, b"i", b"key")


def test_root_seed_has_32_bytes_and_no_other_form() -> None:
    for length in (0, 31, 33):
        with pytest.raises(CryptoError):
            identity_from_seed(bytes(length), UUID(int=1))
    with pytest.raises(UnknownFormatError):
        Identity(Secret(bytes(127)), UUID(int=1))


def test_private_halves_are_not_printed_copied_or_pickled(ayse: Identity) -> None:
    assert repr(ayse) == f"Identity({ayse.public.id}, redacted)"
    assert not hasattr(ayse, "__dict__")
    for take in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            take(ayse)
