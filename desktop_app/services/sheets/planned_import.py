"""What of a sheet would come in, and what came in: of samples and of fields alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from desktop_app.db import change_plans
from desktop_app.db.errors import UnconfirmedError, UnreachableError
from desktop_app.db.sessions import Session
from desktop_app.domain.long_lists import let_go
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.rights import Verb
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.retries import asked_again

New = TypeVar("New")
Changed = TypeVar("Changed")


@dataclass(frozen=True)
class PlannedImport(Generic[New, Changed]):
    """What of a sheet would come in; nothing has come in yet."""

    id: UUID
    """Of the plan to be."""
    columns: Mapping[str, str]
    """Heading to what its column is, as ``--map`` takes it."""
    ignored: tuple[str, ...]
    """Headings of columns that do not come in."""
    new: list[New]
    changed: list[Changed]
    unchanged: int
    problems: tuple[SheetProblem, ...]

    @property
    def refused(self) -> int:
        """How many rows do not come in."""
        return len({problem.row for problem in self.problems})

    def let_go(self) -> None:
        """Nobody needs the rows any more; for a worker."""
        let_go(self.new, self.changed)


@dataclass(frozen=True)
class ImportResult:
    """What came in; *plan* is None where nothing did."""

    plan: UUID | None
    created: int
    updated: int
    unchanged: int
    problems: tuple[SheetProblem, ...]


class Imports(Protocol[New, Changed]):
    """Sheets of one kind of record into one center, each as one change."""

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        """What the columns under these headings may come in as."""

    def plan(
        self, sheet: Sheet, mapping: Mapping[str, str] | None = None, *, update: bool = False, report: Report = silent
    ) -> PlannedImport[New, Changed]:
        """Compare a sheet with the center; with *update* what is there may change."""

    def apply(
        self,
        planned: PlannedImport[New, Changed],
        reason: str = "",
        *,
        skip_bad: bool = False,
        report: Report = silent,
    ) -> ImportResult:
        """Bring it in, in one transaction."""


class NothingIn(Exception):  # noqa: N818  # it is no error: the transaction is to be taken back
    """Raised while rows are brought in, with the problems that came up now: nothing comes in, then."""

    def __init__(self, problems: Sequence[SheetProblem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Bringing:
    """How one kind of record is brought in; each is given the session of its transaction."""

    verb: Verb
    carry_out: Callable[[Session], ImportResult]
    made: Callable[[Session], ImportResult]
    """What an import did that was carried out already: its answer was lost."""


def bring_in(
    context: CenterContext, planned: PlannedImport[Any, Any], reason: str, bringing: Bringing, *, skip_bad: bool
) -> ImportResult:
    """Bring it in, in one transaction; doing it twice does it once.

    Without *skip_bad* a row with a problem keeps all of them out. UnconfirmedError where the answer is lost and the
    server cannot be asked any more.
    """
    is_kept_out = bool(planned.problems) and not skip_bad
    if is_kept_out or not (planned.new or planned.changed):
        return ImportResult(None, 0, 0, planned.unchanged, planned.problems)

    def once(session: Session) -> ImportResult | None:
        return bringing.made(session) if change_plans.is_made(session, planned.id) else None

    try:
        with context.change(bringing.verb, reason) as session:
            return once(session) or bringing.carry_out(session)
    except NothingIn as found:
        return ImportResult(None, 0, 0, planned.unchanged, (*planned.problems, *found.problems))
    except UnconfirmedError:
        answered = asked_again(context.read, once)
        if answered is None:
            raise UnreachableError from None
        return answered
