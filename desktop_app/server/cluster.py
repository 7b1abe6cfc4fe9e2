"""Make the cluster on first use, and write the settings it runs with at every start."""

import os
import secrets
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from desktop_app.server.account import ServiceAccount, account_missing, current_uid, give_to
from desktop_app.server.errors import (
    AccountError,
    DataVersionError,
    ForeignFolderError,
    ServerPasswordError,
    ServerStartError,
)
from desktop_app.server.files import make_folder, read_small, storage_full
from desktop_app.server.folders import (
    HALF_MADE,
    PORT,
    ServerFolders,
    read_marker,
    write_marker,
)
from desktop_app.server.made_files import delete_half_made
from desktop_app.server.process import run_program
from desktop_app.server.programs import ServerPrograms
from desktop_app.system.atomic_file import replace_file
from desktop_app.system.folders import sync_folder
from desktop_app.system.open_elsewhere import retried_while_open

SUPERUSER = "labkeep_server"
_INITDB_SECONDS = 300
_INITDB_OPTIONS = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--auth=scram-sha-256",
    "--no-instructions",
    # One call for the whole disk in place of a thousand for the files: as durable, and 2.5 s in place of 5 s measured
    # on a busy machine. Only Linux has it.
    *(("--sync-method=syncfs",) if sys.platform == "linux" else ()),
)
# One rule for each way in, and no rule without a password.
_HBA = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"
_FIXED_SETTINGS = {
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    # A backup locks every table of every center at once, 25 for each: room for 2,000 centers, in 16 MB of memory.
    "max_locks_per_transaction": "1024",
    "password_encryption": "scram-sha-256",
    "ssl": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "on",
    "log_filename": "server-%a.log",
    "log_file_mode": "0600",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %e ",
    # Neither statements nor the values in error details reach the log: they hold passwords and names.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_connections": "off",
    "log_disconnections": "off",
}


def make_cluster(
    programs: ServerPrograms, folders: ServerFolders, account: ServiceAccount | None, start_lock_handle: int
) -> None:
    """Make the cluster beside its final place, then rename it. A half-made one is thrown away first.

    The steps, each on disk before the next: password as ``.new``, cluster as ``.new``, cluster, password, marker.
    A kill at any point leaves either nothing that counts or a cluster with its password (``finish_making``).
    initdb holds the caller's start lock too: if the caller is killed, the next one waits for initdb's end.

    Raises ``ServerStartError`` with initdb's last line, ``StorageFullError``, or ``OSError``.
    """
    nobody = account_missing()
    if nobody is not None:
        raise AccountError(
            "The user id {nobody} has no account on this machine, which PostgreSQL demands to make its "
            "data. Add it to /etc/passwd (in a container: run as a user of the image, or as root).",
            nobody=str(nobody),
        )
    delete_half_made(folders, account)
    fresh = folders.home / HALF_MADE
    make_folder(fresh, account, 0o700)
    try:
        password_file = _password_for_initdb(folders, account)
        done = run_program(
            [
                programs.path("initdb"),
                "-D",
                fresh,
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                *_INITDB_OPTIONS,
            ],
            account,
            folders.home,
            _INITDB_SECONDS,
            (start_lock_handle,) if sys.platform != "win32" else (),
        )
        if done.returncode != 0:
            _explain_initdb(done.stdout, folders)
        password_file.unlink()
        retried_while_open(lambda: fresh.rename(folders.cluster))
        sync_folder(folders.home)
    except BaseException:
        with suppress(OSError, ForeignFolderError):  # the first error is the one to tell
            delete_half_made(folders, account)
        raise
    finish_making(folders)


def finish_making(folders: ServerFolders) -> None:
    """Give the password of a cluster that has just been made its name, also after a kill between the two renames."""
    if not folders.password.exists() and folders.new_password.exists():
        folders.new_password.rename(folders.password)
        sync_folder(folders.data_dir)
        write_marker(folders, made=True)


def refuse_lost_data(folders: ServerFolders) -> None:
    """Refuse to make a cluster where there has been one. Raises ``DataVersionError``."""
    marker = read_marker(folders.data_dir)
    if folders.password.exists() or (marker is not None and marker.made):
        raise DataVersionError(
            "The data of the built-in server was in {cluster} and is not there any more. Nothing was "
            "changed; put it back or restore it from a backup, or choose a new folder for new data.",
            cluster=folders.cluster,
        )


