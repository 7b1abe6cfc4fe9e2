"""Sentences for people as data: a template and its values, so that each face can say them in the person's language."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePath


class Message(str):
    """A sentence that reads in English as it is, and that still knows what it was made of.

    *template* has a place in braces for each value: ``Message("The folder {folder} is full.", folder=path)``. One that
    counts has the number as its value ``n``, and *one* says it of a single thing. ``desktop_app/ui/text/messages.py``
    says it in the person's language and formats its numbers, dates and sizes. The English here has them formatted too:
    the command line prints it, and knows neither Qt nor locales.
    """

    __slots__ = ("one", "template", "values")

    template: str
    one: str
    values: Mapping[str, object]

    def __new__(cls, template: str = "", /, *, one: str = "", **values: object) -> "Message":
        chosen = one if one and values.get("n") == 1 else template
        made = super().__new__(
            cls, chosen.format(**{name: _english(value) for name, value in values.items()}) if values else chosen
        )
        made.template, made.one, made.values = template, one, values
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (self.template, self.one, dict(self.values))


class Size(int):
    """A number of bytes in a message."""


def _restored(template: str, one: str, values: dict[str, object]) -> Message:
    return Message(template, one=one, **values)


def _english(value: object) -> str:
    if isinstance(value, Size):
        return f"{value / 1024**2:,.0f} MiB"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, datetime | date | PurePath):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return ", ".join(_english(each) for each in value)
    return str(value)
