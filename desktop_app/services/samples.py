"""Samples of one center."""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.db import samples as rows
from desktop_app.domain.drafts import SampleDraft, check
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.ids import new_id
from desktop_app.domain.lifecycle import Step, verb_for
from desktop_app.domain.paging import DEFAULT_PAGE, Count, Page, PageKey
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.domain.sorting import NEWEST_SAMPLES, SampleField, Sort
from desktop_app.errors import InvalidInputError
from desktop_app.services.center_access import CenterAccess


@dataclass(frozen=True)
class Samples:
    """What a signed-in person may see and do with the samples of a center."""

    access: CenterAccess

    def list(
        self,
        filter: SampleFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[SampleField] = NEWEST_SAMPLES,
    ) -> Page[Sample]:
        """One page of samples in the order of *sort*; the key *after* must be of the same order."""
        with self.access.read() as session:
            return rows.list_samples(session, filter or SampleFilter(), after, limit, sort)

    def count(self, filter: SampleFilter | None = None) -> Count:
        """How many samples a filter has, counted up to a cap."""
        with self.access.read() as session:
            return rows.count_samples(session, filter or SampleFilter())

    def get(self, ref: str | UUID) -> Sample:
        """The sample of this barcode or id."""
        with self.access.read() as session:
            return rows.get_sample(session, ref)

    def create(self, draft: SampleDraft) -> Sample:
        """A new, pending sample; an empty barcode is made by the database (YYYYMMDD-nnnn)."""
        check(draft)
        with self.access.change(Verb.EDIT_SAMPLES) as session:
            return rows.insert_sample(session, new_id(), draft)

    def update(self, sample: Sample, draft: SampleDraft) -> Sample:
        """Save edited fields over the state that *sample* was read in (ConflictError if it is stale)."""
        check(draft)
        with self.access.change(Verb.EDIT_SAMPLES) as session:
            return rows.update_sample(session, sample.id, draft, sample.row_version)

    def step(self, sample: Sample, step: Step, reason: str = "") -> Sample:
        """Move a sample on; rejecting needs a reason, which goes on the record."""
        if step is Step.REJECT and not reason.strip():
            raise InvalidInputError({"reason": "Rejecting a sample needs a reason."})
        with self.access.change(verb_for(step), reason=reason) as session:
            return rows.step_sample(session, sample.id, step, sample.row_version, reason)

    def deactivate(self, sample: Sample) -> Sample:
        """Take a sample out of the lists; nothing is deleted."""
        with self.access.change(Verb.DEACTIVATE_RECORDS) as session:
            return rows.set_sample_active(session, sample.id, active=False, row_version=sample.row_version)

    def restore(self, sample: Sample) -> Sample:
        """Bring a deactivated sample back."""
        with self.access.change(Verb.DEACTIVATE_RECORDS) as session:
            return rows.set_sample_active(session, sample.id, active=True, row_version=sample.row_version)

    def delete(self, sample: Sample) -> None:
        """Delete a sample for good; refused while documents belong to it."""
        with self.access.change(Verb.DELETE_RECORDS) as session:
            rows.delete_sample(session, sample.id)
