"""The entry point: what the command line asks for, and a machine without a display."""

import os
import subprocess
import sys
from pathlib import Path

from desktop_app.__main__ import NO_DISPLAY, parse
from desktop_app.ui.entrance import Wish

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    bare.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "desktop_app", *arguments],
        cwd=ROOT,
        env=bare | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_a_display_it_says_so_in_one_sentence() -> None:
    result = run()
    assert result.returncode == 1
    assert result.stderr == f"labkeep: {NO_DISPLAY}\n"
    assert "make tour" in result.stderr
    assert result.stdout == ""


def test_wrong_usage_is_status_2_and_help_needs_no_display() -> None:
    assert run("--nonsense").returncode == 2
    helped = run("--help")
    assert helped.returncode == 0
    assert "--demo" in helped.stdout


def test_the_command_line_becomes_a_wish() -> None:
    assert parse([]) == Wish()
    assert parse(["--demo"]) == Wish(demo=True)
    assert parse(["--profile", "Our laboratories", "--center", "istanbul"]) == Wish(
        profile="Our laboratories", center="istanbul"
    )
