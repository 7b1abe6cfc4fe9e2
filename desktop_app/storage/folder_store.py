"""A store in a shared folder: sealed files, reached by ids only, whole or not there at all.

``<root>/<schema_name>/<first two hexadecimal digits>/<file id>``; folder_batch.py says how a file gets there.
"""

import errno
import io
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4

from desktop_app.domain.ids import SCHEMA_PATTERN, exact_id
from desktop_app.storage.errors import ForeignStoreError, MissingFileError, StoreMissingError, UnsafeStoreError
from desktop_app.storage.folder_batch import (
    PART,
    FolderBatch,
    child_to_write,
    open_stored,
    prefix_of,
    temporary_name,
)
from desktop_app.storage.marker import MARKER_NAME, create_marker, open_store_root, require_marker
from desktop_app.storage.store import Abilities, Deletion
from desktop_app.storage.store_errors import translated_store_errors
from desktop_app.system.folder_handles import Folder

_PREFIX = re.compile(r"[0-9a-f]{2}")


class FolderStore:
    """The store of one installation. Holds nothing open between calls; may be used by several threads.

    Raises, besides what each method names, StoreMissingError (unmounted share), ForeignStoreError,
    StoreUnavailableError, and UnsafeStoreError where a link or another thing stands in the way.
    """

    abilities = Abilities(removes_for_good=True, knows_free_space=True)

    def __init__(self, root: Path, installation_id: UUID) -> None:
        self.root = root.absolute()
        self._installation_id = installation_id
        self._durable: set[tuple[str, ...]] = set()  # folders whose own names this object knows to be on the disk

    @property
    def place(self) -> str:
        """The folder, for messages."""
        return str(self.root)

    def create_marker(self) -> None:
        """Make the folder, which must exist, the store of this installation; doing so twice is harmless.

        Raises StoreMissingError (no such folder), ForeignStoreError (another installation's), and what writing raises.
        """
        create_marker(self.root, self._installation_id)

    def remove_marker(self) -> None:
        """Take back ``create_marker``; harmless where the folder is not this installation's."""
        errors = translated_store_errors(self.root, writing=True)
        with suppress(StoreMissingError, ForeignStoreError), self._open_root() as root, errors:
            root.unlink(MARKER_NAME)

    def check_marker(self) -> None:
        """Raise StoreMissingError or ForeignStoreError unless the folder is this installation's store."""
        self._open_root().close()

    def check_writing(self) -> None:
        """Raise StoreReadOnlyError, StoreFullError, … unless the folder takes a file now; none is left.

        A share may keep its top for its administrator and give each center's people the center's folder: then it is
        enough that one of these takes a file.
        """
        with self._open_root() as root, translated_store_errors(self.root, writing=True):
            try:
                _try_writing(root)
            except PermissionError:
                if not any(_takes_a_file(root, name) for name in filter(SCHEMA_PATTERN.fullmatch, list(root.names()))):
                    raise

    def free_space(self) -> int:
        """Bytes that the store's disk or share has left."""
        with translated_store_errors(self.root, writing=False):
            return shutil.disk_usage(self.root).free

    def has_center(self, schema_name: str) -> bool:
        """Tell whether the center has its folder; a new one has none before its first document."""
        _check_schema(schema_name)
        with self._open_root() as root, translated_store_errors(self.root, writing=False):
            return root.has(schema_name)

    def centers(self) -> Iterator[str]:
        """Yield the name of every center's folder, in their order."""
        with self._open_root() as root, translated_store_errors(self.root, writing=False):
            names = sorted(filter(SCHEMA_PATTERN.fullmatch, root.names()))
        yield from names

    def path_of(self, schema_name: str, file_id: UUID) -> Path:
        """Return where a file is, for messages; the store itself never goes by this path."""
        return self.root.joinpath(*_parts(schema_name, file_id), str(file_id))

    @contextmanager
    def writing(self, schema_name: str) -> Iterator[FolderBatch]:
        """Yield a FolderBatch that writes files of a center; the marker is read once for all of them.

        Raises StoreFullError, StoreReadOnlyError.
        """
        _check_schema(schema_name)
        with self._open_root() as root:
            with translated_store_errors(self.root, writing=True):
                center = child_to_write(root, (schema_name,), self._durable)
            with center, closing(FolderBatch(self.root, center, self._durable)) as batch:
                yield batch

    def open(self, schema_name: str, file_id: UUID) -> io.BufferedReader:
        """Return the file for reading, which the caller closes; raises MissingFileError."""
        with self._telling_missing_apart(), self._folder_to_read(schema_name, file_id) as folder:
            return open_stored(self.root, folder, file_id)

    def size(self, schema_name: str, file_id: UUID) -> int:
        """Return the stored size in bytes; raises MissingFileError."""
        with self._telling_missing_apart(), self._folder_to_read(schema_name, file_id) as folder:
            found = folder.stat(str(file_id))
        if not stat.S_ISREG(found.st_mode):
            raise UnsafeStoreError("{path_of} is not a plain file.", path_of=self.path_of(schema_name, file_id))
        return found.st_size

    def exists(self, schema_name: str, file_id: UUID) -> bool:
        """Tell whether the store has the file; False is certain, because an absent store raises."""
        try:
            self.size(schema_name, file_id)
        except MissingFileError:
            return False
        return True

    def delete(self, schema_name: str, file_id: UUID) -> Deletion:
        """Remove a file durably; raises StoreReadOnlyError."""
        return Deletion.REMOVED if self._unlink(schema_name, file_id, str(file_id)) else Deletion.ABSENT

    def delete_leftover(self, schema_name: str, file_id: UUID) -> None:
        """Remove what an interrupted writer left of a file; harmless where there is nothing."""
        self._unlink(schema_name, file_id, temporary_name(file_id))

    def delete_center(self, schema_name: str) -> Iterator[UUID]:
        """Remove all that there is of a center, half files too, and yield each id when its file is gone.

        To be gone through to its end: only then its folder is gone, too. Whatever else lies in it stays, and so does
        the folder then. Raises StoreReadOnlyError.
        """
        _check_schema(schema_name)
        with self._open_root() as root, translated_store_errors(self.root, writing=True):
            if not root.has(schema_name):
                return
            with root.child(schema_name) as center:
                for prefix in sorted(filter(_PREFIX.fullmatch, list(center.names()))):
                    with center.child(prefix) as folder:
                        yield from _emptied(folder, prefix)
                    _remove_folder(center, prefix)
            _remove_folder(root, schema_name)
            root.sync()
        self._durable = {parts for parts in self._durable if parts[0] != schema_name}

    def stored_files(self, schema_name: str) -> Iterator[UUID]:
        """Yield the id of every file that lies where its id says; other things in the folders are passed over."""
        for prefix, name in self._names(schema_name):
            file_id = exact_id(name)
            if file_id is not None and file_id.hex.startswith(prefix):
                yield file_id

    def leftovers(self, schema_name: str) -> Iterator[UUID]:
        """Yield the id of every temporary file: of writers at work, and of those that were interrupted."""
        for prefix, name in self._names(schema_name):
            file_id = exact_id(name[1 : -len(PART)]) if name.startswith(".") and name.endswith(PART) else None
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
    def _folder_to_read(self, schema_name: str, file_id: UUID) -> Iterator[Folder]:
        schema, prefix = _parts(schema_name, file_id)
        errors = translated_store_errors(self.root, writing=False)
        with open_store_root(self.root) as root, errors, root.child(schema) as center, center.child(prefix) as folder:
            yield folder

    @contextmanager
    def _telling_missing_apart(self) -> Iterator[None]:
        """Before a file is called missing, make sure that the store is there at all."""
        try:
            yield
        except MissingFileError:
            self.check_marker()
            raise

    def _unlink(self, schema_name: str, file_id: UUID, name: str) -> bool:
        """Remove a name durably; False where there is none, perhaps because another sweep was faster."""
        schema, prefix = _parts(schema_name, file_id)
        with self._open_root() as root, translated_store_errors(self.root, writing=True):
            try:
                with root.child(schema) as center, center.child(prefix) as folder:
                    folder.unlink(name)
                    folder.sync()
            except FileNotFoundError:
                return False
        return True

    def _names(self, schema_name: str) -> Iterator[tuple[str, str]]:
        """Yield (folder of two digits, name) for every regular file of a center; a new center has none."""
        _check_schema(schema_name)
        with self._open_root() as root, translated_store_errors(self.root, writing=False):
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


