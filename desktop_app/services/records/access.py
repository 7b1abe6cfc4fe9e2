"""What may this person see? Said by the verified trust log, and checked against PostgreSQL's own catalogs."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from desktop_app.crypto.trust_register import TrustedMembership, TrustedPerson
from desktop_app.crypto.trust_state import TrustState
from desktop_app.db import places, registry
from desktop_app.db import trust as trust_rows
from desktop_app.db.sessions import Session
from desktop_app.domain.access import Access, PlaceAccess
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.paging import pages
from desktop_app.domain.records import Center, User
from desktop_app.domain.rights import Standing, Verb, may
from desktop_app.errors import NotFoundError
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.records.user_directory import Ref

WHOLE = "admin"
"""The role of a system administrator, in every center."""


@dataclass(frozen=True)
class AccessReview:
    """For who manages users: of the centers that he administers, or of all."""

    context: PersonContext

    def of(self, ref: Ref) -> Access:
        """What this person may see now; NotFoundError for whom one may not see."""
        with self.context.shared.begin() as session:
            user = registry.get_user(session, ref)
            state = self.context.trust.refresh(session)
            person = state.person(user.id)
            if person is None:
                raise NotFoundError("The trust log does not know {username}.", username=user.username)
            centers = self._centers(session)
            rights = places.groups_of(session, user.login)
            found = _Found(session, state, user, person, rights, registry.server_date(session))
            rows = [found.of_center(each) for each in centers]
            if self._is_system or person.is_system:
                rows.insert(0, found.of_installation())
            is_open = any(each.name == user.login and each.is_open for each in places.logins(session))
        shown = tuple(each for each in rows if each is not None)
        return Access(user, shown, is_open, person.active, self._is_system)

    @property
    def _is_system(self) -> bool:
        return self.context.standing_in(None) is Standing.SYSTEM

    def _centers(self, session: Session) -> list[Center]:
        """Those of which the asking person may know who is in them; deactivated ones, too."""
        wanted = CenterFilter(include_inactive=True)
        found = pages(lambda after, size: registry.list_centers(session, wanted, after, size))
        return [each for each in found if self._may_ask(each.id)]

    def _may_ask(self, center_id: UUID) -> bool:
        standing = self.context.standing_in(center_id)
        return standing is not None and may(standing, Verb.MANAGE_USERS)


@dataclass(frozen=True)
class _Found:
    session: Session
    state: TrustState
    user: User
    person: TrustedPerson
    rights: dict[UUID | None, str]
    today: date | None

    def of_center(self, center: Center) -> PlaceAccess | None:
        """The place in one center; None where neither log nor server know one."""
        place = self.person.membership(center.id)
        rights = self.rights.get(center.id, "")
        if place is None and not rights:
            return None
        return self._access(center.id, center.name, place, rights)

    def of_installation(self) -> PlaceAccess | None:
        """The place of a system administrator."""
        rights = self.rights.get(None, "")
        if not self.person.is_system and not rights:
            return None
        place = TrustedMembership(UUID(int=0), WHOLE) if self.person.is_system else None
        return self._access(None, "", place, rights)

    def _access(self, center_id: UUID | None, name: str, place: TrustedMembership | None, rights: str) -> PlaceAccess:
        counts = place is not None and self.person.active
        since = self._since(center_id) if counts else None
        signed = trust_rows.signed(self.session, {since}) if since is not None else {}
        entry = None if since is None else signed.get(since)
        return PlaceAccess(
            center_id=center_id,
            center=name,
            role=place.role if place is not None and counts else "",
            since=None if entry is None else entry.at,
            signed_by="" if entry is None else self._name(entry.signer),
            until=None if place is None else place.until,
            is_over=place is not None and not place.lasts(self.today),
            rights=rights,
        )

    def _since(self, center_id: UUID | None) -> int | None:
        """The entry from which on the place lasted; of the whole installation any center's id would do."""
        return self.state.member_since(self.user.id, center_id or UUID(int=0))

    def _name(self, identity_id: UUID) -> str:
        known = self.state.identity(identity_id)
        if known is None or known[1] is None:
            return KIT
        signer = self.state.person(known[1])
        if signer is None:
            return str(known[1])
        names = registry.usernames(self.session, [signer.user_id])
        return names.get(signer.user_id, signer.login)


KIT = "recovery kit"
