"""Progress of long commands on standard error, where a person sits at a terminal; scripts get silence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from desktop_app.cli.output import visible
from desktop_app.services.adding import AddResult
from desktop_app.services.progress import AddReport, Report, SilentAddReport, silent


@contextmanager
def shown(what: str) -> Iterator[Report]:
    """A report that draws one bar named *what*."""
    if not sys.stderr.isatty():
        yield silent
        return
    bar = Progress(TextColumn("{task.description}", markup=False), BarColumn(), console=_console(), transient=True)
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def shown_files() -> Iterator[AddReport]:
    """A report of added files that draws a bar of bytes for the file at work."""
    if not sys.stderr.isatty():
        yield SilentAddReport()
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=_console(), transient=True) as bar:
        yield FileBars(bar)


def _console() -> Console:
    return Console(stderr=True, markup=False, highlight=False)


class FileBars:
    """One bar for each file that is being sealed."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[Path, TaskID] = {}

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
