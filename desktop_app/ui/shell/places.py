"""Where a person was: the tab, each list's filters and what was chosen, and how high rows are; there again next time.

Words that were searched for are not kept: they name patients, and this file is not sealed. Nor is which document was
chosen: to choose it opens it, and an opening stands on the record.
"""

import json
from typing import Any
from uuid import UUID

from PySide6.QtCore import QByteArray, QObject, QSignalBlocker

from desktop_app.domain.ids import parse_id
from desktop_app.ui.shell.tabs import TabArea
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.widgets.list_filters import ChoiceFilter


class Places(QObject):
    """Of one person in one installation."""

    def __init__(self, context: TabContext, area: TabArea, parent: QObject) -> None:
        super().__init__(parent)
        self._area = area
        self._state = context.window_state
        self._name = f"place_{context.lab.profile.installation_id.hex}{context.lab.user.id.hex}"
        self._kept = self._read()
        self.is_compact = self._kept.get("compact") is True

    @property
    def front(self) -> str:
        """The name of the tab that was in front; the documents' at the first time."""
        name = self._kept.get("tab")
        return name if isinstance(name, str) and name in self._area.tabs.kinds else "documents"

    def change_rows(self) -> None:
        """Lower rows, or higher ones, in every list."""
        self.is_compact = not self.is_compact
        for tab in self._area.tabs.there:
            tab.records.table.set_compact(compact=self.is_compact)

    def restore(self, tab: RecordTab[Any]) -> None:
        """Before the tab reads its list for the first time."""
        tab.records.table.set_compact(compact=self.is_compact)
        kept = self._kept.get(_name_of(self._area, tab))
        if not isinstance(kept, dict):
            return
        for each in tab.filters:
            if isinstance(each, ChoiceFilter):
                at = each.findText(str(kept.get(each.accessibleName(), "")))
                with QSignalBlocker(each):
                    each.setCurrentIndex(max(0, at))
        chosen = parse_id(str(kept.get("chosen", "")))
        if chosen is not None and not tab.choosing_opens:
            tab.records.select(chosen)

    def save(self) -> None:
        """Keep where everything is now; of tabs that were not made, what was kept before."""
        kept: dict[str, Any] = self._kept | {"tab": self._area.front_name, "compact": self.is_compact}
        for tab in self._area.tabs.there:
            filters = {
                each.accessibleName(): each.currentText() for each in tab.filters if isinstance(each, ChoiceFilter)
            }
            current = tab.records.current
            key = None if current is None else tab.key_of(current)
            chosen = {"chosen": str(key)} if isinstance(key, UUID) and not tab.choosing_opens else {}
            kept[_name_of(self._area, tab)] = filters | chosen
        self._state.keep_layout(self._name, QByteArray(json.dumps(kept).encode()))

    def _read(self) -> dict[str, Any]:
        raw = self._state.layout(self._name)
        try:
            found = json.loads(bytes(raw.data())) if raw is not None else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def _name_of(area: TabArea, tab: RecordTab[Any]) -> str:
    return next(name for name, kind in area.tabs.kinds.items() if type(tab) is kind)
