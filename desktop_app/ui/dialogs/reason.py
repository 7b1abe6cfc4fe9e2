"""Asking why: for what needs a reason, always or in this center; it goes on the record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.lifecycle import Step
from desktop_app.domain.reasons import LONGEST_REASON, as_listed
from desktop_app.domain.records import RejectionReason, Sample
from desktop_app.domain.text_rules import clean, text_problem
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.buttons import naming
from desktop_app.ui.widgets.field import Field, LongText
from desktop_app.ui.widgets.suggestion_line import SuggestionLine

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class ReasonDialog(FormDialog):
    """One field; *act* gets the reason and runs away from the GUI thread."""

    def __init__(
        self,
        jobs: Jobs,
        text: FormText,
        act: Callable[[str], Any],
        parent: QWidget | None = None,
        line: QLineEdit | None = None,
    ) -> None:
        super().__init__(jobs, text, parent)
        self._act = act
        self._reason = Field("reason", self.tr("&Reason"), line or LongText(4), self.tr("It stays on the record."))
        self.set_form([[self._reason]], self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """A reason is needed."""
        reason = clean(self._reason.value)
        problem = text_problem(reason, longest=LONGEST_REASON) or ("" if reason else self.tr("A reason is needed."))
        return {"reason": problem} if problem else {}

    def _collect_work(self) -> Work:
        reason, act = clean(self._reason.value), self._act
        return lambda: act(reason)


class RejectDialog(ReasonDialog):
    """Why a sample is rejected: one of the center's reasons, or own words."""

    def __init__(self, jobs: Jobs, work: "CenterServices", sample: Sample, parent: QWidget | None = None) -> None:
        self._line = SuggestionLine()
        super().__init__(jobs, self._words(sample), self._act_on(work, sample), parent, self._line)
        jobs.read(self, "reasons", lambda: work.vocabulary.rejection_reasons(), self._on_reasons)

    def _words(self, sample: Sample) -> FormText:
        return FormText(
            self.tr("Reject {barcode}?").format(barcode=sample.barcode),
            naming(self.tr("Reject {name}"), sample.barcode),
            self.tr("A rejected sample cannot be processed any more."),
            danger=True,
        )

    def _act_on(self, work: "CenterServices", sample: Sample) -> Callable[[str], Sample]:
        return lambda reason: work.samples.step(sample, Step.REJECT, reason)

    def _collect_work(self) -> Work:
        reason, act = as_listed(clean(self._reason.value), self._line.offered), self._act
        return lambda: act(reason)

    def _on_reasons(self, reasons: tuple[RejectionReason, ...]) -> None:
        self._line.offer((each.name for each in reasons), self.tr("Choose a reason or write your own"))


def reason_field() -> Field:
    """A line for the reason in a larger form; whether the center wants one, the database says."""
    return Field("reason", _tr("R&eason"), QLineEdit(), _tr("It stays on the record."))


@dataclass(frozen=True)
class ReasonedAct:
    """What a person wants to do, and whether a reason must be given for it (the database has the last word)."""

    needs_reason: bool
    text: FormText
    act: Callable[[str], Any]
    """Gets the reason; runs away from the GUI thread."""


def do_with_reason(
    parent: QWidget, jobs: Jobs, act: ReasonedAct, then: Callable[[Any], None], busy: Callable[[bool], None]
) -> None:
    """Do it at once, or ask why first, where a reason is needed."""
    if not act.needs_reason:
        jobs.write(parent, lambda: act.act(""), then, busy=busy)
        return
    dialog = ReasonDialog(jobs, act.text, act.act, parent)
    dialog.saved.connect(then)
    dialog.open()


def _tr(text: str) -> str:
    return QCoreApplication.translate("reason", text)
