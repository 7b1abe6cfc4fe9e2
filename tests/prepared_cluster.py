"""The built-in server's cluster, made by initdb once in each process of the tests, and copied for every further server.

initdb takes longer than most tests of what is in the cluster. tests/server/test_launcher.py has it made each time, and
so has every program that a test starts.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from desktop_app.server import cluster
from desktop_app.server.account import ServiceAccount
from desktop_app.server.process import clean_environment, run_program

_REAL = Path(__file__).parent / "server" / "test_launcher.py"
_kept: dict[ServiceAccount | None, Path] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Around the whole test: also what it makes for the session is made so."""
    real = item.path == _REAL
    with nullcontext() if real else patch.object(cluster, "run_program", _run_program):
        return (yield)


def pytest_unconfigure() -> None:
    """Take the kept ones away."""
    for kept in _kept.values():
        shutil.rmtree(kept.parent, ignore_errors=True)


def _run_program(
    command: Sequence[str | Path], account: ServiceAccount | None, *more: Any
) -> subprocess.CompletedProcess[str]:
    """As the real one; that initdb is asked for what it made before is answered with a copy, its password changed."""
    programs, made = Path(command[0]).parent, Path(command[2])
    kept = _kept.get(account)
    if kept is not None and kept.is_dir():
        shutil.rmtree(made)
        _copy(kept, made)
        word = next(str(each) for each in command if str(each).startswith("--pwfile="))
        _set_password(programs, made, account, Path(word.partition("=")[2]).read_text().strip())
        return subprocess.CompletedProcess(command, 0, "", None)
    done = run_program(command, account, *more)
    if done.returncode == 0:
        _kept[account] = Path(tempfile.mkdtemp(prefix="labkeep-cluster-")) / "kept"
        _copy(made, _kept[account])
    return done


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", source, target], check=True)


def _set_password(programs: Path, made: Path, account: ServiceAccount | None, password: str) -> None:
    identity: dict[str, Any] = (
        {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}
    )
    done = subprocess.run(
        [programs / "postgres", "--single", "-F", "-D", made, "postgres"],
        input=f"ALTER ROLE {cluster.SUPERUSER} PASSWORD '{password}'\n",
        capture_output=True,
        text=True,
        env=clean_environment(),
        cwd=made.parent,
        check=True,
        **identity,
    )
    assert "ERROR" not in done.stderr, done.stderr
