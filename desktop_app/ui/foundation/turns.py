"""Work of the GUI thread that is too long for one turn of the event loop: keys, clicks and painting come in between."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer


def one_per_turn(owner: QObject, steps: Iterable[Callable[[], object]], pause: int = 0) -> QTimer:
    """Do each in a turn of its own, *pause* milliseconds after the one before; what is left ends with its owner.

    Whoever does not want the rest stops the timer that is returned.
    """
    # A timer, and no posted events: Qt delivers those that come meanwhile in the same turn.
    timer, left = QTimer(owner, interval=pause), iter(steps)

    def do_next() -> None:
        step = next(left, None)
        if step is None:
            timer.stop()
            return
        step()
        if timer.isActive():
            # Once more from now: Qt serves timers by when they were due, and this one would be before all that became
            # due during the step.
            timer.start()

    timer.timeout.connect(do_next)
    timer.start()
    return timer
