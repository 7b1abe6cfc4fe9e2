"""Start, find and stop the running server of a cluster."""

import os
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from desktop_app.db.builtin.account import ServiceAccount
from desktop_app.db.builtin.errors import ServerStartError
from desktop_app.db.builtin.folders import ServerFolders, storage_full
from desktop_app.db.builtin.process import is_alive, run_program, spawn_detached
from desktop_app.db.builtin.programs import ServerPrograms

POLL_SECONDS = 0.02
START_SECONDS = 180
STOP_SECONDS = 60
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
    try:
        lines = (folders.cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split("\n")
        pid = int(lines[0])
    except (OSError, ValueError):
        return None
    if pid <= 0 or not is_alive(pid) or not _serves(pid, folders.cluster):
        return None
    lines += [""] * (8 - len(lines))
    port = int(lines[3]) if lines[3].isdigit() else 0
    return Postmaster(pid, port, lines[4], lines[5], lines[7].strip() == "ready")


def _serves(pid: int, cluster: Path) -> bool:
    """Tell a server from another process that was given its number, for example after a restart of the machine.

    The command line is asked and not the working directory: root in a container may not see the latter.
    """
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return True  # no /proc on this system
    return Path(os.fsdecode(words[0])).name.startswith("postgres") and os.fsencode(cluster) in words


def start_postmaster(
    programs: ServerPrograms, folders: ServerFolders, account: ServiceAccount | None, settings: Path
) -> Postmaster:
    """Start the server and wait until it takes connections. The caller holds the start lock.

    Raises ``ServerStartError`` or ``StorageFullError``.
    """
    # No live server has this cluster (the caller looked), but PostgreSQL itself would take any process
    # with the old number for one. Its shared memory is a second, independent interlock.
    (folders.cluster / "postmaster.pid").unlink(missing_ok=True)
    log = folders.log / "startup.log"
    command = [str(programs.path("postgres")), "-D", str(folders.cluster), f"--config-file={settings}"]
    pid = spawn_detached(command, account=account, folder=folders.home, log=log)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = find_postmaster(folders)
        if found is not None and found.pid == pid and found.ready:
            return found
        if not is_alive(pid):
            raise _explain_start(folders, log)
        time.sleep(POLL_SECONDS)
    raise ServerStartError(
        f"The built-in server is still getting ready after {START_SECONDS} seconds, perhaps repairing its data after "
        f"a crash. Wait a minute and try again; its log is in {folders.log}."
    )


def _explain_start(folders: ServerFolders, log: Path) -> Exception:
    """Find out from the logs why the server ended; the person gets the path, not the dump."""
    tails = [_tail(log)]
    with suppress(OSError):
        written = sorted(folders.log.glob("server-*.log"), key=lambda entry: entry.stat().st_mtime)
        tails += [_tail(entry) for entry in written[-1:]]
    if any("No space left on device" in tail for tail in tails):
        return storage_full(folders.home)
    reason = [line.partition("FATAL:")[2].strip() for tail in tails for line in tail.splitlines() if "FATAL:" in line]
    return ServerStartError(
        f"The built-in server did not start{f' ({reason[-1]})' if reason else ''}. Its log is in {folders.log}."
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
    command = [str(programs.path("pg_ctl")), "stop", "-D", str(folders.cluster), "-m", "fast", "-t", str(STOP_SECONDS)]
    run_program(command, account, folders.home, STOP_SECONDS + 10)
    deadline = time.monotonic() + STOP_SECONDS
    while is_alive(running.pid):
        if time.monotonic() > deadline:
            raise ServerStartError(
                f"The built-in server (process {running.pid}) did not stop within {STOP_SECONDS} seconds. "
                f"Its log is in {folders.log}."
            )
        time.sleep(POLL_SECONDS)
    if running.socket_dir and running.socket_dir != str(folders.home / "run"):
        with suppress(OSError):
            Path(running.socket_dir).rmdir()
