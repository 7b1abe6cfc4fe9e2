"""Collecting garbage in the window's own thread alone.

Python looks for garbage in whichever thread happens to make an object too many, and there ends what it finds. A widget
or a timer of Qt that is ended outside of its own thread takes the program with it, once in a while and anywhere.
"""

import gc
import time

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 200
"""So long a worker's garbage waits at most while the window is idle."""
MANY = 50_000
"""Objects; a window with all its tabs has half of it. To look through so many takes 15 to 25 ms."""
RESTS = 10.0
"""Seconds until they are counted anew, which takes a third of looking through them."""
LATEST = 600.0
"""Seconds after which they are looked through, however many they are."""


class GarbageCollector(QObject):
    """While it lives, garbage is looked for by the event loop of its thread, as often as Python itself would.

    What a worker holds of a long sheet (300,000 objects for 100,000 rows) is no garbage, and to find that out takes
    100 ms, again and again, in which the window answers nothing: a generation so large waits until the work is done.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._rests_since, self._rests_until = 0.0, 0.0
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is due and not too large, and so the younger ones, too."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation] > 0 and not self._waits(generation):
                gc.collect(generation)
                return

    def close(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()

    def _waits(self, generation: int) -> bool:
        """Whether there is so much in it that it is left alone for now; what is youngest is never left alone."""
        if generation == 0:
            return False
        now = time.monotonic()
        if now < self._rests_until:
            return True
        if sum(len(gc.get_objects(each)) for each in range(generation + 1)) <= MANY:
            self._rests_since = 0.0
            return False
        self._rests_since = self._rests_since or now
        if now - self._rests_since > LATEST:
            self._rests_since = 0.0
            return False
        self._rests_until = now + RESTS
        return True
