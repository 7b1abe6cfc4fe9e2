"""The center switcher: which center is open, in its colour, and the way to another one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QListView, QWidget

from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.records import Center
from desktop_app.ui.foundation import icons, theme
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.models.paged import PagedTable
from desktop_app.ui.models.pinned_centers import PinnedCenters
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.drop_button import DropButton
from desktop_app.ui.widgets.record_list import TYPING_PAUSE_MS
from desktop_app.ui.widgets.search_field import search_field
from desktop_app.ui.widgets.styling import column, muted
from desktop_app.ui.widgets.table import ROW_HEIGHT, CellPainter
from desktop_app.ui.widgets.visible_rows import VisibleRows

if TYPE_CHECKING:
    from desktop_app.services.records.centers import Centers


LEAST_ROWS = 3
PIN_WIDTH = 36
"""So many pixels at the right end of a row are its pin's."""


def _color(center: Center) -> QColor:
    return theme.center_color(center.id)


def color_dot(color: QColor, size: int = 16) -> QIcon:
    """A round mark in a center's colour."""
    pixmap = QPixmap(size * 2, size * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(3, 3, size - 6, size - 6)
    return QIcon(pixmap)


class CenterPopup(QFrame):
    """A searchable list of centers under the switcher, from A to Z; those that are pinned stand first."""

    chosen = Signal(object)
    """A Center."""
    fixed_chosen = Signal(object)
    """The value of an entry above the list."""

    def __init__(
        self,
        jobs: Jobs,
        centers: "Centers",
        parent: QWidget,
        fixed: Sequence[tuple[str, object]] = (),
        current: Center | None = None,
        pins: PinnedCenters | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._centers = centers
        self._current = current
        self._pins = pins
        self._pinned = frozenset[UUID]() if pins is None else frozenset(pins.ids)
        self._hovered = -1
        self._wanted: UUID | None = None
        """Who is to be chosen once the list is read."""
        column_of_all = Column(self.tr("Center"), self._words, 0, dot=_color, mark=self._mark, spoken=self._spoken)
        self._model: PagedTable[Center] = PagedTable(jobs, [column_of_all], lambda center: center.id, self)
        self.search = search_field(self.tr("Find a center"))
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(CellPainter(self.list))
        self.list.setAccessibleName(self.tr("Centers"))
        self.list.setUniformItemSizes(True)
        self._sight = VisibleRows(self.list, self._model)
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._pause.timeout.connect(lambda: self._show())
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self.search.returnPressed.connect(self._on_accepted)
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)
        self._model.modelReset.connect(self._on_loaded)
        layout = column(self, margin=8)
        layout.addWidget(self.search)
        for words, value in fixed:
            button = Button(words, kind=Kind.QUIET)
            button.clicked.connect(lambda _checked=False, value=value: self._on_fixed(value))
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.list)
        self.hint = muted(self.tr("Space, or a click at the right end, pins a center: it stands first."), caption=True)
        layout.addWidget(self.hint)
        self.hint.setVisible(pins is not None)
        if pins is not None:
            self._offer_pins()
        self.setFixedSize(360, 320 if pins is None else 360)
        self._is_fitted = False
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go from the search into the list."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
        super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space, or a click at the right end of a row, pins its center."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space:
            self._turn(self.list.currentIndex())
            return True
        presses = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease)
        if isinstance(event, QMouseEvent) and event.type() in presses and watched is self.list.viewport():
            at = event.position().toPoint()
            if at.x() >= self.list.viewport().width() - PIN_WIDTH and self.list.indexAt(at).isValid():
                if event.type() == QEvent.Type.MouseButtonRelease:
                    self._turn(self.list.indexAt(at))
                return True
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().eventFilter(watched, event)

    def _offer_pins(self) -> None:
        self.list.setMouseTracking(True)
        self.list.entered.connect(lambda index: self._hover(index.row()))
        for each in (self.list, self.list.viewport()):
            each.installEventFilter(self)

    def _hover(self, row: int) -> None:
        self._hovered = row
        self.list.viewport().update()

    def _mark(self, center: Center) -> tuple[str, str] | None:
        """Seen where it is pinned, and where it may be."""
        if self._pins is None:
            return None
        if center.id in self._pinned:
            return "pin", icons.ACCENT
        near = (self._hovered, self.list.currentIndex().row() if self.list.hasFocus() else -1)
        return ("pin", icons.MUTED) if self._model.row_of(center.id) in near else None

    def _turn(self, index: QModelIndex) -> None:
        center = self._model.record(index)
        if self._pins is None or center is None:
            return
        text = self.tr("{center} is pinned.") if self._pins.turn(center.id) else self.tr("{center} is not pinned.")
        self.hint.setText(text.format(center=center.name))
        self._pinned = frozenset(self._pins.ids)
        self.list.viewport().update()
        self._show(chosen=center.id)

    def _words(self, center: Center) -> str:
        is_open = self._current is not None and center.id == self._current.id
        return self.tr("{center} (open)").format(center=center.name) if is_open else center.name

    def _spoken(self, center: Center) -> str:
        words = self._words(center)
        return self.tr("{center}, pinned").format(center=words) if center.id in self._pinned else words

    def _show(self, chosen: UUID | None = None) -> None:
        self._wanted = chosen
        wanted = CenterFilter(search=self.search.text().strip())
        centers, pinned = self._centers, self._pinned
        self._model.show(
            Source(
                wanted,
                lambda part: centers.from_a_to_z(wanted, part, pinned),
                lambda cap: centers.count(wanted, cap),
            )
        )

    def _on_loaded(self) -> None:
        wanted, self._wanted = self._wanted, None
        at = 0 if wanted is None else max(0, self._model.row_of(wanted))
        if not self._is_fitted:
            self._fit()
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(at, 0))

    def _fit(self) -> None:
        """Lower where there are few centers; not again, because nothing is to jump while one searches."""
        self._is_fitted = True
        layout = self.layout()
        if layout is not None:
            layout.activate()
        needed = max(LEAST_ROWS, self._model.rowCount()) * ROW_HEIGHT + 2 * self.list.frameWidth()
        self.setFixedHeight(self.height() - max(0, self.list.height() - needed))

    def _on_fixed(self, value: object) -> None:
        self.fixed_chosen.emit(value)
        self.close()

    def _on_accepted(self) -> None:
        self._on_chosen(self.list.currentIndex())

    def _on_chosen(self, index: QModelIndex) -> None:
        center = self._model.record(index)
        if center is not None:
            self.chosen.emit(center)
            self.close()


