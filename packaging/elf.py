"""Programs and libraries of Linux (ELF): which there are, what they need, and without what they would still run."""

import re
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"\x7fELF"
_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_STRTAB, _DT_RPATH, _DT_RUNPATH = 5, 15, 29
_ENTRY = 16  # bytes of one entry of the dynamic table
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")


@dataclass(frozen=True)
class Elf:
    """One file: the names of the libraries that it needs, and the newest C library's version that it asks for."""

    path: Path
    needed: frozenset[str]
    glibc: tuple[int, int]


def elf_files(folder: Path) -> list[Elf]:
    """Read every program and library below a folder, links left out; needs ``readelf`` of binutils."""
    return [_read(path) for path in sorted(folder.rglob("*")) if is_elf(path)]


def is_elf(path: Path) -> bool:
    """Whether a file, and no link to one, is a program or library of Linux."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def strip(path: Path) -> int:
    """Take away what only a debugger reads; returns how many bytes that were.

    A file of which ``strip`` has any complaint stays as it was: some that auditwheel rewrote lose what they need.
    """
    before = path.read_bytes()
    done = subprocess.run(["strip", "--strip-unneeded", path], capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stderr:
        path.write_bytes(before)
        return 0
    return len(before) - path.stat().st_size


def forget_foreign_paths(path: Path) -> bool:
    """Take out of a file every place where it would look for libraries, unless it is told from the file's own place.

    Compilers write the builder's folders there. Who can make such a folder on another computer would have his
    libraries loaded. Returns whether there was one.
    """
    content = bytearray(path.read_bytes())
    if content[4:6] != b"\x02\x01":  # 64 bits, least byte first: all that Labkeep is made for
        return False
    place, size = _segments(content).get(_PT_DYNAMIC, (0, 0))
    entries = [struct.unpack_from("<qQ", content, at) for at in range(place, place + size, _ENTRY)]
    strings = next((_offset(content, value) for tag, value in entries if tag == _DT_STRTAB), 0)

    def is_foreign(tag: int, value: int) -> bool:
        if tag not in (_DT_RPATH, _DT_RUNPATH):
            return False
        end = content.index(0, strings + value)
        return any(not each.startswith(b"$ORIGIN") for each in content[strings + value : end].split(b":"))

    kept = [entry for entry in entries if not is_foreign(*entry)]
    if len(kept) == len(entries):
        return False
    # An entry of zeros ends the table, and the rest of it is not read.
    for number, entry in enumerate(kept + [(0, 0)] * (len(entries) - len(kept))):
        struct.pack_into("<qQ", content, place + number * _ENTRY, *entry)
    path.write_bytes(content)
    return True


def _segments(content: bytes | bytearray) -> dict[int, tuple[int, int]]:
    """The place and size in the file of the program's segments, by kind (the last of each kind)."""
    return {kind: (place, size) for kind, place, _, size in _headers(content)}


def _offset(content: bytes | bytearray, address: int) -> int:
    """Where in the file lies what is loaded at an address."""
    for kind, place, start, size in _headers(content):
        if kind == _PT_LOAD and start <= address < start + size:
            return place + address - start
    raise ValueError("an address outside of the file")


def _headers(content: bytes | bytearray) -> list[tuple[int, int, int, int]]:
    """Kind, place, address and size of each segment (ELF-64 Object File Format, 1.5)."""
    (table,) = struct.unpack_from("<Q", content, 32)
    width, number = struct.unpack_from("<HH", content, 54)
    found = []
    for at in range(table, table + width * number, width):
        kind, _, place, address, _, size = struct.unpack_from("<IIQQQQ", content, at)
        found.append((kind, place, address, size))
    return found


def unneeded_libraries(inside: Path, loaded_by_name: Iterable[str] = ()) -> list[Path]:
    """Return the libraries beside the programs, with links to them, that nothing in the package needs any more.

    PyInstaller puts what its files need at the top of the folder, before some of these files are left out again.
    *loaded_by_name* are names of libraries that are loaded without being linked with.
    """
    files = elf_files(inside.parent)
    wanted = {name for file in files if not _is_carried(file.path, inside) for name in file.needed}
    wanted |= set(loaded_by_name)
    known = {file.path.name: file for file in files}
    todo = list(wanted)
    while todo:
        name = todo.pop()
        found = known.get(name) or known.get((inside / name).resolve().name)
        fresh = (found.needed if found else frozenset()) - wanted
        wanted |= fresh
        todo += fresh
    # A library is asked for by one of its names: its own, or that of a link to it.
    kept = {(inside / name).resolve() for name in wanted} | {
        known[name].path.resolve() for name in wanted if name in known
    }
    folders = (inside, inside / "PySide6" / "Qt" / "lib")
    carried = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if _is_carried(path, inside)]
    return sorted(path for path in carried if path.resolve() not in kept)


def _is_carried(path: Path, inside: Path) -> bool:
    """Whether a file lies where PyInstaller puts the libraries that other files need."""
    return (
        path.parent in (inside, inside / "PySide6" / "Qt" / "lib") and re.match(r"lib.+\.so\b", path.name) is not None
    )


def missing_libraries(folder: Path) -> set[str]:
    """Return the names of the libraries that the system has to bring."""
    files = elf_files(folder)
    names = {path.name for path in folder.rglob("*.so*")}
    return {name for file in files for name in file.needed} - names


def newest_glibc(folder: Path) -> str:
    """Return the version of the C library that the package needs at least."""
    return ".".join(map(str, max(file.glibc for file in elf_files(folder))))


def _read(path: Path) -> Elf:
    said = subprocess.run(["readelf", "-dVW", path], capture_output=True, text=True, check=True).stdout
    versions = [(int(major), int(minor)) for major, minor in _GLIBC.findall(said)]
    return Elf(path, frozenset(_NEEDED.findall(said)), max(versions, default=(2, 0)))
