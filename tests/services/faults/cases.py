"""One fault after the other: the steps of a kind of work are counted in a dry run, and then each goes wrong in turn."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import QueuePool

from desktop_app.errors import LabkeepError
from tests.servers import wait_until
from tests.services.conftest import World
from tests.services.faults.counting_proxy import CountingProxy, Cut, WireFault
from tests.services.faults.operations import OPERATIONS, Operation, Told
from tests.services.faults.scene import Scene, opened_scene
from tests.services.faults.system_calls import CallFault, Harm, Step, SystemCalls, applies
from tests.services.faults.work import WORK

Fault = CallFault | WireFault
T = TypeVar("T")
AT_ONCE = 40
"""So many cases in one center."""
NOTHING = "nothing went wrong"


@dataclass
class Steps:
    """What a kind of work does when nothing goes wrong."""

    calls: list[Step] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def dry_run(operation: Operation) -> Steps:
    """Count its steps."""
    scene, steps = operation.scene, Steps()
    call = operation.prepare()
    told: Told = []
    scene.be_connected()
    scene.proxy.watch()
    with scene.calls.watching() as calls:
        WORK[operation.name](scene.station, call, told.append)
    steps.calls, steps.questions = list(calls), list(scene.proxy.questions)
    scene.proxy.let_in()
    operation.judge(call, told, None)
    scene.check()
    assert steps.calls or steps.questions
    return steps


def call_faults(steps: Steps, harms: Sequence[Harm]) -> Iterator[CallFault]:
    """Each call, with whatever can go wrong with it, once and for good."""
    for number, step in enumerate(steps.calls):
        for harm in harms:
            if applies(harm, step.call):
                yield CallFault(number, harm)
                if harm is not Harm.OTHER_BYTES:
                    yield CallFault(number, harm, lasts=True)


def wire_faults(steps: Steps) -> Iterator[WireFault]:
    """Each question, cut before, during and after; at a COMMIT also with nobody let in any more."""
    for number in range(len(steps.questions)):
        for cut in Cut:
            yield WireFault(number, cut)
            yield WireFault(number, cut, stays=True)


def some(cases: Sequence[T], how_many: int) -> list[T]:
    """So many of them, spread evenly; all where there are no more."""
    if len(cases) <= how_many:
        return list(cases)
    return [cases[round(number * (len(cases) - 1) / max(1, how_many - 1))] for number in range(how_many)]


@contextmanager
def going_wrong(scene: Scene, fault: Fault) -> Iterator[None]:
    """While the work is done."""
    with ExitStack() as stack:
        stack.callback(scene.proxy.let_in)
        if isinstance(fault, WireFault):
            scene.proxy.watch(fault)
        else:
            stack.enter_context(scene.calls.watching(fault))
        yield


def suffer(operation: Operation, fault: Fault) -> str:
    """Let it go wrong once; what became of it, in a word. Whatever is not a sentence for people is a failure."""
    scene, told = operation.scene, list[dict[str, Any]]()
    call = operation.prepare()
    scene.be_connected()
    error: LabkeepError | None = None
    try:
        with going_wrong(scene, fault):
            WORK[operation.name](scene.station, call, told.append)
    except LabkeepError as raised:
        error = raised
    try:
        wait_until(lambda: pool_of(scene).checkedout() == 0, 5)
        operation.judge(call, told, error)
        scene.check()
    except BaseException as failed:
        failed.add_note(f"{operation.name}: {fault}; told {told}, {error!r}")
        raise
    if not happened(fault, scene.proxy, scene.calls):
        return NOTHING
    return "done" if error is None else type(error).__name__


def happened(fault: Fault, proxy: CountingProxy, calls: SystemCalls) -> bool:
    """Whether the work came as far as that."""
    return fault.at < (len(proxy.last) if isinstance(fault, WireFault) else calls.passed)


def pool_of(scene: Scene) -> QueuePool:
    """The connections of the one who works; each that is lost must be given back."""
    pool = scene.station.lab._context.connection._opened.engine.pool
    assert isinstance(pool, QueuePool)
    return pool


def run(world: World, folder: Path, name: str, cases: Sequence[T], suffer: Callable[[Operation, T], str]) -> int:
    """Every case, in centers that stay small; how many went wrong at all, and their ends are printed."""
    outcomes: Counter[str] = Counter()
    for start in range(0, len(cases), AT_ONCE):
        with opened_scene(world, folder / f"{name} {start}") as scene:
            outcomes += run_in(OPERATIONS[name](scene), cases[start : start + AT_ONCE], suffer)
            scene.check_all()
    print(f"{name}: {len(cases)} cases, {dict(outcomes)}")
    return went_wrong(outcomes)


def run_in(operation: Operation, cases: Sequence[T], suffer: Callable[[Operation, T], str]) -> Counter[str]:
    """Every case in one center, by its end."""
    return Counter(suffer(operation, case) for case in cases)


def went_wrong(outcomes: Counter[str]) -> int:
    """How many of them went wrong at all: not every round takes as many steps as the dry run."""
    return outcomes.total() - outcomes[NOTHING]


def steps_of(world: World, folder: Path, name: str) -> Steps:
    """Counted in a center of its own."""
    with opened_scene(world, folder / f"{name} dry") as scene:
        return dry_run(OPERATIONS[name](scene))
