"""Reading the registry: centers, users, the installation. Row-level security decides which rows there are.

Every function takes a Session of SharedSessions; errors are those of db/errors.py and NotFoundError.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Row, Select, Table, Uuid, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import Session

from desktop_app.db.registry_tables import centers, installations, sign_ins, users
from desktop_app.db.rows import InstallationRow
from desktop_app.db.search import like_pattern
from desktop_app.domain.filters import CenterFilter, UserFilter
from desktop_app.domain.ids import parse_id
from desktop_app.domain.paging import COUNT_CAP, Count, Page, PageKey
from desktop_app.domain.records import Center, CenterStats, User
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import normal_username
from desktop_app.errors import NotFoundError

Record = TypeVar("Record", Center, User)

_makers = users.alias("makers")
_changers = users.alias("changers")
_homes = centers.alias("homes")


def installation(session: Session) -> InstallationRow:
    """The installation's own row."""
    row = session.execute(select(installations)).one()
    return InstallationRow(row.id, row.epoch, row.kdf, row.oldest_client, row.created_at)


def shared_revision(session: Session) -> str:
    """The revision of the shared line that the database is at."""
    found: str = session.execute(text("SELECT version_num FROM public.alembic_version")).scalar_one()
    return found


def note_sign_in(session: Session, workstation: str) -> None:
    """Write down that the session's person signed in, from which computer (at most 200 characters)."""
    session.execute(select(func.api.note_sign_in(workstation)))


def list_centers(session: Session, filter: CenterFilter, after: PageKey | None, limit: int) -> Page[Center]:
    """The centers that the person may see, newest first."""
    return _page(session, _centers().where(*_center_conditions(filter)), centers, after, limit, _center)


def count_centers(session: Session, filter: CenterFilter) -> Count:
    """How many centers the filter has."""
    return _count(session, select(centers.c.id).where(*_center_conditions(filter)))


def get_center(session: Session, ref: str | UUID) -> Center:
    """A center by id, slug or name (in that order); NotFoundError also for one that may not be seen."""
    center_id = ref if isinstance(ref, UUID) else parse_id(ref)
    if center_id is not None:
        condition = centers.c.id == center_id
    else:
        condition = or_(centers.c.slug == ref, func.lower(centers.c.name) == func.lower(ref))
    # A slug is nobody's name but its own center's: it comes first.
    query = _centers().where(condition).order_by((centers.c.slug == str(ref)).desc()).limit(1)
    return _found(session, query, _center, "center")


def center_stats(session: Session, center_id: UUID) -> CenterStats:
    """What a center holds, also an inactive one."""
    said: dict[str, Any] = session.execute(select(func.api.center_stats(literal(center_id, Uuid)))).scalar_one()
    return CenterStats(center_id=center_id, **said)


def all_center_ids(session: Session) -> list[UUID]:
    """The ids of every center that the person may see, closed ones too, in the order in which they are locked."""
    return list(session.scalars(select(centers.c.id).order_by(centers.c.id)))


def list_users(session: Session, filter: UserFilter, after: PageKey | None, limit: int) -> Page[User]:
    """The users that the person may see, newest first."""
    return _page(session, _users().where(*_user_conditions(filter)), users, after, limit, _user)


def count_users(session: Session, filter: UserFilter) -> Count:
    """How many users the filter has."""
    return _count(session, select(users.c.id).where(*_user_conditions(filter)))


def get_user(session: Session, ref: str | UUID) -> User:
    """A user by id or user name; NotFoundError also for one that may not be seen."""
    user_id = ref if isinstance(ref, UUID) else parse_id(ref)
    condition = users.c.id == user_id if user_id is not None else users.c.username == normal_username(str(ref))
    return _found(session, _users().where(condition), _user, "user")


def own_user(session: Session) -> User:
    """The session's own person; NotFoundError for a login that is nobody's (a superuser's)."""
    return _found(session, _users().where(users.c.login == text("session_user")), _user, "user")


