"""Documents dragged out of the window: a copy in clear is made when whoever takes the drop asks for it.

When that is differs: on Windows and macOS while the drag lasts, under X when it is over for this program, because the
other one asks after the drop (XDND, XdndDrop and then the selection).
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEventLoop, QMetaType, QMimeData, QObject, Qt, QUrl
from PySide6.QtGui import QDrag

from desktop_app.domain.records import Document
from desktop_app.errors import LabkeepError
from desktop_app.policy import PolicyError
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.text.message_bus import Notice

if TYPE_CHECKING:
    from desktop_app.services.documents.external_copy import ExternalCopies, ExternalCopy

LOGGER = logging.getLogger(__name__)
URI_LIST = "text/uri-list"


def run_drag(drag: QDrag) -> Qt.DropAction:
    """Until the mouse button is let go."""
    return drag.exec(Qt.DropAction.CopyAction)


class LazyFile(QMimeData):
    """A file that there is only once somebody asks for it; asked again, it is the same one."""

    def __init__(self, make: "Callable[[], ExternalCopy | None]") -> None:
        super().__init__()
        self._make = make
        self._told: Callable[[], None] | None = None
        self.was_asked = False
        self.copy: ExternalCopy | None = None

    def refuse(self) -> None:
        """Nobody took it: who asks from now on gets nothing."""
        self.was_asked = True

    def when_made(self, told: "Callable[[], None]") -> None:
        """Call this once the file is there, which may be now."""
        if self.copy is not None:
            told()
        else:
            self._told = told

    def formats(self) -> list[str]:
        """Only the address of a file: what is in it is nobody's before the drop."""
        return [URI_LIST]

    def hasFormat(self, mime_type: str) -> bool:
        """The same."""
        return mime_type == URI_LIST

    def retrieveData(self, mime_type: str, preferred: QMetaType | QMetaType.Type) -> Any:
        """Make the file, and say where it is; nothing where it could not be made."""
        del preferred
        if mime_type != URI_LIST:
            return None
        if not self.was_asked:
            self.was_asked = True
            self.copy = self._make()
            if self.copy is not None and self._told is not None:
                self._told()
        # Addresses, not their bytes: those become no addresses again on their way through PySide.
        return [] if self.copy is None else [QUrl.fromLocalFile(str(self.copy.path))]


class DragOut(QObject):
    """Serves one workspace; lives as long as it does."""

    def __init__(self, workspace: Workspace, service: "ExternalCopies") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._context = workspace.context
        self._service = service
        workspace.context.events.dragged.connect(self._on_dragged)

    def _on_dragged(self, document: Document) -> None:
        try:
            self._context.lab.policy.require_export()
        except PolicyError as error:
            self._context.messages.fail(error)
            return
        file = LazyFile(lambda: self._make(document))
        drag = QDrag(self._workspace)
        drag.setMimeData(file)
        action = run_drag(drag)
        if action != Qt.DropAction.IgnoreAction:
            file.when_made(lambda: self._tell(document))
            return
        file.refuse()
        copy = file.copy
        if copy is not None:
            # Who looked at it on the way may have read it: that it was opened stays on the record.
            self._context.jobs.write(self, lambda: self._service.discard(copy), lambda _none: None)

    def _tell(self, document: Document) -> None:
        LOGGER.info("Dragged out of the window: document %s.", document.id)
        text = self.tr(
            "A copy of “{title}” in clear lies where you dropped it. Labkeep no longer protects it: delete it there "
            "when you do not need it any more."
        )
        self._context.messages.notice(Notice(text.format(title=document.title), Tone.WARNING))

    def _make(self, document: Document) -> "ExternalCopy | None":
        """Decrypt away from the GUI thread; whoever takes the drop waits, and the window goes on being drawn."""
        work = self._workspace.work
        # Locked or left since it was dropped: what is made now, nobody would wipe.
        if work is None or not self._workspace.isVisible():
            return None
        made: list[ExternalCopy] = []
        failed: list[LabkeepError] = []

        job = self._context.tasks.run(
            self,
            self.tr("Copying {title}").format(title=document.title),
            lambda job: self._service.drag(work.documents, document, job.report),
            made.append,
            failed.append,
        )
        if not made and not failed:
            loop = QEventLoop()
            job.ended.connect(loop.quit)
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        for error in failed:
            self._context.messages.fail(error)
        return made[0] if made else None
