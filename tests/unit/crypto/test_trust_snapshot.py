"""The verified trust log in a file: the same again, or not believed."""

from dataclasses import replace

import pytest

from desktop_app.crypto.errors import CryptoError, TamperedError
from desktop_app.crypto.trust_log import verify_log
from desktop_app.crypto.trust_snapshot import PURPOSE, pack, unpack
from desktop_app.crypto.trust_state import TrustState
from desktop_app.crypto.trust_statements import (
    CenterDeletedStatement,
    CenterRestoredStatement,
    KitReplacedStatement,
    RemoveStatement,
    ReplaceKeysStatement,
    RestoredStatement,
)
from tests.unit.crypto.lab import LAB, B, Log, beginning, enrol, grown, identity, user, verified

PIN = identity("root").public.fingerprint()
OWNER = identity("userA")
KEY = OWNER.secret_for(PURPOSE)
PROGRAM = "1.0"


def rich() -> Log:
    """A log with everything in it that a state can hold."""
    log = grown()
    log.put(ReplaceKeysStatement(user("userB"), identity("fresh").public, True), "adminB")
    log.put(ReplaceKeysStatement(user("userB"), identity("own").public, False), "fresh")
    log.put(RemoveStatement(user("viewB")), "viewA")  # does not count
    log.put_raw(b"rubbish " + log.previous().hex().encode())
    log.put(CenterDeletedStatement(B), "sys")
    log.put(CenterRestoredStatement(user("again"), B, 5), "sys")
    log.put(RestoredStatement(40, b"\x07" * 32), "sys")
    log.put(KitReplacedStatement(identity("kit two").public), "sys")
    log.put(enrol("last", "admin", None), "kit two")
    return log


def packed(state: TrustState) -> bytes:
    return pack(state, KEY, OWNER.public.id, PROGRAM)


def test_it_is_the_same_again() -> None:
    for log in (beginning(), grown(), rich()):
        state = log.state()
        found = unpack(packed(state), KEY, OWNER.public.id, PROGRAM)
        assert found == state
        assert found is not None
        assert list(found.register.people) == list(state.register.people)
        assert found.register.fingerprints == state.register.fingerprints
        assert found.seen == state.seen


def test_one_can_read_on_from_it() -> None:
    log = rich()
    for length in range(2, len(log.entries) + 1):
        known = unpack(packed(verified(log.entries[:length])), KEY, OWNER.public.id, PROGRAM)
        assert known is not None
        assert verify_log(log.entries[length - 1 :], LAB, PIN, known=known) == log.state()


def test_each_byte_counts() -> None:
    whole = packed(Log(rich().entries[:5]).state())
    for place in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[place] ^= 0x20
        try:
            assert unpack(bytes(changed), KEY, OWNER.public.id, PROGRAM) is None
        except TamperedError:
            continue
    for length in (0, 3, 60, 90, len(whole) - 1):
        try:
            assert unpack(whole[:length], KEY, OWNER.public.id, PROGRAM) is None
        except TamperedError:
            continue
    with pytest.raises(TamperedError):
        unpack(whole + b"\x00", KEY, OWNER.public.id, PROGRAM)


def test_another_persons_programs_or_keys_is_not_used() -> None:
    whole = packed(grown().state())
    assert unpack(whole, KEY, identity("userB").public.id, PROGRAM) is None
    assert unpack(whole, KEY, OWNER.public.id, "1.1") is None
    with pytest.raises(TamperedError):
        unpack(whole, identity("userB").secret_for(PURPOSE), OWNER.public.id, PROGRAM)


def test_whoever_holds_only_the_file_and_the_public_log_cannot_make_one() -> None:
    """A forged one, in which a viewer is an administrator, under every key an attacker has."""
    state = grown().state()
    person = state.person(user("viewA"))
    assert person is not None
    register = state.register.copy()
    register.set_person(3, replace(person, active=False))
    forged = replace(state, register=register)
    for name in ("viewA", "sys", "userB"):
        made = pack(forged, identity(name).secret_for(PURPOSE), OWNER.public.id, PROGRAM)
        with pytest.raises(CryptoError):
            unpack(made, KEY, OWNER.public.id, PROGRAM)


def test_the_key_is_for_this_purpose_alone() -> None:
    assert OWNER.secret_for(PURPOSE).reveal() == KEY.reveal()
    assert OWNER.secret_for(b"another").reveal() != KEY.reveal()
    assert len(KEY.reveal()) == 32
