"""Damage nobody thought of: whatever is done to a sealed body, it is refused or it was not changed."""

import io
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.crypto import sealed_stream as stream
from desktop_app.crypto.errors import TamperedError

KEY = bytes(range(32))
CLEAR = random.Random(7).randbytes(2 * stream.SEGMENT + 5000)


def sealed_once() -> bytes:
    target = io.BytesIO()
    stream.seal_stream(io.BytesIO(CLEAR), target, KEY, b"labkeep/1|fuzz")
    return target.getvalue()


SEALED = sealed_once()
# Half of the places near borders, where reading ahead and the first, shorter segment are.
PLACES = st.one_of(
    st.integers(0, len(SEALED)),
    st.builds(
        lambda border, by: min(max(border + by, 0), len(SEALED)),
        st.sampled_from([0, 40, stream.SEGMENT, 2 * stream.SEGMENT, len(SEALED)]),
        st.integers(-20, 20),
    ),
)
CHANGES = st.tuples(st.sampled_from(["flip", "cut", "drop", "repeat", "insert", "move"]), PLACES, PLACES, PLACES)


def damage(sealed: bytes, change: tuple[str, int, int, int]) -> bytes:
    kind, one, two, three = change
    start, end = sorted((one, two))
    match kind:
        case "flip":
            place = one % max(1, len(sealed))
            return (
                sealed[:place]
                + bytes(byte ^ (1 << (two % 8)) for byte in sealed[place : place + 1])
                + sealed[place + 1 :]
            )
        case "cut":
            return sealed[:one]
        case "drop":
            return sealed[:start] + sealed[end:]
        case "repeat":
            return sealed[:end] + sealed[start:end] + sealed[end:]
        case "insert":
            return sealed[:one] + bytes(two % 64) + sealed[one:]
        case _:
            piece, rest = sealed[start:end], sealed[:start] + sealed[end:]
            return rest[:three] + piece + rest[three:]


@settings(max_examples=150, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=3))
def test_changed_is_refused(changes: list[tuple[str, int, int, int]]) -> None:
    damaged = SEALED
    for change in changes:
        damaged = damage(damaged, change)
    target = io.BytesIO()
    try:
        stream.open_stream(io.BytesIO(damaged), target, KEY, b"labkeep/1|fuzz")
    except TamperedError:
        assert damaged != SEALED
        assert CLEAR.startswith(target.getvalue())
    else:
        assert damaged == SEALED


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=4096))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    target = io.BytesIO()
    for candidate in (rubbish, b"\x28" + rubbish, SEALED[:40] + rubbish):
        try:
            stream.open_stream(io.BytesIO(candidate), target, KEY, b"labkeep/1|fuzz")
        except TamperedError:
            assert target.getvalue() == b""
        else:
            raise AssertionError("rubbish was opened")