def _centers() -> Select[Any]:
    return _with_names(select(centers), centers)


def _users() -> Select[Any]:
    last = select(func.max(sign_ins.c.at)).where(sign_ins.c.user_id == users.c.id).scalar_subquery()
    query = select(users, _homes.c.name.label("center_name"), last.label("last_sign_in"))
    return _with_names(query, users).outerjoin(_homes, _homes.c.id == users.c.center_id)


def _with_names(query: Select[Any], table: Table) -> Select[Any]:
    """Adds who made and changed the row: a name where the person may see it, else the login."""
    return (
        query.add_columns(_name(_makers).label("maker"), _name(_changers).label("changer"))
        .select_from(table)
        .outerjoin(_makers, _makers.c.login == table.c.created_by)
        .outerjoin(_changers, _changers.c.login == table.c.updated_by)
    )


def _name(person: FromClause) -> ColumnElement[str]:
    full = func.btrim(func.concat(person.c.first_name, " ", person.c.last_name))
    return func.coalesce(func.nullif(full, ""), person.c.username)


def _center_conditions(wanted: CenterFilter) -> list[ColumnElement[bool]]:
    columns = (centers.c.name, centers.c.slug, centers.c.description)
    active = [] if wanted.include_inactive else [centers.c.is_active]
    return [*active, *_words(columns, wanted.search)]


def _user_conditions(wanted: UserFilter) -> list[ColumnElement[bool]]:
    columns = (users.c.username, users.c.email, users.c.first_name, users.c.last_name)
    conditions = _words(columns, wanted.search)
    if not wanted.include_inactive:
        conditions.append(users.c.is_active)
    if wanted.center_id is not None:
        conditions.append(users.c.center_id == wanted.center_id)
    if wanted.role is not None:
        conditions.append(users.c.role == wanted.role.value)
    return conditions


def _words(columns: tuple[Any, ...], search: str) -> list[ColumnElement[bool]]:
    """Each word must be in one of the columns, whatever its case."""
    return [or_(*(column.ilike(f"%{like_pattern(word)}%") for column in columns)) for word in search.split()]


def _page(
    session: Session,
    query: Select[Any],
    table: Table,
    after: PageKey | None,
    limit: int,
    record: Callable[[Row[Any]], Record],
) -> Page[Record]:
    key = tuple_(table.c.created_at, table.c.id)
    if after is not None:
        query = query.where(key < tuple_(after.created_at, after.id))
    # One row more than asked for tells whether there is a next page.
    rows = session.execute(query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit + 1)).all()
    shown = tuple(record(row) for row in rows[:limit])
    more = len(rows) > limit and bool(shown)
    return Page(shown, PageKey(shown[-1].created_at, shown[-1].id) if more else None)


def _count(session: Session, query: Select[Any]) -> Count:
    some = query.limit(COUNT_CAP + 1).subquery()
    number = session.execute(select(func.count()).select_from(some)).scalar_one()
    return Count(min(number, COUNT_CAP), capped=number > COUNT_CAP)


def _found(session: Session, query: Select[Any], record: Callable[[Row[Any]], Record], what: str) -> Record:
    row = session.execute(query).first()
    if row is None:
        raise NotFoundError(f"There is no such {what}, or you may not see it.")
    return record(row)


def _center(row: Row[Any]) -> Center:
    return Center(
        **_base(row),
        name=row.name,
        slug=row.slug,
        description=row.description,
        settings=row.settings,
        schema_rev=row.schema_rev,
    )


def _user(row: Row[Any]) -> User:
    return User(
        **_base(row),
        username=row.username,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        phone=row.phone,
        center_id=row.center_id,
        center_name=row.center_name or "",
        role=Role(row.role),
        login=row.login,
        must_change_password=row.must_change_password,
        last_sign_in=row.last_sign_in,
    )


def _base(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "created_by": row.maker or row.created_by,
        "updated_by": row.changer or row.updated_by,
        "is_active": row.is_active,
        "row_version": row.row_version,
    }
