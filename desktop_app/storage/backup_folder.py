"""A folder of backups: sealed files once for all of them, and a folder for each backup that is there whole or not.

``store/`` is a store of the installation (storage/store.py), into which files are only ever added; a backup is
``backups/<time>-<8 hex>/`` with its parts. It is written as ``.<name>.part`` and renamed when it is complete.
"""

import io
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from desktop_app.domain.profiles import StorePlace
from desktop_app.errors import NotFoundError
from desktop_app.message import Message
from desktop_app.storage.errors import StorageError
from desktop_app.storage.translating_file import TranslatingFile
from desktop_app.system.folders import make_private_folder, sync_file, sync_folder
from desktop_app.system.locks import FileLock, hold_alone
from desktop_app.system.open_elsewhere import retried_while_open
from desktop_app.system.windows_paths import reachable

MANIFEST, SIGNATURE = "manifest.json", "signature.json"
DATABASE, CONTENTS, FILES, KEYS = "database.sealed", "contents.sealed", "files.list", "keys.json"
PARTS = (DATABASE, CONTENTS, FILES, KEYS)
"""What the manifest has a digest of."""
_NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")
_TIME = "%Y%m%dT%H%M%S%fZ"
_HALF = re.compile(rf"\.{_NAME.pattern}\.part")
_LARGEST = 64 * 1024**2
_LOCK_SECONDS = 1.0
_LONGEST_BELOW = 120  # signs, of a part's path below the folder


class BackupFolderError(StorageError):
    """The folder of backups could not be read or written."""

    code = "backup_folder"


class BackupFolder:
    """The backups of one installation in one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._backups = reachable(self.root, _LONGEST_BELOW) / "backups"

    @property
    def store_place(self) -> StorePlace:
        """Where the sealed files of all backups are."""
        return StorePlace(str(self.root / "store"))

    def prepare(self) -> None:
        """Make the folders that are missing, private ones; raises PrivateFolderError."""
        for folder in (self.root, self.root / "store", self._backups):
            make_private_folder(folder)

    def hold(self) -> FileLock:
        """The lock of the folder, which the caller closes: one program at a time writes here. LockBusyError."""
        with _sentences(self.root):
            return hold_alone(self.root / ".lock", _LOCK_SECONDS)

    def names(self) -> tuple[str, ...]:
        """The complete backups, the oldest first."""
        with _sentences(self.root):
            if not self._backups.is_dir():
                return ()
            return tuple(sorted(entry.name for entry in self._backups.iterdir() if _NAME.fullmatch(entry.name)))

    def next_name(self, backup_id: UUID, now: datetime) -> str:
        """A name for a new backup that sorts after all that are there, also where the clock was put back."""
        names = self.names()
        if names:
            newest = datetime.strptime(names[-1].partition("-")[0], _TIME).replace(tzinfo=UTC)
            now = max(now, newest + timedelta(microseconds=1))
        return f"{now.astimezone(UTC):{_TIME}}-{backup_id.hex[:8]}"

    def newest(self) -> str:
        """The newest complete backup; NotFoundError where there is none."""
        names = self.names()
        if not names:
            raise NotFoundError("There is no backup in {root}.", root=self.root)
        return names[-1]

    @contextmanager
    def new(self, name: str) -> Iterator["PendingBackup"]:
        """A backup that takes its name with ``commit``; without it nothing of it is left. Half ones are swept first."""
        with _sentences(self.root):
            for entry in self._backups.iterdir():
                if _HALF.fullmatch(entry.name):
                    shutil.rmtree(entry)
        pending = PendingBackup(self._backups, name)
        try:
            with _sentences(self.root):
                pending.folder.mkdir(mode=0o700)
                yield pending
        finally:
            if not pending.is_committed:
                shutil.rmtree(pending.folder, ignore_errors=True)

    def has(self, name: str, part: str) -> bool:
        """Whether a backup has a part."""
        with _sentences(self.root):
            return self._path(name, part).is_file()

    def read(self, name: str, part: str) -> bytes:
        """A small part as a whole."""
        with self.open(name, part) as file, _sentences(self.root):
            return file.read(_LARGEST)

    def open(self, name: str, part: str) -> io.BufferedReader:
        """A part for reading, which the caller closes."""
        path = self._path(name, part)
        with _sentences(self.root):
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        return io.BufferedReader(TranslatingFile(descriptor, "rb", lambda error: _unusable(self.root, error)))

    def remove(self, name: str) -> None:
        """Delete a backup, but none of the sealed files: its name first, so that nobody takes a half one for whole."""
        half = self._backups / f".{name}.part"
        with _sentences(self.root):
            retried_while_open(lambda: self._path(name, "").rename(half))
            shutil.rmtree(half)

    def _path(self, name: str, part: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NotFoundError("There is no backup {name}.", name=name)
        return self._backups / name / part


class PendingBackup:
    """A backup that is being written."""

    def __init__(self, parent: Path, name: str) -> None:
        self.folder = parent / f".{name}.part"
        self.is_committed = False
        self._final = parent / name

    @contextmanager
    def writing(self, part: str) -> Iterator[BinaryIO]:
        """A part to be written, on the disk when the block ends."""
        descriptor = os.open(self.folder / part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            sync_file(file.fileno())

    def write(self, part: str, content: bytes) -> None:
        """A small part."""
        with self.writing(part) as file:
            file.write(content)

    def open(self, part: str) -> io.BufferedReader:
        """What was written, for reading; the caller closes."""
        return (self.folder / part).open("rb")

    def commit(self) -> None:
        """Give the complete backup its name."""
        sync_folder(self.folder)
        retried_while_open(lambda: self.folder.rename(self._final))
        sync_folder(self._final.parent)
        self.is_committed = True


@contextmanager
def _sentences(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unusable(root, error) from error


def _unusable(root: Path, error: OSError) -> BackupFolderError:
    return BackupFolderError(
        Message(
            "The folder of backups {root} cannot be used: {reason}.",
            root=root,
            reason=": ".join(str(each) for each in (error.strerror, error.filename) if each),
        )
    )
