"""The fields of a center, in memory."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from desktop_app.domain.drafts import check
from desktop_app.domain.fields import DefinedField, FieldDraft, FieldKind, next_place
from desktop_app.services.records import fields
from tests.ui.in_memory import Trouble, stands_for


def defined(name: str, kind: FieldKind, **facts: Any) -> DefinedField:
    return DefinedField(id=uuid4(), key=name, name=name, kind=kind, **facts)


@stands_for(fields.Fields, handles="rows", uncalled="get")
class Fields:
    def __init__(self, rows: list[DefinedField], trouble: Trouble) -> None:
        self._trouble = trouble
        self.rows = rows

    def list(self, *, include_inactive: bool = False) -> tuple[DefinedField, ...]:
        self._trouble.meet("fields.list")
        return tuple(each for each in self.rows if include_inactive or each.is_active)

    def create(self, draft: FieldDraft, key: str = "") -> DefinedField:
        check(draft)
        self._trouble.meet("fields.create")
        place = next_place(each.position for each in self.rows) if draft.position is None else draft.position
        made = replace(defined(draft.name, draft.kind), **{**vars(draft), "position": place})
        self.rows.append(replace(made, key=key or draft.name))
        return self.rows[-1]

    def update(self, field: DefinedField, draft: FieldDraft) -> DefinedField:
        check(draft)
        place = field.position if draft.position is None else draft.position
        return self._put(replace(field, **{**vars(draft), "position": place}))

    def set_active(self, field: DefinedField, *, active: bool) -> DefinedField:
        return self._put(replace(field, is_active=active))

    def _put(self, field: DefinedField) -> DefinedField:
        self.rows[:] = [field if each.id == field.id else each for each in self.rows]
        return field
