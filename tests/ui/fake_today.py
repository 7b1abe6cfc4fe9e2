"""Today, of records in memory."""

from datetime import datetime
from typing import Any

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.today import MOST, Today
from desktop_app.services.maintenance.today import TodayReader
from tests.ui.in_memory import stands_for


@stands_for(TodayReader, uncalled="context")
class TodayInMemory:
    """Everything that is pending waits too long."""

    def __init__(self, samples: Any, documents: Any) -> None:
        self._samples, self._documents = samples, documents

    def read(self, now: datetime | None = None) -> Today:
        rows = self._samples.list().rows
        return Today(
            rejected=tuple(each for each in rows if each.status is SampleStatus.REJECTED)[:MOST],
            pending=tuple(each for each in rows if each.status is SampleStatus.PENDING)[:MOST],
            documents=tuple(self._documents.list().rows)[:MOST],
            space_left=12_000_000_000,
        )
