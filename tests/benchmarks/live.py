"""Many windows that listen: connections, how soon they hear, what that costs them, and what it costs who writes."""

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from threading import enumerate as threads

import psycopg2

from desktop_app.bootstrap import build
from desktop_app.domain.drafts import CenterDraft, SampleDraft, UserDraft
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from desktop_app.services.installation.setup import InitRequest
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from desktop_app.services.session.live import Hint
from tests.benchmarks.harness import Figure
from tests.benchmarks.place import PASSWORD, Place
from tests.servers import system_server_with

_TICKS = os.sysconf("SC_CLK_TCK")
_PEOPLE = 10
_BUSY_SECONDS = 10.0
_PER_SECOND = 100


class _Window:
    """What a window does with a hint, without the window."""

    def __init__(self, lab: Lab, center: str) -> None:
        self.lab = lab
        self.work = lab.center(center)
        self.seen = 0
        self.at = 0.0
        self.looks = 0
        self.is_heard = False

    def begin(self) -> None:
        self.lab.live.listen(self._told)
        self._look()

    def _told(self, hint: Hint) -> None:
        self.is_heard = hint.is_heard
        if hint.channels:
            self._look()

    def _look(self) -> None:
        self.seen = self.lab.live.look(self.work, at_shared=False).center or 0
        self.at = time.perf_counter()
        self.looks += 1


def listening(windows: int) -> list[Figure]:
    """So many windows of a few people listen to one center, in which somebody works; on a server with room for them."""
    room = f"max_connections={5 * windows + 20}"
    with system_server_with(room) as server, tempfile.TemporaryDirectory(prefix="labkeep-bench-") as folder:
        app = build({"LABKEEP_HOME": f"{folder}/home"})
        store = Path(folder) / "share"
        store.mkdir()
        draft = UserDraft(username="bench", email="bench@lab.example", role=Role.ADMIN, center_id=None)
        request = InitRequest("Bench", draft, PASSWORD, store=store, dsn=server.dsn())
        profile = app.set_up.init(request).profile
        try:
            with app.sign_in.sign_in(profile, "bench", PASSWORD) as lab:
                center = lab.centers.create(CenterDraft(name="Bench", slug="bench"))
                at = Place(Path(folder), app, profile, lab, center, server.dsn(profile.database))
                return _listening(at, windows)
        finally:
            app.close()


def _listening(at: Place, windows: int) -> list[Figure]:
    work = at.lab.center(at.center)
    alone = _writing_elsewhere(at)
    with ExitStack() as stack:
        there = [_Window(lab, "bench") for lab in _labs(at, windows, stack)]
        for each in there:
            each.begin()
        _wait(lambda: all(each.is_heard for each in there))
        connections, most = _connections(at)
        delays = [_delay(work, there) for _ in range(10)]
        beside = _writing_elsewhere(at)
        looks, cpu = sum(each.looks for each in there), _cpu()
        changed = _busy(work)
        share = (_cpu() - cpu) / _BUSY_SECONDS / len(there)
        looks = sum(each.looks for each in there) - looks
        _wait(lambda: all(each.seen == work.audit.head().seq for each in there))
    what, last = f"{windows} windows listen", sorted(max(each) for each in delays)
    spread = last[-1] - last[0]
    note = f"{connections} connections of people, max_connections {most}"
    busy = f"{changed} changes in {_BUSY_SECONDS:.0f} s, {looks / _BUSY_SECONDS / windows:.1f} looks a second each"
    first = median(min(each) for each in delays)
    return [
        Figure(what, "the last one knows of a change", median(last), spread, 10, None, "within a second", note),
        Figure(what, "the first one knows", first, 0.0, 10, None),
        Figure(what, "processor for one window, of each second", share, 0.0, 1, None, "at most 0.02 s", busy),
        Figure("make a sample, nobody listens", "Labkeep", alone, 0.0, 200, None),
        Figure(
            f"make a sample, {windows} listen", "Labkeep", beside, 0.0, 200, beside / alone, "", "all on one machine"
        ),
    ]


def _labs(at: Place, windows: int, stack: ExitStack) -> list[Lab]:
    people = []
    for number in range(min(_PEOPLE, windows)):
        username = f"listener.{number}"
        draft = UserDraft(username=username, email=f"{username}@lab.example", role=Role.VIEWER, center_id=at.center.id)
        at.lab.users.create(draft, PASSWORD, keep_password=True)
        people.append(username)
    labs = []
    for number in range(windows):
        labs.append(at.app.sign_in.sign_in(at.profile, people[number % len(people)], PASSWORD))
        stack.enter_context(labs[-1])
    return labs


def _make(work: CenterServices) -> None:
    work.samples.create(SampleDraft(name="Heard", sample_type=SampleType.BLOOD))


def _writing_elsewhere(at: Place) -> float:
    """In a process of its own: in this one, all the windows would take turns with it."""
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        return elsewhere.submit(_writing, str(at.folder / "home")).result()


def _writing(home: str) -> float:
    app, taken = build({"LABKEEP_HOME": home}), list[float]()
    (profile,) = app.profiles.list()
    with app.sign_in.sign_in(profile, "bench", PASSWORD) as lab, lab.center("bench") as work:
        _time_making(work, taken)
    app.close()
    return median(taken)


def _time_making(work: CenterServices, taken: list[float]) -> None:
    for _ in range(200):
        began = time.perf_counter()
        _make(work)
        taken.append(time.perf_counter() - began)


def _delay(work: CenterServices, windows: list[_Window]) -> list[float]:
    time.sleep(1.5)  # longer than windows gather hints
    _make(work)
    done, head = time.perf_counter(), work.audit.head().seq
    _wait(lambda: all(each.seen >= head for each in windows))
    return [each.at - done for each in windows]


def _busy(work: CenterServices) -> int:
    made, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < _BUSY_SECONDS:
        if made > passed * _PER_SECOND:
            time.sleep(0.001)
            continue
        _make(work)
        made += 1
    return made


def _connections(at: Place) -> tuple[int, str]:
    with psycopg2.connect(at.admin_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), current_setting('max_connections') FROM pg_stat_activity WHERE usename ~ '^u_'"
        )
        found, allowed = cursor.fetchone() or (0, "")
    return int(found), str(allowed)


def _cpu() -> float:
    """Seconds of the processor that the listening threads took so far, with all that they do when they are told."""
    ids = [each.native_id for each in threads() if each.name == "labkeep-notifications"]
    ticks = 0
    for each in ids:
        fields = Path(f"/proc/self/task/{each}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def _wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("the windows did not hear")
        time.sleep(0.005)
