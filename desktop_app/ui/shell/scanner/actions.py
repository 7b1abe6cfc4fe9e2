"""What a scan does: it opens its sample, fills the barcode of an open form, or offers to make a sample."""

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit

from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.errors import LabkeepError, NotFoundError
from desktop_app.ui.dialogs.confirm import Confirm, Question, ask
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.work_list import WorkListDialog
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.tabs.tab_context import Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class ScannerActions(QObject):
    """Serves one workspace; lives as long as it does."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._unknown: Confirm | None = None

    @Slot(str)
    def take(self, code: str) -> None:
        """A code was scanned, whatever has the focus; before the lock page nothing is done with it."""
        if not self._workspace.isVisible():
            return
        self._close_what_passes()
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, SampleDialog):
            dialog.fill_barcode(code)
        elif isinstance(dialog, WorkListDialog):
            dialog.take(code)
        elif dialog is not None:
            self._type(code)
        elif (work := self._workspace.work) is None:
            self._workspace.context.messages.notice(Notice(self.tr("No center is open."), Tone.WARNING))
        else:
            self._find(work, code)

    def _close_what_passes(self) -> None:
        """Menus, and the question about the code before this one."""
        while (popup := QApplication.activePopupWidget()) is not None and popup.close():
            pass
        unknown, self._unknown = self._unknown, None
        if unknown is not None and shiboken6.isValid(unknown):
            unknown.reject()

    def _type(self, code: str) -> None:
        """Another form is open: the code goes where the cursor is, and its Enter nowhere."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit) and not focus.isReadOnly():
            focus.insert(code)
        elif isinstance(focus, QPlainTextEdit) and not focus.isReadOnly():
            focus.insertPlainText(code)
        else:
            self._workspace.context.messages.say(
                self.tr("Nothing was done with {code}: a form is open.").format(code=code)
            )

    def _find(self, work: "CenterServices", code: str) -> None:
        samples = self._workspace.tabs.samples
        # What is shown is not what was scanned: no key shall act on it while the server looks.
        samples.set_seeking(True)

        def failed(error: LabkeepError) -> None:
            samples.set_seeking(False)
            if isinstance(error, NotFoundError):
                self._offer(work, code)
            else:
                self._workspace.context.jobs.failed.emit(error)

        self._workspace.context.jobs.read(self, "scan", lambda: _sample_of(work, code), self._on_found, failed)

    def _on_found(self, sample: Sample) -> None:
        self._workspace.header.search.clear()
        self._workspace.context.go(Target(Sample, sample.id, unfiltered=True))

    def _offer(self, work: "CenterServices", code: str) -> None:
        title = self.tr("No sample has the barcode “{code}”").format(code=code)
        if not work.may(Verb.EDIT_SAMPLES):
            why = formatting.why_not(work.standing, Verb.EDIT_SAMPLES)
            self._workspace.context.messages.notice(Notice(f"{title}. {why}", Tone.WARNING))
            return
        question = Question(
            title,
            self.tr(
                "There is none in {center}. Where this is not what stands on the tube, Caps Lock may be on, or the "
                "keyboard's language is not the one that the scanner was set up for."
            ).format(center=work.center.name),
            self.tr("Create sample…"),
        )
        self._unknown = ask(self._workspace, question, lambda: self._workspace.tabs.samples.begin_sample(code))


def _sample_of(work: "CenterServices", code: str) -> Sample:
    """The sample of this barcode, also where Caps Lock turned its letters over."""
    try:
        return work.samples.get(code)
    except NotFoundError:
        turned = code.swapcase()
        if turned == code:
            raise
    return work.samples.get(turned)
