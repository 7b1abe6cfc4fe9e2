"""The harness: rounds are interleaved, so that what else the machine does falls on both sides alike."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

Work = Callable[[], object]
Steps = Callable[["Stopwatch"], object]


@dataclass(frozen=True)
class Figure:
    """One line of the table: a median in seconds, and its ratio to the subject it is held against."""

    work: str
    subject: str
    seconds: float
    spread: float
    """Slowest minus fastest round, in seconds."""
    rounds: int
    ratio: float | None
    """Ours divided by the other's, of the medians; None for the other itself."""
    budget: str = ""
    note: str = ""


def interleave(subjects: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Seconds of each round of each subject, in turn: a b c, a b c, …"""
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, work in subjects.items():
            start = time.perf_counter()
            work()
            taken[name].append(time.perf_counter() - start)
    return taken


class Stopwatch:
    """Seconds of the steps of one subject, each by a name of its own; what lies between steps is not counted."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}

    @contextmanager
    def step(self, *names: str) -> Iterator[None]:
        """Count what happens inside to each of these names."""
        start = time.perf_counter()
        yield
        for name in names:
            self.steps[name] = self.steps.get(name, 0.0) + time.perf_counter() - start


def take_turns(subjects: Sequence[Steps], rounds: int) -> dict[str, list[float]]:
    """Like ``interleave``, for subjects of several steps: nothing waits to be written when one begins.

    Who is first changes with each round, so that no subject always follows the same one.
    """
    taken: dict[str, list[float]] = {}
    for turn in range(rounds):
        first = turn % len(subjects)
        for work in (*subjects[first:], *subjects[:first]):
            os.sync()
            watch = Stopwatch()
            work(watch)
            for name, seconds in watch.steps.items():
                taken.setdefault(name, []).append(seconds)
    return taken


def compare(
    work: str, ours: str, subjects: Mapping[str, Work], rounds: int, budgets: Mapping[str, str] | None = None
) -> list[Figure]:
    """Measure *ours* and the others; one figure each, the others' ratio says how *ours* stands to them."""
    return held_against(work, ours, interleave(subjects, rounds), budgets)


def held_against(
    work: str, ours: str, taken: Mapping[str, Sequence[float]], budgets: Mapping[str, str] | None = None
) -> list[Figure]:
    """One figure for each subject that was measured, *ours* first."""
    own = statistics.median(taken[ours])
    return [
        Figure(
            work,
            name,
            statistics.median(times),
            max(times) - min(times),
            len(times),
            None if name == ours else own / statistics.median(times),
            (budgets or {}).get(name, ""),
        )
        for name, times in sorted(taken.items(), key=lambda each: each[0] != ours)
    ]


def machine() -> str:
    """What this ran on, in a line."""
    cpu = "unknown processor"
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        cpu = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor() or cpu
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {cpu}"
    return f"{system}, Python {platform.python_version()}{load}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| work | subject | median | spread | Labkeep / subject | budget | note |",
        "|---|---|--:|--:|--:|---|---|",
    ]
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        lines.append(
            f"| {figure.work} | {figure.subject} | {_time(figure.seconds)} | {_time(figure.spread)} | {ratio} "
            f"| {figure.budget} | {figure.note} |"
        )
    return "\n".join(lines)


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.2f} ms"


def write(figures: Sequence[Figure], where: str, page: Path | None, raw: Path | None) -> None:
    """Keep the last results: as a page for people, whose later chapters stay, and as JSON for programs."""
    today = datetime.now(UTC).date().isoformat()
    if page is not None:
        head = f"# Measurements\n\nThe last run of `make bench`: {today}, {where}.\n"
        words = (
            "\nRounds are interleaved; a ratio is Labkeep's median divided by the subject's, from one run."
            " Spread is the slowest round minus the fastest.\n\n"
        )
        before = page.read_text(encoding="utf-8") if page.exists() else ""
        _results, mark, chapters = before.partition("\n## ")
        page.write_text(head + words + table(figures) + "\n" + mark + chapters, encoding="utf-8")
    if raw is not None:
        rows = {"date": today, "machine": where, "figures": [asdict(figure) for figure in figures]}
        raw.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
