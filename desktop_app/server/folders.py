"""Where the built-in server keeps its things, and the checks that a folder is really ours.

An ordinary user's server lives in the data folder itself. Root's data folder holds a marker, the
password and nothing else: the marker points to a home below ``/var/lib/labkeep``, which the
unprivileged account can reach without a permission of any other folder being changed.
"""

import hashlib
import json
import os
import re
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from desktop_app.message import Message
from desktop_app.server.account import current_uid, running_as_root
from desktop_app.server.errors import ForeignFolderError
from desktop_app.server.files import make_folder, read_small
from desktop_app.system.atomic_file import TEMPORARY_NAME, replace_file

MARKER_NAME = "labkeep-server.json"
MARKER_FORMAT = "labkeep-server/1"
PASSWORD_NAME = "superuser-password"  # noqa: S105 - a file's name
SYSTEM_FOLDER = Path("/var/lib/labkeep")
PORT = 5432
HALF_MADE = "cluster.new"
_PUBLIC_FILE = 0o644
_NOTE_NAME = "made-for"
_HOME_NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}")
_LOCK_NAMES = {"start.lock", "users.lock", "watcher.lock"}
SOCKET_FILES = re.compile(rf"\.s\.PGSQL\.{PORT}(\.lock)?")


@dataclass(frozen=True)
class ServerFolders:
    """The places of one built-in server."""

    data_dir: Path
    home: Path

    @property
    def marker(self) -> Path:
        """Says that the folder is ours, and where the home is."""
        return self.data_dir / MARKER_NAME

    @property
    def password(self) -> Path:
        """The superuser's password, readable by the owner of the data folder only."""
        return self.data_dir / PASSWORD_NAME

    @property
    def new_password(self) -> Path:
        """The password of a cluster that is being made; it gets its final name after the cluster has its own."""
        return self.data_dir / f"{PASSWORD_NAME}.new"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "cluster"

    @property
    def settings(self) -> Path:
        """Configuration, written by us at every start and out of the server's own reach."""
        return self.home / "settings"

    @property
    def socket_note(self) -> Path:
        """Says where the socket was at the last start."""
        return self.settings / "socket-folder"

    @property
    def log(self) -> Path:
        """The server's log files."""
        return self.home / "log"

    def lock(self, name: str) -> Path:
        """Return the path of one of the lock files ``start``, ``users`` and ``watcher``."""
        return self.home / f"{name}.lock"


def absolute(data_dir: Path) -> Path:
    """Return the folder's full path. Raises ``ForeignFolderError`` for a path the server cannot have."""
    text = os.fspath(data_dir)
    if not text or any(ord(letter) < 32 for letter in text):
        raise ForeignFolderError("The data folder's path must not be empty or hold line breaks or control characters.")
    return Path(os.path.realpath(text))


def claim(data_dir: Path) -> None:
    """Make the data folder, or make sure that the one there is ours to use.

    Ours is: owned by this account, and empty or marked. Raises ``ForeignFolderError``.
    """
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    try:
        data_dir.mkdir(mode=0o700)
    except FileExistsError:
        if not data_dir.is_dir():
            raise ForeignFolderError(
                "{data_dir} is a file; the built-in server needs a folder.", data_dir=data_dir
            ) from None
    if sys.platform != "win32" and data_dir.stat().st_uid != current_uid():
        raise ForeignFolderError(
            "The data folder {data_dir} belongs to another account (user id {st_uid}). Start Labkeep as "
            "that account, or choose another folder.",
            data_dir=data_dir,
            st_uid=str(data_dir.stat().st_uid),
        )
    if not (data_dir / MARKER_NAME).exists():
        strangers = sorted(entry.name for entry in data_dir.iterdir() if not _is_ours(entry.name))
        if strangers:
            raise ForeignFolderError(
                "The folder {data_dir} is not empty and was not made by Labkeep (it holds {strangers}). "
                "Choose an empty or a new folder.",
                data_dir=data_dir,
                strangers=f"{strangers[0]!r}",
            )


def _is_ours(name: str) -> bool:
    """Lock files and a marker being written are ours, although no marker is there yet."""
    return name in _LOCK_NAMES or TEMPORARY_NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class Marker:
    """What the marker says: where the home is, and whether a cluster was made in it."""

    home: Path
    made: bool


def read_marker(data_dir: Path) -> Marker | None:
    """Read the marker, or return None if there is none. Raises ``ForeignFolderError`` or ``OSError``.

    One that another account wrote is refused, and under root also one that others can write.
    """
    place = data_dir / MARKER_NAME
    try:
        status = place.lstat()
        content = json.loads(read_small(place))
    except FileNotFoundError:
        return None
    except PermissionError:
        raise
    except (ValueError, OSError):
        raise _bad_marker(place, "is damaged or of a newer Labkeep") from None
    if sys.platform != "win32" and (status.st_uid != current_uid() or (running_as_root() and status.st_mode & 0o022)):
        raise _bad_marker(place, "belongs to another account or can be written by others")
    if isinstance(content, dict) and content.get("format") == MARKER_FORMAT and isinstance(content.get("home"), str):
        home = content["home"]
        if home and "\0" not in home:
            return Marker(Path(os.path.normpath(data_dir / home)), content.get("made") is True)
    raise _bad_marker(place, "is damaged or of a newer Labkeep")


