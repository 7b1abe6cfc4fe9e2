"""Uses the installed window by pointer and keyboard, for try_deb.sh: ``first``, ``again`` or ``speed``.

Runs with the checkout's Python beside the bare Debian that the package is installed in; the window has its own.
"""

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QImage, QPainter

ROOT = Path(os.environ["LABKEEP_TRY_ROOT"])
FRAME = Path(os.environ["LABKEEP_TRY_SCREEN"]) / "Xvfb_screen0"
PICTURES = Path(os.environ["LABKEEP_TRY_PICTURES"])
COMMAND = os.environ["LABKEEP_TRY_COMMAND"].split()
PROJECT = Path(os.environ["LABKEEP_TRY_PROJECT"])
ACCENT = 0xFF0B6470
USER, PASSWORD = "ayse.admin", "Copper-Meadow-38-Harbour"
SECONDS = 60.0
PAUSE = 1.0
"""Seconds that a hand waits for what cannot be asked for: a page that is turned, a dialog that reads a folder."""
FASTEST_OF = 5
SLOWEST_START = 1.3
_PLAIN_ROWS = 6
"""The height in pixels of a button below its words."""
Where = tuple[int, int]
Value = TypeVar("Value")


class TryError(Exception):
    """The window does not do what it should."""


def do(*words: object) -> str:
    """Run xdotool; what it cannot do is an empty answer."""
    done = subprocess.run(["xdotool", *map(str, words)], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip() if done.returncode == 0 else ""


def screen() -> QImage:
    """What the display shows, read from its memory: a header (X11/XWDFile.h), colours, and the pixels."""
    content = FRAME.read_bytes()
    header = struct.unpack_from(">25I", content)
    start, width, height, line, colours = header[0], header[4], header[5], header[12], header[19]
    return QImage(content[start + colours * 12 :], width, height, line, QImage.Format.Format_RGB32).copy()


def picture(name: str) -> None:
    """Keep what is seen now."""
    screen().save(str(PICTURES / f"{name}.png"))


def until(condition: Callable[[], Value | None], what: str) -> Value:
    """Ask again until it is true; TryError after SECONDS, with a picture of what was there instead."""
    end = time.monotonic() + SECONDS
    while not (value := condition()):
        if time.monotonic() > end:
            picture("failed")
            raise TryError(f"this did not happen: {what}")
        time.sleep(0.05)
    return value


def button() -> Where | None:
    """The middle of the lowest broad part of the screen in the accent's colour: the button that goes on.

    A frame around a field and the line under a tab have that colour, too, but are two pixels high.
    """
    image = screen()
    found: list[tuple[int, int]] = []
    for y in range(image.height() - 1, -1, -1):
        run = _longest_run(image, y)
        found = [*found, run] if run is not None else []
        if len(found) == _PLAIN_ROWS:
            left, right = found[-1]
            return (left + right) // 2, y - 8
    return None


def _longest_run(image: QImage, y: int) -> tuple[int, int] | None:
    """The ends of at least 60 pixels side by side in the accent's colour, which are no line of a tab."""
    start = None
    for x in range(image.width()):
        if image.pixel(x, y) == ACCENT:
            start = x if start is None else start
        elif start is not None:
            if x - start >= 60:
                return start, x
            start = None
    return None


def click(where: Where) -> None:
    """Press and let go of the pointer's first button there."""
    do("mousemove", *where)
    do("click", 1)
    # A button under the pointer has another colour.
    do("mousemove", 1270, 790)


def press_button(name: str) -> None:
    """Wait for the button that goes on, keep a picture, and press it."""
    where = until(button, f"the button of {name}")
    picture(name)
    click(where)


def type_into(letter: str, text: str) -> None:
    """Go to a field by the letter that is underlined in its label, and type."""
    do("key", f"alt+{letter}", "ctrl+a")
    do("type", "--delay", 2, text)


def windows() -> list[str]:
    """The numbers of all windows that are to be seen."""
    return [each for each in do("search", "--onlyvisible", "--name", ".").split("\n") if each]


def next_window(known: list[str], what: str) -> str:
    """The window that opens beside those that were there, with the keyboard: there is no window manager to give it."""
    number = until(lambda: next((each for each in windows() if each not in known), None), what)
    do("windowfocus", "--sync", number)
    return number


def name_file(known: list[str], path: str, name: str) -> None:
    """Answer a dialog that asks for a file."""
    dialog = next_window(known, f"the dialog of {name}")
    time.sleep(PAUSE)  # its list of files is read
    do("key", "alt+n", "ctrl+a")
    do("type", "--delay", 2, path)
    time.sleep(PAUSE)
    picture(name)
    do("key", "Return")
    until(lambda: dialog not in windows(), f"the dialog of {name} closes")


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program, and tell it to end at the end."""
    with (PICTURES / "window.log").open("ab") as log:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield program
    finally:
        program.send_signal(signal.SIGTERM)
        try:
            program.wait(60)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def installed(*person: str, home: str) -> list[str]:
    """How the menu entry's command is started in the bare Debian, without a network."""
    words = ["unshare", "--net", "chroot", str(ROOT), "/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"]
    return [*words, f"HOME={home}", "DISPLAY=:77", *person, *COMMAND]


def as_ayse(*variables: str) -> list[str]:
    """The command for the ordinary user: PostgreSQL does not run as root."""
    return installed(*variables, "setpriv", "--reuid", "ayse", "--regid", "ayse", "--init-groups", home="/home/ayse")


def shown_window() -> str:
    """The window, at the corner of the screen and with the keyboard."""
    number = until(lambda: do("search", "--onlyvisible", "--name", "Labkeep").split("\n")[-1], "a window")
    do("windowmove", number, 0, 0)
    do("windowsize", number, 1280, 800)
    do("windowfocus", "--sync", number)
    return number


def asked_words() -> list[tuple[int, Where]]:
    """Which words of the kit are asked, and where: the labels are compared with those of all 33."""
    image = screen().convertToFormat(QImage.Format.Format_Grayscale8)
    labels = [(number, _label(f"Word {number}")) for number in range(1, 34)]
    found: list[tuple[float, int, Where]] = []
    for left in (363, 553, 743):
        best = min(
            (_difference(image, label, QPoint(left + dx, y)), number, (left + 40, y + 28))
            for number, label in labels
            for y in range(200, 420)
            for dx in (-1, 0, 1)
        )
        found.append(best)
    picture("kit-asked")
    print("words asked:", ", ".join(f"{number} ({off:.1f})" for off, number, _ in found))
    return [(number, where) for _, number, where in found]


def _label(text: str) -> QImage:
    font = QFont("DejaVu Sans")
    font.setPixelSize(13)
    font.setWeight(QFont.Weight.DemiBold)
    metrics = QFontMetrics(font)
    # With room behind it, so that 3 is not taken for 31.
    image = QImage(metrics.horizontalAdvance("Word 33") + 6, metrics.ascent() + 1, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(QColor("#16191d"))
    painter.drawText(0, metrics.ascent(), text)
    painter.end()
    return image.convertToFormat(QImage.Format.Format_Grayscale8)


def _difference(image: QImage, label: QImage, at: QPoint) -> float:
    """The mean difference of two pictures' greys, 0 to 255."""
    part = image.copy(at.x(), at.y(), label.width(), label.height())
    ours, theirs = bytes(part.constBits()), bytes(label.constBits())
    return sum(abs(a - b) for a, b in zip(ours, theirs, strict=True)) / len(theirs)


def first() -> None:
    """From the first start to the first sealed document."""
    with running(as_ayse()):
        window = shown_window()
        do("mousemove", 1270, 790)
        press_button("1-place")
        time.sleep(PAUSE)
        for letter, text in (("u", USER), ("e", "ayse@lab.example"), ("p", PASSWORD), ("a", PASSWORD)):
            type_into(letter, text)
        press_button("2-person")
        kit = ROOT / "home" / "ayse" / "kit.txt"
        profiles = ROOT / "home" / "ayse" / ".config" / "labkeep" / "profiles"
        until(lambda: list(profiles.glob("*.toml")), "the installation is made")
        time.sleep(PAUSE)
        known = windows()
        do("windowfocus", "--sync", window)
        do("key", "alt+s")
        name_file(known, "/home/ayse/kit.txt", "3-kit-file")
        until(kit.exists, "the kit is written")
        time.sleep(PAUSE)
        do("windowfocus", "--sync", window)
        press_button("4-kit")
        time.sleep(PAUSE)
        words = _words_of(kit.read_text(encoding="utf-8"))
        for number, where in asked_words():
            click(where)
            do("type", "--delay", 2, words[number - 1])
        press_button("5-kit-asked")
        time.sleep(PAUSE)
        make_center(window)
        add_document(window)


def _words_of(text: str) -> list[str]:
    """The 33 words of a kit's file, by their numbers."""
    parts = text.split()
    numbered = {int(a.rstrip(".")): b for a, b in pairwise(parts) if a.rstrip(".").isdigit()}
    return [numbered[number] for number in range(1, 34)]


def make_center(window: str) -> None:
    """Make a center in the tab of centers."""
    do("windowfocus", "--sync", window)
    picture("6-no-center")
    known = windows()
    do("key", "ctrl+n")
    next_window(known, "the dialog of a new center")
    time.sleep(PAUSE)
    type_into("n", "Istanbul Lab")
    press_button("7-new-center")
    until(lambda: len(windows()) <= len(known), "the center is made")


def add_document(window: str) -> None:
    """Add a file in the tab of documents, and wait until it is listed."""
    time.sleep(PAUSE)
    do("windowfocus", "--sync", window)
    do("key", "ctrl+4")
    time.sleep(PAUSE)
    picture("8-documents")
    known = windows()
    do("key", "ctrl+o")
    name_file(known, "/home/ayse/finding.txt", "9-add-files")
    until(lambda: "finding" in listed(), "the document is sealed")
    time.sleep(PAUSE)
    picture("10-sealed")


def listed() -> str:
    """What the person's own command line lists; nothing where it is refused."""
    signed_in = (f"LABKEEP_USER={USER}", f"LABKEEP_PASSWORD={PASSWORD}")
    command = as_ayse(*signed_in)[: -len(COMMAND)]
    words = ["labkeep-admin", "document", "list", "--center", "istanbul-lab"]
    return subprocess.run([*command, *words], capture_output=True, text=True, check=False, timeout=SECONDS).stdout


def again() -> None:
    """The window of the newer version opens with what the older one made."""
    with running(as_ayse()):
        shown_window()
        until(button, "the button for signing in")
        type_into("u", USER)
        type_into("p", PASSWORD)
        picture("11-sign-in")
        do("key", "Return")
        until(lambda: do("search", "--onlyvisible", "--name", "^.+ — Labkeep$"), "the person is signed in")
        time.sleep(PAUSE)
        picture("12-upgraded")


def speed() -> None:
    """Compare the time from the start to a painted first page with that of the checkout, both as root, in turn."""
    home = ROOT / "root" / "speed"
    home.mkdir()
    clean = ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "DISPLAY=:77"]
    unfrozen = [*clean, f"HOME={home}", f"LABKEEP_HOME={home}", sys.executable, "-m", "desktop_app"]
    frozen = installed("LABKEEP_HOME=/root/speed", home="/root/speed")
    times: dict[str, list[float]] = {"package": [], "checkout": []}
    for _ in range(FASTEST_OF):
        for name, command in (("package", frozen), ("checkout", unfrozen)):
            until(lambda: button() is None, "the screen is empty")
            start = time.monotonic()
            with running(command):
                until(button, f"the first page of the {name}")
                times[name].append(time.monotonic() - start)
    fastest = {name: min(taken) for name, taken in times.items()}
    ratio = fastest["package"] / fastest["checkout"]
    print(
        f"start to a painted first page, fastest of {FASTEST_OF}: package {fastest['package']:.2f} s, "
        f"checkout {fastest['checkout']:.2f} s, {ratio:.2f} x"
    )
    if ratio > SLOWEST_START:
        raise TryError(f"the package starts more than {SLOWEST_START} x as slowly as the checkout")


def main(arguments: list[str]) -> int:
    """Do one of the parts; returns the exit status."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.chdir(PROJECT)
    application = QGuiApplication(["try_window"])
    try:
        {"first": first, "again": again, "speed": speed}[arguments[0]]()
    except TryError as error:
        sys.stderr.write(f"The package failed: {error}\n")
        return 1
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
