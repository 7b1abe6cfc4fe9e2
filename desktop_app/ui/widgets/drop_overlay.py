"""Taking files from outside: an overlay says where they would go; the drop itself only hands on the paths."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop_app.ui.foundation import icons, theme


def dropped_paths(mime: QMimeData) -> list[Path]:
    """The local files and folders that are being dragged, in their order."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile() and url.toLocalFile()]


class DropOverlay(QWidget):
    """Covers a widget while files are dragged over it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setObjectName("drop_overlay")
        # The drag's events must go on to the widget below, or covering it would end the drag.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = ""
        self._welcome = True
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text if not self.isHidden() else ""

    def spread(self, text: str, *, welcome: bool) -> None:
        """Cover the widget; *welcome* is False where the files would be refused."""
        self._text, self._welcome = text, welcome
        self.setGeometry(self._over.rect())
        self.setAccessibleName(text)
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A pale ground, a dashed frame, an icon and the sentence."""
        look = theme.current()
        color = QColor(look.accent if self._welcome else look.danger)
        ground = QColor(look.accent_soft if self._welcome else look.danger_soft)
        ground.setAlpha(235)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            frame = QRectF(self.rect()).adjusted(8, 8, -8, -8)
            painter.setBrush(ground)
            painter.setPen(QPen(color, 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(frame, 10, 10)
            mark = icons.pixmap("lock-keyhole" if self._welcome else "ban", color, 40, self.devicePixelRatioF())
            painter.drawPixmap(int(frame.center().x() - 20), int(frame.center().y() - 52), mark)
            font = QFont(self.font())
            font.setPixelSize(20)
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(QColor(look.text))
            below = frame.adjusted(32, frame.height() / 2, -32, 0)
            painter.drawText(
                below, int(Qt.AlignmentFlag.AlignHCenter.value) | int(Qt.TextFlag.TextWordWrap.value), self._text
            )


class DropTarget(QObject):
    """Makes a widget take files. *words* tells for a number of things what the overlay says, and if they may come."""

    dropped = Signal(list)

    def __init__(self, widget: QWidget, words: Callable[[list[Path]], tuple[str, bool]]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._words = words
        self.overlay = DropOverlay(widget)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, move, leave and drop of the widget."""
        if watched is not self._widget:
            return False
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            return self._on_drop(event)
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            return self._on_drag(event)
        if event.type() == QEvent.Type.DragLeave:
            self.overlay.hide()
            return True
        return False

    def _on_drag(self, event: QDragEnterEvent | QDragMoveEvent) -> bool:
        if event.source() is not None:  # out of this very window: asking for its files would decrypt them
            event.ignore()
            return True
        paths = dropped_paths(event.mimeData())
        if not paths:
            event.ignore()
            return True
        text, welcome = self._words(paths)
        if self.overlay.text != text:
            self.overlay.spread(text, welcome=welcome)
        entering = event.type() == QEvent.Type.DragEnter
        event.setDropAction(Qt.DropAction.CopyAction if welcome else Qt.DropAction.IgnoreAction)
        # An unwelcome drag is taken on entering too, or nobody would tell when it leaves and the overlay goes.
        event.setAccepted(welcome or entering)
        return True

    def _on_drop(self, event: QDropEvent) -> bool:
        self.overlay.hide()
        paths = dropped_paths(event.mimeData())
        _, welcome = self._words(paths)
        if not paths or not welcome:
            event.ignore()
            return True
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        # Back to the other program first: while this call lasts, it stands still.
        QTimer.singleShot(0, self, lambda: self.dropped.emit(paths))
        return True
