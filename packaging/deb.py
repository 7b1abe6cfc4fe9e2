"""Makes the Debian package of the finished folder, by ``dpkg-deb`` alone (docs/decisions/deb.md)."""

import gzip
import hashlib
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import bills
import debian_texts
import description
import elf
import freedesktop
import man_pages

_HERE = Path(__file__).parent
_OVERRIDES = _HERE / "lintian-overrides"


def architecture() -> str:
    """What dpkg calls this computer's processor."""
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


def build(folder: Path, target: Path, work: Path, moment: datetime) -> Path:
    """Make ``labkeep_<version>_<architecture>.deb`` of the package's *folder* in *target*, and return it.

    *work* is a folder for the tree that is packed; it is made anew. *moment* is the time of all files.
    """
    machine = architecture()
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder, work / debian_texts.FOLDER, symlinks=True)
    lay_out(work, moment)
    # Of the folder; Debian's place for them is with the package's other documents.
    documents = work / "usr/share/doc" / description.NAME
    _pack(documents / f"{bills.LICENCES}.gz", (folder / "_internal/resources" / bills.LICENCES).read_text("utf-8"))
    (work / debian_texts.FOLDER / bills.MATERIALS).rename(documents / bills.MATERIALS)
    needed = debian_texts.depends(elf.missing_libraries(folder), elf.newest_glibc(folder))
    write_control(work, machine, needed)
    _settle_modes(work)
    path = target / f"{description.NAME}_{description.VERSION}_{machine}.deb"
    subprocess.run(
        ["dpkg-deb", "--build", "--root-owner-group", "-Zxz", work, path],
        env=os.environ | {"SOURCE_DATE_EPOCH": str(int(moment.timestamp()))},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return path


def lay_out(tree: Path, moment: datetime) -> None:
    """Put everything into the tree that is not the package's folder itself."""
    name, maintainer, version = description.NAME, maintained_by(), description.VERSION
    (tree / "usr" / "bin").mkdir(parents=True)
    for command in description.COMMANDS:
        (tree / "usr" / "bin" / command.name).symlink_to(Path("..", "lib", name, command.name))
    _write(tree / "usr/share/applications" / f"{name}.desktop", freedesktop.desktop_entry())
    _write(tree / "usr/share/mime/packages" / f"{name}.xml", freedesktop.mime_types())
    freedesktop.write_icons(tree / "usr/share/icons/hicolor")
    _write(tree / description.POLICY_FILE, (_HERE / "policy.toml").read_text(encoding="utf-8"))
    lay_out_server(tree)
    _write(tree / "usr/lib/systemd/system" / f"{name}-backup@.service", debian_texts.backup_service())
    _write(tree / "usr/lib/systemd/system" / f"{name}-backup@.timer", debian_texts.backup_timer())
    manuals = tree / "usr/share/man/man1"
    _pack(manuals / f"{description.WINDOW.name}.1.gz", man_pages.window_page(moment))
    _pack(manuals / f"{description.ADMIN.name}.1.gz", man_pages.admin_page(moment))
    _pack(tree / "usr/share/man/man8/labkeep-server.8.gz", man_pages.server_page(moment))
    documents = tree / "usr/share/doc" / name
    licence = (description.PROJECT / "LICENSE").read_text(encoding="utf-8")
    _write(documents / "copyright", debian_texts.copyright_file(licence))
    _pack(documents / "changelog.gz", debian_texts.changelog(version, maintainer, moment))
    _pack(documents / "CHANGELOG.md.gz", (description.PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"))
    _write(tree / "usr/share/lintian/overrides" / name, _OVERRIDES.read_text(encoding="utf-8"))


def lay_out_server(tree: Path) -> None:
    """Put labkeep-server into the tree; it runs on the system's Python, which nothing else of the package needs."""
    place = tree / debian_texts.SERVER
    for module in sorted((_HERE / "server" / "labserver").glob("*.py")):
        _write(place / "labserver" / module.name, module.read_text(encoding="utf-8"))
    program = tree / "usr/sbin/labkeep-server"
    _write(program, debian_texts.server_program())
    program.chmod(0o755)


def write_control(tree: Path, machine: str, needed: str) -> None:
    """Write the folder DEBIAN, last of all: it has the size and the digests of all other files."""
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum(path.stat().st_size for path in files)
    text = debian_texts.control(machine, size, needed, description.VERSION, maintained_by())
    _write(tree / "DEBIAN/control", text)
    _write(tree / "DEBIAN/conffiles", "".join(f"/{path}\n" for path in debian_texts.CONFFILES))
    digests = (
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(tree)}\n"
        for path in files
        if path.relative_to(tree).as_posix() not in debian_texts.CONFFILES
    )
    _write(tree / "DEBIAN/md5sums", "".join(digests))
    for script, body in debian_texts.scripts().items():
        _write(tree / "DEBIAN" / script, body)
        (tree / "DEBIAN" / script).chmod(0o755)


def maintained_by() -> str:
    """Who answers for the package: LABKEEP_MAINTAINER of the environment, or the description's."""
    return os.environ.get("LABKEEP_MAINTAINER") or description.MAINTAINER


def _settle_modes(tree: Path) -> None:
    """Let everybody read everything and nobody write it, whatever the builder's umask was."""
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        runs = path.is_dir() or (path.stat().st_mode & 0o100 and _is_run(path))
        path.chmod(0o755 if runs else 0o644)


def _is_run(path: Path) -> bool:
    """Whether a file is a program: libraries are only loaded."""
    return ".so" not in path.name


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _pack(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
