"""Users in memory, for tests of widgets."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from desktop_app.domain.drafts import UserDetails, UserDraft, check
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.key_records import NewKey
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Page, PageKey, Part
from desktop_app.domain.progress import Waiting, nobody_waits
from desktop_app.domain.reasons import ReasonVerb, reason_problem
from desktop_app.domain.records import Membership, User
from desktop_app.domain.rights import Role
from desktop_app.domain.sorting import NEWEST_USERS, Sort, UserField
from desktop_app.errors import InvalidInputError
from desktop_app.services.context.merged_edit import Edit
from desktop_app.services.records import users as services
from desktop_app.services.records.user_directory import Ref
from desktop_app.services.records.user_results import Changed, Deactivation, NewUser
from tests.ui import made_records
from tests.ui.in_memory import Rows, Trouble, capped, fits_activity, stands_for


@stands_for(
    services.Users,
    handles="rows in_the_way sessions_left elsewhere changed_past_labkeep wanting reasons new_keys keys_made",
)
class Users:
    def __init__(self, rows: Iterable[User], trouble: Trouble) -> None:
        self.rows = Rows(rows)
        self._trouble = trouble
        self.in_the_way = ""
        self.sessions_left: int | None = 0
        self.elsewhere: set[UUID] = set()
        self.changed_past_labkeep: set[UUID] = set()
        self.wanting: dict[UUID, set[ReasonVerb]] = {}
        self.reasons: list[str] = []
        self.new_keys: list[bool] = []
        """Whether the centers were to get one."""
        self.keys_made: tuple[NewKey, ...] = ()

    def list(
        self,
        filter: UserFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[UserField] = NEWEST_USERS,
    ) -> Page[User]:
        self._trouble.meet("users.list")
        wanted = filter or UserFilter()
        return self.rows.page(lambda row: self._fits(row, wanted), after, limit, sort)

    def part(self, filter: UserFilter, part: Part, sort: Sort[UserField]) -> tuple[User, ...]:
        self._trouble.meet("users.list")
        return self.rows.part(lambda row: self._fits(row, filter), part, sort)

    def count(self, filter: UserFilter | None = None, cap: int = COUNT_CAP) -> Count:
        self._trouble.meet("users.list")
        wanted = filter or UserFilter()
        return capped(sum(self._fits(row, wanted) for row in self.rows.rows.values()), cap)

    def get(self, ref: Ref) -> User:
        return self.rows.find(ref)

    def refresh_own(self) -> User:
        self._trouble.meet("users.refresh_own")
        return next(iter(self.rows.rows.values()))

    def create(self, draft: UserDraft, password: str | None = None, *, keep_password: bool = False) -> NewUser:
        assert (password, keep_password) == (None, False), "the window lets passwords be made"
        check(draft)
        self._trouble.meet("users.create")
        places = () if draft.center_id is None else (Membership(center_id=draft.center_id, role=draft.role),)
        named = made_records.user(draft.username, draft.role, None)
        made = replace(named, is_system=not places, memberships=places, email=draft.email)
        return NewUser(self.rows.put(made), "made-password-0001")

    def update(self, user: User, draft: UserDetails) -> User:
        return self.rows.change(user, email=draft.email, first_name=draft.first_name)

    def edit(self, user: User, draft: UserDetails) -> User:
        return Edit(user, UserDetails.of, lambda: self.get(user.id), self.update).run(draft)

    def change_role(self, ref: Ref, role: Role, center: Ref | None = None, reason: str = "") -> Changed:
        self._trouble.meet("users.change_role")
        [place] = self.get(ref).memberships
        assert center in (None, place.center_id)
        return self._placed(ref, replace(place, role=role))

    def join(self, ref: Ref, center: Ref, role: Role, until: date | None = None, reason: str = "") -> Changed:
        self._trouble.meet("users.join")
        kept = [each for each in self.get(ref).memberships if each.center_id != center]
        return self._placed(ref, *kept, self._joined(center, role, until))

    def leave(self, ref: Ref, center: Ref, reason: str = "", *, new_keys: bool = True) -> Changed:
        self._trouble.meet("users.leave")
        self.new_keys.append(new_keys)
        return self._placed(ref, *(each for each in self.get(ref).memberships if each.center_id != center))

    def change_center(
        self,
        ref: Ref,
        center: Ref | None,
        role: Role | None = None,
        until: date | None = None,
        reason: str = "",
        *,
        new_keys: bool = True,
    ) -> Changed:
        self.new_keys.append(new_keys)
        self._trouble.meet("users.change_center")
        now = self.get(ref)
        role = role or now.role
        assert role is not None, "the window says which role, where he has several"
        places = () if center is None else (self._joined(center, role, until),)
        return Changed(self.rows.change(now, is_system=center is None, memberships=places))

    @staticmethod
    def _joined(center: Ref, role: Role, until: date | None) -> Membership:
        assert isinstance(center, UUID), "the window knows the center"
        return Membership(center_id=center, center="Joined", role=role, until=until)

    def _placed(self, ref: Ref, *places: Membership) -> Changed:
        return Changed(self.rows.change(self.get(ref), memberships=places))

    def may_administer(self, user: User) -> bool:
        return user.id not in self.elsewhere

    def has_other_places(self, user: User) -> bool:
        return user.id in self.elsewhere or len(user.memberships) > 1

    def suspicious(self, users: tuple[User, ...]) -> frozenset[UUID]:
        return frozenset(user.id for user in users if user.id in self.changed_past_labkeep)

    def wants_reason(self, ref: Ref, verb: ReasonVerb) -> bool:
        return any(verb in self.wanting.get(place.center_id, ()) for place in self.get(ref).memberships)

    def _note(self, ref: Ref, verb: ReasonVerb, reason: str) -> None:
        problem = reason_problem(reason, required=self.wants_reason(ref, verb))
        if problem is not None:
            raise InvalidInputError({"reason": problem})
        self.reasons.append(reason)

    def deactivate(
        self, ref: Ref, waiting: Waiting = nobody_waits, reason: str = "", *, new_keys: bool = True
    ) -> Deactivation:
        waiting(self.in_the_way)
        self._trouble.meet("users.deactivate")
        self._note(ref, ReasonVerb.DEACTIVATE, reason)
        self.new_keys.append(new_keys)
        return Deactivation(self.rows.change(self.get(ref), is_active=False), self.sessions_left, self.keys_made)

    def activate(self, ref: Ref, reason: str = "") -> User:
        self._trouble.meet("users.activate")
        self._note(ref, ReasonVerb.RESTORE, reason)
        return self.rows.change(self.get(ref), is_active=True)

    def reset_password(
        self, ref: Ref, password: str | None = None, *, keep_password: bool = False, reason: str = ""
    ) -> NewUser:
        assert (password, keep_password) == (None, False), "the window lets passwords be made"
        self._trouble.meet("users.reset_password")
        self._note(ref, ReasonVerb.KEYS, reason)
        return NewUser(self.get(ref), "made-password-0002", self.sessions_left)

    @staticmethod
    def _fits(row: User, wanted: UserFilter) -> bool:
        return (
            fits_activity(wanted)(row)
            and wanted.search.lower() in row.username
            and wanted.role in (None, row.role)
            and wanted.center_id in (None, row.center_id)
        )
