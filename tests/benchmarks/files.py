"""Sealing and saving: against copying, against `age`, against whole-file Fernet; and many small files.

Labkeep reports a file as saved when it is on the disk and was read back from there. Whoever copies or seals with other
programs has as much only after a sync and a read that the page cache does not answer; the ratios without that read
stand beside. Each round's files are new to the center. Taking away a large file is not counted. Small files stay until
all rounds are over: ext4 without a journal looks, for each file it makes, at every one that was taken away within the
last minute (seen with perf), and whoever comes next would pay for it.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from cryptography.fernet import Fernet

from desktop_app.services.documents.add_results import AddOutcome
from desktop_app.system.page_cache import forget_pages, keep_no_pages, reads_forward
from tests.benchmarks.harness import Figure, Steps, Stopwatch, held_against, take_turns
from tests.benchmarks.place import Place

MIB = 1024 * 1024
READ = ", uncached read"
LARGE_BUDGETS = {
    f"age + sync{READ}": "at most 0.9",
    f"cp + sync{READ}": "at most 1.5",
    "whole-file Fernet + sync": "at most 0.2",
}
PLAIN = "create, write, fsync"
SMALL_BUDGETS = {PLAIN: "at most 1.3", f"{PLAIN}{READ}": "at most 1.3"}


def large(place: Place, mebibytes: int, rounds: int) -> list[Figure]:
    """One large file: written, on the disk, and read from the disk by each side."""
    work = f"seal and save {mebibytes:,} MiB"
    source = place.folder / "large.bin"
    with source.open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(MIB))
    with place.lab.center(place.center) as center:

        def labkeep(watch: Stopwatch) -> None:
            with watch.step("Labkeep"):
                (result,) = center.documents.add([source]).results
            assert result.outcome is AddOutcome.SAVED, result.reason

        subjects: list[Steps] = [
            labkeep,
            _made("cp + sync", source, lambda target: _run("cp", str(source), str(target))),
        ]
        missing = [] if shutil.which("age") and shutil.which("age-keygen") else [_no_age(work)]
        if not missing:
            subjects.append(_made("age + sync", source, _age(source)))
        figures = held_against(work, "Labkeep", take_turns(subjects, rounds), LARGE_BUDGETS)
        # Ten times slower than all others: one round of it is enough, and does not disturb theirs.
        fernet = take_turns([_made("whole-file Fernet + sync", source, _fernet(source))], 1)
        own = {"Labkeep": [figures[0].seconds]}
        figures += held_against(work, "Labkeep", own | fernet, LARGE_BUDGETS)[1:2]
    source.unlink()
    return figures + missing


def small(place: Place, number: int, rounds: int) -> list[Figure]:
    """Many files of 10 KiB, against writing each and syncing it, which is what one would do instead.

    Once without reading anything back, and once with the read that Labkeep's word "saved" stands for.
    """
    made = place.folder / "small"
    made.mkdir()
    for index in range(number):
        (made / f"file {index}.bin").write_bytes(os.urandom(10 * 1024))
    names = count(1)
    with place.lab.center(place.center) as center:

        def labkeep(watch: Stopwatch) -> None:
            # A folder of its own name in each round, so that no title is taken.
            folder = made.rename(place.folder / f"small {next(names)}")
            with watch.step("Labkeep"):
                summary = center.documents.add([folder])
            folder.rename(made)
            assert len(summary.saved) == number, summary.not_saved[0].reason

        taken = take_turns([labkeep, _plainly(made, place.folder / "plain")], rounds)
    shutil.rmtree(made)
    shutil.rmtree(place.folder / "plain")
    return held_against(f"{number:,} files of 10 KiB", "Labkeep", taken, SMALL_BUDGETS)


def _made(name: str, source: Path, make: Callable[[Path], None]) -> Steps:
    """Make a file, sync it and read it from the disk; the first two alone are measured, too."""

    def work(watch: Stopwatch) -> None:
        with _target(source) as target:
            with watch.step(name, f"{name}{READ}"):
                make(target)
                _sync(target)
            with watch.step(f"{name}{READ}"):
                _read_uncached(target)

    return work


def _age(source: Path) -> Callable[[Path], None]:
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True)
    recipient = next(line.split()[-1] for line in made.stdout.splitlines() if "public key" in line)
    return lambda target: _run("age", "-r", recipient, "-o", str(target), str(source))


def _no_age(work: str) -> Figure:
    return Figure(work, "age + sync", 0.0, 0.0, 0, None, "at most 0.9", "not measured: there is no `age` here")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _fernet(source: Path) -> Callable[[Path], None]:
    fernet = Fernet(Fernet.generate_key())

    def seal(target: Path) -> None:
        target.write_bytes(fernet.encrypt(source.read_bytes()))

    return seal


def _plainly(folder: Path, into: Path) -> Steps:
    rounds = count(1)

    def work(watch: Stopwatch) -> None:
        target = into / str(next(rounds))
        target.mkdir(parents=True)
        with watch.step(PLAIN, f"{PLAIN}{READ}"):
            for path in folder.iterdir():
                with (target / path.name).open("wb") as file:
                    file.write(path.read_bytes())
                    file.flush()
                    os.fsync(file.fileno())
            _sync(target)
        with watch.step(f"{PLAIN}{READ}"):
            for path in target.iterdir():
                _read_uncached(path)

    return work


@contextmanager
def _target(source: Path) -> Iterator[Path]:
    target = source.with_name("made.bin")
    yield target
    target.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_uncached(path: Path) -> None:
    """By the very calls with which Labkeep asks for what the disk has."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        forget_pages(descriptor)
        keep_no_pages(descriptor)
        reads_forward(descriptor)
        room = bytearray(min(MIB, os.fstat(descriptor).st_size))
        while os.readv(descriptor, [room]):
            pass
    finally:
        os.close(descriptor)
