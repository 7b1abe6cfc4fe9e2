"""What one person may see: by the trust log, with who said so, and by what PostgreSQL itself lets the login do."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from desktop_app.domain.records import User


@dataclass(frozen=True)
class PlaceAccess:
    """One center, or (``center_id`` None) the whole installation."""

    center_id: UUID | None
    center: str
    role: str
    """By the trust log; empty where it knows of no place and the login has rights all the same."""
    since: datetime | None
    """Since when the person could open the center's documents without a break."""
    signed_by: str
    """Whose signature says so."""
    until: date | None
    is_over: bool
    """Whether the last day is over."""
    rights: str
    """The role whose rights the login has in the server's own catalogs; empty for none."""

    @property
    def agrees(self) -> bool:
        """Whether log and server say the same; a login keeps its rights after a last day, which policies close."""
        return self.role == self.rights


@dataclass(frozen=True)
class Access:
    """The answer for one person; a center's administrator gets that of the centers that are his."""

    user: User
    places: tuple[PlaceAccess, ...]
    login_is_open: bool
    """Whether the server lets the login in."""
    is_active: bool
    """Whether the trust log counts the person in."""
    is_whole: bool
    """Whether these are all places, or only those that the asking person administers."""

    @property
    def agrees(self) -> bool:
        """Whether nothing differs between the log and the server."""
        return self.login_is_open is self.is_active and all(each.agrees for each in self.places)
