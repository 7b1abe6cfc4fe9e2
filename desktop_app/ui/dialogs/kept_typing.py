"""What is typed into a dialog, kept until it is answered: a crash takes no more than the last second of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QDialog

from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs, Lane

if TYPE_CHECKING:
    from desktop_app.services.session.drafts import Draft, Drafts, FormContent

    Content = FormContent | Callable[[], FormContent] | None

PAUSE_MS = 700
"""From the first key to the disk; a crash takes no more than what came after."""


class KeptTyping(QObject):
    """Of one open dialog, whose child it is. What cannot be kept is not said: nothing is lost by it yet."""

    taken_elsewhere = Signal()
    """Another window had what was left, and goes on with it."""

    def __init__(
        self,
        dialog: QDialog,
        jobs: Jobs,
        drafts: "Drafts",
        content: "Callable[[], Content]",
        left: "Draft | None" = None,
    ) -> None:
        """*content* is asked on the window's thread; what it gives may be made on another one."""
        super().__init__(dialog)
        self._dialog, self._jobs, self._content = dialog, jobs, content
        self._kept = kept = drafts.keep(None if left is None else left.id)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._write)
        self._answered = answered = list[bool]()
        if left is not None:
            jobs.read(self, "take", kept.take, self._on_taken, _ignore, Lane.LOCAL)
        dialog.finished.connect(lambda _result: self._on_finished())
        # An answered dialog is gone before what was kept of it is.
        dialog.destroyed.connect(lambda: None if answered else kept.let_go())
        dialog.installEventFilter(self)

    def note(self) -> None:
        """Something was typed."""
        # Not begun anew by each key: who types without a pause is not forgotten.
        if not self._timer.isActive() and not self._answered:
            self._timer.start()

    def write_now(self) -> None:
        """What stands there now is another beginning: else a crash would offer again what is saved."""
        self._timer.stop()
        self._write()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A window that is locked hides its dialogs, and a moment later it has no keys."""
        # One that is destroyed as it stands hides, too, and asking a half of it ends the program.
        there = shiboken6.isValid(self._dialog)
        if there and event.type() == QEvent.Type.Hide and self._timer.isActive() and not self._answered:
            self._timer.stop()
            self._keep(self._content())
        return super().eventFilter(watched, event)

    def _on_taken(self, taken: bool) -> None:
        if not taken:
            self.taken_elsewhere.emit()

    def _write(self) -> None:
        content = self._content()
        self._jobs.read(self, "draft", lambda: self._keep(content), _ignore, _ignore, Lane.LOCAL)

    def _keep(self, content: "Content") -> None:
        try:
            self._kept.write(content() if callable(content) else content)
        except LabkeepError:
            return

    def _on_finished(self) -> None:
        self._answered.append(True)
        self._timer.stop()
        kept = self._kept
        self._jobs.read(self._jobs, f"draft {id(kept)}", kept.remove, _ignore, _ignore, Lane.LOCAL)


def _ignore(_outcome: object) -> None:
    return None
