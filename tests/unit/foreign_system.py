"""Lets this process look like Windows or macOS to the application, as far as Linux can play them.

``become`` takes away what the other system's Python lacks and gives what only it has: modules, functions and constants
of ``os``, ``signal`` and ``socket``. Paths stay Linux's. Whoever imports the application after that gets the branches
of the other system, and runs them.
"""

import ctypes
import errno
import fcntl
import importlib
import importlib.abc
import importlib.machinery
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import types
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

APPLICATION = Path(__file__).resolve().parents[2] / "desktop_app"
LACKING_MODULES = {
    "win32": {
        "fcntl",
        "grp",
        "posix",
        "pwd",
        "resource",
        "secretstorage",
        "syslog",
        "termios",
        "tty",
        "PySide6.QtDBus",
    },
    "darwin": {"msvcrt", "secretstorage", "winreg", "_winapi", "PySide6.QtDBus"},
}
_WINDOWS_LACKS = {
    os: (
        *(
            "chown",
            "fchmod",
            "fchown",
            "fork",
            "getegid",
            "geteuid",
            "getgid",
            "getpgid",
            "getuid",
            "kill_pg",
            "killpg",
        ),
        *("lchown", "mkfifo", "posix_fadvise", "posix_fallocate", "pread", "preadv", "pwrite", "pwritev"),
        *("sched_getaffinity", "sched_setaffinity", "setgroups", "setsid", "setuid", "sysconf", "uname"),
        *("O_CLOEXEC", "O_DIRECT", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "O_SYNC", "O_TMPFILE"),
    ),
    signal: (
        "SIGALRM",
        "SIGCHLD",
        "SIGHUP",
        "SIGKILL",
        "SIGPIPE",
        "SIGQUIT",
        "SIGUSR1",
        "SIGUSR2",
        "alarm",
        "setitimer",
    ),
    socket: ("AF_UNIX",),
}
_PAIR = partial(socket.socketpair, socket.AF_UNIX)
_IMPORTED = re.compile(r"^\s*(?:from|import) ([\w.]+)", re.MULTILINE)
_MACOS_LACKS = {
    os: ("posix_fadvise", "sched_getaffinity", "sched_setaffinity", "O_DIRECT", "O_PATH", "O_TMPFILE"),
}


class _Lacking(importlib.abc.MetaPathFinder):
    """Says of modules that the other system has none of them."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if name in self._names:
            raise ModuleNotFoundError(f"No module named {name!r} on this system", name=name)
        return None


def become(system: str, *, everything: bool = True) -> None:
    """From here on this process is one of *system*, a value of ``sys.platform``; there is no way back.

    Libraries are loaded before, as Linux's, which they are; without *everything* the caller has loaded what it needs.
    """
    if everything:
        _load_libraries(LACKING_MODULES[system])
    for module, names in (_WINDOWS_LACKS if system == "win32" else _MACOS_LACKS).items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    if system == "win32":
        os.supports_dir_fd = set()
        _play_windows()
    elif system == "darwin":
        # Linux has neither: calls that do no harm.
        fcntl.__dict__.update(F_FULLFSYNC=fcntl.F_GETFD, F_NOCACHE=fcntl.F_GETFD)
    for name in LACKING_MODULES[system]:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, _Lacking(LACKING_MODULES[system]))
    sys.platform = system


def _load_libraries(lacking: set[str]) -> None:
    """What the application imports of others is loaded as Linux's, which it is."""
    names: set[str] = set()
    for path in APPLICATION.rglob("*.py"):
        names.update(_IMPORTED.findall(path.read_text(encoding="utf-8")))
    for name in sorted(name for name in names - lacking if name.partition(".")[0] != "desktop_app"):
        with suppress(ImportError):
            importlib.import_module(name)


