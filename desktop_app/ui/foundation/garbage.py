"""Collecting garbage in the window's own thread alone.

Python looks for garbage in whichever thread happens to make an object too many, and there ends what it finds. A widget
or a timer of Qt that is ended outside of its own thread takes the program with it, once in a while and anywhere.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 200
"""So long a worker's garbage waits at most while the window is idle."""


class GarbageCollector(QObject):
    """While it lives, garbage is looked for by the event loop of its thread, as often as Python itself would."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is due, and so the younger ones, too."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
                gc.collect(generation)
                return

    def close(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()
