"""What a document looks like, from its bytes; broken bytes end in a sentence."""

import io
import threading
from collections.abc import Iterator

import pypdfium2
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter
from pytestqt.qtbot import QtBot

from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.preview_decoder.content import (
    TABLE_ROWS,
    TEXT_LIMIT,
    ImageView,
    NoView,
    TableView,
    TextView,
    decode,
)
from desktop_app.ui.preview_decoder.process import PreviewDecoder
from desktop_app.ui.preview_decoder.wire import PDF_PAGES
from desktop_app.ui.widgets.preview import WIDEST_COLUMN, Preview


@pytest.fixture
def decoder() -> Iterator[PreviewDecoder]:
    made = PreviewDecoder()
    yield made
    made.close()


def png(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, b"png").write(image)
    return bytes(data.data())


def pdf(pages: int) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 300)
    target = io.BytesIO()
    document.save(target)
    document.close()
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Ayşe\r\nYılmaz".encode(), "Ayşe\nYılmaz"),
        (b"\xef\xbb\xbfmark", "mark"),
        ("Ayşe".encode("utf-16"), "Ayşe"),
        ("Müller".encode("latin-1"), "Müller"),
    ],
)
def test_text_in_the_encodings_labs_have(content: bytes, text: str, decoder: PreviewDecoder) -> None:
    assert decode(content, "notes.txt", "text/plain", decoder) == TextView(text)


def test_long_text_is_cut_and_says_so(decoder: PreviewDecoder) -> None:
    view = decode(b"a" * (TEXT_LIMIT + 1), "reads.fasta", "", decoder)
    assert isinstance(view, TextView)
    assert view.cut
    assert len(view.text) == TEXT_LIMIT


def test_a_character_at_the_cut_does_not_change_the_encoding(decoder: PreviewDecoder) -> None:
    view = decode(b"a" * (TEXT_LIMIT - 1) + "ş".encode() + b"b" * 10, "notes.txt", "", decoder)
    assert isinstance(view, TextView)
    assert view.text == "a" * (TEXT_LIMIT - 1)


@pytest.mark.parametrize(
    ("content", "name", "rows"),
    [
        (b"a,b\n1,2\n", "x.csv", (("a", "b"), ("1", "2"))),
        (b"a;b\n1,5;2\n", "x.csv", (("a", "b"), ("1,5", "2"))),
        (b"a\tb\n1\n", "x.tsv", (("a", "b"), ("1", ""))),
        (b'"a ""quoted"" one",b\n', "x.csv", (('a "quoted" one', "b"),)),
    ],
)
def test_tables(content: bytes, name: str, rows: tuple[tuple[str, ...], ...], decoder: PreviewDecoder) -> None:
    assert decode(content, name, "text/csv", decoder) == TableView(rows)


def test_a_long_table_is_cut_and_says_so(decoder: PreviewDecoder) -> None:
    view = decode(b"n\n" + b"1\n" * (TABLE_ROWS * 2), "x.csv", "", decoder)
    assert isinstance(view, TableView)
    assert view.cut
    assert len(view.rows) == TABLE_ROWS + 1


def test_large_pictures_are_scaled_while_they_are_read(decoder: PreviewDecoder) -> None:
    view = decode(png(5_000, 1_000), "x.png", "image/png", decoder)
    assert isinstance(view, ImageView)
    assert view.images[0].width() == 2_400


def test_pdf_pages_become_pictures(decoder: PreviewDecoder) -> None:
    view = decode(pdf(3), "x.pdf", "application/pdf", decoder)
    assert isinstance(view, ImageView)
    assert len(view.images) == view.pages == 3
    assert view.images[0].height() > view.images[0].width()


