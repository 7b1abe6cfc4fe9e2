"""Saved views of the list of samples, and work lists, of one center."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from desktop_app.db import samples as sample_rows
from desktop_app.db import views as rows
from desktop_app.domain.ids import id_of, new_id
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.domain.saved_views import SavedView, ViewContent, check_name
from desktop_app.domain.work_lists import Tick, WorkItem, WorkList
from desktop_app.errors import NotFoundError
from desktop_app.services.context.center_context import CenterContext


@dataclass(frozen=True)
class SavedViews:
    """Private ones are their owner's alone; shared ones are written by who may edit samples."""

    context: CenterContext

    def list(self) -> tuple[SavedView, ...]:
        """One's own and the shared ones, by name."""
        with self.context.read() as session:
            return rows.saved_views(session)

    def get(self, ref: str | UUID) -> SavedView:
        """By id or name, where both are of that name one's own; NotFoundError."""
        found = [each for each in self.list() if each.id == id_of(ref) or each.name == ref]
        if not found:
            raise NotFoundError("There is no view {name}.", name=str(ref))
        return min(found, key=lambda each: each.is_shared)

    def save(
        self, name: str, content: ViewContent, *, is_shared: bool = False, view_id: UUID | None = None
    ) -> SavedView:
        """Keep a view; *view_id* makes an existing one this, under this name. InvalidInputError for a taken name."""
        name, made = check_name(name), view_id or new_id()
        ViewContent.parse(content.text)
        with self.context.change(Verb.EDIT_SAMPLES if is_shared else Verb.READ) as session:
            rows.save_view(session, made, name, content.text, is_shared=is_shared)
            return next(each for each in rows.saved_views(session) if each.id == made)

    def delete(self, view_id: UUID) -> None:
        """Delete it; NotFoundError also for one that is not one's own to delete."""
        with self.context.change(Verb.READ) as session:
            rows.delete_view(session, view_id)


@dataclass(frozen=True)
class WorkLists:
    """Everybody in the center sees them; who may edit samples makes them and ticks off."""

    context: CenterContext

    def list(self) -> tuple[WorkList, ...]:
        """All, newest first."""
        with self.context.read() as session:
            return rows.work_lists(session)

    def get(self, ref: str | UUID) -> WorkList:
        """By id or name; NotFoundError."""
        found = next((each for each in self.list() if each.id == id_of(ref) or each.name == ref), None)
        if found is None:
            raise NotFoundError("There is no work list {name}.", name=str(ref))
        return found

    def items(self, list_id: UUID) -> tuple[WorkItem, ...]:
        """Its samples, in its order."""
        with self.context.read() as session:
            return rows.work_items(session, list_id)

    def create(self, name: str, samples: Iterable[UUID] = (), user_id: UUID | None = None) -> WorkList:
        """A new one, with these samples in this order."""
        name, made = check_name(name), new_id()
        with self.context.change(Verb.EDIT_SAMPLES) as session:
            rows.make_work_list(session, made, name, user_id)
            rows.add_work_items(session, made, tuple(dict.fromkeys(samples)))
            return next(each for each in rows.work_lists(session) if each.id == made)

    def change(self, list_id: UUID, name: str, user_id: UUID | None) -> WorkList:
        """Another name, or somebody else's."""
        name = check_name(name)
        with self.context.change(Verb.EDIT_SAMPLES) as session:
            rows.change_work_list(session, list_id, name, user_id)
            return next(each for each in rows.work_lists(session) if each.id == list_id)

    def delete(self, list_id: UUID) -> None:
        """The list; its samples stay."""
        with self.context.change(Verb.EDIT_SAMPLES) as session:
            rows.delete_work_list(session, list_id)

    def add(self, list_id: UUID, samples: Iterable[UUID]) -> int:
        """Put these at its end; how many were not in it before."""
        with self.context.change(Verb.EDIT_SAMPLES) as session:
            return rows.add_work_items(session, list_id, tuple(dict.fromkeys(samples)))

    def arrange(self, list_id: UUID, samples: Iterable[UUID]) -> None:
        """Work these off in this order; what is in the list and not named (somebody put it there) comes after them."""
        with self.context.change(Verb.EDIT_SAMPLES) as session:
            rows.arrange_work_items(session, list_id, tuple(samples))

    def remove(self, list_id: UUID, samples: Iterable[UUID]) -> int:
        """Take these out of it; how many there were."""
        with self.context.change(Verb.EDIT_SAMPLES) as session:
            return rows.remove_work_items(session, list_id, tuple(samples))

    def tick(self, list_id: UUID, barcode: str, *, is_done: bool = True) -> tuple[Tick, Sample | None]:
        """What was scanned is done (or, with *is_done* false, is not after all)."""
        with self.context.change(Verb.EDIT_SAMPLES) as session:
            sample = sample_rows.scanned_samples(session, [barcode]).get(barcode)
            if sample is None:
                return Tick.UNKNOWN, None
            is_new = rows.tick(session, list_id, sample.id, is_done=is_done)
        if is_new is None:
            return Tick.NOT_IN_LIST, sample
        return (Tick.DONE if is_new else Tick.AGAIN), sample
