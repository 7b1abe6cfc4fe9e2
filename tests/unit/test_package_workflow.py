"""The workflow that builds the package: what it names is there, its actions are pinned, and it asks no other place."""

import re

import description
import pytest

TEXT = (description.PROJECT / ".github" / "workflows" / "package.yml").read_text("utf-8")
SYSTEMS = {"Linux": "ubuntu", "Windows": "windows", "macOS": "macos"}


def test_actions_are_pinned_and_no_address_is_named() -> None:
    used = re.findall(r"uses: (\S+)", TEXT)
    assert len(used) >= 3
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in used)
    assert "://" not in TEXT
    assert not re.search(r"--(extra-)?index-url|--find-links", TEXT)


def test_files_that_are_run_are_there() -> None:
    named = set(re.findall(r"packaging/[\w/]+\.(?:py|sh|spec)", TEXT))
    assert len(named) >= 7
    assert not [name for name in named if not (description.PROJECT / name).is_file()]


@pytest.mark.parametrize(("system", "image"), SYSTEMS.items())
def test_each_system_installs_what_people_get_and_tries_it(system: str, image: str) -> None:
    assert re.search(rf"system: \[.*\b{image}-[\d.]+", TEXT)
    steps = [step for step in TEXT.split("      - ") if f"runner.os == '{system}'" in step]
    tried = {"Linux": "smoke_test.py /usr/lib/labkeep", "Windows": "try_installer.py", "macOS": "try_image.sh"}[system]
    assert any(tried in step for step in steps)


def test_conditions_name_systems_that_there_are() -> None:
    assert set(re.findall(r"runner\.os [=!]= '(\w+)'", TEXT)) == set(SYSTEMS)
    assert "\t" not in TEXT
