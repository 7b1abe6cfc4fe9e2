"""Both looks, and icons: every one that is named exists, every one that exists is named."""

import re
from pathlib import Path

from PySide6.QtCore import QDate, QLocale
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.paths import resources_dir
from desktop_app.ui.foundation import icons, theme
from desktop_app.ui.foundation.theme import DARK, LIGHT, Appearance, Tone
from desktop_app.ui.shell.application import Look, readable
from desktop_app.ui.shell.header import CenterStripe
from desktop_app.ui.widgets.icon_mark import IconMark
from tests.ui.window_fixture import WindowDriver

UI = Path(theme.__file__).parents[1]


def test_choosing_a_look_changes_palette_and_sheet(look: Look, qapp: QApplication) -> None:
    look.choose(Appearance.DARK)
    assert theme.current() is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)
    assert DARK.accent in qapp.styleSheet()
    assert "$" not in qapp.styleSheet()
    look.choose(Appearance.LIGHT)
    assert theme.current() is LIGHT


def test_every_icon_that_is_named_exists_and_the_other_way_round(look: Look) -> None:
    files = {path.stem for path in (resources_dir() / "icons").glob("*.svg")}
    source = "\n".join(path.read_text(encoding="utf-8") for path in UI.rglob("*.py"))
    words = set(re.findall(r'"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)"', source))
    asked = set(re.findall(r'(?:icon|pixmap|toned)\("([a-z0-9-]+)"', source))
    asked |= set(re.findall(r'Button\([^"\n]*"[^"]*"\)?, "([a-z0-9-]+)"', source))
    asked |= set(re.findall(r'Badge\([^"\n]*"[^"]*"\)?, "([a-z0-9-]+)"', source))
    assert asked <= files, asked - files
    assert files <= words, f"not used: {files - words}"
    assert (resources_dir() / "icons" / "LICENSE.txt").is_file()


def test_icons_take_the_colour_of_the_look(look: Look) -> None:
    sign = icons.icon("plus")

    def middle() -> QColor:
        return sign.pixmap(24, 24).toImage().pixelColor(12, 12)

    look.choose(Appearance.LIGHT)
    light = middle()
    look.choose(Appearance.DARK)
    dark = middle()
    assert light.lightness() < 80
    assert dark.lightness() > 180


def test_what_is_shown_takes_the_colours_of_another_look_by_itself(look: Look, driver: WindowDriver) -> None:
    look.choose(Appearance.LIGHT)
    workspace = driver.enter()
    workspace.banner.say("The share is away.", Tone.DANGER)
    assert workspace.work is not None
    center = workspace.work.center.id

    def colors_of(widget: QWidget | None) -> set[str]:
        assert widget is not None
        QApplication.processEvents()
        image = widget.grab().toImage()
        return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

    for appearance, shown in ((Appearance.DARK, DARK), (Appearance.LIGHT, LIGHT)):
        look.choose(appearance)
        assert shown.danger in colors_of(workspace.banner.findChild(IconMark))
        assert theme.center_color(center).name() in colors_of(workspace.header.findChild(CenterStripe))
        mark = workspace.header.switcher.icon().pixmap(16, 16).toImage()
        assert mark.pixelColor(8, 8).name() == theme.center_color(center).name()


def test_a_system_without_a_language_gets_dates_that_people_write() -> None:
    day = QDate(2026, 11, 22)
    assert readable(QLocale.c()).toString(day, QLocale.FormatType.ShortFormat) == "22/11/2026"
    assert readable(QLocale("tr_TR")).toString(day, QLocale.FormatType.ShortFormat) == "22.11.2026"
