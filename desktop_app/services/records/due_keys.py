"""New keys for the centers where one is due: somebody who could open the key in force has left.

What is due stands in the database, so whatever stops this, it is gone on with at any time, by whoever may.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from desktop_app.db import administration, registry
from desktop_app.domain.key_records import NewKey
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Center
from desktop_app.errors import Cancelled, LabkeepError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.records.key_rotation import KeyRotation

STOPPED = Message("Stopped before its turn: a new key is still due.")


@dataclass(frozen=True)
class DueKeys:
    """What a signed-in person may do about it, in the centers that he administers."""

    context: PersonContext

    def centers(self) -> tuple[Center, ...]:
        """Where a new key is due; without closed centers, which nobody opens."""
        with self.context.shared.begin() as session:
            due = administration.centers_with_due_keys(session)
            return tuple(registry.get_center(session, center_id) for center_id in due)

    def rotate(
        self, only: Collection[UUID] | None = None, reason: str = "", report: Report = silent
    ) -> tuple[NewKey, ...]:
        """Give each of them (or of *only*, where one is due) a new key, one by one; never raises.

        ``report`` counts centers; what it stops is left for the next time, and said so.
        """
        try:
            centers = [one for one in self.centers() if only is None or one.id in only]
        except LabkeepError as error:
            return (NewKey(center_id=UUID(int=0), center="", problem=error.message),)
        done: list[NewKey] = []
        try:
            for number, center in enumerate(centers):
                report(number, len(centers))
                done.append(self._rotate(center, reason))
            report(len(centers), len(centers))
        except Cancelled:
            done += [NewKey(center_id=one.id, center=one.name, problem=STOPPED) for one in centers[len(done) :]]
        return tuple(done)

    def _rotate(self, center: Center, reason: str) -> NewKey:
        standing = self.context.standing_in(center.id)
        try:
            if standing is None:
                return NewKey(center_id=center.id, center=center.name, problem=Message("The center is not yours."))
            found = KeyRotation(CenterContext(self.context, center, standing)).rotate(reason)
        except LabkeepError as error:
            return NewKey(center_id=center.id, center=center.name, problem=error.message)
        return NewKey(center_id=center.id, center=center.name, number=found.number)
