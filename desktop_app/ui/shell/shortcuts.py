"""Keys of the whole window, wherever the focus is in it."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabBar, QWidget


def add_shortcuts(window: QWidget, tabs: QTabBar, keys: Mapping[str, Callable[[], None]]) -> None:
    """Ctrl+1 and so on for the tabs, and these."""
    for number in range(1, tabs.count() + 1):
        shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), window)
        shortcut.activated.connect(lambda at=number - 1: tabs.setCurrentIndex(at))
    for sequence, act in keys.items():
        QShortcut(QKeySequence(sequence), window).activated.connect(act)
