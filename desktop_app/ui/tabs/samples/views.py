"""What narrows the list of samples besides its choices: pasted barcodes, person and time; and kept views of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QLineEdit, QMenu

from desktop_app.domain.field_filters import search_text
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.records import Person
from desktop_app.domain.rights import Verb
from desktop_app.domain.saved_views import LONGEST_NAME, SavedView, ViewContent
from desktop_app.domain.text_rules import line_problem
from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.list_layout import ListLayout
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice, sentence
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.text.typed_dates import date_time_of, typed_date_time
from desktop_app.ui.widgets.actions import YES, Action, ActionAppearance, Allowed
from desktop_app.ui.widgets.buttons import naming
from desktop_app.ui.widgets.field import ChoiceBox, Field
from desktop_app.ui.widgets.list_filters import ChipFilter
from desktop_app.ui.widgets.reasoned_menu import ReasonedMenu

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.ui.tabs.record_tab import RecordTab

NAMED = 10
"""So many unknown barcodes are named in one sentence."""


@dataclass(frozen=True)
class Narrowing:
    """Whose samples, and when they were made."""

    user_id: UUID | None = None
    name: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def words(self) -> str:
        """The same for a chip."""
        parts = [self.name]
        if self.since is not None:
            parts.append(_tr("since {when}").format(when=formatting.short_date(self.since)))
        if self.until is not None:
            parts.append(_tr("before {when}").format(when=formatting.short_date(self.until)))
        return ", ".join(filter(None, parts))


class SampleViews(QObject):
    """Hangs on the tab of samples, which asks it what its list is narrowed to."""

    wanted = Signal(object)
    """The filter of a view that is to be shown: the tab puts into its own choices what is theirs."""

    def __init__(self, tab: "RecordTab[Any]") -> None:
        super().__init__(tab)
        self._tab = tab
        self._filter = SampleFilter()
        self.barcodes = ChipFilter(_tr("Show all barcodes again"))
        self.narrowing = ChipFilter(_tr("Show those of everybody, whenever they were created"))
        for chip in (self.barcodes, self.narrowing):
            tab.add_filter(chip)
        narrow = ActionAppearance(_tr("N&arrow…"), "settings-2", tip=_tr("Only one person's, or of some days"))
        views = ActionAppearance(_tr("&Views"), "eye", tip=_tr("Filter, order and columns that were kept"))
        self.narrow = tab.add_own_action(
            Action("narrow", narrow, lambda _none: self._on_narrow(), lambda _none: self._in_center())
        )
        self.show_menu = tab.add_own_action(
            Action("views", views, lambda _none: self._on_views(), lambda _none: self._in_center())
        )
        tab.records.search.installEventFilter(self)

    @property
    def filter(self) -> SampleFilter:
        """What the list shows, by all of its choices."""
        return self._filter

    def applied(self, wanted: SampleFilter) -> SampleFilter:
        """The tab's filter, narrowed further; that is what a view keeps."""
        chosen: Narrowing = self.narrowing.value or Narrowing()
        self._filter = replace(
            wanted,
            barcodes=self.barcodes.value or (),
            user_id=chosen.user_id,
            since=chosen.since,
            until=chosen.until,
        )
        return self._filter

    def forget(self) -> None:
        """Another center is open: people and barcodes were the other one's."""
        self.barcodes.take_off()
        self.narrowing.take_off()

    def show_barcodes(self, pasted: Sequence[str]) -> None:
        """Exactly these, and name those that no sample has."""
        work, barcodes = self._tab.work, tuple(dict.fromkeys(pasted))
        if work is None or not barcodes:
            return
        self._put_barcodes(barcodes)
        self._tab.reload()
        self._tab.context.jobs.read(
            self, "unknown", lambda: work.samples.unknown(barcodes), lambda found: self._on_unknown(barcodes, found)
        )

    def show_view(self, view: SavedView) -> None:
        """Filter, order and columns as they were kept."""
        try:
            content = view.content
        except InvalidInputError as error:
            self._tab.context.messages.notice(Notice(sentence(error), Tone.WARNING))
            return
        kept = content.filter
        self._tab.take_filters_off()
        if kept.barcodes:
            self._put_barcodes(kept.barcodes)
        chosen = Narrowing(kept.user_id, "", kept.since, kept.until)
        if chosen != Narrowing():
            self._put_narrowing(chosen)
        table = self._tab.records.table
        layout = table.list_layout
        known = tuple(each for each in content.columns if each in {column.key for column in table.columns})
        table.arrange(ListLayout(known or layout.shown, layout.widths, content.sort))
        self._tab.records.search_for(search_text(kept.search, kept.conditions))
        self.wanted.emit(kept)
        self._tab.reload()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Several lines that are pasted into the search are barcodes, and not one long word."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            pasted = QGuiApplication.clipboard().text() if event.matches(QKeySequence.StandardKey.Paste) else ""
            lines = [line.split("\t")[0].strip() for line in pasted.splitlines()]
            if len(lines := [line for line in lines if line]) > 1:
                self.show_barcodes(lines)
                return True
        return super().eventFilter(watched, event)

    def _in_center(self) -> Allowed:
        return YES if self._tab.work is not None else (False, _tr("No center is open."))

    def _put_barcodes(self, barcodes: tuple[str, ...]) -> None:
        number = formatting.number(len(barcodes))
        words = barcodes[0] if len(barcodes) == 1 else _tr("{count} barcodes").format(count=number)
        self.barcodes.put_value(barcodes, words)

    def _put_narrowing(self, chosen: Narrowing) -> None:
        self.narrowing.put_value(chosen, chosen.words or _tr("One person's"))

    def _on_unknown(self, barcodes: Sequence[str], unknown: Sequence[str]) -> None:
        if unknown and self.barcodes.value == barcodes:
            text = _tr("{count} of {all} barcodes are no sample's: {names}").format(
                count=formatting.number(len(unknown)),
                all=formatting.number(len(barcodes)),
                names=", ".join(unknown[:NAMED]) + ("…" if len(unknown) > NAMED else ""),
            )
            self._tab.context.messages.notice(Notice(text, Tone.WARNING))

    def _on_narrow(self) -> None:
        if self._tab.work is not None:
            dialog = NarrowDialog(self._tab, self._tab.work, self.narrowing.value or Narrowing())
            dialog.saved.connect(self._on_narrowed)
            dialog.open()

    def _on_narrowed(self, chosen: Narrowing) -> None:
        if chosen == Narrowing():
            self.narrowing.take_off()
        else:
            self._put_narrowing(chosen)
        self._tab.reload()

    def _on_views(self) -> None:
        work = self._tab.work
        if work is not None:
            self._tab.context.jobs.read(self, "views", lambda: work.views.list(), self._open_menu)

    def _open_menu(self, views: tuple[SavedView, ...]) -> None:
        self._tab.open_menu(self.menu(views))

    def menu(self, views: tuple[SavedView, ...]) -> QMenu:
        """The views, and what may be done with them."""
        menu = ReasonedMenu(self._tab)
        for view in views:
            words = _tr("{name} (shared)").format(name=view.name) if view.is_shared else view.name
            menu.addAction(_escaped(words)).triggered.connect(lambda _on=False, view=view: self.show_view(view))
        menu.addSeparator()
        menu.addAction(_tr("Keep what is shown…")).triggered.connect(lambda _on=False: self.keep(None))
        may_share = self._tab.work is not None and self._tab.work.may(Verb.EDIT_SAMPLES)
        mine = [view for view in views if (may_share if view.is_shared else view.is_own)]
        for title, act in ((_tr("Rename or replace"), self.keep), (_tr("Delete"), self._on_delete)):
            further = menu.add_below(title)
            further.setEnabled(bool(mine))
            if not mine:
                give_tip(further.menuAction(), _tr("No view is kept yet that you may change."))
            for view in mine:
                action = further.addAction(_escaped(view.name))
                action.triggered.connect(lambda _on=False, view=view, act=act: act(view))
        return menu

    def keep(self, view: SavedView | None) -> None:
        """Keep what is shown, in the place of a view or as a new one."""
        work = self._tab.work
        if work is None:
            return
        records = self._tab.records
        shown = ViewContent(self._filter, records.sort, records.table.list_layout.shown)
        dialog = ViewDialog(self._tab, work, shown, view)
        dialog.saved.connect(
            lambda saved: self._tab.context.messages.say(_tr("The view {name} is kept.").format(name=saved.name))
        )
        dialog.open()

    def _on_delete(self, view: SavedView) -> None:
        work = self._tab.work
        if work is None:
            return
        question = Question(
            _tr("Delete the view {name}?").format(name=view.name),
            _tr("Its samples stay."),
            naming(_tr("Delete view {name}"), view.name),
            danger=True,
        )
        said = _tr("The view {name} is deleted.").format(name=view.name)
        ask(
            self._tab,
            question,
            lambda: self._tab.context.jobs.write(
                self._tab, lambda: work.views.delete(view.id), lambda _none: self._tab.context.messages.say(said)
            ),
        )


