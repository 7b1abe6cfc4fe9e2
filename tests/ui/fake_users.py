"""Users in memory, as stand_in.py has the rest."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from desktop_app.domain.drafts import UserDetails, UserDraft, check
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.paging import COUNT_CAP, Count, Page, Part
from desktop_app.domain.progress import Waiting, nobody_waits
from desktop_app.domain.records import Membership, User
from desktop_app.domain.rights import Role
from desktop_app.domain.sorting import NEWEST_USERS
from desktop_app.errors import NotFoundError
from desktop_app.services.context.merged_edit import Edit
from desktop_app.services.records.user_results import Changed, Deactivation, NewUser
from tests.ui.in_memory import Rows, Trouble, capped, fits_activity, part_of
from tests.ui.made_records import user


class Users:
    def __init__(self, rows: Iterable[User], trouble: Trouble) -> None:
        self.rows = Rows(rows)
        self._trouble = trouble
        self.in_the_way = ""
        self.elsewhere: set[UUID] = set()
        self.changed_past_labkeep: set[UUID] = set()

    def list(
        self, filter: UserFilter | None = None, after: Any = None, limit: int = 100, sort: Any = NEWEST_USERS
    ) -> Page[User]:
        self._trouble.meet("users.list")
        wanted = filter or UserFilter()
        return self.rows.page(
            lambda row: (
                fits_activity(wanted)(row)
                and wanted.search.lower() in row.username
                and wanted.role in (None, row.role)
                and wanted.center_id in (None, row.center_id)
            ),
            after,
            limit,
            sort,
        )

    def part(self, filter: UserFilter, part: Part, sort: Any) -> Any:
        return part_of(self.list(filter, None, len(self.rows.rows) + 1, sort).rows, part)

    def count(self, filter: UserFilter | None = None, cap: int = COUNT_CAP) -> Count:
        return capped(len(self.list(filter, None, len(self.rows.rows) + 1).rows), cap)

    def get(self, ref: Any) -> Any:
        if ref not in self.rows.rows:
            raise NotFoundError("There is no such thing.")
        return self.rows.rows[ref]

    def refresh_own(self) -> User:
        self._trouble.meet("users.refresh_own")
        return next(iter(self.rows.rows.values()))

    def create(self, draft: UserDraft) -> NewUser:
        check(draft)
        self._trouble.meet("users.create")
        places = () if draft.center_id is None else (Membership(center_id=draft.center_id, role=draft.role),)
        named = user(draft.username, draft.role, None)
        made = replace(named, is_system=not places, memberships=places, email=draft.email)
        return NewUser(self.rows.put(made), "made-password-0001")

    def update(self, old: User, draft: UserDetails) -> User:
        return self.rows.change(old, email=draft.email, first_name=draft.first_name)

    def edit(self, old: User, draft: UserDetails) -> User:
        return Edit(old, UserDetails.of, lambda: self.get(old.id), self.update).run(draft)

    def change_role(self, ref: UUID, role: Role, center: UUID | None = None, reason: str = "") -> Changed:
        self._trouble.meet("users.change_role")
        [place] = self.rows.rows[ref].memberships
        assert center in (None, place.center_id)
        return self._placed(ref, replace(place, role=role))

    def join(self, ref: UUID, center: UUID, role: Role, until: date | None = None, reason: str = "") -> Changed:
        self._trouble.meet("users.join")
        kept = [each for each in self.rows.rows[ref].memberships if each.center_id != center]
        return self._placed(ref, *kept, Membership(center_id=center, center="Joined", role=role, until=until))

    def leave(self, ref: UUID, center: UUID, reason: str = "") -> Changed:
        self._trouble.meet("users.leave")
        return self._placed(ref, *(each for each in self.rows.rows[ref].memberships if each.center_id != center))

    def _placed(self, ref: UUID, *places: Membership) -> Changed:
        return Changed(self.rows.change(self.rows.rows[ref], memberships=places))

    def may_administer(self, user: User) -> bool:
        return user.id not in self.elsewhere

    def has_other_places(self, user: User) -> bool:
        return user.id in self.elsewhere or len(user.memberships) > 1

    def suspicious(self, users: tuple[User, ...]) -> frozenset[UUID]:
        return frozenset(user.id for user in users if user.id in self.changed_past_labkeep)

    def deactivate(self, ref: UUID, waiting: Waiting = nobody_waits, reason: str = "") -> Deactivation:
        waiting(self.in_the_way)
        self._trouble.meet("users.deactivate")
        return Deactivation(self.rows.change(self.rows.rows[ref], is_active=False), 0)

    def activate(self, ref: UUID, reason: str = "") -> User:
        return self.rows.change(self.rows.rows[ref], is_active=True)

    def reset_password(self, ref: UUID, reason: str = "") -> NewUser:
        return NewUser(self.rows.rows[ref], "made-password-0002")
