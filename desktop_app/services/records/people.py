"""Who is and was a member of a center, as the center itself remembers."""

from dataclasses import dataclass

from desktop_app.db import people as rows
from desktop_app.domain.records import Person
from desktop_app.services.context.center_context import CenterContext


@dataclass(frozen=True)
class People:
    """The people of one center."""

    context: CenterContext

    def list(self, *, include_former: bool = False) -> tuple[Person, ...]:
        """Members by display name; with *include_former* also who left."""
        with self.context.read() as session:
            return tuple(rows.list_people(session, include_former=include_former))
