"""What is done to the package's folder after PyInstaller has made it; labkeep.spec calls it."""

import base64
import hashlib
import sys
from pathlib import Path

import elf
from contents import SERVER_PACKAGE

_LOADED_BY_NAME = ("libdbus-1.so.3",)
"""Libraries that Qt looks for itself; and Python's own, which PyInstaller's starter loads, by its pattern below."""
_PROGRAMS = ("labkeep", "labkeep-admin")


def finish(folder: Path) -> None:
    """Bring the folder into the state in which it is handed out."""
    inside = folder / "_internal"
    if sys.platform == "linux":
        _slim(folder, inside)
    write_server_record(inside)


def _slim(folder: Path, inside: Path) -> None:
    python = [path.name for path in inside.glob("libpython3*")]
    for path in elf.unneeded_libraries(inside, (*_LOADED_BY_NAME, *python)):
        path.unlink()
    for path in folder.rglob("*"):
        # The two programs carry Python's modules behind their own end.
        if elf.is_elf(path) and path.name not in _PROGRAMS:
            elf.strip(path)
            elf.forget_foreign_paths(path)


def write_server_record(inside: Path) -> Path:
    """Let the list of the server's files say what is really inside, in the form of a wheel's RECORD; return it.

    By that list the copy for root's account is named (desktop_app/server/programs.py). The wheel's own list would
    give the package the copy that a checkout made, with other files in it.
    """
    (record,) = inside.glob(f"{SERVER_PACKAGE}-*.dist-info/RECORD")
    places = [path for top in inside.glob(f"{SERVER_PACKAGE}*") for path in top.rglob("*") if path != record]
    record.write_text("".join(_line(path, inside) for path in sorted(places) if path.is_file()), encoding="utf-8")
    return record


def _line(path: Path, inside: Path) -> str:
    content = path.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
    return f"{path.relative_to(inside).as_posix()},sha256={digest},{len(content)}\n"
