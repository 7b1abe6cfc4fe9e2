"""Changing many records as one: what would change is shown, then it is done in one transaction, and undone as one.

A plan names the very rows that were shown, each in the state it was shown in. Who was changed by somebody else between
looking and doing is left alone and named; the others are changed. What a plan did stands in the record of changes
alone, and is undone from there: nothing that a person may write is believed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from desktop_app.db import change_plans as rows
from desktop_app.db.errors import UnconfirmedError, UnreachableError
from desktop_app.db.fields import list_fields
from desktop_app.db.samples import archived_samples
from desktop_app.db.sessions import Session
from desktop_app.domain.change_plan import (
    MEANWHILE,
    WHY_NOT_UNDONE,
    ChangePlan,
    LeftAlone,
    MadeChange,
    MadePlan,
    PlanAction,
    PlannedChange,
    PlanResult,
    PlanTable,
)
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import DefinedField
from desktop_app.domain.ids import new_id
from desktop_app.domain.lifecycle import TARGET, SampleStatus, Step, steps_from, verb_for
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import Document, Sample
from desktop_app.domain.rights import Verb
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.retries import asked_again

SHOWN = 100
"""So many plans are listed at once."""
_ARCHIVED = Message("An archived sample is read-only.")
_SO_ALREADY = Message("It is so already.")
_DEACTIVATED = Message("It is deactivated.")
_ITS_ARCHIVED = Message("Its sample is archived.")
_SHUT = {"sample_archived": _ITS_ARCHIVED, "takes_none": Message("That sample takes no documents any more.")}
_VERBS = {
    PlanAction.EDIT: Verb.EDIT_SAMPLES,
    PlanAction.DEACTIVATE: Verb.DEACTIVATE_RECORDS,
    PlanAction.RESTORE: Verb.DEACTIVATE_RECORDS,
    PlanAction.ATTACH: Verb.EDIT_DOCUMENTS,
    PlanAction.UNDO: Verb.EDIT_SAMPLES,
} | {PlanAction(step.value): verb_for(step) for step in Step}
_REASONS = {PlanAction.DEACTIVATE: ReasonVerb.DEACTIVATE, PlanAction.RESTORE: ReasonVerb.RESTORE}


class Signing(Protocol):
    """Signs what documents are called: whatever changes that needs a signature of each."""

    def sign_changes(
        self, session: Session, changes: Sequence[PlannedChange]
    ) -> tuple[Mapping[UUID, rows.Signed], Mapping[UUID, Message]]:
        """What is signed of each, and why nothing is signed of one."""

    def fresh(self, act: Callable[[], PlanResult]) -> PlanResult:
        """Do it; again where the keys that signed are old ones by now."""


@dataclass(frozen=True)
class ChangePlans:
    """Plans of one center."""

    context: CenterContext
    signing: Signing

    def plan_step(self, samples: Iterable[Sample], step: Step, reason: str = "") -> ChangePlan:
        """Move samples on; a rejection's reason stays with each of them."""

        def look(sample: Sample) -> Mapping[str, Any] | Message:
            if not sample.is_active:
                return _DEACTIVATED
            if sample.status is TARGET[step]:
                return Message("This sample is {status} already.", status=sample.status.value)
            if step not in steps_from(sample.status):
                return Message(
                    "A sample that is {before} cannot become {after}.",
                    before=sample.status.value,
                    after=TARGET[step].value,
                )
            rejected = {"rejection_reason": reason} if step is Step.REJECT else {}
            return {"status": TARGET[step].value} | rejected

        return _plan(PlanAction(step.value), samples, look, reason)

    def plan_edit(
        self,
        samples: Iterable[Sample],
        changes: Mapping[str, Any],
        reason: str = "",
        defined: Sequence[DefinedField] | None = None,
    ) -> ChangePlan:
        """Give samples these values of fields of a SampleDraft; *defined* are the center's, if they are known already.

        Of ``metadata`` the named keys are changed and no other; None takes one away. Raises InvalidInputError where a
        field is unknown, or is one that no two samples share.
        """
        unknown = set(changes) - {each.name for each in fields(SampleDraft)} | set(changes) & {"barcode"}
        if unknown or not changes:
            raise InvalidInputError(
                dict.fromkeys(unknown or ["changes"], Message("This is no field that many samples are given at once."))
            )

        if defined is None:
            with self.context.read() as session:
                defined = list_fields(session)
        known = defined

        def look(sample: Sample) -> Mapping[str, Any] | Message:
            if sample.status is SampleStatus.ARCHIVED:
                return _ARCHIVED
            before = SampleDraft.of(sample)
            after = replace(before, **{**changes, **_metadata(before, changes)})
            problems = after.problems(known, before)
            if problems:
                return Message("{problem}", problem=next(iter(problems.values())))
            return _as_json(before, after) or _SO_ALREADY

        return _plan(PlanAction.EDIT, samples, look, reason)

    def plan_active(self, records: Iterable[Sample | Document], reason: str = "", *, active: bool) -> ChangePlan:
        """Deactivate records, or bring them back."""
        action = PlanAction.RESTORE if active else PlanAction.DEACTIVATE

        def look(record: Sample | Document) -> Mapping[str, Any] | Message:
            if isinstance(record, Sample) and record.status is SampleStatus.ARCHIVED:
                return _ARCHIVED
            return _SO_ALREADY if record.is_active is active else {"is_active": active}

        return _plan(action, records, look, reason)

    def plan_attach(self, documents: Iterable[Document], sample: Sample | None, reason: str = "") -> ChangePlan:
        """Let documents belong to this sample, or to none.

        InvalidInputError for ``sample_id`` where the sample takes no documents.
        """
        chosen = tuple(documents)
        named = {each.sample_id for each in chosen} | {sample.id if sample else None}
        with self.context.read() as session:
            archived = archived_samples(session, [each for each in named if each is not None])
        if sample is not None and (sample.id in archived or not sample.is_active):
            why = Message("An archived sample takes no documents.")
            raise InvalidInputError({"sample_id": why if sample.id in archived else Message("This is deactivated.")})
        target = sample.id if sample else None

        def look(document: Document) -> Mapping[str, Any] | Message:
            if not document.is_active:
                return _DEACTIVATED
            if document.sample_id == target:
                return _SO_ALREADY
            return _ITS_ARCHIVED if document.sample_id in archived else {"sample_id": _json(target)}

        return _plan(PlanAction.ATTACH, chosen, look, reason)

    def plan_undo(self, plan_id: UUID, reason: str = "") -> ChangePlan:
        """Put back what a plan changed, where nobody changed it since; NotFoundError."""
        with self.context.read() as session:
            rows.made_plan(session, plan_id)
            found = rows.made_changes(session, plan_id)
        changes = tuple(
            PlannedChange(each.id, each.table, each.name, 0, each.after, each.before)
            for each in found
            if each.state == "unchanged"
        )
        left = tuple(
            LeftAlone(each.id, each.name, WHY_NOT_UNDONE[each.state]) for each in found if each.state != "unchanged"
        )
        return ChangePlan(new_id(), PlanAction.UNDO, changes, left, reason, undoes=plan_id)

    def apply(self, plan: ChangePlan) -> PlanResult:
        """Carry it out in one transaction; who was changed meanwhile is left alone. Doing it twice does it once.

        InvalidInputError where a reason is missing: for a rejection always, else as the center's settings say.
        UnconfirmedError where the answer is lost and the server cannot be asked any more.
        """
        if not plan.changes:
            return PlanResult(plan, (), plan.left_alone)
        if plan.action is PlanAction.REJECT and not plan.reason:
            raise InvalidInputError({"reason": Message("Rejecting a sample needs a reason.")})
        if plan.action in _REASONS:
            self.context.require_reason(_REASONS[plan.action], plan.reason)
        if any(each.is_signed for each in plan.changes):
            return self.signing.fresh(lambda: self._carry_out(plan))
        return self._carry_out(plan)

    def list(self, before: datetime | None = None, limit: int = SHOWN) -> tuple[MadePlan, ...]:
        """The plans that were carried out, newest first."""
        with self.context.read() as session:
            return rows.made_plans(session, before, limit)

    def get(self, plan_id: UUID) -> tuple[MadePlan, tuple[MadeChange, ...]]:
        """One plan and each record that it changed; NotFoundError."""
        with self.context.read() as session:
            return rows.made_plan(session, plan_id), rows.made_changes(session, plan_id)

    def _carry_out(self, plan: ChangePlan) -> PlanResult:
        refused: Mapping[UUID, Message] = {}
        try:
            with self.context.change(_verb_of(plan), plan.reason) as session:
                if rows.is_made(session, plan.id):
                    found = _changed(session, plan)
                else:
                    to_sign = [each for each in plan.changes if each.is_signed]
                    signed, refused = self.signing.sign_changes(session, to_sign) if to_sign else ({}, {})
                    found = rows.apply(session, plan, signed)
                    refused = {**_shut(session, plan, found), **refused}
        except UnconfirmedError:
            answered = asked_again(self.context.read, lambda session: _made(session, plan))
            if answered is None:
                raise UnreachableError from None
            found = answered
        changed = set(found)
        missed = tuple(
            LeftAlone(each.id, each.name, refused.get(each.id, MEANWHILE))
            for each in plan.changes
            if each.id not in changed
        )
        return PlanResult(plan, tuple(found), (*plan.left_alone, *missed))


