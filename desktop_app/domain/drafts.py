"""What a person typed, before it is saved: drafts with their rules.

``draft.problems()`` maps each field to one sentence; an empty mapping means it may be saved. The window shows the
sentences under the fields as one types, the services check again, and the database has the last word.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from desktop_app.domain.fields import DefinedField, FieldDraft, Values, value_problems
from desktop_app.domain.health import health_problem
from desktop_app.domain.key_reminder import reminder_problem
from desktop_app.domain.openings import openings_problem
from desktop_app.domain.reasons import settings_problem
from desktop_app.domain.records import Center, Document, Sample, User
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import (
    SAMPLE_TYPE,
    SLUG,
    email_problem,
    line_problem,
    text_problem,
    username_problem,
)
from desktop_app.domain.type_checks import check_kinds
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

LONGEST_BARCODE = 64
METADATA_BYTES = 65_536
METADATA_LEVELS = 32
LARGEST_NUMBER = 1e300
COLLECTED_FROM = datetime(1800, 1, 1, tzinfo=UTC)
COLLECTED_BEFORE = datetime(2200, 1, 1, tzinfo=UTC)
Problems = dict[str, str]


def check(draft: "CenterDraft | UserDetails | SampleDraft | DocumentDraft | FieldDraft") -> None:
    """Raise InvalidInputError if the draft has problems."""
    check_kinds(draft)
    if problems := draft.problems():
        raise InvalidInputError(problems)


def object_problem(value: object) -> str | None:
    """What is wrong with a JSON object (metadata, settings), as a sentence, or None."""
    if not isinstance(value, Mapping):
        return Message('This must be a JSON object, such as {"tube": "EDTA"}.')
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return Message("This holds something that JSON cannot carry.")
    except RecursionError:
        return Message("This is nested too deeply.")
    if "\\u0000" in text:
        return Message("The text contains characters that cannot be stored.")
    if len(text.encode()) > METADATA_BYTES:
        return Message("This is longer than 64 KiB.")
    return _nesting_problem(value, METADATA_LEVELS)


def _nesting_problem(value: object, levels: int) -> str | None:
    """The same bounds as public.is_readable() in the database has."""
    if isinstance(value, float | int) and abs(value) > LARGEST_NUMBER:
        return Message("This holds a number that is too large.")
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    if inner and levels == 0:
        return Message("This is nested too deeply.")
    return next(filter(None, (_nesting_problem(each, levels - 1) for each in inner)), None)


def parse_object(text: str) -> Mapping[str, Any]:
    """A JSON object from text (empty text is an empty object); ValueError with a sentence if it is none."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError('This must be a JSON object, such as {"tube": "EDTA"}.') from error
    except RecursionError as error:
        raise ValueError("This is nested too deeply.") from error
    if problem := object_problem(value):
        raise ValueError(problem)
    return dict(value)


def _found(**candidates: str | None) -> Problems:
    return {name: problem for name, problem in candidates.items() if problem}


@dataclass(frozen=True, kw_only=True)
class CenterDraft:
    """A center to be."""

    name: str
    slug: str
    description: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, center: Center) -> "CenterDraft":
        """What there is to edit of a center."""
        return cls(name=center.name, slug=center.slug, description=center.description, settings=center.settings)

    def problems(self) -> Problems:
        """Field name to sentence."""
        slug = (
            None if SLUG.fullmatch(self.slug) else Message("Lower-case letters, digits and hyphens, such as istanbul.")
        )
        return _found(
            name=line_problem(self.name, longest=120, required=True),
            slug=slug,
            description=text_problem(self.description, longest=4_000),
            settings=object_problem(self.settings)
            or settings_problem(self.settings)
            or reminder_problem(self.settings)
            or health_problem(self.settings)
            or openings_problem(self.settings),
        )


