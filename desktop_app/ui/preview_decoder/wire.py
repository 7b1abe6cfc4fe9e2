"""What the window and its decoder say to each other: a content there, plain pixels back; standard library only.

A request is ``LKPQ``, the kind (1 byte) and the length of the content (8 bytes), then the content. An answer is
``LKPA``, the outcome (1 byte), how many pages there are (4 bytes) and how many pictures follow (2 bytes); each picture
is width and height (4 bytes each) and its channels (1 byte: 3 is RGB, 4 is RGBA), then its rows without gaps. Numbers
are little-endian. Whoever feeds the decoder a prepared file may have taken it over: nothing in an answer is believed.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

PDF_PAGES = 30
LARGEST_SIDE = 8_192
ANSWER_BYTES = 256 * 1024 * 1024
"""All pictures of an answer together: 30 pages of A4, as wide as they are drawn."""

_REQUEST = struct.Struct("<4sBQ")
_ANSWER = struct.Struct("<4sBIH")
_PICTURE = struct.Struct("<IIB")
_ASKED, _ANSWERED = b"LKPQ", b"LKPA"

Take = Callable[[int], bytes]
"""Reads exactly so many bytes, or raises."""


class Kind(IntEnum):
    """What the content is taken for."""

    PICTURE = 1
    PDF = 2


class Outcome(IntEnum):
    """How decoding ended."""

    SHOWN = 0
    DAMAGED = 1
    NOT_OPENED = 2
    PAGE_NOT_DRAWN = 3
    NO_PAGES = 4
    TOO_LARGE = 5
    POINTS_OUTSIDE = 6
    """A picture that wants to load other files."""


@dataclass(frozen=True)
class Picture:
    """Rows of pixels without gaps, 3 or 4 bytes each."""

    width: int
    height: int
    channels: int
    pixels: bytes


class WireError(ValueError):
    """What came is not what was agreed."""


def request(kind: Kind, length: int) -> bytes:
    """The head of a request."""
    return _REQUEST.pack(_ASKED, kind, length)


def read_request(take: Take) -> tuple[Kind, int]:
    """What is asked for: the kind, and how many bytes follow."""
    mark, kind, length = _REQUEST.unpack(take(_REQUEST.size))
    if mark != _ASKED:
        raise WireError("not a request")
    return Kind(kind), length


def answer(outcome: Outcome, pages: int = 1, count: int = 0) -> bytes:
    """The head of an answer."""
    return _ANSWER.pack(_ANSWERED, outcome, pages, count)


def picture(width: int, height: int, channels: int) -> bytes:
    """The head of a picture."""
    return _PICTURE.pack(width, height, channels)


def read_answer(take: Take) -> tuple[Outcome, int, Iterator[Picture]]:
    """How it ended, how many pages there are, and the pictures as they come; WireError where something is not right."""
    mark, outcome, pages, count = _ANSWER.unpack(take(_ANSWER.size))
    if mark != _ANSWERED or outcome not in tuple(Outcome):
        raise WireError("not an answer")
    if count > PDF_PAGES or pages < count or (outcome == Outcome.SHOWN) != (count > 0):
        raise WireError("the numbers of the answer do not fit")
    return Outcome(outcome), pages, _pictures(take, count)


def _pictures(take: Take, count: int) -> Iterator[Picture]:
    left = ANSWER_BYTES
    for _ in range(count):
        width, height, channels = _PICTURE.unpack(take(_PICTURE.size))
        size = width * height * channels
        if channels not in (3, 4) or not 0 < width <= LARGEST_SIDE or not 0 < height <= LARGEST_SIDE or size > left:
            raise WireError("a picture's size is not what was agreed")
        left -= size
        yield Picture(width, height, channels, take(size))
