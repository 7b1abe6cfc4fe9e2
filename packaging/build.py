"""Makes all forms of the package: ``python packaging/build.py``, run by ``make package``.

The folder dist/labkeep by PyInstaller; from it, on Linux, an archive and, where dpkg is, the .deb; and SHA256SUMS.
"""

import argparse
import hashlib
import platform
import shutil
import subprocess
import sys
import tarfile
from datetime import datetime
from pathlib import Path

import bills
import deb
import description
import finishing

_HERE = Path(__file__).parent
_DIST = description.PROJECT / "dist"
_WORK = description.PROJECT / "build"
SUMS = "SHA256SUMS"


def main(arguments: list[str]) -> int:
    """Build what was asked for and name it; returns the exit status."""
    parser = argparse.ArgumentParser(description="Make all forms of the package in dist.")
    parser.add_argument("--reuse", action="store_true", help="take the folder dist/labkeep as it is, without trying it")
    given = parser.parse_args(arguments)
    folder = _DIST / description.NAME
    if not given.reuse:
        make_folder()
        # In a process of its own: it must not have what the package may lack.
        subprocess.run([sys.executable, str(_HERE / "smoke_test.py"), str(folder)], check=True)
    moment = finishing.made_at()
    made = [pack(folder, _DIST, moment)]
    if shutil.which("dpkg-deb"):
        made.append(deb.build(folder, _DIST, _WORK / "deb", moment))
    made.append(_DIST / f"{description.NAME}-{description.VERSION}-{bills.MATERIALS}")
    shutil.copyfile(folder / bills.MATERIALS, made[-1])
    write_sums(made, _DIST / SUMS)
    for path in (*made, _DIST / SUMS):
        print(f"{path.relative_to(description.PROJECT)}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


def make_folder() -> None:
    """Let PyInstaller make the folder."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    places = ["--distpath", str(_DIST), "--workpath", str(_WORK)]
    spec = str(_HERE / "labkeep.spec")
    subprocess.run([*command, *places, spec], cwd=description.PROJECT, check=True)


def pack(folder: Path, target: Path, moment: datetime) -> Path:
    """Pack the folder into one archive that can be unpacked anywhere, and return it."""
    name = f"{description.NAME}-{description.VERSION}-{platform.system().lower()}-{platform.machine()}"
    path = target / f"{name}.tar.gz"

    def tidied(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = int(moment.timestamp())
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with tarfile.open(path, "w:gz", compresslevel=6) as archive:
        archive.add(folder, name, filter=tidied)
    return path


def write_sums(files: list[Path], path: Path) -> None:
    """Write the SHA-256 of each file, as ``sha256sum --check`` reads it."""
    lines = []
    for each in files:
        with each.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {each.name}\n")
    path.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
