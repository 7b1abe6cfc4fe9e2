"""Saving an edited record that somebody else may have saved meanwhile: merged by field, or refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from desktop_app.domain.merging import Draft, Merge, merge
from desktop_app.domain.records import Record
from desktop_app.errors import ConflictError, LabkeepError, NotFoundError, RefusedError
from desktop_app.message import Message

Row = TypeVar("Row", bound=Record)


class EditConflictError(ConflictError):
    """Somebody saved the same record meanwhile, and the person must say what shall stand; nothing is saved yet."""

    code = "edit_conflict"

    def __init__(self, read: Record, merged: Merge[Any], names: Mapping[UUID, str], saves: int) -> None:
        super().__init__(Message("Somebody else has changed this meanwhile; nothing was saved."))
        self.read = read
        """The record as it is now."""
        self.merged = merged
        self.names = names
        """What people call the things whose ids stand in the fields."""
        self.saves = saves
        """How often it was saved since the person opened it."""


class DeletedMeanwhileError(NotFoundError):
    """Somebody deleted the record while it was edited."""

    code = "deleted_meanwhile"

    def __init__(self) -> None:
        super().__init__(Message("This was deleted meanwhile, so it cannot be saved."))


class ArchivedMeanwhileError(RefusedError):
    """Somebody made the record read-only while it was edited."""

    code = "archived_meanwhile"

    def __init__(self, read: Record) -> None:
        super().__init__(Message("This was archived meanwhile and is read-only; nothing was saved."))
        self.read = read
        """The record as it is now."""


@dataclass(frozen=True)
class Edit(Generic[Row, Draft]):
    """A record as it was opened, and how it is read again and saved."""

    record: Row
    draft_of: Callable[[Row], Draft]
    read: Callable[[], Row]
    save: Callable[[Row, Draft], Row]
    name_of: Callable[[UUID], str] = str
    is_closed: Callable[[Row], bool] = field(default=lambda _row: False)
    """Whether the record as it is now cannot be edited any more."""

    def run(self, draft: Draft) -> Row:
        """Save *draft*; what others changed meanwhile in other fields is kept, however often they do.

        EditConflictError where both changed the same field, or where the record was taken out of use;
        DeletedMeanwhileError and ArchivedMeanwhileError where there is nothing left to save it to.
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
                raise EditConflictError(read, merged, self._names(merged), saves)
            record, draft = read, merged.draft

    def _read_again(self, record: Row, error: LabkeepError) -> Row:
        """The record as somebody else saved it; *error* where that is not the cause."""
        try:
            read = self.read()
        except NotFoundError:
            raise DeletedMeanwhileError from error
        if read.row_version == record.row_version:
            raise error
        if self.is_closed(read):
            raise ArchivedMeanwhileError(read) from error
        return read

    def _names(self, merged: Merge[Draft]) -> dict[UUID, str]:
        values = [value for each in merged.clashes for value in (each.before, each.mine, each.theirs)]
        values += [value for each in merged.theirs for value in (each.before, each.now)]
        return {value: self.name_of(value) for value in values if isinstance(value, UUID)}
