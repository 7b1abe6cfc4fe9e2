"""Contrast in both looks, and icons: every one that is named exists, every one that exists is named."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QDate, QLocale
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.paths import resources_dir
from desktop_app.ui.foundation import icons, theme
from desktop_app.ui.foundation.theme import DARK, LIGHT, Appearance, Theme, Tone
from desktop_app.ui.shell.application import Look, readable
from desktop_app.ui.shell.header import CenterStripe
from desktop_app.ui.widgets.icon_mark import IconMark
from tests.ui.window_fixture import WindowDriver

UI = Path(theme.__file__).parents[1]


def luminance(color: QColor) -> float:
    """WCAG 2.1 relative luminance."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.1 contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read(colors: Theme) -> None:
    pairs = [
        (text, ground)
        for text in ("text", "muted")
        for ground in ("window", "surface", "raised", "hover", "accent_soft")
    ]
    pairs += [("on_accent", "accent"), ("on_accent", "accent_hover"), ("accent", "surface"), ("accent", "window")]
    pairs += [("danger", "surface"), ("danger", "window"), ("muted", "neutral_soft"), ("text", "neutral_soft")]
    weak = {
        pair: round(ratio, 2)
        for pair in pairs
        if (ratio := contrast(QColor(getattr(colors, pair[0])), QColor(getattr(colors, pair[1])))) < 4.5
    }
    assert not weak


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", list(Tone))
def test_every_pill_and_banner_can_be_read(colors: Theme, tone: Tone) -> None:
    color, ground = colors.tone(tone)
    assert contrast(color, ground) >= 4.5
    assert contrast(QColor(colors.text), ground) >= 4.5


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_the_stripe_of_a_center_stands_out_and_is_always_the_same(look: Look, appearance: Appearance) -> None:
    look.choose(appearance)
    for number in range(16):
        color = theme.center_color(UUID(int=number))
        assert contrast(color, QColor(theme.current().surface)) >= 2.0
        assert color == theme.center_color(UUID(int=number))


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
