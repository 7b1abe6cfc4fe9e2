"""Notices that files under way do not move any more: most often a network share that has stopped answering.

A call into such a share returns when the share wants; nobody can take it back. The window can only say so, and go on.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject

from desktop_app.ui.models.transfer_rows import Stage
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.text import notices
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.connection_indicator import ConnectionIndicator

TIMEOUT = 10.0
"""Seconds without any sign."""


class TransferWatchdog(QObject):
    """Looks at every change that the transfers tell; a file that is told of with the same figures has not moved."""

    def __init__(self, context: TabContext, banner: Banner, indicator: ConnectionIndicator) -> None:
        super().__init__(banner)
        self.timeout = TIMEOUT
        self._transfers = context.transfers
        self._store = str(context.lab.profile.store)
        self._banner = banner
        self._indicator = indicator
        self._seen: dict[tuple[int, Path], tuple[Stage, int]] = {}
        self._moved_at = time.monotonic()
        self._since = datetime.now(UTC)
        self._said: Notice | None = None
        self._transfers.table.dataChanged.connect(self._on_row)
        self._transfers.changed.connect(self._on_tick)

    def _on_row(self, first: QModelIndex) -> None:
        row = self._transfers.table.record(first)
        if row is None:
            return
        key, now = (row.batch, row.path), (row.stage, row.done)
        if self._seen.get(key) == now:
            return
        if row.stage in (Stage.SEALING, Stage.CHECKING):
            self._seen[key] = now
        else:
            self._seen.pop(key, None)
        self._move()

    def _on_tick(self) -> None:
        if self._transfers.only_asks:
            self._seen.clear()
            self._move()
        elif self._said is None and time.monotonic() - self._moved_at > self.timeout and self._indicator.is_reached:
            # While the server is away the files wait for the server, and the indicator says so.
            self._say(notices.share_silent(self._store, self._since, self._on_cancel))

    def _on_cancel(self) -> None:
        self._transfers.cancel()
        self._say(notices.share_left(self._store))

    def _say(self, notice: Notice) -> None:
        self._said = notice
        self._banner.show_notice(notice)

    def _move(self) -> None:
        self._moved_at, self._since = time.monotonic(), datetime.now(UTC)
        if self._said is not None and self._banner.notice is self._said:
            self._banner.clear()
        self._said = None
