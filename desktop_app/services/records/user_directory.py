"""Reading the users: lists, one of them, and who is not as the trust log says."""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.db import registry
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Page, PageKey, Part
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import User
from desktop_app.domain.sorting import NEWEST_USERS, Sort, UserField
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trusted_people import differing, read_trusted
from desktop_app.services.records.deactivation import is_reason_wanted

Ref = str | UUID


@dataclass(frozen=True)
class UserDirectory:
    """What a signed-in person may see of users."""

    context: PersonContext

    def list(
        self,
        filter: UserFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[UserField] = NEWEST_USERS,
    ) -> Page[User]:
        """One page of users in the order of *sort*; the key *after* must be of the same order."""
        with self.context.shared.begin() as session:
            return registry.list_users(session, filter or UserFilter(), after, limit, sort)

    def part(self, filter: UserFilter, part: Part, sort: Sort[UserField]) -> tuple[User, ...]:
        """The users at these places in the order of *sort*."""
        with self.context.shared.begin() as session:
            return registry.users_at(session, filter, part, sort)

    def count(self, filter: UserFilter | None = None, cap: int = COUNT_CAP) -> Count:
        """How many users a filter has."""
        with self.context.shared.begin() as session:
            return registry.count_users(session, filter or UserFilter(), cap)

    def get(self, ref: Ref) -> User:
        """The user of this user name or id; NotFoundError also for a foreign one."""
        with self.context.shared.begin() as session:
            return registry.get_user(session, ref)

    def refresh_own(self) -> User:
        """The signed-in person as the registry names him now; what he may do here follows it from now on."""
        with self.context.shared.begin() as session:
            self.context.user = read_trusted(self.context, session, registry.own_user).user
        return self.context.user

    def suspicious(self, users: tuple[User, ...]) -> frozenset[UUID]:
        """Those of whom the database says something else than the trust log: read again, so that it is no overtaking.

        For the eye; every act looks for itself.
        """
        if not differing(self.context, users):
            return frozenset()
        with self.context.shared.begin() as session:
            self.context.trust.refresh(session)
            again = tuple(registry.get_user(session, user.id) for user in users)
            self.context.trust.refresh(session)
        return differing(self.context, again)

    def wants_reason(self, ref: Ref, verb: ReasonVerb) -> bool:
        """Whether *verb*, done to this person, is refused without a reason."""
        with self.context.shared.begin() as session:
            trusted = read_trusted(self.context, session, lambda reading: registry.get_user(reading, ref))
            return is_reason_wanted(session, trusted.person, verb)
