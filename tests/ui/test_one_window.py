"""A second start comes to the window that is open; it is believed no more than the command line."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.links import Link
from desktop_app.domain.rights import Standing
from desktop_app.paths import HomePaths
from desktop_app.storage.profiles import ProfileStore
from desktop_app.system.open_windows import OpenWindows
from desktop_app.ui.shell.one_window import WindowListener, hand_over
from desktop_app.ui.shell.other_starts import OtherStarts
from desktop_app.ui.shell.startup_services import LaunchOptions, Outcome
from tests.ui.made_records import profile
from tests.ui.window_fixture import WindowDriver

ROOT = Path(__file__).resolve().parents[2]
KNOWN = profile()


class Listening:
    """A listener in this process, and clients that say what they like."""

    def __init__(self, qtbot: QtBot, address: str, *, takes: bool) -> None:
        self.qtbot, self.address = qtbot, address
        self.got: list[LaunchOptions] = []
        self.listener = WindowListener(address, lambda _options: takes)
        self.listener.asked.connect(self.got.append)

    def says(self, line: bytes) -> bytes:
        """What a raw client is answered."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.address)
            client.sendall(line)
            client.settimeout(0.01)
            answer: list[bytes] = []

            def answered() -> bool:
                try:
                    answer.append(client.recv(100))
                except TimeoutError:
                    return False
                return True

            self.qtbot.waitUntil(answered, timeout=10_000)
        return answer[0]


@pytest.fixture
def listening(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[bool], Listening]]:
    made: list[Listening] = []

    def make(takes: bool) -> Listening:
        made.append(Listening(qtbot, str(tmp_path / "s"), takes=takes))
        return made[-1]

    yield make
    for each in made:
        each.listener.close()
        each.listener.deleteLater()


def line(options: LaunchOptions) -> bytes:
    return json.dumps(asdict(options)).encode() + b"\n"


def test_what_was_asked_for_arrives(listening: Callable[[bool], Listening]) -> None:
    first = listening(True)
    asked = LaunchOptions(profile="Our lab", center="istanbul", target=str(Link(uuid4(), uuid4())))
    assert first.says(line(asked)) == b"taken\n"
    assert first.got == [asked]
    assert not stat.S_IMODE(Path(first.address).stat().st_mode) & 0o077


def test_a_window_of_another_profile_says_so(listening: Callable[[bool], Listening]) -> None:
    first = listening(False)
    assert first.says(line(LaunchOptions(profile="Another"))) == b"other\n"
    assert first.got == []


ANSWERING = """
import socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.bind(sys.argv[1])
    server.listen()
    print(flush=True)
    client = server.accept()[0]
    heard = client.recv(10_000)
    client.sendall(sys.argv[2].encode() + b"\\n")
    print(heard.decode(), flush=True)
"""


@pytest.mark.parametrize(("answer", "outcome"), [("taken", Outcome.TAKEN), ("other", Outcome.NONE)])
def test_what_a_window_answers_counts(tmp_path: Path, answer: str, outcome: Outcome) -> None:
    window = subprocess.Popen(
        [sys.executable, "-c", ANSWERING, tmp_path / "s", answer], stdout=subprocess.PIPE, text=True
    )
    assert window.stdout is not None
    window.stdout.readline()
    os.chdir(tmp_path)
    try:
        assert hand_over([str(tmp_path / "s")], LaunchOptions(target="a.labkeep-profile"), 10) is outcome
    finally:
        os.chdir(ROOT)
    heard, _ = window.communicate(timeout=30)
    whole = str(tmp_path / "a.labkeep-profile")
    assert json.loads(heard)["target"] == whole, "the other window has another working directory"


def test_nobody_there_is_none_and_somebody_silent_is_said(tmp_path: Path) -> None:
    assert hand_over([], LaunchOptions()) is Outcome.NONE
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        assert hand_over([str(tmp_path / "s")], LaunchOptions(), 0.2) is Outcome.SILENT
    assert hand_over([str(tmp_path / "none")], LaunchOptions(), 0.2) is Outcome.SILENT


@pytest.mark.parametrize(
    "said",
    [
        b"{}\n",
        b"no json\n",
        b'{"demo": 1, "profile": "", "center": "", "target": ""}\n',
        b'{"demo": false, "profile": [], "center": "", "target": ""}\n',
        b'{"demo": false, "profile": "", "center": "", "target": "", "more": ""}\n',
        b"[" * 5000 + b"\n",
        b"x" * 100_000,
    ],
    ids=("empty", "words", "a number", "a list", "more", "deep", "long"),
)
def test_what_no_start_of_ours_says_is_cut_off(listening: Callable[[bool], Listening], said: bytes) -> None:
    first = listening(True)
    assert first.says(said) == b""
    assert first.got == []


