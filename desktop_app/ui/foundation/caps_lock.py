"""Caps Lock: Qt does not tell its state, but a letter does: large without Shift, or small with it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent


def told_caps_lock(event: QKeyEvent) -> bool | None:
    """Whether this key shows that Caps Lock is on; None where it tells nothing."""
    letter = event.text()
    if len(letter) != 1 or letter.lower() == letter.upper():
        return None
    return letter.isupper() is not bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
