"""Programs in Python that tests start by forking one that has loaded everything: to load takes most of their time.

``program("window", "-c", CODE)`` is a command as ``[sys.executable, "-c", CODE]`` is: the same arguments, environment,
folder, standard input, output and error, and a process of its own, which is killed and ends as the other. What differs:
its modules are loaded, its process id is not that of the command, its standard files are open, and what initdb makes is
a copy (tests/prepared_cluster.py). Where the start itself is what is tested, or how a program is found among others, it
is started anew.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.prepared_cluster import place

__all__ = ["program"]

_ROOT = Path(__file__).parents[2]
_CLIENT = Path(__file__).parent / "client.py"
_running: dict[str, tuple[Path, "subprocess.Popen[bytes]"]] = {}
"""By what they have loaded: the socket's folder, and the program that forks."""


def program(loaded: str, *arguments: str | Path) -> list[str]:
    """A command that runs Python with these arguments (-I, -c or -m first); *loaded* is "services" or "window"."""
    if "window" in _running:
        loaded = "window"  # has the services, too
    elif loaded not in _running:
        _running[loaded] = _start(loaded)
    folder, _ = _running[loaded]
    return [sys.executable, "-I", "-S", str(_CLIENT), str(folder / "socket"), *map(str, arguments)]


def _start(loaded: str) -> tuple[Path, "subprocess.Popen[bytes]"]:
    folder = Path(tempfile.mkdtemp(prefix="labkeep-forking-"))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forking.server", folder / "socket", loaded, place()],
        stdin=subprocess.PIPE,  # its end is the server's
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    assert process.stdout is not None
    assert process.stdout.read(1) == b"+", "the program that forks did not start"
    return folder, process


def pytest_unconfigure() -> None:
    """End them, and with them what they still run."""
    for folder, process in _running.values():
        process.communicate()
        (folder / "socket").unlink(missing_ok=True)
        folder.rmdir()
    _running.clear()
