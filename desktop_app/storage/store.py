"""The store: sealed files in a shared folder, reached by ids only, whole or not there at all.

``<root>/<schema_name>/<first two hexadecimal digits>/<file id>``. A file is written under the temporary name
``.<file id>.part`` in the same folder and renamed when it is complete and on the disk. The temporary name is made
exclusively and an id is used for one attempt only, so that of two writers of one id at most one goes on, and looking
before the rename is enough to never overwrite.
"""

import io
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from desktop_app.storage.errors import AlreadyStoredError, MissingFileError, UnsafeStoreError
from desktop_app.storage.marker import create_marker, open_store_root, require_marker
from desktop_app.storage.store_errors import reading_problem, store_wall, writing_problem
from desktop_app.storage.system_paths import Folder
from desktop_app.storage.walled_file import WalledFile

_SCHEMA = re.compile(r"center_[0-9a-f]{32}")
_PREFIX = re.compile(r"[0-9a-f]{2}")
_PART = ".part"
_READ_BUFFER = 131_072  # bytes


class PendingFile:
    """A file on its way into the store; without ``commit`` it leaves no trace."""

    def __init__(self, store: "Store", folder: Folder, file_id: UUID) -> None:
        self._store = store
        self._folder = folder
        self._id = file_id
        self._temporary: str | None = _temporary_name(file_id)
        root = store.root
        self._file = WalledFile(folder.new_file(self._temporary), "wb", lambda error: writing_problem(error, root))

    @property
    def file(self) -> BinaryIO:
        """Where the sealed bytes go; unbuffered, each ``write`` takes all it is given or raises a StorageError."""
        return self._file

    def commit(self, *, sync_name: bool = True) -> None:
        """Put the file under its own name, durably; raises AlreadyStoredError, StoreFullError and their like.

        When it returns, the file outlives a power cut. When it raises, there is no file of this id, except that an
        error of the very last step (making the name durable) may leave the whole file behind. For many small files
        that step can be put off with ``sync_name=False``: the names are durable after ``Store.sync_names`` only,
        which costs little more for a hundred files than for one.
        """
        if self._temporary is None:
            raise ValueError("commit() comes once, inside the with block")
        with store_wall(self._store.root, writing=True):
            os.fsync(self._file.fileno())
            self._file.close()  # some network shares tell only here that the disk is full
            self._folder.rename(self._temporary, str(self._id))
            self._temporary = None
            if sync_name:
                self._folder.sync()

    def discard(self) -> None:
        """Close and remove what was not committed; what cannot be removed stays for ``leftovers``."""
        with suppress(OSError):
            self._file.close()
        if self._temporary is not None:
            with suppress(OSError):
                self._folder.unlink(self._temporary)
            self._temporary = None


