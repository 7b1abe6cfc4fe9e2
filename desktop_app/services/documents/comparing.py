"""Whether a file holds what a stored version holds: sizes first, then every byte, where that is cheap."""

from enum import Enum
from io import BufferedIOBase

from desktop_app.db import documents as rows
from desktop_app.errors import LabkeepError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.documents.add_results import ConflictQuestion
from desktop_app.services.documents.download import Opener
from desktop_app.storage.dropped_files import open_source

COMPARED_AT_MOST = 32 * 1024 * 1024
"""Bytes: the stored side is opened in memory, and comes over the network."""
_PIECE = 1024 * 1024


class Sameness(Enum):
    """What is known of two contents."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_COMPARED = "not compared"


def compare(access: CenterContext, question: ConflictQuestion) -> Sameness:
    """The file of a question and the newest version of the document that has its title."""
    document = question.document
    if question.size != document.size:
        return Sameness.DIFFERENT
    if question.size > COMPARED_AT_MOST:
        return Sameness.NOT_COMPARED
    try:
        with access.read() as session:
            version = rows.get_version(session, document.id, document.latest_number)
        stored = Opener(access).content(version, COMPARED_AT_MOST)
        with open_source(question.path) as file:
            return Sameness.SAME if _holds(file, stored) else Sameness.DIFFERENT
    except LabkeepError:
        return Sameness.NOT_COMPARED


def _holds(file: BufferedIOBase, content: bytes) -> bool:
    at = 0
    while piece := file.read(_PIECE):
        if content[at : at + len(piece)] != piece:
            return False
        at += len(piece)
    return at == len(content)