def _play_windows() -> None:
    """``msvcrt`` and the calls of ``ctypes``, made of what Linux has."""
    os.__dict__.update(O_BINARY=0)
    socket.__dict__.update(socketpair=_PAIR)  # which Windows makes of two connections
    runtime = types.ModuleType("msvcrt")
    runtime.__dict__.update(
        LK_NBLCK=2, LK_UNLCK=0, locking=_locking, open_osfhandle=lambda handle, _flags: handle, setmode=lambda *_: 0
    )
    sys.modules["msvcrt"] = runtime
    registry = types.ModuleType("winreg")
    registry.__dict__.update(HKEY_LOCAL_MACHINE=0, OpenKey=_no_such_key, QueryValueEx=_no_such_key)
    sys.modules["winreg"] = registry
    ctypes.__dict__.update(WinDLL=_Library, WinError=lambda number: OSError(number, "the system says no"))
    ctypes.__dict__.update(
        get_last_error=lambda: 1, windll=types.SimpleNamespace(kernel32=_Processes(), shell32=_Shell())
    )
    subprocess.__dict__.update(CREATE_NO_WINDOW=0, CREATE_NEW_PROCESS_GROUP=0)


def _locking(descriptor: int, kind: int, span: int) -> None:
    """Lock or let go of bytes from the file's place on, for the open file alone, as LockFile does; EACCES if taken."""
    start = os.lseek(descriptor, 0, os.SEEK_CUR)
    wish = struct.pack("@hhqqi", fcntl.F_WRLCK if kind == 2 else fcntl.F_UNLCK, os.SEEK_SET, start, span, 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wish)
    except OSError as error:
        raise OSError(errno.EACCES, "Permission denied") from error


def _no_such_key(*_: object) -> None:
    raise FileNotFoundError(errno.ENOENT, "The system cannot find the file specified")


class _CreateFile:
    """``CreateFileW``: opens for reading, which it counts, or makes a file for both; a share's rules are not played."""

    count = 0

    def __call__(self, path: str, access: int, share: int, _safe: None, disposition: int, *_: object) -> int:
        if access == 0x80000000:
            type(self).count += 1
            return os.open(path, os.O_RDONLY)
        assert (access, disposition) == (0xC0000000, 4)
        assert share == 7, "it may be deleted while it is open"
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


class _Processes:
    """The calls of ``kernel32`` about processes; a handle is the process's number."""

    @staticmethod
    def OpenProcess(_access: int, _inherit: bool, pid: int) -> int:  # noqa: N802  # Windows calls it so
        with suppress(OSError):
            # Its parent does not wait for it here, which nobody has to on Windows.
            os.waitpid(pid, os.WNOHANG)
        return pid if Path(f"/proc/{pid}").exists() else 0

    @staticmethod
    def GetExitCodeProcess(_handle: int, code: Any) -> int:  # noqa: N802  # Windows calls it so
        code._obj.value = 259
        return 1

    @staticmethod
    def QueryFullProcessImageNameW(handle: int, _form: int, path: Any, _size: Any) -> int:  # noqa: N802  # Windows calls it so
        path.value = str(Path(f"/proc/{handle}/exe").readlink())
        return 1

    @staticmethod
    def RegisterApplicationRestart(command_line: None, flags: int) -> int:  # noqa: N802  # Windows calls it so
        print(f"opened again: {command_line}, {flags}")
        return 0

    @staticmethod
    def WerSetFlags(flags: int) -> int:  # noqa: N802  # Windows calls it so
        print(f"reports of a crash: {flags}")
        return 0

    @staticmethod
    def CloseHandle(_handle: int) -> int:  # noqa: N802  # Windows calls it so
        return 1


class _Shell:
    """``shell32``: nobody is an administrator."""

    @staticmethod
    def IsUserAnAdmin() -> int:  # noqa: N802  # Windows calls it so
        return 0


class _Library:
    """``kernel32`` with the one function that is called by way of it."""

    def __init__(self, _name: str, *, use_last_error: bool = False) -> None:
        del use_last_error

    @property
    def CreateFileW(self) -> _CreateFile:  # noqa: N802  # Windows calls it so
        return _CreateFile()


def import_application() -> int:
    """Import every module of the application but for the migrations, which are run and not imported; how many."""
    names = sorted(
        ".".join(path.relative_to(APPLICATION.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in APPLICATION.rglob("*.py")
        if "migrations" not in path.parts
    )
    for name in names:
        importlib.import_module(name)
    return len(names)
