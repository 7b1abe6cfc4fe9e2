"""Contrast in both looks by WCAG 2.1: every text on every ground, every edge, sign and focus beside what lies there.

The pairs are read from the style sheet and from what the window paints itself, so that a new one is looked at, too.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import product
from uuid import UUID

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.paths import resources_dir
from desktop_app.ui.foundation import theme
from desktop_app.ui.foundation.theme import DARK, LIGHT, Appearance, Theme, Tone
from desktop_app.ui.shell.application import Look
from desktop_app.ui.widgets.buttons import Button, Kind
from tests.source_tree import ROOT

TEXT, SIGN = 4.5, 3.0
"""WCAG 2.1, 1.4.3: text of any size; 1.4.11: what a control, its state or a sign is known by."""

ON_ACCENT = "on_accent"
"""Is read on what is filled with the accent only; every other text may lie on every ground."""
FILLS = {"accent", "accent_hover"}
NO_GROUNDS = FILLS | {"muted", "control", "hairline"}
"""Fills, handles of scroll bars and lines: nothing is written on them."""
DECORATION = {"border", "hairline"}
"""Part what is known without them: cards, popups, rows. WCAG asks nothing of them."""
CONTROLS = re.compile(
    r"Q(PushButton|ToolButton|LineEdit|PlainTextEdit|TextEdit|ComboBox|DateTimeEdit|SpinBox|CheckBox|RadioButton)"
    r"|QTabBar::tab|::handle|::chunk"
)
LOOKS = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


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


def weak(colors: Theme, pairs: set[tuple[str, str]], least: float) -> dict[str, float]:
    """The pairs of names of colours that have less contrast, and how much they have."""
    found = {
        f"{one} on {other}": contrast(QColor(getattr(colors, one)), QColor(getattr(colors, other)))
        for one, other in pairs
    }
    return {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < least}


def rules() -> Iterator[tuple[str, dict[str, str]]]:
    """Each selector of the style sheet with its properties."""
    text = (resources_dir() / "style" / "labkeep.qss").read_text(encoding="utf-8")
    for selectors, body in re.findall(r"([^{}]+)\{([^}]*)\}", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)):
        said = dict(re.findall(r"([a-z-]+):\s*([^;]+?)\s*;", body))
        for selector in selectors.split(","):
            yield selector.strip(), said


def named(*properties: str, of: re.Pattern[str] | None = None) -> set[str]:
    """The colours that these properties have, of all selectors or of some; disabled ones are asked nothing of."""
    return {
        name
        for selector, said in rules()
        if of is None or (of.search(selector) and ":disabled" not in selector and " " not in selector)
        for each in properties
        for name in re.findall(r"\$([a-z_]+)", said.get(each, ""))
    }


def painted() -> set[str]:
    """The colours that the window's own painting asks for by name."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "desktop_app" / "ui").rglob("*.py"))
    names = {each.name for each in fields(Theme)} - {"name"}
    return set(re.findall(r"(?:look|current\(\))\.([a-z_]+)", source)) & names


GROUNDS = (named("background") | {"accent_soft"} | {f"{tone.value}_soft" for tone in Tone}) - NO_GROUNDS
TEXTS = named("color", "placeholder-text-color") | {tone.value for tone in Tone}
EDGES = ("border", "border-color", "border-bottom")


def test_the_pairs_are_really_found() -> None:
    assert {"window", "surface", "raised", "hover", "accent_soft", "danger_soft"} <= GROUNDS
    assert {"text", "muted", "accent", "danger", ON_ACCENT} <= TEXTS
    assert {"accent", "danger", "muted"} <= named(*EDGES, of=CONTROLS)
    assert {"accent", "muted", "text", "on_accent"} <= painted()


@LOOKS
def test_every_text_can_be_read_on_every_ground(colors: Theme) -> None:
    assert not weak(colors, set(product(TEXTS - {ON_ACCENT}, GROUNDS)), TEXT)
    assert not weak(colors, set(product([ON_ACCENT], FILLS)), TEXT)
    selected = {
        (said["selection-color"].strip("$"), said["selection-background-color"].strip("$"))
        for _selector, said in rules()
        if "selection-color" in said
    }
    assert selected
    assert not weak(colors, selected, TEXT)


@LOOKS
def test_every_edge_of_a_control_stands_out_from_every_ground(colors: Theme) -> None:
    edges = named(*EDGES, of=CONTROLS) | named("background", of=re.compile("::handle|::chunk"))
    assert not edges & DECORATION
    assert not weak(colors, set(product(edges, GROUNDS)), SIGN)


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
@pytest.mark.parametrize("kind", list(Kind))
def test_a_focused_button_is_seen_to_be(look: Look, qtbot: QtBot, appearance: Appearance, kind: Kind) -> None:
    """WCAG 2.2, 2.4.13: what is painted for the focus differs 3:1 from what is there without it."""
    look.choose(appearance)
    page = QWidget()
    page.setProperty("page", True)
    row = QHBoxLayout(page)
    button, other = Button("Next", kind=kind), Button("Other")
    row.addWidget(button)
    row.addWidget(other)
    qtbot.addWidget(page)
    page.resize(page.sizeHint())
    page.show()
    page.activateWindow()

    def painted_with(focused: Button) -> QImage:
        focused.setFocus()
        qtbot.waitUntil(focused.hasFocus)
        return button.grab().toImage()

    without, focused = painted_with(other), painted_with(button)
    places = list(product(range(focused.width()), range(focused.height())))
    seen = sum(contrast(without.pixelColor(x, y), focused.pixelColor(x, y)) >= SIGN for x, y in places)
    assert seen >= 2 * (button.width() + button.height()) * 0.8


@LOOKS
def test_every_sign_that_is_painted_stands_out(colors: Theme) -> None:
    signs = painted() - GROUNDS - NO_GROUNDS - DECORATION - {ON_ACCENT}
    signs |= {"accent", "muted"} | {tone.value for tone in Tone}
    assert not weak(colors, set(product(signs, GROUNDS)), SIGN)
    for name in ("chevron", "check"):
        drawn = (resources_dir() / "style" / f"{name}-{colors.name}.svg").read_text(encoding="utf-8")
        (stroke,) = set(re.findall(r'stroke="(#[0-9a-f]{6})"', drawn))
        assert contrast(QColor(stroke), QColor(colors.surface if name == "chevron" else colors.accent)) >= SIGN


@LOOKS
@pytest.mark.parametrize("tone", list(Tone))
def test_every_pill_and_banner_can_be_read(colors: Theme, tone: Tone) -> None:
    color, ground = colors.tone(tone)
    assert contrast(color, ground) >= TEXT
    assert contrast(QColor(colors.text), ground) >= TEXT


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_the_stripe_of_a_center_stands_out_and_is_always_the_same(look: Look, appearance: Appearance) -> None:
    look.choose(appearance)
    for number in range(16):
        color = theme.center_color(UUID(int=number))
        assert contrast(color, QColor(theme.current().surface)) >= SIGN
        assert contrast(color, QColor(theme.current().raised)) >= SIGN
        assert color == theme.center_color(UUID(int=number))