class NarrowDialog(FormDialog):
    """Whose samples, and of which days; ``saved`` brings a Narrowing."""

    def __init__(self, tab: "RecordTab[Any]", work: "CenterServices", now: Narrowing) -> None:
        super().__init__(tab.context.jobs, FormText(_tr("Narrow the list"), _tr("Show"), width=460), tab)
        self._discarding = True  # nothing is lost with a filter that was not put on
        self._now = now
        self._person = Field("person", _tr("&Responsible"), ChoiceBox([(_tr("Anybody"), None)]))
        self._since = Field("since", _tr("Created &from"), QLineEdit(), _tr("Such as 2026-11-21 or 2026-11-21 09:30."))
        self._until = Field("until", _tr("&To"), QLineEdit(), _tr("A day counts to its end."))
        self._since.set_value(typed_date_time(now.since))
        self._until.set_value(typed_date_time(now.until))
        self.set_form([[self._person], [self._since, self._until]], self.problems, self._collect_work)
        tab.context.jobs.read(
            self, "people", lambda: work.people.list(include_former=True), self._on_people, self._on_unread
        )

    def problems(self) -> dict[str, str]:
        """Dates that are none."""
        return {
            each.name: _tr("This is not a date and time, such as 2026-11-21 09:30.")
            for each in (self._since, self._until)
            if str(each.value).strip() and date_time_of(str(each.value)) is None
        }

    def _on_people(self, people: tuple[Person, ...]) -> None:
        box = self._person.editor
        if isinstance(box, ChoiceBox):
            box.offer((each.display_name, each.id) for each in people)
            self._person.set_value(self._now.user_id)

    def _on_unread(self, error: LabkeepError) -> None:
        self._on_failed(error)

    def _collect_work(self) -> Work:
        box = self._person.editor
        name = box.currentText() if isinstance(box, ChoiceBox) and self._person.value is not None else ""
        typed = str(self._until.value)
        until = date_time_of(typed)
        if until is not None and ":" not in typed:
            until += timedelta(days=1)
        chosen = Narrowing(self._person.value, name, date_time_of(str(self._since.value)), until)
        return lambda: chosen


