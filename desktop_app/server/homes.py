"""Root's built-in servers on this machine, seen from where their data lies: also those that nobody can reach any more.

An ordinary user's data lies in the data folder itself and goes with it. Root's lies below ``/var/lib/labkeep/clusters``
(see ``folders.py``), and stays there when its data folder, with marker and password, is deleted.
"""

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from desktop_app.server.account import find_account, running_as_root
from desktop_app.server.files import storage_errors
from desktop_app.server.folders import SYSTEM_FOLDER, ServerFolders, made_for, points_to
from desktop_app.server.made_files import delete_root_home
from desktop_app.server.postmaster import find_postmaster
from desktop_app.system.locks import LockBusyError, hold_alone

_LOCK_SECONDS = 10.0


@dataclass(frozen=True)
class ServerHome:
    """Where one of root's servers keeps its data, and for which data folder."""

    home: Path
    data_dir: Path
    is_running: bool
    is_lost: bool
    """The data folder is gone or is another server's by now: nothing can sign in there, and no program starts it."""


def server_homes(system_folder: Path = SYSTEM_FOLDER) -> tuple[ServerHome, ...]:
    """Every server of root's on this machine, by name of its folder; none for an ordinary user."""
    if not running_as_root():
        return ()
    found = []
    # Inside of what makes sentences: no folder is no server, and one that goes meanwhile hides no other.
    with storage_errors(system_folder):
        homes: list[Path] = []
        with suppress(FileNotFoundError):
            homes = sorted((system_folder / "clusters").resolve().iterdir())
        for home in homes:
            with suppress(FileNotFoundError):
                data_dir = made_for(home, system_folder)
                if data_dir is not None:
                    running = find_postmaster(ServerFolders(data_dir, home)) is not None
                    found.append(ServerHome(home, data_dir, running, not points_to(data_dir, home)))
    return tuple(found)


def remove_lost_home(lost: ServerHome, system_folder: Path = SYSTEM_FOLDER) -> bool:
    """Delete the data of a stopped server whose data folder is gone; whether it was deleted.

    Everything is looked at again under the locks, so that a folder that came back (a home that was not mounted) or a
    server that was started keeps its data. Raises ``BuiltinServerError``.
    """
    with storage_errors(system_folder), closing(hold_alone(system_folder / "shelf.lock", _LOCK_SECONDS)):
        folders = ServerFolders(lost.data_dir, lost.home)
        still_lost = made_for(lost.home, system_folder) == lost.data_dir and not points_to(lost.data_dir, lost.home)
        if not still_lost or find_postmaster(folders) is not None:
            return False
        try:
            start_lock = hold_alone(folders.lock("start"), _LOCK_SECONDS)
        except LockBusyError:
            return False
        with closing(start_lock):
            delete_root_home(folders, find_account())
    return True
