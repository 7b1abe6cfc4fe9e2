"""The samples of somebody who leaves, given to somebody else: one plan, which can be undone as one."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from desktop_app.db import people as people_rows
from desktop_app.db import samples as rows
from desktop_app.domain.change_plan import ChangePlan
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.paging import Page, PageKey, pages
from desktop_app.domain.records import Person, Sample
from desktop_app.errors import NotFoundError, RefusedError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.records.change_plans import ChangePlans


@dataclass(frozen=True)
class Reassigning:
    """In one center, for who may edit its samples."""

    context: CenterContext
    plans: ChangePlans

    def count(self, person_id: UUID) -> int:
        """For how many samples this person is responsible, deactivated ones too."""
        with self.context.read() as session:
            return rows.count_samples(session, _of(person_id), 10**9).number

    def plan(self, from_id: UUID, to_id: UUID, reason: str = "") -> ChangePlan:
        """Everything the one is responsible for, to the other: carried out by ``plans.apply``.

        Archived samples stay as they are, and are named by the plan.
        """
        with self.context.read() as session:
            target = people_rows.find_person(session, to_id)
        if target is None or target.member_until is not None:
            raise RefusedError("Only a member of the center can be responsible for samples.")
        if from_id == to_id:
            raise RefusedError("These are one and the same person.")
        return self.plans.plan_edit(self._samples(from_id), {"user_id": to_id}, reason)

    def person(self, username: str) -> Person:
        """A member, of now or of then, by the user name; NotFoundError."""
        with self.context.read() as session:
            people = people_rows.list_people(session, include_former=True)
        found = next((each for each in people if each.username == username.strip().lower()), None)
        if found is None:
            raise NotFoundError("Nobody here has or had the user name {name}.", name=username)
        return found

    def _samples(self, person_id: UUID) -> Iterator[Sample]:
        def fetch(after: PageKey | None, size: int) -> Page[Sample]:
            with self.context.read() as session:
                return rows.list_samples(session, _of(person_id), after, size)

        return pages(fetch)


def _of(person_id: UUID) -> SampleFilter:
    return SampleFilter(user_id=person_id, include_inactive=True)
