"""What is not as it should be, as data: a code, sentences with their values, and the next step."""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.message import Message

MENDABLE = frozenset(
    {
        "expired_uploads",
        "half_written",
        "missing_grant",
        "missing_kit_grant",
        "needless_grant",
        "group_without_place",
        "place_without_group",
        "open_login",
    }
)
"""What the doctor can mend by itself (services/maintenance/repairs.py)."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be, and what to do about it."""

    code: str
    """For programs; it names the kind of thing, such as ``missing_file``."""
    text: Message
    """What it is, with its values."""
    mend: Message
    """The next step."""
    center: str = ""
    """The center's name; empty for what concerns the installation."""
    id: UUID | None = None
    """What it is about, where that has an id: a stored version, a file of the store, a person."""
