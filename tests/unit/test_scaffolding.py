"""What a fresh clone stands on: the locks, make, the scripts behind it, and the wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.lock", "requirements-build.lock", "requirements-test.lock", "requirements-package.lock"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock: str) -> dict[str, str]:
    """Name -> version of everything that a lock names."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    matches = [re.match(r"([a-z0-9-]+)==([^ ]+)", line) for line in lines if not line.startswith((" ", "#"))]
    assert all(matches), f"{lock} has a line that is no pin"
    return {match[1]: match[2] for match in matches if match}


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's folder; its output is text, its failure is left to the caller."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    """A folder of programs to be found first: the system is Linux, the user is not root."""
    folder = tmp_path / "stubs"
    folder.mkdir()
    stub(folder, "id", "echo 1000")
    stub(folder, "uname", "echo Linux")
    return folder


def stub(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-build.lock", PROJECT["build-system"]["requires"]),
        ("requirements-test.lock", PROJECT["project"]["dependencies"]),
        ("requirements-test.lock", PROJECT["project"]["optional-dependencies"]["test"]),
        ("requirements-test.lock", PROJECT["build-system"]["requires"]),
        ("requirements-package.lock", PROJECT["project"]["optional-dependencies"]["package"]),
    ],
)
def test_lock_answers_every_requirement(lock: str, wanted: list[str]) -> None:
    locked = pins(lock)
    for text in wanted:
        requirement = Requirement(text)
        version = locked.get(canonicalize_name(requirement.name), "nothing")
        assert version in requirement.specifier, f"{lock} has {version} for {text}: run make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_of_a_lock_has_a_hash_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text.split("lock.sh\n", 1)[1])
    assert blocks
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|--trusted", text)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-build.lock"])
def test_small_locks_repeat_the_large_one(lock: str) -> None:
    assert pins(lock).items() <= pins("requirements-test.lock").items()


def test_what_makes_the_package_changes_no_version_of_the_tests() -> None:
    tests, package = pins("requirements-test.lock"), pins("requirements-package.lock")
    shared = tests.keys() & package.keys()
    assert "packaging" in shared
    assert {name: package[name] for name in shared} == {name: tests[name] for name in shared}


def test_installed_packages_fit_each_other() -> None:
    done = run(sys.executable, "-m", "pip", "check", "--disable-pip-version-check")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "target",
    [
        "run",
        "test",
        "tour",
        "lint",
        "install",
        "test-full",
        "bench",
        "screenshots",
        "translations",
        "package",
        "lock",
        "clean",
    ],
)
def test_make_knows_and_explains_its_targets(target: str) -> None:
    assert re.search(rf"^  make {target} +[A-Z]", run("make", "help").stdout, re.MULTILINE)
    assert run("make", "-n", target).returncode == 0


def test_make_run_hands_the_demo_on() -> None:
    assert "-m desktop_app --demo" in run("make", "-n", "run", DEMO="1").stdout
    assert "--demo" not in run("make", "-n", "run", DEMO="0").stdout
    assert "--demo" not in run("make", "-n", "run", DEMO="").stdout


@pytest.mark.parametrize("target", ["run", "tour", "test", "test-full", "bench"])
def test_what_the_system_lacks_is_named_before_anything_is_downloaded(target: str) -> None:
    scripts = re.findall(r"tools/(system_packages|environment)\.sh", run("make", "-n", target).stdout)
    assert scripts == ["system_packages", "environment"]


@pytest.mark.parametrize("script", ["environment.sh", "system_packages.sh"])
def test_scripts_refuse_what_they_do_not_know(script: str) -> None:
    done = run("sh", ROOT / "tools" / script, "nonsense")
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ")


def test_a_python_that_is_too_old_is_named_in_one_sentence(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for program in ("sh", "dirname", "cat", "cksum", "tr"):
        (bare / program).symlink_to(shutil.which(program) or "")
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        stub(bare, name, "exit 1")
    done = run(bare / "sh", ROOT / "tools" / "environment.sh", "runtime", PATH=str(bare), PYTHON="python3")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Labkeep needs Python 3.11 or newer; name one with make PYTHON=/path/to/python3."
    ]


def test_a_missing_library_is_named_in_one_line_to_copy(stubs: Path) -> None:
    python = stub(stubs, "python3", 'echo "libxcb-cursor.so.0 libxcb-cursor0"; echo "libEGL.so.1 libegl1"')
    done = run("sh", "tools/system_packages.sh", "window", PATH=f"{stubs}:{os.environ['PATH']}", PYTHON=str(python))
    assert done.returncode == 1
    assert "libxcb-cursor.so.0 libEGL.so.1" in done.stderr
    assert done.stderr.splitlines()[-1] == "    sudo apt-get install -y libegl1 libxcb-cursor0"


def test_missing_venv_module_names_its_package(stubs: Path) -> None:
    python = stub(stubs, "python3", "exit 1")
    done = run("sh", "tools/system_packages.sh", "venv", PATH=f"{stubs}:{os.environ['PATH']}", PYTHON=str(python))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "    sudo apt-get install -y python3-venv"


if sys.platform == "linux":

    @pytest.mark.parametrize(
        "plugin", ["platforms/libqxcb.so", "platforms/libqoffscreen.so", "platforms/libqwayland.so"]
    )
    def test_nothing_that_qt_is_linked_with_is_missing(plugin: str) -> None:
        qt = Path(run(sys.executable, "-c", "import PySide6; print(PySide6.__path__[0])").stdout.strip())
        done = run("ldd", qt / "Qt" / "plugins" / plugin)
        assert "libQt6Gui" in done.stdout, done.stderr
        assert [line for line in done.stdout.splitlines() if "not found" in line] == []


def test_ci_calls_lint_and_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").splitlines()[-2:] == ["make lint", "make test"]


def test_wheel_carries_the_package_its_data_and_the_resources(tmp_path: Path) -> None:
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(base).as_posix()
        for base, top in [(ROOT, "desktop_app"), (ROOT / "resources", ".")]
        for path in (base / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "desktop_app/errors.py" in carried
    missing = {name for name in wanted if name not in carried and f"desktop_app/resources/{name}" not in carried}
    assert missing == set()
    assert not any(name.startswith(("tests/", "tools/", "docs/")) for name in carried)