class ViewDialog(FormDialog):
    """The name of a view, and whether it is for the center."""

    def __init__(
        self, tab: "RecordTab[Any]", work: "CenterServices", content: ViewContent, view: SavedView | None
    ) -> None:
        text = FormText(_tr("Keep a view"), _tr("Keep view"), _tr("Filter, order and columns as they are now."), 440)
        super().__init__(tab.context.jobs, text, tab)
        self._work, self._content, self._view = work, content, view
        self._name = Field("name", _tr("&Name"), QLineEdit())
        self._shared = Field(
            "is_shared", _tr("For &everybody in the center"), QCheckBox(), _tr("Else nobody but you sees it.")
        )
        if view is not None:
            self._name.set_value(view.name)
            self._shared.set_value(view.is_shared)
        self._shared.editor.setEnabled(work.may(Verb.EDIT_SAMPLES))
        self.set_form([[self._name], [self._shared]], self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """A name is needed."""
        problem = line_problem(str(self._name.value).strip(), longest=LONGEST_NAME, required=True)
        return {"name": problem} if problem else {}

    def _collect_work(self) -> Work:
        views, name, is_shared = self._work.views, str(self._name.value), bool(self._shared.value)
        content, view_id = self._content, None if self._view is None else self._view.id
        return lambda: views.save(name, content, is_shared=is_shared, view_id=view_id)


def _escaped(words: str) -> str:
    """A name in a menu: no letter of it is underlined."""
    return words.replace("&", "&&")


def _tr(text: str) -> str:
    return QCoreApplication.translate("sample_views", text)
