"""The two looks, light and dark: colours as tokens, the palette and the style sheet made from them."""

import colorsys
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Template
from uuid import UUID

from PySide6.QtGui import QColor, QGuiApplication, QPalette

from desktop_app.config import Appearance

__all__ = ["DARK", "LIGHT", "Appearance", "Theme", "Tone"]


class Tone(StrEnum):
    """The meaning of a colour: nothing shouts except danger."""

    NEUTRAL = "neutral"
    INFO = "info"
    GOOD = "good"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True)
class Theme:
    """Every colour of one look, as ``#rrggbb``; ``*_soft`` is the ground that the colour before it is read on.

    ``border`` and ``hairline`` part what is known without them; ``control`` is the edge that a field, a button or the
    handle of a scroll bar is known by, 3:1 beside every ground (WCAG 2.1, 1.4.11).
    """

    name: str
    window: str
    surface: str
    raised: str
    hover: str
    border: str
    hairline: str
    control: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    accent_soft: str
    on_accent: str
    neutral: str
    neutral_soft: str
    info: str
    info_soft: str
    good: str
    good_soft: str
    warning: str
    warning_soft: str
    danger: str
    danger_soft: str

    def tone(self, tone: Tone) -> tuple[QColor, QColor]:
        """The colour of a meaning and the ground it is read on."""
        return color(getattr(self, tone.value)), color(getattr(self, f"{tone.value}_soft"))


LIGHT = Theme(
    name="light",
    window="#f4f6f7",
    surface="#ffffff",
    raised="#ffffff",
    hover="#edf1f3",
    border="#cfd6dc",
    hairline="#e6eaed",
    control="#7b858f",
    text="#182026",
    muted="#57636d",
    accent="#0b6470",
    accent_hover="#0e7683",
    accent_soft="#e0f0f1",
    on_accent="#ffffff",
    neutral="#4a555f",
    neutral_soft="#eceff2",
    info="#1c55ad",
    info_soft="#e6eefc",
    good="#1a6b3a",
    good_soft="#e2f3e8",
    warning="#855000",
    warning_soft="#fcf0d9",
    danger="#b3261e",
    danger_soft="#fcebe9",
)

DARK = Theme(
    name="dark",
    window="#14181b",
    surface="#1b2024",
    raised="#232a2f",
    hover="#262e34",
    border="#3b454d",
    hairline="#2a3238",
    control="#747f89",
    text="#e6eaed",
    muted="#a0abb5",
    accent="#5cc5cd",
    accent_hover="#7ad3da",
    accent_soft="#17363a",
    on_accent="#07201f",
    neutral="#b6c0c9",
    neutral_soft="#2b333a",
    info="#93baff",
    info_soft="#1c2d4b",
    good="#80d8a0",
    good_soft="#163424",
    warning="#f1be6c",
    warning_soft="#392b12",
    danger="#ff9d95",
    danger_soft="#43211e",
)


@cache
def color(code: str) -> QColor:
    """A colour of a theme, such as ``#ffffff``, made once: a list asks thousands of times. Nobody changes it."""
    return QColor(code)


_CENTER_HUES = (0.58, 0.09, 0.36, 0.78, 0.95, 0.14, 0.48, 0.66)


def current() -> Theme:
    """The theme that is on, read from the application's palette so that no second place can disagree."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def chosen(appearance: Appearance, *, system_is_dark: bool) -> Theme:
    """The theme for what the person chose."""
    if appearance is Appearance.SYSTEM:
        return DARK if system_is_dark else LIGHT
    return DARK if appearance is Appearance.DARK else LIGHT


def center_color(center_id: UUID) -> QColor:
    """The stripe of a center: always the same for the same center, on every workstation."""
    hue = _CENTER_HUES[center_id.int % len(_CENTER_HUES)]
    dark = current() is DARK
    red, green, blue = colorsys.hls_to_rgb(hue, 0.6 if dark else 0.39, 0.45 if dark else 0.6)
    return QColor.fromRgbF(red, green, blue)


def palette(theme: Theme) -> QPalette:
    """The palette of a theme, whole: Fusion asks for every role."""
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.window,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.Light: theme.raised,
        role.Midlight: theme.hairline,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.border,
        role.Highlight: theme.accent_soft,
        role.HighlightedText: theme.text,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Accent: theme.accent,
    }
    made = QPalette()
    for each, color in colors.items():
        made.setColor(each, QColor(color))
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, each, QColor(theme.muted))
    return made


def style_sheet(theme: Theme, folder: Path) -> str:
    """The sheet of ``folder`` (resources/style) with the theme's colours put in."""
    template = Template((folder / "labkeep.qss").read_text(encoding="utf-8"))
    other = DARK if theme is LIGHT else LIGHT
    return template.substitute(asdict(theme), other=other.name, folder=folder.as_posix())
