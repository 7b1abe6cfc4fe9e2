"""Kept views and work lists in memory, for tests of widgets."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID, uuid4

from desktop_app.domain.records import Sample
from desktop_app.domain.saved_views import SavedView, ViewContent, check_name
from desktop_app.domain.work_lists import Tick, WorkItem, WorkList
from desktop_app.errors import NotFoundError
from desktop_app.services.records import views
from tests.ui.in_memory import Trouble, stands_for
from tests.ui.made_records import START


@stands_for(views.SavedViews, handles="kept")
class SavedViews:
    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self.kept: dict[UUID, SavedView] = {}

    def list(self) -> tuple[SavedView, ...]:
        self._trouble.meet("views.list")
        return tuple(self.kept.values())

    def get(self, ref: str | UUID) -> SavedView:
        return next(each for each in self.kept.values() if ref in (each.id, each.name))

    def save(
        self, name: str, content: ViewContent, *, is_shared: bool = False, view_id: UUID | None = None
    ) -> SavedView:
        self._trouble.meet("views.save")
        view = SavedView(
            id=view_id or uuid4(),
            name=check_name(name),
            is_shared=is_shared,
            is_own=True,
            owner="Ayşe",
            updated_at=START,
            text=content.text,
        )
        self.kept[view.id] = view
        return view

    def delete(self, view_id: UUID) -> None:
        self._trouble.meet("views.delete")
        del self.kept[view_id]


@stands_for(views.WorkLists, handles="lists entries")
class WorkLists:
    def __init__(self, samples: Iterable[Sample], trouble: Trouble) -> None:
        self._samples = {each.id: each for each in samples}
        self._trouble = trouble
        self.lists: dict[UUID, WorkList] = {}
        self.entries: dict[UUID, dict[UUID, WorkItem]] = {}

    def list(self) -> tuple[WorkList, ...]:
        self._trouble.meet("work_lists.list")
        return tuple(self.get(each) for each in self.lists)

    def get(self, ref: str | UUID) -> WorkList:
        found = next((each for each in self.lists.values() if ref in (each.id, each.name)), None)
        if found is None:
            raise NotFoundError("There is no work list {name}.", name=str(ref))
        items = self.entries[found.id].values()
        return replace(found, samples=len(items), done=sum(each.is_done for each in items))

    def items(self, list_id: UUID) -> tuple[WorkItem, ...]:
        self._trouble.meet("work_lists.items")
        return tuple(self.entries[list_id].values())

    def create(self, name: str, samples: Iterable[UUID] = (), user_id: UUID | None = None) -> WorkList:
        made = WorkList(
            id=uuid4(), name=check_name(name), user_id=user_id, person="", created_at=START, samples=0, done=0
        )
        self.lists[made.id], self.entries[made.id] = made, {}
        self.add(made.id, samples)
        return self.get(made.id)

    def change(self, list_id: UUID, name: str, user_id: UUID | None) -> WorkList:
        self._trouble.meet("work_lists.change")
        self.lists[list_id] = replace(self.lists[list_id], name=name, user_id=user_id)
        return self.get(list_id)

    def delete(self, list_id: UUID) -> None:
        del self.lists[list_id], self.entries[list_id]

    def add(self, list_id: UUID, samples: Iterable[UUID]) -> int:
        self._trouble.meet("work_lists.add")
        items, before = self.entries[list_id], len(self.entries[list_id])
        for each in samples:
            known = self._samples[each]
            items.setdefault(
                each,
                WorkItem(
                    sample_id=each, barcode=known.barcode, name=known.name, is_done=False, done_at=None, done_by=""
                ),
            )
        return len(items) - before

    def arrange(self, list_id: UUID, samples: Iterable[UUID]) -> None:
        self._trouble.meet("work_lists.arrange")
        items = self.entries[list_id]
        self.entries[list_id] = {each: items[each] for each in dict.fromkeys([*samples, *items]) if each in items}

    def remove(self, list_id: UUID, samples: Iterable[UUID]) -> int:
        return sum(self.entries[list_id].pop(each, None) is not None for each in samples)

    def tick(self, list_id: UUID, barcode: str, *, is_done: bool = True) -> tuple[Tick, Sample | None]:
        self._trouble.meet("work_lists.tick")
        known = self._samples.values()
        sample = next((each for code in (barcode, barcode.swapcase()) for each in known if each.barcode == code), None)
        if sample is None:
            return Tick.UNKNOWN, None
        item = self.entries[list_id].get(sample.id)
        if item is None:
            return Tick.NOT_IN_LIST, sample
        self.entries[list_id][sample.id] = replace(item, is_done=is_done)
        return (Tick.AGAIN if item.is_done is is_done else Tick.DONE), sample
