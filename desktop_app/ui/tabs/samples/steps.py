"""The steps of a sample's life: of one at once, with a way back, or of several as one change."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.domain.lifecycle import SampleStatus, Step, steps_from, verb_for
from desktop_app.domain.records import Sample
from desktop_app.errors import ConflictError
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.plan import PlanWords
from desktop_app.ui.dialogs.reason import RejectDialog
from desktop_app.ui.tabs.bulk_changes import BulkChanges
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.actions import Action, ActionAppearance, LiveAction, Rank
from desktop_app.ui.widgets.buttons import Kind, naming

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

ICONS = {Step.PROCESS: "play", Step.COMPLETE: "square-check-big", Step.REJECT: "ban", Step.ARCHIVE: "archive"}

Saved = Callable[[Sample, Callable[[], Sample] | None], None]
"""Gets the sample as it is now, and the way back where there is one."""


def _words_for_many(step: Step) -> tuple[str, str]:
    """What is asked before several samples are moved on, and what the button does."""
    return {
        Step.PROCESS: (_tr("Start processing {what}?"), _tr("Start processing {what}")),
        Step.COMPLETE: (_tr("Complete {what}?"), _tr("Complete {what}")),
        Step.REJECT: (_tr("Reject {what}?"), _tr("Reject {what}")),
        Step.ARCHIVE: (_tr("Archive {what}?"), _tr("Archive {what}")),
    }[step]


class SampleSteps(QObject):
    """Adds its actions to the tab, which says by *saved* what was done to one."""

    def __init__(self, tab: RecordTab[Sample], bulk: BulkChanges, saved: Saved) -> None:
        super().__init__(tab)
        self._tab, self._bulk, self._saved = tab, bulk, saved
        self.actions: dict[Step, LiveAction[Sample]] = {step: tab.add_action(self._action(step)) for step in Step}

    def _action(self, step: Step) -> Action[Sample]:
        kind, rank = (Kind.DANGER, Rank.MORE) if step is Step.REJECT else (Kind.PRIMARY, Rank.STEP)
        return Action(
            step.value,
            ActionAppearance(formatting.step_name(step), ICONS[step], kind),
            lambda sample: self._on_step(sample, step),
            lambda _sample: self._tab.may(verb_for(step)),
            lambda sample: sample.is_active and step in steps_from(sample.status),
            do_for_many=lambda samples: self._on_step_of_many(samples, step),
            rank=rank,
        )

    def _on_step(self, sample: Sample, step: Step) -> None:
        tab, work = self._tab, self._tab.work
        if work is None:
            return
        if step is Step.REJECT:
            dialog = RejectDialog(tab.context.jobs, work, sample, tab)
            dialog.saved.connect(lambda rejected: self._saved(rejected, None))
            tab.open_form(dialog)
            return
        if step is Step.ARCHIVE:
            question = Question(
                self.tr("Archive {barcode}?").format(barcode=sample.barcode),
                self.tr("An archived sample is read-only for good and takes no more documents."),
                naming(self.tr("Archive {name}"), sample.barcode),
                danger=True,
            )
            ask(tab, question, lambda: self._take(sample, step))
            return
        self._take(sample, step)

    def _on_step_of_many(self, samples: Sequence[Sample], step: Step) -> None:
        work = self._tab.work
        if work is not None:
            is_rejection = step is Step.REJECT
            words = PlanWords(*_words_for_many(step), formatting.samples, is_rejection, is_rejection)
            self._bulk.change(words, lambda reason: work.plans.plan_step(samples, step, reason))

    def _take(self, sample: Sample, step: Step) -> None:
        tab, work = self._tab, self._tab.work
        if work is None:
            return

        def move() -> tuple[Sample, UUID]:
            # As a plan of one, because such a one can be taken back.
            plan = work.plans.plan_step([sample], step)
            result = work.plans.apply(plan)
            if not result.changed:
                raise ConflictError(result.left_alone[0].why)
            return work.samples.get(sample.id), plan.id

        tab.context.jobs.write(tab, move, lambda done: self._on_moved(work, *done), busy=self.actions[step].set_busy)

    def _on_moved(self, work: "CenterServices", sample: Sample, plan_id: UUID) -> None:
        def back() -> Sample:
            result = work.plans.apply(work.plans.plan_undo(plan_id))
            if not result.changed:
                raise ConflictError(result.left_alone[0].why)
            return work.samples.get(sample.id)

        self._saved(sample, None if sample.status is SampleStatus.ARCHIVED else back)


def _tr(text: str) -> str:
    return QCoreApplication.translate("sample_steps", text)
