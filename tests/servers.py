"""The PostgreSQL servers that tests run against, one of each kind per session."""

import ctypes
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch
from urllib.parse import quote, urlencode

import psycopg2
import pytest

from desktop_app.db import scram
from desktop_app.server.account import ServiceAccount, ensure_account, running_as_root
from desktop_app.server.errors import ForeignFolderError
from desktop_app.server.folders import MARKER_NAME
from desktop_app.server.homes import remove_lost_home, server_homes
from desktop_app.server.launcher import BuiltinServer
from desktop_app.server.programs import find_programs
from tests.memory import base_folders, memory_folder

SYSTEM_MAJOR = 15
SUPERUSER = "labkeep_test"
START_SECONDS = 60


@dataclass(frozen=True)
class TestServer:
    """A running server and its superuser. ``host`` is the folder of its Unix socket."""

    __test__: ClassVar[bool] = False  # not a test class, whatever its name

    name: str
    major: int
    host: str
    port: int
    superuser: str
    superuser_password: str

    @property
    def admin_dsn(self) -> str:
        """The superuser's libpq URI for the database ``postgres``."""
        return self.dsn()

    def dsn(self, database: str = "postgres", user: str | None = None, password: str | None = None) -> str:
        """Return a libpq URI; without a user, the superuser's."""
        if user is None:
            user, password = self.superuser, self.superuser_password
        person = quote(user, "") + (f":{quote(password, '')}" if password is not None else "")
        return f"postgresql://{person}@/{quote(database, '')}?" + urlencode({"host": self.host, "port": self.port})


@pytest.fixture(scope="session")
def builtin_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestServer]:
    """The server that comes with Labkeep."""
    server = BuiltinServer(tmp_path_factory.mktemp("builtin") / "server", grace_seconds=1)
    try:
        running = server.start()
        major = find_programs().major
        password = running.superuser_password.reveal().decode()
        made = TestServer(f"builtin-{major}", major, running.socket_dir, running.port, running.superuser, password)
        sync_nothing(made.admin_dsn)
        with short_folder() as folder:
            _keep_databases_in(folder, made.admin_dsn)
            yield made
            running.close()
            server.remove()
    finally:
        server.remove()


def _keep_databases_in(folder: Path, dsn: str) -> None:
    """Let new databases lie there: the place of template0 is that of its copies."""
    _own(folder, ensure_account() if running_as_root() else None)
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("CREATE TABLESPACE elsewhere LOCATION %s", (str(folder),))
        cursor.execute("ALTER DATABASE template0 SET TABLESPACE elsewhere")


def sync_nothing(dsn: str) -> None:
    """Let the superuser's server wait for no disk, as the other one: that a program is killed loses nothing by it."""
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("ALTER SYSTEM SET fsync = off")
        cursor.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def system_server_15() -> Iterator[TestServer]:
    """A PostgreSQL 15 of the operating system, in a cluster of our own."""
    with system_server_with() as server:
        yield server


@contextmanager
def system_server_with(*settings: str) -> Iterator[TestServer]:
    """Another one, with settings of its own."""
    with short_folder() as folder, _system_server(system_programs(SYSTEM_MAJOR), folder, settings) as server:
        yield server


@contextmanager
def restartable_server() -> Iterator[tuple[TestServer, Callable[[], None]]]:
    """Another one, and what restarts it under whoever is connected, as an administrator does."""
    with short_folder() as folder:
        running = _system_server(system_programs(SYSTEM_MAJOR), folder, ())
        with running as server:
            yield server, lambda: running.restart(server)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder that a server's account reaches, with a short path: that of a socket has 107 bytes.

    In memory, where the system has room for it: a disk has to find place for the hundreds of files of each database,
    which took an eighth of all processor time.
    """
    folder = Path(tempfile.mkdtemp(prefix="labkeep-pg-", dir=memory_folder() or "/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=["builtin_server", "system_server_15"])
def database_server(request: pytest.FixtureRequest) -> TestServer:
    """Each of the servers in turn: for tests that must hold on all of them."""
    server: TestServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture(scope="session", autouse=True)
def _no_server_left_behind(pytestconfig: pytest.Config) -> Iterator[None]:
    """Remove the servers that commands under test made below the session's own folders, also those that were lost."""
    # Not by the fixture, which is another one where the first test that is run has it in memory.
    factory: pytest.TempPathFactory = pytestconfig._tmp_path_factory  # type: ignore[attr-defined]
    of_session = Path(os.environ["LABKEEP_HOME"])
    yield
    folders = [place.resolve() for place in (of_session, factory.getbasetemp(), *base_folders())]
    for folder in folders:
        for parent, _, names in os.walk(folder):  # follows no link
            if MARKER_NAME in names:
                # Markers that tests have damaged, or given to another account.
                with suppress(ForeignFolderError, OSError):
                    BuiltinServer(Path(parent)).remove()
    for home in server_homes():
        if home.is_lost and any(home.data_dir.is_relative_to(folder) for folder in folders):
            remove_lost_home(home)


