"""What is done to the package's folder after PyInstaller has made it; labkeep.spec calls it."""

import base64
import hashlib
from pathlib import Path

from contents import SERVER_PACKAGE


def finish(folder: Path) -> None:
    """Bring the folder into the state in which it is handed out."""
    write_server_record(folder / "_internal")


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
