"""The fields that a center defines for its samples; their values are the samples' own."""

from dataclasses import dataclass
from typing import Any

from desktop_app.db import fields as rows
from desktop_app.domain.drafts import check
from desktop_app.domain.fields import LONGEST_NAME, DefinedField, FieldDraft, named
from desktop_app.domain.ids import new_id
from desktop_app.domain.rights import Verb
from desktop_app.domain.text_rules import line_problem
from desktop_app.errors import InvalidInputError, NotFoundError
from desktop_app.services.context.center_context import CenterContext


@dataclass(frozen=True)
class Fields:
    """What every member may read and the center's administrators may change."""

    context: CenterContext

    def list(self, *, include_inactive: bool = False) -> tuple[DefinedField, ...]:
        """The fields in the center's order."""
        with self.context.read() as session:
            return rows.list_fields(session, include_inactive=include_inactive)

    def get(self, ref: str) -> DefinedField:
        """The field of this name (in any letter case), key or id, in use or not; NotFoundError."""
        found = self.list(include_inactive=True)
        field = next((each for each in found if str(each.id) == ref), None) or named(found, ref)
        if field is None:
            raise NotFoundError("The center has no field {name}.", name=ref)
        return field

    def create(self, draft: FieldDraft, key: str = "") -> DefinedField:
        """A further field. Its values stand in metadata under *key*, without one under its name of now, for life."""
        check(draft)
        key = key or draft.name
        if problem := line_problem(key, longest=LONGEST_NAME, required=True):
            raise InvalidInputError({"key": problem})
        field_id = new_id()
        with self.context.change(Verb.EDIT_CENTER) as session:
            return rows.add_field(session, field_id, key, draft)

    def update(self, field: DefinedField, draft: FieldDraft) -> DefinedField:
        """Change what differs from *field*; samples keep all of their values, also those that fit no more."""
        check(draft)
        changes = rows.changed_columns(FieldDraft.of(field), draft)
        return self._change(field, changes) if changes else field

    def set_active(self, field: DefinedField, *, active: bool) -> DefinedField:
        """Take a field out of use, or into use again; samples keep its values."""
        return self._change(field, {"is_active": active})

    def _change(self, field: DefinedField, changes: dict[str, Any]) -> DefinedField:
        with self.context.change(Verb.EDIT_CENTER) as session:
            return rows.change_field(session, field.id, **changes)
