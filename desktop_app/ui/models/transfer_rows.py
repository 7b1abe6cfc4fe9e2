"""The rows of the transfer panel: one per file, from waiting to its fate."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.services.documents.add_results import AddOutcome, AddResult
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.columns import NO_PARENT, Column, RecordModel
from desktop_app.ui.text import formatting
from desktop_app.ui.text.badges import Badge
from desktop_app.ui.text.messages import said


class Stage(Enum):
    """Where a file is."""

    WAITING = auto()
    ASKED = auto()
    """Its sample has a document of this title: somebody must answer."""
    SEALING = auto()
    CHECKING = auto()
    """All bytes are sealed; they are read back, and made live together with their neighbours."""
    SAVED = auto()
    SKIPPED = auto()
    FAILED = auto()
    CANCELLED = auto()


FATES = {
    AddOutcome.SAVED: Stage.SAVED,
    AddOutcome.SKIPPED: Stage.SKIPPED,
    AddOutcome.FAILED: Stage.FAILED,
    AddOutcome.CANCELLED: Stage.CANCELLED,
}
UNSETTLED = (Stage.WAITING, Stage.ASKED, Stage.SEALING, Stage.CHECKING)
RETRYABLE = (Stage.FAILED, Stage.CANCELLED)


@dataclass
class Transfer:
    """One file of one batch; changed in place on the GUI thread only."""

    batch: int
    path: Path
    name: str
    target: str
    size: int = 0
    done: int = 0
    stage: Stage = Stage.WAITING
    reason: str = ""
    document_id: UUID | None = None
    """The document that it became, or a version of."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("transfers", text)


def named_shortly(reason: str, path: Path) -> str:
    """The reason with the file's name where it says the whole path; that is in the tooltip."""
    return reason.replace(str(path), path.name)


def _badge(transfer: Transfer) -> Badge | None:
    if transfer.stage is Stage.SEALING:
        return None
    return {
        Stage.WAITING: Badge(_tr("Waiting"), "clock", Tone.NEUTRAL),
        Stage.ASKED: Badge(_tr("Waits for you"), "info", Tone.WARNING),
        Stage.CHECKING: Badge(_tr("Checking"), "shield-check", Tone.INFO),
        Stage.SAVED: Badge(_tr("Added"), "circle-check", Tone.GOOD),
        Stage.SKIPPED: Badge(_tr("Skipped"), "circle-slash", Tone.NEUTRAL),
        Stage.FAILED: Badge(_tr("Not saved"), "circle-x", Tone.DANGER),
        Stage.CANCELLED: Badge(_tr("Cancelled"), "ban", Tone.WARNING),
    }[transfer.stage]


def _state(transfer: Transfer) -> str:
    # For the tooltip and for who listens: the same word as in the pill, and one for the bar.
    badge = _badge(transfer)
    return _tr("Being added") if badge is None else badge.text


def _reason(transfer: Transfer) -> str:
    # The pill says that it was cancelled.
    return "" if transfer.stage is Stage.CANCELLED else named_shortly(said(transfer.reason), transfer.path)


def _progress(transfer: Transfer) -> float | None:
    if transfer.stage is not Stage.SEALING:
        return None
    return transfer.done / transfer.size if transfer.size else 0.0


def _columns() -> tuple[Column[Transfer], ...]:
    return (
        Column(_tr("File"), lambda row: row.name, 280, tip=lambda row: str(row.path), icon=lambda _row: "file"),
        Column(_tr("For"), lambda row: row.target, 220, muted=True),
        Column(
            _tr("Size"),
            lambda row: formatting.size(row.size) if row.size or row.stage is Stage.SAVED else "",
            100,
            tip=lambda row: formatting.exact_size(row.size),
            right=True,
        ),
        Column(_tr("State"), _state, 140, badge=_badge, progress=_progress),
        Column("", _reason, 0, tip=lambda row: said(row.reason), muted=True),
    )


class TransferTable(RecordModel[Transfer]):
    """Newest batch last; rows are found by batch and path."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_columns(), lambda row: (row.batch, row.path), parent)
        self._at: dict[tuple[int, Path], int] = {}
        self._touched: set[int] = set()

    def append(self, transfers: Iterable[Transfer]) -> None:
        """Add rows at the end."""
        fresh = list(transfers)
        if not fresh:
            return
        first = len(self._rows)
        self.beginInsertRows(NO_PARENT, first, first + len(fresh) - 1)
        self._rows.extend(fresh)
        self._at.update({(row.batch, row.path): first + at for at, row in enumerate(fresh)})
        self.endInsertRows()

    def find(self, batch: int, path: Path) -> Transfer | None:
        """The row of a file."""
        at = self._at.get((batch, path))
        return None if at is None else self._rows[at]

    def touch(self, transfer: Transfer) -> None:
        """A row's values changed; ``tell`` says so."""
        at = self._at.get((transfer.batch, transfer.path))
        if at is not None:
            self._touched.add(at)

    def tell(self) -> None:
        """Say once what changed since: once for each file would be a silence of the window."""
        if self._touched:
            first, last = min(self._touched), max(self._touched)
            self._touched.clear()
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))

    def drop(self, unwanted: Iterable[Transfer]) -> None:
        """Take rows away."""
        gone = {(row.batch, row.path) for row in unwanted}
        if not gone:
            return
        self.beginResetModel()
        self._touched.clear()
        self._rows = [row for row in self._rows if (row.batch, row.path) not in gone]
        self._at = {(row.batch, row.path): at for at, row in enumerate(self._rows)}
        self.endResetModel()

    def is_settled(self, batch: int, result: AddResult) -> bool:
        """Whether the row shows this fate already."""
        transfer = self.find(batch, result.path)
        return transfer is not None and transfer.stage is FATES[result.outcome]

    def settle(self, batch: int, result: AddResult) -> Transfer:
        """A file's fate is known; its row appears if it has none yet."""
        transfer = self.find(batch, result.path)
        if transfer is None:
            transfer = Transfer(batch, result.path, result.name, "")
            self.append([transfer])
        transfer.stage = FATES[result.outcome]
        transfer.reason = result.reason
        transfer.size = result.size or transfer.size
        if result.outcome is AddOutcome.SAVED:
            transfer.done = transfer.size
            transfer.name, transfer.document_id = result.name, result.id
            transfer.reason = _tr("Version {number}").format(number=result.version)
        self.touch(transfer)
        return transfer
