"""Something goes wrong at each step of adding, rotating, leaving, deleting, backing up, repairing, restoring a center.

In ``make test`` at a few steps of each; in the long form at every step, of the longest kinds of work at many of them.
"""

from functools import partial
from pathlib import Path

import pytest

from tests.counts import count
from tests.services.conftest import World
from tests.services.faults.cases import (
    Fault,
    call_faults,
    dry_run,
    run,
    run_in,
    some,
    steps_of,
    suffer,
    went_wrong,
    wire_faults,
)
from tests.services.faults.counting_proxy import Cut, WireFault
from tests.services.faults.killing import Programs, killed_while, kills, stalls
from tests.services.faults.operations import OPERATIONS
from tests.services.faults.scene import opened_scene
from tests.services.faults.system_calls import Harm
from tests.services.test_interruptions import kill_the_server

HARMS = (Harm.EIO, Harm.ENOSPC, Harm.OTHER_BYTES)
FEW = 2
MOST = 240
"""Of one kind of work and fault, spread evenly where there are more."""
COSTLY = ("restore a center",)
"""Of these a quarter; in ``make test`` one SIGKILL, and what ``test_found.py`` does to them."""
PARTS = 3
"""Each of them a minute or two: what takes longer looks like something that hangs (faulthandler_timeout)."""

long = pytest.mark.full


def most(name: str) -> int:
    return MOST // 4 if name in COSTLY else MOST


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_few_steps_go_wrong(
    request: pytest.FixtureRequest, world: World, killable: Programs, tmp_path: Path, name: str
) -> None:
    with opened_scene(world, tmp_path / "few") as scene:
        operation = OPERATIONS[name](scene)
        steps = dry_run(operation)
        each: list[list[Fault]] = [list(call_faults(steps, HARMS)), list(wire_faults(steps))]
        cases, deaths = [fault for all_of in each for fault in some(all_of, FEW)], kills(steps, 1)
        if name in COSTLY:
            cases, deaths = [], kills(steps, 3)[1:2]
        count(request, f"faults, {name}", went_wrong(run_in(operation, cases, suffer)))
        dead = run_in(operation, deaths, partial(killed_while, killable))
        count(request, f"SIGKILLs, {name}", went_wrong(dead))
        scene.check_all()


@long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_call_goes_wrong(
    request: pytest.FixtureRequest, world: World, tmp_path: Path, name: str, part: int
) -> None:
    cases = some(list(call_faults(steps_of(world, tmp_path, name), HARMS)), most(name))[part::PARTS]
    count(request, f"faults, {name}", run(world, tmp_path / "faults", name, cases, suffer))


@long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_question_goes_wrong(
    request: pytest.FixtureRequest, world: World, tmp_path: Path, name: str, part: int
) -> None:
    cases = some(list(wire_faults(steps_of(world, tmp_path, name))), most(name))[part::PARTS]
    count(request, f"faults, {name}", run(world, tmp_path / "faults", name, cases, suffer))


@long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_program_is_killed_everywhere(
    request: pytest.FixtureRequest, world: World, killable: Programs, tmp_path: Path, name: str, part: int
) -> None:
    cases = kills(steps_of(world, tmp_path, name), 24)[part::PARTS]
    dead = run(world, tmp_path / "kills", name, cases, partial(killed_while, killable))
    count(request, f"SIGKILLs, {name}", dead)


@pytest.mark.parametrize("name", ["add", *(pytest.param(name, marks=long) for name in OPERATIONS if name != "add")])
def test_a_silent_share_or_server_is_left_within_two_seconds(
    request: pytest.FixtureRequest, world: World, killable: Programs, tmp_path: Path, name: str
) -> None:
    """Ctrl+C while a call or an answer takes a minute; what is there is as if the program had been killed."""
    cases = some(stalls(steps_of(world, tmp_path, name), 6), 2 if name == "add" else 12)
    stopped = run(world, tmp_path / "stalls", name, cases, partial(killed_while, killable))
    count(request, f"stalls, {name}", stopped)


@long
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_server_is_killed(request: pytest.FixtureRequest, world: World, tmp_path: Path, name: str) -> None:
    """The server's processes are killed, and it is started again at once."""
    steps = steps_of(world, tmp_path, name)

    def kill() -> None:
        kill_the_server(world)
        world.app.servers.start_builtin(Path(world.profile.data_dir or ""))

    questions = some(range(len(steps.questions)), 8)
    cases = [WireFault(at, Cut.BEFORE, act=kill, name="server killed") for at in questions]
    count(request, f"server kills, {name}", run(world, tmp_path / "faults", name, cases, suffer))
