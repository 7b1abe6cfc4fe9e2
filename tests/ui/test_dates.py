"""Dates as lists say them: as short as can be, never ambiguous, and never cut."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QDate, QDateTime, QLocale, QTimeZone
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from desktop_app.domain.sorting import SampleField
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.date_columns import date_column
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.list_table import ListTable
from desktop_app.ui.widgets.table import PAD
from tests.ui.conftest import MakeContext
from tests.ui.list_bench import CREATED, UPDATED, Bench, short

TODAY = QDate(2026, 11, 29)


def at(day: QDate, hour: int, minute: int) -> datetime:
    local = QDateTime(day, QDateTime.currentDateTime().time(), QTimeZone.systemTimeZone())
    local.setTime(QDateTime.fromString(f"{hour:02}:{minute:02}", "HH:mm").time())
    return datetime.fromtimestamp(local.toSecsSinceEpoch(), UTC)


@pytest.fixture(params=["en_001", "tr_TR", "de_DE"])
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


def test_today_yesterday_and_before(locale: str) -> None:
    assert formatting.short_date(at(TODAY, 20, 45), TODAY) == "20:45"
    assert formatting.short_date(at(TODAY, 0, 0), TODAY) == "00:00"
    assert formatting.short_date(at(TODAY.addDays(-1), 23, 59), TODAY) == "Yesterday 23:59"
    month = {"en_001": "Nov", "tr_TR": "Kas", "de_DE": "Nov."}[locale]
    assert formatting.short_date(at(TODAY.addDays(-2), 20, 45), TODAY).startswith(f"27 {month}")
    assert formatting.short_date(at(TODAY.addDays(1), 20, 45), TODAY).endswith("2026"), "a clock that is wrong"
    assert formatting.short_date(None) == ""


def test_the_tooltip_is_exact(locale: str) -> None:
    said = formatting.exact_date(at(TODAY, 20, 45))
    assert "2026" in said
    assert "20:45:00" in said


@pytest.mark.parametrize("pixels", [11, 13, 18, 24])
def test_no_date_is_cut_in_any_language_and_size(look: Any, qapp: Any, qtbot: QtBot, locale: str, pixels: int) -> None:
    del locale
    before = qapp.font()
    font = qapp.font()
    font.setPixelSize(pixels)
    qapp.setFont(font)
    try:
        column: Column[Any] = date_column("Son değişiklik", lambda row: row, "when", SampleField.CREATED_AT)
        metrics = QFontMetrics(font)
        for month in range(1, 13):
            for days in (1, 28):
                words = formatting.day(QDate(2026, month, days))
                assert metrics.horizontalAdvance(words) <= column.width - 2 * PAD
        assert metrics.horizontalAdvance("Yesterday 20:45") <= column.width - 2 * PAD
        assert metrics.horizontalAdvance(column.title) < column.width - 2 * PAD
    finally:
        qapp.setFont(before)


def test_a_width_that_was_remembered_does_not_cut_it(make_context: MakeContext, qtbot: QtBot) -> None:
    bench: Bench = short(make_context, qtbot)
    table: ListTable = bench.table
    list_layout = table.list_layout
    table.arrange(type(list_layout)(list_layout.shown, {**list_layout.widths, "created": 64}, list_layout.sort))
    assert table.columnWidth(CREATED) >= table._columns[CREATED].least > 64
    assert table._columns[UPDATED].least > 64


def test_today_is_the_persons_today() -> None:
    now = datetime.now(UTC)
    assert len(formatting.short_date(now)) == 5
    assert formatting.short_date(now - timedelta(days=1)).startswith("Yesterday")
