"""Several chosen records changed as one: shown before, done in one transaction, undone by a button or Ctrl+Z."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject, Signal

from desktop_app.domain.change_plan import ChangePlan, PlanResult
from desktop_app.domain.reasons import ReasonVerb, required_reasons
from desktop_app.domain.records import Document, Sample
from desktop_app.ui.dialogs.plan import PlanDialog, PlanWords, result_words, undone_words
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.tabs.undoing import take_back
from desktop_app.ui.text.message_bus import Notice

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.ui.tabs.record_tab import RecordTab


def change_active(
    bulk: "BulkChanges",
    work: "CenterServices | None",
    records: Sequence[Sample] | Sequence[Document],
    count: Callable[[int], str],
) -> None:
    """Deactivate several records, or restore them: what is done to the first is meant for all of them."""
    if work is None:
        return
    active = not records[0].is_active
    title, verb = (
        (_tr("Restore {what}?"), _tr("Restore {what}"))
        if active
        else (_tr("Deactivate {what}?"), _tr("Deactivate {what}"))
    )
    needed = ReasonVerb.RESTORE if active else ReasonVerb.DEACTIVATE
    words = PlanWords(title, verb, count, needed in required_reasons(work.center.settings))
    bulk.change(words, lambda reason: work.plans.plan_active(records, reason, active=active))


class BulkChanges(QObject):
    """What a tab does to several records at once, and the way back from the last of it."""

    done = Signal(object)
    """The ids of the records that were changed."""

    def __init__(self, tab: "RecordTab[Any]") -> None:
        super().__init__(tab)
        self._tab = tab
        self._back: Callable[[], None] | None = None

    def change(self, words: PlanWords, make: Callable[[str], ChangePlan]) -> None:
        """Ask with the plan that *make* makes for a reason, and carry it out."""
        work = self._tab.work
        if work is not None:
            dialog = PlanDialog(self._tab.context.jobs, work, make, words, self._tab)
            dialog.saved.connect(lambda result: self._on_done(work, words, result))
            self._tab.open_form(dialog)

    def _on_done(self, work: "CenterServices", words: PlanWords, result: PlanResult) -> None:
        self._tab.mark_stale()
        self.done.emit(result.changed)
        self._tab.context.events.changed.emit(self._tab.record_class, None)
        text = result_words(result, words.count)
        if not result.changed:
            self._tab.context.messages.notice(Notice(text, Tone.WARNING))
            return
        tone = Tone.WARNING if len(result.left_alone) > len(result.plan.left_alone) else Tone.GOOD
        self.offer_back(Notice(text, tone), work, result.plan.id, words.count)

    def offer_back(self, notice: Notice, work: "CenterServices", plan_id: UUID, count: Callable[[int], str]) -> None:
        """Say what was done by a plan, with the way back; *count* says so many records in words."""
        self._back = lambda: self._take_back(work, plan_id, count)
        self._tab.context.messages.offer_undo("", self._on_undo)
        self._tab.context.messages.notice(
            replace(notice, action=self.tr("Undo"), act=self._on_undo, passes=notice.tone is Tone.GOOD)
        )

    def _on_undo(self) -> None:
        if self._back is not None:
            back, self._back = self._back, None
            back()

    def _take_back(self, work: "CenterServices", plan_id: UUID, count: Callable[[int], str]) -> None:
        if self._tab.work is not work:
            text = self.tr("That was changed in {center}, which is not open any more.")
            self._tab.context.messages.notice(Notice(text.format(center=work.center.name), Tone.WARNING))
            return
        plans = work.plans

        def undo() -> PlanResult:
            return plans.apply(plans.plan_undo(plan_id))

        take_back(
            self._tab,
            undo,
            lambda result: self._on_undone(count, result),
            lambda: self._take_back(work, plan_id, count),
        )

    def _on_undone(self, count: Callable[[int], str], result: PlanResult) -> None:
        self._tab.mark_stale()
        self._tab.context.events.changed.emit(self._tab.record_class, None)
        text = undone_words(result, count)
        if not result.left_alone:
            self._tab.context.messages.clear()
            self._tab.context.messages.say(text)
            return
        self._tab.context.messages.notice(Notice(text, Tone.WARNING))


def _tr(text: str) -> str:
    return QCoreApplication.translate("bulk_changes", text)