def test_a_long_pdf_is_cut_and_says_so(decoder: PreviewDecoder) -> None:
    view = decode(pdf(PDF_PAGES + 5), "x.pdf", "application/pdf", decoder)
    assert isinstance(view, ImageView)
    assert (len(view.images), view.pages) == (PDF_PAGES, PDF_PAGES + 5)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "x.txt", "This file is empty (0 bytes)."),
        (b"%PDF-1.7 nonsense", "x.pdf", "This PDF could not be opened"),
        (b"\x89PNG\r\n\x1a\nnonsense", "x.png", "This picture could not be read"),
        (b"\x00\x01\x02\x03" * 50, "x.bin", "Labkeep has no preview for this kind of file."),
        (png(10, 10)[:40], "x.png", "This picture could not be read"),
    ],
)
def test_what_cannot_be_shown_says_why(content: bytes, name: str, said: str, decoder: PreviewDecoder) -> None:
    view = decode(content, name, "", decoder)
    assert isinstance(view, NoView)
    assert view.reason.startswith(said)


def test_the_newest_wish_is_what_is_shown(qtbot: QtBot, threaded_jobs: Jobs, look: object) -> None:
    preview = Preview(threaded_jobs)
    qtbot.addWidget(preview)
    release = threading.Event()

    def slow() -> bytes:
        release.wait(10)
        return b"old"

    preview.load(slow, "old.txt", "text/plain")
    preview.load(lambda: b"new", "new.txt", "text/plain")
    release.set()
    qtbot.waitUntil(lambda: preview.shown == "text")
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert preview.text.toPlainText() == "new"


def test_clearing_forgets_the_content(qtbot: QtBot, jobs: Jobs, look: object) -> None:
    preview = Preview(jobs)
    qtbot.addWidget(preview)
    preview.load(lambda: b"secret", "x.txt", "")
    preview.clear()
    assert preview.text.toPlainText() == ""
    preview.load(lambda: b"a,b\n1,2\n", "x.csv", "")
    assert preview.shown == "table"
    preview.clear()
    assert preview.table.model() is None
    preview.load(lambda: png(20, 10), "x.png", "")
    assert preview.shown == "pages"
    preview.clear()
    assert preview.shown == "empty"


def test_columns_are_as_wide_as_what_is_seen_of_them(qtbot: QtBot, jobs: Jobs, look: object) -> None:
    preview = Preview(jobs)
    qtbot.addWidget(preview)
    rows = "x,a long heading of a column,word,long\n" + f"1,2,Staphylococcus aureus,{'w' * 300}\n" * 50
    preview.load(rows.encode, "x.csv", "")
    table = preview.table
    header, metrics = table.horizontalHeader(), table.fontMetrics()
    widths = [table.columnWidth(at) for at in range(4)]
    assert widths[0] < 60
    assert widths[1] >= header.sectionSizeHint(1)
    assert metrics.horizontalAdvance("Staphylococcus aureus") < widths[2] < WIDEST_COLUMN
    assert widths[3] == WIDEST_COLUMN


def test_a_table_without_rows_has_its_headings(qtbot: QtBot, jobs: Jobs, look: object) -> None:
    preview = Preview(jobs)
    qtbot.addWidget(preview)
    preview.load(lambda: b"a,b\n", "x.csv", "")
    assert preview.shown == "table"
    assert preview.table.columnWidth(1) == preview.table.horizontalHeader().sectionSizeHint(1)


def test_the_pages_of_a_document_come_one_by_one(qtbot: QtBot, jobs: Jobs, look: object) -> None:
    preview = Preview(jobs)
    qtbot.addWidget(preview)
    preview.load(lambda: pdf(4), "x.pdf", "application/pdf")
    assert drawn(preview) == [True, False, False, False], "all in one turn would be a silence of the window"
    qtbot.waitUntil(lambda: drawn(preview) == 4 * [True])


def test_pages_that_are_not_wanted_any_more_do_not_come(qtbot: QtBot, jobs: Jobs, look: object) -> None:
    preview = Preview(jobs)
    qtbot.addWidget(preview)
    preview.load(lambda: pdf(4), "x.pdf", "application/pdf")
    preview.load(lambda: pdf(2), "y.pdf", "application/pdf")
    qtbot.waitUntil(lambda: drawn(preview) == 2 * [True])
    preview.clear()
    assert drawn(preview) == []


def drawn(preview: Preview) -> list[bool]:
    return [not label.pixmap().isNull() for label in preview.pages._labels]
