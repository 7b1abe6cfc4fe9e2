"""The action that copies the chosen rows of a list, as a spreadsheet takes them."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

from desktop_app.domain.formulas import pasted_table
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import MessageBus, Notice
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed, Menu
from desktop_app.ui.widgets.record_list import RecordList


def copy_action(records: RecordList[Any], messages: MessageBus, may: Callable[[Any], Allowed]) -> Action[Any]:
    """What every tab has: the rows that are chosen, under the columns that are shown."""
    tip = _tr("The chosen rows with their headings, to be pasted into a spreadsheet")
    return Action(
        "copy_rows",
        ActionAppearance(_tr("&Copy rows"), "copy", tip=tip),
        lambda _record: _copy(records, messages),
        may,
        keys=["Ctrl+C"],
        do_for_many=lambda _records: _copy(records, messages),
        menu=Menu.EDIT,
    )


def _copy(records: RecordList[Any], messages: MessageBus) -> None:
    shown = records.table.list_layout.shown
    by_key = {column.key: column for column in records.table.columns}
    columns = [by_key[key] for key in shown]
    rows: Sequence[Any] = records.selected
    cells = [[column.text(row) for column in columns] for row in rows]
    QGuiApplication.clipboard().setText(pasted_table([[column.title for column in columns], *cells]))
    chosen = len(records.table.chosen_rows)
    if len(rows) < chosen:
        text = _tr("{count} of {all} chosen rows are copied: the others are not read yet. Scroll past them first.")
        text = text.format(count=formatting.number(len(rows)), all=formatting.number(chosen))
        messages.notice(Notice(text, Tone.WARNING))
        return
    one, more = _tr("1 row is copied."), _tr("{count} rows are copied.")
    messages.say(one if len(rows) == 1 else more.format(count=formatting.number(len(rows))))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Copying", text)
