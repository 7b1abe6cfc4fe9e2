"""Before many records are changed as one: which will change, which will not and why, and a reason for all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop_app.domain.change_plan import MEANWHILE, ChangePlan, LeftAlone, PlanResult
from desktop_app.domain.fields import same
from desktop_app.domain.reasons import LONGEST_REASON, as_listed
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import clean, text_problem
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import audit, formatting
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.small_table import SmallTable
from desktop_app.ui.widgets.styling import heading
from desktop_app.ui.widgets.suggestion_line import SuggestionLine

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


@dataclass(frozen=True)
class PlanWords:
    """What is asked, with a place for how many records it is about, and what the button does."""

    title: str
    """Such as "Complete {what}?"."""
    verb: str
    count: Callable[[int], str]
    """So many records in words, such as "3 samples"."""
    needs_reason: bool = False
    offers_rejections: bool = False
    """Whether the center's reasons for rejection are offered."""
    intro: str = ""
    """What is said before, where it is not one change that can be undone as one."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What people call keys of metadata."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What people call a value that is an id, such as a sample's barcode."""


class ShownChange(Protocol):
    """What the table of changes shows of one."""

    @property
    def id(self) -> UUID:
        """Of the record."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def before(self) -> Mapping[str, Any]:
        """The fields that change, as they are."""

    @property
    def after(self) -> Mapping[str, Any]:
        """The same, as they will be."""


class ShownPlan(Protocol):
    """What is shown of a plan, of records or of people."""

    @property
    def changes(self) -> Sequence[ShownChange]:
        """What changes."""

    @property
    def left_alone(self) -> Sequence[LeftAlone]:
        """What does not."""


Made = TypeVar("Made", bound=ShownPlan)


NAME_WIDTH = 150
"""The usual reasons are read whole beside it."""
MOST_ROWS = 4
"""Of both lists at once the reason below is still seen on the usual hospital computer."""


class AnyPlanDialog(FormDialog, Generic[Made]):
    """Shows the plan that *make* makes; ``saved`` brings what *carry_out* made of it."""

    def __init__(
        self,
        jobs: Jobs,
        make: Callable[[str], Made],
        words: PlanWords,
        carry_out: Callable[[Made], object],
        parent: QWidget | None = None,
    ) -> None:
        shown = make("")
        what = words.count(len(shown.changes))
        text = FormText(words.title.format(what=what), words.verb.format(what=what), _intro(shown, words), width=640)
        super().__init__(jobs, text, parent)
        self._make, self._carry_out, self._needs_reason = make, carry_out, words.needs_reason
        self._line = SuggestionLine()
        self._reason = Field("reason", self.tr("&Reason"), self._line, self.tr("It stays on the record."))
        self.changes: SmallTable[ShownChange] = SmallTable(
            change_columns(words), lambda each: each.id, self.tr("What changes"), most=MOST_ROWS
        )
        self.left_alone: SmallTable[LeftAlone] = SmallTable(
            left_alone_columns(), lambda each: each.id, self.tr("What stays as it is"), most=MOST_ROWS
        )
        self.set_form([[self._reason]], self.problems, self._collect_work)
        self._show(shown)

    def problems(self) -> dict[str, str]:
        """A reason is needed for what cannot be done without."""
        reason = clean(self._reason.value)
        problem = text_problem(reason, longest=LONGEST_REASON)
        if problem is None and self._needs_reason and not reason:
            problem = self.tr("A reason is needed.")
        return {"reason": problem} if problem else {}

    def _show(self, plan: ShownPlan) -> None:
        self.changes.set_rows(plan.changes)
        self.left_alone.set_rows(plan.left_alone)
        page = self._page.layout()
        tables = ((self.tr("What changes"), self.changes), (self.tr("What stays as it is"), self.left_alone))
        if isinstance(page, QBoxLayout):
            for title, table in reversed(tables):
                if table.model.rowCount():
                    page.insertWidget(0, table)
                    page.insertWidget(0, heading(title, 3))
        self.verb.set_allowed(bool(plan.changes), self.tr("Nothing would change."))

    def _collect_work(self) -> Work:
        reason = as_listed(clean(self._reason.value), self._line.offered)
        # Made again with the reason, of the very records that were shown.
        plan, carry_out = self._make(reason), self._carry_out
        return lambda: carry_out(plan)


class PlanDialog(AnyPlanDialog[ChangePlan]):
    """A plan of a center's records; ``saved`` brings a PlanResult."""

    def __init__(
        self,
        jobs: Jobs,
        work: "CenterServices",
        make: Callable[[str], ChangePlan],
        words: PlanWords,
        parent: QWidget | None = None,
    ) -> None:
        plans = work.plans
        super().__init__(jobs, make, words, lambda plan: plans.apply(plan), parent)
        if words.offers_rejections:
            jobs.read(
                self,
                "reasons",
                lambda: work.vocabulary.rejection_reasons(),
                lambda reasons: self._line.offer(
                    (each.name for each in reasons), self.tr("Choose a reason or write your own")
                ),
            )


