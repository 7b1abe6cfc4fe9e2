"""A table that is typed into as in a spreadsheet: one cell has the cursor, Enter goes down, Tab to the right."""

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPen, QPolygon
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop_app.domain.formulas import pasted_table
from desktop_app.ui.foundation import theme
from desktop_app.ui.models.cell_grid import CellGrid
from desktop_app.ui.widgets.cell_line import ENTER, TAB, CellLine
from desktop_app.ui.widgets.table import COMPACT_HEIGHT, HEADER_HEIGHT

PAD = 12
CORNER = 7
"""Pixels of the mark in the corner of a cell that something is wrong with: colour alone would not tell everybody."""
_MOVES = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
)
_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
Place = QModelIndex | QPersistentModelIndex


class CellEditing(QStyledItemDelegate):
    """Draws a cell, and edits it in a line."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Place) -> None:
        """Ground, lines, text, and the mark of a problem."""
        look, rect, model, view = theme.current(), option.rect, index.model(), option.widget
        if not isinstance(model, CellGrid):
            return
        wrong = model.problem(index.row(), index.column())
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ground = look.accent_soft if chosen else look.danger_soft if wrong else look.surface
        painter.fillRect(rect, theme.color(ground))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color(look.hairline))
        painter.fillRect(rect.right(), rect.top(), 1, rect.height(), theme.color(look.hairline))
        inner = rect.adjusted(PAD, 0, -PAD, 0)
        words = " ".join(model.text(index.row(), index.column()).splitlines())
        painter.setFont(option.font)
        painter.setPen(theme.color(look.danger if wrong else look.text))
        shown = option.fontMetrics.elidedText(words[:1_000], Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        if wrong:
            self._mark(painter, rect, look)
        if isinstance(view, QTableView) and view.currentIndex() == index:
            painter.setPen(QPen(theme.color(look.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -2, -2))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Place) -> QWidget:
        """A line as high as the cell."""
        del option
        model, view = index.model(), self.parent()
        line = CellLine(model.offers.get(index.column(), ()) if isinstance(model, CellGrid) else (), parent)
        line.setAccessibleName(str(model.headerData(index.column(), Qt.Orientation.Horizontal)))
        if isinstance(view, CellTable):
            line.left.connect(lambda event: view.leave_line(line, event))
        return line

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The line knows what ends it; what Qt does with Enter and Tab in cells is something else."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in (*ENTER, *TAB):
            return False
        return super().eventFilter(watched, event)

    @staticmethod
    def _mark(painter: QPainter, rect: QRect, look: theme.Theme) -> None:
        right, top = rect.right(), rect.top()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(look.danger))
        corner = QPolygon()
        for x, y in ((right - CORNER, top), (right, top), (right, top + CORNER)):
            corner.append(QRect(x, y, 1, 1).topLeft())
        painter.drawPolygon(corner)


class CellTable(QTableView):
    """``pasted`` brings the clipboard's text, ``accepted`` comes with Ctrl+Enter."""

    pasted = Signal(str)
    accepted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run_began = -1
        """The column in which somebody began to go on by Tab; -1 where nobody did."""
        self._grid = CellGrid((), self)
        self.setAccessibleName(name)
        self.setProperty("framed", "true")
        self.setItemDelegate(CellEditing(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.horizontalHeader().setFixedHeight(HEADER_HEIGHT)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(64)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(COMPACT_HEIGHT)
        rows.setDefaultSectionSize(COMPACT_HEIGHT)
        rows.setHighlightSections(False)
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def show_grid(self, grid: CellGrid) -> None:
        """Type into this one from now on."""
        self._grid = grid
        self.setModel(grid)
        # For each heading that it draws Qt would ask the flags of all chosen rows: a second where 50,000 are pasted.
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(grid, self))
        self.go_to(0, 0)

    def go_to(self, row: int, column: int) -> None:
        """Put the cursor there, and bring it into sight."""
        self._grid.grow(row + 1)
        index = self._grid.index(row, column)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._run_began = column
        self.scrollTo(index)

    def choose(self, top: int, left: int, bottom: int, right: int) -> None:
        """Choose a rectangle of cells; the cursor is in its first."""
        self.go_to(top, left)
        rectangle = QItemSelection(self._grid.index(top, left), self._grid.index(bottom, right))
        self.selectionModel().select(rectangle, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def finish_editing(self) -> None:
        """Take what is being typed into a cell."""
        for line in self.viewport().findChildren(CellLine):
            if line.isVisible():  # and not one that is closed and only not gone yet
                self.leave_line(line)

    def leave_line(self, line: CellLine, event: QKeyEvent | None = None) -> None:
        """Take what was typed there, and do what the key does."""
        self.commitData(line)
        self.closeEditor(line, QAbstractItemDelegate.EndEditHint.NoHint)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if event is not None:
            self.take_key(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Wherever the mouse goes, a run of Tabs is over."""
        self._run_began = -1
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What a spreadsheet does with keys; everything else as Qt has it, such as arrows and typing."""
        if not self.take_key(event):
            super().keyPressEvent(event)

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether the key means something here, and then it is done."""
        key, control = event.key(), bool(event.modifiers() & _CONTROL)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Cut):
            self.copy()
            self._empty()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit(QGuiApplication.clipboard().text())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not control:
            self._empty()
        elif key in ENTER and control:
            self.accepted.emit()
        elif key in ENTER:
            self._go_down(-1 if event.modifiers() & _SHIFT else 1)
        elif key in TAB and control:
            # Tab alone goes to the next cell, so that another key must lead out.
            QWidget.focusNextPrevChild(self, key == Qt.Key.Key_Tab and not event.modifiers() & _SHIFT)
        elif key in TAB:
            self._go_aside(1 if key == Qt.Key.Key_Tab else -1)
        else:
            if key in _MOVES:
                self._run_began = -1
            return False
        event.accept()
        return True

    def copy(self) -> None:
        """The chosen cells onto the clipboard, as spreadsheets paste them."""
        chosen = self.selectionModel().selection()
        if not chosen.isEmpty():
            box = chosen.at(0)
            cells = self._grid.block(box.top(), box.left(), box.bottom(), box.right())
            QGuiApplication.clipboard().setText(pasted_table(cells))

    def _empty(self) -> None:
        chosen = self.selectionModel().selection()
        for box in (chosen.at(at) for at in range(chosen.count())):
            rows, columns = range(box.top(), box.bottom() + 1), range(box.left(), box.right() + 1)
            self._grid.empty((row, column) for row in rows for column in columns)

    def _go_down(self, step: int) -> None:
        """To the next row, and back to the column in which a run of Tabs began."""
        at = self.currentIndex()
        column = at.column() if self._run_began < 0 else self._run_began
        self.go_to(max(0, at.row() + step), column)

    def _go_aside(self, step: int) -> None:
        """To the cell beside it; from the last one to the next row's first."""
        at, width, began = self.currentIndex(), len(self._grid.headings), self._run_began
        began = at.column() if began < 0 else began
        row, column = divmod(at.row() * width + at.column() + step, width)
        if row >= 0:
            self.go_to(row, column)
            self._run_began = began if row == at.row() else 0
