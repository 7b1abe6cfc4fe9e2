"""Rows that are chosen before they are read: what is done with all of them waits until they are."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.domain.paging import COUNT_CAP
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice

if TYPE_CHECKING:
    from desktop_app.ui.tabs.record_tab import RecordTab


class ChoosingAll(QObject):
    """Ctrl+A chooses all that fit the filter, of which a long list has read those that were looked at.

    Until the others are read nothing may be done with some of them alone.
    """

    def __init__(self, tab: "RecordTab[Any]") -> None:
        super().__init__(tab)
        self._tab = tab
        self._is_seeking = False
        tab.records.table.selectionModel().selectionChanged.connect(lambda _now, _before: self._look())
        # Rows come in; or the list was read again, of which only what is in sight stays.
        tab.records.model.dataChanged.connect(lambda _first, _last, _roles=(): self._look())
        tab.records.model.counted.connect(lambda _count: self._look())

    def _look(self) -> None:
        model, was_seeking = self._tab.records.model, self._is_seeking
        rows = self._tab.records.table.selectionModel().selectedRows()
        self._is_seeking = len(rows) > 1 and any(model.record(index) is None for index in rows)
        if self._is_seeking is not was_seeking:
            self._tab.records.tell_chosen()
            self._tab.set_seeking(self._is_seeking)
        if self._is_seeking and not model.read_whole() and not was_seeking:
            text = _tr("More than {count} fit. Narrow the list before all of them are chosen.")
            notice = Notice(text.format(count=formatting.number(COUNT_CAP)), Tone.WARNING)
            self._tab.context.messages.notice(notice)


def _tr(text: str) -> str:
    return QCoreApplication.translate("choosing_all", text)
