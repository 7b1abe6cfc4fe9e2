"""A center's lists of sample types and rejection reasons, in memory."""

from uuid import uuid4

from desktop_app.domain.fields import next_place
from desktop_app.domain.records import ListedType, RejectionReason, SampleType
from desktop_app.services.records import vocabulary
from tests.ui.in_memory import Trouble, stands_for

REASONS = ("Too little material", "Clotted", "Label cannot be read")


@stands_for(vocabulary.Vocabulary, handles="reasons types")
class Vocabulary:
    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self.reasons = tuple(
            RejectionReason(id=uuid4(), name=name, position=at, is_active=True) for at, name in enumerate(REASONS)
        )
        self.types = tuple(
            ListedType(code=each.value, name=each.name.capitalize(), position=0, is_active=True) for each in SampleType
        )

    def rejection_reasons(self, *, include_inactive: bool = False) -> tuple[RejectionReason, ...]:
        self._trouble.meet("vocabulary.rejection_reasons")
        return tuple(each for each in self.reasons if include_inactive or each.is_active)

    def sample_types(self, *, include_inactive: bool = False) -> tuple[ListedType, ...]:
        return tuple(each for each in self.types if include_inactive or each.is_active)

    def add_sample_type(self, code: str, name: str, position: int | None = None) -> ListedType:
        self._trouble.meet("vocabulary.add_sample_type")
        position = next_place(each.position for each in self.types) if position is None else position
        self.types += (ListedType(code=code, name=name, position=position, is_active=True),)
        return self.types[-1]

    def add_rejection_reason(self, name: str, position: int | None = None) -> RejectionReason:
        position = next_place(each.position for each in self.reasons) if position is None else position
        self.reasons += (RejectionReason(id=uuid4(), name=name, position=position, is_active=True),)
        return self.reasons[-1]

    def change_sample_type(self, changed: ListedType) -> None:
        self.types = tuple(changed if each.code == changed.code else each for each in self.types)

    def change_rejection_reason(self, changed: RejectionReason) -> None:
        self.reasons = tuple(changed if each.id == changed.id else each for each in self.reasons)
