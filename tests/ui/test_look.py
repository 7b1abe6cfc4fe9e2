"""The look, measured on what is drawn: icons beside their words, marks of menus, sizes of headings."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QRect, QSize
from PySide6.QtGui import QAction, QColor, QImage
from PySide6.QtWidgets import QLineEdit, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from desktop_app import ui
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.ui.foundation import theme
from desktop_app.ui.foundation.icons import icon
from desktop_app.ui.foundation.theme import Appearance
from desktop_app.ui.shell.application import Look
from desktop_app.ui.tabs.centers.statistics import Statistics
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.field import ChoiceBox, LongText
from desktop_app.ui.widgets.pill import Pill
from desktop_app.ui.widgets.search_field import search_field
from desktop_app.ui.widgets.styling import heading, restyle
from desktop_app.ui.widgets.tab_bar import TabBar

ICON = 16


def drawn(image: QImage, within: QRect) -> QRect:
    """What is drawn inside of a place whose first pixel is the ground."""
    ground = image.pixelColor(within.topLeft())
    differs = [
        (x, y)
        for y in range(within.top(), within.bottom() + 1)
        for x in range(within.left(), within.right() + 1)
        if distance(image.pixelColor(x, y), ground) > 120
    ]
    assert differs, "nothing is drawn there"
    xs, ys = [x for x, _ in differs], [y for _, y in differs]
    return QRect(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)


def distance(one: QColor, other: QColor) -> int:
    return abs(one.red() - other.red()) + abs(one.green() - other.green()) + abs(one.blue() - other.blue())


def shown(widget: QWidget, qtbot: QtBot) -> QImage:
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget.grab().toImage()


def two_tabs() -> TabBar:
    bar = TabBar()
    for name in ("building-2", "house"):
        # Capitals alone, so that their middle is the middle of what is drawn.
        bar.add_tab(name, "HHH")
    return bar


@pytest.mark.parametrize("at", [0, 1])
def test_a_tabs_icon_is_on_the_line_of_its_word_and_8_px_before_it(qtbot: QtBot, at: int) -> None:
    bar = two_tabs()
    image = shown(bar, qtbot)
    place = bar.tabRect(at).adjusted(1, 4, -1, -4)
    whole = drawn(image, place)
    icon = drawn(image, QRect(place.left(), place.top(), 12 + ICON, place.height()))
    word = drawn(image, QRect(icon.right() + 4, place.top(), whole.right() - icon.right() - 3, place.height()))
    assert abs((icon.top() + icon.bottom()) - (word.top() + word.bottom())) <= 2, "half the sum is the middle"
    # The icon keeps a pixel of its 16 free at each side, the word up to one at its left.
    assert 8 <= word.left() - icon.right() - 1 <= 11
    left, right = whole.left() - bar.tabRect(at).left(), bar.tabRect(at).right() - whole.right()
    assert abs(left - right) <= 2, "as much room at its left as at its right"


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_the_icon_of_the_tab_that_is_looked_at_has_the_accent(look: Look, qtbot: QtBot, appearance: Appearance) -> None:
    look.choose(appearance)
    bar = two_tabs()

    def has_accent(at: int) -> bool:
        place = bar.tabRect(at)
        accent = QColor(theme.current().accent)
        image = bar.grab().toImage()
        return any(
            distance(image.pixelColor(x, y), accent) < 60
            for x in range(place.left() + 12, place.left() + 12 + ICON)
            for y in range(place.top() + 4, place.bottom() - 4)
        )

    shown(bar, qtbot)
    assert has_accent(0)
    assert not has_accent(1)
    bar.setCurrentIndex(1)
    assert has_accent(1)
    restyle(bar, "covered", "true")
    assert not has_accent(1), "a page lies in the place of all of them"


def test_the_sign_of_a_field_is_8_px_from_its_words(qtbot: QtBot) -> None:
    field = search_field("HHH")
    field.resize(200, 34)
    image = shown(field, qtbot)
    sign = drawn(image, QRect(4, 6, 24, 22))
    word = drawn(image, QRect(sign.right() + 3, 6, 60, 22))
    assert 8 <= word.left() - sign.right() - 1 <= 11
    assert abs((sign.top() + sign.bottom()) - (word.top() + word.bottom())) <= 3
    assert isinstance(field, QLineEdit)


def test_the_icon_of_a_button_is_8_px_from_its_words(qtbot: QtBot) -> None:
    button = Button("HHH", "house")
    image = shown(button, qtbot)
    icon = drawn(image, QRect(6, 6, 12 + ICON - 6, button.height() - 12))
    word = drawn(image, QRect(icon.right() + 3, 6, button.width() - icon.right() - 9, button.height() - 12))
    assert 8 <= word.left() - icon.right() - 1 <= 11


def test_what_stands_in_the_editors_of_a_form_begins_on_one_line(qtbot: QtBot) -> None:
    line, several, choice = QLineEdit("HHH"), LongText(2), ChoiceBox([("HHH", 1)])
    several.setPlainText("HHH")
    began = set[int]()
    for editor in (line, several, choice):
        editor.resize(200, editor.sizeHint().height())
        began.add(drawn(shown(editor, qtbot), QRect(4, 6, 100, 22)).left())
    assert len(began) == 1, began


def test_a_list_of_choices_shows_all_of_them(qtbot: QtBot) -> None:
    """Fusion's own list cuts the last one, and puts an arrow there to scroll to it."""
    choice = ChoiceBox([(f"Choice {at}", at) for at in range(6)])
    qtbot.addWidget(choice)
    choice.show()
    qtbot.waitExposed(choice)
    choice.showPopup()
    view = choice.view()
    qtbot.waitUntil(view.isVisible)
    last = view.visualRect(choice.model().index(5, 0))
    assert view.viewport().rect().contains(last)
    assert view.mapToGlobal(view.rect().topLeft()).y() >= choice.mapToGlobal(choice.rect().bottomLeft()).y() - 2, (
        "below the box, which is seen meanwhile"
    )
    choice.hidePopup()


