"""The Samples tab on services in memory."""

from typing import Any
from uuid import UUID

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Standing
from desktop_app.ui.tabs.samples import SamplesTab
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import sample

NAMES = ["Plasma", "Aorta", "Kidney", "Bone", "Zygote"]
LONG = 250
BARCODE, NAME, TYPE, CREATED, UPDATED = 0, 1, 2, 5, 6


class Bench:
    """A Samples tab that is shown."""

    def __init__(
        self, make_context: MakeContext, qtbot: QtBot, rows: list[Sample], user_id: UUID | None = None
    ) -> None:
        def fill(lab: Lab) -> None:
            lab.sample_rows = rows

        self.context, _, self.lab = make_context(Standing.USER, fill)
        if user_id is not None:
            self.lab.user = self.lab.users.rows.change(self.lab.user, id=user_id)
        self.tab = SamplesTab(self.context)
        qtbot.addWidget(self.tab)
        self.tab.resize(1200, 700)
        self.tab.show()
        self.work = Work(self.lab.istanbul, Standing.USER, self.lab)
        self.tab.set_center(as_services(self.work))
        self.tab.refresh_if_stale()
        self.records: Any = self.tab.records
        self.table = self.tab.records.table
        self.qtbot = qtbot

    @property
    def shown(self) -> Sample:
        """What the inspector shows."""
        assert self.tab._shown is not None
        return self.tab._shown

    @property
    def names(self) -> list[str]:
        return [row.name for row in self.records.model.rows]

    def click_header(self, column: int) -> None:
        header = self.table.horizontalHeader()
        at = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
        self.qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)

    def choose_in_menu(self, *words: str) -> None:
        """By the button that the keyboard reaches; each word but the last opens the menu below it."""
        self.qtbot.keyClick(self.records.columns, Qt.Key.Key_Space)
        [menu] = [each for each in self.table.findChildren(QMenu) if each.isVisible()]
        top = menu
        for word in words:
            action = next(each for each in menu.actions() if each.text() == word)
            menu.setActiveAction(action)
            self.qtbot.keyClick(menu, Qt.Key.Key_Return)
            below = action.menu()
            menu = below if isinstance(below, QMenu) else menu
        assert not top.isVisible()

    def key(self, key: Qt.Key) -> int:
        self.qtbot.keyClick(self.table, key)
        return self.table.currentIndex().row()


def made(count: int) -> list[Sample]:
    return [sample(number, **(sample_times(number) | {"name": f"S {number:04}"})) for number in range(count)]


def sample_times(number: int) -> dict[str, Any]:
    values = sample(number)
    return {"created_at": values.created_at.replace(microsecond=number)}


def short(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(make_context, qtbot, [sample(at, name=name, **sample_times(at)) for at, name in enumerate(NAMES)])


def long(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(make_context, qtbot, made(LONG))
