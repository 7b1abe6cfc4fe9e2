"""Who of the tests' processes goes on where."""

import subprocess
import sys
from pathlib import Path

from tests.rooms import next_room

FILES = [
    "tests/db/test_a.py",
    "tests/db/rights/test_b.py",
    "tests/ui/test_c.py",
    "tests/ui/test_d.py",
    "tests/test_e.py",
]


def test_one_stays_where_one_is() -> None:
    assert next_room(FILES, "tests/ui", {"tests/db", "tests/ui"}) == "tests/ui"


def test_one_goes_where_nobody_is() -> None:
    assert next_room(FILES, None, set()) == "tests/db"
    assert next_room(FILES, "tests/unit", {"tests/db", "tests/unit"}) == "tests/ui"
    assert next_room(FILES, None, {"tests/db", "tests/ui"}) == "tests/test_e.py"


def test_one_helps_where_most_is_left() -> None:
    assert next_room(FILES[1:], "tests/unit", {"tests/db", "tests/ui", "tests/test_e.py"}) == "tests/ui"


TEST = """
import os

def test(worker_id):
    with open(os.environ["TOLD"], "a") as told:
        told.write(f"{os.path.dirname(__file__)[-1]} {worker_id}\\n")
"""


def test_each_process_begins_in_a_folder_of_its_own(tmp_path: Path) -> None:
    """A real run of two processes; all files are run, each once."""
    for room in "abc":
        (tmp_path / "tests" / room).mkdir(parents=True)
        for number in range(6):
            (tmp_path / "tests" / room / f"test_{room}{number}.py").write_text(TEST)
    told = tmp_path / "told"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-p", "tests.rooms"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", tmp_path, "--no-loadscope-reorder", "tests"],
        env={"TOLD": str(told), "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = told.read_text().splitlines()
    assert len(lines) == 18
    # Who is quick helps in the end; but each begins in a room of its own.
    begun = {worker: room for room, worker in map(str.split, reversed(lines))}
    assert sorted(begun.values()) == ["a", "b"]
