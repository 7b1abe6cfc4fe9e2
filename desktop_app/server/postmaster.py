"""Start, find and stop the running server of a cluster."""

import os
import re
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from desktop_app.message import Message
from desktop_app.server.account import ServiceAccount, current_uid
from desktop_app.server.errors import BuiltinServerError, ServerStartError
from desktop_app.server.files import read_small, storage_full
from desktop_app.server.folders import ServerFolders
from desktop_app.server.process import is_alive, program_of, run_program, spawn_detached, start_through
from desktop_app.server.programs import ServerPrograms
from desktop_app.server.removal import delete_files, opened, opened_inside
from desktop_app.server.sockets import sweep_sockets

POLL_SECONDS = 0.02
START_SECONDS = 180
STOP_SECONDS = 60
"""For each of two ways to end it."""
ORPHANS_SECONDS = 20
_STARTUP_LOG = "startup.log"
_STARTUP_FILE = re.compile(re.escape(_STARTUP_LOG))
_POSTMASTER_FILE = re.compile(r"postmaster\.pid")
_LOG_TAIL_BYTES = 16_384


@dataclass(frozen=True)
class Postmaster:
    """What ``postmaster.pid`` says about a server (its lines are PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*)."""

    pid: int
    port: int
    socket_dir: str
    address: str
    ready: bool

    @property
    def host(self) -> str:
        """What libpq takes as host."""
        return self.socket_dir or self.address

    def answers(self) -> bool:
        """Tell whether somebody listens where the server should."""
        try:
            if self.socket_dir and sys.platform != "win32":
                with socket.socket(socket.AF_UNIX) as client:
                    client.settimeout(5)
                    client.connect(f"{self.socket_dir}/.s.PGSQL.{self.port}")
            else:
                socket.create_connection((self.address, self.port), timeout=5).close()
        except OSError:
            return False
        return True


def find_postmaster(folders: ServerFolders) -> Postmaster | None:
    """Return the live server of this cluster; a stale or foreign ``postmaster.pid`` counts as none."""
    noted = _noted_postmaster(folders)
    if noted is None or not is_alive(noted.pid) or not _serves(noted.pid, folders.cluster):
        return None
    return noted


def _noted_postmaster(folders: ServerFolders) -> Postmaster | None:
    """Read ``postmaster.pid``, whether or not it is true any more; a server that just starts has it half written."""
    try:
        lines = [line.strip() for line in read_small(folders.cluster / "postmaster.pid").split("\n")]
        pid = int(lines[0])
    except (OSError, ValueError):
        return None
    lines += [""] * (8 - len(lines))
    port = int(lines[3]) if lines[3].isdigit() else 0
    return Postmaster(pid, port, lines[4], lines[5], lines[7] == "ready") if pid > 0 else None


def _serves(pid: int, cluster: Path) -> bool:
    """Tell a server from another process that was given its number, for example after a restart of the machine.

    Its command line names the cluster; its working directory is the cluster, also after the folder was moved,
    but root in a container may not see the latter.
    """
    process = Path("/proc", str(pid))
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return not Path("/proc/self/cmdline").exists() and _is_postgres(program_of(pid))
    if not _is_postgres(os.fsdecode(words[0])):
        return False
    with suppress(OSError):
        return (process / "cwd").readlink() == cluster
    return os.fsencode(cluster) in words


def _is_postgres(program: str) -> bool:
    """Whether a path, of whatever system, is that of a server; one that is not known may be one."""
    return not program or re.split(r"[/\\]", program)[-1].startswith("postgres")


def start_postmaster(
    programs: ServerPrograms, folders: ServerFolders, account: ServiceAccount | None, settings: Path
) -> Postmaster:
    """Start the server and wait until it takes connections. The caller holds the start lock.

    Raises ``ServerStartError`` or ``StorageFullError``.
    """
    command = [str(programs.path("postgres")), "-D", str(folders.cluster), f"--config-file={settings}"]
    give_up = time.monotonic() + ORPHANS_SECONDS
    has_recovered = False
    while True:
        _remove_stale_pid_file(folders, account)
        log = folders.log / _STARTUP_LOG
        if sys.platform == "win32":
            started = _start_by_pg_ctl(programs, folders, settings, log)
        else:
            pid = spawn_detached(command, account=account, folder=folders.home, log=log)
            started = _wait_until_ready(folders, pid)
        if started is not None:
            return started
        reason = _reasons(folders)
        # Where a server was killed just after CREATE UNLOGGED TABLE was taken back, its recovery meets a file that the
        # next checkpoint would have removed, and ends there; the recovery after that removes it (reinit.c).
        if "File exists" in reason and not has_recovered:
            has_recovered = True
            continue
        # The processes of a killed server need a moment to notice that it is gone.
        if "shared memory block" not in reason or time.monotonic() > give_up:
            raise _explain_start(folders, reason)
        time.sleep(10 * POLL_SECONDS)