def test_which_starts_a_window_takes(driver: WindowDriver) -> None:
    window = driver.open()
    takes = OtherStarts(window).takes
    assert takes(LaunchOptions(profile="any"))
    assert not takes(LaunchOptions(demo=True))
    window.sign_in.sign_in_as("ayse.admin", "x")
    driver.wait_for_workspace()
    there = str(Link(KNOWN.installation_id, uuid4()))
    for mine in ("", KNOWN.display_name, str(KNOWN.installation_id)):
        assert takes(LaunchOptions(profile=mine))
    assert takes(LaunchOptions(target=there))
    assert takes(LaunchOptions(target="nonsense"))
    assert takes(LaunchOptions(target="/x.labkeep-profile"))
    assert not takes(LaunchOptions(profile="Another"))
    assert not takes(LaunchOptions(target=str(Link(uuid4(), uuid4()))))


def test_it_comes_to_the_front_and_goes_there(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM)
    window = driver.window
    assert window is not None
    ankara = driver.sign_in.labs[-1].ankara
    starts = OtherStarts(window)
    window.setWindowState(Qt.WindowState.WindowMinimized)
    starts.take_over(LaunchOptions(center="ankara"))
    assert not window.windowState() & Qt.WindowState.WindowMinimized
    driver.qtbot.waitUntil(lambda: space.work is not None and space.work.center.id == ankara.id)
    window.lock()
    starts.take_over(LaunchOptions(center="istanbul", target="labkeep://x"))
    assert "damaged" in window.locking.page.banner.text
    assert space.work is not None
    assert space.work.center.id == ankara.id, "behind the lock nothing moves"


def is_kept_out(address: Path, account: int) -> bool:
    """Whether that account cannot connect; asked in a process of its own, which is not this account's any more."""
    child = os.fork()
    if child == 0:
        try:
            os.setuid(account)
            socket.socket(socket.AF_UNIX).connect(str(address))
        except PermissionError:
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def program(home: Path, *arguments: str, command: tuple[str, ...] = ("-m", "desktop_app")) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command, *arguments],
        cwd=ROOT,
        env=os.environ | {"LABKEEP_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def sockets(home: Path) -> list[Path]:
    """Where the windows of that home say that they listen, as far as they do."""
    noted = [Path(path.read_text()) for path in home.rglob("*.window")]
    return [path for path in noted if path.is_socket()]


def until(found: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not found():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def test_two_programs(tmp_path: Path) -> None:
    """The first stays, the second ends; a third that finds it dead opens a window of its own."""
    first = program(tmp_path)
    try:
        until(lambda: bool(sockets(tmp_path)), "the first listens")
        assert ended(program(tmp_path, "labkeep://x")) == (0, "")
        (log,) = tmp_path.rglob("*.log")
        assert "Another start was taken over" in log.read_text()
        (address,) = sockets(tmp_path)
        assert os.geteuid() != 0 or is_kept_out(address, 65534), "another account gets there"
    finally:
        first.kill()
        first.communicate()
    third = program(tmp_path)
    try:
        until(lambda: bool(set(sockets(tmp_path)) - {address}), "the third listens")
        assert not address.parent.exists()
        third.send_signal(signal.SIGTERM)
        assert third.wait(30) == 0
        assert list(tmp_path.rglob("*.window")) == []
    finally:
        third.kill()
        third.communicate()


NEVER_SEEN = """
import sys
from desktop_app import window_program
from desktop_app.__main__ import main

class NeverSeen(window_program.MainWindow):
    def show(self):
        pass

window_program.MainWindow, window_program.LATEST_MS = NeverSeen, 100
sys.exit(main([]))
"""


def test_a_window_that_nobody_sees_is_found_all_the_same(tmp_path: Path) -> None:
    """It begins to listen behind its first page, which is not painted while it is minimized."""
    ProfileStore(HomePaths.from_environment({"LABKEEP_HOME": str(tmp_path)}).profiles_dir).save(KNOWN)
    first = program(tmp_path, command=("-c", NEVER_SEEN))
    try:
        until(lambda: bool(list(tmp_path.rglob("*.window"))), "the first is there")
        assert ended(program(tmp_path)) == (0, "")
    finally:
        first.kill()
        first.communicate()
        assert OpenWindows(tmp_path / "state" / "windows").addresses() == []


@pytest.mark.full
def test_a_window_that_hangs_is_said_after_a_few_seconds(tmp_path: Path) -> None:
    first = program(tmp_path)
    try:
        until(lambda: bool(sockets(tmp_path)), "the first listens")
        (address,) = sockets(tmp_path)
        first.send_signal(signal.SIGSTOP)
        second = program(tmp_path)
        try:
            assert second.stderr is not None
            assert "does not answer" in second.stderr.readline()
        finally:
            second.kill()
            second.communicate()
    finally:
        first.kill()
        first.communicate()
        # What looks around next removes what a killed window left outside of its home.
        assert OpenWindows(tmp_path / "state" / "windows").addresses() == []
    assert not address.parent.exists()
