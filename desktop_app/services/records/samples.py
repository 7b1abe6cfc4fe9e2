"""Samples of one center."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from desktop_app.db import samples as rows
from desktop_app.db.fields import list_fields
from desktop_app.db.people import list_people
from desktop_app.db.sessions import Session
from desktop_app.domain.drafts import LONGEST_BARCODE, SampleDraft, check
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.ids import new_id
from desktop_app.domain.lifecycle import TARGET, SampleStatus, Step, verb_for
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Page, PageKey, Part
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.domain.sorting import NEWEST_SAMPLES, SampleOrder, Sort
from desktop_app.domain.text_rules import line_problem
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.lost_answers import changed_from, confirmed, made
from desktop_app.services.context.merged_edit import Edit


@dataclass(frozen=True)
class Samples:
    """What a signed-in person may see and do with the samples of a center."""

    context: CenterContext

    def list(
        self,
        filter: SampleFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[SampleOrder] = NEWEST_SAMPLES,
    ) -> Page[Sample]:
        """One page of samples in the order of *sort*; the key *after* must be of the same order."""
        with self.context.read() as session:
            return rows.list_samples(session, filter or SampleFilter(), after, limit, sort)

    def part(self, filter: SampleFilter, part: Part, sort: Sort[SampleOrder]) -> tuple[Sample, ...]:
        """The samples at these places in the order of *sort*."""
        with self.context.read() as session:
            return rows.samples_at(session, filter, part, sort)

    def count(self, filter: SampleFilter | None = None, cap: int = COUNT_CAP) -> Count:
        """How many samples a filter has, counted up to a cap."""
        with self.context.read() as session:
            return rows.count_samples(session, filter or SampleFilter(), cap)

    def unknown(self, barcodes: Sequence[str]) -> tuple[str, ...]:
        """Those that no sample of the center has, in their order."""
        with self.context.read() as session:
            known = rows.known_barcodes(session, barcodes)
        return tuple(each for each in dict.fromkeys(barcodes) if each not in known)

    def get(self, ref: str | UUID) -> Sample:
        """The sample of this barcode or id."""
        with self.context.read() as session:
            return rows.get_sample(session, ref)

    def scanned(self, codes: Collection[str]) -> Mapping[str, Sample]:
        """By each code that was scanned its sample, active or not; a code that no sample has is left out.

        A code that is found only with large and small letters turned over, as Caps Lock does, has a sample of another
        barcode: see domain.scanned.is_turned_over.
        """
        possible = [code for code in codes if line_problem(code, longest=LONGEST_BARCODE, required=True) is None]
        with self.context.read() as session:
            return rows.scanned_samples(session, possible)

    def create(self, draft: SampleDraft) -> Sample:
        """A new, pending sample; an empty barcode is made by the database (YYYYMMDD-nnnn)."""
        check(draft)
        sample_id = new_id()
        return confirmed(
            self.context,
            Verb.EDIT_SAMPLES,
            lambda session: rows.insert_sample(session, sample_id, _fitting(session, draft)),
            made(lambda session: rows.get_sample(session, sample_id)),
        )

    def update(self, sample: Sample, draft: SampleDraft) -> Sample:
        """Save edited fields over the state that *sample* was read in (ConflictError if it is stale)."""
        check(draft)
        # What the draft leaves open stays as it is.
        wanted = replace(draft, barcode=draft.barcode or sample.barcode, user_id=draft.user_id or sample.user_id)
        return self._change(
            sample,
            Verb.EDIT_SAMPLES,
            lambda session: rows.update_sample(
                session, sample.id, _fitting(session, draft, sample), sample.row_version
            ),
            lambda now: SampleDraft.of(now) == wanted,
        )

    def edit(self, sample: Sample, draft: SampleDraft) -> Sample:
        """Save edited fields; what others saved meanwhile in other fields is kept (see Edit.run)."""
        return Edit(sample, SampleDraft.of, lambda: self.get(sample.id), self.update, self._name_of, _is_archived).run(
            draft
        )

    def _name_of(self, person_id: UUID) -> str:
        with self.context.read() as session:
            people = list_people(session, include_former=True)
        return next((person.display_name for person in people if person.id == person_id), "")

    def step(self, sample: Sample, step: Step, reason: str = "") -> Sample:
        """Move a sample on; rejecting needs a reason, which goes on the record."""
        if step is Step.REJECT and not reason.strip():
            raise InvalidInputError({"reason": Message("Rejecting a sample needs a reason.")})
        return self._change(
            sample,
            verb_for(step),
            lambda session: rows.step_sample(session, sample.id, step, sample.row_version, reason),
            lambda now: now.status is TARGET[step],
            reason,
        )

    def deactivate(self, sample: Sample, reason: str = "") -> Sample:
        """Take a sample out of the lists; nothing is deleted."""
        self.context.require_reason(ReasonVerb.DEACTIVATE, reason)
        return self._set_active(sample, reason, active=False)

    def restore(self, sample: Sample, reason: str = "") -> Sample:
        """Bring a deactivated sample back."""
        self.context.require_reason(ReasonVerb.RESTORE, reason)
        return self._set_active(sample, reason, active=True)

    def _set_active(self, sample: Sample, reason: str, *, active: bool) -> Sample:
        return self._change(
            sample,
            Verb.DEACTIVATE_RECORDS,
            lambda session: rows.set_sample_active(session, sample.id, active=active, row_version=sample.row_version),
            lambda now: now.is_active is active,
            reason,
        )

    def _change(
        self,
        sample: Sample,
        verb: Verb,
        act: Callable[[Session], Sample],
        fits: Callable[[Sample], bool],
        reason: str = "",
    ) -> Sample:
        done = changed_from(sample, lambda session: rows.get_sample(session, sample.id), fits)
        return confirmed(self.context, verb, act, done, reason)


def _is_archived(sample: Sample) -> bool:
    return sample.status is SampleStatus.ARCHIVED


def _fitting(session: Session, draft: SampleDraft, before: Sample | None = None) -> SampleDraft:
    """The draft, if what it says in the center's fields fits them; InvalidInputError."""
    if problems := draft.problems(list_fields(session), before):
        raise InvalidInputError(problems)
    return draft
