"""The built-in server as the rest of the program sees it: start it, use it, let it go.

Concurrency: every program that uses a server holds a shared lock on ``users.lock``; whoever makes, starts
or stops one holds ``start.lock`` alone. ``start.lock`` is always taken first. The watcher (watcher.py) stops
the server while holding both alone, so a starting program either finds the server up or waits until it is
down. The kernel drops the locks of a program that dies, whatever killed it.
"""

import os
import sys
from contextlib import closing
from pathlib import Path

from desktop_app.server.account import ServiceAccount, ensure_account, find_account, running_as_root
from desktop_app.server.cluster import (
    check_version,
    finish_making,
    make_cluster,
    read_password,
    refuse_lost_data,
    write_settings,
)
from desktop_app.server.files import storage_errors
from desktop_app.server.folders import (
    SYSTEM_FOLDER,
    ServerFolders,
    absolute,
    claim,
    existing_folders,
    make_home,
    note_place,
    system_folder_ready,
)
from desktop_app.server.made_files import delete_home
from desktop_app.server.postmaster import (
    Postmaster,
    find_postmaster,
    remove_stale_files,
    start_postmaster,
    stop_postmaster,
)
from desktop_app.server.programs import ServerPrograms, find_programs, published_before, published_programs
from desktop_app.server.running_server import RunningServer, sign_in_once
from desktop_app.server.sockets import socket_folder, sweep_sockets
from desktop_app.server.watcher import start_watcher
from desktop_app.system.locks import FileLock, hold_alone
from desktop_app.system.secret import Secret

GRACE_SECONDS = 10.0
# Longer than making a cluster or stopping a busy server takes.
LOCK_SECONDS = 360.0


class BuiltinServer:
    """The PostgreSQL server whose data belongs to one folder. Nothing is started or made by the constructor."""

    def __init__(self, data_dir: Path, *, grace_seconds: float = GRACE_SECONDS) -> None:
        """``grace_seconds``: how long the server stays warm after its last user."""
        self.data_dir = data_dir
        self._grace = grace_seconds

    def start(self) -> RunningServer:
        """Return the running server, made and started if need be; safe when several programs start at once.

        Raises the errors of ``errors.py``, each with a sentence for the person; what was half made is thrown away.
        """
        with storage_errors(self.data_dir):
            folders, programs, account = self._prepare()
            start_lock = hold_alone(folders.lock("start"), LOCK_SECONDS)
            try:
                users = FileLock(folders.lock("users"))
                try:
                    users.take_shared()
                    users.touch()
                    if not os.path.lexists(folders.cluster):
                        refuse_lost_data(folders)
                        make_cluster(programs, folders, account, start_lock.handle)
                    postmaster = self._bring_up(folders, programs, account)
                    password = Secret(read_password(folders).encode())
                    running = RunningServer(postmaster, password, programs, users)
                    sign_in_once(running, folders)
                except BaseException:
                    users.close()
                    raise
            finally:
                start_lock.close()
        return running

    def _prepare(self) -> tuple[ServerFolders, ServerPrograms, ServiceAccount | None]:
        """Make sure of folder, programs and account, in the order in which a refusal costs least."""
        data_dir = absolute(self.data_dir)
        programs = find_programs()
        claim(data_dir)
        if not running_as_root():
            return (
                existing_folders(data_dir, SYSTEM_FOLDER) or make_home(data_dir, SYSTEM_FOLDER),
                programs,
                None,
            )
        account = ensure_account()
        system_folder_ready(SYSTEM_FOLDER)
        shelf = hold_alone(SYSTEM_FOLDER / "shelf.lock", LOCK_SECONDS)
        try:
            published = published_programs(programs, SYSTEM_FOLDER / "programs")
            folders = existing_folders(data_dir, SYSTEM_FOLDER) or make_home(data_dir, SYSTEM_FOLDER)
            note_place(folders)
            return folders, published, account
        finally:
            shelf.close()

    def _bring_up(self, folders: ServerFolders, programs: ServerPrograms, account: ServiceAccount | None) -> Postmaster:
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
            return self._start_anew(folders, programs, account)
        start_watcher(folders, programs, self._grace)
        return found

    def _start_anew(
        self, folders: ServerFolders, programs: ServerPrograms, account: ServiceAccount | None
    ) -> Postmaster:
        """Start a server that is known not to run."""
        remove_stale_files(folders, account)
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
            programs = published_before(programs, SYSTEM_FOLDER / "programs")
        stop_postmaster(programs, folders, account)

    def _existing(self) -> ServerFolders | None:
        return existing_folders(absolute(self.data_dir), SYSTEM_FOLDER)
