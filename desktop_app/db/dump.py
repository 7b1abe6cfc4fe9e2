"""PostgreSQL's own pg_dump and pg_restore, as streams: what they write or read never lies on a disk in clear."""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar, cast

from psycopg2.extensions import make_dsn, parse_dsn

from desktop_app.db.client_programs import REQUIRES_AUTH, major_of
from desktop_app.db.connection import Dsn, read_dsn
from desktop_app.db.errors import DatabaseUnavailableError
from desktop_app.domain.profiles import SslMode
from desktop_app.errors import NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.system.child_programs import WITHOUT_CONSOLE

Result = TypeVar("Result")
TakeRows = Callable[[io.BufferedReader], None]
_NAMES = ("pg_dump", "pg_restore")
_PLACES = (
    "/usr/lib/postgresql/{major}/bin",
    "/usr/pgsql-{major}/bin",
    "/opt/homebrew/opt/postgresql@{major}/bin",
    "C:/Program Files/PostgreSQL/{major}/bin",
)
# What the source's superuser owns is not the installation's: rights on the server's own functions, and the event
# trigger. They differ between versions, and the program makes them anew.
_OURS = re.compile(rb" labkeep_(owner|security)$")


class TooManyTablesError(RefusedError):
    """The server cannot lock all tables of all centers at once."""

    code = "too_many_tables"


class DumpFailedError(DatabaseUnavailableError):
    """pg_dump or pg_restore ended with an error; what was made so far is not used."""

    code = "dump_failed"


@dataclass(frozen=True)
class DumpPrograms:
    """The folder with the pg_dump and pg_restore of one major version."""

    folder: Path
    major: int

    def path(self, name: str) -> Path:
        """The full path of one of them."""
        return self.folder / (f"{name}.exe" if sys.platform == "win32" else name)


def find_dump_programs(major: int, bundled: DumpPrograms | None, environment: Mapping[str, str]) -> DumpPrograms:
    """The programs of the server's own version: *bundled* if they are, else the system's.

    NotFoundError with the name of the package where there are none.
    """
    if bundled is not None and bundled.major == major and bundled.path("pg_dump").is_file():
        return bundled
    on_path = shutil.which("pg_dump", path=environment.get("PATH"))
    folders = [Path(place.format(major=major)) for place in _PLACES]
    if on_path is not None:
        folders.append(Path(on_path).parent)
    for folder in folders:
        found = DumpPrograms(folder, major)
        if all(found.path(name).is_file() for name in _NAMES) and major_of(found.path("pg_dump")) == major:
            return found
    raise NotFoundError(
        "pg_dump and pg_restore of PostgreSQL {major} are not on this computer. Install the package "
        "postgresql-client-{major} (Debian, Ubuntu) or postgresql{major} (Fedora, Red Hat), and try again.",
        major=str(major),
    )


def dump(
    programs: DumpPrograms,
    admin_dsn: str,
    snapshot: str,
    take: Callable[[io.BufferedReader], Result],
    schema: str | None = None,
) -> Result:
    """Run pg_dump of the snapshot that an open transaction exported; *take* reads the archive to its end.

    With *schema* only the rows of that one. What *take* made counts only when this returns: DumpFailedError says that
    the archive is not whole.
    """
    options = ["--format=custom", f"--snapshot={snapshot}", "--lock-wait-timeout=60s", "--no-password"]
    if schema is not None:
        options += ["--data-only", f"--schema={schema}"]
    with tempfile.TemporaryFile() as said:
        process = _start(programs, "pg_dump", admin_dsn, options, stdout=subprocess.PIPE, stderr=said)
        try:
            assert process.stdout is not None
            made = take(cast(io.BufferedReader, process.stdout))
            _finish(process, "pg_dump", said)
        finally:
            _end(process)
    return made


def restore(programs: DumpPrograms, admin_dsn: str, feed: Callable[[BinaryIO], None]) -> None:
    """Run pg_restore into an empty database; *feed* writes the archive, and is called twice.

    First for the table of contents, from which what the source's superuser owned is left out, then for all of it.
    """
    with tempfile.TemporaryDirectory(prefix="labkeep-restore-") as folder:
        chosen = Path(folder) / "contents"
        chosen.write_bytes(_contents(programs, feed))
        options = ["--exit-on-error", "--no-password", f"--use-list={chosen}"]
        with tempfile.TemporaryFile() as said:
            process = _start(programs, "pg_restore", admin_dsn, options, stdin=subprocess.PIPE, stderr=said)
            try:
                _feed(process, feed)
                _finish(process, "pg_restore", said)
            finally:
                _end(process)


