"""Services in memory, for tests of widgets: the same names and records as the real ones, and failures on demand.

What the window does with the real services is shown by test_journey.py.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from desktop_app.domain.drafts import DocumentDraft, SampleDraft, check
from desktop_app.domain.filters import AuditFilter, DocumentFilter, SampleFilter
from desktop_app.domain.lifecycle import TARGET, Step
from desktop_app.domain.paging import COUNT_CAP, Count, Page, Part
from desktop_app.domain.records import (
    AuditEntry,
    AuditHead,
    Center,
    Document,
    ListedType,
    Person,
    RejectionReason,
    Sample,
    SampleType,
    Version,
)
from desktop_app.domain.rights import Role, Standing, Verb, may
from desktop_app.domain.sorting import NEWEST_DOCUMENTS, NEWEST_SAMPLES
from desktop_app.errors import LabkeepError, NotFoundError, RefusedError
from desktop_app.services.context.merged_edit import Edit
from desktop_app.services.documents.documents import DocumentSeals
from desktop_app.services.documents.download import Seal
from desktop_app.services.upkeep.recovery import KitText
from tests.ui.fake_adding import Adding
from tests.ui.fake_centers import Centers
from tests.ui.fake_users import Users
from tests.ui.in_memory import Rows, Trouble, capped, fits_activity, part_of
from tests.ui.made_records import START, center, profile, sample, user


class Samples:
    def __init__(self, rows: Iterable[Sample], trouble: Trouble) -> None:
        self.reasons: list[str] = []
        self._rows = Rows(rows)
        self._trouble = trouble

    def list(
        self, filter: SampleFilter | None = None, after: Any = None, limit: int = 100, sort: Any = NEWEST_SAMPLES
    ) -> Page[Sample]:
        self._trouble.meet("samples.list")
        wanted = filter or SampleFilter()
        return self._rows.page(lambda row: self._fits(row, wanted), after, limit, sort)

    def part(self, filter: SampleFilter, part: Part, sort: Any) -> tuple[Sample, ...]:
        self._trouble.meet("samples.list")
        return self._rows.part(lambda row: self._fits(row, filter), part, sort)

    def count(self, filter: SampleFilter | None = None, cap: int = COUNT_CAP) -> Count:
        self._trouble.meet("samples.count")
        wanted = filter or SampleFilter()
        return capped(sum(self._fits(row, wanted) for row in self._rows.rows.values()), cap)

    def get(self, ref: str | UUID) -> Sample:
        found = [row for row in self._rows.rows.values() if ref in (row.id, row.barcode)]
        if not found:
            raise NotFoundError("There is no such sample.")
        return found[0]

    def create(self, draft: SampleDraft) -> Sample:
        check(draft)
        self._trouble.meet("samples.create")
        number = len(self._rows.rows) + 1
        made = sample(number, name=draft.name, sample_type=draft.sample_type)
        return self._rows.put(replace(made, barcode=draft.barcode or made.barcode, metadata=draft.metadata))

    def update(self, old: Sample, draft: SampleDraft) -> Sample:
        self._trouble.meet("samples.update")
        return self._rows.change(old, name=draft.name, description=draft.description, metadata=draft.metadata)

    def edit(self, old: Sample, draft: SampleDraft) -> Sample:
        return Edit(old, SampleDraft.of, lambda: self.get(old.id), self.update).run(draft)

    def step(self, old: Sample, step: Step, reason: str = "") -> Sample:
        self._trouble.meet("samples.step")
        return self._rows.change(old, status=TARGET[step], rejection_reason=reason)

    def deactivate(self, old: Sample, reason: str = "") -> Sample:
        self.reasons.append(reason)
        return self._rows.change(old, is_active=False)

    def restore(self, old: Sample, reason: str = "") -> Sample:
        return self._rows.change(old, is_active=True)

    @staticmethod
    def _fits(row: Sample, wanted: SampleFilter) -> bool:
        return (
            fits_activity(wanted)(row)
            and wanted.search.lower() in f"{row.name} {row.barcode}".lower()
            and wanted.status in (None, row.status)
            and wanted.sample_type in (None, row.sample_type)
        )


class Documents(Adding):
    def __init__(self, rows: Iterable[Document], trouble: Trouble, *, may_edit: bool) -> None:
        super().__init__(Rows(rows), trouble)
        self.may_edit = may_edit
        self.alarms: dict[UUID, str] = {}

    def list(
        self, filter: DocumentFilter | None = None, after: Any = None, limit: int = 100, sort: Any = NEWEST_DOCUMENTS
    ) -> Page[Document]:
        self._trouble.meet("documents.list")
        wanted = filter or DocumentFilter()
        return self._rows.page(lambda row: self._fits(row, wanted), after, limit, sort)

    def part(self, filter: DocumentFilter, part: Part, sort: Any) -> tuple[Document, ...]:
        self._trouble.meet("documents.list")
        return self._rows.part(lambda row: self._fits(row, filter), part, sort)

    def count(self, filter: DocumentFilter | None = None, cap: int = COUNT_CAP) -> Count:
        self._trouble.meet("documents.count")
        wanted = filter or DocumentFilter()
        return capped(sum(self._fits(row, wanted) for row in self._rows.rows.values()), cap)

    def get(self, ref: UUID) -> Document:
        if ref not in self._rows.rows:
            raise NotFoundError("There is no such document.")
        return self._rows.rows[ref]

    def seals(self, document: Document) -> DocumentSeals:
        found = tuple(Seal(each, each.created_by, each.created_at) for each in self.versions(document))
        return DocumentSeals(found, self.alarms.get(document.id))

    def versions(self, document: Document) -> tuple[Version, ...]:
        return tuple(
            Version(
                id=uuid4(),
                document_id=document.id,
                number=number,
                file_id=uuid4(),
                file_name=document.file_name,
                mime_type=document.mime_type,
                size=document.size,
                stored_size=document.size + 56,
                stored_digest="",
                statement=b"",
                signature=b"",
                key_version=1,
                token=b"",
                created_at=START,
                created_by="Mehmet Kaya",
                login="u_mehmet",
            )
            for number in range(document.latest_number, 0, -1)
        )

    def content(self, document: Document, number: int | None = None, limit: int = 0) -> bytes:
        del number, limit
        self._trouble.meet("documents.content")
        return self.contents.get(document.id, b"text\n")

    def save_as(self, document: Document, target: Path, number: Any = None, report: Any = None, **_more: Any) -> Path:
        del number, report
        self._trouble.meet("documents.save_as")
        target.write_bytes(self.contents.get(document.id, b"text\n"))
        return target

    def update(self, old: Document, draft: DocumentDraft) -> Document:
        check(draft)
        return self._rows.change(old, title=draft.title, tags=draft.tags, sample_id=draft.sample_id)

    def edit(self, old: Document, draft: DocumentDraft) -> Document:
        return Edit(old, DocumentDraft.of, lambda: self.get(old.id), self.update).run(draft)

    def deactivate(self, old: Document, reason: str = "") -> Document:
        return self._rows.change(old, is_active=False)

    def restore(self, old: Document, reason: str = "") -> Document:
        return self._rows.change(old, is_active=True)

    @staticmethod
    def _fits(row: Document, wanted: DocumentFilter) -> bool:
        return (
            fits_activity(wanted)(row)
            and wanted.search.lower() in row.title.lower()
            and wanted.sample_id in (None, row.sample_id)
        )


class People:
    def list(self, *, include_former: bool = False) -> tuple[Person, ...]:
        del include_former
        return (
            Person(
                id=UUID(int=11),
                login="u_a",
                user_name="ayse.admin",
                display_name="Ayşe Yılmaz",
                member_from=START,
                member_until=None,
            ),
        )


class Audit:
    def __init__(self, entries: Iterable[AuditEntry], trouble: Trouble) -> None:
        self._entries = sorted(entries, key=lambda entry: entry.seq, reverse=True)
        self._trouble = trouble

    def list(self, filter: AuditFilter | None = None, before_seq: int | None = None, limit: int = 100) -> Any:
        self._trouble.meet("audit.list")
        wanted = filter or AuditFilter()
        rows = [
            entry
            for entry in self._entries
            if wanted.table_name in ("", entry.table_name) and (before_seq is None or entry.seq < before_seq)
        ]
        return tuple(rows[:limit])

    def head(self) -> AuditHead:
        return AuditHead(seq=len(self._entries), digest=b"", at=START)

    def part(self, filter: AuditFilter, part: Part) -> Any:
        return part_of(self.list(filter, None, len(self._entries) + 1), part)

    def count(self, filter: AuditFilter, cap: int = COUNT_CAP) -> Count:
        return capped(len(self.list(filter, None, len(self._entries) + 1)), cap)

    def timeline(self, row_id: UUID) -> tuple[AuditEntry, ...]:
        return tuple(entry for entry in self._entries if entry.row_id == row_id)


REASONS = ("Too little material", "Clotted", "Label cannot be read")


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


class Work:
    """A center that is open."""

    def __init__(self, home: Center, standing: Standing, lab: "Lab") -> None:
        self.center = home
        self.standing = standing
        self.samples = Samples(lab.sample_rows, lab.trouble)
        self.documents = Documents(lab.document_rows, lab.trouble, may_edit=self.may(Verb.EDIT_DOCUMENTS))
        self.people = People()
        self.audit = Audit(lab.entries, lab.trouble)
        self.vocabulary = Vocabulary(lab.trouble)
        self.rollback: str | None = None
        self.misfit: str | None = None
        self.closed = False

    def may(self, verb: Verb) -> bool:
        return may(self.standing, verb)

    def sweep(self) -> int:
        return 0

    def close(self) -> None:
        self.closed = True


class Recovery:
    """The recovery kit."""

    def __init__(self) -> None:
        self.kept = True
        self.errors: list[LabkeepError] = []
        self.replaced: list[Any] = []

    def is_kept(self) -> bool:
        return self.kept

    def make(self) -> tuple[Any, KitText]:
        words = tuple(f"word{chr(97 + n % 26)}{n // 26}" for n in range(33))
        return object(), KitText("Lab", words, "the kit", "a b c")

    def replace(self, kit: Any, report: Any) -> None:
        report(0, 2)
        if self.errors:
            raise self.errors.pop(0)
        self.replaced.append(kit)
        self.kept = True


class Lab:
    """One person at work."""

    def __init__(self, standing: Standing = Standing.ADMIN) -> None:
        self.trouble = Trouble()
        self.istanbul = center("Istanbul Medical Center", "istanbul")
        self.ankara = center("Ankara Research Lab", "ankara")
        self.standing = standing
        self.sample_rows: list[Sample] = []
        self.document_rows: list[Document] = []
        self.entries: list[AuditEntry] = []
        self.profile = profile()
        home = None if standing is Standing.SYSTEM else self.istanbul
        role = Role.ADMIN if standing is Standing.SYSTEM else Role(standing.value)
        self.user = user("ayse.admin", role, home, first_name="Ayşe", last_name="Yılmaz")
        self.centers = Centers([self.istanbul, self.ankara], self.trouble)
        self.users = Users([self.user, user("mehmet.user", Role.USER, self.istanbul)], self.trouble)
        self.recovery = Recovery()
        self.audit = Audit((), self.trouble)
        self.alarms: tuple[str, ...] = ()
        self.rollback: str | None = None
        self.notices: list[str] = []
        self.closed = False

    def free_the_way(self) -> None:
        """Nobody stands in it."""

    def center(self, ref: Any) -> Work:
        self.trouble.meet("center")
        found = [row for row in self.centers.rows.rows.values() if ref in (row, row.id, row.slug, row.name)]
        if not found:
            raise NotFoundError("There is no such center, or it is not yours.")
        if not found[0].is_active:
            raise RefusedError("This center is deactivated.")
        return Work(found[0], self.standing, self)

    def check_store(self) -> None:
        self.trouble.meet("store")

    def close(self) -> None:
        self.closed = True
