"""The center's own words: what its samples may be of, and why it rejects them."""

from dataclasses import dataclass

from desktop_app.db import vocabulary as rows
from desktop_app.domain.ids import new_id
from desktop_app.domain.records import ListedType, RejectionReason
from desktop_app.domain.rights import Verb
from desktop_app.domain.text_rules import SAMPLE_TYPE, line_problem
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext


@dataclass(frozen=True)
class Vocabulary:
    """What every member may read and the center's administrators may change."""

    context: CenterContext

    def sample_types(self, *, include_inactive: bool = False) -> tuple[ListedType, ...]:
        """The types in the center's order."""
        with self.context.read() as session:
            return rows.sample_types(session, include_inactive=include_inactive)

    def rejection_reasons(self, *, include_inactive: bool = False) -> tuple[RejectionReason, ...]:
        """The reasons in the center's order."""
        with self.context.read() as session:
            return rows.rejection_reasons(session, include_inactive=include_inactive)

    def add_sample_type(self, code: str, name: str, position: int | None = None) -> ListedType:
        """A further type, the last unless its place is given; its code is fixed for life."""
        if not SAMPLE_TYPE.fullmatch(code):
            raise InvalidInputError({"code": Message("Lower-case letters, digits, - and _, such as bone-marrow.")})
        _check_name(name, longest=80)
        with self.context.change(Verb.EDIT_CENTER) as session:
            return rows.add_sample_type(session, code, name, position)

    def add_rejection_reason(self, name: str, position: int | None = None) -> RejectionReason:
        """A further reason, the last unless its place is given."""
        _check_name(name, longest=200)
        with self.context.change(Verb.EDIT_CENTER) as session:
            return rows.add_rejection_reason(session, new_id(), name, position)

    def change_sample_type(self, changed: ListedType) -> None:
        """Another name or place, out of use or in use again; samples keep their types."""
        _check_name(changed.name, longest=80)
        with self.context.change(Verb.EDIT_CENTER) as session:
            rows.change_sample_type(session, changed)

    def change_rejection_reason(self, changed: RejectionReason) -> None:
        """Another name or place, out of use or in use again."""
        _check_name(changed.name, longest=200)
        with self.context.change(Verb.EDIT_CENTER) as session:
            rows.change_rejection_reason(session, changed)


def _check_name(name: str, *, longest: int) -> None:
    if problem := line_problem(name, longest=longest, required=True):
        raise InvalidInputError({"name": problem})
