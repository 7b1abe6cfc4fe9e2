"""Samples that come in as rows of a sheet: hundreds in one statement, with the rights of whoever brings them.

There is no table in which rows wait: nobody could fill it for somebody else, and nothing of a patient is left in it.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from desktop_app.db.field_orders import own_order
from desktop_app.db.samples import LISTING, sample_conditions
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.records import Sample
from desktop_app.domain.sorting import SampleOrder, Sort

_FIELDS = """
    name text, description text, sample_type text, barcode text, user_id uuid, metadata jsonb, collected_at timestamptz,
    collected_place text, results text
"""
_BEGIN = text("SELECT begin_plan(CAST(:plan AS uuid))")
# A barcode that somebody took meanwhile is no error: whoever asked is told which row it was.
_CREATE = text(f"""
    INSERT INTO samples (
        id, name, description, sample_type, barcode, user_id, metadata, collected_at, collected_place, results
    )
    SELECT w.id, w.name, coalesce(w.description, ''), w.sample_type, coalesce(w.barcode, ''), w.user_id,
        coalesce(w.metadata, '{{}}'), w.collected_at, coalesce(w.collected_place, ''), coalesce(w.results, '')
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (id uuid, {_FIELDS})
    ON CONFLICT (barcode) DO NOTHING RETURNING id
""")  # noqa: S608  # the names are written above
_LOCK = text("""
    SELECT s.id FROM samples s
    JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (id uuid, row_version integer)
        ON w.id = s.id AND w.row_version = s.row_version
    ORDER BY s.id FOR UPDATE OF s
""")
_CHANGE = text("""
    UPDATE samples s
    SET row_version = s.row_version, (
        name, description, sample_type, barcode, user_id, metadata, collected_at, collected_place, results
    ) = (
        SELECT r.name, r.description, r.sample_type, r.barcode, r.user_id, r.metadata, r.collected_at,
            r.collected_place, r.results
        FROM jsonb_populate_record(s, w.after) AS r
    )
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (id uuid, after jsonb)
    WHERE w.id = s.id AND s.id = ANY (CAST(:locked AS uuid[])) RETURNING s.id
""")
_SAVE = text("SELECT save_plan(CAST(:plan AS uuid), :action)")
_OF_BARCODES = LISTING.query.where(LISTING.columns["barcode"].in_(bindparam("barcodes", expanding=True)))


def begin(session: Session, plan_id: UUID) -> None:
    """Whatever the transaction changes from here on is one plan."""
    session.execute(_BEGIN, {"plan": str(plan_id)})


def create(session: Session, rows: str) -> set[UUID]:
    """New samples from a JSON list; the ids of those that came in: a barcode that is taken stays out."""
    return set(session.execute(_CREATE, {"rows": rows}).scalars())


def change(session: Session, rows: str) -> set[UUID]:
    """Change samples by a JSON list of {id, row_version, after}; the ids of those that were as they were shown."""
    locked = [str(found) for found in session.execute(_LOCK, {"rows": rows}).scalars()]
    return set(session.execute(_CHANGE, {"rows": rows, "locked": locked}).scalars())


def save(session: Session, plan_id: UUID, action: str) -> None:
    """Write down that the transaction was the plan."""
    session.execute(_SAVE, {"plan": str(plan_id), "action": action})


def of_barcodes(session: Session, barcodes: Sequence[str]) -> dict[str, Sample]:
    """Those of the center's samples that have one of these, by it."""
    found = session.execute(_OF_BARCODES, {"barcodes": list(barcodes)})
    return {sample.barcode: sample for sample in map(LISTING.read, found)}


def every_sample(session: Session, wanted: SampleFilter, sort: Sort[SampleOrder], at_once: int) -> Iterator[Sample]:
    """All samples of a filter in the order of *sort*, as they were at one moment, however many and however long."""
    return LISTING.every(session, sample_conditions(session, wanted), sort, at_once, own_order(session, sort))
