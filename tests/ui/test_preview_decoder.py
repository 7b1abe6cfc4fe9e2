"""The decoder of previews: every picture that Labkeep claims, damaged ones, ones made to do harm, and its end."""

import gzip
import os
import select
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.preview_decoder import process, wire
from desktop_app.ui.preview_decoder.content import IMAGE_SUFFIXES, ImageView, NoView, View, decode
from desktop_app.ui.preview_decoder.process import DecoderError, DecoderTimeoutError, PreviewDecoder
from desktop_app.ui.preview_decoder.wire import Kind, Outcome
from desktop_app.ui.widgets.preview import Preview
from tests.forking import program as forked
from tests.ui import made_pictures as made

PROJECT = Path(__file__).parents[2]
STOPPED = "Drawing this file took too long"
FAILED = "Drawing this file failed"


@pytest.fixture
def decoder() -> Iterator[PreviewDecoder]:
    used = PreviewDecoder()
    yield used
    used.close()
    assert not used.processes


def in_a_thread(work: Callable[[], View]) -> View:
    """What *work* returns on a thread that is not the window's."""
    views: list[View] = []
    thread = threading.Thread(target=lambda: views.append(work()))
    thread.start()
    thread.join(120)
    return views[0]


def lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def wait_for_end(pid: int) -> None:
    """Until the process has ended, for a minute at most."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        assert poll.poll(60_000), f"process {pid} goes on"
    finally:
        os.close(watched)


@pytest.mark.parametrize("suffix", IMAGE_SUFFIXES)
def test_every_picture_that_is_claimed_is_shown(suffix: str, decoder: PreviewDecoder) -> None:
    content = made.of_suffix(suffix)
    view = in_a_thread(lambda: decode(content, f"x{suffix}", "", decoder))
    assert isinstance(view, ImageView)
    image = view.images[0]
    assert (image.width(), image.height()) == ((1, 1) if suffix == ".gif" else (60, 40))
    if suffix in (".png", ".bmp", ".tif", ".tiff"):
        assert image.pixelColor(10, 5).getRgb() == (40, 30, 50, 255)


def test_a_tiff_in_the_preview_does_not_end_the_program(qtbot: QtBot, threaded_jobs: Jobs, look: object) -> None:
    preview = Preview(threaded_jobs)
    qtbot.addWidget(preview)
    for _ in range(2):
        preview.load(lambda: made.encoded("tiff"), "scan.tiff", "image/tiff")
        qtbot.waitUntil(lambda: preview.shown == "pages", timeout=60_000)
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    preview.cover()


@pytest.fixture
def forked_decoder() -> Iterator[PreviewDecoder]:
    """Its processes are forks of one that has loaded it: a process of its own for each content, without its start."""
    used = PreviewDecoder(forked("window", *process.program()[1:]))
    yield used
    used.close()
    assert not used.processes


@pytest.mark.parametrize("suffix", [*IMAGE_SUFFIXES, ".pdf"])
def test_damaged_ones_end_in_a_view_and_the_next_is_shown(suffix: str, forked_decoder: PreviewDecoder) -> None:
    decoder = forked_decoder
    good = made.good_pdf() if suffix == ".pdf" else made.of_suffix(suffix)
    damaged = [good[: len(good) * part // 10] for part in (3, 9)] + [made.flipped(good, seed) for seed in (1, 2)]
    for content in damaged:
        view = in_a_thread(partial(decode, content, f"x{suffix}", "", decoder))
        assert isinstance(view, ImageView) or (isinstance(view, NoView) and view.reason)
    assert isinstance(decode(good, f"x{suffix}", "", decoder), ImageView)


def test_a_pdf_is_drawn_in_its_colours(decoder: PreviewDecoder) -> None:
    view = decode(made.good_pdf(), "x.pdf", "", decoder)
    assert isinstance(view, ImageView)
    assert view.images[0].pixelColor(200, 900).getRgb() == (255, 0, 0, 255)
    assert view.images[0].pixelColor(600, 200).getRgb() == (255, 255, 255, 255)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (made.png_that_claims(60_000, 60_000), "x.png"),
        (made.tiff_that_claims(60_000, 60_000), "x.tif"),
        (made.png_that_claims(2**31 - 1, 1), "x.png"),
    ],
)
def test_a_picture_that_claims_to_be_huge_is_refused(content: bytes, name: str, decoder: PreviewDecoder) -> None:
    view = decode(content, name, "", decoder)
    assert isinstance(view, NoView)
    assert "too large" in view.reason


def test_a_file_that_eats_memory_ends_its_decoder_only() -> None:
    # In a process of its own, whose children are this decoder and nothing else.
    script = (
        "import resource\n"
        "from desktop_app.ui.preview_decoder.process import PreviewDecoder\n"
        "from desktop_app.ui.preview_decoder.content import decode\n"
        "from tests.ui import made_pictures as made\n"
        "decoder = PreviewDecoder(seconds=300)\n"
        "print(decode(made.pdf_that_eats_memory(), 'x.pdf', '', decoder).reason)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "print(len(decode(made.good_pdf(), 'x.pdf', '', decoder).images))\n"
        "decoder.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=600, check=True
    )
    said, most, shown = done.stdout.splitlines()
    assert said.startswith((FAILED, "Drawing this file needs more memory"))
    assert int(most) < 1_400_000, "kilobytes: the limit, and what the process had before"
    assert shown == "1"


@pytest.mark.parametrize(
    ("content", "name"), [(made.svg_that_never_ends(), "x.svg"), (made.pdf_that_never_ends(), "x.pdf")]
)
def test_a_decoder_that_hangs_is_ended(content: bytes, name: str) -> None:
    # What hangs takes a whole processor until it is ended; a fork has begun long before.
    decoder = PreviewDecoder(forked("window", *process.program()[1:]), seconds=1)
    view = in_a_thread(lambda: decode(content, name, "", decoder))
    assert isinstance(view, NoView)
    assert view.reason.startswith(STOPPED)
    assert not decoder.processes


@pytest.mark.parametrize("href", ["{file}", "file://{file}", "http://lab.example/a.png", " \t{file}", "//host/share/a"])
@pytest.mark.parametrize("packed", [False, True])
def test_an_svg_that_points_outside_is_not_drawn(
    href: str, packed: bool, tmp_path: Path, decoder: PreviewDecoder
) -> None:
    (tmp_path / "secret.png").write_bytes(made.encoded("png"))
    href = href.format(file=tmp_path / "secret.png")
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:l="http://www.w3.org/1999/xlink" width="60" height="40">'
        f'<image width="60" height="40" l:href="{href}"/></svg>'
    ).encode()
    view = decode(gzip.compress(svg) if packed else svg, "x.svg", "image/svg+xml", decoder)
    assert view == NoView("This picture is not shown because it wants to load other files.")


LIES: dict[str, Callable[[], bytes]] = {
    "nothing": bytes,
    "noise": lambda: bytes(range(256)),
    "another mark": lambda: b"XXXX" + wire.answer(Outcome.SHOWN, 1, 1)[4:] + wire.picture(1, 1, 3) + b"abc",
    "an outcome that is none": lambda: struct.pack("<4sBIH", b"LKPA", 99, 1, 0),
    "shown, but nothing there": lambda: wire.answer(Outcome.SHOWN, 1, 0),
    "too many pictures": lambda: wire.answer(Outcome.SHOWN, 60_000, 60_000),
    "more pictures than pages": lambda: wire.answer(Outcome.SHOWN, 1, 2),
    "a huge picture": lambda: wire.answer(Outcome.SHOWN, 1, 1) + wire.picture(2**32 - 1, 2**32 - 1, 4),
    "a picture of no width": lambda: wire.answer(Outcome.SHOWN, 1, 1) + wire.picture(0, 5, 4),
    "odd channels": lambda: wire.answer(Outcome.SHOWN, 1, 1) + wire.picture(5, 5, 5) + bytes(125),
    "too little": lambda: wire.answer(Outcome.SHOWN, 1, 1) + wire.picture(50, 50, 3) + bytes(10),
    "too much together": lambda: (
        wire.answer(Outcome.SHOWN, 2, 2) + (wire.picture(8192, 8192, 3) + bytes(8192 * 8192 * 3)) * 2
    ),
}
"""Made when they are told: one of them is 400 MiB, which every process of the tests would keep to its end."""


@pytest.mark.parametrize("name", LIES)
def test_a_decoder_that_was_taken_over_is_not_believed(name: str, tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    answer.write_bytes(LIES[name]())
    script = "import os, shutil, sys; os.read(0, 100); shutil.copyfileobj(open(sys.argv[1], 'rb'), sys.stdout.buffer)"
    decoder = PreviewDecoder([sys.executable, "-I", "-c", script, str(answer)])
    with pytest.raises(DecoderError):
        decoder.decode(Kind.PICTURE, b"x", lambda picture: picture)
    view = decode(b"\x89PNG", "x.png", "", decoder)
    assert isinstance(view, NoView)
    assert view.reason.startswith(FAILED)
    decoder.close()


def test_a_decoder_that_says_nothing_or_takes_nothing_is_ended() -> None:
    for script in (
        "import os; os.read(0, 10); os.read(0, 10**9); import signal; signal.pause()",
        "import signal; signal.pause()",
    ):
        decoder = PreviewDecoder([sys.executable, "-I", "-c", script], seconds=1.0)
        with pytest.raises(DecoderTimeoutError):
            decoder.decode(Kind.PICTURE, bytes(3_000_000), lambda picture: picture)
        assert not decoder.processes


def test_a_decoder_that_cannot_be_started_is_a_sentence(tmp_path: Path) -> None:
    view = decode(made.encoded("png"), "x.png", "", PreviewDecoder([str(tmp_path / "nothing")]))
    assert isinstance(view, NoView)
    assert view.reason.startswith(FAILED)


def test_the_next_process_is_ready_and_knows_nothing(decoder: PreviewDecoder) -> None:
    os.environ["LABKEEP_PASSWORD"] = "not for others"
    try:
        assert isinstance(decode(made.encoded("png"), "x.png", "", decoder), ImageView)
    finally:
        del os.environ["LABKEEP_PASSWORD"]
    (spare,) = decoder.processes
    told = {line.partition("=")[0] for line in Path(f"/proc/{spare}/environ").read_text().split("\x00") if line}
    assert told <= {"QT_QPA_PLATFORM", "LC_ALL"}
    opened = [str(Path(f"/proc/{spare}/fd/{number}").readlink()) for number in range(3)]
    assert [each.startswith("pipe:") for each in opened] == [True, True, False]
    assert isinstance(decode(made.encoded("png"), "x.png", "", decoder), ImageView)
    assert not lives(spare), "each content has a process of its own"


def test_locking_ends_the_decoder_also_at_work(qtbot: QtBot, threaded_jobs: Jobs, look: object) -> None:
    preview = Preview(threaded_jobs)
    qtbot.addWidget(preview)
    preview.load(lambda: made.encoded("png"), "x.png", "")
    qtbot.waitUntil(lambda: preview.shown == "pages" and threaded_jobs.running == 0, timeout=60_000)
    (spare,) = preview.decoder.processes
    preview.cover()
    assert not lives(spare)
    assert not preview.decoder.processes
    preview.uncover()
    preview.load(made.svg_that_never_ends, "x.svg", "")
    qtbot.waitUntil(lambda: bool(preview.decoder.processes))
    (working,) = preview.decoder.processes
    preview.cover()
    wait_for_end(working)
    qtbot.waitUntil(lambda: threaded_jobs.running == 0, timeout=60_000)
    assert not preview.decoder.processes
    with pytest.raises(process.DecoderClosedError):
        preview.decoder.decode(Kind.PICTURE, b"x", lambda picture: picture)


def test_a_decoder_whose_window_was_killed_ends_by_itself() -> None:
    script = (
        "import os, signal\n"
        "from desktop_app.ui.preview_decoder.process import PreviewDecoder\n"
        "from desktop_app.ui.preview_decoder.content import decode\n"
        "from tests.ui import made_pictures as made\n"
        "decoder = PreviewDecoder()\n"
        "decode(made.GIF, 'x.gif', '', decoder)\n"
        "print(*decoder.processes, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=120)
    wait_for_end(int(done.stdout))


def test_a_process_that_is_shut_in_opens_and_writes_nothing(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from PySide6.QtGui import QGuiApplication, QImage\n"
        "from desktop_app.ui.preview_decoder import child\n"
        "application = QGuiApplication(['labkeep'])\n"
        "target = open(sys.argv[1], 'wb', buffering=0)\n"
        "child._limit(child.MEMORY)\n"
        "child._shut_in(opens_files=False)\n"
        "def tried(act):\n"
        "    try:\n"
        "        act()\n"
        "        print('done')\n"
        "    except (OSError, MemoryError) as error:\n"
        "        print(type(error).__name__, getattr(error, 'errno', ''))\n"
        "tried(lambda: os.open('/etc/hostname', os.O_RDONLY))\n"
        "tried(lambda: os.pipe())\n"
        "tried(lambda: bytearray(2 * child.MEMORY))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "tried(lambda: target.write(b'x'))\n"
        "print(QImage(5000, 4000, QImage.Format.Format_RGB32).scaled(2000, 1600).width())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "x")],
        cwd=PROJECT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.splitlines() == ["OSError 24", "OSError 24", "MemoryError ", "OSError 27", "2000"], done.stderr


def test_a_frozen_program_is_the_decoder_where_its_argument_says_so() -> None:
    script = (
        "import sys\n"
        "sys.path[:0] = [sys.argv.pop(1), sys.argv.pop(1)]\n"
        "import atexit, frozen_start\n"
        "frozen_start.prepare()\n"
    )
    content = made.encoded("png")
    command = [sys.executable, "-I", "-c", script, str(PROJECT), str(PROJECT / "packaging"), process.DECODER_FLAG]
    done = subprocess.run(
        command,
        input=wire.request(Kind.PICTURE, len(content)) + content,
        env=process.environment(),
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(wire.answer(Outcome.SHOWN, 1, 1) + wire.picture(60, 40, 4))
