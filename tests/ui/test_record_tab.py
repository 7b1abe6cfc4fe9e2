"""A sixth tab is one class and one entry; what may be done is data; several records are chosen where that has a use."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.ui.models.columns import MOST_COMPARED, Column
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.shell import workspace as workspace_module
from desktop_app.ui.shell.tabs import Tabs
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.tabs.record_tab import Listing, RecordTab
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.widgets.actions import Action, ActionAppearance
from desktop_app.ui.widgets.detail import Detail
from desktop_app.ui.widgets.empty_state import EmptyWords
from desktop_app.ui.widgets.list_filters import ChoiceFilter
from desktop_app.ui.widgets.record_list import TABLE, WAITING
from tests.ui.conftest import MakeContext
from tests.ui.window_fixture import WindowDriver

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@dataclass(frozen=True)
class Freezer:
    """A row of the toy."""

    id: UUID
    name: str
    cold: bool = True


class FreezersTab(RecordTab[Freezer]):
    """All that a tab is: what it lists, how one is shown, and what may be done."""

    record_class = Freezer
    of_center = False
    icon = "building-2"
    rows: tuple[Freezer, ...] = tuple(Freezer(uuid4(), f"Freezer {letter}", letter != "C") for letter in "ABCDE")

    def __init__(self, context: TabContext, parent: QWidget | None = None) -> None:
        columns = [
            Column[Freezer]("Name", lambda row: row.name, 0, key="name"),
            Column[Freezer]("Kind", lambda row: "cold" if row.cold else "warm", key="kind", extra=True),
        ]
        words = ("1 freezer", "{count} freezers")
        listing = Listing("freezers", columns, words, "Search name", has_inactive=False)
        super().__init__(context, listing, parent)
        self.kind = ChoiceFilter("Kind", [("All", None), ("Cold", True)])
        self.add_filter(self.kind)
        self.done: list[tuple[str, ...]] = []
        self.new = self.add_own_action(
            Action("new", ActionAppearance("New…"), lambda _none: self.note("new"), keys=["Ctrl+N"])
        )
        self.label = self.add_action(
            Action(
                "label",
                lambda row: ActionAppearance(f"Label {row.name}", tip="Print it"),
                lambda row: self.note("label", row.name),
                lambda row: (row.cold, "It is warm."),
                keys=["Ctrl+Shift+B"],
                do_for_many=lambda rows: self.note("labels", *(row.name for row in rows)),
            )
        )
        self.thaw = self.add_action(
            Action(
                "thaw", ActionAppearance("Thaw"), lambda row: self.note("thaw", row.name), shown=lambda row: row.cold
            )
        )

    @classmethod
    def title(cls) -> str:
        return "Freezers"

    def make_detail(self, parent: QWidget) -> Detail:
        return Detail(parent)

    def note(self, *words: str) -> None:
        self.done.append(words)

    def source(self) -> Source[Freezer] | EmptyWords:
        words, kind = self.records.words, self.kind.value
        rows = [row for row in self.rows if words in row.name and kind in (None, row.cold)]
        return Source((words, kind), lambda _part: rows, again=lambda key: next(row for row in rows if row.id == key))

    def show_record(self, record: Freezer, before: Freezer | None) -> None:
        self.detail.show_record(record.name, "", [], [])


@pytest.fixture
def tab(make_context: MakeContext, qtbot: QtBot) -> FreezersTab:
    context, _said, _lab = make_context(Standing.ADMIN)
    made = FreezersTab(context)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.resize(1000, 600)
        made.show()
        made.activateWindow()
    made.set_center(None)
    made.refresh_if_stale()
    return made


def choose(tab: FreezersTab, qtbot: QtBot, first: int, last: int) -> None:
    """As the keyboard does it."""
    tab.records.table.choose_row(first)
    for _ in range(last - first):
        qtbot.keyClick(tab.records.table, Qt.Key.Key_Down, SHIFT)


def test_several_chosen_records_show_what_they_share_and_nothing_else(tab: FreezersTab, qtbot: QtBot) -> None:
    def shared() -> list[str]:
        return [each.text() for each in tab.detail.facts.findChildren(QLabel) if each.isVisible()]

    choose(tab, qtbot, 0, 1)
    assert tab.detail.title.text() == "2 freezers"
    assert shared() == ["Kind", "cold"]
    choose(tab, qtbot, 0, 2)
    assert tab.detail.title.text() == "3 freezers"
    assert shared() == []
    assert not tab.records.model.shared(tab.rows[:1] * (MOST_COMPARED + 1)), "of very many nothing is said"


class SixTabs(Tabs):
    """The one entry."""

    freezers: FreezersTab


def freezers(workspace: Workspace) -> FreezersTab:
    assert isinstance(workspace.tabs, SixTabs)
    return workspace.tabs.freezers


class TestSixthTab:
    """The shell is not touched."""

    @pytest.fixture(autouse=True)
    def six(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workspace_module, "Tabs", SixTabs)

    def test_is_in_the_bar_and_a_shortcut_away(self, driver: WindowDriver) -> None:
        workspace = driver.enter()
        assert workspace.area.bar.tabText(5) == "Freezers"
        driver.qtbot.keyClick(workspace, Qt.Key.Key_6, CONTROL)
        tab = freezers(workspace)
        assert workspace.page is tab
        driver.qtbot.waitUntil(lambda: len(tab.records.model.rows) == 5)
        driver.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_N, CONTROL)
        assert tab.done == [("new",)]

    def test_is_led_to(self, driver: WindowDriver) -> None:
        workspace, wanted = driver.enter(), FreezersTab.rows[3]
        workspace.context.go(Target(Freezer, wanted.id))
        assert workspace.page is freezers(workspace)
        assert workspace.page.records.current == wanted

    def test_is_searched_by_the_header(self, driver: WindowDriver) -> None:
        workspace = driver.enter()
        workspace.show_tab(freezers(workspace))
        workspace.header.search.setText("Freezer B")
        driver.qtbot.keyClick(workspace.header.search, Qt.Key.Key_Return)
        driver.qtbot.waitUntil(lambda: [row.name for row in workspace.page.records.model.rows] == ["Freezer B"])

    def test_remembers_its_sizes(self, driver: WindowDriver) -> None:
        workspace = driver.enter()
        workspace.show_tab(freezers(workspace))
        workspace.save_layout()
        assert workspace.context.window_state.layout("freezers") is not None


class TestActions:
    """Button, menu and shortcut are one thing."""

    def test_all_of_them_do_it(self, tab: FreezersTab, qtbot: QtBot) -> None:
        tab.records.table.choose_row(0)
        tab.label.click()
        menu = tab.record_menu()
        assert [action.text() for action in menu.actions()] == ["Label Freezer A", "Thaw"]
        menu.actions()[0].trigger()
        menu.close()
        qtbot.keyClick(tab.records.search, Qt.Key.Key_B, CONTROL | SHIFT)
        assert tab.done == 3 * [("label", "Freezer A")]

    def test_what_may_not_be_done_says_why_everywhere(self, tab: FreezersTab, qtbot: QtBot) -> None:
        tab.records.table.choose_row(2)
        assert not tab.label.isEnabled()
        assert tab.label.toolTip() == "It is warm."
        [entry] = tab.record_menu().actions()
        assert (entry.text(), entry.isEnabled(), entry.toolTip()) == ("Label Freezer C", False, "It is warm.")
        qtbot.keyClick(tab, Qt.Key.Key_B, CONTROL | SHIFT)
        assert not tab.thaw.isVisible()
        assert tab.done == []

    def test_what_is_under_way_is_not_begun_again(self, tab: FreezersTab) -> None:
        tab.records.table.choose_row(0)
        tab.action("label").set_busy(True)
        assert tab.label.is_busy
        assert not tab.record_menu().actions()[0].isEnabled()
        tab.action("label").set_busy(False)
        assert tab.label.isEnabled()

    def test_nothing_is_done_while_another_record_is_looked_for(self, tab: FreezersTab, qtbot: QtBot) -> None:
        tab.records.table.choose_row(0)
        tab.set_seeking(True)
        qtbot.keyClick(tab, Qt.Key.Key_B, CONTROL | SHIFT)
        assert not tab.record_menu().actions()[0].isEnabled()
        assert tab.done == []
        tab.set_seeking(False)
        assert tab.label.isEnabled()

    def test_nothing_chosen_is_nothing_to_be_done(self, tab: FreezersTab, qtbot: QtBot) -> None:
        assert tab.detail.is_empty
        assert tab.record_menu().actions() == []
        qtbot.keyClick(tab, Qt.Key.Key_B, CONTROL | SHIFT)
        assert tab.done == []


class TestMany:
    """Several chosen records."""

    def test_are_counted_and_offered_what_is_for_many(self, tab: FreezersTab, qtbot: QtBot) -> None:
        choose(tab, qtbot, 0, 2)
        assert tab.detail.title.text() == "3 freezers"
        assert not tab.thaw.isVisible(), "it is for one only"
        assert tab.label.isEnabled(), "two of the three may"
        tab.label.click()
        assert tab.done == [("labels", "Freezer A", "Freezer B", "Freezer C")]

    def test_become_one_again(self, tab: FreezersTab, qtbot: QtBot) -> None:
        choose(tab, qtbot, 0, 2)
        tab.records.table.choose_row(4)
        assert tab.detail.title.text() == "Freezer E"
        assert tab.thaw.isVisible()

    def test_stay_chosen_when_the_list_is_read_again(self, tab: FreezersTab, qtbot: QtBot) -> None:
        choose(tab, qtbot, 1, 3)
        tab.rows = (Freezer(uuid4(), "Freezer 0"), *FreezersTab.rows)
        tab.mark_stale()
        assert [row.name for row in tab.records.selected] == ["Freezer B", "Freezer C", "Freezer D"]
        assert tab.detail.title.text() == "3 freezers"

    def test_are_let_go_by_another_search(self, tab: FreezersTab, qtbot: QtBot) -> None:
        choose(tab, qtbot, 1, 3)
        tab.search_for("Freezer")
        tab.reload()
        assert len(tab.records.selected) <= 1

    def test_are_not_to_be_had_where_nothing_is_for_many(self, driver: WindowDriver, qtbot: QtBot) -> None:
        centers = driver.enter().tabs.centers
        centers.refresh_if_stale()
        centers.records.table.selectAll()
        assert len(centers.records.selected) <= 1


@pytest.mark.parametrize(
    ("narrow", "title"),
    [(lambda tab: tab.search_for("no such"), "Nothing found"), (lambda tab: None, "Nothing here yet")],
)
def test_an_empty_list_says_why(tab: FreezersTab, narrow: Callable[[FreezersTab], None], title: str) -> None:
    tab.rows = ()
    narrow(tab)
    tab.reload()
    assert tab.records.empty.title == title


def test_the_next_step_of_an_empty_list(tab: FreezersTab) -> None:
    tab.kind.choose(True)
    assert len(tab.records.model.rows) == 4
    tab.search_for("no such")
    tab.reload()
    tab.records.empty.acted.emit()
    assert len(tab.records.model.rows) == 5, "search and filters are taken off"
    tab.records.empty.acted.emit()
    assert tab.done == [("new",)]


class TestFocus:
    """Who goes to a tab works in its list, also where its rows take a while."""

    def read(self, tab: FreezersTab, *, done: bool) -> None:
        tab.records._stack.setCurrentIndex(TABLE if done else WAITING)

    def test_is_in_the_list_when_its_rows_come(self, tab: FreezersTab) -> None:
        self.read(tab, done=False)
        tab.take_focus()
        assert tab.records.search.hasFocus()
        self.read(tab, done=True)
        assert tab.records.table.hasFocus()

    def test_stays_where_somebody_types_meanwhile(self, tab: FreezersTab, qtbot: QtBot) -> None:
        self.read(tab, done=False)
        tab.take_focus()
        qtbot.keyClicks(tab.records.search, "F")
        self.read(tab, done=True)
        assert tab.records.search.hasFocus()

    def test_turns_no_filter_where_there_is_no_search(self, tab: FreezersTab, qtbot: QtBot) -> None:
        tab.records.search.hide()
        self.read(tab, done=False)
        tab.take_focus()
        where = QApplication.focusWidget()
        assert where is not None
        qtbot.keyClick(where, Qt.Key.Key_Down)
        assert tab.kind.value is None
        self.read(tab, done=True)
        assert tab.records.table.hasFocus()

    def test_opens_the_menu_without_a_menu_key(self, tab: FreezersTab, qtbot: QtBot) -> None:
        tab.records.table.choose_row(0)
        qtbot.keyClick(tab.records.table, Qt.Key.Key_F10, SHIFT)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert menu.actions()[0].text() == "Label Freezer A"
        menu.close()
