"""Samples of the session's center: lists, one sample, and every change of one."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desktop_app.db.field_conditions import meets
from desktop_app.db.field_orders import own_order
from desktop_app.db.listing import Listing, alphabetical, bytewise, capped_count, login_name, person_name
from desktop_app.db.models import DocumentRow, PersonRow, SampleRow, SampleTypeRow
from desktop_app.db.search import contains_words
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.ids import id_of, parse_id
from desktop_app.domain.lifecycle import TARGET, SampleStatus, Step
from desktop_app.domain.paging import COUNT_CAP, Count, Page, PageKey, Part
from desktop_app.domain.records import Sample
from desktop_app.domain.sorting import NEWEST_SAMPLES, SampleField, SampleOrder, Sort
from desktop_app.domain.type_checks import check_kinds
from desktop_app.errors import ConflictError, NotFoundError

# Written as in the index samples_search.
_WORDS: ColumnElement[str] = literal_column(
    "samples.name || E'\\n' || samples.barcode || E'\\n' || samples.description"
)
_SET_REASON = text("SELECT set_config('labkeep.reason', :reason, true)")

_ROWS = SampleRow.__table__
_S = _ROWS.c
_D = DocumentRow.__table__.c
_TYPES = SampleTypeRow.__table__
LISTING: Listing[Sample, SampleOrder] = Listing(
    record=Sample,
    table=_ROWS,
    columns={
        "id": _S.id,
        "created_at": _S.created_at,
        "updated_at": _S.updated_at,
        "created_by": login_name(_S.created_by),
        "updated_by": login_name(_S.updated_by),
        "is_active": _S.is_active,
        "row_version": _S.row_version,
        "name": _S.name,
        "description": _S.description,
        "sample_type": _S.sample_type,
        "type_name": select(_TYPES.c.name).where(_TYPES.c.code == _S.sample_type).scalar_subquery(),
        "status": _S.status,
        "barcode": _S.barcode,
        "user_id": _S.user_id,
        "responsible_name": person_name(PersonRow.__table__.c.id == _S.user_id),
        "metadata": _S.metadata,
        "collected_at": _S.collected_at,
        "collected_place": _S.collected_place,
        "processing_started_at": _S.processing_started_at,
        "processing_completed_at": _S.processing_completed_at,
        "results": _S.results,
        "rejection_reason": _S.rejection_reason,
        "documents": select(func.count()).where(_D.sample_id == _S.id, _D.is_active).scalar_subquery(),
    },
    sorts={
        SampleField.CREATED_AT: _S.created_at,
        SampleField.UPDATED_AT: _S.updated_at,
        SampleField.BARCODE: bytewise(_S.barcode),
        SampleField.NAME: alphabetical(_S.name),
    },
    made={"status": SampleStatus},
)
_BY_ID = LISTING.query.where(_S.id == bindparam("id"))
_BY_BARCODE = LISTING.query.where(_S.barcode == bindparam("barcode"))


def list_samples(
    session: Session,
    wanted: SampleFilter,
    after: PageKey | None,
    limit: int,
    sort: Sort[SampleOrder] = NEWEST_SAMPLES,
) -> Page[Sample]:
    """A page of samples in the order of *sort*; InvalidInputError for a field that the center has not."""
    return LISTING.page(session, sample_conditions(session, wanted), sort, after, limit, own_order(session, sort))


def samples_at(session: Session, wanted: SampleFilter, part: Part, sort: Sort[SampleOrder]) -> tuple[Sample, ...]:
    """The samples at these places in the order of *sort*; InvalidInputError as for a page."""
    return LISTING.part(session, sample_conditions(session, wanted), sort, part, own_order(session, sort))


def count_samples(session: Session, wanted: SampleFilter, cap: int = COUNT_CAP) -> Count:
    """How many samples the filter has, exact up to the cap."""
    without_index = sample_conditions(session, wanted, by_index=False) if wanted.search or wanted.conditions else ()
    return capped_count(session, _ROWS, sample_conditions(session, wanted), without_index, cap)


def get_sample(session: Session, ref: str | UUID) -> Sample:
    """The sample with this id or barcode, active or not; NotFoundError."""
    sample_id = id_of(ref)
    sample = None if sample_id is None else LISTING.first(session, _BY_ID, id=sample_id)
    # A barcode may look like an id; the sample with that id comes first.
    if sample is None and isinstance(ref, str):
        sample = LISTING.first(session, _BY_BARCODE, barcode=ref)
    if sample is None:
        raise NotFoundError("There is no such sample.")
    return sample


def known_barcodes(session: Session, barcodes: Collection[str]) -> set[str]:
    """Those of them that samples have, active or not."""
    return set(session.scalars(select(_S.barcode).where(_S.barcode.in_(barcodes))))


def archived_samples(session: Session, sample_ids: Collection[UUID]) -> set[UUID]:
    """Those of them that are archived."""
    archived = _S.status == SampleStatus.ARCHIVED.value
    return set(session.scalars(select(_S.id).where(_S.id.in_(sample_ids), archived)))


def scanned_samples(session: Session, codes: Collection[str]) -> dict[str, Sample]:
    """By each code the sample that has it as its barcode or id, active or not; what no sample has is left out.

    Caps Lock turns the letters of a scanner over: a code that nobody has is looked for so, too.
    """
    ids = {code: found for code in codes if (found := parse_id(code)) is not None}
    barcodes = {*codes, *(code.swapcase() for code in codes)}
    rows = session.execute(LISTING.query.where(or_(_S.barcode.in_(barcodes), _S.id.in_(ids.values()))))
    samples = [LISTING.read(row) for row in rows]
    known: dict[UUID | str, Sample] = {key: each for each in samples for key in (each.barcode, each.id)}
    # A barcode may look like an id; the sample with that id comes first.
    names = {code: (ids.get(code, code), code, code.swapcase()) for code in codes}
    hits = {code: next((known[name] for name in names[code] if name in known), None) for code in codes}
    return {code: sample for code, sample in hits.items() if sample is not None}


def insert_sample(session: Session, sample_id: UUID, draft: SampleDraft) -> Sample:
    """Save a new sample; the id is the client's, so that repeating this after a lost answer is harmless.

    InvalidInputError for a taken barcode or a person who is no active member; ConflictError for a taken id.
    """
    values = _values(draft) | {"id": sample_id, "barcode": draft.barcode}
    statement = insert(SampleRow).values(values).on_conflict_do_nothing(index_elements=[SampleRow.id])
    inserted = session.execute(statement.returning(SampleRow.id)).first()
    sample = get_sample(session, sample_id)
    if inserted is None and not _is_own_repeat(session, sample, draft):
        raise ConflictError("Another sample has this id.")
    return sample


def update_sample(session: Session, sample_id: UUID, draft: SampleDraft, row_version: int) -> Sample:
    """Save the edited fields; an empty barcode and no person leave those as they are.

    *row_version* is the one that was read: StaleRowError if somebody has saved since. IllegalStepError for an
    archived sample, NotFoundError.
    """
    values = _values(draft)
    if draft.barcode:
        values["barcode"] = draft.barcode
    return _change(session, sample_id, row_version, values)


def step_sample(session: Session, sample_id: UUID, step: Step, row_version: int, reason: str = "") -> Sample:
    """Move a sample on; a rejection's reason is kept with the sample, any other in the record of changes only.

    IllegalStepError, StaleRowError, InvalidInputError (a rejection without a reason), NotAllowedError (archiving is
    for administrators), NotFoundError.
    """
    values: dict[str, Any] = {"status": TARGET[step].value}
    if step is Step.REJECT:
        values["rejection_reason"] = reason
    if reason:
        session.execute(_SET_REASON, {"reason": reason})
    return _change(session, sample_id, row_version, values)


def set_sample_active(session: Session, sample_id: UUID, active: bool, row_version: int) -> Sample:
    """Deactivate or restore a sample; StaleRowError, IllegalStepError (archived), NotFoundError."""
    return _change(session, sample_id, row_version, {"is_active": active})


def delete_sample(session: Session, sample_id: UUID) -> None:
    """Delete a sample for good; IllegalStepError while it has documents, NotAllowedError, NotFoundError."""
    if session.execute(delete(SampleRow).where(SampleRow.id == sample_id).returning(SampleRow.id)).first() is None:
        raise NotFoundError("There is no such sample.")


def _change(session: Session, sample_id: UUID, row_version: int, values: dict[str, Any]) -> Sample:
    # The trigger compares row_version with the row's and counts on; see compare_row_version() in rules.sql.
    statement = update(SampleRow).where(SampleRow.id == sample_id).values(**values, row_version=row_version)
    if session.execute(statement.returning(SampleRow.id)).first() is None:
        raise NotFoundError("There is no such sample.")
    return get_sample(session, sample_id)


def _values(draft: SampleDraft) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": draft.name,
        "description": draft.description,
        "sample_type": draft.sample_type,
        "facts": dict(draft.metadata),
        "collected_at": draft.collected_at,
        "collected_place": draft.collected_place,
        "results": draft.results,
    }
    if draft.user_id is not None:
        values["user_id"] = draft.user_id
    return values


def _is_own_repeat(session: Session, sample: Sample, draft: SampleDraft) -> bool:
    is_own = SampleRow.created_by == literal_column("session_user")
    own = session.execute(select(SampleRow.id).where(SampleRow.id == sample.id, is_own)).first()
    return own is not None and (sample.name, sample.sample_type) == (draft.name, draft.sample_type)


def sample_conditions(session: Session, wanted: SampleFilter, *, by_index: bool = True) -> list[ColumnElement[bool]]:
    """What a filter asks of a row."""
    check_kinds(wanted)
    conditions = contains_words(_WORDS, wanted.search, by_index=by_index)
    conditions += meets(session, wanted.conditions, by_index=by_index)
    if wanted.only_inactive or not wanted.include_inactive:
        conditions.append(_S.is_active.is_(not wanted.only_inactive))
    if wanted.status is not None:
        conditions.append(_S.status == wanted.status.value)
    if wanted.sample_type is not None:
        conditions.append(_S.sample_type == wanted.sample_type)
    if wanted.user_id is not None:
        conditions.append(_S.user_id == wanted.user_id)
    if wanted.barcodes:
        conditions.append(_S.barcode.in_(wanted.barcodes))
    if wanted.since is not None:
        conditions.append(_S.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(_S.created_at < wanted.until)
    return conditions
