"""The list of samples and what is done with one."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.field_filters import split_search
from desktop_app.domain.filters import SHORTEST_INDEXED, DocumentFilter, SampleFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.links import LinkKind
from desktop_app.domain.records import AuditEntry, Document, ListedType, Sample, SampleType
from desktop_app.domain.rights import Verb
from desktop_app.domain.sorting import NEWEST_SAMPLES
from desktop_app.errors import InvalidInputError
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.models.transfers import Destination
from desktop_app.ui.tabs.bulk_changes import BulkChanges, change_active
from desktop_app.ui.tabs.evidence_action import evidence_action
from desktop_app.ui.tabs.link_action import link_action
from desktop_app.ui.tabs.record_form import open_record_form
from desktop_app.ui.tabs.record_tab import Listing, RecordTab
from desktop_app.ui.tabs.samples.columns import sample_columns
from desktop_app.ui.tabs.samples.deleting import delete_sample
from desktop_app.ui.tabs.samples.detail import SampleDetail
from desktop_app.ui.tabs.samples.fields import SampleFields
from desktop_app.ui.tabs.samples.in_place import SampleEditing
from desktop_app.ui.tabs.samples.making import NewSamples
from desktop_app.ui.tabs.samples.sheets import SampleSheets
from desktop_app.ui.tabs.samples.steps import SampleSteps
from desktop_app.ui.tabs.samples.views import SampleViews
from desktop_app.ui.tabs.samples.work_lists import WorkListActions
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.tabs.undoing import active_appearance, say_done, switch_active
from desktop_app.ui.text import formatting
from desktop_app.ui.text.drop_text import drop_text
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.widgets.actions import Action, ActionAppearance, ActionButton, Allowed, Menu, Rank
from desktop_app.ui.widgets.buttons import Kind
from desktop_app.ui.widgets.detail import Detail
from desktop_app.ui.widgets.drop_overlay import DropTarget
from desktop_app.ui.widgets.empty_state import EmptyWords
from desktop_app.ui.widgets.file_choice import choose_files
from desktop_app.ui.widgets.list_filters import ChoiceFilter, Owner

if TYPE_CHECKING:
    from desktop_app.services.session.drafts import Draft

ATTACHED = 50


class SamplesTab(RecordTab[Sample]):
    """Everything one does with samples."""

    record_class = Sample
    menu = Menu.SAMPLE
    icon = "test-tube"
    also_shows = frozenset({Document})

    def __init__(self, context: TabContext, parent: QWidget | None = None) -> None:
        listing = Listing(
            "samples",
            sample_columns(),
            (self.tr("1 sample"), self.tr("{count} samples")),
            self.tr("Search words, or field:value"),
            NEWEST_SAMPLES,
            SHORTEST_INDEXED,
            has_bin=True,
        )
        self.making = NewSamples(self)
        super().__init__(context, listing, parent)
        self._add_filters()
        self.bulk = BulkChanges(self)
        self.fields = SampleFields(self, self.bulk)
        self.editing = self.sample_detail.editing = SampleEditing(self)
        self.fields.found.connect(self.sample_detail.show_fields)
        self.fields.moved.connect(self.read_lists)
        self._add_actions()
        self.views = SampleViews(self)
        self.views.wanted.connect(self._on_view)
        self.work_lists = WorkListActions(self)
        self.sheets = SampleSheets(self, self.bulk, lambda: self.views.filter)
        self.records.opened.connect(self.edit.click)
        self.records.entered.connect(self.detail.take_focus)
        self.sample_detail.all_documents.clicked.connect(self._on_all_documents)
        self.sample_detail.documents.opened.connect(self._on_document)
        self.drop = DropTarget(self.detail, self._drop_words)
        self.drop.dropped.connect(self.add_paths)

    @classmethod
    def title(cls) -> str:
        """Its name in the bar."""
        return QCoreApplication.translate("SamplesTab", "Samples")

    def make_detail(self, parent: QWidget) -> Detail:
        """A sample with its documents."""
        self.sample_detail = SampleDetail(parent)
        return self.sample_detail

    def center_changed(self) -> None:
        """The types are the center's own."""
        super().center_changed()
        self.views.forget()
        self.fields.forget()
        self.read_lists()

    def read_lists(self) -> None:
        """The center's types and fields may be others now."""
        if (work := self.work) is not None:
            self.context.jobs.read(
                self, "types", lambda: work.vocabulary.sample_types(include_inactive=True), self._on_types
            )
        self.fields.read()

    def source(self) -> Source[Sample] | EmptyWords:
        """The samples of the center that fit the filters."""
        work = self.work
        if work is None:
            return self.no_center()
        try:
            words, conditions = split_search(self.records.words)
        except InvalidInputError as error:
            return EmptyWords("search", self.tr("Nothing was looked for"), sentence(error), self.tr("Show all samples"))
        wanted = self.views.applied(
            SampleFilter(
                search=words,
                conditions=conditions,
                status=self._status.value,
                sample_type=self._type.value,
                include_inactive=self._inactive.isChecked(),
                only_inactive=self._bin.isChecked(),
            )
        )
        sort, samples = self.records.sort, work.samples
        return Source(
            (work.center.id, wanted, sort),
            lambda part: samples.part(wanted, part, sort),
            lambda cap: samples.count(wanted, cap),
            samples.get,
        )

    def show_record(self, record: Sample, before: Sample | None) -> None:
        """Show a sample and its newest documents."""
        may_edit, _why = self._may_change(record, Verb.EDIT_SAMPLES)
        self.sample_detail.show_sample(record, takes_files=self.attach.isEnabled(), may_edit=may_edit)
        if before is None or before.id != record.id:
            self.sample_detail.show_documents(())
            self._load_documents()

    def nothing_yet(self) -> EmptyWords:
        """What a sample is."""
        allowed, _ = self.may(Verb.EDIT_SAMPLES)
        return EmptyWords(
            "test-tube",
            self.tr("No samples yet"),
            self.tr("A sample is a specimen under a barcode, with a status that everybody can follow."),
            self.tr("New sample…") if allowed else "",
        )

    def nothing_fits(self) -> EmptyWords:
        """The way back to all."""
        text = self.tr("No sample fits the search and filters.")
        if self._bin.isChecked():
            text = self.tr("No deactivated sample fits the search and filters.")
        return EmptyWords("search", self.tr("Nothing found"), text, self.tr("Show all samples"))

    def mark_stale(self) -> None:
        """What is shown may have changed: its documents too."""
        super().mark_stale()
        self._load_documents()

    def begin_sample(self, barcode: str = "", *, caps_lock: bool = False) -> None:
        """Open the form of a new sample, perhaps with the barcode that was scanned."""
        self.making.begin(barcode, caps_lock=caps_lock)

    def make_form(self, record: Sample | None) -> FormDialog | None:
        """Of a sample, or of a new one, perhaps with the barcode that was scanned."""
        if self.work is None:
            return None
        dialog = SampleDialog(self.context.jobs, self.work, record, self)
        dialog.saved.connect(self._on_created if record is None else self._on_saved)
        if record is None:
            self.making.fill(dialog)
        return dialog

    def open_left(self, left: "Draft") -> bool:
        """The table of new samples."""
        return self.sheets.open_left(left)

    def add_paths(self, paths: list[Path]) -> None:
        """Seal and save these for the sample that is shown."""
        if self.work is not None and self._shown is not None:
            self.context.transfers.add(paths, Destination(self.work, self._shown.id, self._shown.barcode))

    def _on_view(self, kept: SampleFilter) -> None:
        """Put what a view keeps into the choices."""
        self._type.offer([(kept.sample_type, kept.sample_type)] if kept.sample_type else [])
        self._status.choose(kept.status)
        self._type.choose(kept.sample_type)
        self._inactive.setChecked(kept.include_inactive)
        self._bin.setChecked(kept.only_inactive)

    def _add_filters(self) -> None:
        statuses = ((formatting.status_badge(each).text, each) for each in SampleStatus)
        self._status = ChoiceFilter(self.tr("Status"), [(self.tr("All statuses"), None), *statuses], self.records)
        types = ((formatting.type_name(each), each.value) for each in SampleType)
        self._type = ChoiceFilter(self.tr("Type"), [(self.tr("All types"), None), *types], self.records)
        self.add_filter(self._status)
        self.add_filter(self._type)

    def _add_actions(self) -> None:
        new = ActionAppearance(self.tr("&New sample…"), "plus", Kind.PRIMARY, self.tr("Make a sample (Ctrl+N)"))
        self.new = self.add_own_action(
            Action(
                "new",
                new,
                lambda _none: self.begin_sample(),
                lambda _none: self.may(Verb.EDIT_SAMPLES),
                keys=["Ctrl+N"],
            )
        )
        self.steps = SampleSteps(self, self.bulk, self._on_saved).actions
        edit = ActionAppearance(self.tr("&Edit…"), "pencil")
        self.edit = self.add_action(
            Action(
                "edit",
                edit,
                lambda sample: open_record_form(self, sample),
                lambda sample: self._may_change(sample, Verb.EDIT_SAMPLES),
                rank=Rank.EDIT,
            )
        )
        self.edit_fields = self.add_action(self.fields.action())
        self.history = self.add_action(
            Action("history", ActionAppearance(self.tr("&History"), "history"), self._on_history)
        )
        self.active = self.add_action(
            Action(
                "active",
                active_appearance,
                self._on_active,
                lambda sample: self._may_change(sample, Verb.DEACTIVATE_RECORDS),
                do_for_many=self._on_active_of_many,
                words=self.tr("Deactivate or restore"),
            )
        )
        self.copy_of = self.add_action(self.making.copy_action())
        self.link = self.add_action(link_action(self, LinkKind.SAMPLE))
        self.evidence = self.add_action(evidence_action(self, lambda sample: sample.barcode))
        self.delete = self.add_action(
            Action(
                "delete",
                ActionAppearance(self.tr("&Delete for good…"), "x", Kind.DANGER),
                lambda sample: delete_sample(self, sample),
                lambda _sample: self.may(Verb.DELETE_RECORDS),
                lambda sample: not sample.is_active,
            )
        )
        self.attach = self.add_action(
            Action(
                "attach",
                ActionAppearance(self.tr("Add &files…"), "file-plus"),
                lambda _sample: choose_files(self, self.tr("Add files"), self.add_paths),
                lambda sample: self._may_change(sample, Verb.EDIT_DOCUMENTS),
            ),
            elsewhere=True,
        )
        self.sample_detail.documents_head.addWidget(ActionButton(self.attach, self.sample_detail))

    def _may_change(self, sample: Sample, verb: Verb) -> Allowed:
        if sample.status is SampleStatus.ARCHIVED:
            return False, self.tr("Archived samples are read-only.")
        return self.may(verb)

    def _on_types(self, types: tuple[ListedType, ...]) -> None:
        self.editing.types = types
        every = (self.tr("All types"), None)
        self._type.replace_all([every, *((formatting.type_name(each.code, each.name), each.code) for each in types)])

    def _load_documents(self) -> None:
        work, sample = self.work, self._shown
        if work is None or sample is None:
            return
        wanted = DocumentFilter(sample_id=sample.id)
        self.context.jobs.read(
            self,
            "documents",
            lambda: work.documents.list(wanted, None, ATTACHED).rows,
            self.sample_detail.show_documents,
        )

    def _drop_words(self, paths: list[Path]) -> tuple[str, bool]:
        sample = self._shown
        if sample is None:
            return self.tr("Choose a sample first, or drop on the Documents tab."), False
        if sample.status is SampleStatus.ARCHIVED:
            return self.tr("Archived samples take no documents."), False
        allowed, reason = self.may(Verb.EDIT_DOCUMENTS)
        return (drop_text(paths, sample.barcode), True) if allowed else (reason, False)

    def _on_created(self, sample: Sample) -> None:
        self.add_made(sample)
        self.context.messages.say(self.tr("Sample {barcode} is created.").format(barcode=sample.barcode))

    def _on_active_of_many(self, samples: Sequence[Sample]) -> None:
        change_active(self.bulk, self.work, samples, formatting.samples)

    def _on_active(self, sample: Sample) -> None:
        if self.work is not None:
            title = self.tr("Deactivate {barcode}?") if sample.is_active else self.tr("Restore {barcode}?")
            title = title.format(barcode=sample.barcode)
            switch_active(self, self.work, self.work.samples, sample, title, self._on_saved)

    def _on_saved(self, sample: Sample, back: Callable[[], Sample] | None = None) -> None:
        status = formatting.status_badge(sample.status).text.lower()
        if not sample.is_active:
            text = self.tr("Sample {barcode} is deactivated.").format(barcode=sample.barcode)
        else:
            text = self.tr("Sample {barcode} is saved: {status}.").format(barcode=sample.barcode, status=status)
        say_done(self, text, back)
        self.put_saved(sample)

    def _on_history(self, sample: Sample) -> None:
        self.context.go(Target(AuditEntry, only=Owner(sample.id, sample.barcode)))

    def _on_all_documents(self) -> None:
        if self._shown is not None:
            self.context.go(Target(Document, only=Owner(self._shown.id, self._shown.barcode)))

    def _on_document(self, document: Document | None) -> None:
        if document is not None:
            self.context.go(Target(Document, document.id))
