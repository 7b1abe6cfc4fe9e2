"""A real drag out of the window into another program, under a virtual X display, and what is left of it afterwards."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop_app.bootstrap import open_installation
from desktop_app.ui.foundation.theme import LIGHT
from tests.e2e.conftest import DemoPeople
from tests.e2e.test_real_drag import Program, Screen, running, screen, sign_in, until

__all__ = ["screen"]
USER = "deniz.admin"
NEEDLE = b"NEEDLE-5120 haemoglobin 9.8 g/dL\n"
CONTENT = NEEDLE * 40_000
"""More than one read: a copy that is taken before it is whole is another one."""
FIRST_ROW = (120, 240)
"""Pixels: the newest document, whatever size the window has."""
TARGET_AT = (1600, 800)
DOUBLE_CLICK_SECONDS = 0.6  # and a little: Qt waits 0.4


class Bench:
    """A document, somebody who sees it, a program that takes drops, and the places where copies lie for a while."""

    def __init__(self, demo: DemoPeople, screen: Screen, folder: Path) -> None:
        self.demo, self.screen = demo, screen
        self.got, self.temporary = folder / "got", folder / "tmp"
        self.got.mkdir()
        self.temporary.mkdir()
        self.environment = screen.environment | {"LABKEEP_HOME": str(demo.home), "TMPDIR": str(self.temporary)}
        source = folder / "dragged out çok güzel.txt"
        source.write_bytes(CONTENT)
        home = {"LABKEEP_HOME": str(demo.home)}
        with (
            open_installation("Labkeep demo", USER, demo.passwords[USER], home) as lab,
            lab.center("ankara") as center,
        ):
            [result] = center.documents.add([source]).results
            self.name = center.documents.get(result.id or "").file_name
        source.unlink()

    def left(self) -> list[Path]:
        """Files in the temporary places of Labkeep and of the system that hold a word of the document."""
        places = (self.demo.home / "open", self.temporary)
        found = (path for place in places for path in place.rglob("*") if path.is_file())
        return [path for path in found if NEEDLE in path.read_bytes()]

    def _is_chosen(self) -> bool:
        self.screen.do("mousemove", "--sync", *FIRST_ROW, "click", 1)
        time.sleep(DOUBLE_CLICK_SECONDS)  # what is pressed next is a press of its own
        return self.screen.shows(LIGHT.accent_soft.removeprefix("#"))

    def drag(self, target: Program) -> bytes:
        """Press on the newest document, move over the target, let go; what the target received."""
        screen = self.screen
        target.has_said("")
        target.said.clear()  # of the drag before
        # Until the list is read there is no row to press on.
        until(self._is_chosen, "the newest document is chosen")
        screen.do("mousemove", "--sync", *FIRST_ROW, "mousedown", 1)
        for step in range(1, 12):
            screen.do("mousemove", "--sync", FIRST_ROW[0] + 8 * step, FIRST_ROW[1] + 4 * step)
        x, y = TARGET_AT[0] + 100, TARGET_AT[1] + 60
        steps = iter(range(10_000))

        def taken() -> str:
            # Back and forth over the target: each step is an XdndPosition that it answers.
            step = next(steps)
            screen.do("mousemove", x + step % 7, y + step % 5)
            return target.has_said("accepting")

        until(taken, "the target would take it")
        assert not self.left(), "it is in clear before it is dropped"
        screen.do("mouseup", 1)
        assert target.wait_for("dropped") == f"dropped {self.name}"
        return (self.got / self.name).read_bytes()


def warned(screen: Screen) -> bool:
    """Whether a banner in the colour of warnings is shown."""
    return screen.shows(LIGHT.warning_soft.removeprefix("#"))


@contextmanager
def dragging(demo: DemoPeople, screen: Screen, folder: Path) -> Iterator[tuple[Bench, Program]]:
    """The bench, and the program that takes what is dropped."""
    bench = Bench(demo, screen, folder)
    program: list[str | Path] = [Path(__file__).parent / "drop_target.py", *map(str, TARGET_AT), bench.got]
    with running(program, screen.environment) as target:
        target.wait_for("ready")
        yield bench, target


@contextmanager
def dragged_out(bench: Bench, target: Program) -> Iterator[tuple[Program, str]]:
    """Labkeep and its window, after a drag whose target has the whole file, and with a notice that says so."""
    screen = bench.screen
    with running(["-m", "desktop_app"], bench.environment) as labkeep:
        window = sign_in(screen, labkeep, USER, bench.demo.passwords[USER])
        screen.do("key", "ctrl+4")  # Today opens first
        screen.do("windowraise", screen.window("^drop target$"))
        assert not warned(screen)
        assert bench.drag(target) == CONTENT
        until(lambda: warned(screen), "the window says that the copy is no longer protected")
        yield labkeep, window
        assert not labkeep.has_said("Traceback")


def test_a_document_is_dragged_out_and_locking_leaves_nothing(demo: DemoPeople, screen: Screen, tmp_path: Path) -> None:
    with dragging(demo, screen, tmp_path) as (bench, target), dragged_out(bench, target) as (labkeep, window):
        assert bench.left(), "whoever took it may still be reading"
        screen.do("windowfocus", "--sync", window, "key", "ctrl+l")
        until(lambda: not bench.left(), "locking leaves nothing")
        assert labkeep.process.poll() is None


@pytest.mark.full
def test_neither_an_end_nor_a_kill_leaves_a_copy(demo: DemoPeople, screen: Screen, tmp_path: Path) -> None:
    with dragging(demo, screen, tmp_path) as (bench, target):
        with dragged_out(bench, target) as (labkeep, _window):
            labkeep.process.send_signal(signal.SIGTERM)
            labkeep.process.wait(60)
            assert not bench.left()
        with dragged_out(bench, target) as (labkeep, _window):
            labkeep.process.send_signal(signal.SIGKILL)
            labkeep.process.wait(60)
            assert bench.left(), "nobody was there to wipe it"
        with running(["-m", "desktop_app"], bench.environment):
            until(lambda: not bench.left(), "the next start wipes what a killed program left")
