"""Run the server's programs: as the right account, with a clean environment, attached or detached."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from desktop_app.message import Message
from desktop_app.server.account import ServiceAccount
from desktop_app.server.errors import ServerStartError
from desktop_app.system.child_programs import WITHOUT_CONSOLE

_KEPT_ON_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "PATH", "COMSPEC", "USERNAME", "USERPROFILE")
# The shell only detaches: the program and its arguments arrive as its own arguments, so nothing is quoted.
# "set -C" makes the log anew and never empties a file, least of all one that a link leads to.
_DETACH = Message('set -C; log=$1; shift; "$@" </dev/null >"$log" 2>&1 & echo $!')


def clean_environment() -> dict[str, str]:
    """Return the environment for server programs: none of the caller's PG*, LD_* or locale variables."""
    if sys.platform == "win32":
        environment = {name: os.environ[name] for name in _KEPT_ON_WINDOWS if name in os.environ}
    else:
        environment = {"PATH": os.environ.get("PATH", os.defpath)}
    return environment | {"LC_ALL": "C", "LANG": "C", "TZ": "UTC"}


def _identity(account: ServiceAccount | None) -> dict[str, Any]:
    """The arguments of ``subprocess`` that leave root's rights behind."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def run_program(
    command: Sequence[str | Path],
    account: ServiceAccount | None,
    folder: Path,
    seconds: float,
    handles: tuple[int, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """Run one program to its end and return its output. Raises ``ServerStartError`` when it hangs.

    ``handles`` are open files it inherits: a lock among them lasts as long as the program, whoever is killed.
    """
    with subprocess.Popen(  # noqa: S603 - our own programs, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=folder,
        env=clean_environment(),
        umask=0o077,
        start_new_session=True,
        creationflags=WITHOUT_CONSOLE,
        pass_fds=handles,
        **_identity(account),
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except BaseException as error:
            _kill_group(process)
            if isinstance(error, subprocess.TimeoutExpired):
                name = Path(command[0]).name
                raise ServerStartError(
                    "The program {name} did not finish within {seconds} seconds.", name=name, seconds=f"{seconds:.0f}"
                ) from error
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, None)


def _kill_group(process: subprocess.Popen[str]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def spawn_detached(
    command: Sequence[str | Path],
    *,
    account: ServiceAccount | None,
    folder: Path,
    log: Path | str,
    handles: tuple[int, ...] = (),
) -> int:
    """Start a program that outlives this one, in a session of its own; return its process id.

    It becomes an orphan at once, so that this process neither waits for it nor leaves a zombie.
    ``handles`` are open files it inherits; its output goes to ``log``, which must not be there yet.
    """
    if sys.platform == "win32":
        with Path(log).open("xb") as output:
            return subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env=clean_environment(),
                creationflags=WITHOUT_CONSOLE | subprocess.CREATE_NEW_PROCESS_GROUP,
            ).pid
    done = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", _DETACH, "sh", str(log), *map(str, command)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        env=clean_environment(),
        umask=0o077,
        start_new_session=True,
        pass_fds=handles,
        timeout=30,
        check=False,
        **_identity(account),
    )
    if done.returncode != 0 or not done.stdout.strip().isdigit():
        raise ServerStartError(
            "The program {name} could not be started: {strip}", name=Path(command[0]).name, strip=done.stderr.strip()
        )
    return int(done.stdout)


def start_through(command: Sequence[str | Path], folder: Path, seconds: float) -> None:
    """Run a program that starts another and ends; the other must not inherit pipes, or reading them would not end.

    Raises ``ServerStartError`` when it hangs; how it ended shows by what it started.
    """
    try:
        subprocess.run(  # noqa: S603 - our own programs, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=clean_environment(),
            creationflags=WITHOUT_CONSOLE,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ServerStartError(
            "The program {name} did not finish within {seconds} seconds.",
            name=Path(command[0]).name,
            seconds=f"{seconds:.0f}",
        ) from error


if sys.platform == "win32":
    import ctypes

    def program_of(pid: int) -> str:
        """Return the path of the program that a process runs; empty where the system does not say it."""
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
        if not handle:
            return ""
        path, size = ctypes.create_unicode_buffer(32_768), ctypes.c_ulong(32_768)
        known = kernel.QueryFullProcessImageNameW(handle, 0, path, ctypes.byref(size))
        kernel.CloseHandle(handle)
        return path.value if known else ""

    def is_alive(pid: int) -> bool:
        """Tell whether a process runs (``os.kill(pid, 0)`` would send Ctrl+C here)."""
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
        if not handle:
            return False
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == 259  # STILL_ACTIVE
else:

    def program_of(pid: int) -> str:
        """Return the path of the program that a process runs; empty where the system does not say it."""
        try:
            said = subprocess.run(  # noqa: S603
                ["/bin/ps", "-p", str(pid), "-o", "comm="], capture_output=True, text=True, timeout=10, check=False
            )
        except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
            return ""
        return said.stdout.strip()

    def is_alive(pid: int) -> bool:
        """Tell whether a process runs; one that ended but was not collected by its parent does not count."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # it exists, under another account
        try:
            status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return True
        # "pid (name) state ...": the name may itself hold brackets. In a container whose first process
        # does not collect orphans, a dead server stays in state Z for ever.
        return status.rpartition(")")[2].split()[0] not in ("Z", "X")
