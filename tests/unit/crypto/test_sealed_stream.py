"""The body of a stored file: every size, every kind of damage, every place it might be swapped to."""

import io
import os
import threading
import tracemalloc
from typing import Any
from uuid import UUID, uuid4

import pytest
from blake3 import blake3

from desktop_app.crypto import sealed_stream as stream
from desktop_app.crypto.errors import CryptoError, TamperedError
from desktop_app.errors import Cancelled
from tests.unit.crypto.reference import seal_body, stored_size

MIB = stream.SEGMENT
KEY = bytes(range(32))
CENTER, DOCUMENT, VERSION = uuid4(), uuid4(), uuid4()
ASSOCIATED = stream.associated_data(CENTER, DOCUMENT, VERSION)
BORDERS = [MIB - 56 + number * (MIB - 16) for number in range(3)]
SIZES = [0, 1, 2, 15, 16, 17, 39, 40, 41, 65_535, 65_536] + [border + by for border in BORDERS for by in (-1, 0, 1)]


def seal(clear: bytes, key: bytes = KEY, associated: bytes = ASSOCIATED) -> bytes:
    target = io.BytesIO()
    stream.seal_stream(io.BytesIO(clear), target, key, associated)
    return target.getvalue()


def opened(sealed: bytes, key: bytes = KEY, associated: bytes = ASSOCIATED) -> bytes:
    target = io.BytesIO()
    stream.open_stream(io.BytesIO(sealed), target, key, associated)
    return target.getvalue()


@pytest.fixture(scope="module")
def clear() -> bytes:
    """Four segments, the last one short."""
    return os.urandom(BORDERS[2] + 1000)


@pytest.fixture(scope="module")
def sealed(clear: bytes) -> bytes:
    return seal(clear)


def parts(sealed: bytes) -> list[bytes]:
    """Header, then the segments."""
    first = [sealed[:40], sealed[40:MIB]]
    return first + [sealed[start : start + MIB] for start in range(MIB, len(sealed), MIB)]


def assert_refused(damaged: bytes, clear: bytes) -> None:
    """Neither opened nor verified, and nothing came out that is not the true beginning."""
    target = io.BytesIO()
    with pytest.raises(TamperedError):
        stream.open_stream(io.BytesIO(damaged), target, KEY, ASSOCIATED)
    assert clear.startswith(target.getvalue())
    assert len(target.getvalue()) < len(clear) or not clear
    with pytest.raises(TamperedError):
        stream.open_stream(io.BytesIO(damaged), None, KEY, ASSOCIATED)
    with pytest.raises(TamperedError):
        stream.authenticate_stream(io.BytesIO(damaged), KEY, ASSOCIATED)


@pytest.mark.parametrize("size", SIZES)
def test_every_size_comes_back(size: int) -> None:
    clear, target = os.urandom(size), io.BytesIO()
    made = stream.seal_stream(io.BytesIO(clear), target, KEY, ASSOCIATED)
    sealed = target.getvalue()
    assert made == stream.SealedSize(size, len(sealed), f"blake3:{blake3(sealed).hexdigest()}")
    assert len(sealed) == stored_size(size)
    assert sealed == seal_body(clear, KEY, sealed[1:33], sealed[33:40], ASSOCIATED)
    assert opened(sealed) == clear
    assert stream.open_stream(io.BytesIO(sealed), None, KEY, ASSOCIATED) == made
    assert stream.open_stream(io.BytesIO(sealed), io.BytesIO(), KEY, ASSOCIATED) == made
    assert stream.authenticate_stream(io.BytesIO(sealed), KEY, ASSOCIATED) == size


@pytest.mark.parametrize("at", [0, 1, 32, 33, 39, 40, 60])
def test_what_was_just_sealed_is_not_believed_when_it_comes_back_changed(at: int) -> None:
    """The segment's key is at hand still, as when an upload reads back."""
    target, pool = io.BytesIO(), stream.BufferPool()
    stream.seal_stream(io.BytesIO(b"clear text"), target, KEY, ASSOCIATED, buffers=pool)
    sealed = bytearray(target.getvalue())
    assert stream.authenticate_stream(io.BytesIO(sealed), KEY, ASSOCIATED, buffers=pool) == 10
    for key, associated in ((bytes(32), ASSOCIATED), (KEY, b"another place")):
        with pytest.raises(TamperedError):
            stream.authenticate_stream(io.BytesIO(sealed), key, associated, buffers=pool)
    sealed[at] ^= 1
    with pytest.raises(TamperedError):
        stream.authenticate_stream(io.BytesIO(sealed), KEY, ASSOCIATED, buffers=pool)


