"""A center's lists of sample types and rejection reasons, in memory."""

from uuid import uuid4

from desktop_app.domain.records import ListedType, RejectionReason, SampleType
from desktop_app.services.records import vocabulary
from tests.ui.in_memory import Trouble, stands_for

REASONS = ("Too little material", "Clotted", "Label cannot be read")


@stands_for(vocabulary.Vocabulary, handles="reasons")
class Vocabulary:
    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self.reasons = tuple(
            RejectionReason(id=uuid4(), name=name, position=at, is_active=True) for at, name in enumerate(REASONS)
        )

    def rejection_reasons(self, *, include_inactive: bool = False) -> tuple[RejectionReason, ...]:
        self._trouble.meet("vocabulary.rejection_reasons")
        return tuple(each for each in self.reasons if include_inactive or each.is_active)

    def sample_types(self, *, include_inactive: bool = False) -> tuple[ListedType, ...]:
        del include_inactive
        return tuple(
            ListedType(code=each.value, name=each.name.capitalize(), position=0, is_active=True) for each in SampleType
        )
