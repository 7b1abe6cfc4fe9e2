"""Sentences of the services in the person's language: templates translated, values formatted as people read them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from desktop_app.deferred import deferred
from desktop_app.errors import LabkeepError
from desktop_app.message import Message, Size

if TYPE_CHECKING:
    from desktop_app.ui.text import formatting
else:
    # It has the words for records, too: the sign-in page says sentences, and knows of no record.
    formatting = deferred("desktop_app.ui.text.formatting")


def said(text: str) -> str:
    """What a text of the services says to a person; one that is no :class:`Message` is a name or a value, and stays."""
    if not isinstance(text, Message):
        return text
    count = text.values.get("n")
    number = count if isinstance(count, int) else -1
    template = _translated(text.template, number)
    if template == text.template and number == 1 and text.one:
        template = text.one
    return template.format(**{name: shown(value) for name, value in text.values.items()}) if text.values else template


def _translated(template: str, number: int) -> str:
    # Not in the source as a sentence: tools/translations.py finds the templates by reading the whole program.
    return QCoreApplication.translate("services", template, None, number)


def shown(value: object) -> str:
    """A value inside a sentence."""
    if isinstance(value, LabkeepError):
        return said(value.message)
    if isinstance(value, str):
        return said(value)
    if isinstance(value, Size):
        return formatting.size(value)
    if isinstance(value, datetime):
        return formatting.exact_date(value)
    if isinstance(value, date):
        return QLocale().toString(QDate(value.year, value.month, value.day), QLocale.FormatType.ShortFormat)
    if isinstance(value, int) and not isinstance(value, bool):
        return QLocale().toString(value)
    if isinstance(value, Sequence):
        return QLocale().createSeparatedList([shown(each) for each in value])
    return str(value)
