"""Saved views and work lists of the session's center."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desktop_app.db.models import PersonRow, SampleRow, SavedViewRow, WorkListItemRow, WorkListRow
from desktop_app.domain.saved_views import SavedView
from desktop_app.domain.work_lists import WorkItem, WorkList
from desktop_app.errors import NotFoundError

_V, _L, _I = SavedViewRow.__table__.c, WorkListRow.__table__.c, WorkListItemRow.__table__.c
_P, _S = PersonRow.__table__.c, SampleRow.__table__.c
_REMOVE = text("SELECT remove_from_work_list(:list, CAST(:samples AS uuid[]))")
_ARRANGE = text("""
    UPDATE work_list_items i SET position = o.place
    FROM unnest(CAST(:samples AS uuid[])) WITH ORDINALITY AS o (sample_id, place)
    WHERE i.list_id = :list AND i.sample_id = o.sample_id AND i.position <> o.place
""")
_ME: ColumnElement[str] = literal_column("session_user")


def saved_views(session: Session) -> tuple[SavedView, ...]:
    """One's own and the shared ones, by name."""
    owner = func.coalesce(_name(_V.login), _V.login).label("owner")
    query = select(_V.id, _V.name, _V.is_shared, (_V.login == _ME).label("is_own"), owner, _V.updated_at, _V.content)
    return tuple(
        SavedView(
            id=row.id,
            name=row.name,
            is_shared=row.is_shared,
            is_own=row.is_own,
            owner=row.owner,
            updated_at=row.updated_at,
            text=row.content,
        )
        for row in session.execute(query.order_by(func.lower(_V.name), _V.id))
    )


def save_view(session: Session, view_id: UUID, name: str, text: str, *, is_shared: bool) -> None:
    """Make a view, or make it another one; NotAllowedError for a shared one without the right."""
    values = {"name": name, "is_shared": is_shared, "content": text}
    done = session.execute(update(SavedViewRow).where(_V.id == view_id).values(values).returning(_V.id)).first()
    if done is None:
        session.execute(insert(SavedViewRow).values(id=view_id, **values))


def delete_view(session: Session, view_id: UUID) -> None:
    """Delete it; NotFoundError also for one that is not one's own."""
    if not session.execute(select(func.delete_view(view_id))).scalar_one():
        raise NotFoundError("There is no such view, or it is not yours to delete.")


def work_lists(session: Session) -> tuple[WorkList, ...]:
    """All of the center, newest first, each with how far it is."""
    items = select(func.count()).where(_I.list_id == _L.id)
    person = select(func.coalesce(func.nullif(_P.display_name, ""), _P.username)).where(_P.id == _L.user_id)
    query = select(
        _L.id,
        _L.name,
        _L.user_id,
        _L.created_at,
        func.coalesce(person.scalar_subquery(), "").label("person"),
        items.scalar_subquery().label("samples"),
        items.where(_I.is_done).scalar_subquery().label("done"),
    )
    rows = session.execute(query.order_by(_L.created_at.desc(), _L.id)).mappings()
    return tuple(WorkList(**row) for row in rows)


def make_work_list(session: Session, list_id: UUID, name: str, user_id: UUID | None) -> None:
    """A new one; InvalidInputError for a taken name."""
    session.execute(insert(WorkListRow).values(id=list_id, name=name, user_id=user_id))


def change_work_list(session: Session, list_id: UUID, name: str, user_id: UUID | None) -> None:
    """Another name, or somebody else's; NotFoundError."""
    query = update(WorkListRow).where(_L.id == list_id).values(name=name, user_id=user_id)
    if session.execute(query.returning(_L.id)).first() is None:
        raise NotFoundError("There is no such work list.")


def delete_work_list(session: Session, list_id: UUID) -> None:
    """The list, and none of its samples; NotFoundError."""
    if not session.execute(select(func.delete_work_list(list_id))).scalar_one():
        raise NotFoundError("There is no such work list.")


def work_items(session: Session, list_id: UUID) -> tuple[WorkItem, ...]:
    """The samples of a list, in its order."""
    who = func.coalesce(_name(_I.done_by), _I.done_by, "").label("done_by")
    query = select(_I.sample_id, _S.barcode, _S.name, _I.is_done, _I.done_at, who)
    joined = query.join(SampleRow, _S.id == _I.sample_id).where(_I.list_id == list_id)
    return tuple(WorkItem(**row) for row in session.execute(joined.order_by(_I.position, _I.sample_id)).mappings())


def add_work_items(session: Session, list_id: UUID, sample_ids: Sequence[UUID]) -> int:
    """Put these at the end, in this order, those that are not in it already; how many were new."""
    last = session.execute(select(func.coalesce(func.max(_I.position), 0)).where(_I.list_id == list_id)).scalar_one()
    rows = [{"list_id": list_id, "sample_id": each, "position": last + at} for at, each in enumerate(sample_ids, 1)]
    if not rows:
        return 0
    made = session.execute(insert(WorkListItemRow).values(rows).on_conflict_do_nothing().returning(_I.sample_id))
    return len(made.all())


def arrange_work_items(session: Session, list_id: UUID, sample_ids: Sequence[UUID]) -> None:
    """Put these in front, in this order, and leave the others behind them; NotFoundError."""
    # One after the other: two orders at once would wait for each other's rows.
    if session.execute(select(_L.id).where(_L.id == list_id).with_for_update()).first() is None:
        raise NotFoundError("There is no such work list.")
    order = select(_I.sample_id).where(_I.list_id == list_id).order_by(_I.position, _I.sample_id)
    there = dict.fromkeys(session.scalars(order))
    ordered = dict.fromkeys(each for each in (*sample_ids, *there) if each in there)
    session.execute(_ARRANGE, {"list": list_id, "samples": list(ordered)})


def remove_work_items(session: Session, list_id: UUID, sample_ids: Sequence[UUID]) -> int:
    """Take these out; how many there were."""
    gone: int = session.execute(_REMOVE, {"list": list_id, "samples": list(sample_ids)}).scalar_one()
    return gone


def tick(session: Session, list_id: UUID, sample_id: UUID, *, is_done: bool) -> bool | None:
    """Say that this one is done, or not after all; whether that is new, None where it is not in the list."""
    here = (_I.list_id == list_id, _I.sample_id == sample_id)
    before: bool | None = session.execute(select(_I.is_done).where(*here)).scalar_one_or_none()
    if before is None:
        return None
    changed = update(WorkListItemRow).where(*here, _I.is_done.is_(not is_done)).values(is_done=is_done)
    return session.execute(changed.returning(_I.sample_id)).first() is not None


def _name(login: ColumnElement[str]) -> ColumnElement[str]:
    shown = func.coalesce(func.nullif(_P.display_name, ""), _P.username)
    return select(shown).where(_P.login == login).scalar_subquery()
