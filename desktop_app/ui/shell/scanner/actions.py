"""What a scan does: it opens its sample, goes into the list of scan mode, fills a form, or offers to make a sample."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import shiboken6
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit

from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.domain.scanned import is_turned_over
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.confirm import Confirm, Question, ask
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.scanner.mode import ScanMode
from desktop_app.ui.shell.scanner.scanned_rows import why_unread
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.tabs.tab_context import Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


@runtime_checkable
class TakesScans(Protocol):
    """A dialog that knows what a scan is for, wherever the cursor is."""

    def take(self, code: str) -> None:
        """A code was scanned."""


class ScannerActions(QObject):
    """Serves one workspace; lives as long as it does."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._unknown: Confirm | None = None
        self.mode = ScanMode(workspace)

    @Slot(str, bool)
    def take(self, code: str, caps_lock: bool = False) -> None:
        """A code was scanned, whatever has the focus; before the lock page nothing is done with it."""
        if not self._workspace.isVisible():
            return
        self._close_what_passes()
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, SampleDialog):
            dialog.fill_barcode(code, caps_lock=caps_lock)
        elif isinstance(dialog, TakesScans):
            dialog.take(code)
        elif self.mode.is_on and self._workspace.work is not None:
            # Also over another form: who scans on does not look at the screen, and no scan may be lost.
            self.mode.take(code, caps_lock=caps_lock)
        elif dialog is not None:
            self._type(code)
        elif (work := self._workspace.work) is None:
            self._workspace.context.messages.notice(Notice(self.tr("No center is open."), Tone.WARNING))
        else:
            self._find(work, code, caps_lock=caps_lock)

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

    def _find(self, work: "CenterServices", code: str, *, caps_lock: bool) -> None:
        samples = self._workspace.tabs.samples
        # What is shown is not what was scanned: no key shall act on it while the server looks.
        samples.set_seeking(True)

        def failed(error: LabkeepError) -> None:
            samples.set_seeking(False)
            self._workspace.context.jobs.failed.emit(error)

        def found(known: Mapping[str, Sample]) -> None:
            sample = known.get(code)
            if sample is None:
                samples.set_seeking(False)
                self._offer(work, code, caps_lock=caps_lock)
            else:
                self._open(sample, code)

        self._workspace.context.jobs.read(self, "scan", lambda: work.samples.scanned([code]), found, failed)

    def _open(self, sample: Sample, code: str) -> None:
        context = self._workspace.context
        self._workspace.header.search.clear()
        context.go(Target(Sample, sample.id, unfiltered=True))
        if is_turned_over(code, sample):
            text = self.tr("{code} was read as {barcode}: Caps Lock seems to be on.")
            context.messages.say(text.format(code=code, barcode=sample.barcode))

    def _offer(self, work: "CenterServices", code: str, *, caps_lock: bool) -> None:
        title = self.tr("No sample has the barcode “{code}”").format(code=code)
        if not work.may(Verb.EDIT_SAMPLES):
            why = formatting.why_not(work.standing, Verb.EDIT_SAMPLES)
            self._workspace.context.messages.notice(Notice(f"{title}. {why}", Tone.WARNING))
            return
        where = self.tr("There is none in {center}.").format(center=work.center.name)
        why = why_unread(code, caps_lock=caps_lock) or self.tr(
            "Where this is not what stands on the tube, Caps Lock may be on, or the keyboard's language is not the one "
            "that the scanner was set up for."
        )
        question = Question(title, f"{where} {why}", self.tr("Create sample…"))
        samples = self._workspace.tabs.samples
        self._unknown = ask(self._workspace, question, lambda: samples.begin_sample(code, caps_lock=caps_lock))
