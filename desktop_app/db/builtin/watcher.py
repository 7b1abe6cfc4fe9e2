"""A small detached process that stops the server some seconds after its last user is gone.

Run as ``python -m desktop_app.db.builtin.watcher``, or by a frozen program with its flag ``WATCHER_FLAG`` as
the first argument. It knows no password. Its lock on ``watcher.lock`` is taken by the program that starts it
and handed down as an open file, so there is no moment at which two run or none does.
"""

import contextlib
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import desktop_app
from desktop_app.db.builtin.account import find_account, running_as_root
from desktop_app.db.builtin.errors import BuiltinServerError
from desktop_app.db.builtin.folders import ServerFolders
from desktop_app.db.builtin.locks import FileLock
from desktop_app.db.builtin.postmaster import stop_postmaster
from desktop_app.db.builtin.process import spawn_detached
from desktop_app.db.builtin.programs import ServerPrograms

WATCHER_FLAG = "--builtin-server-watcher"
_STOPPER_SECONDS = 360.0


def start_watcher(folders: ServerFolders, programs: ServerPrograms, grace_seconds: float) -> None:
    """Start a watcher unless one runs. The caller holds its shared lock on ``users.lock`` already."""
    mine = FileLock(folders.lock("watcher"))
    try:
        if not mine.try_exclusive():
            return
        if getattr(sys, "frozen", False):
            command = [sys.executable, WATCHER_FLAG]
        else:
            command = [sys.executable, "-s", "-P", "-m", "desktop_app.db.builtin.watcher"]
        command += [str(folders.data_dir), str(folders.home), str(programs.folder), programs.version]
        command += [str(grace_seconds), str(mine.handle)]
        if sys.platform == "win32":
            mine.release()  # no open file is handed down there: the watcher takes the lock itself
        spawn_detached(
            command,
            account=None,
            folder=folders.home,
            log=folders.settings / "watcher.log",
            environment={"PYTHONPATH": str(Path(desktop_app.__file__).resolve().parents[1])},
            handles=(mine.handle,),
        )
    finally:
        mine.close()


def watch(folders: ServerFolders, programs: ServerPrograms, grace_seconds: float) -> None:
    """Wait until nobody has used the server for so long, stop it, and return with both locks let go."""
    account = find_account() if running_as_root() else None
    users, gate = FileLock(folders.lock("users")), FileLock(folders.lock("start"))
    try:
        while True:
            users.wait_exclusive()
            users.release()
            _sit_out_grace(users, grace_seconds)
            gate.take_exclusive(_STOPPER_SECONDS)
            home = gate.folder_now()
            if home is None:
                return  # the folder was deleted, perhaps made anew: what runs there now is not ours to stop
            if users.try_exclusive() and _grace_left(users, 0.0, grace_seconds) <= 0:
                stop_postmaster(programs, replace(folders, home=home), account)
                return
            users.release()
            gate.release()
    finally:
        users.close()
        gate.close()


def _sit_out_grace(users: FileLock, grace_seconds: float) -> None:
    freed = time.time()
    while (left := _grace_left(users, freed, grace_seconds)) > 0:
        time.sleep(left)


def _grace_left(users: FileLock, freed: float, grace_seconds: float) -> float:
    """Seconds until the grace ends: it counts from the last program seen to come or go.

    A clock that was set back must not keep the server for hours, so it is never more than the grace.
    """
    last = max(freed, os.fstat(users.handle).st_mtime)
    now = time.time()
    return min(last + grace_seconds - now, grace_seconds) if last <= now + 1 else 0.0


def main(arguments: list[str]) -> int:
    """Run the watcher with the arguments that ``start_watcher`` gives. Returns the exit status."""
    data_dir, home, program_folder, version, grace, handle = arguments
    folders = ServerFolders(Path(data_dir), Path(home))
    if sys.platform == "win32":
        mine = FileLock(folders.lock("watcher"))
        if not mine.try_exclusive():
            return 0
    else:
        mine = FileLock(folders.lock("watcher"), adopted=int(handle))
    while True:
        # The server could not be stopped, or another program held the lock too long: try again.
        with contextlib.suppress(BuiltinServerError):
            watch(folders, ServerPrograms(Path(program_folder), version), float(grace))
            break
        time.sleep(float(grace))
    mine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
