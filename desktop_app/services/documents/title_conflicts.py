"""A title that is there already: what is asked, what may be answered, and whether both sides hold the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from pathlib import Path

from desktop_app.crypto.sealed_stream import Readable
from desktop_app.db import documents as rows
from desktop_app.domain.records import Document, Sample
from desktop_app.errors import LabkeepError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.documents.download import Downloader
from desktop_app.services.documents.sources import PLAIN, Sources

COMPARED_AT_MOST = 32 * 1024 * 1024
"""Bytes: the stored side is opened in memory, and comes over the network."""
_PIECE = 1024 * 1024


class OnConflict(StrEnum):
    """What to do when the same sample (or the center, of what belongs to none) has an active document of the title."""

    VERSION = "version"
    KEEP = "keep"
    """A document of its own, under a title of its own: "report (2).pdf"."""
    SKIP = "skip"
    FAIL = "fail"


@dataclass(frozen=True)
class ConflictQuestion:
    """A file, and the active document of its title where it is to go: both sides, for a person to compare."""

    path: Path
    title: str
    """What the file's name makes its title, with the folder it came from."""
    existing: tuple[Document, ...]
    """Active documents of this title in the very same place, newest first; the newest is meant."""
    own_title: str
    """Under which it can be a document of its own."""
    sample: Sample | None = None
    """Whose documents they are; None for those of no sample."""
    size: int = 0
    """In bytes, of what the file holds; about so many where its sources do not know it."""
    changed_at: datetime | None = None
    """When the file was changed last."""
    offers_version: bool = True
    """False for a second file of one title in one drop: it is not the next version of its neighbour."""
    sources: Sources = PLAIN
    """How the file becomes what would be saved."""

    @property
    def document(self) -> Document:
        """The very document that a new version would be of."""
        return self.existing[0]

    @property
    def number(self) -> int:
        """The version that the file would be."""
        return self.document.latest_number + 1

    @property
    def reason(self) -> str:
        """Why it is asked, as a sentence."""
        place = "The center" if self.sample is None else f"{self.sample.name} ({self.sample.barcode})"
        return Message(
            "{place} has a document of this title already, version {latest_number}.",
            place=place,
            latest_number=self.document.latest_number,
        )


Decide = Callable[[Sequence[ConflictQuestion]], Mapping[Path, OnConflict]]
"""Given all open questions, answers at least one of them; Cancelled: nobody answers any more."""


def always(choice: OnConflict) -> Decide:
    """The same answer to every question."""
    return lambda questions: dict.fromkeys((question.path for question in questions), choice)


class Sameness(Enum):
    """What is known of two contents."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_COMPARED = "not compared"


def compare(context: CenterContext, question: ConflictQuestion) -> Sameness:
    """The file of a question and the newest version of the document that has its title."""
    document = question.document
    if question.sources.knows_size and question.size != document.size:
        return Sameness.DIFFERENT
    if max(question.size, document.size) > COMPARED_AT_MOST:
        return Sameness.NOT_COMPARED
    try:
        with context.read() as session:
            version = rows.get_version(session, document.id, document.latest_number)
        stored = Downloader(context).content(version, COMPARED_AT_MOST)
        with question.sources.open(question.path) as file:
            return Sameness.SAME if _holds(file, stored) else Sameness.DIFFERENT
    except LabkeepError:
        return Sameness.NOT_COMPARED


def _holds(file: Readable, content: bytes) -> bool:
    piece, at = memoryview(bytearray(_PIECE)), 0
    while length := file.readinto(piece):
        if content[at : at + length] != piece[:length]:
            return False
        at += length
    return at == len(content)
