"""Where the built-in server keeps its things, and the checks that a folder is really ours.

An ordinary user's server lives in the data folder itself. Root's data folder holds a marker, the
password and nothing else: the marker points to a home below ``/var/lib/labkeep``, which the
unprivileged account can reach without a permission of any other folder being changed.
"""

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from desktop_app.db.builtin.account import ServiceAccount, current_uid, give_to, running_as_root
from desktop_app.db.builtin.errors import ForeignFolderError, StorageFullError, StorageRefusedError

MARKER_NAME = "labkeep-server.json"
MARKER_FORMAT = "labkeep-server/1"
PASSWORD_NAME = "superuser-password"  # noqa: S105 - a file's name
SYSTEM_FOLDER = Path("/var/lib/labkeep")
PORT = 5432
_NOTE_NAME = "made-for"
_HOME_NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}")
_LOCK_NAMES = {"start.lock", "users.lock", "watcher.lock"}
# sun_path holds 108 bytes with the final zero on Linux and 104 on macOS and the BSDs.
_SOCKET_PATH_BYTES = 107 if sys.platform == "linux" else 103
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.+-]+")


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
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "cluster"

    @property
    def settings(self) -> Path:
        """Configuration, written by us at every start and out of the server's own reach."""
        return self.home / "settings"

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
            raise ForeignFolderError(f"{data_dir} is a file; the built-in server needs a folder.") from None
    if sys.platform != "win32" and data_dir.stat().st_uid != current_uid():
        raise ForeignFolderError(
            f"The data folder {data_dir} belongs to another account (user id {data_dir.stat().st_uid}). "
            "Start Labkeep as that account, or choose another folder."
        )
    if not (data_dir / MARKER_NAME).exists():
        strangers = sorted(entry.name for entry in data_dir.iterdir() if not _is_ours(entry.name))
        if strangers:
            raise ForeignFolderError(
                f"The folder {data_dir} is not empty and was not made by Labkeep (it holds {strangers[0]!r}). "
                "Choose an empty or a new folder."
            )


def _is_ours(name: str) -> bool:
    """Lock files and a marker being written are ours, although no marker is there yet."""
    return name in _LOCK_NAMES or name.startswith(f".{MARKER_NAME}.")


