"""The column of a moment: short in the list, exact in the tooltip."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from desktop_app.ui import wording
from desktop_app.ui.models.columns import Column

Row = TypeVar("Row")
WIDTH = 150


def moment_column(
    title: str,
    moment: Callable[[Row], datetime | None],
    key: str,
    sort: StrEnum | None = None,
    *,
    extra: bool = False,
    never: str = "",
) -> Column[Row]:
    """Newest first where it is sorted by; *never* is what is shown for no moment."""
    return Column(
        title,
        lambda row: wording.short_date(moment(row)) or never,
        WIDTH,
        tip=lambda row: wording.exact_date(moment(row)) or never,
        muted=True,
        key=key,
        sort=sort,
        newest_first=True,
        extra=extra,
    )