def change_columns(words: PlanWords) -> tuple[Column[ShownChange], ...]:
    """What changes: the record's name, and from what to what."""
    return (
        Column(_tr("Name"), lambda each: each.name, NAME_WIDTH),
        Column(_tr("Change"), lambda each: _change(each, words), 0, tip=lambda each: _change(each, words)),
    )


def left_alone_columns() -> tuple[Column[LeftAlone], ...]:
    """What does not change, and why."""
    return (
        Column(_tr("Name"), lambda each: each.name, NAME_WIDTH),
        Column(_tr("Why"), lambda each: said(each.why), 0, tip=lambda each: said(each.why)),
    )


def result_words(result: PlanResult, count: Callable[[int], str]) -> str:
    """What to say when it is done; what stayed as it was is named, as far as there is room."""
    if not result.changed:
        text = _tr("Nothing was changed.")
    else:
        text = _tr("Changed: {what}.").format(what=count(len(result.changed)))
    planned = {each.id for each in result.plan.left_alone}
    meanwhile = [each for each in result.left_alone if each.id not in planned]
    for why, names in _named_by_reason(meanwhile).items():
        if why == said(MEANWHILE):
            text += " " + _tr("Changed by others meanwhile, and left as it is: {names}.").format(names=names)
        else:
            text += " " + _tr("Not changed: {names}. {why}").format(names=names, why=why)
    return text


def undone_words(result: PlanResult, count: Callable[[int], str]) -> str:
    """What to say when a change was taken back: of what stays, why; a sample that was made may be in use by now."""
    parts = [_tr("Undone: {what}.").format(what=count(len(result.changed)))] if result.changed else []
    for why, names in _named_by_reason(result.left_alone).items():
        parts.append(_tr("Not undone: {names}. {why}").format(names=names, why=why))
    return " ".join(parts)


def _named_by_reason(left: Sequence[LeftAlone]) -> dict[str, str]:
    """Each reason and whom it is about, as far as there is room."""
    found: dict[str, list[str]] = {}
    for each in left:
        found.setdefault(said(each.why), []).append(each.name)
    return {why: ", ".join(names[:NAMED]) + ("…" if len(names) > NAMED else "") for why, names in found.items()}


NAMED = 5
"""So many records are named in one sentence."""


def _intro(plan: ShownPlan, words: PlanWords) -> str:
    text = words.intro or _tr("All of it is one change, which can be undone as one.")
    if not plan.left_alone:
        return text
    stay = _tr("Unchanged: {what}.").format(what=words.count(len(plan.left_alone)))
    return f"{text} {stay}"


def _change(change: ShownChange, words: PlanWords) -> str:
    said = []
    for name, after in change.after.items():
        before = change.before.get(name)
        if name == "metadata":
            said += _metadata_changes(before or {}, after, words.names)
        elif name != "rejection_reason":
            old, new = (_shown(name, words.values.get(str(value), value)) for value in (before, after))
            said.append(f"{audit.heading(name)}: {old} → {new}")
    return "; ".join(said)


def _metadata_changes(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    return [
        f"{names.get(key, key)}: {audit.shown(before.get(key)) or '—'} → {audit.shown(after.get(key)) or '—'}"
        for key in (*before, *(key for key in after if key not in before))
        if key not in before or key not in after or not same(before[key], after[key])
    ]


def _shown(name: str, value: object) -> str:
    if name == "status":
        return formatting.status_text(str(value))
    if name == "role" and value is not None:
        return formatting.role_name(Role(str(value)))
    return audit.shown(value) or "—"


def _tr(text: str) -> str:
    return QCoreApplication.translate("plan", text)
