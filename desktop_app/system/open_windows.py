"""The windows of this program that a person has open on this computer, so that a second start finds the first.

Each living window holds a lock on a file of its own in the person's private folder, in which stands where it listens.
The lock dies with the window, whatever killed it; so nobody waits for one that is gone, and nothing that another
account makes is ever believed.
"""

import os
import platform
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from desktop_app.system.folders import PrivateFolderError, make_private_folder
from desktop_app.system.locks import FileLock, LockBusyError

_PREFIX = "labkeep-window-"
_SOCKET = "socket"
_LARGEST_NOTE = 4096
_LONGEST_HOST = 200
_LONGEST_PARENT = 60
"""Bytes: sun_path holds 104 with the final zero on macOS, and 108 on Linux."""
_WAIT_SECONDS = 10.0
"""For another start that looks around now."""


class Registration:
    """A window's own entry; it lasts until ``close`` or the end of the process."""

    def __init__(self, lock: FileLock, address: str) -> None:
        self.address = address
        """Where it listens: a path of a socket in a folder of its own, or the name of a pipe (Windows)."""
        self._lock = lock

    def close(self) -> None:
        """The window is gone."""
        with suppress(OSError):
            self._lock.path.unlink()
        self._lock.close()
        _sweep(self.address)


class OpenWindows:
    """Entries in one folder; homes may lie on a share, so those of another computer are not ours."""

    def __init__(self, folder: Path) -> None:
        # As letters that every file system has, and no more than a name may have.
        self._folder = folder / (platform.node().encode().hex()[:_LONGEST_HOST] or "unnamed")

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Hold off other starts, so that of two at once one finds the other. Where that cannot be, it goes on."""
        with ExitStack() as stack:
            with suppress(OSError, PrivateFolderError, LockBusyError):
                make_private_folder(self._folder)
                lock = stack.enter_context(FileLock(self._folder / "start.lock"))
                lock.take_exclusive(_WAIT_SECONDS)
            yield

    def addresses(self) -> list[str]:
        """Where the living windows listen; what dead ones left behind is removed."""
        found = []
        with suppress(OSError):
            for path in sorted(self._folder.glob("*.window")):
                with suppress(OSError), FileLock(path) as lock:
                    address = _address(lock)
                    if not lock.try_exclusive():
                        found.append(address)
                    else:
                        path.unlink()
                        _sweep(address)
        return [address for address in found if address]

    def register(self) -> Registration | None:
        """An entry for a new window, made while ``looking``; None where the folder cannot be written."""
        try:
            make_private_folder(self._folder)
            lock = FileLock(self._folder / f"{os.urandom(16).hex()}.window")
            lock.take_exclusive(0)
            return Registration(lock, _new_address(lock))
        except (OSError, PrivateFolderError, LockBusyError):
            return None


if sys.platform == "win32":  # experimental until run there

    def _new_address(lock: FileLock) -> str:
        """A pipe's name; nothing can be read in a file that another process has locked."""
        return f"{_PREFIX}{lock.path.stem}"

    def _address(lock: FileLock) -> str:
        return f"{_PREFIX}{lock.path.stem}"

    def _sweep(address: str) -> None:
        del address  # a pipe goes with its process

else:

    def _new_address(lock: FileLock) -> str:
        """A socket in a new folder: its path has little room, so that it cannot lie below the person's home."""
        address = str(Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_short_parent())) / _SOCKET)
        os.pwrite(lock.handle, address.encode(), 0)
        return address

    def _address(lock: FileLock) -> str:
        return os.pread(lock.handle, _LARGEST_NOTE, 0).decode("utf-8", "replace")

    def _short_parent() -> Path:
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere")
        with suppress(OSError):
            found = runtime.lstat()
            private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077 and found.st_uid == os.getuid()
            if private and len(os.fsencode(runtime)) < _LONGEST_PARENT:
                return runtime
        return Path(os.path.realpath("/tmp"))  # noqa: S108 - short everywhere, and the folder in it is private

    def _sweep(address: str) -> None:
        """Remove the folder of a socket: only one of our names, and with nothing else in it."""
        folder = Path(address).parent
        if folder.name.startswith(_PREFIX):
            with suppress(OSError):
                Path(address).unlink(missing_ok=True)
                folder.rmdir()
