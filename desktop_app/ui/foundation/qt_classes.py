"""The classes of Qt, which PySide makes when they are first asked for.

An object whose class PySide is not told, such as the viewport of a table, has it look through all classes of a module
and make them: 25 ms in one turn of the event loop. So they are made a few in a turn, while the sign-in page is read. In
the GUI thread, because nothing promises that two threads may make one class.
"""

from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType

from PySide6 import QtGui, QtWidgets

AT_ONCE = 4
"""So many take about half a millisecond."""


def left() -> list[tuple[ModuleType, str]]:
    """What is not made yet, with the module that it is in."""
    return [(module, name) for module in (QtWidgets, QtGui) for name in dir(module) if name not in vars(module)]


def steps() -> Iterator[Callable[[], object]]:
    """Make all that is left, a few in each step."""
    names = left()
    return (partial(_make, names[at : at + AT_ONCE]) for at in range(0, len(names), AT_ONCE))


def _make(names: list[tuple[ModuleType, str]]) -> None:
    for module, name in names:
        getattr(module, name)