def test_the_button_that_empties_a_field_is_ours(qtbot: QtBot) -> None:
    field = search_field("Search")
    qtbot.addWidget(field)
    empties = field.findChild(QAction, "_q_qlineeditclearaction")
    assert empties is not None
    seen = empties.icon().pixmap(QSize(16, 16), 2.0).toImage()
    assert seen == icon("x", "muted").pixmap(QSize(16, 16), 2.0).toImage()


def test_the_numbers_of_a_center_are_written_as_elsewhere(qtbot: QtBot, request: pytest.FixtureRequest) -> None:
    before = QLocale()
    request.addfinalizer(lambda: QLocale.setDefault(before))
    QLocale.setDefault(QLocale("en_GB"))
    shown_numbers = Statistics()
    qtbot.addWidget(shown_numbers)
    shown_numbers.show_numbers((), [(formatting.status_badge(SampleStatus.PENDING), 20_007)])
    [pill] = shown_numbers.findChildren(Pill)
    assert pill.badge is not None
    assert pill.badge.text == "Pending 20,007"


def test_the_corners_of_a_framed_table_are_round(qtbot: QtBot) -> None:
    table = QTableWidget(3, 2)
    table.setProperty("framed", "true")
    table.verticalHeader().hide()
    table.resize(300, 200)
    image = shown(table, qtbot)
    edge = image.pixelColor(0, image.height() // 2)
    corner = [image.pixelColor(x, y) for x in range(8) for y in range(8)]
    assert sum(distance(each, edge) < 30 for each in corner) >= 5, "the line goes round and is not covered"


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_icons_are_as_sharp_as_the_screen(qtbot: QtBot, ratio: float) -> None:
    """Qt draws icons of buttons and menus by this; too few pixels look blurred on a screen of many."""
    del qtbot
    made = icon("house").pixmap(QSize(20, 16), ratio)
    assert made.size() == QSize(round(20 * ratio), round(16 * ratio))
    assert made.devicePixelRatio() == ratio
    image = made.toImage()
    seen = [x for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).alpha() > 128]
    assert max(seen) - min(seen) >= 11 * ratio


@pytest.mark.parametrize(("level", "pixels"), [(1, 20), (2, 15), (3, 13)])
def test_headings_have_these_sizes(qtbot: QtBot, level: int, pixels: int) -> None:
    label = heading("Samples", level)
    qtbot.addWidget(label)
    label.ensurePolished()
    assert label.font().pixelSize() == pixels


def test_distances_are_those_of_the_grid() -> None:
    """4, 8, 12, 16 and 24 pixels, none, or the hairline around a card."""
    said = re.compile(r"(?:gap|margin)=(\d+)|[sS]pacing\((\d+)\)|setContentsMargins\(([\d, ]+)\)")
    off = list[str]()
    for path in Path(ui.__file__).parent.rglob("*.py"):
        for found in said.finditer(path.read_text(encoding="utf-8")):
            numbers = {int(each) for each in re.findall(r"\d+", found[0])}
            if not numbers <= {0, 1, 4, 8, 12, 16, 24}:
                off.append(f"{path.name}: {found[0]}")
    assert not off
