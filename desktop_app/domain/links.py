"""Links to something in an installation, and what else the desktop may hand to the window: profile files.

``labkeep://<installation>/<center>``, and for a record ``…/sample/<id>`` or ``…/document/<id>``: ids and nothing else.
A link goes through mail and logs of browsers, so it names no person, no barcode and no title; and what is nothing but
ids can mean nothing else to whoever reads it.
"""

import re
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

from desktop_app.domain.profiles import PROFILE_SUFFIX
from desktop_app.errors import LabkeepError

SCHEME = "labkeep"
LONGEST = 4096
"""Characters; the longest path that a system takes."""
_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FORM = re.compile(f"{SCHEME}://({_ID})/({_ID})(?:/(sample|document)/({_ID}))?/?")

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Of the net, and no path: a drive has one letter."""


class LinkError(LabkeepError):
    """What the window was asked to open is nothing that it opens; what was given is not repeated."""

    code = "link"


class LinkKind(StrEnum):
    """What a link may lead to in a center."""

    SAMPLE = "sample"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Link:
    """Where a link leads: to a center, or to one of its records."""

    installation_id: UUID
    center_id: UUID
    kind: LinkKind | None = None
    record_id: UUID | None = None

    def __str__(self) -> str:
        start = f"{SCHEME}://{self.installation_id}/{self.center_id}"
        return start if self.kind is None else f"{start}/{self.kind}/{self.record_id}"


def read_link(text: str) -> Link:
    """The link that a text is, to the letter: nothing is decoded, joined or left out. Raises LinkError."""
    found = _FORM.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        raise LinkError("This link to Labkeep is damaged or none of ours. Let it be copied again.")
    installation, center, kind, record = found.groups()
    if kind is None:
        return Link(UUID(installation), UUID(center))
    return Link(UUID(installation), UUID(center), LinkKind(kind), UUID(record))


def read_target(text: str) -> Link | Path:
    """What the desktop or a person asks the window to open: a link, or the path of a profile's file.

    Desktops give files as paths or as ``file:`` addresses. Raises LinkError for anything else.
    """
    if text[: len(SCHEME) + 1].casefold() == f"{SCHEME}:":
        return read_link(text)
    path = _path(text) if len(text) <= LONGEST else ""
    if not path.casefold().endswith(PROFILE_SUFFIX) or not path.isprintable():
        raise LinkError(
            "Labkeep opens links that begin with {scheme}:// and profiles whose names end in {suffix}, nothing else.",
            scheme=SCHEME,
            suffix=PROFILE_SUFFIX,
        )
    return Path(path).absolute()


def _path(text: str) -> str:
    if text[:5].casefold() != "file:":
        return "" if _ADDRESS.match(text) else text
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.netloc.casefold() not in ("", "localhost") or parts.query or parts.fragment:
        return ""
    path = unquote(parts.path)
    # file:///C:/lab.labkeep-profile
    return path[1:] if sys.platform == "win32" and re.match(r"/[A-Za-z]:", path) else path
