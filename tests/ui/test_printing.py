"""What is put onto paper: each person's lines stay together, and in a file they are for nobody else."""

import re
import stat
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtGui import QPdfWriter
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.widgets.printing import draw_text, print_text


def printed(text: str, path: Path) -> list[str]:
    """The words of each page."""
    draw_text(text, QPdfWriter(str(path)))
    document = pypdfium2.PdfDocument(path)
    pages = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    document.close()
    return pages


def test_no_person_is_cut_in_two_by_the_end_of_a_page(qapp: Any, tmp_path: Path) -> None:
    long_name = "a.very.long.user.name." * 6
    people = [f"user.{at}" if at % 3 else f"{long_name}{at}" for at in range(100)]
    text = "First passwords. Cut apart.\n"
    text += "".join(f"\n- - - -\nUser name:  {each}\nPassword:   secret-of-{at}\n" for at, each in enumerate(people))
    first, *others = printed(text, tmp_path / "list.pdf")
    assert first.startswith("First passwords. Cut apart.")
    assert 3 < len(others) < 15
    assert all(page.startswith("- - - -") for page in others), "a page begins with a person"
    assert all(re.search(r"Password: secret-of-\d+$", page) for page in (first, *others)), "and ends with one"
    found = re.findall(r"secret-of-(\d+)", " ".join((first, *others)))
    assert list(map(int, found)) == list(range(100))


def test_what_is_longer_than_a_page_goes_on_over_it(qapp: Any, tmp_path: Path) -> None:
    pages = printed("\n".join(f"line {at}" for at in range(150)), tmp_path / "long.pdf")
    assert 1 < len(pages) < 5
    assert " ".join(pages) == " ".join(f"line {at}" for at in range(150))


@pytest.mark.parametrize("is_there", [False, True])
def test_what_is_printed_into_a_file_is_for_who_printed_it(qtbot: QtBot, tmp_path: Path, is_there: bool) -> None:
    path, taken = tmp_path / "slip.pdf", list[bool]()
    if is_there:
        path.write_bytes(b"an older slip")
        path.chmod(0o644)
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = print_text(parent, "First password", "Password: secret", (), taken.append)
    assert isinstance(dialog, QPrintDialog)
    named = dialog.findChild(QLineEdit, "filename")
    assert named is not None
    named.setText(str(path))
    dialog.accept()
    assert taken == [True]
    assert path.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
