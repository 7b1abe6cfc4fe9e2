"""What each list may be sorted by. A status or a type is no order but a filter: it has a handful of values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class SampleField(StrEnum):
    """What samples are sorted by."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    BARCODE = "barcode"
    NAME = "name"


class OwnField(str):
    """What samples are sorted by where it is a field that their center defines: ``field.`` and its key.

    By its kind: numbers by what they are worth, days by the day, texts as names; what has no fitting value comes last,
    whichever way round.
    """

    BEGINNING = "field."

    @classmethod
    def of(cls, key: str) -> "OwnField":
        """The order by the field of this key (or name)."""
        return cls(f"{cls.BEGINNING}{key}")

    @classmethod
    def parse(cls, text: str) -> "SampleField | OwnField":
        """What a text says that samples are sorted by; ValueError."""
        return cls(text) if cls.is_said(text) else SampleField(text)

    @classmethod
    def is_said(cls, text: str) -> bool:
        """Whether the text is such an order."""
        return text.startswith(cls.BEGINNING) and len(text) > len(cls.BEGINNING)

    @property
    def key(self) -> str:
        """The field's."""
        return self.removeprefix(self.BEGINNING)


SampleOrder = SampleField | OwnField


class DocumentField(StrEnum):
    """What documents are sorted by."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    TITLE = "title"


class UserField(StrEnum):
    """What users are sorted by; ``name`` is first and last name, or the user name where there is none."""

    CREATED_AT = "created_at"
    USERNAME = "username"
    NAME = "name"
    LAST_SIGN_IN = "last_sign_in"


class CenterField(StrEnum):
    """What centers are sorted by."""

    CREATED_AT = "created_at"
    NAME = "name"
    SLUG = "slug"


Field = TypeVar("Field", bound=str, covariant=True)


@dataclass(frozen=True)
class Sort(Generic[Field]):
    """An order of a list; rows that are equal in it follow each other by their ids."""

    field: Field
    descending: bool = False

    def turned(self, turn: bool = True) -> "Sort[Field]":
        """The opposite order, if it is to be turned."""
        return Sort(self.field, self.descending is not turn)


NEWEST_SAMPLES = Sort(SampleField.CREATED_AT, descending=True)
NEWEST_DOCUMENTS = Sort(DocumentField.CREATED_AT, descending=True)
NEWEST_USERS = Sort(UserField.CREATED_AT, descending=True)
NEWEST_CENTERS = Sort(CenterField.CREATED_AT, descending=True)
