"""What of a center wants to be looked at today, under the person's own rights."""

from dataclasses import dataclass
from datetime import datetime

from desktop_app.domain.filters import DocumentFilter, SampleFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.records import Sample
from desktop_app.domain.sorting import NEWEST_DOCUMENTS, SampleField, SampleOrder, Sort
from desktop_app.domain.today import MOST, TOO_LONG, Today
from desktop_app.errors import LabkeepError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.documents.documents import Documents
from desktop_app.services.records.samples import Samples

_OLDEST = Sort(SampleField.CREATED_AT)
_LATEST = Sort(SampleField.UPDATED_AT, descending=True)


@dataclass(frozen=True)
class TodayReader:
    """Reads it anew each time."""

    context: CenterContext

    def read(self, now: datetime | None = None) -> Today:
        """*now* is this computer's time, in the zone whose midnight counts."""
        now = now or datetime.now().astimezone()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        rejected = self._samples(SampleFilter(status=SampleStatus.REJECTED), _LATEST)
        # A sample is in work no longer than it is there: of those that are old enough, whoever began too long ago.
        working = self._samples(SampleFilter(status=SampleStatus.PROCESSING, until=now - TOO_LONG), _OLDEST)
        return Today(
            rejected=tuple(each for each in rejected if each.updated_at >= midnight),
            pending=self._samples(SampleFilter(status=SampleStatus.PENDING, until=now - TOO_LONG), _OLDEST),
            due=tuple(each for each in working if (each.processing_started_at or now) < now - TOO_LONG),
            documents=Documents(self.context).list(DocumentFilter(), None, MOST, NEWEST_DOCUMENTS).rows,
            space_left=self._space_left(),
        )

    def _samples(self, wanted: SampleFilter, sort: Sort[SampleOrder]) -> tuple[Sample, ...]:
        return tuple(Samples(self.context).list(wanted, None, MOST, sort).rows)

    def _space_left(self) -> int | None:
        store = self.context.person.store
        try:
            return store.free_space() if store.abilities.knows_free_space else None
        except LabkeepError:
            return None
