"""Something goes wrong at each step of bringing an installation back on another server."""

from collections.abc import Callable, Iterator

import pytest

from desktop_app.server.launcher import BuiltinServer
from tests.counts import count
from tests.services.conftest import World, made_world
from tests.services.faults.cases import NOTHING, Fault, call_faults, some, wire_faults
from tests.services.faults.counting_proxy import Cut, WireFault
from tests.services.faults.killing import Programs, When, kills, stalls
from tests.services.faults.restoring import Place, place_for
from tests.services.faults.scene import opened_scene
from tests.services.faults.system_calls import Harm

HARMS = (Harm.EIO, Harm.ENOSPC, Harm.OTHER_BYTES)
PARTS = 2


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """With one center only: of a hundred, each restore would take twenty times as long."""
    with made_world(tmp_path_factory.mktemp("home of restores")) as made:
        yield made


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """With a server of its own: it is killed."""
    folder = tmp_path_factory.mktemp("restored")
    server = BuiltinServer(folder / "server", grace_seconds=1)
    with opened_scene(world, folder / "scene") as scene, place_for(scene, server) as made:
        yield made


def all_of(cases: list[Fault], suffer: Callable[[Fault], str]) -> int:
    outcomes = [suffer(case) for case in cases]
    print({outcome: outcomes.count(outcome) for outcome in outcomes})
    return len(outcomes) - outcomes.count(NOTHING)


def test_a_step_goes_wrong(request: pytest.FixtureRequest, place: Place) -> None:
    """Of a cut in the wire see below, of a killed program ``test_backup_interrupted.py``."""
    steps = place.steps
    cases: list[Fault] = [some(list(call_faults(steps, HARMS)), 3)[1]]
    count(request, "faults, restore", all_of(cases, place.suffer))
    at = len(steps.questions) // 2
    killed = place.suffer(WireFault(at, Cut.BEFORE, act=place.kill_server, name="server killed"))
    count(request, "server kills, restore", int(killed != NOTHING))


def test_a_database_that_the_server_goes_on_making_is_not_left(request: pytest.FixtureRequest, place: Place) -> None:
    place.cut_off_while_it_makes_the_database()
    count(request, "faults, restore", 1)


def test_the_last_step_is_taken_again_where_its_answer_is_lost(request: pytest.FixtureRequest, place: Place) -> None:
    """It was said that nothing had changed, while everything was there."""
    last = len(place.steps.questions) - 1
    assert [place.suffer(WireFault(last, cut)) for cut in (Cut.BEFORE, Cut.AFTER)] == ["done", "done"]
    count(request, "faults, restore", 2)


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_calls_go_wrong(request: pytest.FixtureRequest, place: Place, part: int) -> None:
    cases: list[Fault] = [*some(list(call_faults(place.steps, HARMS)), 40)[part::PARTS]]
    count(request, "faults, restore", all_of(cases, place.suffer))


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_questions_go_wrong(request: pytest.FixtureRequest, place: Place, part: int) -> None:
    cases: list[Fault] = [*some(list(wire_faults(place.steps)), 40)[part::PARTS]]
    count(request, "faults, restore", all_of(cases, place.suffer))


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_the_program_is_killed(request: pytest.FixtureRequest, place: Place, killable: Programs, part: int) -> None:
    cases: list[When] = kills(place.steps, 12)[part::PARTS]
    outcomes = [place.killed(killable, case) for case in cases]
    count(request, "SIGKILLs, restore", len(outcomes) - outcomes.count(NOTHING))


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_the_server_is_killed(request: pytest.FixtureRequest, place: Place, part: int) -> None:
    """Its processes are killed, and it is started again at once."""
    questions = some(range(len(place.steps.questions)), 20)[part::PARTS]
    cases = [WireFault(at, Cut.BEFORE, act=place.kill_server, name="server killed") for at in questions]
    count(request, "server kills, restore", all_of([*cases], place.suffer))


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_a_silent_share_or_server_is_left_within_two_seconds(
    request: pytest.FixtureRequest, place: Place, killable: Programs, part: int
) -> None:
    """Ctrl+C while a call or an answer takes a minute."""
    cases = stalls(place.steps, 12)[part::PARTS]
    outcomes = [place.killed(killable, case) for case in cases]
    count(request, "stalls, restore", len(outcomes) - outcomes.count(NOTHING))
