"""The entry point: what the command line asks for, and a machine without a display."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.__main__ import NO_DISPLAY, parse
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.shell.startup_services import LaunchOptions

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
    assert parse([]) == LaunchOptions()
    assert parse(["--demo"]) == LaunchOptions(demo=True)
    assert parse(["--profile", "Our laboratories", "--center", "istanbul"]) == LaunchOptions(
        profile="Our laboratories", center="istanbul"
    )


DRIVEN = """
import sys
from PySide6.QtCore import QTimer
from desktop_app.__main__ import main
from desktop_app import window_program
from desktop_app.ui.shell.main_window import MainWindow

class Told(MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        self.resize(1111, 777)
        QTimer.singleShot(200, lambda: print(bytes(self.saveGeometry()).hex(), flush=True))

window_program.MainWindow = Told
sys.exit(main([]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_and_the_sizes_are_kept(tmp_path: Path, number: signal.Signals) -> None:
    environment = os.environ | {"LABKEEP_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    started = subprocess.Popen([sys.executable, "-c", DRIVEN], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    with started:
        assert started.stdout is not None
        geometry = bytes.fromhex(started.stdout.readline().decode())
        started.send_signal(number)
        assert started.wait(60) == 0
    kept = WindowState(tmp_path / "state" / "window.ini").layout("window")
    assert kept is not None
    assert bytes(kept.data()) == geometry
    said = (tmp_path / "log" / "labkeep.log").read_text("utf-8")
    assert "The window opens" in said
    assert "The window is closed." in said