def _shut(session: Session, plan: ChangePlan, changed: Iterable[UUID]) -> dict[UUID, Message]:
    """Why documents stay although nobody changed them: their sample, or that they should go to, was changed."""
    done = set(changed)
    missed = [each for each in plan.changes if each.table is PlanTable.DOCUMENTS and each.id not in done]
    return {found: _SHUT[why] for found, why in rows.shut_samples(session, missed).items()} if missed else {}


def _verb_of(plan: ChangePlan) -> Verb:
    is_of_fields = any(each.table is PlanTable.FIELDS for each in plan.changes)
    return Verb.EDIT_CENTER if is_of_fields else _VERBS[plan.action]


def _plan(
    action: PlanAction,
    records: Iterable[Any],
    look: Callable[[Any], Mapping[str, Any] | Message],
    reason: str,
) -> ChangePlan:
    """*look* gives what changes of a record, by name, or why nothing does; a record that is named twice counts once."""
    changes: list[PlannedChange] = []
    left: list[LeftAlone] = []
    for record in {each.id: each for each in records}.values():
        is_sample = isinstance(record, Sample)
        name = record.barcode if is_sample else record.title
        found = look(record)
        if isinstance(found, Message):
            left.append(LeftAlone(record.id, name, found))
            continue
        table = PlanTable.SAMPLES if is_sample else PlanTable.DOCUMENTS
        before = {field: _json(getattr(record, field)) for field in found}
        changes.append(PlannedChange(record.id, table, name, record.row_version, before, found))
    return ChangePlan(new_id(), action, tuple(changes), tuple(left), reason.strip())


def _metadata(before: SampleDraft, changes: Mapping[str, Any]) -> dict[str, Any]:
    if "metadata" not in changes:
        return {}
    merged = {**before.metadata, **changes["metadata"]}
    return {"metadata": {name: value for name, value in merged.items() if value is not None}}


def _as_json(before: SampleDraft, after: SampleDraft) -> dict[str, Any]:
    """The fields that differ."""
    names: Sequence[str] = [each.name for each in fields(SampleDraft)]
    return {name: _json(getattr(after, name)) for name in names if getattr(after, name) != getattr(before, name)}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return dict(value) if isinstance(value, Mapping) else value


def _changed(session: Session, plan: ChangePlan) -> tuple[UUID, ...]:
    return tuple(each.id for each in rows.made_changes(session, plan.id))


def _made(session: Session, plan: ChangePlan) -> tuple[UUID, ...] | None:
    return _changed(session, plan) if rows.is_made(session, plan.id) else None