def _password_for_initdb(folders: ServerFolders, account: ServiceAccount | None) -> Path:
    """Make the superuser's password, keep it, and lend initdb a copy that its account can read."""
    password = secrets.token_urlsafe(24)
    replace_file(folders.new_password, f"{password}\n".encode())
    handle, name = tempfile.mkstemp(prefix=".initdb-", dir=folders.home)
    with os.fdopen(handle, "w", encoding="ascii") as output:
        output.write(password + "\n")
    if account is not None:
        give_to(name, account.uid, account.gid)
    return Path(name)


def _explain_initdb(output: str, folders: ServerFolders) -> None:
    if "No space left on device" in output:
        raise storage_full(folders.home)
    lines = [line for line in output.splitlines() if "error:" in line or "FATAL" in line] or output.splitlines()[-1:]
    raise ServerStartError(
        "The built-in server's data could not be made in {home}: {reason}.",
        home=folders.home,
        reason=lines[0].strip() if lines else "no reason",
    )


def check_version(programs: ServerPrograms, folders: ServerFolders) -> None:
    """Refuse data of another major version. Raises ``DataVersionError``."""
    if folders.cluster.is_symlink():
        raise ForeignFolderError(
            "{cluster} is a link. The data must lie in the folder itself; move all of {data_dir} to "
            "another disk instead.",
            cluster=folders.cluster,
            data_dir=folders.data_dir,
        )
    try:
        written_by = int(read_small(folders.cluster / "PG_VERSION").strip())
    except (FileNotFoundError, ValueError) as error:
        raise DataVersionError(
            "The folder {cluster} does not hold the data of a PostgreSQL server any more. Nothing was "
            "changed; restore it from a backup.",
            cluster=folders.cluster,
        ) from error
    if written_by != programs.major:
        advice = (
            "Use the newer Labkeep that wrote it"
            if written_by > programs.major
            else "Make a backup with the Labkeep that wrote it and restore that backup with this one"
        )
        raise DataVersionError(
            "The data in {data_dir} was written by PostgreSQL {written_by}, and this Labkeep comes with "
            "PostgreSQL {major}. {advice}. Nothing was changed.",
            data_dir=folders.data_dir,
            written_by=written_by,
            major=programs.major,
            advice=advice,
        )


def read_password(folders: ServerFolders) -> str:
    """Return the superuser's password. Raises ``ServerPasswordError`` if it is not there."""
    try:
        password = read_small(folders.password, current_uid()).strip()
    except (FileNotFoundError, UnicodeDecodeError):
        password = ""
    if not password:
        raise ServerPasswordError(
            "The built-in server's password is missing from {password}. The data is whole, but nobody "
            "can sign in to it as its administrator; put the file back from a backup.",
            password=folders.password,
        )
    return password


def write_settings(folders: ServerFolders, account: ServiceAccount | None, sockets: Path | None) -> Path:
    """Write the configuration and return the main file. ``sockets`` None means loopback TCP (Windows).

    The files lie outside the cluster and belong to whoever runs the program, so that under root no
    privileged write ever goes into a folder that the server's account controls.
    """
    make_folder(folders.settings, None, 0o755 if account else 0o700)
    make_folder(folders.log, account, 0o700)
    mode = 0o644 if account else 0o600
    hba = folders.settings / "pg_hba.conf"
    replace_file(hba, _HBA.encode(), mode)
    if sockets is not None:
        replace_file(folders.socket_note, f"{sockets}\n".encode(), mode)
    settings = dict(_FIXED_SETTINGS)
    if sockets is None:
        settings["port"] = str(_free_port())
    settings["listen_addresses"] = "" if sockets else "127.0.0.1"
    settings["unix_socket_directories"] = str(sockets) if sockets else ""
    # Relative, each to what PostgreSQL takes it to: the folder it is started in, its data, this file. Windows' programs
    # read a file's letters in the code page of the system, which need not have those of the person's name.
    settings["hba_file"] = hba.relative_to(folders.home).as_posix()
    settings["log_directory"] = f"../{folders.log.name}"
    lines = [f"include {_quoted(f'../{folders.cluster.name}/postgresql.conf')}"]
    lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    target = folders.settings / "labkeep.conf"
    replace_file(target, "".join(f"{line}\n" for line in lines).encode(), mode)
    return target


def _free_port() -> int:
    """A port of loopback that nobody listens at now: the lab may have a PostgreSQL of its own on this computer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _quoted(value: str) -> str:
    """Quote as PostgreSQL's configuration files want it (manual, "Setting Parameters", 20.1.1)."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
