"""The built-in server's cluster, made by initdb once in each process of the tests, and copied for every further server.

initdb takes longer than most tests of what is in the cluster. tests/server/test_launcher.py has it made each time, and
so has every program that a test starts anew; one that is forked (tests/forking) copies, too. A copy's databases and
write-ahead log lie in memory, where the system has room for them, and the cluster has links to them: a disk has to find
place for the hundreds of files of each database. Those of tests/server and of forked programs lie where they belong.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from desktop_app.server import cluster
from desktop_app.server.account import ServiceAccount
from desktop_app.server.process import clean_environment, run_program
from tests.memory import memory_folder

_OF_SERVERS = Path(__file__).parent / "server"
_REAL = _OF_SERVERS / "test_launcher.py"
_BULKY = ("base", "pg_wal")
_places: list[Path] = []
"""Of this process of the tests, or of the one that forked this program: what initdb made, once it has made it. By the
account's name, the cluster in ``cluster``, but for the large folders, which are in ``bulky``."""
_in_memory: dict[Path, Path] = {}
"""The folder in memory that belongs to a cluster, by the home around that cluster."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Around the whole test: also what it makes for the session is made so."""
    if item.path == _REAL:
        return (yield)
    memory = None if item.path.is_relative_to(_OF_SERVERS) else memory_folder()
    with patch.object(cluster, "run_program", partial(_run_program, memory)):
        return (yield)


def place() -> Path:
    """Where clusters are kept, or will be."""
    if not _places:
        _places.append(Path(tempfile.mkdtemp(prefix="labkeep-cluster-", dir=memory_folder())))
    return _places[0]


def take_from(kept: Path) -> None:
    """In a program that was forked: copy what is kept there, for as long as it runs."""
    _places[:] = [kept]
    patch.object(cluster, "run_program", partial(_run_program, None)).start()


def pytest_unconfigure() -> None:
    """Take everything away that was kept, or lies in memory."""
    for folder in (*_places, *_in_memory.values()):
        shutil.rmtree(folder, ignore_errors=True)


def _run_program(
    memory: Path | None, command: Sequence[str | Path], account: ServiceAccount | None, *more: Any
) -> subprocess.CompletedProcess[str]:
    """As the real one; that initdb is asked for what it made before is answered with a copy, its password changed."""
    programs, made = Path(command[0]).parent, Path(command[2])
    kept = place() / ("" if account is None else account.name) / "kept"
    if not kept.is_dir():
        done = run_program(command, account, *more)
        if done.returncode != 0:
            return done
        _keep(made, kept)
    shutil.rmtree(made)
    _copy(kept, made, memory, account)
    word = next(str(each) for each in command if str(each).startswith("--pwfile="))
    _set_password(programs, made, account, Path(word.partition("=")[2]).read_text().strip())
    return subprocess.CompletedProcess(command, 0, "", None)


def _keep(made: Path, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(dir=kept.parent))  # two programs may do so at once
    (half / "bulky").mkdir()
    _run("cp", "-a", made, half / "cluster")
    _run("mv", *(half / "cluster" / name for name in _BULKY), half / "bulky")
    with suppress(OSError):  # the other one was first
        half.rename(kept)


def _copy(kept: Path, made: Path, memory: Path | None, account: ServiceAccount | None) -> None:
    bulky = [kept / "bulky" / name for name in _BULKY]
    _run("cp", "-a", kept / "cluster", made)
    if memory is None:
        _run("cp", "-a", *bulky, made)
        return
    for home in [home for home in _in_memory if not home.exists()]:  # its server is gone by now
        shutil.rmtree(_in_memory.pop(home), ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="labkeep-bulky-", dir=memory))
    shutil.rmtree(_in_memory.get(made.parent, folder / "none"), ignore_errors=True)
    _in_memory[made.parent] = folder
    _run("cp", "-a", *bulky, folder)
    for name in _BULKY:
        (made / name).symlink_to(folder / name)
    if account is not None:
        for place in (folder, *(made / name for name in _BULKY)):
            os.chown(place, account.uid, account.gid, follow_symlinks=False)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


def _set_password(programs: Path, made: Path, account: ServiceAccount | None, password: str) -> None:
    identity: dict[str, Any] = (
        {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}
    )
    done = subprocess.run(
        [programs / "postgres", "--single", "-F", "-D", made, "postgres"],
        # Random, as the real one: many rounds guard nothing, and each connection of the tests would make them.
        input=f"SET scram_iterations = 1\nALTER ROLE {cluster.SUPERUSER} PASSWORD '{password}'\n",
        capture_output=True,
        text=True,
        env=clean_environment(),
        cwd=made.parent,
        check=True,
        **identity,
    )
    assert "ERROR" not in done.stderr, done.stderr