class Store:
    """The store of one installation. Holds nothing open between calls; may be used by several threads.

    Raises, besides what each method names, StoreMissingError (unmounted share), ForeignStoreError,
    StoreUnavailableError, and UnsafeStoreError where a link or another thing stands in the way.
    """

    create_marker = staticmethod(create_marker)

    def __init__(self, root: Path, installation_id: UUID) -> None:
        self.root = root.absolute()
        self._installation_id = installation_id
        self._durable: set[tuple[str, ...]] = set()  # folders whose own names this object knows to be on the disk

    def check_marker(self) -> None:
        """Raise StoreMissingError or ForeignStoreError unless the folder is this installation's store."""
        self._open_root().close()

    def path_of(self, schema_name: str, file_id: UUID) -> Path:
        """Return where a file is, for messages; the store itself never goes by this path."""
        return self.root.joinpath(*_parts(schema_name, file_id), str(file_id))

    @contextmanager
    def writer(self, schema_name: str, file_id: UUID) -> Iterator[PendingFile]:
        """Yield a PendingFile whose ``file`` takes the bytes; only its ``commit()`` keeps them.

        Raises AlreadyStoredError, StoreFullError, StoreReadOnlyError.
        """
        with self._folder_to_write(_parts(schema_name, file_id)) as folder:
            with store_wall(self.root, writing=True):
                if folder.has(str(file_id)):
                    raise AlreadyStoredError("A file of this id is in the store already; it was not touched.")
                pending = PendingFile(self, folder, file_id)
            try:
                yield pending
            finally:
                pending.discard()

    def sync_names(self, schema_name: str, file_ids: Iterable[UUID]) -> None:
        """Make the names of files that were committed with ``sync_name=False`` durable; raises MissingFileError."""
        _check_schema(schema_name)
        wall = store_wall(self.root, writing=True)
        with self._telling_missing_apart(), open_store_root(self.root) as root, wall, root.child(schema_name) as center:
            for prefix in sorted({_parts(schema_name, file_id)[1] for file_id in file_ids}):
                with center.child(prefix) as folder:
                    folder.sync()

    def open(self, schema_name: str, file_id: UUID) -> BinaryIO:
        """Return the file for reading, which the caller closes; raises MissingFileError."""
        with self._telling_missing_apart(), self._folder_to_read(schema_name, file_id) as folder:
            descriptor = folder.open_file(str(file_id))
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise UnsafeStoreError(f"{folder.path / str(file_id)} is not a plain file, and was not opened.")
            raw = WalledFile(descriptor, "rb", lambda error: reading_problem(error, self.root))
        return io.BufferedReader(raw, _READ_BUFFER)

    def size(self, schema_name: str, file_id: UUID) -> int:
        """Return the stored size in bytes; raises MissingFileError."""
        with self._telling_missing_apart(), self._folder_to_read(schema_name, file_id) as folder:
            found = folder.stat(str(file_id))
        if not stat.S_ISREG(found.st_mode):
            raise UnsafeStoreError(f"{self.path_of(schema_name, file_id)} is not a plain file.")
        return found.st_size

    def exists(self, schema_name: str, file_id: UUID) -> bool:
        """Tell whether the store has the file; False is certain, because an absent store raises."""
        try:
            self.size(schema_name, file_id)
        except MissingFileError:
            return False
        return True

    def delete(self, schema_name: str, file_id: UUID) -> None:
        """Remove a file durably; raises MissingFileError, StoreReadOnlyError."""
        self._unlink(schema_name, file_id, str(file_id))

    def delete_leftover(self, schema_name: str, file_id: UUID) -> None:
        """Remove what an interrupted writer left; the caller knows that no writer of this id is alive."""
        self._unlink(schema_name, file_id, _temporary_name(file_id))

    def stored_files(self, schema_name: str) -> Iterator[UUID]:
        """Yield the id of every file that lies where its id says; other things in the folders are passed over."""
        for prefix, name in self._names(schema_name):
            file_id = _uuid_of(name)
            if file_id is not None and file_id.hex.startswith(prefix):
                yield file_id

    def leftovers(self, schema_name: str) -> Iterator[UUID]:
        """Yield the id of every temporary file: of writers at work, and of those that were interrupted."""
        for prefix, name in self._names(schema_name):
            file_id = _uuid_of(name[1 : -len(_PART)]) if name.startswith(".") and name.endswith(_PART) else None
            if file_id is not None and file_id.hex.startswith(prefix):
                yield file_id

    def _open_root(self) -> Folder:
        folder = open_store_root(self.root)
        try:
            require_marker(folder, self._installation_id)
        except BaseException:
            folder.close()
            raise
        return folder

    @contextmanager
    def _folder_to_write(self, parts: tuple[str, ...]) -> Iterator[Folder]:
        """Open the folder for ``parts`` through the very root whose marker was read, making what is missing."""
        folder = self._open_root()
        try:
            for depth, part in enumerate(parts, 1):
                with store_wall(self.root, writing=True):
                    child = _child_or_new(folder, part)
                    parent, folder = folder, child
                    with parent:
                        # A folder that was there may have been made by a program that died before it synced.
                        if parts[:depth] not in self._durable:
                            parent.sync()
                            self._durable.add(parts[:depth])
            yield folder
        finally:
            folder.close()

    @contextmanager
    def _folder_to_read(self, schema_name: str, file_id: UUID) -> Iterator[Folder]:
        schema, prefix = _parts(schema_name, file_id)
        wall = store_wall(self.root, writing=False)
        with open_store_root(self.root) as root, wall, root.child(schema) as center, center.child(prefix) as folder:
            yield folder

    @contextmanager
    def _telling_missing_apart(self) -> Iterator[None]:
        """Before a file is called missing, make sure that the store is there at all."""
        try:
            yield
        except MissingFileError:
            self.check_marker()
            raise

    def _unlink(self, schema_name: str, file_id: UUID, name: str) -> None:
        schema, prefix = _parts(schema_name, file_id)
        wall = store_wall(self.root, writing=True)
        with self._open_root() as root, wall, root.child(schema) as center, center.child(prefix) as folder:
            folder.unlink(name)
            folder.sync()

    def _names(self, schema_name: str) -> Iterator[tuple[str, str]]:
        """Yield (folder of two digits, name) for every regular file of a center; a new center has none."""
        _check_schema(schema_name)
        with self._open_root() as root, store_wall(self.root, writing=False):
            try:
                center = root.child(schema_name)
            except FileNotFoundError:
                return
            with center:
                for prefix in sorted(filter(_PREFIX.fullmatch, center.names())):
                    with center.child(prefix) as folder:
                        for name in folder.names():
                            if _is_regular(folder, name):
                                yield prefix, name


def _child_or_new(folder: Folder, name: str) -> Folder:
    """Look first: a share without the right to make folders may still have those that are needed."""
    try:
        return folder.child(name)
    except FileNotFoundError:
        folder.make_child(name)
        return folder.child(name)


def _is_regular(folder: Folder, name: str) -> bool:
    try:
        return stat.S_ISREG(folder.stat(name).st_mode)
    except FileNotFoundError:  # removed by another program while we looked
        return False


def _check_schema(schema_name: str) -> None:
    if not _SCHEMA.fullmatch(schema_name):
        raise UnsafeStoreError("A center's folder was asked for by a name that is no center's.")


def _parts(schema_name: str, file_id: UUID) -> tuple[str, str]:
    _check_schema(schema_name)
    return schema_name, file_id.hex[:2]


def _temporary_name(file_id: UUID) -> str:
    return f".{file_id}{_PART}"


def _uuid_of(name: str) -> UUID | None:
    try:
        file_id = UUID(name)
    except ValueError:
        return None
    return file_id if str(file_id) == name else None
