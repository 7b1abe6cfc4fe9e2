"""A TIFF, a damaged and a harmful picture through the real window: sealed, previewed, and the program goes on."""

from pathlib import Path

from desktop_app.ui.shell.application import Look
from tests.ui import made_pictures as made
from tests.ui.journey_fixture import ADMIN, Day
from tests.ui.test_preview_decoder import lives
from tools import steps
from tools.driver import Program, until


def test_pictures_of_a_day(day: Day, look: Look, tmp_path: Path) -> None:
    files = {
        "scan of a gel.tiff": made.encoded("tiff", 90, 60),
        "half a scan.tif": made.encoded("tiff", 90, 60)[:600],
        "report.pdf": made.good_pdf(),
        "larger than any.png": made.png_that_claims(60_000, 60_000),
        "points elsewhere.svg": made.SVG.replace(b"<rect", b'<image href="/etc/hostname"/><rect'),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        steps.make_center(program, "Pictures")
        steps.open_center(program, "Pictures")
        steps.drop(program, [tmp_path / name for name in files])
        documents = program.workspace.tabs.documents
        shown = {}
        for name in files:
            shown[name] = steps.preview(program, name)
            if name.startswith("scan"):
                assert documents.preview.pages._images[0].width() == 90
        assert shown["scan of a gel.tiff"] == shown["report.pdf"] == "pages"
        assert shown["larger than any.png"] == shown["points elsewhere.svg"] == "empty"
        assert documents.preview.empty.title == "No preview"
        waiting = documents.preview.decoder.processes
        program.window.lock()
        until(lambda: not any(lives(pid) for pid in waiting), "the decoders end with the lock")
