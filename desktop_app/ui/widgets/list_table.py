"""The table of a tab: its columns are chosen, moved and resized, its order is asked for at the header."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from desktop_app.domain.sorting import Sort
from desktop_app.ui.models.columns import Column, RecordModel
from desktop_app.ui.models.list_layout import COMING, ListLayout, remembered, usual
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.list_header import ListHeader
from desktop_app.ui.widgets.reasoned_menu import ReasonedMenu
from desktop_app.ui.widgets.table import RecordTable

ELASTIC_LEAST = 140
"""With less room than this the elastic column stops giving way, and the table scrolls sideways."""
ELASTIC_SCROLLED = 220
"""How wide it is then: once one scrolls, there is room enough."""


class ListTable(RecordTable):
    """Sorting is the list's: ``sort_chosen`` says what is wanted, and whoever reads the pages brings it."""

    sort_chosen = Signal()

    def __init__(
        self, model: RecordModel[Any], name: str, sort: Sort[Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, name, parent)
        self._list_model = model
        self._columns = model.columns
        self._default = sort
        self._absent = ListLayout((), {})
        self._sort = sort
        self._header = ListHeader(self)
        self.setHorizontalHeader(self._header)
        self._dress_header()
        self._header.setSectionsClickable(True)
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._header.customContextMenuRequested.connect(self._on_menu)
        self._header.sectionClicked.connect(self._on_section_clicked)
        self.arrange(usual(self._columns, sort))

    @property
    def columns(self) -> Sequence[Column[Any]]:
        """All that there are, shown or not."""
        return self._columns

    @property
    def sort(self) -> Sort[Any] | None:
        """The order that is wanted; the usual one as long as that is by a column which is not there."""
        wanted = self._sort
        if isinstance(wanted, Sort) and wanted.field.startswith(COMING):
            return wanted if any(column.sort == wanted.field for column in self._columns) else self._default
        return wanted

    def set_sort(self, sort: Sort[Any]) -> None:
        """Ask for another order."""
        before, self._sort = self.sort, sort
        self._show_sort()
        if self.sort != before:
            self.sort_chosen.emit()

    @property
    def list_layout(self) -> ListLayout:
        """How it is now."""
        header, keys = self._header, [column.key for column in self._columns]
        order = [header.logicalIndex(at) for at in range(header.count())]
        widths = {
            keys[at]: header.sectionSize(at)
            for at in order
            if not header.isSectionHidden(at) and self._columns[at].width
        }
        shown = tuple(keys[at] for at in order if not header.isSectionHidden(at))
        absent = self._absent
        return ListLayout((*shown, *absent.shown), {**absent.widths, **widths}, self._sort)

    def arrange(self, wanted: ListLayout) -> None:
        """Show these columns in this order, this wide, and ask for this order of the rows."""
        header = self._header
        places = {column.key: at for at, column in enumerate(self._columns)}
        # Kept for when they come: another center's fields.
        self._absent = ListLayout(
            tuple(key for key in wanted.shown if key not in places),
            {key: width for key, width in wanted.widths.items() if key not in places},
        )
        hidden = [key for key in places if key not in wanted.shown]
        for to, key in enumerate([*(key for key in wanted.shown if key in places), *hidden]):
            header.moveSection(header.visualIndex(places[key]), to)
            header.setSectionHidden(places[key], key in hidden)
            if width := wanted.widths.get(key, self._columns[places[key]].width):
                header.resizeSection(places[key], max(width, self._columns[places[key]].least))
        self._share_room()
        self._sort = wanted.sort
        header.set_sortable([at for at, column in enumerate(self._columns) if column.sort is not None])
        self._show_sort()

    def change_columns(self, columns: Sequence[Column[Any]]) -> None:
        """Have other columns at the end, and be arranged as before; the order may be another one by that."""
        layout, before = self.list_layout, self.sort
        self._list_model.change_columns(columns)
        self._columns = self._list_model.columns
        self.arrange(layout)
        if self.sort != before:
            self.sort_chosen.emit()

    def remember(self, kept: QByteArray | None) -> None:
        """Be as it was left, without asking anybody for rows."""
        if kept is not None:
            self.arrange(remembered(bytes(kept.data()), self._columns, self._default))

    def arrange_as_usual(self) -> None:
        """Be as usual."""
        before = self.sort
        self.arrange(usual(self._columns, self._default))
        if self.sort != before:
            self.sort_chosen.emit()

    def menu(self) -> QMenu:
        """Orders and columns to choose, for the header's menu and for the button that the keyboard reaches.

        Orders and a center's fields are below entries of their own: of 200 fields the menu would leave the screen.
        """
        menu = ReasonedMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.sort is not None:
            self._add_orders(menu.addMenu(self.tr("Sort by")), self.sort)
            menu.addSeparator()
        coming = [at for at, column in enumerate(self._columns) if column.key.startswith(COMING)]
        for at in range(len(self._columns)):
            if at not in coming:
                self._add_column(menu, at)
        if coming:
            fields = menu.addMenu(self.tr("Fields of the center"))
            for at in coming:
                self._add_column(fields, at)
        menu.addSeparator()
        menu.addAction(self.tr("Reset columns")).triggered.connect(self.arrange_as_usual)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copying is the tab's: Qt would take one cell as it is, also where the laboratory lets nothing out."""
        if event.matches(QKeySequence.StandardKey.Copy):
            event.ignore()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the elastic column what is left."""
        super().resizeEvent(event)
        self._share_room()

    def _add_orders(self, menu: QMenu, sort: Sort[Any]) -> None:
        fields = QActionGroup(menu)
        for column in self._columns:
            if column.sort is not None:
                action = fields.addAction(_choice(menu, column.title, column.sort == sort.field))
                wanted = Sort(column.sort, column.newest_first)
                action.triggered.connect(lambda _on, wanted=wanted: self.set_sort(wanted))
        menu.addSeparator()
        ways = QActionGroup(menu)
        for words, descending in ((self.tr("Ascending"), False), (self.tr("Descending"), True)):
            action = ways.addAction(_choice(menu, words, sort.descending is descending))
            wanted = Sort(sort.field, descending)
            action.triggered.connect(lambda _on, wanted=wanted: self.set_sort(wanted))

    def _add_column(self, menu: QMenu, at: int) -> None:
        action = _choice(menu, self._columns[at].title, not self._header.isSectionHidden(at))
        if at == 0:
            action.setEnabled(False)
            give_tip(action, self.tr("The first column names the record, and is always shown."))
        action.toggled.connect(lambda on: self._show_column(at, on))

    def _show_column(self, at: int, on: bool) -> None:
        self._header.setSectionHidden(at, not on)
        self._share_room()

    def _show_sort(self) -> None:
        sort = self.sort
        fields = [column.sort for column in self._columns]
        at = fields.index(sort.field) if sort is not None and sort.field in fields else -1
        self._header.show_sort(at, sort is not None and sort.descending)

    def _share_room(self) -> None:
        header = self._header
        elastic = next((at for at, column in enumerate(self._columns) if not column.width), -1)
        if elastic < 0 or header.isSectionHidden(elastic):
            return
        others = sum(header.sectionSize(at) for at in range(header.count()) if at != elastic)  # hidden ones have none
        if self.viewport().width() - others >= ELASTIC_LEAST:
            header.setSectionResizeMode(elastic, QHeaderView.ResizeMode.Stretch)
        else:
            header.setSectionResizeMode(elastic, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(elastic, ELASTIC_SCROLLED)

    def _on_section_clicked(self, at: int) -> None:
        column, sort = self._columns[at], self.sort
        if column.sort is None or sort is None:
            return
        again = column.sort == sort.field
        self.set_sort(Sort(column.sort, not sort.descending if again else column.newest_first))

    def _on_menu(self, at: QPoint) -> None:
        self.menu().popup(self._header.viewport().mapToGlobal(at))


def _choice(menu: QMenu, words: str, on: bool) -> QAction:
    action = menu.addAction(words.replace("&", "&&"))
    action.setCheckable(True)
    action.setChecked(on)
    return action
