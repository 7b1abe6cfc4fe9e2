"""Whatever people say in whatever order: laws that hold after every entry of the trust log."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.crypto.errors import BrokenChainError
from desktop_app.crypto.trust_log import extend, verify_log
from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.crypto.trust_state import TrustState
from desktop_app.crypto.trust_statements import (
    CenterDeletedStatement,
    CenterRestoredStatement,
    EnrolStatement,
    JoinStatement,
    KeyVersionStatement,
    KitReplacedStatement,
    LeaveStatement,
    ReadmitStatement,
    RemoveStatement,
    ReplaceKeysStatement,
    RestoredStatement,
    Statement,
)
from tests.unit.crypto.lab import CENTERS, LAB, PEOPLE, A, B, beginning, identity, login, user, verified

NAMES = [name for name, _, _ in PEOPLE]
C, D = UUID(int=0xC), UUID(int=0xD)
FRESH = [f"k{number}" for number in range(6)]
EVERYBODY = st.sampled_from([*NAMES, *FRESH])
CENTER = st.sampled_from(list(CENTERS.values()))
PLACE = st.one_of(
    st.tuples(st.sampled_from(["admin", "user", "viewer"]), st.sampled_from([A, B])),
    st.just(("admin", None)),
)
UNTIL = st.sampled_from([None, date(2027, 1, 31), date(2027, 12, 31)])
STATEMENTS: st.SearchStrategy[Statement] = st.one_of(
    st.builds(
        lambda name, keys, called, place, new: EnrolStatement(
            user(name), login(called), identity(keys).public, place[0], place[1], new
        ),
        EVERYBODY,
        EVERYBODY,
        EVERYBODY,
        PLACE,
        st.booleans(),
    ),
    st.builds(
        lambda name, keys, new: ReplaceKeysStatement(user(name), identity(keys).public, new),
        EVERYBODY,
        EVERYBODY,
        st.booleans(),
    ),
    st.builds(lambda name, place, until: JoinStatement(user(name), place[0], place[1], until), EVERYBODY, PLACE, UNTIL),
    st.builds(lambda name, center: LeaveStatement(user(name), center), EVERYBODY, CENTER),
    st.builds(lambda name: RemoveStatement(user(name)), EVERYBODY),
    st.builds(lambda name: ReadmitStatement(user(name)), EVERYBODY),
    st.builds(
        lambda center, number: KeyVersionStatement(center, number, bytes(32)),
        st.sampled_from([A, B, C]),
        st.integers(1, 4),
    ),
    st.builds(CenterDeletedStatement, st.sampled_from([A, B])),
    st.builds(CenterRestoredStatement, st.sampled_from([A, C, D]), st.sampled_from([A, C, D]), st.integers(1, 20)),
    st.builds(lambda keys: KitReplacedStatement(identity(keys).public), EVERYBODY),
    st.just(RestoredStatement(30, bytes(32))),
)
SAID = st.lists(st.tuples(STATEMENTS, st.sampled_from(["root", *NAMES, *FRESH])), min_size=1, max_size=12)


def signer_before(state: TrustState, name: str) -> tuple[bool, TrustedPerson | None]:
    """Whether the name speaks with authority over everybody, and the person behind it."""
    known = state.identity(identity(name).public.id)
    if known is None:
        return False, None
    if known[1] is None:
        return state.root == identity(name).public, None
    person = state.person(known[1])
    assert person is not None
    return person.active and person.identity == identity(name).public and person.is_system, person


def changed(before: TrustState, after: TrustState) -> list[tuple[TrustedPerson | None, TrustedPerson]]:
    """People that an entry touched, as they were and as they are."""
    people = after.register.people.items()
    return [(before.person(one), person) for one, person in people if before.person(one) != person]


def administers(person: TrustedPerson | None, center: UUID) -> bool:
    place = None if person is None else person.membership(center)
    return place is not None and place.role == "admin"


def assert_lawful_by(signer: TrustedPerson | None, old: TrustedPerson | None, new: TrustedPerson) -> None:
    """What somebody who is no system administrator did to another person: in his own center only."""
    before = () if old is None else old.memberships
    touched = {place.center_id for place in set(before) ^ set(new.memberships)}
    assert all(administers(signer, center) for center in touched)
    assert not new.is_system or old == new
    assert old is None or {place.center_id for place in new.memberships} <= {place.center_id for place in before}
    if old is None or (old.identity, old.active) != (new.identity, new.active):
        assert len(new.memberships) == 1
        assert administers(signer, new.memberships[0].center_id)


def assert_lawful(before: TrustState, after: TrustState, name: str) -> None:
    everywhere, signer = signer_before(before, name)
    for old, new in changed(before, after):
        own = signer is not None and new.user_id == signer.user_id
        assert old is None or old.login == new.login
        if own:
            assert old is not None
            assert (old.memberships, old.is_system, old.active) == (new.memberships, new.is_system, new.active)
        if signer is not None and not own and (old is None or old.identity != new.identity):
            assert new.provisional
        if not own and not everywhere:
            assert_lawful_by(signer, old, new)
    for center in (CENTERS["A"], CENTERS["B"]):
        assert center is not None
        old_keys, new_keys = (state.register.keys.get(center, ()) for state in (before, after))
        if after.is_deleted(center) and not before.is_deleted(center):
            assert everywhere
            assert new_keys == ()
        else:
            assert new_keys[: len(old_keys)] == old_keys
        assert [key.number for key in new_keys] == list(range(1, len(new_keys) + 1))
        if new_keys != old_keys and not everywhere:
            assert administers(signer, center)
    if before.root != after.root:
        assert everywhere


def assert_sound(state: TrustState) -> None:
    """Nobody shares keys; nobody removed or retired is sealed to; somebody is always there to help."""
    identities = [known.public for known in state.register.identities.values()]
    assert len({public.ed25519 for public in identities}) == len(identities)
    people = state.register.people.values()
    assert {one.identity.id for one in people} <= {public.id for public in identities}
    assert len({one.login for one in people}) == len(people)
    assert not any(one.is_system and one.memberships for one in people)
    for center in (CENTERS["A"], CENTERS["B"]):
        assert center is not None
        sealed_to = state.recipients(center)
        assert state.root in sealed_to
        for public in sealed_to[:-1]:
            owner = state.identity(public.id)
            assert owner is not None
            assert owner[1] is not None
            person = state.person(owner[1])
            assert person is not None
            assert person.active
            assert person.identity == public
            assert person.is_system or person.membership(center) is not None


@settings(max_examples=60, deadline=None)
@given(SAID)
def test_laws(said: list[tuple[Statement, str]]) -> None:
    log = beginning()
    state = log.state()
    for statement, name in said:
        entry = log.put(statement, name)
        after = extend(state, entry)
        assert_lawful(state, after, name)
        assert_sound(after)
        refused = len(after.refused) > len(state.refused)
        if not isinstance(
            statement,
            KeyVersionStatement
            | CenterDeletedStatement
            | CenterRestoredStatement
            | KitReplacedStatement
            | RestoredStatement,
        ):
            assert refused == (after.register.people == state.register.people), "what counts changes something"
        state = after
    assert state == verified(log.entries)
    half = len(log.entries) // 2
    fingerprint = identity("root").public.fingerprint()
    assert verify_log(log.entries[half:], LAB, fingerprint, known=verified(log.entries[:half])) == state


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_change_to_an_old_entry_goes_unnoticed(data: st.DataObject) -> None:
    entries = list(beginning().entries)
    place = data.draw(st.integers(1, len(entries) - 2))
    old = bytearray(entries[place].payload)
    at = data.draw(st.integers(0, len(old) - 1))
    old[at] ^= 1 << data.draw(st.integers(0, 7))
    entries[place] = replace(entries[place], payload=bytes(old))
    try:
        verified(entries)
    except BrokenChainError:
        return
    raise AssertionError("the change went unnoticed")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_nothing_appended_stops_the_lab(payload: bytes) -> None:
    log = beginning()
    for before, after in ((b"", b""), (b'{"format":"labkeep/1","previous":"', b'"}')):
        log.put_raw(before + log.previous().hex().encode() + after + payload)
        log.put_raw(payload + before + log.previous().hex().encode() + after)
    assert len(log.state().refused) == 4
