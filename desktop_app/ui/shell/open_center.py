"""Which center is open: opening another one, being thrown out of one, and closing those that were left."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.records import Center
from desktop_app.errors import LabkeepError, NotFoundError
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.text import notices
from desktop_app.ui.text.message_bus import Notice, sentence

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class OpenCenter(QObject):
    """One center at a time, or none."""

    switched = Signal(object)
    """The CenterServices of now, or None; also where the same center begins anew."""
    opened = Signal(object)
    """A center that may be worked in: its CenterServices."""
    missing = Signal()
    """There is none that the person could open."""

    def __init__(self, context: TabContext, parent: QObject) -> None:
        super().__init__(parent)
        self.work: CenterServices | None = None
        self.departure: Notice | None = None
        """Why the center that was open last was left, if it was not by the person's own wish."""
        self._context = context
        self._left: list[CenterServices] = []
        context.transfers.finished.connect(lambda _summary, _destination: self._close_left())
        context.events.changed.connect(self._on_record_changed)

    def open(self, ref: "str | UUID | Center") -> None:
        """Open another center; what is shown stays until it is there."""
        lab = self._context.lab
        self._context.jobs.read(self, "center", lambda: lab.center(ref), self._on_found, self._on_failed)

    def open_usual(self, wanted: str = "") -> None:
        """Open the given one, the person's own, or the last one."""
        lab = self._context.lab
        last = self._context.window_state.last_center(lab.profile.installation_id, lab.user.id)
        ref = wanted or lab.user.center_id or last
        if ref:
            self.open(ref)
        else:
            self._open_first()

    def change(self, work: "CenterServices") -> None:
        """The open center was closed, or the person has another role in it."""
        self._on_found(work)
        if work.center.is_active:
            self._context.messages.notice(notices.role_changed(work))

    def leave(self) -> None:
        """The open center is not the person's any more."""
        if self.work is not None:
            self._depart(notices.center_left(self.work.center))
        self._set(None)
        # Not one of the person's memberships: those whose last day is over are among them.
        self._open_first()

    def _open_first(self) -> None:
        lab = self._context.lab

        def first() -> "CenterServices | None":
            rows = lab.centers.list(CenterFilter(), None, 1).rows
            return lab.center(rows[0]) if rows else None

        self._context.jobs.read(self, "center", first, self._on_first)

    def _on_first(self, work: "CenterServices | None") -> None:
        if work is None:
            self._set(None)  # the tabs offer nothing then, and the monitor looks on
            self.missing.emit()
        else:
            self._on_found(work)

    def _on_found(self, work: "CenterServices") -> None:
        context, center = self._context, work.center
        if not center.is_active:
            if self.work is not None and self.work.center.id == center.id:
                self._set(None)
            self._depart(notices.center_closed(center, lambda: self.open(center.id)))
            return
        self._set(work)
        context.window_state.keep_center(context.lab.profile.installation_id, context.lab.user.id, center.id)
        self.opened.emit(work)

    def _depart(self, why: Notice) -> None:
        self.departure = why
        self._context.messages.notice(why)

    def _on_failed(self, error: LabkeepError) -> None:
        if self.work is None and isinstance(error, NotFoundError):
            self._open_first()
            return
        self._context.messages.notice(Notice(sentence(error), Tone.DANGER))

    def _on_record_changed(self, _kind: type[Any], record: Any) -> None:
        if isinstance(record, Center) and self.work is not None and self.work.center.id == record.id:
            self.open(record.id)

    def _set(self, work: "CenterServices | None") -> None:
        if self.work is not None:
            self._left.append(self.work)
        self.work = work
        self.switched.emit(work)
        self._close_left()

    def _close_left(self) -> None:
        """Close the centers that were left, unless files are still under way into them."""
        transfers = self._context.transfers
        done = [work for work in self._left if not transfers.uses(work)]
        self._left = [work for work in self._left if work not in done]
        for work in done:
            self._context.jobs.write(self, work.close, lambda _none: None)
