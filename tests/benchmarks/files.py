"""Sealing and saving: against copying, against `age`, against whole-file Fernet; and many small files."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from cryptography.fernet import Fernet

from desktop_app.services.documents.add_results import AddOutcome
from tests.benchmarks.harness import Figure, compare
from tests.benchmarks.place import Place

MIB = 1024 * 1024


def large(place: Place, mebibytes: int, rounds: int) -> list[Figure]:
    """One large file: fsynced, read back and verified by us; synced by the others."""
    source = place.folder / "large.bin"
    with source.open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(MIB))
    with place.lab.center(place.center) as work:

        def labkeep() -> None:
            (result,) = work.documents.add([source]).results
            assert result.outcome is AddOutcome.SAVED, result.reason

        subjects: dict[str, Callable[[], object]] = {"Labkeep": labkeep, "cp + sync": _copying(source)}
        budgets = {"cp + sync": "at most 3", "age + sync": "at most 1", "whole-file Fernet + sync": "at most 0.2"}
        if shutil.which("age") and shutil.which("age-keygen"):
            subjects["age + sync"] = _age(source, place.folder)
        subjects["whole-file Fernet + sync"] = _fernet(source)
        figures = compare(f"seal and save {mebibytes:,} MiB", "Labkeep", subjects, rounds, budgets)
    source.unlink()
    return figures


def small(place: Place, number: int, rounds: int) -> list[Figure]:
    """Many files of 10 KiB, against plain create, write, fsync, rename."""
    folder = place.folder / "small"
    folder.mkdir()
    for index in range(number):
        (folder / f"file {index}.bin").write_bytes(os.urandom(10 * 1024))
    with place.lab.center(place.center) as work:

        def labkeep() -> None:
            summary = work.documents.add([folder])
            assert len(summary.saved) == number, summary.not_saved[0].reason

        subjects: dict[str, Callable[[], object]] = {
            "Labkeep": labkeep,
            "create, write, fsync, rename": _plainly(folder, place.folder),
        }
        budgets = {"create, write, fsync, rename": "at most 3"}
        figures = compare(f"{number:,} files of 10 KiB", "Labkeep", subjects, rounds, budgets)
    shutil.rmtree(folder)
    return figures


def _copying(source: Path) -> Callable[[], object]:
    def copy() -> None:
        with _target(source) as target:
            shutil.copyfile(source, target)
            _sync(target)

    return copy


def _age(source: Path, folder: Path) -> Callable[[], object]:
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True)
    recipient = next(line.split()[-1] for line in made.stdout.splitlines() if "public key" in line)

    def seal() -> None:
        with _target(source) as target:
            subprocess.run(["age", "-r", recipient, "-o", str(target), str(source)], check=True)
            _sync(target)

    return seal


def _fernet(source: Path) -> Callable[[], object]:
    fernet = Fernet(Fernet.generate_key())

    def seal() -> None:
        with _target(source) as target:
            target.write_bytes(fernet.encrypt(source.read_bytes()))
            _sync(target)

    return seal


def _plainly(folder: Path, place: Path) -> Callable[[], object]:
    numbers = count()

    def write() -> None:
        target = place / f"plain {next(numbers)}"
        target.mkdir()
        for path in folder.iterdir():
            temporary = target / f".{path.name}.part"
            with temporary.open("wb") as file:
                file.write(path.read_bytes())
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(target / path.name)
        shutil.rmtree(target)

    return write


@contextmanager
def _target(source: Path) -> Iterator[Path]:
    target = source.with_name(f"copy-{time.monotonic_ns()}")
    yield target
    target.unlink()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
