"""What the list of scan mode shows of each code."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.scanned import Scanned
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.columns import NO_PARENT, Column, RecordModel
from desktop_app.ui.text import formatting
from desktop_app.ui.text.badges import Badge


class ScannedRows(RecordModel[Scanned]):
    """Grows at its end while one scans; what is chosen stays chosen."""

    def __init__(self) -> None:
        super().__init__(scanned_columns(), lambda row: row.code)

    def show(self, rows: Sequence[Scanned]) -> None:
        """Show these."""
        there = len(self._rows)
        pairs = list(zip(self._rows, rows, strict=False))
        if len(rows) < there or any(old.code != new.code for old, new in pairs):
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        changed = [at for at, (old, new) in enumerate(pairs) if old is not new]
        self._rows[:] = rows[:there]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], self.columnCount() - 1))
        if len(rows) > there:
            self.beginInsertRows(NO_PARENT, there, len(rows) - 1)
            self._rows += rows[there:]
            self.endInsertRows()


def scanned_columns() -> tuple[Column[Scanned], ...]:
    """Barcode and name, what became of the sample, and what is unusual about the scan."""
    return (
        Column(_tr("Barcode"), lambda row: row.code if row.sample is None else row.sample.barcode, 140),
        Column(_tr("Name"), lambda row: "" if row.sample is None else row.sample.name, 0),
        Column(_tr("Status"), lambda row: _status(row).text, 128, badge=_status),
        Column(_tr("Scans"), _scans, 160, badge=_repeats),
        Column(_tr("Note"), _note, 0, tip=_note, muted=True),
    )


def _status(row: Scanned) -> Badge:
    if row.sample is not None:
        return formatting.status_badge(row.sample.status) if row.sample.is_active else formatting.inactive_badge()
    if row.is_unknown:
        return Badge(_tr("Unknown"), "triangle-alert", Tone.WARNING)
    return Badge(_tr("Being looked up"), "loader", Tone.NEUTRAL, is_plain=True)


def _scans(row: Scanned) -> str:
    if row.times == 2:
        return _tr("Scanned twice")
    number = formatting.number(row.times)
    return number if row.times == 1 else _tr("Scanned {count} times").format(count=number)


def _repeats(row: Scanned) -> Badge | None:
    return Badge(_scans(row), "copy", Tone.INFO) if row.times > 1 else None


def _note(row: Scanned) -> str:
    if row.is_turned_over:
        return _tr("Caps Lock seems to be on (scanned: {code}).").format(code=row.code)
    if not row.is_unknown:
        return ""
    return why_unread(row.code, caps_lock=row.caps_lock) or _tr("No sample here has this barcode.")


def why_unread(code: str, *, caps_lock: bool) -> str:
    """What the keyboard may have to do with a code that nobody knows; empty where nothing speaks for that."""
    if caps_lock:
        return _tr("Caps Lock seems to be on.")
    if not code.isascii():
        return _tr("The keyboard's language seems not to be the one that the scanner was set up for.")
    return ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("scanned", text)
