"""Separate programs that use a built-in server, and a look at what lies on the disk."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from desktop_app.server.folders import ServerFolders, absolute, read_marker
from desktop_app.server.launcher import BuiltinServer
from desktop_app.server.running_server import RunningServer
from tests.server.ordinary_user import REPOSITORY, OrdinaryUser

# Starts the server, says which process serves it, and stays until its input ends.
_PROGRAM = """
import signal
import sys
from pathlib import Path
import psycopg2
from desktop_app.server.launcher import BuiltinServer
from desktop_app.errors import LabkeepError
# Tests that run in the background, or under nohup, hand on that these are ignored.
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)
try:
    running = BuiltinServer(Path(sys.argv[1]), grace_seconds=float(sys.argv[2])).start()
except LabkeepError as error:
    sys.exit(f"{type(error).__name__}: {error}")
connection = psycopg2.connect(running.admin_dsn())
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_postmaster_start_time()::text")
    print(cursor.fetchone()[0], running.socket_dir, sep="|", flush=True)
connection.close()
sys.stdin.read()
"""


class Program:
    """Another program that has started the server of a folder."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._words: list[str] = []

    def started(self) -> str:
        """Wait until it has the server; return since when the server runs, which tells servers apart."""
        return self._said()[0]

    def socket_dir(self) -> str:
        return self._said()[1]

    def _said(self) -> list[str]:
        if not self._words:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            assert line, self.process.communicate()[1]
            self._words = line.strip().split("|")
        return self._words

    def refusal(self) -> str:
        """Wait for its end and return what it complained about."""
        _, complaint = self.process.communicate(timeout=120)
        assert self.process.returncode != 0
        return complaint

    def finish(self) -> None:
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)


@contextmanager
def program(
    data_dir: Path, grace_seconds: float, user: OrdinaryUser | None = None, process_group: int | None = None
) -> Iterator[Program]:
    """Run a program that uses the server; at the end it is made to leave."""
    # What this process was given leads on to server programs that it may run.
    modules = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(REPOSITORY)])
    environment = user.environment() if user else {"PATH": os.environ["PATH"], "PYTHONPATH": modules}
    with subprocess.Popen(
        [*(user.prefix if user else ()), sys.executable, "-P", "-c", _PROGRAM, str(data_dir), str(grace_seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env=environment,
        process_group=process_group,
        **(user.identity if user else {}),
    ) as process:
        try:
            yield Program(process)
        finally:
            if process.poll() is None:
                process.kill()


def places(server: BuiltinServer) -> ServerFolders:
    """Return where a server's things are; it must have been started before."""
    data_dir = absolute(server.data_dir)
    marker = read_marker(data_dir)
    assert marker is not None
    return ServerFolders(data_dir, marker.home)


def ask(running: RunningServer, question: str, database: str = "postgres") -> list[tuple[Any, ...]]:
    """Send one statement as the superuser and return its rows, committed."""
    connection = psycopg2.connect(running.admin_dsn(database))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
