"""A small detached process that stops the server some seconds after its last user is gone.

Run by the same interpreter, or by a frozen program with ``WATCHER_FLAG`` as the first argument: the program's entry
then calls ``main`` with the other arguments, before it imports anything else. It knows no password. Its lock on
``watcher.lock`` is taken by the program that starts it and handed down as an open file, so there is no moment at
which two run or none does.
"""

import contextlib
import os
import re
import sys
import time
from dataclasses import replace
from pathlib import Path

import desktop_app
from desktop_app.message import Message
from desktop_app.server.account import current_uid, find_account, running_as_root
from desktop_app.server.errors import BuiltinServerError
from desktop_app.server.folders import ServerFolders
from desktop_app.server.postmaster import stop_postmaster
from desktop_app.server.process import spawn_detached
from desktop_app.server.programs import ServerPrograms
from desktop_app.server.removal import delete_files, opened, opened_inside
from desktop_app.system.locks import FileLock, LockBusyError

WATCHER_FLAG = "--builtin-server-watcher"
_STOPPER_SECONDS = 360.0
_LOG_NAME = "watcher.log"
_LOG_FILE = re.compile(r"watcher\.log")
_RUN = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from desktop_app.server.watcher import main; sys.exit(main(sys.argv[1:]))"
)


def start_watcher(folders: ServerFolders, programs: ServerPrograms, grace_seconds: float) -> None:
    """Start a watcher unless one runs. The caller holds its shared lock on ``users.lock`` already."""
    mine = FileLock(folders.lock("watcher"))
    try:
        if not mine.try_exclusive():
            return
        command = [*_program(), str(folders.data_dir), str(folders.home), str(programs.folder), programs.version]
        command += [str(grace_seconds), str(mine.handle)]
        if sys.platform == "win32":
            mine.release()  # no open file is handed down there: the watcher takes the lock itself
        with opened(folders.home, current_uid()) as home, opened_inside(home, "settings", current_uid()) as settings:
            if settings is not None:
                delete_files(settings, _LOG_FILE, current_uid())
        spawn_detached(
            command, account=None, folder=folders.home, log=folders.settings / _LOG_NAME, handles=(mine.handle,)
        )
    finally:
        mine.close()


def _program() -> list[str]:
    """Return how to run this module again: the same interpreter, and nothing but its library and this package.

    Isolated (-I) and without site-packages (-S): neither the caller's folder and variables nor another installed
    copy of this package, nor a package that shadows the library, gets between. The package is found by its folder,
    wherever it was installed to.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, WATCHER_FLAG]
    return [sys.executable, "-I", "-S", "-c", _RUN, str(Path(desktop_app.__file__).resolve().parents[1])]


def watch(folders: ServerFolders, programs: ServerPrograms, grace_seconds: float) -> None:
    """Wait until nobody has used the server for so long, stop it, and return with both locks let go."""
    account = find_account() if running_as_root() else None
    users, start_lock = FileLock(folders.lock("users")), FileLock(folders.lock("start"))
    try:
        while True:
            users.wait_exclusive()
            users.release()
            _sit_out_grace(users, grace_seconds)
            start_lock.take_exclusive(_STOPPER_SECONDS)
            home = start_lock.folder_now()
            if home is None:
                return  # the folder was deleted, perhaps made anew: what runs there now is not ours to stop
            if users.try_exclusive() and _grace_left(users, 0.0, grace_seconds) <= 0:
                stop_postmaster(programs, replace(folders, home=home), account)
                return
            users.release()
            start_lock.release()
    finally:
        users.close()
        start_lock.close()


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
    if len(arguments) != 6:
        sys.stderr.write(
            Message("Labkeep starts this program itself, for the built-in server; it has no use by hand.\n")
        )
        return 2
    data_dir, home, program_folder, version, grace, handle = arguments
    folders = ServerFolders(Path(data_dir), Path(home))
    if sys.platform == "win32":
        mine = FileLock(folders.lock("watcher"))
        if not mine.try_exclusive():
            return 0
    else:
        mine = FileLock(folders.lock("watcher"), adopted=int(handle))
    # None: the folder was deleted. It may also have been moved before this process was up.
    while (home_now := mine.folder_now()) is not None:
        # The server could not be stopped, another program held the lock too long, or the folder moves: try again.
        with contextlib.suppress(BuiltinServerError, LockBusyError, OSError):
            watch(replace(folders, home=home_now), ServerPrograms(Path(program_folder), version), float(grace))
            break
        time.sleep(max(float(grace), 0.1))
    mine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