def _bad_marker(place: Path, what: str) -> ForeignFolderError:
    return ForeignFolderError(
        Message(
            "The file {place} {what}, so it is not known where the data is. Nothing was changed.",
            place=place,
            what=what,
        )
    )


def existing_folders(data_dir: Path, system_folder: Path) -> ServerFolders | None:
    """Return the places the marker names, or None without a marker.

    The marker is a file that a person can write, so its word is never taken: an ordinary user's home is the data
    folder itself, root's is a folder that lies, links resolved, directly in ``system_folder/clusters``, belongs to
    root and says that it was made for this data folder. Raises ``ForeignFolderError`` for anything else.
    """
    marker = read_marker(data_dir)
    if marker is None:
        return None
    home = marker.home
    if not running_as_root():
        if home != data_dir:
            raise ForeignFolderError(
                "The data in {data_dir} was made by root and lies in {home}. Start Labkeep as root to use it.",
                data_dir=data_dir,
                home=home,
            )
        return ServerFolders(data_dir, home)
    owner = made_for(home, system_folder)
    if owner is None:
        raise ForeignFolderError(
            "The marker in {data_dir} points to {home}, which is no folder of this machine's built-in "
            "servers. If it was made by an ordinary user, start Labkeep as that user; nothing was "
            "changed.",
            data_dir=data_dir,
            home=home,
        )
    if owner != data_dir and points_to(owner, home):
        raise ForeignFolderError(
            "The folder {data_dir} is a copy of {owner}, whose data lies in {home} and is not copied "
            "with it. Use that folder, or a backup; nothing was changed.",
            data_dir=data_dir,
            owner=owner,
            home=home,
        )
    return ServerFolders(data_dir, home)


def made_for(home: Path, system_folder: Path) -> Path | None:
    """Return the data folder that a home of root's was made for, or None if it is no such home."""
    note = home / _NOTE_NAME
    try:
        beside = home.resolve(strict=True) == home and home.parent == (system_folder / "clusters").resolve()
        if not beside or not _HOME_NAME.fullmatch(home.name) or home.lstat().st_uid != 0:
            return None
        return Path(read_small(note, owner=0).removesuffix("\n"))
    except (OSError, UnicodeDecodeError):
        return None


def points_to(data_dir: Path, home: Path) -> bool:
    """Whether the data folder's marker names this home."""
    try:
        marker = read_marker(data_dir)
    except (OSError, ForeignFolderError):
        return False
    return marker is not None and marker.home == home


def make_home(data_dir: Path, system_folder: Path) -> ServerFolders:
    """Make the home of a data folder that has none, and the marker. The caller holds the lock of the shelf as root."""
    if not running_as_root():
        folders = ServerFolders(data_dir, data_dir)
        write_marker(folders, made=False)
        return folders
    # A random part, so that a data folder that was deleted and made again never meets its old data.
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    home = (system_folder / "clusters").resolve() / f"{digest}-{secrets.token_hex(4)}"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    folders = ServerFolders(data_dir, home)
    note_place(folders)
    write_marker(folders, made=False)
    return folders


def note_place(folders: ServerFolders) -> None:
    """Note in root's home which data folder it is for; a moved one is noted anew at its next start."""
    if folders.home != folders.data_dir:
        note = folders.home / _NOTE_NAME
        text = f"{folders.data_dir}\n"
        with suppress(OSError, UnicodeDecodeError):
            if read_small(note) == text:
                return
        replace_file(note, text.encode(), _PUBLIC_FILE)


def write_marker(folders: ServerFolders, *, made: bool) -> None:
    """Write the marker; ``made`` once the cluster is there, so that it is never taken for one to be made yet."""
    home = "." if folders.home == folders.data_dir else str(folders.home)
    content = {"format": MARKER_FORMAT, "home": home, "made": made}
    replace_file(folders.marker, f"{json.dumps(content)}\n".encode(), _PUBLIC_FILE)


def system_folder_ready(system_folder: Path) -> None:
    """Make ``/var/lib/labkeep`` with its parts, or make sure it is root's alone to write."""
    for folder in (system_folder, system_folder / "programs", system_folder / "clusters"):
        make_folder(folder, None, 0o755)
        status = folder.lstat()
        if status.st_uid != 0 or status.st_mode & 0o022 or not folder.is_dir() or folder.is_symlink():
            raise ForeignFolderError(
                "The folder {folder} can be written by others than root, so the server programs are not put there.",
                folder=folder,
            )
