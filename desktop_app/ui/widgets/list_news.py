"""What others did to a list: changed rows are tinted for a moment, new ones are announced, and how fresh it is.

What is in sight stays where it is: new rows that would come above it wait there until they are asked for.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QTime, QTimer
from PySide6.QtWidgets import QWidget

from desktop_app.domain.paging import Count
from desktop_app.domain.sorting import Sort
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.record_list import RecordList
from desktop_app.ui.widgets.styling import muted, row

TINT_MS = 1_500
ROOMY = 680
"""Logical pixels of a list in whose foot there is room for all of it."""
FEW = 500
"""Rows that are compared one by one; of more the whole list is."""


class ListNews(QWidget):
    """Stands in the foot of a list and watches its model; only what comes after ``expect`` is others' doing."""

    def __init__(
        self, records: RecordList[Any], key: Callable[[Any], object], usual: Sort[Any] | None, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._records = records
        self._model = records.model
        self._table = records.table
        self._key = key
        self._usual = usual
        self._known: dict[object, Any] = {}
        self._count: Count | None = None
        self._top: object = None
        self._above = 0
        self._new = 0
        self._at_least = False
        self._expecting = False
        self._read_at: QTime | None = None
        self._is_away = False
        self._tint = QTimer(self, singleShot=True, interval=TINT_MS)
        self._tint.timeout.connect(self._fade)
        self.show_new = Button("", kind=Kind.LINK, parent=self)
        self.fresh = muted(caption=True)
        self.fresh.setWordWrap(False)
        layout = row(self, gap=12)
        layout.addWidget(self.show_new)
        layout.addWidget(self.fresh)
        self.show_new.hide()
        self.show_new.clicked.connect(self._on_show)
        self._model.modelAboutToBeReset.connect(self._on_about_to_reset)
        self._model.modelReset.connect(self._on_reset)
        self._model.dataChanged.connect(self._on_changed)
        self._model.counted.connect(self._on_counted)
        self._table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        records.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In a narrow list, what is as usual gives way to what is new."""
        if event.type() == QEvent.Type.Resize:
            self._give_way()
        return super().eventFilter(watched, event)

    def expect(self) -> None:
        """Others did something: what the next reading finds is theirs."""
        self._expecting = True

    def confirm(self) -> None:
        """The server says that there is nothing newer than what is shown or being read."""
        self._read_at = QTime.currentTime()
        self._is_away = False
        self.fresh.setText(self.tr("Updated just now"))
        self._give_way()
        give_tip(self.fresh, self.tr("Others' changes appear by themselves."))

    def lose(self) -> None:
        """The server is away: what is shown is as old as the last answer."""
        if self._read_at is not None:
            self._is_away = True
            time = self._read_at.toString("HH:mm")
            self.fresh.setText(self.tr("As of {time}, server away").format(time=time))
            give_tip(self.fresh, self.tr("It is read again as soon as the server answers."))
            self._give_way()

    def _give_way(self) -> None:
        is_narrow = self._records.width() < ROOMY
        self.fresh.setVisible(self._is_away or not is_narrow)
        self.show_new.setVisible(self._new > 0 and not (self._is_away and is_narrow))

    def _on_about_to_reset(self) -> None:
        at_top = self._table.verticalScrollBar().value() == 0
        self._top = self._model.identity_at(0) if at_top else None

    def _on_reset(self) -> None:
        if self._model.is_renewed:
            self._count, self._above = None, 0
            self._say(0)
            self._model.tinted = frozenset()
        elif self._expecting:
            self._above = max(0, self._model.row_of(self._top)) if self._top is not None else 0
            bar = self._table.verticalScrollBar()
            if self._above and bar.maximum() > 0:
                bar.setValue(self._above * self._table.row_height)
            self._compare()
        self._remember()

    def _on_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if self._expecting:
            self._compare()
            self._remember()
        elif last.row() - first.row() < FEW:
            rows = (self._model.record(self._model.index(at, 0)) for at in range(first.row(), last.row() + 1))
            self._known |= {self._key(each): each for each in rows if each is not None}
        else:
            self._remember()

    def _compare(self) -> None:
        known = self._known
        theirs = {self._key(each) for each in self._model.rows if known.get(self._key(each), each) != each}
        if self._table.verticalScrollBar().maximum() == 0 and known:
            # All are in sight: nothing is announced, what is new is seen.
            theirs |= {self._key(each) for each in self._model.rows if self._key(each) not in known}
        self._tint_rows(theirs)

    def _remember(self) -> None:
        self._known = {self._key(each): each for each in self._model.rows}

    def _on_counted(self, count: Count) -> None:
        before, self._count = self._count, count
        if not self._expecting:
            return
        self._expecting = False
        grown = 0 if before is None or before.capped or count.capped else count.number - before.number
        new = grown if grown > 0 else self._above
        # Behind the place that stands for the rest nobody knows how many rows there are.
        beyond = count.capped and new >= count.number // 2
        self._above = 0
        if new > 0 and self._table.verticalScrollBar().maximum() > 0:
            self._say(self._new + new, at_least=beyond or self._at_least)

    def _say(self, new: int, *, at_least: bool = False) -> None:
        """Of more than are counted nobody knows how many are new: *at_least* so many are."""
        self._new, self._at_least = new, at_least
        counted = formatting.counted(Count(new, capped=at_least))
        self.show_new.setText(self.tr("{count} new · Show").format(count=counted))
        self.show_new.setMinimumWidth(self.show_new.sizeHint().width() if new else 0)
        self._give_way()

    def _on_show(self) -> None:
        new = self._new
        self._say(0)
        if self._usual is not None and self._table.sort != self._usual:
            self._table.set_sort(self._usual)
            return
        self._table.verticalScrollBar().setValue(0)
        self._tint_rows({self._model.identity_at(at) for at in range(min(new, FEW))})
        self._table.setFocus()

    def _on_scrolled(self, value: int) -> None:
        if value == 0 and self._new and (self._usual is None or self._table.sort == self._usual):
            self._on_show()

    def _tint_rows(self, identities: set[object]) -> None:
        top, end = self._table.rowAt(1), self._table.rowAt(self._table.viewport().height() - 1)
        in_sight = range(max(0, top), (end if end >= 0 else self._model.rowCount() - 1) + 1)
        rows = frozenset(at for at in in_sight if self._model.identity_at(at) in identities)
        if rows or self._model.tinted:
            self._model.tinted = rows
            self._table.viewport().update()
            self._tint.start()

    def _fade(self) -> None:
        self._model.tinted = frozenset()
        self._table.viewport().update()
