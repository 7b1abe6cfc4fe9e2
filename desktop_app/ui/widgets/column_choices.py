"""The columns of a sheet, one below the other, each with what it comes in as."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel, give_tip
from desktop_app.ui.widgets.field import ChoiceBox
from desktop_app.ui.widgets.styling import clear, muted, take_any_width

MOST_SHOWN = 100
"""So many columns can be chosen for; those after them come in by their headings."""
LONGEST_SHOWN = 200
"""Characters of a heading or value."""


def on_one_line(text: str) -> str:
    """A text of any length as far as there is room for it in a line."""
    start = " ".join(text[: LONGEST_SHOWN + 1].split())
    return start if len(text) <= LONGEST_SHOWN else f"{start[:LONGEST_SHOWN]}…"


class ColumnChoices(QWidget):
    """A heading with the first value below it, and beside them the choice of a field."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: list[ChoiceBox] = []
        self._rest: tuple[str, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The field of each column; empty where it is left out."""
        return (*(box.value or "" for box in self.boxes), *self._rest)

    def show_columns(
        self,
        headings: Sequence[str],
        examples: Sequence[str],
        offered: Sequence[tuple[str, str]],
        chosen: Sequence[str],
    ) -> None:
        """Show these; *offered* is each field with its words, *chosen* the field of each column."""
        clear(self._grid)
        entries = [(_tr("Leave out"), ""), *((words, field) for field, words in offered)]
        self.boxes = []
        self._rest = tuple(chosen[MOST_SHOWN:])
        for at, heading in enumerate(headings[:MOST_SHOWN]):
            box = _SteadyChoice(entries)
            box.choose(chosen[at])
            box.setAccessibleName(_tr("{heading} comes in as").format(heading=on_one_line(heading)))
            box.currentIndexChanged.connect(self.changed)
            self._grid.addWidget(_named(heading, examples[at]), at, 0)
            self._grid.addWidget(box, at, 1, Qt.AlignmentFlag.AlignTop)
            self.boxes.append(box)
        if self._rest:
            text = _tr("{count} further columns come in by their headings.")
            words = muted(text.format(count=formatting.number(len(self._rest))), caption=True)
            self._grid.addWidget(words, MOST_SHOWN, 0, 1, 2)


class _SteadyChoice(ChoiceBox):
    """The wheel scrolls the list that it is in, and does not choose."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nothing."""
        event.ignore()


def _named(heading: str, example: str) -> QWidget:
    holder = QWidget()
    layout = QGridLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    name = take_any_width(PlainLabel(on_one_line(heading)))
    give_tip(name, on_one_line(heading))
    value = muted(on_one_line(example), caption=True)
    value.setWordWrap(False)
    layout.addWidget(name)
    layout.addWidget(take_any_width(value))
    return holder


def _tr(text: str) -> str:
    return QCoreApplication.translate("column_choices", text)
