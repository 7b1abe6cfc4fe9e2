"""The built-in server as the rest of the program sees it: start it, use it, let it go.

Concurrency: every program that uses a server holds a shared lock on ``users.lock``; whoever makes, starts
or stops one holds ``start.lock`` alone. ``start.lock`` is always taken first. The watcher (watcher.py) stops
the server while holding both alone, so a starting program either finds the server up or waits until it is
down. The kernel drops the locks of a program that dies, whatever killed it.
"""

import os
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from enum import Enum
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2

from desktop_app.db.builtin.account import ServiceAccount, ensure_account, find_account, running_as_root
from desktop_app.db.builtin.cluster import (
    SUPERUSER,
    check_version,
    finish_making,
    make_cluster,
    read_password,
    refuse_lost_data,
    write_settings,
)
from desktop_app.db.builtin.errors import ServerPasswordError, ServerStartError
from desktop_app.db.builtin.files import storage_errors
from desktop_app.db.builtin.folders import (
    SYSTEM_FOLDER,
    ServerFolders,
    absolute,
    claim,
    delete_home,
    existing_folders,
    make_home,
    note_place,
    system_folder_ready,
)
from desktop_app.db.builtin.locks import FileLock, hold_alone
from desktop_app.db.builtin.postmaster import (
    Postmaster,
    find_postmaster,
    start_postmaster,
    stop_postmaster,
    sweep_after_the_dead,
)
from desktop_app.db.builtin.programs import ServerPrograms, find_programs, published_before, published_programs
from desktop_app.db.builtin.sockets import socket_folder, sweep_sockets
from desktop_app.db.builtin.watcher import start_watcher

GRACE_SECONDS = 10.0
# Longer than making a cluster or stopping a busy server takes.
LOCK_SECONDS = 360.0


class StartStep(Enum):
    """What ``start`` is about to do; the sentences for it are the window's."""

    PREPARING = "preparing"
    MAKING_CLUSTER = "making_cluster"
    STARTING = "starting"
    CONNECTING = "connecting"


class ServerPassword:
    """A password that shows itself only when asked: never in a log, a traceback or a pickle."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the password itself."""
        return self._text

    def __repr__(self) -> str:
        return "ServerPassword(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a password is not pickled")


