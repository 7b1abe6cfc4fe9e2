"""Saving an edited record that somebody else may have saved meanwhile: merged, or brought back to be asked about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.merging import Draft, Merge, merge
from desktop_app.domain.records import Record
from desktop_app.errors import ConflictError, LabkeepError, NotFoundError, RefusedError
from desktop_app.ui.text import formatting

Row = TypeVar("Row", bound=Record)


class OvertakenError(ConflictError):
    """Somebody saved the same record meanwhile, and the person must say what shall stand; nothing is saved yet."""

    code = "overtaken"

    def __init__(self, read: Record, merged: Merge[Any], names: Mapping[UUID, str], saves: int) -> None:
        super().__init__("Somebody else has changed this meanwhile; nothing was saved.")
        self.read = read
        """The record as it is now."""
        self.merged = merged
        self.names = names
        """What people call the things whose ids stand in the fields."""
        self.saves = saves
        """How often it was saved since the person opened it."""


@dataclass(frozen=True)
class Edit(Generic[Row, Draft]):
    """A record as it was opened, and how it is read again and saved; all of it away from the GUI thread."""

    record: Row
    draft_of: Callable[[Row], Draft]
    read: Callable[[], Row]
    save: Callable[[Row, Draft], Row]
    name_of: Callable[[UUID], str] = str
    closed: Callable[[Row], str] = field(default=lambda _row: "")
    """Why the record as it is now cannot be edited any more, without a full stop, or an empty text."""

    def run(self, draft: Draft) -> Row:
        """Save *draft*; what others changed meanwhile in other fields is kept, however often they do.

        OvertakenError where both changed the same field, or where the record was taken out of use.
        """
        record = self.record
        while True:
            try:
                return self.save(record, draft)
            except (ConflictError, RefusedError, NotFoundError) as error:
                read = self._read_again(record, error)
            merged = merge(self.draft_of(record), draft, self.draft_of(read))
            if merged.clashes or (record.is_active and not read.is_active):
                saves = read.row_version - self.record.row_version
                raise OvertakenError(read, merged, self._names(merged), saves)
            record, draft = read, merged.draft

    def _read_again(self, record: Row, error: LabkeepError) -> Row:
        """The record as somebody else saved it; *error* where that is not the cause."""
        try:
            read = self.read()
        except NotFoundError:
            raise NotFoundError(
                _tr("This was deleted meanwhile, so it cannot be saved. What you typed is still here to be copied.")
            ) from error
        if read.row_version == record.row_version:
            raise error
        if reason := self.closed(read):
            who = formatting.when_and_who(read.updated_at, read.updated_by)
            kept = _tr("Nothing was saved; what you typed is still here to be copied.")
            raise RefusedError(f"{reason} ({who}). {kept}") from error
        return read

    def _names(self, merged: Merge[Draft]) -> dict[UUID, str]:
        values = [value for each in merged.clashes for value in (each.before, each.mine, each.theirs)]
        values += [value for each in merged.theirs for value in (each.before, each.now)]
        return {value: self.name_of(value) for value in values if isinstance(value, UUID)}


def _tr(text: str) -> str:
    return QCoreApplication.translate("editing", text)
