"""Work in a program of its own, which is really killed: at one of its calls, at a question, or whenever it happens."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from desktop_app.cli.interrupts import INTERRUPTED
from desktop_app.db.errors import UnconfirmedError
from desktop_app.errors import LabkeepError
from desktop_app.storage.profiles import to_toml
from tests.servers import wait_until
from tests.services.faults.cases import NOTHING, Steps, some
from tests.services.faults.counting_proxy import CountingProxy, WireFault
from tests.services.faults.operations import Operation, Told
from tests.services.faults.system_calls import CallFault, Harm
from tests.services.killed_child import REPOSITORY, sign_in_keys


@dataclass
class Ended:
    """How it ended, and what it had reported by then."""

    status: int
    told: Told = field(default_factory=list)
    error: LabkeepError | None = None

    @property
    def is_killed(self) -> bool:
        """In the middle, by SIGKILL or because nothing moved after Ctrl+C."""
        return self.status in (-signal.SIGKILL, INTERRUPTED)


class Programs:
    """Starts programs by forking one that has loaded everything."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.faults.forking_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )
        self.pid = 0

    def start(self, call: dict[str, Any]) -> None:
        """A program that does that."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        self.pid = int(self._process.stdout.readline())

    def runs(self) -> bool:
        """Whether the newest one does."""
        return Path(f"/proc/{self.pid}/exe").exists()

    def kill(self) -> None:
        """Now, if it still runs."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def interrupt(self) -> None:
        """As Ctrl+C does; it has two seconds to end."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGINT)
        wait_until(lambda: not self.runs(), SOON)

    def ended(self, told: Path) -> Ended:
        """Wait for its end."""
        assert self._process.stdout is not None
        ended = Ended(int(self._process.stdout.readline()))
        for line in told.read_text().splitlines() if told.exists() else ():
            said = json.loads(line)
            if "error" in said:
                ended.error = UnconfirmedError() if said["unconfirmed"] else LabkeepError(said["error"])
            elif "begun" not in said and "stalled" not in said:
                ended.told.append(said)
        assert ended.status in (0, -signal.SIGKILL, INTERRUPTED), "it failed in a way that nobody expected"
        return ended

    def close(self) -> None:
        """No more of them."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


@contextmanager
def programs() -> Iterator[Programs]:
    """For some tests."""
    made = Programs()
    try:
        yield made
    finally:
        made.close()


STALL = "silence"
SOON = 2.0
"""Seconds that Ctrl+C may take, whatever does not answer."""
When = CallFault | WireFault | float


def kills(steps: Steps, how_many: int) -> list[When]:
    """So many at calls, so many at questions before they go on or when they are done, and at any time."""
    calls = [CallFault(at, Harm.KILL) for at in range(len(steps.calls))]
    questions = [WireFault(at, None) for at in range(len(steps.questions))]
    return [*some(calls, how_many), *some(questions, how_many), *(0.002 + 0.01 * turn for turn in range(how_many))]


def died(
    programs: Programs, folder: Path, proxy: CountingProxy, when: When, more: dict[str, Any], watched: Sequence[Path]
) -> Ended:
    """Start a program for that, let it begin, and let it die then; *folder* takes what it tells."""
    name = os.urandom(8).hex()
    told, go = folder / f"told {name}", folder / f"go {name}"
    at = when.at if isinstance(when, CallFault) else None
    harm = when.harm if isinstance(when, CallFault) else Harm.KILL
    call = more | {"told": str(told), "go": str(go), "at": at, "harm": str(harm)}
    programs.start(call | {"watched": [str(each) for each in watched]})
    wait_until(lambda: told.exists() or not programs.runs())
    silent = threading.Event()

    def fall_silent() -> None:
        proxy.flowing.clear()
        silent.set()

    if isinstance(when, WireFault):
        proxy.watch(replace(when, act=fall_silent if when.name == STALL else programs.kill))
    go.touch()
    if isinstance(when, float):
        time.sleep(when)
        programs.kill()
    if harm is Harm.STALL or (isinstance(when, WireFault) and when.name == STALL):
        wait_until(lambda: silent.is_set() or "stalled" in told.read_text() or not programs.runs())
        programs.interrupt()
    ended = programs.ended(told)
    proxy.let_in()
    return ended


def stalls(steps: Steps, how_many: int) -> list[When]:
    """At so many calls and so many questions nothing comes back for a minute, and somebody presses Ctrl+C."""
    calls = [CallFault(at, Harm.STALL) for at in range(len(steps.calls))]
    questions = [WireFault(at, None, name=STALL) for at in range(len(steps.questions))]
    return [*some(calls, how_many), *some(questions, how_many)]


def killed_while(programs: Programs, operation: Operation, when: When) -> str:
    """Let a program do it and die: at a call, at a question, or so many seconds after it began; or by Ctrl+C."""
    scene = operation.scene
    prepared = operation.prepare()
    more = {
        "work": operation.name,
        "call": prepared,
        "home": str(scene.home),
        "profile": to_toml(scene.profile),
        "keys": sign_in_keys(scene.profile, scene.admin.username, scene.admin.password),
        "center": str(scene.center.id),
    }
    ended = died(programs, scene.folder, scene.proxy, when, more, [scene.world.store, scene.backups, scene.home])
    try:
        operation.judge(prepared, ended.told, ended.error, killed=ended.is_killed)
        scene.check()
    except BaseException as failed:
        failed.add_note(f"{operation.name}: killed {when}; {ended}")
        raise
    if not ended.is_killed:
        return NOTHING
    return "killed after it was reported" if ended.told else "killed before anything was reported"
