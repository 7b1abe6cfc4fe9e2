"""What is done to the package's folder after PyInstaller has made it; labkeep.spec calls it."""

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import bills
import description
import elf
import materials
from contents import SERVER_PACKAGE

_LOADED_BY_NAME = ("libdbus-1.so.3",)
"""Libraries that Qt looks for itself; and Python's own, which PyInstaller's starter loads, by its pattern below."""
_PROGRAMS = ("labkeep", "labkeep-admin")


def finish(folder: Path, made_from: Sequence[Path]) -> None:
    """Bring the folder into the state in which it is handed out; *made_from* are the files that it was made from."""
    inside = folder / "_internal"
    if sys.platform == "linux":
        gone = _slim(folder, inside)
        made_from = [path for path in made_from if path.name not in gone]
    write_server_record(inside)
    found = materials.collect(made_from)
    bills.write_licences(found, inside / "resources" / bills.LICENCES)
    bills.write_bill(found, folder / bills.MATERIALS, made_at())


def made_at() -> datetime:
    """The time that files get: SOURCE_DATE_EPOCH, the checkout's last commit, or now."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.fromtimestamp(int(given), UTC)
    command = ["git", "log", "-1", "--format=%ct"]
    try:
        said = subprocess.run(command, cwd=description.PROJECT, capture_output=True, text=True, check=True).stdout
        return datetime.fromtimestamp(int(said), UTC)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return datetime.now(UTC).replace(microsecond=0)


def _slim(folder: Path, inside: Path) -> set[str]:
    python = [path.name for path in inside.glob("libpython3*")]
    unneeded = elf.unneeded_libraries(inside, (*_LOADED_BY_NAME, *python))
    for path in unneeded:
        path.unlink()
    for path in folder.rglob("*"):
        # The two programs carry Python's modules behind their own end.
        if elf.is_elf(path) and path.name not in _PROGRAMS:
            elf.strip(path)
            elf.forget_foreign_paths(path)
    return {path.name for path in unneeded}


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
