"""What became of a change of a person."""

from dataclasses import dataclass

from desktop_app.domain.key_records import NewKey
from desktop_app.domain.records import Center, User


@dataclass(frozen=True)
class NewUser:
    """A person who was just given a first password, which is shown once."""

    user: User
    password: str
    sessions_left: int | None = 0
    """As of ``Changed``."""


@dataclass(frozen=True)
class NewCenter:
    """A center that was made together with its first administrator."""

    center: Center
    administrator: NewUser


@dataclass(frozen=True)
class Changed:
    """A person whose places were changed, and what became of his open sessions afterwards."""

    user: User
    sessions_left: int | None = 0
    """Open sessions that the server could not end; 0 is what everyone expects, None where it could not be asked."""
    new_keys: tuple[NewKey, ...] = ()
    """The centers that he left, each with its new key, or with why it has none yet."""


@dataclass(frozen=True)
class Deactivation(Changed):
    """A person who is out: login, memberships and grants are gone."""