def read_rows(
    programs: DumpPrograms, schema: str, tables: Sequence[str], feed: Callable[[BinaryIO], None], take: TakeRows
) -> None:
    """Let pg_restore say the rows of one schema (of these *tables*, or of all) as text; *take* reads them to their end.

    *feed* writes the archive. Nothing of it is run (db/dump_rows.py). What *take* made counts only when this returns.
    """
    chosen = [f"--table={table}" for table in tables]
    command: list[str | Path] = [programs.path("pg_restore"), "--data-only", f"--schema={schema}", *chosen, "--file=-"]
    with tempfile.TemporaryFile() as said, ThreadPoolExecutor(1) as feeder:
        process = subprocess.Popen(  # noqa: S603  # the server's own program, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=_environment({}),
            creationflags=WITHOUT_CONSOLE,
        )
        try:
            fed = feeder.submit(_feed, process, feed)
            assert process.stdout is not None
            try:
                take(cast(io.BufferedReader, process.stdout))
            except DumpFailedError:
                process.kill()  # who feeds it is at its end then, and may know better why the rows break off
                fed.result()
                raise
            fed.result()
            _finish(process, "pg_restore", said)
        finally:
            _end(process)


def _contents(programs: DumpPrograms, feed: Callable[[BinaryIO], None]) -> bytes:
    """The archive's own list, without the lines that are not the installation's."""
    with tempfile.TemporaryFile() as listed, tempfile.TemporaryFile() as said:
        command: list[str | Path] = [programs.path("pg_restore"), "--list"]
        process = subprocess.Popen(  # noqa: S603  # the server's own program, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=listed,
            stderr=said,
            env=_environment({}),
            creationflags=WITHOUT_CONSOLE,
        )
        try:
            _feed(process, feed)
            _finish(process, "pg_restore", said)
        finally:
            _end(process)
        listed.seek(0)
        lines = listed.read().splitlines()
    return b"\n".join(line for line in lines if line.startswith(b";") or _OURS.search(line)) + b"\n"


def _start(
    programs: DumpPrograms, name: str, admin_dsn: str, options: list[str], **streams: Any
) -> subprocess.Popen[bytes]:
    dsn = read_dsn(admin_dsn)
    _require_safe_way(dsn, programs.major)
    place = {key: value for key, value in parse_dsn(admin_dsn).items() if key not in ("password", "require_auth")}
    place |= {"sslmode": dsn.address.effective_sslmode, "application_name": "labkeep"}
    own = {"PGREQUIREAUTH": "scram-sha-256"} if dsn.gives_password else {}
    if dsn.password is not None:
        own["PGPASSWORD"] = dsn.password
    if name == "pg_restore":
        # Each of thousands of statements would wait for the disk. What comes after commits as ever, and with that all
        # of it is on the disk; a crash before leaves a database that counts for nothing.
        own["PGOPTIONS"] = "-c synchronous_commit=off"
    command: list[str | Path] = [programs.path(name), *options, "--dbname", make_dsn(**place)]
    return subprocess.Popen(command, env=_environment(own), creationflags=WITHOUT_CONSOLE, **streams)  # noqa: S603


def _feed(process: subprocess.Popen[bytes], feed: Callable[[BinaryIO], None]) -> None:
    """Who reads the table of contents only goes before the end; what went wrong the exit status says.

    Where *feed* fails the program must not wait for the rest.
    """
    assert process.stdin is not None
    try:
        with suppress(BrokenPipeError):
            feed(cast(BinaryIO, process.stdin))
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()


def _finish(process: subprocess.Popen[bytes], name: str, said: IO[bytes]) -> None:
    if process.wait() != 0:
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
        if "max_locks_per_transaction" in text:
            raise TooManyTablesError(
                "A backup locks every table of every center at once, and this server has no room for so many locks: "
                "set max_locks_per_transaction = 1024 and restart it."
            )
        raise DumpFailedError("{name} could not finish: {reason}.", name=name, reason=_reason(text))


def _reason(said: str) -> str:
    """The first line that names an error: later ones may quote rows."""
    lines = [line.partition("error:")[2].strip() for line in said.splitlines() if "error:" in line]
    return (lines[0] if lines else "it does not say why").rstrip(".")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """None of the caller's PG* variables: they could lead the password to another server."""
    kept = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"} | dict(own)


def _require_safe_way(dsn: Dsn, major: int) -> None:
    private = dsn.address.host.startswith("/") or dsn.address.effective_sslmode == SslMode.VERIFY_FULL
    if dsn.gives_password and major < REQUIRES_AUTH and not private:
        raise RefusedError(
            Message(
                "pg_dump of PostgreSQL {major} would give the password to whoever answers. Let the DSN say "
                "sslmode=verify-full, or use the server's socket.",
                major=str(major),
            )
        )