class CenterSwitcher(DropButton):
    """The name of the open center; pressed, the list of the others where there are any."""

    center_chosen = Signal(object)
    # Of the class: a palette arrives before __init__ is through.
    _center: Center | None = None

    def __init__(
        self, jobs: Jobs, centers: "Centers", pins: PinnedCenters, *, many: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(360, parent)
        self.setObjectName("center_switcher")
        self.set_opens(many)
        # Also where there is no other one: whoever cannot see it shall be told which center is open.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._jobs = jobs
        self._centers = centers
        self._many = many
        self._pins = pins
        self.clicked.connect(self.open)
        self.set_center(None)

    def set_center(self, center: Center | None) -> None:
        """Show the open center."""
        self._center = center
        name = center.name if center else (self.tr("Choose a center") if self._many else self.tr("No center"))
        self.set_words(name)
        tip = self.tr("Switch to another center (Ctrl+K)") if self._many else self.tr("Your center")
        give_tip(self, f"{name}\n{tip}")
        self.setAccessibleName(self.tr("Center: {name}").format(name=name))
        self._draw_mark()

    def changeEvent(self, event: QEvent) -> None:
        """Another look: the center's colour is another one, too."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw_mark()

    def open(self) -> None:
        """Show the list."""
        if not self._many:
            return
        popup = CenterPopup(self._jobs, self._centers, self, current=self._center, pins=self._pins)
        popup.chosen.connect(self.center_chosen)
        popup.move(self.mapToGlobal(QPoint(0, self.height() + 4)))
        popup.show()
        popup.search.setFocus()

    def _draw_mark(self) -> None:
        color = theme.center_color(self._center.id) if self._center else QColor(theme.current().border)
        icon = color_dot(color)
        # Qt greys a disabled icon; a member of one center shall see its colour too.
        icon.addPixmap(icon.pixmap(16, 16), QIcon.Mode.Disabled)
        self.setIcon(icon)
