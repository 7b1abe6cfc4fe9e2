"""README's own commands, run as they stand there.

The first labkeep-admin of the ten minutes, which makes the demo, and the Python example's are the installed program,
started; the others are forked from one that has loaded it, under its name and by the search path, because to load it
takes half of most commands' time.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.labkeep_admin import PROGRAM
from tests.forking import program as forked
from tests.servers import remove_server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    home = tmp_path_factory.mktemp("readme")
    programs = Path(sys.executable).parent
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LABKEEP_")}
    try:
        yield inherited | {"LABKEEP_HOME": str(home), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    finally:
        remove_server(home)


def test_the_ten_minutes(shell: dict[str, str], tmp_path: Path) -> None:
    """In one shell, stopping at the first line that does not do what it shows; `!` marks what must be refused."""
    first, *rest = blocks("sh")
    forking = tmp_path / "labkeep-admin"
    forking.write_text(f'#!/bin/sh\nexec {shlex.join(forked("services", *PROGRAM[1:]))} "$@"\n')
    forking.chmod(0o755)
    script = "\n".join(["set -euo pipefail", first, f'export PATH="{tmp_path}:$PATH"', *rest])
    # `set -e` passes over lines that begin with `!`; this makes a refusal that does not come an error.
    script = re.sub(r"^! (.*)$", r"if \1\nthen echo 'this should have been refused'; exit 9; fi", script, flags=re.M)
    done = subprocess.run(
        ["bash", "-c", script], env=shell, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "large.bin" not in done.stdout.rsplit("title", 1)[-1]


def test_the_python_example(shell: dict[str, str]) -> None:
    subprocess.run(["labkeep-admin", "demo"], env=shell, check=True, capture_output=True, timeout=120)
    (example,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", example], env=shell, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "IST-26-0001" in done.stdout
