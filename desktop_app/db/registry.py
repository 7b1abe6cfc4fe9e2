"""Reading the registry: centers, users, the installation. Row-level security decides which rows there are.

Every function takes a Session of SharedSessions; errors are those of db/errors.py and NotFoundError.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Table,
    Uuid,
    case,
    collate,
    exists,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from desktop_app.db.api_rows import InstallationRow
from desktop_app.db.listing import Listing, alphabetical, bytewise, capped_count
from desktop_app.db.registry_tables import centers, installations, memberships, sign_ins, users
from desktop_app.db.search import like_pattern, words_of
from desktop_app.domain.filters import CenterFilter, UserFilter
from desktop_app.domain.ids import id_of
from desktop_app.domain.paging import COUNT_CAP, Count, Page, PageKey, Part
from desktop_app.domain.records import Center, CenterContents, CenterStats, Membership, User
from desktop_app.domain.rights import Role
from desktop_app.domain.sorting import NEWEST_CENTERS, NEWEST_USERS, CenterField, Sort, UserField
from desktop_app.domain.text_rules import normal_username
from desktop_app.domain.type_checks import check_kinds
from desktop_app.errors import NotFoundError

_people = users.alias("somebody")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _full_name(person: FromClause) -> ColumnElement[str]:
    full = func.btrim(func.concat(person.c.first_name, " ", person.c.last_name))
    return func.coalesce(func.nullif(full, ""), person.c.username)


def _base(table: Table) -> dict[str, ColumnElement[Any]]:
    """The columns of every record; who made and changed it is a name where the person may see it, else the login."""

    def who(login: ColumnElement[str]) -> ColumnElement[Any]:
        return func.coalesce(select(_full_name(_people)).where(_people.c.login == login).scalar_subquery(), login)

    names = ("id", "created_at", "updated_at", "is_active", "row_version")
    return {name: table.c[name] for name in names} | {
        "created_by": who(table.c.created_by),
        "updated_by": who(table.c.updated_by),
    }


_last_sign_in = select(func.max(sign_ins.c.at)).where(sign_ins.c.user_id == users.c.id).scalar_subquery()

_memberships = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(
                    memberships.c.center_id, func.coalesce(centers.c.name, ""), memberships.c.role, memberships.c.until
                ),
                func.lower(centers.c.name),
                memberships.c.center_id,
            ),
            type_=JSONB,
        )
    )
    .select_from(memberships.outerjoin(centers, centers.c.id == memberships.c.center_id))
    .where(memberships.c.user_id == users.c.id)
    .scalar_subquery()
)


def _read_memberships(rows: list[list[Any]] | None) -> tuple[Membership, ...]:
    return tuple(
        Membership(
            center_id=UUID(center_id),
            center=name,
            role=Role(role),
            until=None if until is None else date.fromisoformat(until),
        )
        for center_id, name, role, until in rows or ()
    )


_CENTERS: Listing[Center, CenterField] = Listing(
    record=Center,
    table=centers,
    columns=_base(centers)
    | {name: centers.c[name] for name in ("name", "slug", "description", "settings", "schema_rev")},
    sorts={
        CenterField.CREATED_AT: centers.c.created_at,
        CenterField.NAME: alphabetical(centers.c.name),
        CenterField.SLUG: bytewise(centers.c.slug),
    },
)
_USERS: Listing[User, UserField] = Listing(
    record=User,
    table=users,
    columns=_base(users)
    | {name: users.c[name] for name in ("username", "email", "first_name", "last_name", "phone")}
    | {name: users.c[name] for name in ("is_system", "login", "must_change_password")}
    | {
        "memberships": _memberships,
        "last_sign_in": _last_sign_in,
    },
    # Without indexes: an installation has thousands of users and centers at most, which PostgreSQL sorts in no time.
    sorts={
        UserField.CREATED_AT: users.c.created_at,
        UserField.USERNAME: bytewise(users.c.username),
        UserField.NAME: alphabetical(_full_name(users)),
        UserField.LAST_SIGN_IN: func.coalesce(_last_sign_in, _NEVER),
    },
    made={"memberships": _read_memberships},
)


def installation(session: Session) -> InstallationRow:
    """The installation's own row."""
    row = session.execute(select(installations)).one()
    return InstallationRow(row.id, row.epoch, row.kdf, row.oldest_client, row.migrated_by, row.created_at)


