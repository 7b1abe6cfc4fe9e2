"""Whom an act is about, as the verified trust log names him.

Role, centers and identity come from the trust log alone. The registry's row is read beside it and compared: where it
says otherwise somebody changed it in the database, and nothing is signed and nothing sealed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from desktop_app.crypto.passwords import login_for
from desktop_app.crypto.trust_register import TrustedMembership, TrustedPerson
from desktop_app.crypto.trust_state import TrustState
from desktop_app.db.sessions import Session
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.errors import RefusedError
from desktop_app.services.context.person_context import PersonContext

Place = tuple[UUID, str, date | None]


class IdentityAlarmError(RefusedError):
    """What the database says of a person is not what the trust log says."""

    code = "identity_alarm"


@dataclass(frozen=True)
class Trusted:
    """The registry's row of a person, and the person as the trust log names him; they agree."""

    user: User
    person: TrustedPerson


def read_trusted(context: PersonContext, session: Session, read: Callable[[Session], User]) -> Trusted:
    """The person that *read* finds; IdentityAlarmError where the trust log knows him otherwise.

    Whoever changes people appends to the log in the same transaction: a row that differs was changed past it, unless
    the log moved while the row was read.
    """
    while True:
        state = context.trust.refresh(session)
        user = read(session)
        person = state.person(user.id)
        if person is not None and _agree(context, state, user, person):
            return Trusted(user, person)
        if context.trust.refresh(session).head == state.head:
            raise IdentityAlarmError(
                "The database says something else about {username} than the trust log: somebody changed it "
                "past Labkeep. Nothing was done; tell your system administrator.",
                username=user.username,
            )


def differing(context: PersonContext, users: tuple[User, ...]) -> frozenset[UUID]:
    """Which of the users the trust log, as it was read last, names otherwise: to be looked at, no verdict yet."""
    state = context.trust.state
    found = ((user, state.person(user.id)) for user in users)
    return frozenset(
        user.id for user, person in found if person is None or not _agree(context, state, user, person, quick=True)
    )


def places_agree(user: User, person: TrustedPerson) -> bool:
    """Whether a row of which everything may be seen says what the trust log says."""
    return _states(user) == (person.active, person.is_system) and _places(user) == _trusted_places(person)


def _agree(
    context: PersonContext, state: TrustState, user: User, person: TrustedPerson, *, quick: bool = False
) -> bool:
    # The user name itself is in no entry, but the login made of it is: nobody exchanges two people's names.
    # Quick: a login that was not made before costs as much as a sign-in, too much for each of a list.
    named = user.login if quick else _login_of(context, user)
    if person.login != user.login or person.login != named or _states(user) != (person.active, person.is_system):
        return False
    me = state.person(context.user.id)
    if me is None or not me.active:
        return False
    expected = _trusted_places(person)
    if not me.is_system and me.user_id != person.user_id:
        # Row-level security shows an administrator the places in his own centers only.
        own = {place.center_id for place in me.memberships if place.role == "admin"}
        expected = frozenset(place for place in expected if place[0] in own)
    return _places(user) == expected


def _login_of(context: PersonContext, user: User) -> str:
    return login_for(context.installation_id, user.username)


def _states(user: User) -> tuple[bool, bool]:
    return user.is_active, user.is_system


def _places(user: User) -> frozenset[Place]:
    return frozenset((each.center_id, each.role.value, each.until) for each in user.memberships)


def _trusted_places(person: TrustedPerson) -> frozenset[Place]:
    return frozenset((each.center_id, each.role, each.until) for each in person.memberships)


def is_less(old: TrustedMembership, role: Role, until: date | None) -> bool:
    """Whether a place is less than the old one: a lower role, or an earlier end."""
    shorter = until is not None and (old.until is None or until < old.until)
    order = [each.value for each in Role]
    return shorter or order.index(role.value) < order.index(old.role)


def active(trusted: Trusted) -> tuple[User, TrustedPerson]:
    """Row and trusted person of somebody who was not put out; RefusedError otherwise."""
    if not trusted.person.active:
        raise RefusedError("{username} is deactivated; activate the person first.", username=trusted.user.username)
    return trusted.user, trusted.person