def _start_by_pg_ctl(programs: ServerPrograms, folders: ServerFolders, settings: Path, log: Path) -> Postmaster | None:
    """Start the server without an administrator's rights, which it refuses on Windows; None where it ended.

    pg_ctl takes them away from it, and waits until it is ready.
    """
    command = [str(programs.path("pg_ctl")), "start", "-D", str(folders.cluster), "-l", str(log), "-w"]
    # It puts the options into a command line of its own.
    command += ["-t", str(START_SECONDS), "-o", f'"--config-file={settings}"']
    start_through(command, folders.home, START_SECONDS + 10)
    return find_postmaster(folders)


def remove_stale_files(folders: ServerFolders, account: ServiceAccount | None) -> None:
    """Take a dead server's socket away, before a new one gets its folder. The caller knows that no server runs."""
    noted = _noted_postmaster(folders)
    if noted is not None and noted.socket_dir:
        sweep_sockets(folders, Path(noted.socket_dir), account)


def _remove_stale_pid_file(folders: ServerFolders, account: ServiceAccount | None) -> None:
    """Delete a dead server's ``postmaster.pid`` and the output of its start, by the rule of ``removal.py``.

    No live server has this cluster (the caller looked), but PostgreSQL itself would take any process
    with the old number for one. Its shared memory is a second, independent interlock.
    """
    owner = account.uid if account else current_uid()
    with opened(folders.home, current_uid()) as home:
        for name, files in (("cluster", _POSTMASTER_FILE), ("log", _STARTUP_FILE)):
            with opened_inside(home, name, owner) as folder:
                if folder is not None:
                    delete_files(folder, files, owner)


def _wait_until_ready(folders: ServerFolders, pid: int) -> Postmaster | None:
    """Return the server once it takes connections, or None if it ended. Raises ``ServerStartError``."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = find_postmaster(folders)
        if found is not None and found.pid == pid and found.ready:
            return found
        if not is_alive(pid):
            return None
        time.sleep(POLL_SECONDS)
    raise ServerStartError(
        "The built-in server is still getting ready after {start_seconds} seconds, perhaps repairing "
        "its data after a crash. Try again; its log is in {log}.",
        start_seconds=START_SECONDS,
        log=folders.log,
    )


def _reasons(folders: ServerFolders) -> str:
    """Return what the last start wrote to the logs, as far as it matters."""
    output = _tail(folders.log / _STARTUP_LOG)
    if "redirecting log output" not in output:
        return output  # it ended before its log was open: what is there tells of earlier starts
    with suppress(OSError):
        newest = max(folders.log.glob("server-*.log"), key=lambda entry: entry.stat().st_mtime, default=None)
        if newest is not None:
            return output + _tail(newest).rpartition("starting PostgreSQL")[2]
    return output


def _explain_start(folders: ServerFolders, reason: str) -> BuiltinServerError:
    """Name the cause in a sentence; the person gets the log's path, not the dump."""
    if "No space left on device" in reason:
        return storage_full(folders.home)
    fatal = [line.partition("FATAL:")[2].strip() for line in reason.splitlines() if "FATAL:" in line]
    return ServerStartError(
        Message("The built-in server did not start ({reason}). Its log is in {log}.", reason=fatal[-1], log=folders.log)
        if fatal
        else Message("The built-in server did not start. Its log is in {log}.", log=folders.log)
    )


def _tail(log: Path) -> str:
    """Return the end of a log, or nothing; a link is not followed (under root the folder is the account's)."""
    try:
        handle = os.open(log, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return ""
    with os.fdopen(handle, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LOG_TAIL_BYTES))
        return file.read(_LOG_TAIL_BYTES).decode("utf-8", errors="replace")


def stop_postmaster(programs: ServerPrograms, folders: ServerFolders, account: ServiceAccount | None) -> None:
    """Stop the server if one runs: open sessions end, committed work is on disk. Raises ``ServerStartError``."""
    running = find_postmaster(folders)
    if running is None:
        return
    # PostgreSQL 18 that is told to stop while it recovers waits for ever: its helpers outlive the recovery. What was
    # committed survives the second way, too: the next start recovers it.
    if not any(_ends(running.pid, mode, programs, folders, account) for mode in ("fast", "immediate")):
        raise ServerStartError(
            "The built-in server (process {pid}) did not stop within {stop_seconds} seconds. Its log is in {log}.",
            pid=running.pid,
            stop_seconds=2 * STOP_SECONDS,
            log=folders.log,
        )
    if running.socket_dir:
        sweep_sockets(folders, Path(running.socket_dir), account)


def _ends(
    pid: int, mode: str, programs: ServerPrograms, folders: ServerFolders, account: ServiceAccount | None
) -> bool:
    """Tell it to end, and whether it did within ``STOP_SECONDS``."""
    deadline = time.monotonic() + STOP_SECONDS
    command = [str(programs.path("pg_ctl")), "stop", "-D", str(folders.cluster), "-m", mode, "-t", str(STOP_SECONDS)]
    with suppress(OSError, ServerStartError):  # the programs may have been uninstalled meanwhile
        run_program(command, account, folders.home, STOP_SECONDS + 10)
    if sys.platform != "win32" and is_alive(pid) and _serves(pid, folders.cluster):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGINT if mode == "fast" else signal.SIGQUIT)  # as pg_ctl does it
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