@dataclass(frozen=True, kw_only=True)
class UserDetails:
    """What people may edit of a person; the user name stands there to be read."""

    username: str
    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""

    @classmethod
    def of(cls, user: User) -> "UserDetails":
        """What there is to edit of a person."""
        return cls(
            username=user.username,
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            phone=user.phone,
        )

    def problems(self) -> Problems:
        """Field name to sentence."""
        return _found(
            username=username_problem(self.username),
            email=email_problem(self.email),
            first_name=line_problem(self.first_name, longest=80),
            last_name=line_problem(self.last_name, longest=80),
            phone=line_problem(self.phone, longest=40),
        )


@dataclass(frozen=True, kw_only=True)
class UserDraft(UserDetails):
    """A person to be, with a first place; center_id None with role admin is a system administrator."""

    role: Role
    center_id: UUID | None
    until: date | None = None
    """The last day there."""

    def problems(self) -> Problems:
        """Field name to sentence."""
        homeless = self.center_id is None and self.role is not Role.ADMIN
        lasting = self.center_id is None and self.until is not None
        return super().problems() | _found(
            role=Message("Only a system administrator has no center.") if homeless else None,
            until=Message("A system administrator has no last day.") if lasting else None,
        )


@dataclass(frozen=True, kw_only=True)
class SampleDraft:
    """A sample to be, or its edited fields; an empty barcode asks for a made one (YYYYMMDD-nnnn)."""

    name: str
    sample_type: str
    """The code of one of the center's types in use; the database knows which."""
    barcode: str = ""
    description: str = ""
    user_id: UUID | None = None
    """The responsible person; None is whoever creates the sample."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    collected_at: datetime | None = None
    collected_place: str = ""
    results: str = ""

    @classmethod
    def of(cls, sample: Sample) -> "SampleDraft":
        """What there is to edit of a sample."""
        return cls(
            name=sample.name,
            sample_type=sample.sample_type,
            barcode=sample.barcode,
            description=sample.description,
            user_id=sample.user_id,
            metadata=sample.metadata,
            collected_at=sample.collected_at,
            collected_place=sample.collected_place,
            results=sample.results,
        )

    def problems(self, defined: Sequence[DefinedField] = (), before: "Sample | SampleDraft | None" = None) -> Problems:
        """Field name to sentence; of the center's fields *defined*, what is new or another than in *before*."""
        found = self._own_problems()
        if "metadata" in found:
            return found
        saved = None if before is None else Values(before.sample_type, before.metadata)
        return found | value_problems(defined, Values(self.sample_type, self.metadata), saved)

    def _own_problems(self) -> Problems:
        return _found(
            name=line_problem(self.name, longest=200, required=True),
            sample_type=None
            if SAMPLE_TYPE.fullmatch(self.sample_type)
            else Message("Choose one of the center's sample types."),
            barcode=line_problem(self.barcode, longest=LONGEST_BARCODE),
            description=text_problem(self.description, longest=10_000),
            metadata=object_problem(self.metadata),
            collected_at=None if self._is_collected_in_time() else Message("From the year 1800 to 2199."),
            collected_place=line_problem(self.collected_place, longest=200),
            results=text_problem(self.results, longest=20_000),
        )

    def _is_collected_in_time(self) -> bool:
        return self.collected_at is None or COLLECTED_FROM <= self.collected_at < COLLECTED_BEFORE


@dataclass(frozen=True, kw_only=True)
class DocumentDraft:
    """What people may edit of a document."""

    title: str
    document_type: str = ""
    tags: tuple[str, ...] = ()
    sample_id: UUID | None = None

    @classmethod
    def of(cls, document: Document) -> "DocumentDraft":
        """What there is to edit of a document."""
        return cls(
            title=document.title,
            document_type=document.document_type,
            tags=document.tags,
            sample_id=document.sample_id,
        )

    def problems(self) -> Problems:
        """Field name to sentence."""
        tags = next(filter(None, (line_problem(tag, longest=60, required=True) for tag in self.tags)), None)
        if len(self.tags) > 50:
            tags = Message("At most 50 tags.")
        return _found(
            title=line_problem(self.title, longest=300, required=True),
            document_type=line_problem(self.document_type, longest=80),
            tags=tags,
        )
