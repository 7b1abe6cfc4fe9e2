"""A scanner's keys into the real window, under a virtual X display: they open samples and never save a form."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from desktop_app.bootstrap import open_installation
from desktop_app.domain.records import Sample
from tests.e2e.conftest import DemoPeople
from tests.e2e.test_real_drag import Program, Screen, running, screen, sign_in, until

__all__ = ["screen"]
USER = "deniz.admin"
NEW, UNKNOWN = "LK-SCAN-000001", "LK-SCAN-NOBODY"
NAME = "Slow Hands, tube 7/8 (B)"
MILLISECONDS = 4
DIALOG = "^Labkeep$"
"""The frame of a dialog; the window's own names the center, too."""
READ_CLIPBOARD = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication(sys.argv)
print(app.clipboard().text())
"""


def scan(screen: Screen, code: str, end: str = "Return") -> None:
    """As a scanner types: some milliseconds a key, and the end."""
    # One command, so that the end comes as fast as the rest.
    screen.do("type", "--delay", MILLISECONDS, "--args", 1, code, "key", end)


@contextmanager
def stopped(program: Program) -> Iterator[None]:
    """A time in which it does nothing, and the display keeps its keys."""
    program.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        program.process.send_signal(signal.SIGCONT)


def samples(demo: DemoPeople) -> dict[str, Sample]:
    environment = {"LABKEEP_HOME": str(demo.home)}
    with (
        open_installation("Labkeep demo", USER, demo.passwords[USER], environment) as lab,
        lab.center("ankara") as center,
    ):
        return {row.barcode: row for row in center.samples.list().rows}


def test_scans_open_samples_and_fill_the_open_form(demo: DemoPeople, screen: Screen) -> None:
    before = samples(demo)
    first, second = sorted(code for code, row in before.items() if row.status.value == "pending")[:2]
    environment = screen.environment | {"LABKEEP_HOME": str(demo.home)}
    with running(["-m", "desktop_app"], environment) as labkeep:
        window = sign_in(screen, labkeep, USER, demo.passwords[USER])
        screen.do("key", "ctrl+3")
        # Two scans, as fast as they come: neither opens a form or types into one.
        scan(screen, first)
        scan(screen, second, "Tab")
        scan(screen, first, "Linefeed")
        scan(screen, UNKNOWN)
        question = screen.window(DIALOG)
        assert screen.do("search", "--onlyvisible", "--name", DIALOG) == question, "and no form"
        screen.do("windowfocus", "--sync", question)
        screen.do("key", "Escape")
        # A window that closes in the middle of a scan takes the keyboard along, and the scan is none.
        until(lambda: not screen.do("search", "--onlyvisible", "--name", DIALOG), "the question is closed")
        screen.do("windowfocus", "--sync", window)
        scan(screen, first)
        # Of the sample that was scanned the form is opened by hand; scans only fill its barcode.
        form = open_form(screen)
        screen.do("windowfocus", "--sync", form)
        scan(screen, UNKNOWN)
        # A program that is busy finds all of it in one go: the scan, and the name that a person types after it.
        with stopped(labkeep):
            scan(screen, NEW)
            screen.do("key", "alt+n", "ctrl+a")
            screen.do("type", "--delay", 55, NAME)
        assert samples(demo) == before, "no scan has saved anything"
        until(lambda: entry(screen, "b") == NEW, "the barcode is the one that was scanned")
        until(lambda: entry(screen, "n") == NAME, "the name is the one that was typed")
        screen.do("key", "Return")
        until(lambda: NEW in samples(demo), "the form is saved by hand")
        assert labkeep.process.poll() is None
        assert not labkeep.has_said("Traceback")
    after = samples(demo)
    assert after[NEW].id == before[first].id
    assert after[NEW].name == NAME
    assert {code: row.name for code, row in after.items() if code != NEW} == {
        code: row.name for code, row in before.items() if code != first
    }


def entry(screen: Screen, letter: str) -> str:
    """What stands in the field that this underlined letter leads to, as another program gets it when it is copied."""
    screen.do("key", f"alt+{letter}", "ctrl+a", "ctrl+c")
    reading = [sys.executable, "-c", READ_CLIPBOARD]
    done = subprocess.run(reading, env=screen.environment, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def open_form(screen: Screen) -> str:
    """F2 until the sample is there, and its form with it."""

    def form() -> str:
        found = screen.do("search", "--onlyvisible", "--name", DIALOG).split("\n")[-1]
        if not found:
            screen.do("key", "F2")
        return found

    return until(form, "the form of the sample")
