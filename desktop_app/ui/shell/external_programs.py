"""Documents in other programs: a copy in clear is opened, a change in it is noticed, and at the end it is wiped."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from desktop_app.domain.records import Document
from desktop_app.services.documents.add_results import AddOutcome, AddResult
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.messages import said

if TYPE_CHECKING:
    from desktop_app.services.documents.external_copy import ExternalCopies, ExternalCopy

LOGGER = logging.getLogger(__name__)
TOLD = "open_with"


class ExternalPrograms(QObject):
    """Serves one workspace; lives as long as it does."""

    def __init__(self, application: QApplication, workspace: Workspace, service: "ExternalCopies") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._context = workspace.context
        self._service = service
        self._unsaved: dict[Path, ExternalCopy] = {}
        workspace.context.events.external_copy_asked.connect(self._on_asked)
        application.applicationStateChanged.connect(self._on_state)

    @property
    def unsaved(self) -> tuple[str, ...]:
        """The titles of copies that were changed, as far as was seen, and could still be saved."""
        return tuple(opened.document.title for opened in self._unsaved.values())

    def forget(self) -> None:
        """The copies are being wiped."""
        self._unsaved.clear()

    def look(self) -> None:
        """Look whether a copy was changed meanwhile."""
        self._context.jobs.read(self, "changed", self._service.changed, self._on_changed)

    def _on_asked(self, document: Document, number: int | None) -> None:
        if self._context.window_state.was_told(TOLD):
            self._open(document, number)
            return
        question = Question(
            self.tr("Open it with another program?"),
            self.tr(
                "The other program gets a copy in clear, which may only be read. Labkeep deletes the copy when you "
                "lock, sign out or close it. The other program may keep copies of its own, which Labkeep cannot "
                "delete.\n\nWhat you change there is not kept by itself: Labkeep offers to save it as a new version "
                "when you come back to this window. You are told this once."
            ),
            self.tr("Open"),
        )
        ask(self._workspace, question, lambda: self._on_agreed(document, number))

    def _on_agreed(self, document: Document, number: int | None) -> None:
        self._context.window_state.keep_told(TOLD)
        self._open(document, number)

    def _open(self, document: Document, number: int | None) -> None:
        work = self._workspace.work
        if work is not None:
            self._context.tasks.run(
                self,
                self.tr("Opening {title}").format(title=document.title),
                lambda job: self._service.open(work.documents, document, number, job.report),
                self._on_opened,
            )

    def _on_opened(self, opened: "ExternalCopy") -> None:
        LOGGER.info("Opened with another program: document %s.", opened.document.id)
        if QDesktopServices.openUrl(QUrl.fromLocalFile(str(opened.path))):
            text = self.tr("“{title}” is open in another program, as a copy that may only be read.")
            self._context.messages.say(text.format(title=opened.document.title))
        else:
            text = self.tr("This computer has no program for “{name}”. Save it to open it elsewhere.")
            self._context.messages.notice(Notice(text.format(name=opened.path.name), Tone.WARNING))

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self.look()

    def _on_changed(self, changed: "Sequence[ExternalCopy]") -> None:
        for opened in changed:
            title = opened.document.title
            if not opened.documents.may_edit:
                text = self.tr("“{title}” was changed in another program. You may not save it here: save it there.")
                self._context.messages.notice(Notice(text.format(title=title), Tone.WARNING))
                continue
            self._unsaved[opened.path] = opened
            text = self.tr("“{title}” was changed in another program. The changed copy will be deleted.")
            self._offer(opened, text.format(title=title), Tone.WARNING, self.tr("Save as a new version"))

    def _offer(self, opened: "ExternalCopy", text: str, tone: Tone, verb: str) -> None:
        self._context.messages.notice(Notice(text, tone, verb, lambda: self._save(opened)))

    def _save(self, opened: "ExternalCopy") -> None:
        self._context.tasks.run(
            self,
            self.tr("Saving a new version of {title}").format(title=opened.document.title),
            lambda job: self._service.save_version(opened, job.report),
            lambda result: self._on_saved(opened, result),
        )

    def _on_saved(self, opened: "ExternalCopy", result: AddResult) -> None:
        if result.outcome is not AddOutcome.SAVED:
            text = self.tr("The change of “{title}” was not saved. {why}")
            text = text.format(title=opened.document.title, why=said(result.reason))
            self._offer(opened, text, Tone.DANGER, self.tr("Try again"))
            return
        self._unsaved.pop(opened.path, None)
        text = self.tr("Version {number} of “{title}” is added.")
        self._context.messages.say(text.format(title=opened.document.title, number=result.version))
        self._context.events.changed.emit(Document, None)
