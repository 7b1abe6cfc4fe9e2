"""A tab of records: the list at the left, the chosen record at the right."""

from typing import Any

from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QMenu, QSplitter, QWidget

from desktop_app.domain.rights import Verb
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.tabs.tab_page import TabPage
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import share_tip
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.detail import Detail
from desktop_app.ui.widgets.record_list import RecordList
from desktop_app.ui.widgets.styling import column


class RecordTab(TabPage):
    """A list at the left and the chosen record at the right, about 2:1."""

    def __init__(
        self,
        context: TabContext,
        name: str,
        face: tuple[str, str],
        records: "RecordList[Any]",
        detail: Detail,
        below: QWidget | None = None,
    ) -> None:
        """*face* is the tab's icon and title."""
        super().__init__(context)
        self.icon, self.title = face
        self._below = below
        self._side = QSplitter(Qt.Orientation.Vertical)
        self._memory_name = name
        self.records = records
        # Each person's own, because bench computers are shared.
        self._columns_name = f"{name}_columns_{context.lab.user.id.hex}"
        records.table.remember(context.memory.layout(self._columns_name))
        self.detail = detail
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._arrange()
        records.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        records.table.customContextMenuRequested.connect(self._on_menu)

    def search_for(self, text: str) -> bool:
        """Put the text into the list's search."""
        self.records.search_for(text)
        return True

    def save_layout(self) -> None:
        """Remember the splitter, the columns and the order."""
        self.context.memory.keep_layout(self._memory_name, self._splitter.saveState())
        self.context.memory.keep_layout(self._columns_name, QByteArray(self.records.table.arrangement.to_bytes()))
        if self._below is not None:
            self.context.memory.keep_layout(f"{self._memory_name}_side", self._side.saveState())

    def _may(self, verb: Verb) -> tuple[bool, str]:
        """Whether the person may do this in the open center, and if not, why."""
        if self.work is None:
            return False, self.tr("No center is open.")
        return self.work.may(verb), formatting.why_not(self.work.standing, verb)

    def _say_no_center(self) -> None:
        """The list is empty because no center is open: say what can be done about it."""
        if self.context.lab.user.is_system_administrator:
            step = self.tr("Choose a center in the header.")
        else:
            step = self.tr("A system administrator can restore your center, or move you to another one.")
        self.records.empty.set("building-2", self.tr("No center is open"), step)
        self.records.show_empty()

    def record_menu(self) -> QMenu:
        """The detail's buttons as a menu, for the mouse's other button and the menu key."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in self.detail.buttons:
            if not button.isHidden():
                action = menu.addAction(button.icon(), button.words)
                action.setEnabled(button.isEnabled())
                share_tip(action, button)
                action.triggered.connect(button.click)
        menu.setToolTipsVisible(True)
        return menu

    def _on_menu(self, at: QPoint) -> None:
        if not self.detail.is_empty:
            self.record_menu().popup(self.records.table.viewport().mapToGlobal(at))

    def _right(self) -> QWidget:
        if self._below is None:
            return self.detail
        self._side.addWidget(self.detail)
        self._side.addWidget(self._below)
        self._side.setChildrenCollapsible(False)
        self._side.setHandleWidth(8)
        self._side.setSizes([300, 300])
        # What is known of a record comes first; the preview takes the room that is left.
        self._side.setStretchFactor(0, 0)
        self._side.setStretchFactor(1, 1)
        if (state := self.context.memory.layout(f"{self._memory_name}_side")) is not None:
            self._side.restoreState(state)
        return self._side

    def _arrange(self) -> None:
        card = Card()
        card.body.addWidget(self.records)
        self._splitter.addWidget(card)
        right = self._right()
        self._splitter.addWidget(right)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(8)
        self._splitter.setStretchFactor(0, 2)
        self._splitter.setStretchFactor(1, 1)
        card.setMinimumWidth(420)
        right.setMinimumWidth(320)
        self._splitter.setSizes([820, 410])
        if (state := self.context.memory.layout(self._memory_name)) is not None:
            self._splitter.restoreState(state)
        layout = column(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.addWidget(self._splitter)
