"""Whether keys, places and logins are whose the trust log says, and nobody else's.

What is found is looked at twice, with everything read anew: a change that somebody made between two readings is none.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.crypto.trust_state import TrustState
from desktop_app.db import keys as key_rows
from desktop_app.db import people as people_rows
from desktop_app.db import places, registry
from desktop_app.db.sessions import Session
from desktop_app.domain.findings import Finding
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.person_context import PersonContext

REPAIR = Message("“labkeep-admin doctor --repair” mends it.")
REPAIR_OR_DATABASE = Message(
    "“labkeep-admin doctor --repair” mends it, unless the database's administrator gave it: then he takes it back."
)
ALARM = Message("Somebody changed this past Labkeep. Ask a system administrator what happened to the database.")


def seen_twice(look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What is found both times; the second look is taken only where there is something."""
    first = list(look())
    if not first:
        return []
    again = {(each.code, each.id, str(each.text)) for each in look()}
    return [each for each in first if (each.code, each.id, str(each.text)) in again]


@dataclass(frozen=True)
class GrantChecks:
    """The grants of one center against the trust log; for its administrators."""

    context: CenterContext

    def look(self) -> Iterator[Finding]:
        """Who must have a key and has it not, and whose grants are nobody's who must have them."""
        person, center_id, center = self.context.person, self.context.center.id, self.context.center.name
        with self.context.read() as session:
            numbers = {key.number for key in key_rows.tenant_keys(session)}
            grants = {(grant.key_version, grant.identity_id) for grant in key_rows.all_grants(session)}
            names = {one.id: one.username for one in people_rows.list_people(session, include_former=True)}
        with person.shared.begin() as session:
            state = person.trust.refresh(session)
            today = registry.server_date(session)
            settling = {user for user, where in registry.unfinished(session) if where == center_id}
        active = state.active_key(center_id)
        if active is None or numbers != set(range(1, active.number + 1)):
            text = Message("The keys of the database are not those of the trust log.")
            yield Finding("keys_differ", text, ALARM, center, center_id)
        # Whoever is no system administrator is not told what is left to settle about one.
        sees_all = person.user.is_system_administrator
        must = [one for one in state.members(center_id, today) if one.user_id not in settling]
        must += [one for one in state.system_administrators() if sees_all and one.user_id not in settling]
        for one in must:
            if any((number, one.identity.id) not in grants for number in numbers):
                text = Message(
                    "{username} must be able to open the center's keys, and some are not sealed to him.",
                    username=names.get(one.user_id, one.login),
                )
                yield Finding("missing_grant", text, REPAIR, center, one.user_id)
        if sees_all and any((number, state.root.id) not in grants for number in numbers):
            text = Message("Some keys of the center are not sealed to the recovery kit.")
            yield Finding("missing_kit_grant", text, REPAIR, center, state.root.id)
        yield from self._needless(state, {identity for _number, identity in grants}, settling, names)

    def _needless(
        self, state: TrustState, identities: set[UUID], settling: set[UUID], names: dict[UUID, str]
    ) -> Iterator[Finding]:
        # A guest whose last day is over reads nothing any more; that a new key is due for it is said by itself.
        allowed = {one.id for one in state.recipients(self.context.center.id)}
        for identity in sorted(identities - allowed, key=str):
            known = state.identity(identity)
            # An identity that nobody has yet is one that a system administrator is about to have.
            if known is None or known[1] is None or known[1] in settling:
                continue
            name = names.get(known[1], str(known[1]))
            text = Message("A key of the center is sealed to {username}, who must not open it.", username=name)
            yield Finding("needless_grant", text, REPAIR, self.context.center.name, known[1])


@dataclass(frozen=True)
class PlaceChecks:
    """The places in one center (None: the system administrators'): registry, catalogs, and trust log."""

    context: PersonContext
    center_id: UUID | None = None
    center: str = ""

    def look(self) -> Iterator[Finding]:
        """Where the three do not agree."""
        with self.context.shared.begin() as session:
            state = self.context.trust.refresh(session)
            registered = places.places(session, self.center_id)
            granted = places.in_groups(session, self.center_id)
            settling = {user for user, where in registry.unfinished(session) if where == self.center_id}
        yield from self._against_catalogs(registered, granted, settling)
        yield from self._against_log(registered, state)
        if self.center_id is None:
            with self.context.shared.begin() as session:
                yield from _logins(session)

    def _against_catalogs(
        self, registered: list[places.Place], granted: set[tuple[str, str]], settling: set[UUID]
    ) -> Iterator[Finding]:
        ids = {place.login: place for place in registered}
        must = {(place.login, place.role) for place in registered if place.is_active and place.user_id not in settling}
        for login, role in sorted(granted - must):
            place = ids.get(login)
            if place is not None and place.user_id in settling:
                continue
            name = login if place is None else place.username
            text = Message(
                "The login of {username} has the rights of {role} here, and no such place.", username=name, role=role
            )
            found = None if place is None else place.user_id
            yield Finding("group_without_place", text, REPAIR_OR_DATABASE, self.center, found)
        for login, role in sorted(must - granted):
            text = Message(
                "{username} has the place of {role} here, and the login lacks its rights.",
                username=ids[login].username,
                role=role,
            )
            yield Finding("place_without_group", text, REPAIR, self.center, ids[login].user_id)

    def _against_log(self, registered: list[places.Place], state: TrustState) -> Iterator[Finding]:
        trusted = {one.user_id: one for one in state.register.people.values() if self._place(one) is not None}
        said = {place.user_id: place for place in registered}
        for user_id in sorted({*trusted, *said}, key=str):
            one, place = trusted.get(user_id), said.get(user_id)
            if (
                one is None
                or place is None
                or self._place(one) != (place.login, place.is_active, place.role, place.until)
            ):
                name = place.username if place is not None else one.login if one is not None else ""
                text = Message("The database says another place of {username} than the trust log.", username=name)
                yield Finding("place_differs", text, ALARM, self.center, user_id)

    def _place(self, one: TrustedPerson) -> tuple[object, ...] | None:
        if self.center_id is None:
            return (one.login, one.active, "admin", None) if one.is_system else None
        place = one.membership(self.center_id)
        return None if place is None else (one.login, one.active, place.role, place.until)


def _logins(session: Session) -> Iterator[Finding]:
    """For system administrators, who see everybody."""
    people = places.people_by_login(session)
    for login in places.logins(session):
        username, active = people.get(login.name, (login.name, False))
        if login.is_mighty:
            text = Message("The login of {username} has powers over the server that no person has.", username=username)
            yield Finding("mighty_login", text, Message("The database's administrator takes them away."))
        if login.is_open and not active:
            text = Message("{username} is nobody's who may sign in, and the login is open.", username=username)
            yield Finding("open_login", text, REPAIR)
        if active and not login.is_open:
            text = Message("{username} may sign in, and the login is closed.", username=username)
            yield Finding("closed_login", text, Message("Deactivate and activate the person again."))
