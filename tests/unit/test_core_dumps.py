"""Neither the window nor the command line leaves a core dump; looked at in real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SAY = (
    "import ctypes, resource\n"
    "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n"
    "import subprocess, sys\n"
    "print(subprocess.run([sys.executable, '-c', 'import resource; print(resource.getrlimit(resource.RLIMIT_CORE))'],"
    " capture_output=True, text=True).stdout.strip())\n"
)
ENTRIES = {
    "window": "from desktop_app.__main__ import main\ntry:\n    main(['--version'])\nexcept SystemExit:\n    pass\n",
    "command line": (
        # It leaves without taking Python down, and could say nothing more here.
        "import os, sys\nos._exit = sys.exit\nsys.argv = ['labkeep-admin', '--version']\n"
        "from desktop_app.cli.main import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
    ),
    "decoder": "from desktop_app.ui.preview_decoder import child\nchild.forbid_core_dumps()\n",
}


def run(script: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env={"LABKEEP_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_programs_and_what_they_start_leave_no_core_dump(entry: str, tmp_path: Path) -> None:
    done = run(ENTRIES[entry] + SAY, tmp_path)
    assert done.stdout.splitlines()[-2:] == ["(0, 0) 0", "(0, 0)"], done.stderr


def test_a_crash_writes_no_file(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom desktop_app.core_dumps import forbid_core_dumps\n"
        f"forbid_core_dumps()\nos.chdir({str(tmp_path)!r})\nos.abort()\n"
    )
    done = run(script, tmp_path)
    assert done.returncode == -6
    assert list(tmp_path.iterdir()) == []