def _try_writing(folder: Folder) -> None:
    """Write a file and remove it again; raises OSError."""
    name = f".labkeep-check-{uuid4()}"
    descriptor = folder.new_file(name)
    try:
        os.write(descriptor, b"?")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
        folder.unlink(name)


def _takes_a_file(root: Folder, schema_name: str) -> bool:
    try:
        with root.child(schema_name) as center:
            _try_writing(center)
    except PermissionError:
        return False
    return True


def _emptied(folder: Folder, prefix: str) -> Iterator[UUID]:
    """Remove the center's own files of one of its folders; what is none of them stays."""
    for name in list(folder.names()):
        half = name.startswith(".") and name.endswith(PART)
        file_id = exact_id(name[1 : -len(PART)] if half else name)
        if file_id is None or not file_id.hex.startswith(prefix) or not _is_regular(folder, name):
            continue
        with suppress(FileNotFoundError):  # another program is clearing away, too
            folder.unlink(name)
        if not half:
            yield file_id


def _remove_folder(parent: Folder, name: str) -> None:
    """Remove it if nothing is in it; raises OSError, for then it is to be tried again."""
    try:
        parent.rmdir(name)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST):
            raise


def _is_regular(folder: Folder, name: str) -> bool:
    try:
        return stat.S_ISREG(folder.stat(name).st_mode)
    except FileNotFoundError:  # removed by another program while we looked
        return False


def _check_schema(schema_name: str) -> None:
    if not SCHEMA_PATTERN.fullmatch(schema_name):
        raise UnsafeStoreError("A center's folder was asked for by a name that is no center's.")


def _parts(schema_name: str, file_id: UUID) -> tuple[str, str]:
    _check_schema(schema_name)
    return schema_name, prefix_of(file_id)