def system_programs(major: int) -> Path:
    """Return the folder with this major version's ``postgres`` and ``initdb``, of the operating system."""
    folders = [Path(place) for place in os.environ.get("PATH", "").split(os.pathsep) if place]
    if pg_config := shutil.which("pg_config"):
        said = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        folders.append(Path(said))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        # shutil.which() and not Path.is_file(), which raises in a folder that may not be entered: su keeps root's PATH.
        if all(shutil.which(program, path=str(folder)) for program in ("postgres", "initdb")):
            said = subprocess.run(
                [folder / "postgres", "--version"], capture_output=True, text=True, check=False
            ).stdout
            if re.search(rf"\) {major}\.", said):
                return folder
    pytest.fail(
        f"These tests need PostgreSQL {major} of the operating system, which is not installed. "
        f"On Debian 12: apt-get install postgresql-{major}"
    )


class _system_server:  # noqa: N801 - used like a function, in a with statement
    """A cluster made, run as a child of this process, and stopped; it dies with this process too."""

    def __init__(self, programs: Path, folder: Path, settings: tuple[str, ...]) -> None:
        self._programs = programs
        self._settings = settings
        self._folder = folder
        self._account = ensure_account() if running_as_root() else None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> TestServer:
        password = secrets.token_urlsafe(16)
        _own(self._folder, self._account)
        password_file = self._folder / "password"
        password_file.write_text(password + "\n")
        _own(password_file, self._account)
        self._run_initdb(password_file)
        server = TestServer(f"system-{SYSTEM_MAJOR}", SYSTEM_MAJOR, str(self._folder), 5432, SUPERUSER, password)
        self._start(server)
        self._lighten(server)
        return server

    def __exit__(self, *_: object) -> None:
        self._stop()

    def restart(self, server: TestServer) -> None:
        """Whoever is connected loses the connection, as by ``pg_ctl restart --mode fast``."""
        self._stop()
        self._start(server)

    def _stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)

    def _start(self, server: TestServer) -> None:
        log = (self._folder / "log").open("ab")
        settings = ["listen_addresses=", f"unix_socket_directories={self._folder}", "fsync=off", "timezone=UTC"]
        settings += self._settings
        command: list[str | Path] = [self._programs / "postgres", "-D", self._folder / "data"]
        with log:
            self._process = subprocess.Popen[bytes](
                [*command, *[word for setting in settings for word in ("-c", setting)]],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=_environment(),
                preexec_fn=_die_with_parent,
                **_identity(self._account),
            )
        self._wait_until_ready(server)

    def _run_initdb(self, password_file: Path) -> None:
        command: list[str | Path] = [self._programs / "initdb", "-D", self._folder / "data", "-U", SUPERUSER]
        options = [f"--pwfile={password_file}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            [*command, *options],
            check=True,
            capture_output=True,
            cwd=self._folder,
            env=_environment(),
            **_identity(self._account),
        )

    def _lighten(self, server: TestServer) -> None:
        """The same password with one round of SCRAM: this version has no setting for it."""
        with (
            patch.object(scram, "ITERATIONS", 1),
            closing(psycopg2.connect(server.admin_dsn)) as connection,
            connection.cursor() as cursor,
        ):
            verifier = scram.verifier(server.superuser_password, server.superuser)
            cursor.execute(f"ALTER ROLE {server.superuser} PASSWORD %s", (verifier,))
            connection.commit()

    def _wait_until_ready(self, server: TestServer) -> None:
        def answers() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, (self._folder / "log").read_text()
            try:
                psycopg2.connect(server.admin_dsn).close()
            except psycopg2.OperationalError:
                return False
            return True

        wait_until(answers, START_SECONDS)


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a state that another process brings about; fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} seconds in vain"
        time.sleep(0.02)


def listens(path: Path) -> bool:
    """Tell whether somebody answers on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def _own(place: Path, account: ServiceAccount | None) -> None:
    if account is not None:
        os.chown(place, account.uid, account.gid)


def _identity(account: ServiceAccount | None) -> dict[str, Any]:
    return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    """Nothing of the caller's PG* variables reaches the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _die_with_parent() -> None:
    """Ask the kernel to end the server when pytest is killed (Linux prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)


def remove_server(home: Path) -> None:
    """Stop a home's built-in servers and delete their data, wherever they are."""
    for folder in (home / "data" / "server", home / "data" / "demo" / "server"):
        if folder.exists():
            BuiltinServer(folder).remove()
