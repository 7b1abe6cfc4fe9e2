"""Dialogs are at most as large as the screen less a margin; what does not fit scrolls."""

from PySide6.QtWidgets import QWidget

MARGIN = 80
"""Logical pixels that stay free around a dialog, up and down and to the sides together."""


def fit_to_screen(dialog: QWidget, width: int, height: int) -> None:
    """Be of this size, or as much of it as the screen has room for."""
    room = dialog.screen().availableGeometry()
    dialog.resize(min(width, room.width() - MARGIN), min(height, room.height() - MARGIN))
