"""The center switcher: which center is open, in its colour, and the way to another one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QListView, QWidget

from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.records import Center
from desktop_app.domain.sorting import CenterField, Sort
from desktop_app.ui.foundation import theme
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.paged import PagedTable, Source
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.drop_button import DropButton
from desktop_app.ui.widgets.record_list import TYPING_PAUSE_MS
from desktop_app.ui.widgets.search_field import search_field
from desktop_app.ui.widgets.styling import column
from desktop_app.ui.widgets.table import CellPainter
from desktop_app.ui.widgets.visible_rows import VisibleRows

if TYPE_CHECKING:
    from desktop_app.services.records.centers import Centers


A_TO_Z = Sort(CenterField.NAME)


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
    """A searchable list of centers under the switcher."""

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
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._centers = centers
        self._current = current
        self._model: PagedTable[Center] = PagedTable(
            jobs, [Column(self.tr("Center"), self._words, 0, dot=_color)], lambda center: center.id, self
        )
        self.search = search_field(self.tr("Find a center"))
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(CellPainter(self.list))
        self.list.setAccessibleName(self.tr("Centers"))
        self.list.setUniformItemSizes(True)
        self._sight = VisibleRows(self.list, self._model)
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._show)
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
        self.setFixedSize(360, 320)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go from the search into the list."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
        super().keyPressEvent(event)

    def _words(self, center: Center) -> str:
        is_open = self._current is not None and center.id == self._current.id
        return self.tr("{center} (open)").format(center=center.name) if is_open else center.name

    def _show(self) -> None:
        wanted = CenterFilter(search=self.search.text().strip())
        centers = self._centers
        self._model.show(
            Source(
                wanted,
                lambda part: centers.part(wanted, part, A_TO_Z),
                lambda cap: centers.count(wanted, cap),
            )
        )

    def _on_loaded(self) -> None:
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(0, 0))

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

    def __init__(self, jobs: Jobs, centers: "Centers", *, many: bool, parent: QWidget | None = None) -> None:
        super().__init__(360, parent)
        self.setObjectName("center_switcher")
        self.set_opens(many)
        # Also where there is no other one: whoever cannot see it shall be told which center is open.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._jobs = jobs
        self._centers = centers
        self._many = many
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
        popup = CenterPopup(self._jobs, self._centers, self, current=self._center)
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
