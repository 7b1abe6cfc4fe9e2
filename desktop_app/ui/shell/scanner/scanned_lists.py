"""The list of scan mode, one for each center, and the look-ups that tell what its codes are.

One question to the server is under way at a time; what is scanned meanwhile waits for the next one. So a scanner is
never slower than the person who holds it, and twenty scans are two or three questions.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.records import Sample
from desktop_app.domain.scanned import ScanList
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

AT_ONCE = 500
"""So many codes are looked up by one question."""
MOST = 10_000
"""So many rows a list takes."""


class ScannedLists(QObject):
    """Kept in memory as long as the person is signed in; that of the open center is shown."""

    changed = Signal()
    taken = Signal(str)
    """The code of the row that the last scan is in."""
    failed = Signal(object)
    """A look-up failed: a LabkeepError; its codes wait for the next one."""

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._lists: dict[UUID, ScanList] = {}
        self._is_looking = False
        self.work: CenterServices | None = None

    @property
    def current(self) -> ScanList:
        """That of the open center."""
        return ScanList() if self.work is None else self._lists.setdefault(self.work.center.id, ScanList())

    @property
    def unhandled(self) -> int:
        """How many codes are in lists that nothing was done with, in any center."""
        return sum(len(each.rows) for each in self._lists.values() if not each.is_handled)

    def set_center(self, work: "CenterServices | None") -> None:
        """This center is open now."""
        self.work = work
        self.look_again()

    def take(self, codes: Iterable[str], *, caps_lock: bool = False) -> int:
        """These were scanned, typed or pasted, in this order; how many had no room."""
        scans, left_out, last = self.current, 0, ""
        for code in codes:
            if len(scans) < MOST or code in scans:
                last = scans.take(code, caps_lock=caps_lock).code
            else:
                left_out += 1
        self.changed.emit()
        if last:
            self.taken.emit(last)
        self._look_up()
        return left_out

    def remove(self, codes: Iterable[str]) -> None:
        """Take rows out."""
        self.current.remove(codes)
        self.changed.emit()

    def empty(self) -> None:
        """Nothing is in the open center's list any more."""
        self.remove(row.code for row in self.current.rows)

    def note_done(self, samples: Collection[UUID]) -> None:
        """Something was done with these samples."""
        self.current.note_done(samples)

    def look_again(self) -> None:
        """Samples may be others than they were."""
        self.current.look_again()
        self.changed.emit()
        self._look_up()

    def _look_up(self) -> None:
        work, scans = self.work, self.current
        if self._is_looking or work is None or not (asked := scans.ask(AT_ONCE)):
            return
        self._is_looking = True
        codes = tuple(asked.values())
        self._jobs.read(
            self,
            "scanned",
            lambda: work.samples.scanned(codes),
            lambda found: self._on_found(scans, asked, found),
            lambda error: self._on_failed(scans, asked, error),
        )

    def _on_found(self, scans: ScanList, asked: Mapping[str, str], found: Mapping[str, Sample]) -> None:
        self._is_looking = False
        scans.settle(asked, found)
        self.changed.emit()
        self._look_up()

    def _on_failed(self, scans: ScanList, asked: Mapping[str, str], error: LabkeepError) -> None:
        self._is_looking = False
        scans.wait_again(asked)
        self.failed.emit(error)
