"""What of a sheet would come in, and what came in: of samples and of fields alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from desktop_app.domain.progress import Report, silent
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem

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
    new: tuple[New, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    problems: tuple[SheetProblem, ...]

    @property
    def refused(self) -> int:
        """How many rows do not come in."""
        return len({problem.row for problem in self.problems})


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
