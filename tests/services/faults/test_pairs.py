"""Two workstations at once: each pair of rotating, adding, leaving, deleting and backing up, again and again."""

from pathlib import Path

import pytest

from tests.counts import count
from tests.services.conftest import World
from tests.services.faults.pairs import PAIRS, round_of, two_stations

ROUNDS, PARTS = 200, 2
AT_ONCE = 25
"""Rounds in one center, so that none gets large."""
SHORT = [("rotate", "leave"), ("rotate", "add"), ("add", "add"), ("leave", "delete"), ("delete", "back up")]


def play(request: pytest.FixtureRequest, world: World, folder: Path, pair: tuple[str, str], rounds: int) -> None:
    for start in range(0, rounds, AT_ONCE):
        with two_stations(world, folder / f"rounds {start}") as (one, other):
            for _ in range(min(AT_ONCE, rounds - start)):
                round_of(one, other, pair)
            one.check_all()
    count(request, f"rounds of two workstations: {pair[0]} and {pair[1]}", rounds)


@pytest.mark.parametrize("pair", SHORT, ids=" and ".join)
def test_a_round_of_two(request: pytest.FixtureRequest, world: World, tmp_path: Path, pair: tuple[str, str]) -> None:
    play(request, world, tmp_path, pair, 1)


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_many_rounds_of_two(
    request: pytest.FixtureRequest, world: World, tmp_path: Path, pair: tuple[str, str], part: int
) -> None:
    del part  # the same again
    play(request, world, tmp_path, pair, ROUNDS // PARTS)
