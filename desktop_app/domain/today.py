"""What of a center wants to be looked at today."""

from dataclasses import dataclass
from datetime import timedelta

from desktop_app.domain.records import Document, Sample

TOO_LONG = timedelta(days=3)
"""Longer than this a sample should neither wait nor be in work."""
MOST = 8
"""So many of each kind are named."""


@dataclass(frozen=True)
class Today:
    """The most urgent of each kind, at most ``MOST``."""

    rejected: tuple[Sample, ...] = ()
    """Rejected since midnight, the latest first."""
    pending: tuple[Sample, ...] = ()
    """Waiting too long, the oldest first."""
    due: tuple[Sample, ...] = ()
    """In work too long, the oldest first."""
    documents: tuple[Document, ...] = ()
    """The last ones."""
    space_left: int | None = None
    """Bytes; None where that cannot be known."""
