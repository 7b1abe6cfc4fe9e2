"""The private folder of the server's Unix socket: short, new or known to be ours, and swept when the server is gone."""

import os
import re
import socket
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from desktop_app.server.account import ServiceAccount, current_uid, give_to
from desktop_app.server.errors import ForeignFolderError
from desktop_app.server.files import make_folder, read_small
from desktop_app.server.folders import PORT, SOCKET_FILES, ServerFolders
from desktop_app.server.removal import delete_files, opened
from desktop_app.system.folder_handles import open_without_links

# sun_path holds 108 bytes with the final zero on Linux and 104 on macOS and the BSDs.
_SOCKET_PATH_BYTES = 107 if sys.platform == "linux" else 103
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.+-]+")
_PREFIX = "labkeep-"
_FOLDER_NAME = re.compile(r"labkeep-[a-z0-9_]{8}")
_TEMPORARY = Path(os.path.realpath("/tmp"))  # noqa: S108 - short everywhere; on macOS it is a link


def socket_folder(folders: ServerFolders, account: ServiceAccount | None) -> Path:
    """Make a private folder for the server's socket: beside root's cluster, else below a short path.

    The one of the last time is taken again if it can be had, so that programs find a restarted server.
    """
    if account is not None:
        place = folders.home / "run"
        make_folder(place, account, 0o700)
        if _fits(place):
            return place
    parent = _short_parent(account)
    again = _last_place(folders, parent) if account is None else None
    place = again or Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    if account is not None:
        give_to(place, account.uid, account.gid)
    return place


def _short_parent(account: ServiceAccount | None) -> Path:
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere")
    if account is None and _private(runtime) and _fits(runtime / f"{_PREFIX}12345678"):
        return runtime
    return _TEMPORARY


def _last_place(folders: ServerFolders, parent: Path) -> Path | None:
    """Return the socket folder noted at the last start, made again, if it is or can be ours alone and is empty."""
    try:
        place = Path(read_small(folders.socket_note, current_uid()).strip())
        if place.parent != parent or not _FOLDER_NAME.fullmatch(place.name):
            return None
        sweep_sockets(folders, place, None)  # a killed server leaves its socket there
        with suppress(FileExistsError):
            place.mkdir(mode=0o700)
        # Anything in it may be the living socket of a copy of this folder.
        return place if _private(place) and not any(place.iterdir()) else None
    except (OSError, UnicodeDecodeError):
        return None


def sweep_sockets(folders: ServerFolders, place: Path, account: ServiceAccount | None) -> None:
    """Remove a dead server's socket from a folder that we made; the folder too if it was only for it.

    ``place`` may come from ``postmaster.pid``, which the server's account writes: only files with a socket's names
    in a private folder of that account with one of our names go, and no link is followed on the way (removal.py).
    The lock file beside the socket names a process; a new server would respect it even if that one is a zombie.
    """
    beside_data = place == folders.home / "run"
    ours = place.is_absolute() and _FOLDER_NAME.fullmatch(place.name) is not None
    if sys.platform == "win32" or not (beside_data or ours) or _alive(place):
        return
    owner = account.uid if account else current_uid()
    with suppress(OSError, ForeignFolderError), opened(place, owner) as folder:
        if stat.S_IMODE(folder.own_status().st_mode) == 0o700:
            delete_files(folder, SOCKET_FILES, owner)
            if not beside_data:
                with open_without_links(place.parent) as parent:
                    parent.rmdir(place.name)


def _alive(place: Path) -> bool:
    """Tell whether a server, perhaps that of a copied folder, listens there; its socket must stay."""
    if sys.platform == "win32":
        return False
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(place / f".s.PGSQL.{PORT}"))
    except OSError:
        return False
    return True


def _fits(place: Path) -> bool:
    """The socket's whole path must fit the kernel's limit, and libpq splits host names at commas."""
    text = str(place / f".s.PGSQL.{PORT}")
    return len(os.fsencode(text)) <= _SOCKET_PATH_BYTES and _PLAIN_PATH.fullmatch(text) is not None


def _private(place: Path) -> bool:
    """Tell whether a path is a real folder that only this account can enter."""
    try:
        status = place.lstat()
    except OSError:
        return False
    return (
        place.is_absolute()
        and stat.S_ISDIR(status.st_mode)
        and status.st_uid == current_uid()
        and not status.st_mode & 0o077
    )
