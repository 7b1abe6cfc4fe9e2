"""Several chosen people changed as one: shown before, done one by one in the background, given back by a button."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.domain.user_plan import UserPlan, UserPlanResult
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.dialogs.last_day import day_problems, last_day_field
from desktop_app.ui.dialogs.plan import NAMED, AnyPlanDialog, PlanWords
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.messages import said
from desktop_app.ui.text.typed_dates import day_of
from desktop_app.ui.widgets.field import ChoiceBox, Field


class ManyUsers(QObject):
    """What the tab of users does to several people at once, and the way back from the last of it."""

    def __init__(self, tab: "RecordTab[Any]") -> None:
        super().__init__(tab)
        self._tab = tab

    def change_active(self, people: Sequence[User]) -> None:
        """Put people out, or let them in again: what is done to the first is meant for all of them."""
        active, plans = not people[0].is_active, self._tab.context.lab.user_plans
        title, verb = (
            (_tr("Restore {what}?"), _tr("Restore {what}"))
            if active
            else (_tr("Deactivate {what}?"), _tr("Deactivate {what}"))
        )
        intro = "" if active else _tr("Logins, open sessions and access to every key end at once.")
        self._ask(title, verb, lambda reason: plans.plan_active(people, reason, active=active), intro)

    def change_role(self, people: Sequence[User]) -> None:
        """Another role in a center in which all or some of them are."""
        plans = self._tab.context.lab.user_plans
        dialog = PlaceDialog(self._tab, _tr("Role of {what}").format(what=counted(len(people))), _places(people))
        dialog.saved.connect(
            lambda place: self._ask(
                _tr("Change the role of {what}?"),
                _tr("Change {what}"),
                lambda reason: plans.plan_role(people, place[1], place[0], reason),
            )
        )
        dialog.open()

    def join(self, people: Sequence[User]) -> None:
        """A place in the open center."""
        work, plans = self._tab.work, self._tab.context.lab.user_plans
        if work is None:
            text = _tr("Choose the center in the header to which they are added.")
            self._tab.context.messages.notice(Notice(text, Tone.WARNING))
            return
        center = work.center
        title = _tr("Add {what} to {center}").format(what=counted(len(people)), center=center.name)
        dialog = PlaceDialog(self._tab, title, [(center.name, center.id)], with_last_day=True)
        dialog.saved.connect(
            lambda place: self._ask(
                _tr("Add {what} to the center?"),
                _tr("Add {what}"),
                lambda reason: plans.plan_join(people, place[0], place[1], place[2], reason),
            )
        )
        dialog.open()

    def leave(self, people: Sequence[User]) -> None:
        """No place in one center any more."""
        plans = self._tab.context.lab.user_plans
        title = _tr("Where do memberships of {what} end?").format(what=counted(len(people)))
        dialog = PlaceDialog(self._tab, title, _places(people), with_role=False)
        dialog.saved.connect(
            lambda place: self._ask(
                _tr("End the membership of {what}?"),
                _tr("End {what}"),
                lambda reason: plans.plan_leave(people, place[0], reason),
                _tr("What they could read there is closed to them, and the center gets a new key."),
            )
        )
        dialog.open()

    def _ask(self, title: str, verb: str, make: Callable[[str], UserPlan], intro: str = "") -> None:
        each = _tr("Each person is a signed step of its own: if it stops half-way, you see who was changed.")
        words = PlanWords(title, verb, counted, intro=f"{intro} {each}".strip())
        dialog = AnyPlanDialog(self._tab.context.jobs, make, words, lambda plan: plan, self._tab)
        dialog.saved.connect(self._carry_out)
        self._tab.open_form(dialog)

    def _carry_out(self, plan: UserPlan, done: Callable[[UserPlanResult], None] | None = None) -> None:
        plans = self._tab.context.lab.user_plans
        self._tab.context.tasks.run(
            self._tab,
            _tr("Changing {what}").format(what=counted(len(plan.changes))),
            lambda job: plans.apply(plan, job.report),
            done or self._on_done,
            counted=lambda number, total: _tr("{done} of {total}").format(
                done=formatting.number(number), total=formatting.number(total)
            ),
        )

    def _on_done(self, result: UserPlanResult) -> None:
        self._tell(result, _tr("Changed: {what}.") if result.changed else _tr("Nothing was changed."), undo=True)

    def _on_undone(self, result: UserPlanResult) -> None:
        self._tell(result, _tr("Undone: {what}.") if result.changed else _tr("Nothing was changed."))

    def _tell(self, result: UserPlanResult, words: str, *, undo: bool = False) -> None:
        self._tab.mark_stale()
        planned = {each.id for each in result.plan.left_alone}
        failed = [each for each in result.left_alone if each.id not in planned]
        parts = [words.format(what=counted(len(result.changed)))]
        parts += [f"{each.name}: {said(each.why)}" for each in failed[:NAMED]]
        if len(failed) > NAMED:
            parts.append(_tr("{what} more were not changed.").format(what=counted(len(failed) - NAMED)))
        parts += [said(each) for each in result.told]
        tone = Tone.WARNING if failed or result.told or not result.changed else Tone.GOOD
        back = (lambda: self._carry_out(result.undo(), self._on_undone)) if undo and result.changed else None
        label = _tr("Undo") if back else ""
        self._tab.context.messages.notice(Notice(" ".join(parts), tone, label, back))


class PlaceDialog(FormDialog):
    """Which center, and which role there; ``saved`` brings (center, role, last day), and nothing is done yet."""

    def __init__(
        self,
        tab: "RecordTab[Any]",
        title: str,
        centers: Sequence[tuple[str, UUID]],
        *,
        with_role: bool = True,
        with_last_day: bool = False,
    ) -> None:
        super().__init__(tab.context.jobs, FormText(title, _tr("Continue"), width=440), tab)
        self._discarding = True  # nothing was asked for yet
        self._center = Field("center", _tr("&Center"), ChoiceBox(centers))
        self._role = Field("role", _tr("&Role"), ChoiceBox([(formatting.role_name(each), each) for each in Role]))
        self._until = last_day_field()
        rows = [[self._center]]
        if with_role:
            rows.append([self._role])
        if with_last_day:
            rows.append([self._until])
        self.set_form(rows, lambda: day_problems(str(self._until.value)), self._collect_work)

    def _collect_work(self) -> Work:
        place = self._center.value, self._role.value, day_of(str(self._until.value))
        return lambda: place


def counted(number: int) -> str:
    """So many people, in words."""
    return _tr("1 person") if number == 1 else _tr("{count} people").format(count=formatting.number(number))


def _places(people: Sequence[User]) -> list[tuple[str, UUID]]:
    """The centers in which these people are, those of most of them first."""
    names = {place.center_id: place.center for user in people for place in user.memberships}
    ids = [place.center_id for user in people for place in user.memberships]
    return sorted(((names[each], each) for each in names), key=lambda each: (-ids.count(each[1]), each[0]))


def _tr(text: str) -> str:
    return QCoreApplication.translate("many_users", text)
