"""Files on their way into a shared folder: each whole or not there, the names of many made durable together.

A file is written under the temporary name ``.<file id>.part`` in its folder and renamed when it is complete and on the
disk. The temporary name is made exclusively and an id is used for one attempt only, so that of two writers of one id
at most one goes on, and looking before the rename is enough to never overwrite.
"""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO
from uuid import UUID

from desktop_app.errors import LabkeepError
from desktop_app.storage.aligned_file import AlignedFile
from desktop_app.storage.direct_file import BLOCK, DirectFile
from desktop_app.storage.errors import AlreadyStoredError, UnsafeStoreError
from desktop_app.storage.store_errors import reading_problem, translated_store_errors, writing_problem
from desktop_app.storage.translating_file import TranslatingFile
from desktop_app.system.folder_handles import Folder
from desktop_app.system.folders import sync_file
from desktop_app.system.page_cache import forget_pages, keep_no_pages, reads_forward

PART = ".part"
_READ_BUFFER = 131_072  # bytes


def prefix_of(file_id: UUID) -> str:
    """The folder of a file within its center: the first two hexadecimal digits."""
    return file_id.hex[:2]


def temporary_name(file_id: UUID) -> str:
    """What a file is called until it is whole."""
    return f".{file_id}{PART}"


def open_stored(root: Path, folder: Folder, file_id: UUID) -> io.BufferedReader:
    """A stored file for reading, which the caller closes; raises OSError for a missing one, and UnsafeStoreError."""
    name = str(file_id)
    return io.BufferedReader(_checked(root, folder, name, folder.open_file(name)), _READ_BUFFER)


def _checked(root: Path, folder: Folder, name: str, descriptor: int) -> TranslatingFile:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise UnsafeStoreError("{path} is not a plain file, and was not opened.", path=folder.path / name)
    if found.st_size > _READ_BUFFER:
        reads_forward(descriptor)
    return TranslatingFile(descriptor, "rb", lambda error: reading_problem(error, root))


class PendingFile:
    """A file on its way into the store; without ``commit`` it leaves no trace."""

    def __init__(self, root: Path, folder: Folder, file_id: UUID, size_hint: int) -> None:
        self._root = root
        self._folder = folder
        self._name = str(file_id)
        self._temporary: str | None = temporary_name(file_id)
        descriptor = folder.new_file(self._temporary)
        keep_no_pages(descriptor)
        direct = folder.open_direct(self._temporary) if size_hint >= BLOCK else None
        self._file = (
            TranslatingFile(descriptor, "wb", self._problem)
            if direct is None
            else DirectFile(descriptor, direct, self._problem)
        )
        self._is_direct = False

    @property
    def file(self) -> BinaryIO:
        """Where the sealed bytes go; each ``write`` takes all it is given, or a StorageError comes here or later."""
        return self._file

    def commit(self) -> None:
        """Put the bytes on the disk and the file under its own name; raises AlreadyStoredError, StoreFullError, ….

        The name outlives a power cut after ``FolderBatch.settle`` only, which costs little more for a hundred
        files than for one. When this raises, there is no file of this id.
        """
        if self._temporary is None:
            raise ValueError("commit() comes once, inside the with block")
        with translated_store_errors(self._root, writing=True):
            if isinstance(self._file, DirectFile):
                self._file.finish()
                self._is_direct = self._file.is_direct
            sync_file(self._file.fileno())
            forget_pages(self._file.fileno())  # only what is on the disk can be forgotten
            self._file.close()  # some network shares tell only here that the disk is full
            self._folder.rename(self._temporary, self._name)
            self._temporary = None

    def read_back(self) -> io.RawIOBase:
        """After ``commit``: what the store has of this file, where the system lets one ask; the caller closes it."""
        with translated_store_errors(self._root, writing=False):
            descriptor, sectors = self._folder.open_past_cache(self._name, direct=self._is_direct)
            file = _checked(self._root, self._folder, self._name, descriptor)
        return AlignedFile(file) if sectors else file

    def _problem(self, error: OSError) -> LabkeepError:
        return writing_problem(error, self._root)

    @property
    def is_committed(self) -> bool:
        """Whether the file has its own name."""
        return self._temporary is None

    def discard(self) -> None:
        """Close and remove what was not committed; what cannot be removed stays for ``Store.leftovers``."""
        with suppress(OSError):
            self._file.close()
        if self._temporary is not None:
            with suppress(OSError):
                self._folder.unlink(self._temporary)
            self._temporary = None


class FolderBatch:
    """Writes files of one center, through the very folder whose marker was read when the batch began.

    The folders below it stay open until ``close``, at most 256.
    """

    def __init__(self, root: Path, center: Folder, durable: set[tuple[str, ...]]) -> None:
        self._root = root
        self._center = center
        self._durable = durable
        self._folders: dict[str, Folder] = {}
        self._opening = Lock()
        self._unsynced: set[str] = set()

    @contextmanager
    def writer(self, file_id: UUID, size_hint: int = 0) -> Iterator[PendingFile]:
        """Yield a PendingFile whose ``file`` takes the bytes, about *size_hint*; only its ``commit()`` keeps them.

        Raises AlreadyStoredError, StoreFullError, StoreReadOnlyError.
        """
        prefix = prefix_of(file_id)
        with translated_store_errors(self._root, writing=True):
            folder = self._folder(prefix)
            if folder.has(str(file_id)):
                raise AlreadyStoredError("A file of this id is in the store already; it was not touched.")
            pending = PendingFile(self._root, folder, file_id, size_hint)
        try:
            yield pending
        finally:
            if pending.is_committed:
                self._unsynced.add(prefix)
            pending.discard()

    def settle(self) -> None:
        """Make the names of all that was committed durable; who saves many together gives them ``new_file_ids``."""
        with translated_store_errors(self._root, writing=True):
            for prefix in sorted(self._unsynced):
                with self._center.child(prefix) as folder:  # by its name: a folder that was removed is an error
                    folder.sync()
        self._unsynced.clear()

    def close(self) -> None:
        """Let go of the folders."""
        for folder in self._folders.values():
            folder.close()
        self._folders.clear()

    def _folder(self, prefix: str) -> Folder:
        with self._opening:
            if prefix not in self._folders:
                self._folders[prefix] = child_to_write(self._center, (self._center.path.name, prefix), self._durable)
            return self._folders[prefix]


def child_to_write(folder: Folder, parts: tuple[str, ...], durable: set[tuple[str, ...]]) -> Folder:
    """The last of *parts* in *folder*, made if it is missing; its own name is durable. Raises OSError.

    Looked for first: a share without the right to make folders may still have those that are needed. A folder that
    was there may have been made by a program that died before it synced, hence *durable*: what is known to be so.
    """
    try:
        child = folder.child(parts[-1])
    except FileNotFoundError:
        folder.make_child(parts[-1])
        child = folder.child(parts[-1])
    if parts not in durable:
        folder.sync()
        durable.add(parts)
    return child
