"""Centers in memory, for tests of widgets."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from desktop_app.domain.drafts import CenterDraft, check
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.paging import COUNT_CAP, Count, Page, Part
from desktop_app.domain.records import Center, CenterStats
from desktop_app.domain.sorting import NEWEST_CENTERS
from desktop_app.errors import NotFoundError
from desktop_app.services.context.merged_edit import Edit
from tests.ui.in_memory import Rows, Trouble, capped, fits_activity, part_of
from tests.ui.made_records import center


class Centers:
    def __init__(self, rows: Iterable[Center], trouble: Trouble) -> None:
        self.rows = Rows(rows)
        self._trouble = trouble

    def list(
        self, filter: CenterFilter | None = None, after: Any = None, limit: int = 100, sort: Any = NEWEST_CENTERS
    ) -> Page[Center]:
        self._trouble.meet("centers.list")
        wanted = filter or CenterFilter()
        return self.rows.page(
            lambda row: fits_activity(wanted)(row) and wanted.search.lower() in row.name.lower(),
            after,
            limit,
            sort,
        )

    def part(self, filter: CenterFilter, part: Part, sort: Any) -> Any:
        return part_of(self.list(filter, None, len(self.rows.rows) + 1, sort).rows, part)

    def count(self, filter: CenterFilter | None = None, cap: int = COUNT_CAP) -> Count:
        return capped(len(self.list(filter, None, len(self.rows.rows) + 1).rows), cap)

    def get(self, ref: Any) -> Any:
        if ref not in self.rows.rows:
            raise NotFoundError("There is no such thing.")
        return self.rows.rows[ref]

    def create(self, draft: CenterDraft) -> Center:
        check(draft)
        self._trouble.meet("centers.create")
        return self.rows.put(center(draft.name, draft.slug))

    def update(self, old: Center, draft: CenterDraft) -> Center:
        self._trouble.meet("centers.update")
        return self.rows.change(old, name=draft.name, slug=draft.slug, description=draft.description)

    def edit(self, old: Center, draft: CenterDraft) -> Center:
        return Edit(old, CenterDraft.of, lambda: self.get(old.id), self.update).run(draft)

    def deactivate(self, ref: UUID, reason: str = "") -> Center:
        return self.rows.change(self.rows.rows[ref], is_active=False)

    def restore(self, ref: UUID, reason: str = "") -> Center:
        return self.rows.change(self.rows.rows[ref], is_active=True)

    def stats(self, ref: UUID) -> CenterStats:
        return CenterStats(
            center_id=ref, samples=3, users=2, documents=1, stored_bytes=2_048, samples_by_status={"pending": 3}
        )
