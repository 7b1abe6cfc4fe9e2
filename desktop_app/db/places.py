"""Who has which place: by the registry's rows, and by the memberships of PostgreSQL's own roles.

Every function takes a Session of SharedSessions. Row-level security shows a center's administrators the people of their
center; roles and their memberships are in catalogs that every login can read.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Text, Uuid, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from desktop_app.db.api_rows import GrantRow
from desktop_app.domain.ids import schema_name

_PLACES = text("""
    SELECT u.id, u.login, u.username, u.is_active, m.role, m.until
    FROM public.memberships m JOIN public.users u ON u.id = m.user_id WHERE m.center_id = :center
""")
_SYSTEM = text("SELECT u.id, u.login, u.username, u.is_active, 'admin', NULL FROM public.users u WHERE u.is_system")
# Groups contain each other, and Labkeep's own roles administer them: neither is a person's.
_IN_GROUPS = text("""
    SELECT l.rolname, g.rolname FROM pg_catalog.pg_auth_members a
    JOIN pg_catalog.pg_roles g ON g.oid = a.roleid JOIN pg_catalog.pg_roles l ON l.oid = a.member
    WHERE g.rolname = ANY (:groups) AND l.rolname <> ALL (:groups)
        AND l.rolname NOT IN ('labkeep_security', 'labkeep_owner', 'labkeep_platform')
""")
_GROUPS_OF = text("""
    SELECT g.rolname FROM pg_catalog.pg_auth_members a
    JOIN pg_catalog.pg_roles g ON g.oid = a.roleid JOIN pg_catalog.pg_roles l ON l.oid = a.member
    WHERE l.rolname = :login
""")
_GROUP = re.compile(r"center_([0-9a-f]{32})_(viewer|user|admin)")
_LOGINS = text("""
    SELECT l.rolname, l.rolcanlogin,
        l.rolsuper OR l.rolcreaterole OR l.rolcreatedb OR l.rolreplication OR l.rolbypassrls
    FROM pg_catalog.pg_roles l WHERE l.rolname ~ '^u_[a-z2-7]{32}$'
""")
_EVERYBODY = text("SELECT u.login, u.username, u.is_active FROM public.users u")
_ROLES = ("viewer", "user", "admin")


@dataclass(frozen=True)
class Place:
    """A person's place, as the registry has it."""

    user_id: UUID
    login: str
    username: str
    is_active: bool
    role: str
    until: date | None


@dataclass(frozen=True)
class Login:
    """A login of PostgreSQL's that has the form of a person's."""

    name: str
    is_open: bool
    is_mighty: bool
    """Whether it has an attribute that no person has: superuser, or one that leads there."""


def places(session: Session, center_id: UUID | None) -> list[Place]:
    """Members of a center, deactivated ones too; of no center: the system administrators."""
    query = _SYSTEM if center_id is None else _PLACES
    return [Place(*row) for row in session.execute(query, {} if center_id is None else {"center": center_id})]


def in_groups(session: Session, center_id: UUID | None) -> set[tuple[str, str]]:
    """Login and role of everybody who is in a group of the center's (None: the system administrators')."""
    prefix = "" if center_id is None else f"{schema_name(center_id)}_"
    groups = ["labkeep_platform"] if center_id is None else [prefix + role for role in _ROLES]
    found = session.execute(_IN_GROUPS, {"groups": groups})
    return {(login, "admin" if center_id is None else group.removeprefix(prefix)) for login, group in found}


def groups_of(session: Session, login: str) -> dict[UUID | None, str]:
    """The highest role of a login in each center (None: the system administrators'), whatever the registry says."""
    found: dict[UUID | None, str] = {}
    for name in session.scalars(_GROUPS_OF, {"login": login}):
        group = _GROUP.fullmatch(name)
        if name == "labkeep_platform":
            found[None] = "admin"
        elif group is not None:
            center_id = UUID(group[1])
            found[center_id] = max(found.get(center_id, "viewer"), group[2], key=_ROLES.index)
    return found


def logins(session: Session) -> list[Login]:
    """Every login that has the form of a person's."""
    return [Login(*row) for row in session.execute(_LOGINS)]


def people_by_login(session: Session) -> dict[str, tuple[str, bool]]:
    """User name, and whether active, of everybody whom the session may see."""
    return {login: (username, active) for login, username, active in session.execute(_EVERYBODY)}


def grant_again(session: Session, center_id: UUID, user_id: UUID, grants: Sequence[GrantRow]) -> None:
    """Seal the keys that he lacks to a person of the center; GrantsMissingError, NotFoundError."""
    sealed = literal([grant.to_json() for grant in grants], JSONB)
    session.execute(select(func.api.grant_again(literal(center_id, Uuid), literal(user_id, Uuid), sealed)))


def drop_needless_grants(session: Session, center_id: UUID) -> int:
    """Delete the grants of people who must not open the center; how many there were."""
    dropped: int = session.execute(select(func.api.drop_needless_grants(literal(center_id, Uuid)))).scalar_one()
    return dropped


def mend_groups(session: Session, center_id: UUID | None, names: Collection[str]) -> None:
    """Give logins the groups that their places say; RefusedError where one of the others cannot be taken from here."""
    for name in names:
        session.execute(select(func.api.mend_groups(literal(center_id, Uuid), literal(name, Text))))