class RunningServer:
    """A server that runs at least until ``close`` is called or this process ends."""

    superuser = SUPERUSER

    def __init__(
        self, postmaster: Postmaster, password: ServerPassword, programs: ServerPrograms, users: FileLock
    ) -> None:
        self.socket_dir = postmaster.host
        self.port = postmaster.port
        self.superuser_password = password
        self._programs = programs
        self._users = users

    def admin_dsn(self, database: str = "postgres") -> str:
        """Return the superuser's libpq URI. It holds the password: for connecting, not for showing."""
        options = urlencode({"host": self.socket_dir, "port": self.port}, quote_via=quote)
        person = f"{self.superuser}:{quote(self.superuser_password.reveal(), '')}"
        return f"postgresql://{person}@/{quote(database, '')}?{options}"

    @property
    def psql_path(self) -> Path | None:
        """The psql that comes with the server, if it does."""
        psql = self._programs.path("psql")
        return psql if psql.is_file() else None

    def version(self) -> str:
        """Return the server programs' version, such as ``18.4``."""
        return self._programs.version

    def close(self) -> None:
        """Say that this program no longer needs the server; harmless when repeated."""
        if self._users.handle >= 0:
            with suppress(OSError):  # the folder may be gone already
                self._users.touch()
            self._users.close()

    def __enter__(self) -> "RunningServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class BuiltinServer:
    """The PostgreSQL server whose data belongs to one folder. Nothing is started or made by the constructor."""

    def __init__(
        self, data_dir: Path, *, grace_seconds: float = GRACE_SECONDS, system_folder: Path = SYSTEM_FOLDER
    ) -> None:
        """``grace_seconds``: how long the server stays warm after its last user; ``system_folder``: root's homes."""
        self.data_dir = data_dir
        self._grace = grace_seconds
        self._system_folder = system_folder

    def start(self, report: Callable[[StartStep], None] | None = None) -> RunningServer:
        """Return the running server, made and started if need be; safe when several programs start at once.

        ``report`` is told each step and may raise to stop; what was half made is thrown away.
        Raises the errors of ``errors.py``, each with a sentence for the person.
        """
        say = report or (lambda step: None)
        say(StartStep.PREPARING)
        with storage_errors(self.data_dir):
            folders, programs, account = self._prepare()
            gate = hold_alone(folders.lock("start"), LOCK_SECONDS)
            try:
                users = FileLock(folders.lock("users"))
                try:
                    users.take_shared()
                    users.touch()
                    if not os.path.lexists(folders.cluster):
                        refuse_lost_data(folders)
                        say(StartStep.MAKING_CLUSTER)
                        make_cluster(programs, folders, account, gate.handle)
                    postmaster = self._bring_up(folders, programs, account, say)
                    say(StartStep.CONNECTING)
                    password = ServerPassword(read_password(folders))
                    running = RunningServer(postmaster, password, programs, users)
                    _sign_in_once(running, folders)
                except BaseException:
                    users.close()
                    raise
            finally:
                gate.close()
        return running

    def _prepare(self) -> tuple[ServerFolders, ServerPrograms, ServiceAccount | None]:
        """Make sure of folder, programs and account, in the order in which a refusal costs least."""
        data_dir = absolute(self.data_dir)
        programs = find_programs()
        claim(data_dir)
        if not running_as_root():
            return (
                existing_folders(data_dir, self._system_folder) or make_home(data_dir, self._system_folder),
                programs,
                None,
            )
        account = ensure_account()
        system_folder_ready(self._system_folder)
        shelf = hold_alone(self._system_folder / "shelf.lock", LOCK_SECONDS)
        try:
            published = published_programs(programs, self._system_folder / "programs")
            folders = existing_folders(data_dir, self._system_folder) or make_home(data_dir, self._system_folder)
            note_place(folders)
            return folders, published, account
        finally:
            shelf.close()

    def _bring_up(
        self,
        folders: ServerFolders,
        programs: ServerPrograms,
        account: ServiceAccount | None,
        say: Callable[[StartStep], None],
    ) -> Postmaster:
        """Find the server or start it. The caller holds both locks."""
        finish_making(folders)
        check_version(programs, folders)
        read_password(folders)
        found = find_postmaster(folders)
        if found is not None and not (found.ready and found.answers()):
            # Its socket was swept away, or whoever started it died meanwhile: it is no use as it is.
            stop_postmaster(programs, folders, account)
            found = None
        if found is None:
            return self._start_anew(folders, programs, account, say)
        start_watcher(folders, programs, self._grace)
        return found

    def _start_anew(
        self,
        folders: ServerFolders,
        programs: ServerPrograms,
        account: ServiceAccount | None,
        say: Callable[[StartStep], None],
    ) -> Postmaster:
        """Start a server that is known not to run."""
        say(StartStep.STARTING)
        sweep_after_the_dead(folders, account)
        sockets = None if sys.platform == "win32" else socket_folder(folders, account)
        try:
            settings = write_settings(folders, account, sockets)
            # Before the server, so that there is no moment at which a kill leaves one without a watcher.
            start_watcher(folders, programs, self._grace)
            return start_postmaster(programs, folders, account, settings)
        except BaseException:
            if sockets is not None:
                sweep_sockets(folders, sockets, account)
            raise

    def is_running(self) -> bool:
        """Tell whether the server takes connections now; changes nothing."""
        folders = self._existing()
        found = find_postmaster(folders) if folders else None
        return found is not None and found.ready and found.answers()

    def stop(self) -> None:
        """Stop the server now, whoever uses it; for maintenance and tests. The data stays."""
        folders = self._existing()
        if folders is not None:
            with storage_errors(self.data_dir), closing(hold_alone(folders.lock("start"), LOCK_SECONDS)):
                self._stop(folders)

    def remove(self) -> None:
        """Stop the server and delete all its data, also root's home elsewhere. There is no way back."""
        folders = self._existing()
        if folders is None:
            return
        with storage_errors(self.data_dir), closing(hold_alone(folders.lock("start"), LOCK_SECONDS)):
            self._stop(folders)
            delete_home(folders, find_account() if running_as_root() else None)

    def _stop(self, folders: ServerFolders) -> None:
        programs, account = find_programs(), None
        if running_as_root():
            account = find_account()
            programs = published_before(programs, self._system_folder / "programs")
        stop_postmaster(programs, folders, account)

    def version(self) -> str:
        """Return the version of the server programs at hand, such as ``18.4``."""
        return find_programs().version

    def _existing(self) -> ServerFolders | None:
        return existing_folders(absolute(self.data_dir), self._system_folder)


def _sign_in_once(running: RunningServer, folders: ServerFolders) -> None:
    """Prove that it is our server that answers and that it takes the password, and takes it by SCRAM only."""
    try:
        connection = psycopg2.connect(running.admin_dsn(), connect_timeout=30, require_auth="scram-sha-256")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('data_directory')")
                (data_directory,) = cursor.fetchone()
        finally:
            connection.close()
    except psycopg2.OperationalError as error:
        if "password authentication failed" in str(error):
            raise ServerPasswordError(
                f"The built-in server does not take the password in {folders.password}. The data is whole; "
                "put the file back from a backup."
            ) from error
        raise ServerStartError(
            f"The built-in server runs but does not take connections. Its log is in {folders.log}."
        ) from error
    # A folder moved under its running server is known to that by its old path, where nothing is any more.
    if Path(data_directory).exists() and not folders.cluster.samefile(data_directory):
        raise ServerStartError(f"Another server answers in place of the one in {folders.home}.")
