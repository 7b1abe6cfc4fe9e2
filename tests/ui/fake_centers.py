"""Centers in memory, for tests of widgets."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from uuid import UUID

from desktop_app.domain.drafts import CenterDraft, UserDraft, check
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Page, PageKey, Part
from desktop_app.domain.records import Center, CenterStats
from desktop_app.domain.rights import Role
from desktop_app.domain.sorting import NEWEST_CENTERS, CenterField, Sort
from desktop_app.services.context.merged_edit import Edit
from desktop_app.services.records import centers as services
from desktop_app.services.records.centers import Ref
from desktop_app.services.records.user_results import NewCenter
from tests.ui import made_records
from tests.ui.fake_deletion import DeletedCenters
from tests.ui.fake_users import Users
from tests.ui.in_memory import Rows, Trouble, capped, fits_activity, part_of, stands_for


@stands_for(services.Centers, handles="rows")
class Centers:
    def __init__(self, rows: Iterable[Center], trouble: Trouble, users: Users) -> None:
        self._users = users
        self.rows = Rows(rows)
        self._trouble = trouble
        self.deleted = DeletedCenters(self.rows, trouble)

    def list(
        self,
        filter: CenterFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[CenterField] = NEWEST_CENTERS,
    ) -> Page[Center]:
        self._trouble.meet("centers.list")
        wanted = filter or CenterFilter()
        return self.rows.page(lambda row: self._fits(row, wanted), after, limit, sort)

    def part(self, filter: CenterFilter, part: Part, sort: Sort[CenterField]) -> tuple[Center, ...]:
        self._trouble.meet("centers.list")
        return self.rows.part(lambda row: self._fits(row, filter), part, sort)

    def from_a_to_z(self, filter: CenterFilter, part: Part, first: Collection[UUID] = ()) -> tuple[Center, ...]:
        self._trouble.meet("centers.list")
        rows = [row for row in self.rows.rows.values() if self._fits(row, filter)]
        return part_of(sorted(rows, key=lambda row: (row.id not in first, row.name)), part)

    def count(self, filter: CenterFilter | None = None, cap: int = COUNT_CAP) -> Count:
        self._trouble.meet("centers.list")
        wanted = filter or CenterFilter()
        return capped(sum(self._fits(row, wanted) for row in self.rows.rows.values()), cap)

    def get(self, ref: Ref) -> Center:
        return self.rows.find(ref)

    def create(self, draft: CenterDraft) -> Center:
        check(draft)
        self._trouble.meet("centers.create")
        return self.rows.put(made_records.center(draft.name, draft.slug))

    def create_with_administrator(
        self, draft: CenterDraft, first: UserDraft, password: str | None = None, *, keep_password: bool = False
    ) -> NewCenter:
        check(draft)
        self._trouble.meet("centers.create_with_administrator")
        made = made_records.center(draft.name, draft.slug)
        person = self._users.create(replace(first, role=Role.ADMIN, center_id=made.id))
        return NewCenter(self.rows.put(made), person)

    def update(self, center: Center, draft: CenterDraft) -> Center:
        self._trouble.meet("centers.update")
        changes = {"name": draft.name, "slug": draft.slug, "description": draft.description, "settings": draft.settings}
        return self.rows.change(center, **changes)

    def edit(self, center: Center, draft: CenterDraft) -> Center:
        return Edit(center, CenterDraft.of, lambda: self.get(center.id), self.update).run(draft)

    def deactivate(self, ref: Ref, reason: str = "") -> Center:
        return self.rows.change(self.get(ref), is_active=False)

    def restore(self, ref: Ref, reason: str = "") -> Center:
        return self.rows.change(self.get(ref), is_active=True)

    def stats(self, ref: Ref) -> CenterStats:
        at = self.get(ref).id
        return CenterStats(
            center_id=at, samples=3, users=2, documents=1, stored_bytes=2_048, samples_by_status={"pending": 3}
        )

    @staticmethod
    def _fits(row: Center, wanted: CenterFilter) -> bool:
        return fits_activity(wanted)(row) and wanted.search.lower() in row.name.lower()
