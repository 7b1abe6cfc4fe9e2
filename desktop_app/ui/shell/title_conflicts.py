"""Puts the open questions of the transfers before the person, one after the other, and takes the answers back."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.errors import LabkeepError
from desktop_app.services.documents.title_conflicts import ConflictQuestion, Sameness
from desktop_app.ui.dialogs.title_conflict import TitleConflictDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.pending_conflicts import Answer

if TYPE_CHECKING:
    from desktop_app.ui.models.transfers import Transfers


class TitleConflicts(QObject):
    """One dialog at a time. Who leaves it is not asked again by himself: the panel has the way back."""

    def __init__(self, transfers: "Transfers", jobs: Jobs, window: QWidget) -> None:
        super().__init__(window)
        self._transfers = transfers
        self._jobs = jobs
        self._window = window
        self._left: list[ConflictQuestion] = []
        self.dialog: TitleConflictDialog | None = None
        transfers.asked.connect(self._on_asked)
        transfers.changed.connect(self._on_changed)

    def ask(self) -> None:
        """Ask about all that wait, also what was left for later."""
        self._left.clear()
        self._next()

    def _on_asked(self) -> None:
        if not self._left:
            self._next()

    def _on_changed(self) -> None:
        if self.dialog is not None:
            self.dialog.set_others(self._transfers.others(self.dialog.question))

    def _next(self) -> None:
        waiting = [each for each in self._transfers.questions if not any(each is left for left in self._left)]
        if self.dialog is not None or not waiting:
            return
        question = waiting[0]
        destination = self._transfers.destination_of(question)
        dialog = TitleConflictDialog(
            question, destination.work.center.name, self._transfers.others(question), self._window
        )
        self.dialog = dialog
        dialog.answered.connect(lambda answer: self._on_answered(question, answer))
        dialog.all_cancelled.connect(lambda: self._transfers.cancel_asking(question))
        dialog.finished.connect(lambda _result: self._on_finished(question))
        dialog.open()

        def failed(_error: LabkeepError) -> None:
            dialog.show_sameness(Sameness.NOT_COMPARED)

        documents = destination.work.documents
        self._jobs.read(dialog, "compare", lambda: documents.compare(question), dialog.show_sameness, failed)

    def _on_answered(self, question: ConflictQuestion, answer: Answer) -> None:
        if any(each is question for each in self._transfers.questions):
            self._transfers.answer(question, answer)

    def _on_finished(self, question: ConflictQuestion) -> None:
        self.dialog = None
        if any(each is question for each in self._transfers.questions):
            # For later: none of the others is asked by itself either, or leaving would never end.
            self._left = list(self._transfers.questions)
        else:
            self._next()
