"""The one way to a tab, a record, a filter or another center: for tabs, links, the header's search and scans."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.records import Sample
from desktop_app.errors import LabkeepError, NotFoundError
from desktop_app.ui.shell.tabs import TabArea
from desktop_app.ui.tabs.tab_context import TabContext, Target

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class Navigator(QObject):
    """Goes to a :class:`Target`; where that is in another center, once that one is open."""

    center_wanted = Signal(object)
    """The id of a center to be opened."""
    sample_found = Signal()
    """What was searched for was a barcode."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: CenterServices | None = None
        self._waiting: Target | None = None

    def serve(self, context: TabContext, area: TabArea) -> None:
        """Lead to the tabs of this area, which are given ``go`` when they are made."""
        self._context, self._area = context, area

    def set_center(self, work: "CenterServices | None") -> None:
        """This center is open now: who waited for it arrives."""
        self._work = work
        waiting, self._waiting = self._waiting, None
        if waiting is not None and work is not None and work.center.id == waiting.center:
            self._show(waiting)

    def go(self, target: Target) -> None:
        """Be there."""
        self._waiting = None
        if target.center is not None and (self._work is None or self._work.center.id != target.center):
            self._waiting = target
            self.center_wanted.emit(target.center)
            return
        self._show(target)

    def search(self, text: str) -> None:
        """What was typed or scanned into the header: a barcode leads to its sample, other words search the tab."""
        work = self._work
        if work is None or not text:
            self._area.front.search_for(text)
            return

        def no_barcode(error: LabkeepError) -> None:
            if not isinstance(error, NotFoundError):
                self._context.jobs.failed.emit(error)
            elif not self._area.front.search_for(text):
                self.go(Target(Sample, search=text))

        self._context.jobs.read(self, "scan", lambda: work.samples.get(text), self._on_sample, no_barcode)

    def _on_sample(self, sample: Sample) -> None:
        self.sample_found.emit()
        self.go(Target(Sample, sample.id))

    def _show(self, target: Target) -> None:
        if target.kind is None:
            return
        tab = self._area.tabs.of(target.kind)
        tab.go_to(target)
        self._area.show(tab)
