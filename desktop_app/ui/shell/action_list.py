"""Every action of the window in one list, which menu bar, palette and sheet of shortcuts are made of.

Nobody enters anything here: an action is known by the widget that it belongs to (a tab, the header, the workspace, the
window), and this list asks those. Another action is another ``add_action`` in its tab, or another one of the workspace.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from desktop_app.ui.shell.tabs import TabArea
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.widgets.actions import Allowed, LiveAction, Menu


@dataclass(frozen=True)
class Offer:
    """One action as it is offered away from its tab: in the menu bar, in the palette, in the sheet of shortcuts."""

    live: LiveAction[Any]
    menu: Menu
    area: TabArea
    tab: str = ""
    """The name of the tab that it belongs to; empty where it belongs to the whole window."""

    @property
    def id(self) -> str:
        """Its name, unlike every other's."""
        return f"{self.tab or 'window'}.{self.live.action.name}"

    @property
    def words(self) -> str:
        """What it does."""
        return self.live.words

    @property
    def place(self) -> str:
        """The title of its tab."""
        return self.area.tabs.kinds[self.tab].title() if self.tab else ""

    @property
    def keys(self) -> tuple[QKeySequence, ...]:
        """Its shortcuts."""
        return tuple(self.live.shortcuts())

    @property
    def standing(self) -> Allowed:
        """Whether it may be done now, and if not, why.

        What needs a record is done in the tab where that record is seen, and nowhere else.
        """
        if self.live.needs_record and not self.is_in_front:
            text = QCoreApplication.translate("ActionList", "Choose a record in {tab} first.")
            return False, text.format(tab=self.place)
        return self.live.standing

    def run(self) -> None:
        """Do it; its tab comes to the front, so that one sees what happens."""
        if not self.standing[0]:
            return
        if self.tab and not self.is_in_front:
            self.area.show(getattr(self.area.tabs, self.tab))
        self.live.trigger()

    @property
    def is_in_front(self) -> bool:
        """Whether one looks at its tab."""
        return not self.tab or self.area.front_name == self.tab


class ActionList:
    """Asks the widgets for their actions whenever it is asked."""

    def __init__(self, area: TabArea, *shared: QWidget) -> None:
        """*shared*: whoever has actions for the whole window, in the order in which they stand in the menus."""
        self._area = area
        self._shared = list(shared)

    def add(self, owner: QWidget) -> None:
        """Somebody else has actions for the whole window."""
        self._shared.append(owner)

    def __iter__(self) -> Iterator[Offer]:
        """All of them; tabs that are not there yet are made."""
        for name in self._area.tabs.kinds:
            yield from self.of_tab(name)
        for owner in self._shared:
            for live in owner.actions():
                if isinstance(live, LiveAction):
                    yield Offer(live, live.action.menu or Menu.FILE, self._area)

    def of_tab(self, name: str) -> Iterator[Offer]:
        """What one tab offers."""
        tab: RecordTab[Any] = getattr(self._area.tabs, name)
        for live in tab.actions():
            if isinstance(live, LiveAction):
                yield Offer(live, live.action.menu or tab.menu or Menu.FILE, self._area, name)
