"""Progress of long commands on standard error, where a person sits at a terminal; scripts get silence."""

import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)

from desktop_app.cli.output import visible
from desktop_app.domain.progress import Report, Waiting, silent
from desktop_app.errors import Cancelled
from desktop_app.services.documents.add_results import AddReport, AddResult, SilentAddReport
from desktop_app.services.documents.title_conflicts import ConflictQuestion

Result = TypeVar("Result")


@contextmanager
def shown(what: str, *, counted: bool = False) -> Iterator[Report]:
    """A report that draws one bar named *what*; *counted* also writes how many of how many."""
    if not sys.stderr.isatty():
        yield silent
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn())
    count = (MofNCompleteColumn(),) if counted else ()
    with Progress(*columns, *count, console=_console(), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def shown_files() -> Iterator[AddReport]:
    """A report of added files that draws a bar of bytes for the file at work, and stops at Ctrl+C.

    Stopping is orderly: what was saved is said to be saved, and the file at work is given back. A second Ctrl+C
    ends the program where it stands.
    """
    with _interruptible() as stop:
        if not sys.stderr.isatty():
            yield StoppableReport(SilentAddReport(), stop)
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
        )
        with Progress(*columns, console=_console(), transient=True) as bar:
            yield StoppableReport(FileBars(bar), stop)


def stoppable(act: Callable[[Waiting], Result]) -> Result:
    """What *act* gives; Ctrl+C asks it to stop, also while the server lets it wait.

    In a thread of its own, because Python notices no signal while it waits for an answer of the server.
    """
    with _interruptible() as stop, ThreadPoolExecutor(1) as thread:
        said: list[str] = []

        def waiting(sentence: str) -> None:
            if stop.wanted:
                raise Cancelled("Stopped.")
            if sentence and said[-1:] != [sentence]:
                said.append(sentence)
                _console().print(visible(sentence))

        return thread.submit(act, waiting).result()


def _console() -> Console:
    return Console(stderr=True, markup=False, highlight=False)


class Stop:
    """Whether somebody asked to stop."""

    def __init__(self) -> None:
        self.wanted = False


@contextmanager
def _interruptible() -> Iterator[Stop]:
    stop = Stop()

    def ask(_signal: int, _frame: object) -> None:
        stop.wanted = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


class StoppableReport:
    """Passes a report on, and raises Cancelled where work may be left once somebody asked to stop."""

    def __init__(self, report: AddReport, stop: Stop) -> None:
        self._report = report
        self._stop = stop

    def file_started(self, path: Path, size: int) -> None:
        """Pass on, or stop before the file."""
        self._leave_if_wanted()
        self._report.file_started(path, size)

    def file_waits(self, question: ConflictQuestion) -> None:
        """Pass on."""
        self._report.file_waits(question)

    def server_away(self, seconds: float) -> None:
        """Pass on, or stop waiting."""
        self._leave_if_wanted()
        self._report.server_away(seconds)

    def bytes_done(self, path: Path, done: int) -> None:
        """Pass on, or stop inside the file."""
        self._leave_if_wanted()
        self._report.bytes_done(path, done)

    def file_finished(self, result: AddResult) -> None:
        """Pass on: a fate that is known is always told."""
        self._report.file_finished(result)

    def _leave_if_wanted(self) -> None:
        if self._stop.wanted:
            raise Cancelled("Stopped.")


class FileBars(SilentAddReport):
    """One bar for each file that is being sealed, and one while the server is away."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[Path, TaskID] = {}
        self._away: TaskID | None = None

    def file_started(self, path: Path, size: int) -> None:
        """Draw the file's bar."""
        self._tasks[path] = self._bar.add_task(visible(path.name), total=size)

    def bytes_done(self, path: Path, done: int) -> None:
        """Move the file's bar."""
        if path in self._tasks:
            self._bar.update(self._tasks[path], completed=done)

    def file_finished(self, result: AddResult) -> None:
        """Take the file's bar away."""
        task = self._tasks.pop(result.path, None)
        if task is not None:
            self._bar.remove_task(task)

    def server_away(self, seconds: float) -> None:
        """Say that one waits, and for how long at most."""
        if self._away is not None:
            self._bar.remove_task(self._away)
            self._away = None
        if seconds > 0:
            words = f"The server does not answer; asking again for {seconds:.0f} s"
            self._away = self._bar.add_task(words, total=None)
