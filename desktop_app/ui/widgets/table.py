"""The look of every table: rows of 34 or 28 px, hairlines, whole rows chosen, pills and icons drawn by one delegate."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop_app.ui.foundation import icons, theme
from desktop_app.ui.models.columns import Cell, RecordModel
from desktop_app.ui.widgets.pill import paint_pill

ROW_HEIGHT, COMPACT_HEIGHT = 34, 28
HEADER_HEIGHT = 32
PAD = 12
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CellPainter(QStyledItemDelegate):
    """Draws a cell: ground, hairline, icon or pill, text shortened at its end; focus is seen on the whole row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One row's height."""
        return QSize(super().sizeHint(option, index).width(), ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        self.paint_cell(painter, Brushes.of(option), option.rect, index, chosen=chosen)

    def paint_cell(
        self,
        painter: QPainter,
        brushes: "Brushes",
        rect: QRect,
        index: QModelIndex | QPersistentModelIndex,
        *,
        chosen: bool,
    ) -> None:
        """Draw one of many."""
        # Few calls of Qt: beside a busy worker each of them waits for the interpreter (see application.SWITCH_SECONDS).
        look, model = brushes.look, index.model()
        left, top, width, height = rect.x(), rect.y(), rect.width(), rect.height()
        tinted = isinstance(model, RecordModel) and index.row() in model.tinted
        ground = look.accent_soft if chosen else look.info_soft if tinted else look.surface
        painter.fillRect(left, top, width, height - 1, theme.color(ground))
        painter.fillRect(left, top + height - 1, width, 1, theme.color(look.hairline))
        if chosen and brushes.is_focused and index.column() == 0:
            painter.fillRect(left, top, 3, height, theme.color(look.accent))
        cell = model.cell(index) if isinstance(model, RecordModel) else None
        if cell is not None:
            self._draw(painter, QRect(left + PAD, top, width - 2 * PAD, height), brushes, cell)

    def _draw(self, painter: QPainter, inner: QRect, brushes: "Brushes", cell: Cell) -> None:
        if cell.badge is not None:
            paint_pill(painter, inner, cell.badge, brushes.font)
        elif cell.progress is not None:
            self._bar(painter, inner, cell.progress, brushes.look)
        elif cell.checked is not None:
            box = QRectF(inner.left(), inner.center().y() - 7, 16, 16)
            self._box(painter, box, brushes.look, ticked=cell.checked)
            self._words(painter, inner.adjusted(26, 0, 0, 0), brushes, cell)
        else:
            self._words(painter, inner, brushes, cell)

    @staticmethod
    def _box(painter: QPainter, box: QRectF, look: theme.Theme, *, ticked: bool) -> None:
        """As the style sheet draws those of forms."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(look.accent if ticked else look.muted), 1))
        painter.setBrush(theme.color(look.accent if ticked else look.surface))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if ticked:
            painter.setPen(QPen(theme.color(look.on_accent), 2, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
            corner = box.topLeft()
            painter.drawPolyline([corner + QPointF(x, y) for x, y in ((4, 8.5), (7, 11.5), (12, 5))])
        painter.restore()

    @staticmethod
    def _bar(painter: QPainter, inner: QRect, part: float, look: theme.Theme) -> None:
        bar = QRectF(inner.left(), inner.center().y() - 2, inner.width(), 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(look.neutral_soft))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(theme.color(look.accent))
        bar.setWidth(max(6.0, bar.width() * min(1.0, part)))
        painter.drawRoundedRect(bar, 3, 3)
        painter.restore()

    @staticmethod
    def _words(painter: QPainter, inner: QRect, brushes: "Brushes", cell: Cell) -> None:
        look = brushes.look
        if cell.icon:
            ratio = painter.device().devicePixelRatio()
            mark = icons.pixmap(cell.icon, theme.color(look.muted), 16, ratio)
            painter.drawPixmap(inner.left(), inner.center().y() - 7, mark)
            inner = inner.adjusted(24, 0, 0, 0)
        if cell.dot is not None:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(cell.dot)
            painter.drawEllipse(QRectF(inner.left(), inner.center().y() - 4, 10, 10))
            painter.restore()
            inner = inner.adjusted(20, 0, 0, 0)
        if cell.mark is not None:
            name, tint = cell.mark
            sign = icons.pixmap(name, theme.color(getattr(look, tint)), 16, painter.device().devicePixelRatio())
            painter.drawPixmap(inner.right() - 16, inner.center().y() - 7, sign)
            inner = inner.adjusted(0, 0, -24, 0)
        text = cell.text.replace("\n", " ")
        if not text:
            return
        painter.setFont(brushes.font)
        painter.setPen(theme.color(look.muted if cell.muted else look.text))
        shown = brushes.metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, _RIGHT if cell.right else _LEFT, shown)


@dataclass(frozen=True)
class Brushes:
    """What all cells of a table are drawn with, asked for once for all of them."""

    look: theme.Theme
    font: QFont
    metrics: QFontMetrics
    is_focused: bool

    @staticmethod
    def of(option: QStyleOptionViewItem) -> "Brushes":
        """As the view has them."""
        view = option.widget
        focused = isinstance(view, QWidget) and view.hasFocus()
        return Brushes(theme.current(), option.font, option.fontMetrics, focused)


class RecordTable(QTableView):
    """A table of records; a double click opens the one that is chosen, Enter goes to what is known of it."""

    opened = Signal()
    entered = Signal()
    looked_at = Signal()
    """Space: what is chosen is to be seen large."""
    end_asked = Signal()
    """The last row is wanted, also where it is not known yet."""

    def __init__(self, model: RecordModel[Any], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._left_at = -1
        self.setModel(model)
        self.setAccessibleName(name)
        self._cells = CellPainter(self)
        self.setItemDelegate(self._cells)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(COMPACT_HEIGHT)
        self.set_compact(compact=False)
        self._dress_header()
        self.doubleClicked.connect(lambda _index: self.opened.emit())

    @property
    def row_height(self) -> int:
        """How high each row is now."""
        return self.verticalHeader().defaultSectionSize()

    def set_compact(self, *, compact: bool) -> None:
        """Low rows, of which more are in sight, or usual ones."""
        self.verticalHeader().setDefaultSectionSize(COMPACT_HEIGHT if compact else ROW_HEIGHT)

    def rowsAboutToBeRemoved(  # noqa: N802 - Qt's name
        self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int
    ) -> None:
        """Qt would choose the next row: nobody has, and its document would be opened, which is on record."""
        if start <= self.currentIndex().row() <= end:
            self._left_at = start
            self.selectionModel().setCurrentIndex(QModelIndex(), QItemSelectionModel.SelectionFlag.Clear)
        super().rowsAboutToBeRemoved(parent, start, end)

    def moveCursor(  # noqa: N802 - Qt's name
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Where the arrow keys lead to; after what was chosen is gone, to what stands there now."""
        left, self._left_at = self._left_at, -1
        steps = QAbstractItemView.CursorAction.MoveDown, QAbstractItemView.CursorAction.MoveUp
        if left >= 0 and action in steps and not self.currentIndex().isValid():
            return self._model.index(min(left, self._model.rowCount() - 1), 0)
        return super().moveCursor(action, modifiers)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt would choose the first row: who comes by has chosen nothing yet."""
        QAbstractScrollArea.focusInEvent(self, event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All cells within one call of Qt: beside busy workers, each of a hundred would wait for the interpreter."""
        with QPainter(self.viewport()) as painter:
            self._paint_rows(painter, event.rect())

    def _paint_rows(self, painter: QPainter, shown: QRect) -> None:
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        height, brushes = self.row_height, Brushes.of(option)
        columns, selection = self._columns_in(shown), self.selectionModel()
        row, count = self.rowAt(shown.top()), self._model.rowCount() if columns else 0
        while 0 <= row < count and (top := self.rowViewportPosition(row)) <= shown.bottom():
            chosen = selection.isRowSelected(row)
            for column, left, width in columns:
                rect, at = QRect(left, top, width, height), self._model.index(row, column)
                self._cells.paint_cell(painter, brushes, rect, at, chosen=chosen)
            row += 1

    def _columns_in(self, shown: QRect) -> list[tuple[int, int, int]]:
        """Column, left and width of those that lie in *shown*."""
        header = self.horizontalHeader()
        columns = [(at, header.sectionViewportPosition(at), header.sectionSize(at)) for at in range(header.count())]
        return [each for each in columns if each[2] and each[1] <= shown.right() and each[1] + each[2] > shown.left()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter enters; Home and End go to the first row and to the last one, however many there are."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.currentIndex().isValid():
                self.entered.emit()
            case Qt.Key.Key_Space if self.currentIndex().isValid():
                self.looked_at.emit()
            case Qt.Key.Key_F10 if event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
                # The menu key of keyboards that have none; Qt knows it on Windows only.
                row = self.visualRect(self.currentIndex())
                self.customContextMenuRequested.emit(row.bottomLeft() + QPoint(PAD, 0))
            case Qt.Key.Key_Home:
                self.choose_row(0)
            case Qt.Key.Key_End:
                self.choose_row(self._model.rowCount() - 1)
                self.end_asked.emit()
            case _:
                super().keyPressEvent(event)

    @property
    def may_choose_many(self) -> bool:
        """Whether several rows may be chosen at once."""
        return self.selectionMode() is not QAbstractItemView.SelectionMode.SingleSelection

    @property
    def chosen_rows(self) -> tuple[int, ...]:
        """The chosen rows from top to bottom, read or not; Qt's ``selectedRows`` asks the model of each of them."""
        chosen = self.selectionModel().selection()
        ranges = [each for each in map(chosen.at, range(chosen.count())) if each.isValid()]
        return tuple(sorted({row for each in ranges for row in range(each.top(), each.bottom() + 1)}))

    def record_at(self, place: QPoint) -> Any:
        """The record whose row lies at this place of the viewport, or None."""
        return self._model.record(self.indexAt(place))

    def choose_row(self, row: int, *, bring: bool = True) -> None:
        """Choose a row and *bring* it into sight."""
        if 0 <= row < self._model.rowCount():
            # Not by selectRow, which looks at the keys that are held and may only widen the selection.
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self._model.index(row, 0), how)
            if bring:
                self.scrollTo(self._model.index(row, 0))

    def _dress_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(64)
        header.setFixedHeight(HEADER_HEIGHT)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        for at, column in enumerate(self._model.columns):
            if column.width:
                header.resizeSection(at, column.width)
            else:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