def recorded_home(data_dir: Path) -> Path | None:
    """Read the marker: the server's home, or None if there is no marker. Raises ``ForeignFolderError``."""
    marker = data_dir / MARKER_NAME
    try:
        content = json.loads(marker.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        content = None
    if isinstance(content, dict) and content.get("format") == MARKER_FORMAT and isinstance(content.get("home"), str):
        return Path(os.path.normpath(data_dir / content["home"]))
    raise ForeignFolderError(
        f"The file {marker} is damaged or of a newer Labkeep, so it is not known where the data is. "
        "Nothing was changed."
    )


def existing_folders(data_dir: Path, system_folder: Path) -> ServerFolders | None:
    """Return the places the marker names, or None without a marker.

    The marker is a file that a person can write, so its word is never taken: an ordinary user's home is the data
    folder itself, root's is a folder that lies, links resolved, directly in ``system_folder/clusters``, belongs to
    root and says that it was made as a home. Raises ``ForeignFolderError`` for anything else.
    """
    home = recorded_home(data_dir)
    if home is None:
        return None
    if not running_as_root():
        if home != data_dir:
            raise ForeignFolderError(
                f"The data in {data_dir} was made by root and lies in {home}. Start Labkeep as root to use it."
            )
    elif not _is_root_home(home, system_folder):
        raise ForeignFolderError(
            f"The marker in {data_dir} points to {home}, which is no folder of this machine's built-in servers. "
            "If it was made by an ordinary user, start Labkeep as that user; nothing was changed."
        )
    return ServerFolders(data_dir, home)


def _is_root_home(home: Path, system_folder: Path) -> bool:
    try:
        real, note = home.resolve(strict=True), (home / _NOTE_NAME).lstat()
    except OSError:
        return False
    beside = real == home and home.parent == (system_folder / "clusters").resolve()
    return beside and _HOME_NAME.fullmatch(home.name) is not None and stat.S_ISREG(note.st_mode) and note.st_uid == 0


def make_home(data_dir: Path, system_folder: Path) -> ServerFolders:
    """Make the home of a data folder that has none, and the marker. The caller holds the lock of the shelf as root."""
    if not running_as_root():
        write_atomically(data_dir / MARKER_NAME, _marker("."))
        return ServerFolders(data_dir, data_dir)
    # A random part, so that a data folder that was deleted and made again never meets its old data.
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    home = (system_folder / "clusters").resolve() / f"{digest}-{secrets.token_hex(4)}"
    home.mkdir(mode=0o755)
    write_atomically(home / _NOTE_NAME, f"{data_dir}\n")
    write_atomically(data_dir / MARKER_NAME, _marker(str(home)))
    return ServerFolders(data_dir, home)


def delete_home(folders: ServerFolders) -> None:
    """Delete, by name, what this package made, and nothing else; a folder with anything else in it stays."""
    for name in ("cluster", "cluster.new", "log", "settings", "run"):
        place = folders.home / name
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
    for name in sorted(_LOCK_NAMES):
        (folders.home / name).unlink(missing_ok=True)
    folders.password.unlink(missing_ok=True)
    if folders.home != folders.data_dir:
        (folders.home / _NOTE_NAME).unlink(missing_ok=True)
        folders.home.rmdir()
    folders.marker.unlink(missing_ok=True)


def system_folder_ready(system_folder: Path) -> None:
    """Make ``/var/lib/labkeep`` with its parts, or make sure it is root's alone to write."""
    for folder in (system_folder, system_folder / "programs", system_folder / "clusters"):
        make_folder(folder, None, 0o755)
        status = folder.lstat()
        if status.st_uid != 0 or status.st_mode & 0o022 or not folder.is_dir() or folder.is_symlink():
            raise ForeignFolderError(
                f"The folder {folder} can be written by others than root, so the server programs are not put there."
            )


def make_folder(folder: Path, account: ServiceAccount | None, mode: int) -> None:
    """Make one folder with exactly this mode, owned by the account if one is given; one that exists stays as it is."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    if account is not None:
        give_to(folder, account.uid, account.gid)
    folder.chmod(mode)


def socket_folder(folders: ServerFolders, account: ServiceAccount | None) -> Path:
    """Make a private folder for the server's socket: beside root's cluster, else a new one below a short path."""
    if account is not None:
        place = folders.home / "run"
        make_folder(place, account, 0o700)
        if _fits(place):
            return place
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere")
    short = runtime if account is None and _private(runtime) and _fits(runtime / "labkeep-12345678") else Path("/tmp")  # noqa: S108
    place = Path(tempfile.mkdtemp(prefix="labkeep-", dir=short))
    if account is not None:
        give_to(place, account.uid, account.gid)
    return place


def sweep_sockets(folders: ServerFolders, place: Path) -> None:
    """Remove what is left of a dead server's socket from a folder that we made; the folder too if it was only for it.

    The lock file beside the socket names a process; a new server would respect it even if that one is a zombie.
    """
    beside_data = place == folders.home / "run"
    if not beside_data and not place.name.startswith("labkeep-"):
        return
    for leftover in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        with suppress(OSError):
            (place / leftover).unlink()
    if not beside_data:
        with suppress(OSError):
            place.rmdir()


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


def _marker(home: str) -> str:
    return json.dumps({"format": MARKER_FORMAT, "home": home}) + "\n"


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a small file so that it is there whole or not at all, also after a power cut."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as output:
            output.write(text)
            output.flush()
            os.fsync(output.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power cut; Windows has no such call."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into sentences about the data folder."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise storage_full(place) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise StorageRefusedError(
                f"The built-in server's folder {place} cannot be written ({error.strerror}"
                f"{f': {error.filename}' if error.filename else ''}). Choose a folder on a disk that takes writes."
            ) from error
        raise StorageRefusedError(f"The built-in server's folder {place} cannot be used: {error}.") from error


def storage_full(place: Path) -> StorageFullError:
    """The sentence for a full disk."""
    return StorageFullError(
        f"There is no room left on the disk of the built-in server's folder {place}. Free some space and start again; "
        "what was saved before is not lost."
    )
