"""The column of a moment: short in the list, exact in the tooltip."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from PySide6.QtGui import QFontMetrics, QGuiApplication

from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import formatting

Row = TypeVar("Row")
PAD, ARROW = 24, 22
"""Pixels: what a cell leaves free at its sides, and what its header needs for the arrow of the order."""


def needed_width(title: str) -> int:
    """As wide as the longest moment in the person's language and font, and as the title with its arrow."""
    metrics = QFontMetrics(QGuiApplication.font())
    longest = max(metrics.horizontalAdvance(words) for words in formatting.moments())
    return max(longest + PAD, metrics.horizontalAdvance(title) + PAD + ARROW)


def date_column(
    title: str,
    moment: Callable[[Row], datetime | None],
    key: str,
    sort: StrEnum | None = None,
    *,
    extra: bool = False,
    never: str = "",
) -> Column[Row]:
    """Newest first where it is sorted by; *never* is what is shown for no moment."""
    width = needed_width(title)
    return Column(
        title,
        lambda row: formatting.short_date(moment(row)) or never,
        width,
        tip=lambda row: formatting.exact_date(moment(row)) or never,
        muted=True,
        key=key,
        sort=sort,
        newest_first=True,
        extra=extra,
        least=width,
    )
