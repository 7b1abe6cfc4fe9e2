"""Services in memory, for tests of widgets: the same names and records as the real ones, and failures on demand.

What the window does with the real services is shown by test_journey.py; test_fake_services.py compares these with them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

from desktop_app.domain.drafts import DocumentDraft, SampleDraft, check
from desktop_app.domain.fields import DefinedField
from desktop_app.domain.filters import DocumentFilter, SampleFilter
from desktop_app.domain.lifecycle import TARGET, Step
from desktop_app.domain.openings import Opening
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Page, PageKey, Part
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import (
    AuditEntry,
    Center,
    Document,
    Person,
    Sample,
    User,
    Version,
)
from desktop_app.domain.rights import Role, Standing, Verb, may
from desktop_app.domain.sorting import NEWEST_DOCUMENTS, NEWEST_SAMPLES, DocumentField, SampleOrder, Sort
from desktop_app.errors import NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.policy import Policy
from desktop_app.services.context.merged_edit import Edit
from desktop_app.services.documents import documents as document_services
from desktop_app.services.documents.documents import DocumentSeals
from desktop_app.services.documents.download import PREVIEW_LIMIT, Seal
from desktop_app.services.maintenance.status import Status
from desktop_app.services.records import people, samples
from desktop_app.services.session import lab as lab_services
from desktop_app.services.session.center_services import CenterServices
from tests.ui import made_records
from tests.ui.fake_adding import Adding
from tests.ui.fake_audit import Audit, InstallationAudit
from tests.ui.fake_centers import Centers
from tests.ui.fake_deletion import Deletion
from tests.ui.fake_erasure import Erasure
from tests.ui.fake_evidence import EvidenceInMemory
from tests.ui.fake_field_sheets import FieldExportsInMemory, FieldImportsInMemory
from tests.ui.fake_fields import Fields
from tests.ui.fake_health import Health
from tests.ui.fake_installation import Account, Recovery, Restoring
from tests.ui.fake_keys import Keys
from tests.ui.fake_live import DraftsInMemory, Live
from tests.ui.fake_plans import Plans
from tests.ui.fake_sheets import Exports, Imports
from tests.ui.fake_today import TodayInMemory
from tests.ui.fake_trust import Trust
from tests.ui.fake_updates import Updates
from tests.ui.fake_user_plans import AccessReview, Reassigning, UserPlans
from tests.ui.fake_user_sheets import DocumentExportsInMemory, UserExportsInMemory, UserImportsInMemory
from tests.ui.fake_users import Users
from tests.ui.fake_views import SavedViews, WorkLists
from tests.ui.fake_vocabulary import Vocabulary
from tests.ui.in_memory import Rows, Trouble, capped, fits_activity, stands_for
from tests.ui.made_records import START, center, profile, user


@stands_for(samples.Samples, handles="reasons")
class Samples:
    def __init__(self, rows: Iterable[Sample], trouble: Trouble) -> None:
        self.reasons: list[str] = []
        self._rows = Rows(rows)
        self._trouble = trouble

    def list(
        self,
        filter: SampleFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[SampleOrder] = NEWEST_SAMPLES,
    ) -> Page[Sample]:
        self._trouble.meet("samples.list")
        return self._rows.page(lambda row: self._fits(row, filter or SampleFilter()), after, limit, sort)

    def part(self, filter: SampleFilter, part: Part, sort: Sort[SampleOrder]) -> tuple[Sample, ...]:
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

    def scanned(self, codes: Collection[str]) -> Mapping[str, Sample]:
        self._trouble.meet("samples.scanned")
        rows = self._rows.rows.values()
        by_name = {name: row for row in rows for name in (row.barcode.swapcase(), row.barcode, str(row.id))}
        return {code: by_name[code] for code in codes if code in by_name}

    def unknown(self, barcodes: Sequence[str]) -> tuple[str, ...]:
        known = {row.barcode for row in self._rows.rows.values()}
        return tuple(each for each in barcodes if each not in known)

    def create(self, draft: SampleDraft) -> Sample:
        check(draft)
        self._trouble.meet("samples.create")
        number = len(self._rows.rows) + 1
        made = made_records.sample(number, name=draft.name, sample_type=draft.sample_type)
        return self._rows.put(replace(made, barcode=draft.barcode or made.barcode, metadata=draft.metadata))

    def update(self, sample: Sample, draft: SampleDraft) -> Sample:
        self._trouble.meet("samples.update")
        return self._rows.change(sample, name=draft.name, description=draft.description, metadata=draft.metadata)

    def edit(self, sample: Sample, draft: SampleDraft) -> Sample:
        return Edit(sample, SampleDraft.of, lambda: self.get(sample.id), self.update).run(draft)

    def step(self, sample: Sample, step: Step, reason: str = "") -> Sample:
        self._trouble.meet("samples.step")
        return self._rows.change(sample, status=TARGET[step], rejection_reason=reason)

    def deactivate(self, sample: Sample, reason: str = "") -> Sample:
        self.reasons.append(reason)
        return self._rows.change(sample, is_active=False)

    def restore(self, sample: Sample, reason: str = "") -> Sample:
        self._trouble.meet("samples.restore")
        return self._rows.change(sample, is_active=True)

    @staticmethod
    def _fits(row: Sample, wanted: SampleFilter) -> bool:
        return (
            fits_activity(wanted)(row)
            and wanted.search.lower() in f"{row.name} {row.barcode}".lower()
            and wanted.status in (None, row.status)
            and wanted.sample_type in (None, row.sample_type)
            and wanted.user_id in (None, row.user_id)
            and (not wanted.barcodes or row.barcode in wanted.barcodes)
            and (wanted.since is None or row.created_at >= wanted.since)
        )


@stands_for(document_services.Documents, handles="alarms contents fates pieces sameness")
class Documents(Adding):
    def __init__(self, rows: Iterable[Document], trouble: Trouble, *, may_edit: bool) -> None:
        super().__init__(Rows(rows), trouble)
        self.may_edit: bool = may_edit
        self.alarms: dict[UUID, str] = {}

    def list(
        self,
        filter: DocumentFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[DocumentField] = NEWEST_DOCUMENTS,
    ) -> Page[Document]:
        self._trouble.meet("documents.list")
        wanted = filter or DocumentFilter()
        return self._rows.page(lambda row: self._fits(row, wanted), after, limit, sort)

    def part(self, filter: DocumentFilter, part: Part, sort: Sort[DocumentField]) -> tuple[Document, ...]:
        self._trouble.meet("documents.list")
        return self._rows.part(lambda row: self._fits(row, filter), part, sort)

    def count(self, filter: DocumentFilter | None = None, cap: int = COUNT_CAP) -> Count:
        self._trouble.meet("documents.count")
        wanted = filter or DocumentFilter()
        return capped(sum(self._fits(row, wanted) for row in self._rows.rows.values()), cap)

    def get(self, ref: str | UUID) -> Document:
        return self._rows.find(ref)

    def seals(self, document: Document) -> DocumentSeals:
        self._trouble.meet("documents.seals")
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

    def content(self, document: Document, number: int | None = None, limit: int = PREVIEW_LIMIT) -> bytes:
        del number, limit
        self._trouble.meet("documents.content")
        return self.contents.get(document.id, b"text\n")

    def save_as(
        self,
        document: Document,
        target: Path,
        number: int | None = None,
        report: Report = silent,
        *,
        overwrite: bool = False,
        opening: Opening = Opening.EXPORT,
    ) -> Path:
        del number, report, overwrite, opening
        self._trouble.meet("documents.save_as")
        target.write_bytes(self.contents.get(document.id, b"text\n"))
        return target

    def update(self, document: Document, draft: DocumentDraft) -> Document:
        check(draft)
        return self._rows.change(document, title=draft.title, tags=draft.tags, sample_id=draft.sample_id)

    def edit(self, document: Document, draft: DocumentDraft) -> Document:
        return Edit(document, DocumentDraft.of, lambda: self.get(document.id), self.update).run(draft)

    def deactivate(self, document: Document, reason: str = "") -> Document:
        return self._rows.change(document, is_active=False)

    def restore(self, document: Document, reason: str = "") -> Document:
        return self._rows.change(document, is_active=True)

    @staticmethod
    def _fits(row: Document, wanted: DocumentFilter) -> bool:
        return (
            fits_activity(wanted)(row)
            and wanted.search.lower() in row.title.lower()
            and wanted.sample_id in (None, row.sample_id)
        )


@stands_for(people.People)
class People:
    def list(self, *, include_former: bool = False) -> tuple[Person, ...]:
        del include_former
        return (
            Person(
                id=UUID(int=11),
                login="u_a",
                username="ayse.admin",
                display_name="Ayşe Yılmaz",
                member_from=START,
                member_until=None,
            ),
        )


@stands_for(CenterServices, handles="closed")
class Work:
    """A center that is open."""

    def __init__(self, home: Center, standing: Standing, lab: "Lab") -> None:
        self.center: Center = home
        self.standing: Standing = standing
        self.samples = Samples(lab.sample_rows, lab.trouble)
        self.documents = Documents(lab.document_rows, lab.trouble, may_edit=self.may(Verb.EDIT_DOCUMENTS))
        self.plans = Plans(self.samples._rows, lab.trouble)
        self.erasure = Erasure(self.samples._rows, self.documents._rows, lab.trouble)
        self.deletion = Deletion(self.samples._rows, self.documents._rows, lab.trouble)
        self.people = People()
        self.audit = Audit(lab.entries, lab.trouble)
        self.reassigning = Reassigning(lab.trouble)
        self.views = SavedViews(lab.trouble)
        self.work_lists = WorkLists(lab.sample_rows, lab.trouble)
        self.imports = Imports(self.samples._rows, lab.defined, lab.trouble)
        self.exports = Exports(self.samples._rows, lab.trouble)
        self.document_exports = DocumentExportsInMemory(self.documents._rows, lab.trouble)
        self.keys = Keys(lab.trouble)
        self.health = Health(lab.trouble)
        self.today = TodayInMemory(self.samples, self.documents)
        self.evidence = EvidenceInMemory(lab.trouble)
        self.vocabulary = Vocabulary(lab.trouble)
        self.fields = Fields(lab.defined, lab.trouble)
        self.field_imports = FieldImportsInMemory(self.fields, self.vocabulary, lab.trouble)
        self.field_exports = FieldExportsInMemory(self.fields, lab.trouble)
        self.rollback: str | None = None
        self.misfit: str | None = None
        self.closed = False

    def may(self, verb: Verb) -> bool:
        return may(self.standing, verb)

    def sweep(self) -> int:
        return 0

    def close(self) -> None:
        self.closed = True


def as_services(work: Work) -> CenterServices:
    """What the window takes it for; test_fake_services.py shows that it may."""
    return cast(CenterServices, work)


def in_memory(work: object) -> Work:
    """The way back: what really stands behind the center that the window has open."""
    assert isinstance(work, Work)
    return work


def as_lab(lab: "Lab") -> lab_services.Lab:
    """As ``as_services``."""
    return cast(lab_services.Lab, lab)


@stands_for(
    lab_services.Lab,
    handles="trouble istanbul ankara standing sample_rows document_rows entries defined health closed",
    uncalled="examine",
)
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
        self.defined: list[DefinedField] = []
        self.profile: Profile = profile()
        self.policy = Policy()
        home = None if standing is Standing.SYSTEM else self.istanbul
        role = Role.ADMIN if standing is Standing.SYSTEM else Role(standing.value)
        self.user: User = user("ayse.admin", role, home, first_name="Ayşe", last_name="Yılmaz")
        self.users = Users([self.user, user("mehmet.user", Role.USER, self.istanbul)], self.trouble)
        self.centers = Centers([self.istanbul, self.ankara], self.trouble, self.users)
        self.recovery = Recovery()
        self.account = Account(self.trouble)
        self.updates = Updates(self.trouble)
        self.audit = InstallationAudit((), self.trouble)
        self.user_plans = UserPlans(self.users, self.trouble)
        self.user_imports = UserImportsInMemory(self.users, self.trouble)
        self.user_exports = UserExportsInMemory(self.users, self.trouble)
        self.access = AccessReview(self.users, self.trouble)
        self.live = Live()
        self.drafts = DraftsInMemory()
        self.restoring = Restoring()
        self.trust = Trust(self.trouble)
        self.login: str = self.user.login
        self.health: Status | None = None
        self.alarms: tuple[Message, ...] = ()
        self.rollback: Message | None = None
        self.notices: list[str] = []
        self.closed = False

    def free_the_way(self) -> None:
        """Nobody stands in it."""

    def take_notices(self) -> list[str]:
        taken, self.notices = self.notices, []
        return taken

    def center(self, ref: str | UUID | Center) -> Work:
        self.trouble.meet("center")
        found = [row for row in self.centers.rows.rows.values() if ref in (row, row.id, row.slug, row.name)]
        if not found:
            raise NotFoundError("There is no such center, or it is not yours.")
        if not found[0].is_active:
            raise RefusedError("This center is deactivated.")
        return Work(found[0], self.standing, self)

    def status(self) -> Status:
        self.trouble.meet("status")
        assert self.health is not None, "a test that looks at the health says how it is"
        return self.health

    def check_store(self) -> None:
        self.trouble.meet("store")

    def close(self) -> None:
        self.closed = True
