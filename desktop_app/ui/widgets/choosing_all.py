"""Rows that are chosen before they are read: what is done with all of them waits until they are."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop_app.ui.widgets.record_list import RecordList


class ChoosingAll(QObject):
    """Ctrl+A chooses all that fit the filter, of which a long list has read those that were looked at."""

    seeking = Signal(bool)
    """Whether chosen rows are being read: until then nothing may be done with some of them alone."""
    too_many = Signal()
    """All were chosen of a list that is not counted to its end: so they stay, and nothing may be done with them."""

    def __init__(self, records: RecordList[Any]) -> None:
        super().__init__(records)
        self._records = records
        self._is_seeking = False
        records.table.selectionModel().selectionChanged.connect(lambda _now, _before: self._look())
        # Rows come in; or the list was read again, of which only what is in sight stays.
        records.model.dataChanged.connect(lambda _first, _last, _roles=(): self._look())
        records.model.counted.connect(lambda _count: self._look())

    def _look(self) -> None:
        model, was_seeking = self._records.model, self._is_seeking
        rows = self._records.table.chosen_rows
        self._is_seeking = len(rows) > 1 and any(model.record_in(row) is None for row in rows)
        if self._is_seeking is not was_seeking:
            self._records.tell_chosen()
            self.seeking.emit(self._is_seeking)
        if self._is_seeking and not model.read_whole() and not was_seeking:
            self.too_many.emit()
