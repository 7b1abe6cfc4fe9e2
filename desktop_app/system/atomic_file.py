"""The one way in which a file of this workstation is written: under its name it is whole, or not there at all.

The store has a way of its own (storage/folder_batch.py): through open folders of a share, with the share's permissions,
past the page cache, the names of many files made durable together.
"""

import errno
import os
import re
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from desktop_app.system.folders import make_private_folder, sync_file, sync_folder
from desktop_app.system.open_elsewhere import retried_while_open
from desktop_app.system.windows_paths import reachable

PRIVATE_FILE = 0o600
TEMPORARY_NAME = re.compile(r"\.labkeep-[0-9a-f]{16}\.part")
"""What a file is called that a killed program left half."""

_LONGEST_ADDITION = 32  # signs, of the hidden name beside the target
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NAMELESS = getattr(os, "O_TMPFILE", 0)  # Linux only
_OPEN_FILES = Path("/proc/self/fd")
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL, errno.EXDEV}


class AtomicFile:
    """A new file in the folder of ``target`` that takes the target's name with ``commit()``, or vanishes.

    Used as a context manager. ``replace`` lets it take the place of another file; FileExistsError is raised otherwise.
    Where the file system can (Linux, local disks), the file has no name until it is complete, so that even a killed
    program leaves nothing behind; elsewhere it has a hidden name, ``.labkeep-….part``. Raises OSError.
    """

    def __init__(self, target: Path, *, replace: bool, mode: int = PRIVATE_FILE) -> None:
        self.target = target.absolute()
        self._at = reachable(self.target, _LONGEST_ADDITION)
        self._replace = replace
        self._mode = mode
        # The name is not made of the target's: a long but lawful one leaves no room for an addition.
        self._temporary = self._at.with_name(f".labkeep-{os.urandom(8).hex()}.part")
        self._nameless = False
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._check_target()
        descriptor = self._open_nameless()
        self._nameless = descriptor is not None
        if descriptor is None:
            descriptor = os.open(self._temporary, _NEW, PRIVATE_FILE)
        self._file = self._file_of(descriptor)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        with suppress(OSError):
            retried_while_open(lambda: self._temporary.unlink(missing_ok=True))

    @property
    def file(self) -> BinaryIO:
        """Where the bytes go, inside the with block only."""
        if self._file is None:
            raise ValueError("the file exists inside the with block only")
        return self._file

    def commit(self) -> Path:
        """Give the complete file its name and return the path; ``sync_folder`` lets the name outlast a power cut."""
        if self._file is None or self._file.closed:
            raise ValueError("commit() comes once, inside the with block")
        self._file.flush()
        if self._mode != PRIVATE_FILE and hasattr(os, "fchmod"):
            os.fchmod(self._file.fileno(), self._mode)
        sync_file(self._file.fileno())
        if self._nameless:
            _give_name(self._file.fileno(), self._temporary if self._replace else self._at)
        self._file.close()
        if self._replace:
            self._check_target()
            retried_while_open(lambda: self._temporary.replace(self._at))
        elif not self._nameless:
            self._take_unused_name()
        return self.target

    def _file_of(self, descriptor: int) -> BinaryIO:
        return os.fdopen(descriptor, "wb")

    def _check_target(self) -> None:
        """Raise where the target must not be replaced; asked before the first byte and before the last step."""

    def _open_nameless(self) -> int | None:
        """Return a descriptor of a file without a name, or None where there is no such thing."""
        if not _NAMELESS or not _OPEN_FILES.is_dir():
            return None
        try:
            return os.open(self._at.parent, _NAMELESS | os.O_WRONLY, PRIVATE_FILE)
        except OSError:
            return None  # what is wrong with the folder itself shows when a name is tried

    def _take_unused_name(self) -> None:
        """Rename without ever overwriting: a hard link fails where the name is taken, a rename would not."""
        try:
            self._at.hardlink_to(self._temporary)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            if os.path.lexists(self._at):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.target)) from error
            retried_while_open(lambda: self._temporary.rename(self._at))


def _give_name(descriptor: int, path: Path) -> None:
    """Link an open file to an unused name, as open(2) says under O_TMPFILE."""
    open_files = os.open(_OPEN_FILES, os.O_RDONLY)
    try:
        # Only with a folder's descriptor does Python call linkat(), which follows the link in /proc.
        os.link(str(descriptor), path, src_dir_fd=open_files, follow_symlinks=True)
    finally:
        os.close(open_files)


def replace_file(path: Path, content: bytes, mode: int = PRIVATE_FILE) -> None:
    """Write a small file so that a reader finds the old or the new one, always whole, also after a power cut.

    Raises OSError; the old file then stays as it was.
    """
    with AtomicFile(path, replace=True, mode=mode) as new:
        new.file.write(content)
        new.commit()
    sync_folder(path.absolute().parent)


def replace_private_file(path: Path, content: bytes) -> None:
    """Like ``replace_file``; the folder is made private where it is missing. Raises PrivateFolderError, too."""
    make_private_folder(path.parent)
    replace_file(path, content)
