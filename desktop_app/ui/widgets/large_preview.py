"""A preview over the whole window: zoom, pages, rotate. It is gone with the preview that it was made of."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeySequence, QPixmap, QResizeEvent, QShowEvent, QTransform
from PySide6.QtWidgets import QDialog, QFrame, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.styling import column, row

ZOOM, MOST, LEAST = 1.25, 8.0, 0.05


class PageView(QGraphicsView):
    """One picture or page at a time, fitted to the room until somebody zooms."""

    def __init__(self, images: Sequence[QImage], parent: QWidget) -> None:
        super().__init__(parent)
        self._images = tuple(images)
        self._item = QGraphicsPixmapItem()
        self._item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._scene = QGraphicsScene(self)
        self._scene.addItem(self._item)
        self._angle = 0
        self._is_fitted = True
        self.at = 0
        self.setScene(self._scene)
        self.setBackgroundBrush(self.palette().midlight())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.show_page(0)

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._images)

    def show_page(self, at: int) -> None:
        """Show one, as far as there is one."""
        self.at = min(max(at, 0), self.count - 1)
        self._item.setPixmap(QPixmap.fromImage(self._images[self.at]))
        self._scene.setSceneRect(self._item.boundingRect())
        self._fit_if_fitted()

    def zoom(self, factor: float) -> None:
        """Larger or smaller, within reason."""
        now = abs(self.transform().m11()) + abs(self.transform().m12())
        if LEAST <= now * factor <= MOST:
            self._is_fitted = False
            self.scale(factor, factor)

    def fit(self) -> None:
        """As large as there is room, and no larger than it is."""
        self._is_fitted = True
        self._fit_if_fitted()

    def turn(self) -> None:
        """A quarter to the right."""
        self._angle = (self._angle + 90) % 360
        self.rotate(90)
        self._fit_if_fitted()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay fitted."""
        super().resizeEvent(event)
        self._fit_if_fitted()

    def _fit_if_fitted(self) -> None:
        bounds, room = self._item.boundingRect(), self.viewport().size()
        if not self._is_fitted or bounds.isEmpty():
            return
        width, height = bounds.width(), bounds.height()
        if self._angle % 180:
            width, height = height, width
        part = max(LEAST, min(1.0, (room.width() - 4) / width, (room.height() - 4) / height))
        self.setTransform(QTransform().scale(part, part).rotate(self._angle))


class LargePreview(QDialog):
    """As large as the window; Escape and Space close it."""

    def __init__(self, title: str, content: QWidget | Sequence[QImage], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(title)
        self._where = PlainLabel()
        self._bar = row(gap=8)
        self._bar.addWidget(PlainLabel(title), 1)
        self._bar.addWidget(self._where)
        self.pages: PageView | None = None
        if isinstance(content, QWidget):
            shown: QWidget = content
        else:
            shown = self.pages = PageView(content, self)
            self._add_page_buttons(self.pages)
        self._add(self.tr("Close"), "x", self.close, "Space")
        layout = column(self, margin=12, gap=8)
        layout.addLayout(self._bar)
        layout.addWidget(shown, 1)
        shown.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Cover the window."""
        super().showEvent(event)
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.window().geometry())

    def _add_page_buttons(self, pages: PageView) -> None:
        if pages.count > 1:
            self._add(self.tr("Page before"), "chevron-left", lambda: self._turn_to(pages.at - 1), "PgUp")
            self._add(self.tr("Next page"), "arrow-right", lambda: self._turn_to(pages.at + 1), "PgDown")
        self._add(self.tr("Larger"), "", lambda: pages.zoom(ZOOM), "+")
        self._add(self.tr("Smaller"), "", lambda: pages.zoom(1 / ZOOM), "-")
        self._add(self.tr("Fit"), "", pages.fit, "0")
        self._add(self.tr("Rotate"), "rotate-ccw", pages.turn, "R")
        self._turn_to(0)

    def _add(self, words: str, icon: str, do: Callable[[], object], key: str) -> None:
        button = Button("" if icon else words, icon, Kind.QUIET, self)
        if icon:
            button.set_words(words)
        button.set_tip(key)
        button.setShortcut(QKeySequence(key))
        button.clicked.connect(lambda: do())
        self._bar.addWidget(button)

    def _turn_to(self, at: int) -> None:
        if self.pages is not None:
            self.pages.show_page(at)
            words = self.tr("Page {at} of {count}")
            self._where.setText(
                words.format(at=formatting.number(self.pages.at + 1), count=formatting.number(self.pages.count))
            )
