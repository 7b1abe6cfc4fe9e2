"""Changes of many records as one: shown and counted before, made in one transaction, and undone as one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from desktop_app.domain.lifecycle import Step
from desktop_app.message import Message


class PlanAction(StrEnum):
    """What a plan does to each of its records."""

    CREATE = "create"
    IMPORT = "import"
    """New samples or fields, and others changed, from the rows of a sheet."""
    EDIT = "edit"
    PROCESS = Step.PROCESS.value
    COMPLETE = Step.COMPLETE.value
    REJECT = Step.REJECT.value
    ARCHIVE = Step.ARCHIVE.value
    DEACTIVATE = "deactivate"
    RESTORE = "restore"
    ATTACH = "attach"
    """Documents, to a sample or to none."""
    UNDO = "undo"


class PlanTable(StrEnum):
    """Whose records a plan changes."""

    SAMPLES = "samples"
    DOCUMENTS = "documents"
    FIELDS = "fields"
    """What a center defines for its samples."""


SIGNED = frozenset({"title", "document_type", "tags", "sample_id"})
"""Of a document."""


@dataclass(frozen=True)
class PlannedChange:
    """One record that will change: only the fields that do, by their names in the database, as JSON values."""

    id: UUID
    table: PlanTable
    name: str
    """The sample's barcode, the document's title, the field's name."""
    row_version: int
    """The state that was shown; a record that is in another one by then is left alone. 0 of one that is still to be."""
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def is_signed(self) -> bool:
        """Whether it is one of what a document is called, which is what somebody signed."""
        return self.table is PlanTable.DOCUMENTS and not SIGNED.isdisjoint(self.after)


@dataclass(frozen=True)
class LeftAlone:
    """One record that does not change, and why."""

    id: UUID
    name: str
    why: Message


@dataclass(frozen=True)
class ChangePlan:
    """What would change and what would not; nothing has changed yet."""

    id: UUID
    """Of the plan to be: whoever carries it out twice, because an answer was lost, does it once."""
    action: PlanAction
    changes: tuple[PlannedChange, ...]
    left_alone: tuple[LeftAlone, ...] = ()
    reason: str = ""
    undoes: UUID | None = None
    """The plan that this one takes back."""


@dataclass(frozen=True)
class PlanResult:
    """What a plan has done: each record that was changed, and those that were not after all."""

    plan: ChangePlan
    changed: tuple[UUID, ...]
    left_alone: tuple[LeftAlone, ...]
    """Those of the plan, and who was changed by somebody else between looking and doing."""


@dataclass(frozen=True)
class MadePlan:
    """A plan that was carried out."""

    id: UUID
    action: PlanAction
    rows: int
    undone: int
    """How many of its records were put back since."""
    undoes: UUID | None
    reason: str
    created_at: datetime
    created_by: str
    """The login."""
    who: str
    """The person's name."""


@dataclass(frozen=True)
class MadeChange:
    """What a plan changed of one record, and whether that can be taken back now."""

    id: UUID
    table: PlanTable
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    """Both empty where the record of changes was erased; *before* of a record that was made, *after* of one that an
    undo removed."""
    state: str
    """``unchanged`` since: it can. Else why not, by one of the names of :data:`WHY_NOT_UNDONE`."""


MEANWHILE = Message("Somebody changed it meanwhile.")
"""Why a record stays that is not as it was shown any more."""
WHY_NOT_UNDONE = {
    "undone": Message("It was undone already."),
    "deleted": Message("It is not there any more."),
    "erased": Message("What it was before was erased."),
    "has_documents": Message("It has documents by now."),
    "on_work_list": Message("It is on a work list by now."),
    "changed": Message("Somebody changed it since."),
    "sample_archived": Message("Its sample is archived."),
    "sample_deleted": Message("The sample that it belonged to is not there any more."),
    "person_left": Message("Who was responsible for it then is no member any more."),
    "type_not_in_use": Message("Its sample type of then is not in use any more."),
    "barcode_taken": Message("Another sample has its barcode of then."),
    "has_values": Message("Samples have values in it by now."),
    "name_taken": Message("Another field has its name of then."),
}
"""A state of :class:`MadeChange` to a sentence."""
