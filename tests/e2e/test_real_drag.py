"""A real drag from another program onto the window, under a virtual X display: mouse, XDND and all."""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest

from desktop_app.bootstrap import open_installation
from desktop_app.ui.foundation.theme import LIGHT
from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import PROJECT

TIMEOUT = 120.0
SOURCE_AT = (1400, 200)
NEVER = threading.Event()
SCREEN = ("-screen", "0", "1920x1080x24", "-noreset")  # else whoever comes as the last one leaves is refused
FIRST = ("nice", "-n", "-20")
"""A hand and a screen wait for no other program; who may not have that gets them at the usual priority."""
Value = TypeVar("Value")


def until(condition: Callable[[], Value | None], what: str) -> Value:
    """Ask again until it is true, some 20 times a second: the machine has other work too."""
    end = time.monotonic() + TIMEOUT
    while not (value := condition()):
        assert time.monotonic() < end, f"this did not happen within {TIMEOUT:.0f} s: {what}"
        NEVER.wait(0.05)
    return value


class Screen:
    """One X display, and a hand on its mouse and keyboard."""

    def __init__(self, display: str, frame: Path) -> None:
        self._frame = frame
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LABKEEP_", "WAYLAND_", "QT_QPA_"))
        } | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LANG": "C.UTF-8"}

    def do(self, *words: str | int) -> str:
        """Run xdotool; what it cannot do is an empty answer."""
        done = subprocess.run(
            [*FIRST, "xdotool", *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    def shows(self, color: str) -> bool:
        """Whether a good part of the screen has this colour (rrggbb); read from the display's own memory."""
        blue_green_red = bytes.fromhex(color)[::-1]
        return self._frame.read_bytes().count(blue_green_red) > 5_000

    def window(self, title: str) -> str:
        """The window of this title, as soon as it is to be seen."""
        return until(
            lambda: self.do("search", "--onlyvisible", "--name", title).split("\n")[-1], f"a window titled {title}"
        )


class Program:
    """A process whose lines can be waited for."""

    def __init__(self, arguments: Sequence[str | Path], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            env=environment,
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.said: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.strip())

    def has_said(self, words: str) -> str:
        """The first line that begins so, or an empty text."""
        with suppress(queue.Empty):
            while True:
                self.said.append(self._lines.get_nowait())
        return next((line for line in self.said if line.startswith(words)), "")

    def wait_for(self, words: str) -> str:
        """The line that begins so, as soon as it comes."""
        end = time.monotonic() + TIMEOUT
        while not (line := self.has_said(words)):
            assert time.monotonic() < end, (words, self.said)
            assert self.process.poll() is None or not self._lines.empty(), (words, self.said)
            with suppress(queue.Empty):
                self.said.append(self._lines.get(timeout=0.2))
        return line

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def running(arguments: Sequence[str | Path], environment: dict[str, str]) -> Iterator[Program]:
    program = Program(arguments, environment)
    try:
        yield program
    finally:
        program.end()


@pytest.fixture
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """An X server of our own on a number that is free."""
    memory = tmp_path_factory.mktemp("display")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        [*FIRST, "Xvfb", "-displayfd", str(writer), *SCREEN, "-nolisten", "tcp", "-fbdir", str(memory)],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            number = numbers.readline().strip()  # waits until the server is ready
        assert number, "Xvfb did not start"
        yield Screen(f":{number}", memory / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait(20)


def sign_in(screen: Screen, labkeep: Program, user: str, password: str) -> str:
    """Type into the sign-in page; returns the window's number once the center is in its title."""

    def shown() -> str:
        assert labkeep.process.poll() is None, (labkeep.process.returncode, labkeep.has_said("Traceback"), labkeep.said)
        return screen.do("search", "--onlyvisible", "--name", "^Labkeep$").split("\n")[-1]

    window = until(shown, "the window")
    # Without a window manager nobody else gives the window its place and the keyboard.
    screen.do("windowmove", window, 0, 0)
    screen.do("windowfocus", "--sync", window)
    until(lambda: screen.shows(LIGHT.accent.removeprefix("#")), "the button for signing in is drawn")
    # The letters that are underlined in the labels lead to the fields, wherever the cursor is.
    for letter, text in (("u", user), ("p", password)):
        screen.do("key", f"alt+{letter}", "ctrl+a")
        screen.do("type", "--delay", 1, text)
    screen.do("key", "Return")
    until(lambda: screen.do("search", "--onlyvisible", "--name", "^.+ — Labkeep$"), "the person is signed in")
    return window


def test_a_drag_from_another_program_ends_sealed(demo: DemoPeople, screen: Screen, tmp_path: Path) -> None:
    files = {"dragged çok güzel.txt": b"From another program.\n", "dragged.bin": os.urandom(1_500_000)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    user = "deniz.admin"
    environment = screen.environment | {"LABKEEP_HOME": str(demo.home)}
    with running(["-m", "desktop_app"], environment) as labkeep:
        window = sign_in(screen, labkeep, user, demo.passwords[user])
        source_paths = [tmp_path / name for name in files]
        here = Path(__file__).parent / "drag_source.py"
        with running([here, *map(str, SOURCE_AT), *source_paths], screen.environment) as source:
            source.wait_for("ready")
            drag_to(screen, source, window)
            assert source.wait_for("dropped") == "dropped CopyAction"
            saved = wait_for_saved(demo, user, set(files))
        assert saved == files
        assert labkeep.process.poll() is None
        assert not labkeep.has_said("Traceback")


def drag_to(screen: Screen, source: Program, window: str) -> None:
    """Press on the source, move over the window until it would take the files, let go."""
    x, y = SOURCE_AT[0] + 100, SOURCE_AT[1] + 60
    screen.do("mousemove", "--sync", x, y, "mousedown", 1)
    source.wait_for("pressed")
    steps = iter(range(1, 10_000))

    def taken() -> str:
        # Back and forth over the middle of the tab: each step is an XdndPosition that the window answers.
        step = next(steps)
        screen.do("mousemove", max(x - 60 * step, 500 + step % 7), y + 150 + step % 5)
        return source.has_said("accepted")

    until(taken, "the window would take the files")
    screen.do("mouseup", 1)


def wait_for_saved(demo: DemoPeople, user: str, names: set[str]) -> dict[str, bytes]:
    """Title and content of what another program of the same person finds."""
    environment = {"LABKEEP_HOME": str(demo.home)}
    with (
        open_installation("Labkeep demo", user, demo.passwords[user], environment) as lab,
        lab.center("ankara") as center,
    ):

        def found() -> dict[str, bytes] | None:
            rows = [row for row in center.documents.list().rows if row.title in names]
            return {row.title: center.documents.content(row) for row in rows} if len(rows) == len(names) else None

        return until(found, "the files are saved")
