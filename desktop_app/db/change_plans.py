"""Carrying out plans of changes in a center's session, and undoing them; see plans.sql."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from desktop_app.domain.change_plan import ChangePlan, MadeChange, MadePlan, PlanAction, PlannedChange, PlanTable
from desktop_app.errors import NotFoundError

_APPLY = text("SELECT apply_plan(:plan, :action, CAST(:samples AS jsonb), CAST(:documents AS jsonb))")
_UNDO = text("SELECT undo_plan(:plan, :undo, CAST(:rows AS uuid[]), CAST(:documents AS jsonb))")
_PLANS = text("SELECT * FROM plans(:before, :limit, :id)")
_ROWS = text("SELECT * FROM plan_rows(:plan)")
_SHUT = text("""
    SELECT w.id, CASE WHEN s.status = 'archived' THEN 'sample_archived' ELSE 'takes_none' END AS why
    FROM jsonb_to_recordset(CAST(:documents AS jsonb)) AS w (id uuid, "to" uuid)
    JOIN documents d ON d.id = w.id
    LEFT JOIN samples s ON s.id = d.sample_id
    LEFT JOIN samples t ON t.id = w."to"
    WHERE s.status = 'archived'
        OR w."to" IS NOT NULL AND (t.id IS NULL OR t.status = 'archived' OR NOT t.is_active)
""")
_IS_MADE = text("SELECT EXISTS (SELECT FROM change_plans c WHERE c.id = :id)")


Signed = tuple[bytes, bytes]
"""A statement of what a document is called, and its signature."""


def apply(session: Session, plan: ChangePlan, signed: Mapping[UUID, Signed]) -> tuple[UUID, ...]:
    """Change what is still as the plan shows it, and write the plan down; the ids of what was changed.

    *signed* has what is signed of each document that will be called something else; without it one stays as it is.
    """
    if plan.undoes is not None:
        statements = [{"id": str(each), **_statement(said)} for each, said in signed.items()]
        values = {
            "plan": plan.undoes,
            "undo": plan.id,
            "rows": [str(each.id) for each in plan.changes],
            "documents": json.dumps(statements),
        }
        return tuple(session.execute(_UNDO, values).scalars())
    of = {table: [each for each in plan.changes if each.table is table] for table in PlanTable}
    values = {
        "plan": plan.id,
        "action": plan.action.value,
        "samples": _as_json(of[PlanTable.SAMPLES], signed),
        "documents": _as_json(of[PlanTable.DOCUMENTS], signed),
    }
    return tuple(session.execute(_APPLY, values).scalars())


def shut_samples(session: Session, changes: Sequence[PlannedChange]) -> dict[UUID, str]:
    """Of documents that should have changed: whose sample is archived, or that they should go to takes none."""
    wanted = [{"id": str(each.id), "to": each.after.get("sample_id")} for each in changes]
    return {row.id: row.why for row in session.execute(_SHUT, {"documents": json.dumps(wanted)})}


def is_made(session: Session, plan_id: UUID) -> bool:
    """Whether the plan was carried out."""
    return bool(session.execute(_IS_MADE, {"id": plan_id}).scalar_one())


def made_plans(session: Session, before: datetime | None, limit: int) -> tuple[MadePlan, ...]:
    """The plans that were carried out before a moment, newest first."""
    return tuple(_made(row) for row in _read(session, before=before, limit=limit))


def made_plan(session: Session, plan_id: UUID) -> MadePlan:
    """One plan; NotFoundError."""
    found = _read(session, limit=1, plan_id=plan_id)
    if not found:
        raise NotFoundError("There is no such plan.")
    return _made(found[0])


def made_changes(session: Session, plan_id: UUID) -> tuple[MadeChange, ...]:
    """What a plan changed, in its order."""
    return tuple(
        MadeChange(
            id=row.row_id,
            table=PlanTable(row.table_name),
            name=row.name,
            before=_without_version(row.old),
            after=_without_version(row.new),
            state=row.state,
        )
        for row in session.execute(_ROWS, {"plan": plan_id})
    )


def _as_json(rows: Sequence[PlannedChange], signed: Mapping[UUID, Signed]) -> str:
    said: Iterable[dict[str, Any]] = (
        {"id": str(row.id), "row_version": row.row_version}
        | (_of_signed(row, signed[row.id]) if row.id in signed else {"after": dict(row.after)})
        for row in rows
        if row.id in signed or not row.is_signed
    )
    return json.dumps(list(said))


def _of_signed(row: PlannedChange, signed: Signed) -> dict[str, Any]:
    return {**_statement(signed), "sample_id": row.after.get("sample_id")}


def _statement(signed: Signed) -> dict[str, str]:
    statement, signature = signed
    return {"statement": statement.hex(), "signature": signature.hex()}


def _read(
    session: Session, *, limit: int, before: datetime | None = None, plan_id: UUID | None = None
) -> Sequence[Any]:
    values = {"before": before, "limit": limit, "id": plan_id}
    return session.execute(_PLANS, values).mappings().all()


def _made(row: Any) -> MadePlan:
    return MadePlan(**{**row, "action": PlanAction(row["action"])})


def _without_version(values: Any) -> dict[str, Any]:
    """Without what only counts changes."""
    return {name: value for name, value in (values or {}).items() if name not in ("row_version", "statement_number")}