def shared_revision(session: Session) -> str:
    """The revision of the shared line that the database is at."""
    found: str = session.execute(text("SELECT version_num FROM public.alembic_version")).scalar_one()
    return found


def server_date(session: Session) -> date:
    """The server's day, in UTC: by it last days end."""
    found: date = session.execute(text("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")).scalar_one()
    return found


def usernames(session: Session, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """The user names of those whom the session may see."""
    found = session.execute(select(users.c.id, users.c.username).where(users.c.id.in_(user_ids)))
    return {row.id: row.username for row in found}


def last_sign_ins(session: Session, user_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When these people signed in last, of those whom the session may see."""
    query = select(sign_ins.c.user_id, func.max(sign_ins.c.at)).where(sign_ins.c.user_id.in_(user_ids))
    return {row[0]: row[1] for row in session.execute(query.group_by(sign_ins.c.user_id))}


def note_sign_in(session: Session, workstation: str) -> None:
    """Write down that the session's person signed in, from which computer (at most 200 characters)."""
    session.execute(select(func.api.note_sign_in(workstation)))


def list_centers(
    session: Session,
    filter: CenterFilter,
    after: PageKey | None,
    limit: int,
    sort: Sort[CenterField] = NEWEST_CENTERS,
) -> Page[Center]:
    """The centers that the person may see, in the order of *sort*."""
    return _CENTERS.page(session, _center_conditions(filter), sort, after, limit)


def centers_at(session: Session, filter: CenterFilter, part: Part, sort: Sort[CenterField]) -> tuple[Center, ...]:
    """The centers at these places in the order of *sort*."""
    return _CENTERS.part(session, _center_conditions(filter), sort, part)


def centers_from_a_to_z(
    session: Session, filter: CenterFilter, part: Part, first: Collection[UUID]
) -> tuple[Center, ...]:
    """The centers at these places of the order by name, in which those of *first* stand before all others."""
    place = case((centers.c.id.in_(tuple(first)), "0"), else_="1")
    order = collate(func.concat(place, alphabetical(centers.c.name)), "C")
    listing = replace(_CENTERS, sorts={CenterField.NAME: order})
    return listing.part(session, _center_conditions(filter), Sort(CenterField.NAME), part)


def count_centers(session: Session, filter: CenterFilter, cap: int = COUNT_CAP) -> Count:
    """How many centers the filter has."""
    return capped_count(session, centers, _center_conditions(filter), cap=cap)


def get_center(session: Session, ref: str | UUID) -> Center:
    """A center by id, slug or name (in that order); NotFoundError also for one that may not be seen."""
    center_id = id_of(ref)
    if center_id is not None:
        center = _center(session, centers.c.id == center_id)
    else:
        # A slug is nobody's name but its own center's: it comes first.
        center = _center(session, centers.c.slug == ref) or _center(
            session, func.lower(centers.c.name) == func.lower(ref)
        )
    if center is None:
        raise NotFoundError("There is no such center, or you may not see it.")
    return center


def center_stats(session: Session, center_id: UUID) -> CenterStats:
    """What a center holds, also an inactive one."""
    said: dict[str, Any] = session.execute(select(func.api.center_stats(literal(center_id, Uuid)))).scalar_one()
    return CenterStats(center_id=center_id, **said)


def all_center_ids(session: Session) -> list[UUID]:
    """The ids of every center that the person may see, closed ones too, in the order in which they are locked."""
    return list(session.scalars(select(centers.c.id).order_by(centers.c.id)))


def unfinished(session: Session) -> list[tuple[UUID, UUID]]:
    """Person and center of what is left to be settled; none for whoever is no system administrator."""
    found = session.execute(text("SELECT user_id, center_id FROM public.unfinished ORDER BY since, user_id, center_id"))
    return [(UUID(str(user)), UUID(str(center))) for user, center in found]


def center_contents(session: Session, center_id: UUID) -> CenterContents:
    """What goes with a center when it is deleted; for system administrators."""
    found = session.execute(text("SELECT api.center_contents(:id)"), {"id": center_id}).scalar_one()
    return CenterContents(**found)


def deleted_centers(session: Session) -> list[UUID]:
    """Deleted centers of which the store may still have files; none for whoever is no system administrator."""
    found = session.execute(text("SELECT id FROM public.deleted_centers ORDER BY deleted_at"))
    return [UUID(str(each)) for each in found.scalars()]


def list_users(
    session: Session,
    filter: UserFilter,
    after: PageKey | None,
    limit: int,
    sort: Sort[UserField] = NEWEST_USERS,
) -> Page[User]:
    """The users that the person may see, in the order of *sort*."""
    return _USERS.page(session, _user_conditions(filter), sort, after, limit)


def users_at(session: Session, filter: UserFilter, part: Part, sort: Sort[UserField]) -> tuple[User, ...]:
    """The users at these places in the order of *sort*."""
    return _USERS.part(session, _user_conditions(filter), sort, part)


def count_users(session: Session, filter: UserFilter, cap: int = COUNT_CAP) -> Count:
    """How many users the filter has."""
    return capped_count(session, users, _user_conditions(filter), cap=cap)


def get_user(session: Session, ref: str | UUID) -> User:
    """A user by id or user name; NotFoundError also for one that may not be seen."""
    user_id = id_of(ref)
    return _user(session, users.c.id == user_id if user_id else users.c.username == normal_username(str(ref)))


def own_user(session: Session) -> User:
    """The session's own person; NotFoundError for a login that is nobody's (a superuser's)."""
    return _user(session, users.c.login == text("session_user"))


def _center(session: Session, condition: ColumnElement[bool]) -> Center | None:
    return _CENTERS.first(session, _CENTERS.query.where(condition))


def _user(session: Session, condition: ColumnElement[bool]) -> User:
    user = _USERS.first(session, _USERS.query.where(condition))
    if user is None:
        raise NotFoundError("There is no such user, or you may not see it.")
    return user


def _center_conditions(wanted: CenterFilter) -> list[ColumnElement[bool]]:
    check_kinds(wanted)
    columns = (centers.c.name, centers.c.slug, centers.c.description)
    active = [] if wanted.include_inactive else [centers.c.is_active]
    return [*active, *_words(columns, wanted.search)]


def _user_conditions(wanted: UserFilter) -> list[ColumnElement[bool]]:
    check_kinds(wanted)
    columns = (users.c.username, users.c.email, users.c.first_name, users.c.last_name)
    conditions = _words(columns, wanted.search)
    if not wanted.include_inactive:
        conditions.append(users.c.is_active)
    places = [memberships.c.user_id == users.c.id]
    if wanted.center_id is not None:
        places.append(memberships.c.center_id == wanted.center_id)
    if wanted.role is not None:
        places.append(memberships.c.role == wanted.role.value)
    if len(places) > 1:
        placed = exists().where(*places)
        everywhere = wanted.center_id is None and wanted.role is Role.ADMIN
        conditions.append(or_(placed, users.c.is_system) if everywhere else placed)
    return conditions


def _words(columns: tuple[Any, ...], search: str) -> list[ColumnElement[bool]]:
    """Each word must be in one of the columns, whatever its case."""
    return [or_(*(column.ilike(f"%{like_pattern(word)}%") for column in columns)) for word in words_of(search)]
