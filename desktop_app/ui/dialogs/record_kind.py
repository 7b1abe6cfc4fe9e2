"""What the dialog of a sheet asks of a kind of record: samples, fields or people."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from desktop_app.domain.progress import Report
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.ui.widgets.field import Field


class Planned(Protocol):
    """What of a sheet would come in."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headings of columns that do not come in."""

    @property
    def problems(self) -> tuple[SheetProblem, ...]:
        """Why rows do not come in."""

    def let_go(self) -> None:
        """Nobody needs the rows any more; done by a job, because the end of so many keeps the window waiting."""


class RecordKind(Protocol):
    """What the dialog is about: texts, what is chosen besides the columns, and the work, which jobs do."""

    title: str
    boxes: Sequence[Field]
    """To tick; another tick compares again."""
    line: Sequence[QWidget]
    """Above the buttons."""

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        """What columns may come in as; done by a job."""

    def planning(self) -> Callable[[Sheet, Mapping[str, str], Report], Planned]:
        """The comparison with what was chosen; done by a job."""

    def bringing_in(self, planned: Any, *, skip_bad: bool) -> Callable[[Report], Any]:
        """What brings it in; done by a job."""

    def what_came(self, result: Any) -> tuple[bool, Sequence[SheetProblem], str]:
        """Whether anything did, what did not, and what to say where nothing did."""

    def counts_of(self, planned: Any) -> str:
        """How many rows do what."""

    def number_of(self, planned: Any) -> int:
        """How many records come in."""

    def counted(self, number: int) -> str:
        """So many records, in words."""

    def missing(self) -> str:
        """What has to be said before anything comes in; empty where that is all."""