def test_no_two_bodies_are_alike_and_none_shows_its_content() -> None:
    clear = b"plain text of a lab" * 1000
    bodies = [seal(clear) for _ in range(3)]
    assert len({body[:40] for body in bodies}) == 3
    assert len({body[-100:] for body in bodies}) == 3
    assert all(b"plain text" not in body for body in bodies)


def test_each_byte_of_header_and_small_body_counts() -> None:
    sealed = seal(b"sample 42")
    for place in range(len(sealed)):
        for bit in range(8):
            damaged = bytearray(sealed)
            damaged[place] ^= 1 << bit
            assert_refused(bytes(damaged), b"sample 42")


def regions() -> list[int]:
    """The first and last bytes, the tag and the middle of each segment of the four."""
    starts = [40, MIB, 2 * MIB, 3 * MIB]
    ends = [MIB, 2 * MIB, 3 * MIB, 3 * MIB + 1000 + 16]
    places = [0, 1, 32, 33, 39]
    for start, end in zip(starts, ends, strict=True):
        places += [start, start + 1, (start + end) // 2, end - 17, end - 16, end - 1]
    return places


@pytest.mark.parametrize("place", regions())
def test_a_flip_in_every_region(sealed: bytes, clear: bytes, place: int) -> None:
    damaged = bytearray(sealed)
    damaged[place] ^= 0x40
    assert_refused(bytes(damaged), clear)


CUTS = sorted({at + by for at in (0, 1, 33, 40, 56, MIB, 2 * MIB, 3 * MIB, 3 * MIB + 16) for by in (-1, 0, 1)} - {-1})


@pytest.mark.parametrize("length", [*CUTS, 3 * MIB + 500, 3 * MIB + 1015])
def test_a_cut_at_every_border(sealed: bytes, clear: bytes, length: int) -> None:
    assert len(sealed) == 3 * MIB + 1016
    assert_refused(sealed[:length], clear)


@pytest.mark.parametrize("length", range(56))
def test_a_cut_of_an_empty_document(length: int) -> None:
    assert_refused(seal(b"")[:length], b"")


@pytest.mark.parametrize("more", [b"\x00", bytes(15), bytes(16), bytes(17), bytes(MIB)])
@pytest.mark.parametrize("size", [0, 9, BORDERS[0], BORDERS[1], BORDERS[1] + 5])
def test_an_extension(size: int, more: bytes) -> None:
    clear = os.urandom(size)
    assert_refused(seal(clear) + more, clear)


ORDERS = {
    "first two swapped": [0, 2, 1, 3, 4],
    "middle two swapped": [0, 1, 3, 2, 4],
    "last two swapped": [0, 1, 2, 4, 3],
    "one repeated": [0, 1, 2, 2, 3, 4],
    "last repeated": [0, 1, 2, 3, 4, 4],
    "all repeated": [0, 1, 2, 3, 4, 0, 1, 2, 3, 4],
    "first dropped": [0, 2, 3, 4],
    "middle dropped": [0, 1, 2, 4],
    "last dropped": [0, 1, 2, 3],
    "all but the last dropped": [0, 4],
    "header dropped": [1, 2, 3, 4],
    "header repeated": [0, 0, 1, 2, 3, 4],
    "header only": [0],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_segments_in_another_order(sealed: bytes, clear: bytes, order: list[int]) -> None:
    pieces = parts(sealed)
    assert_refused(b"".join(pieces[number] for number in order), clear)


@pytest.mark.parametrize("number", range(5))
def test_a_part_of_another_body_under_the_same_key(sealed: bytes, clear: bytes, number: int) -> None:
    pieces = parts(sealed)
    pieces[number] = parts(seal(clear))[number]
    assert_refused(b"".join(pieces), clear)


def test_another_key_opens_nothing(sealed: bytes) -> None:
    for key in (bytes(32), KEY[:-1] + b"\x00", stream.make_document_key()):
        with pytest.raises(TamperedError):
            opened(sealed, key)


@pytest.mark.parametrize("which", range(3))
def test_another_center_document_or_version_opens_nothing(sealed: bytes, which: int) -> None:
    ids: list[UUID] = [CENTER, DOCUMENT, VERSION]
    ids[which] = uuid4()
    with pytest.raises(TamperedError):
        opened(sealed, associated=stream.associated_data(*ids))


def test_associated_data_are_as_documented() -> None:
    ids = [UUID(int=number) for number in (1, 2, 0xABC)]
    expected = "labkeep/1|" + "|".join(f"00000000-0000-0000-0000-{number:012x}" for number in (1, 2, 0xABC))
    assert stream.associated_data(*ids).decode() == expected


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused_before_anything_is_written(length: int) -> None:
    target = io.BytesIO()
    with pytest.raises(CryptoError):
        stream.seal_stream(io.BytesIO(b"clear"), target, bytes(length), ASSOCIATED)
    assert target.getvalue() == b""


class Dribble(io.RawIOBase):
    """Gives and takes a few bytes at a time, as pipes and network files may."""

    def __init__(self, content: bytes = b"", step: int = 7777) -> None:
        self.inside = io.BytesIO(content)
        self.step = step

    def readinto(self, buffer: Any) -> int:
        return self.inside.readinto(buffer[: self.step])

    def write(self, data: Any) -> int:
        return self.inside.write(data[: self.step])


def test_streams_that_give_and_take_little_at_a_time(clear: bytes) -> None:
    target = Dribble()
    stream.seal_stream(Dribble(clear), target, KEY, ASSOCIATED)
    back = Dribble()
    found = stream.open_stream(Dribble(target.inside.getvalue(), 1001), back, KEY, ASSOCIATED)
    assert found.size == len(clear)
    assert back.inside.getvalue() == clear


class Silent(io.RawIOBase):
    """A non-blocking stream with nothing to give and no room to take."""

    def readinto(self, _buffer: Any) -> None:
        return None

    def write(self, _data: Any) -> None:
        return None


def test_a_stream_that_does_not_wait_is_refused_not_taken_for_its_end() -> None:
    with pytest.raises(CryptoError):
        stream.seal_stream(Silent(), io.BytesIO(), KEY, ASSOCIATED)
    with pytest.raises(CryptoError):
        stream.seal_stream(io.BytesIO(b"clear"), Silent(), KEY, ASSOCIATED)


class Torn(io.RawIOBase):
    """Breaks after two MiB, as a share that goes away."""

    def __init__(self) -> None:
        self.left = 2 * MIB

    def readinto(self, buffer: Any) -> int:
        if not self.left:
            raise OSError("gone")
        given = min(self.left, len(buffer))
        self.left -= given
        return given


def test_a_source_that_breaks_is_no_end(sealed: bytes) -> None:
    target = io.BytesIO()
    with pytest.raises(OSError, match="gone"):
        stream.seal_stream(Torn(), target, KEY, ASSOCIATED)
    with pytest.raises(TamperedError):
        opened(target.getvalue())


def test_progress_counts_clear_bytes_to_the_end(clear: bytes, sealed: bytes) -> None:
    expected = [*BORDERS, len(clear)]
    for act in (
        lambda seen: stream.seal_stream(io.BytesIO(clear), io.BytesIO(), KEY, ASSOCIATED, seen.append),
        lambda seen: stream.open_stream(io.BytesIO(sealed), io.BytesIO(), KEY, ASSOCIATED, seen.append),
        lambda seen: stream.open_stream(io.BytesIO(sealed), None, KEY, ASSOCIATED, seen.append),
        lambda seen: stream.authenticate_stream(io.BytesIO(sealed), KEY, ASSOCIATED, seen.append),
    ):
        seen: list[int] = []
        act(seen)
        assert seen == expected


def test_cancelling_stops_at_once_and_leaves_no_thread(clear: bytes, sealed: bytes) -> None:
    def stop(done: int) -> None:
        if done > BORDERS[0]:
            raise Cancelled("stopped")

    target = io.BytesIO()
    with pytest.raises(Cancelled):
        stream.seal_stream(io.BytesIO(clear), target, KEY, ASSOCIATED, stop)
    assert len(target.getvalue()) == 2 * MIB
    with pytest.raises(Cancelled):
        stream.open_stream(io.BytesIO(sealed), None, KEY, ASSOCIATED, stop)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("labkeep-hash")]


class Zeros(io.RawIOBase):
    """As long as asked for, without being anywhere."""

    def __init__(self, size: int) -> None:
        self.left = size

    def readinto(self, buffer: Any) -> int:
        given = min(self.left, len(buffer))
        self.left -= given
        return given

    def write(self, data: Any) -> int:
        return len(data)


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(size: int) -> int:
        tracemalloc.start()
        stream.seal_stream(Zeros(size), Zeros(0), KEY, ASSOCIATED)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(48 * MIB) < 8 * MIB
    assert peak(10_000) < 2 * MIB
