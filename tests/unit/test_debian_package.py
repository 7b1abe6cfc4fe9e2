"""The Debian package as its description makes it, around a folder that holds next to nothing."""

import gzip
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import bills
import deb
import debian_texts
import description
import elf
import pytest
from PySide6.QtGui import QImage

from desktop_app import __version__
from desktop_app.cli.command_tree import listed_commands
from desktop_app.paths import policy_file
from desktop_app.policy import KEYS, policy_in
from desktop_app.services.installation.backup_schedule import Every, Job, service_unit, timer_unit

MOMENT = datetime(2026, 11, 29, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Built:
    """A .deb, what dpkg-deb says of it, and the tree that it unpacks to."""

    path: Path
    control: dict[str, str]
    tree: Path

    def read(self, place: str) -> str:
        path = self.tree / place
        return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    work = tmp_path_factory.mktemp("deb")
    folder = work / "labkeep"
    (folder / "_internal" / "resources").mkdir(parents=True)
    (folder / "_internal" / "resources" / bills.LICENCES).write_text("Qt 6: LGPL\n")
    (folder / bills.MATERIALS).write_text("{}\n")
    for command in description.COMMANDS:
        shutil.copy("/bin/true", folder / command.name)
    path = deb.build(folder, work, work / "tree", MOMENT)
    subprocess.run(["dpkg-deb", "--raw-extract", path, work / "unpacked"], check=True)
    said = subprocess.run(["dpkg-deb", "--field", path], capture_output=True, text=True, check=True).stdout
    fields = dict(line.split(": ", 1) for line in said.splitlines() if not line.startswith(" "))
    return Built(path, fields, work / "unpacked")


def test_the_control_file_says_what_the_description_says(built: Built) -> None:
    assert built.path.name == f"labkeep_{__version__}_{built.control['Architecture']}.deb"
    assert (built.control["Package"], built.control["Version"]) == ("labkeep", __version__)
    assert re.search(r"\blibc6 \(>= 2\.\d+\)", built.control["Depends"])
    assert {"fontconfig-config", "xkb-data"} <= set(built.control["Depends"].split(", "))
    assert not built.control["Description"].endswith(".")
    files = (path for path in built.tree.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum(path.stat().st_size for path in files if "DEBIAN" not in path.parts)
    assert 0 <= int(built.control["Installed-Size"]) * 1024 - size < 4096
    assert (built.tree / "DEBIAN/conffiles").read_text() == "/etc/labkeep/policy.toml\n"


def test_a_library_of_no_known_package_stops_the_build() -> None:
    with pytest.raises(SystemExit, match=r"libnobody\.so\.1"):
        debian_texts.depends({"libc.so.6", "libnobody.so.1"}, "2.36")


def test_every_file_is_roots_and_nobody_elses_to_write(built: Built) -> None:
    listed = subprocess.run(["dpkg-deb", "--contents", built.path], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in listed.splitlines()]
    assert {owner for _, owner, _ in lines} == {"root/root"}
    assert {mode for mode, _, _ in lines} <= {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}


def test_licences_and_materials_are_among_the_documents(built: Built) -> None:
    assert built.read("usr/share/doc/labkeep/third-party-licences.txt.gz") == "Qt 6: LGPL\n"
    assert built.read("usr/share/doc/labkeep/sbom.cdx.json") == "{}\n"
    assert "third-party-licences.txt.gz" in built.read("usr/share/doc/labkeep/copyright")
    assert "License: MIT" not in built.read("usr/share/doc/labkeep/copyright"), "Debian's name for it is Expat"


def test_both_commands_are_in_the_path_and_have_a_manual(built: Built) -> None:
    for command in description.COMMANDS:
        assert (built.tree / "usr/bin" / command.name).resolve() == built.tree / "usr/lib/labkeep" / command.name
        page = built.read(f"usr/share/man/man1/{command.name}.1.gz")
        heading = command.name.upper().replace("-", r"\-")
        assert f".TH {heading} 1" in page
    commands = {command.name or "" for command in listed_commands()}
    page = built.read("usr/share/man/man1/labkeep-admin.1.gz").replace(r"\-", "-")
    assert commands <= set(re.findall(r"^\.B (.+)$", page, re.MULTILINE))
    assert "--profile" in built.read("usr/share/man/man1/labkeep.1.gz").replace(r"\-", "-")


def test_the_server_s_program_runs_from_where_it_lies(built: Built) -> None:
    """With the tree in place of the root: the path of its modules is the only one that it knows."""
    program = built.tree / "usr/sbin/labkeep-server"
    text = program.read_text().replace("PYTHONPATH=/", f"PYTHONPATH={built.tree}/")
    done = subprocess.run(
        ["sh", "-s", "--", "setup", "--help"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "usage: labkeep-server setup" in done.stdout) == (0, True), done.stderr
    assert program.stat().st_mode & 0o777 == 0o755
    assert not list(built.tree.rglob("__pycache__"))
    page = built.read("usr/share/man/man8/labkeep-server.8.gz")
    usage = subprocess.run(["sh", "-s", "--", "--help"], input=text, capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^    ([a-z]+) ", usage, re.MULTILINE)
    assert commands == re.findall(r"^\.B (?!labkeep)(.+)$", page, re.MULTILINE) != []


def test_the_menu_entry_is_valid_and_takes_profiles_and_links(built: Built) -> None:
    entry = built.tree / "usr/share/applications/labkeep.desktop"
    said = subprocess.run(["desktop-file-validate", entry], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
    assert "Exec=labkeep %u\n" in entry.read_text()
    assert "MimeType=application/x-labkeep-profile;x-scheme-handler/labkeep;\n" in entry.read_text()


def test_profile_files_are_known_by_their_ending(built: Built) -> None:
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    kind = ElementTree.fromstring(built.read("usr/share/mime/packages/labkeep.xml")).find(f"{space}mime-type")
    assert kind is not None
    pattern = kind.find(f"{space}glob")
    assert pattern is not None
    assert (kind.get("type"), pattern.get("pattern")) == ("application/x-labkeep-profile", "*.labkeep-profile")


def test_the_icon_is_there_in_all_sizes(built: Built) -> None:
    theme = built.tree / "usr/share/icons/hicolor"
    assert (theme / "scalable/apps/labkeep.svg").read_bytes() == description.ICON.read_bytes()
    for size in description.ICON_SIZES:
        picture = QImage(str(theme / f"{size}x{size}" / "apps" / "labkeep.png"))
        assert (picture.width(), picture.height()) == (size, size)
        assert picture.pixelColor(0, 0).alpha() < 128
        assert picture.pixelColor(size // 2, size // 10).name() == "#0b6470"


def test_the_policy_fixes_nothing_until_somebody_says_so(built: Built) -> None:
    text = built.read(description.POLICY_FILE)
    assert not policy_in(text.encode(), policy_file()).fixed
    said = re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE)
    assert policy_in(said.encode(), policy_file()).fixed == set(KEYS), "every line is one that is understood"
    assert policy_file() == Path("/") / description.POLICY_FILE


def test_the_units_have_the_form_of_those_that_a_schedule_writes(built: Built) -> None:
    job = Job(UUID(int=7), ("/usr/bin/labkeep-admin", "backup", "/srv"), Every.DAY, MOMENT.replace(hour=2).time())
    for kind, written in (("service", service_unit(job)), ("timer", timer_unit(job))):
        ours = built.read(f"usr/lib/systemd/system/labkeep-backup@.{kind}").splitlines()
        for line in written.splitlines():
            if not line.startswith(("Description=", "ExecStart=")):
                assert line in ours, kind
    assert any(
        line.startswith("ExecStart=/usr/bin/labkeep-admin backup ")
        for line in built.read("usr/lib/systemd/system/labkeep-backup@.service").splitlines()
    )


def test_the_scripts_are_shell_and_purging_says_what_stays(built: Built) -> None:
    for script in ("postinst", "postrm"):
        path = built.tree / "DEBIAN" / script
        assert path.stat().st_mode & 0o111
        subprocess.run(["sh", "-n", path], check=True)
    said = subprocess.run(
        ["sh", built.tree / "DEBIAN" / "postrm", "purge"], capture_output=True, text=True, check=True
    ).stdout
    for place in (*debian_texts.DATA_OF_PEOPLE, debian_texts.DATA_OF_ROOT):
        assert place in said


def test_the_builders_folders_are_forgotten_and_those_of_the_file_itself_are_not(tmp_path: Path) -> None:
    """Whoever could make that folder on another computer would have his library loaded."""
    own, foreign = tmp_path / "own.so", tmp_path / "foreign.so"
    for path, runpath in ((own, "$ORIGIN/../lib"), (foreign, "/home/builder/lib")):
        source = Path(sys.prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        (carried,) = (source / "site-packages" / "psycopg2").glob("_psycopg.*.so")
        content = carried.read_bytes()
        old = b"$ORIGIN/../psycopg2_binary.libs\0"
        assert content.count(old) == 1
        path.write_bytes(content.replace(old, runpath.encode().ljust(len(old), b"\0")))
    needed = {file.path.name: file.needed for file in elf.elf_files(tmp_path)}
    assert not elf.forget_foreign_paths(own)
    assert elf.forget_foreign_paths(foreign)
    said = {
        path: subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
        for path in (own, foreign)
    }
    assert "$ORIGIN/../lib" in said[own]
    assert "/home/builder" not in said[foreign]
    assert {file.path.name: file.needed for file in elf.elf_files(tmp_path)} == needed
