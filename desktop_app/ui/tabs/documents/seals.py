"""Who sealed a document, in words: by the signature, never by a row of the database."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_app.ui.text import formatting
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.detail import Fact

if TYPE_CHECKING:
    from desktop_app.services.documents.documents import DocumentSeals


def seal_fact(found: "DocumentSeals") -> Fact:
    """The line of the newest version's seal among a document's facts."""
    if found.alarm is not None or not found.seals:
        return (_tr("Sealed"), _tr("Not verified"), said(found.alarm or ""))
    seal = found.seals[0]
    return (
        _tr("Sealed by"),
        _tr("{who}, {when}, verified").format(who=seal.by, when=formatting.short_date(seal.at)),
        _tr("By the signature of version {number}, {when}").format(
            number=formatting.number(seal.version.number), when=formatting.exact_date(seal.at)
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("seals", text)
