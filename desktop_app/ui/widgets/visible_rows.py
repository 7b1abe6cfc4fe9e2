"""Tells a long list which rows a view has in sight, so that these are read."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QTimer
from PySide6.QtWidgets import QAbstractItemView

from desktop_app.ui.models.paged import PagedTable

PAUSE_MS = 20
"""Whoever drags the scroll bar passes rows that he does not look at."""


class VisibleRows(QObject):
    """Belongs to the view."""

    def __init__(self, view: QAbstractItemView, model: PagedTable[Any]) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.tell)
        view.verticalScrollBar().valueChanged.connect(lambda _value: self._look_soon())
        view.verticalScrollBar().rangeChanged.connect(lambda _least, _most: self._look_soon())
        view.viewport().installEventFilter(self)
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            signal.connect(self._look_soon)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another size shows other rows."""
        del watched
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._look_soon()
        return False

    def tell(self) -> None:
        """Say now what is in sight."""
        first = self._view.indexAt(QPoint(1, 1)).row()
        if first < 0 or not self._view.isVisible():
            return
        last = self._view.indexAt(QPoint(1, self._view.viewport().height() - 1)).row()
        self._model.look_at(first, last if last >= 0 else self._model.rowCount() - 1)

    def _look_soon(self, *_arguments: object) -> None:
        if self._view.isVisible() and not self._pause.isActive():
            self._pause.start()
