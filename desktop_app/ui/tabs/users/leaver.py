"""What is shown and settled about one person besides the account: what he may see, and who goes on with his samples."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.domain.change_plan import ChangePlan, PlanResult
from desktop_app.domain.records import Person, Sample, User
from desktop_app.domain.rights import Verb
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.access import AccessDialog
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.dialogs.plan import PlanDialog, PlanWords, result_words
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed
from desktop_app.ui.widgets.field import ChoiceBox, Field

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class Leaver(QObject):
    """Adds its actions to the tab of users."""

    def __init__(self, tab: "RecordTab[Any]") -> None:
        super().__init__(tab)
        self._tab = tab
        face = ActionAppearance(_tr("What may this person &see?"), "shield-check")
        tab.add_action(Action("access", face, self._on_access, lambda _user: tab.may(Verb.MANAGE_USERS)))
        face = ActionAppearance(_tr("&Give samples to…"), "test-tube", tip=_tr("Make somebody else responsible"))
        tab.add_action(Action("reassign", face, lambda user: self.reassign(user), self._may_reassign))

    def offer(self, user: User) -> None:
        """After somebody is out: say for how many samples of the open center he is responsible, if for any."""
        work = self._tab.work
        if work is None or not self._may_reassign(user)[0]:
            return
        self._tab.context.jobs.read(
            self,
            "samples of a leaver",
            lambda: work.reassigning.count(user.id),
            lambda number: self._on_counted(user, work, number),
            lambda _error: None,
        )

    def reassign(self, user: User) -> None:
        """Ask who goes on with this person's samples in the open center, and show what would change."""
        work = self._tab.work
        if work is None:
            return
        dialog = SuccessorDialog(self._tab, work, user)
        dialog.saved.connect(lambda plan: self._on_planned(work, plan))
        self._tab.open_form(dialog)

    def _may_reassign(self, _user: User) -> Allowed:
        work = self._tab.work
        if work is None:
            return False, _tr("No center is open.")
        return work.may(Verb.EDIT_SAMPLES), formatting.why_not(work.standing, Verb.EDIT_SAMPLES)

    def _on_access(self, user: User) -> None:
        AccessDialog(self._tab.context.jobs, self._tab.context.lab, user, self._tab).open()

    def _on_counted(self, user: User, work: "CenterServices", number: int) -> None:
        if number and self._tab.work is work:
            text = _tr("{name} is responsible for {what} of {center}.").format(
                name=user.display_name, what=_samples(number), center=work.center.name
            )
            self._tab.context.messages.notice(
                Notice(text, Tone.INFO, _tr("Give to somebody else…"), lambda: self.reassign(user))
            )

    def _on_planned(self, work: "CenterServices", plan: ChangePlan) -> None:
        words = PlanWords(_tr("Give {what} to somebody else?"), _tr("Give {what}"), _samples)
        dialog = PlanDialog(self._tab.context.jobs, work, lambda reason: replace(plan, reason=reason), words, self._tab)
        dialog.saved.connect(lambda result: self._on_done(work, result))
        self._tab.open_form(dialog)

    def _on_done(self, work: "CenterServices", result: PlanResult) -> None:
        self._tab.context.events.changed.emit(Sample, None)
        text = result_words(result, _samples)
        if not result.changed:
            self._tab.context.messages.notice(Notice(text, Tone.WARNING))
            return
        plans, done = work.plans, result.plan.id

        def undo() -> None:
            self._tab.context.jobs.write(
                self._tab, lambda: plans.apply(plans.plan_undo(done)), lambda back: self._on_done_back(back)
            )

        self._tab.context.messages.notice(Notice(text, Tone.GOOD, _tr("Undo"), undo))

    def _on_done_back(self, result: PlanResult) -> None:
        self._tab.context.events.changed.emit(Sample, None)
        text = _tr("Undone: {what}.").format(what=_samples(len(result.changed)))
        self._tab.context.messages.notice(Notice(text, Tone.WARNING if result.left_alone else Tone.GOOD))


class SuccessorDialog(FormDialog):
    """Which member of the center; ``saved`` brings the plan, and nothing is changed yet."""

    def __init__(self, tab: "RecordTab[Any]", work: "CenterServices", user: User) -> None:
        title = _tr("Samples of {name}").format(name=user.display_name)
        intro = _tr("Who goes on with them in {center}? What would change is shown first.")
        text = FormText(title, _tr("Continue"), intro.format(center=work.center.name), width=440)
        super().__init__(tab.context.jobs, text, tab)
        self._discarding = True  # nothing was asked for yet
        self._work, self._user = work, user
        self._person = Field("person", _tr("&Person"), ChoiceBox([(_tr("Choose somebody"), None)]))
        self.set_form([[self._person]], self.problems, self._collect_work)
        tab.context.jobs.read(self, "people", lambda: work.people.list(), self._on_people, self._on_unread)

    def problems(self) -> dict[str, str]:
        """Somebody has to be chosen."""
        return {} if self._person.value else {"person": _tr("Choose who goes on with them.")}

    def _on_people(self, people: tuple[Person, ...]) -> None:
        box = self._person.editor
        if isinstance(box, ChoiceBox):
            box.offer((each.display_name, each.id) for each in people if each.id != self._user.id)

    def _on_unread(self, error: LabkeepError) -> None:
        self._on_failed(error)

    def _collect_work(self) -> Work:
        reassigning, leaver, successor = self._work.reassigning, self._user.id, self._person.value
        assert isinstance(successor, UUID)
        return lambda: reassigning.plan(leaver, successor)


def _samples(number: int) -> str:
    return _tr("1 sample") if number == 1 else _tr("{count} samples").format(count=formatting.number(number))


def _tr(text: str) -> str:
    return QCoreApplication.translate("leaver", text)
