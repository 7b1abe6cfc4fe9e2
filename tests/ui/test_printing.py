"""What is put onto paper: each person's lines stay together."""

import re
from pathlib import Path
from typing import Any

import pypdfium2
from PySide6.QtGui import QPdfWriter

from desktop_app.ui.widgets.printing import draw_text


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
