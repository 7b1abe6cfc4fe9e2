"""A real drag out of the window into another program, and a window that is killed with a clear copy beside it."""

import signal
import time
from pathlib import Path

import pytest

from desktop_app.ui.foundation.theme import LIGHT
from tests.e2e.conftest import DemoPeople
from tests.e2e.test_real_drag import NEVER, Program, Screen, running, screen, sign_in, until

__all__ = ["screen"]
TARGET_AT = (1500, 700)
CLEAR = b"haemoglobin 9.1 g/dl\n" * 500
NAME = "dragged out çok güzel.txt"
FIRST_ROW = (250, 210)
"""Where the newest document of the list is drawn in a window at the corner of the screen."""


def clear_copies(home: Path) -> list[Path]:
    """Every file of this workstation that holds the content in clear."""
    return [
        path
        for path in home.rglob("*")
        if path.is_file() and not path.is_symlink() and CLEAR[:200] in path.read_bytes()
    ]


def choose_first(screen: Screen) -> bool:
    """Click once; whether a row is chosen soon after. A second click within the second would be a double one."""
    screen.do("mousemove", "--sync", *FIRST_ROW, "click", 1)
    end = time.monotonic() + 1
    while not screen.shows(LIGHT.accent_soft.removeprefix("#")) and time.monotonic() < end:
        NEVER.wait(0.05)
    return screen.shows(LIGHT.accent_soft.removeprefix("#"))


def drag_out(screen: Screen, target: Program) -> None:
    """Press on the first row, move over the other program until it sees a file, let go."""
    screen.do("mousemove", "--sync", *FIRST_ROW, "mousedown", 1)
    x, y = TARGET_AT[0] + 100, TARGET_AT[1] + 60
    steps = iter(range(10, 10_000, 5))

    def over() -> str:
        step = next(steps)
        screen.do("mousemove", min(FIRST_ROW[0] + 10 * step, x + step % 7), min(FIRST_ROW[1] + 5 * step, y + step % 5))
        return target.has_said("over")

    until(over, "the other program sees that files are dragged over it")
    screen.do("mouseup", 1)


@pytest.mark.parametrize("end", ["close", "kill"])
def test_a_document_is_dragged_into_another_program(demo: DemoPeople, screen: Screen, tmp_path: Path, end: str) -> None:
    source, taken = tmp_path / NAME, tmp_path / "taken"
    source.write_bytes(CLEAR)
    taken.mkdir()
    added = demo.deniz("document", "add", str(source), "--on-conflict", "version", "--json").json[0]
    user = "deniz.admin"
    environment = screen.environment | {"LABKEEP_HOME": str(demo.home)}
    here = Path(__file__).parent / "drag_target.py"
    with running(["-m", "desktop_app"], environment) as labkeep:
        window = sign_in(screen, user, demo.passwords[user])
        screen.do("key", "ctrl+4")
        until(lambda: choose_first(screen), "the newest document is chosen")
        with running([here, *map(str, TARGET_AT), taken], screen.environment) as target:
            target.wait_for("ready")
            assert clear_copies(demo.home) == []
            drag_out(screen, target)
            target.wait_for(f"took {NAME}")
        assert (taken / NAME).read_bytes() == CLEAR
        assert len(clear_copies(demo.home)) == 1, "until the window is locked or closed"
        if end == "kill":
            labkeep.process.send_signal(signal.SIGKILL)
        else:
            screen.do("windowfocus", "--sync", window, "key", "ctrl+q")
        labkeep.process.wait(60)
        assert not labkeep.has_said("Traceback")
    if end == "kill":
        assert len(clear_copies(demo.home)) == 1, "nobody could remove it"
        with running(["-m", "desktop_app"], environment):
            screen.window("^Labkeep$")
            until(lambda: not clear_copies(demo.home), "the next start wipes what the killed window left")
    assert clear_copies(demo.home) == []
    exported = demo.deniz("audit", "list", "--row", added["id"], "--operation", "export", "--json").json
    assert [entry["who"] for entry in exported] or end == "kill"
