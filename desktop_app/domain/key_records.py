"""A center's keys and who holds them, as they are shown."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class KeyState(StrEnum):
    """Whether new documents are sealed under a key."""

    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, kw_only=True)
class CenterKey:
    """One version of the center's key, without the key."""

    number: int
    state: KeyState
    created_at: datetime
    created_by: str
    """The display name, or the login where the center does not know it."""


class HolderKind(StrEnum):
    """By what somebody holds the keys of a center."""

    VIEWER = "viewer"
    USER = "user"
    ADMIN = "admin"
    SYSTEM = "system administrator"
    KIT = "recovery kit"


@dataclass(frozen=True, kw_only=True)
class KeyHolder:
    """Somebody who can open this center's documents, as the verified trust log says."""

    identity_id: UUID
    user_id: UUID | None
    """None for the recovery kit."""
    username: str
    display_name: str
    kind: HolderKind
    until: date | None
    """The last day, where there is one."""
    since: datetime
    """When the entry was appended that gave the place (the server's time)."""
    signed_by: str
    """Whose signature gave it: a display name, the recovery kit, or an identity's id."""
    last_sign_in: datetime | None
    keys: tuple[int, ...]
    """The versions of the key that are sealed to the identity now."""
    provisional: bool = False
    """Whether an administrator made the identity, and may have kept a copy of it until the next sign-in."""


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """What became of giving a center another key: its number, or why the former one is still in force."""

    center_id: UUID
    center: str
    number: int | None = None
    problem: str = ""
