"""Keys that an administrator made for somebody: until the hand-over, and nothing but it."""

from dataclasses import replace

from desktop_app.crypto.trust_state import RefusalReason
from desktop_app.crypto.trust_statements import (
    KeyVersionStatement,
    KitReplacedStatement,
    RemoveStatement,
    ReplaceKeysStatement,
    RestoredStatement,
)
from tests.unit.crypto.lab import A, beginning, enrol, identity, user
from tests.unit.crypto.test_trust_places import might
from tests.unit.crypto.test_trust_rights import after


def test_provisional_until_the_person_has_keys_of_his_own() -> None:
    log = beginning()
    log.put(ReplaceKeysStatement(user("userA"), identity("fresh").public, True), "adminA")
    person = log.state().person(user("userA"))
    assert person is not None
    assert person.provisional
    log.put(ReplaceKeysStatement(user("userA"), identity("lasting").public, False), "fresh")
    person = log.state().person(user("userA"))
    assert person is not None
    assert not person.provisional
    assert person.identity == identity("lasting").public


def test_provisional_keys_sign_nothing_but_the_hand_over() -> None:
    """Whoever made them could otherwise sign in the person's name, and say that it was long ago."""
    lasting = ReplaceKeysStatement(user("adminA"), identity("lasting").public, False)
    for reset, others in (("adminA", user("userA")), ("sys2", user("adminB"))):
        for statement in (
            enrol("new", "viewer", A),
            RemoveStatement(others),
            ReplaceKeysStatement(others, identity("given").public, True),
            ReplaceKeysStatement(user(reset), identity("again").public, True),
            KeyVersionStatement(A, 2, bytes(32)),
            RestoredStatement(20, bytes(32)),
            KitReplacedStatement(identity("root2").public),
        ):
            log = after((ReplaceKeysStatement(user(reset), identity("fresh").public, True), "sys"))
            log.put(statement, "fresh")
            assert log.outcome() is RefusalReason.PROVISIONAL_SIGNER, statement
            log.put(replace(lasting, user_id=user(reset)), "fresh")
            assert log.outcome() is None
    log = after((ReplaceKeysStatement(user("userA"), identity("fresh").public, True), "adminA"))
    assert not might(log, "fresh", A)
    log.put(replace(lasting, user_id=user("userA")), "fresh")
    assert might(log, "lasting", A)
    assert not might(log, "fresh", A, 12), "not afterwards either, for the time when it was theirs"
