"""The window opens inside the screen; dialogs are at most that less a margin, and what does not fit scrolls."""

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtWidgets import QWidget

SMALLEST = QSize(900, 560)
USUAL = QSize(1280, 800)
TITLE_BAR = 40
"""Logical pixels of the frame above the window; how high it is, nobody says before the window is shown."""
MARGIN = 80
"""Logical pixels that stay free around a dialog, up and down and to the sides together."""


def room_for(dialog: QWidget) -> QSize:
    """The largest that a dialog may be."""
    screen = dialog.screen().availableGeometry().size()
    return QSize(screen.width() - MARGIN, screen.height() - MARGIN)


def fit_to_screen(dialog: QWidget, width: int, height: int) -> None:
    """Be of this size, or as much of it as the screen has room for."""
    dialog.resize(QSize(width, height).boundedTo(room_for(dialog)))


def fit_to_content(dialog: QWidget, width: int) -> None:
    """Be of this width and as high as what is shown needs; one that grows while it is seen stays on the screen.

    Who does not know yet what there is to show begins high: where a dialog that grew before its window was placed would
    be, only the desktop knows.
    """
    dialog.ensurePolished()
    before, layout = dialog.height(), dialog.layout()
    if layout is not None:
        # Else what was hidden a moment ago is counted still.
        layout.invalidate()
        layout.activate()
    fit_to_screen(dialog, width, dialog.sizeHint().height())
    if dialog.isVisible() and dialog.height() > before:
        screen, frame = dialog.screen().availableGeometry(), dialog.frameGeometry().height() - before
        middle = dialog.y() - (dialog.height() - before) // 2
        lowest = screen.bottom() + 1 - dialog.height() - max(0, frame)
        dialog.move(dialog.x(), max(screen.top(), min(middle, lowest)))


def fit_window(window: QWidget, remembered: QByteArray | None) -> None:
    """Be as it was left, or of the usual size; never larger than the screen, nor forced to be."""
    window.setMinimumSize(SMALLEST.boundedTo(_room_inside_frame(window)))
    window.resize(USUAL.boundedTo(_room_inside_frame(window)))
    if remembered is not None:
        window.restoreGeometry(remembered)
    # What was remembered of a larger screen does not reach over the edge of this one.
    window.resize(window.size().boundedTo(_room_inside_frame(window)))


def _room_inside_frame(window: QWidget) -> QSize:
    room = window.screen().availableGeometry().size()
    return QSize(room.width(), room.height() - TITLE_BAR)
