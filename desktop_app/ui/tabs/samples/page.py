"""The list of samples and what is done with one."""

from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox

from desktop_app.domain.filters import SHORTEST_INDEXED, DocumentFilter, SampleFilter
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import AuditEntry, Document, ListedType, Sample, SampleType
from desktop_app.domain.rights import Verb
from desktop_app.domain.sorting import NEWEST_SAMPLES
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.form_dialog import FormText
from desktop_app.ui.dialogs.reason import ReasonedAct, RejectDialog, do_with_reason
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.models.paged import PagedTable, Source
from desktop_app.ui.models.transfers import Destination
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.samples.columns import sample_columns
from desktop_app.ui.tabs.samples.detail import SampleDetail
from desktop_app.ui.tabs.tab_context import Owner, TabContext, Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.drop_text import seal_words
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.drop_veil import DropTarget
from desktop_app.ui.widgets.field import ChoiceBox
from desktop_app.ui.widgets.file_choice import choose_files
from desktop_app.ui.widgets.record_list import RecordList

ATTACHED = 50


class SamplesTab(RecordTab):
    """Everything one does with samples."""

    record_class = Sample
    also_shows = frozenset({Document})

    def __init__(self, context: TabContext) -> None:
        model: PagedTable[Sample] = PagedTable(context.jobs, sample_columns(), lambda row: row.id)
        placeholder = self.tr("Search name, barcode, description")
        records: RecordList[Sample] = RecordList(
            context.jobs,
            model,
            self.tr("Samples"),
            placeholder,
            (self.tr("1 sample"), self.tr("{count} samples")),
            sort=NEWEST_SAMPLES,
            shortest=SHORTEST_INDEXED,
        )
        model.setParent(records)
        self.sample_detail = SampleDetail()
        super().__init__(context, "samples", ("test-tube", self.tr("Samples")), records, self.sample_detail)
        self._model = model
        self._shown: Sample | None = None
        self._build_list()
        self._connect_detail()
        self.drop = DropTarget(self.detail, self._drop_words)
        self.drop.dropped.connect(self.add_paths)

    def center_changed(self) -> None:
        """Forget what belongs to the other center."""
        self._model.show(None)
        self._show(None)
        self.set_seeking(False)
        self.new.set_allowed(*self._may(Verb.EDIT_SAMPLES))
        if (work := self.work) is not None:
            self.context.jobs.read(
                self, "types", lambda: work.vocabulary.sample_types(include_inactive=True), self._on_types
            )

    def reload(self) -> None:
        """Read the list."""
        work = self.work
        if work is None:
            self._say_no_center()
            return
        wanted = SampleFilter(
            search=self.records.words,
            status=self._status.value,
            sample_type=self._type.value,
            include_inactive=self._inactive.isChecked(),
        )
        self._set_empty(narrowed=bool(wanted.search or wanted.status or wanted.sample_type))
        sort = self.records.sort
        samples = work.samples
        self._model.show(
            Source(
                (work.center.id, wanted, sort),
                lambda part: samples.part(wanted, part, sort),
                lambda cap: samples.count(wanted, cap),
                samples.get,
            )
        )

    def _on_types(self, types: tuple[ListedType, ...]) -> None:
        every = (self.tr("All types"), None)
        self._type.replace_all([every, *((formatting.type_name(each.code, each.name), each.code) for each in types)])

    def go_to(self, target: Target) -> None:
        """One sample, with or without the filters that are set, or a search."""
        if target.unfiltered:
            self._clear_filters()
            self.reload()
        if target.search is not None:
            self.search_for(target.search)
        if target.record is not None:
            self.show_sample(target.record)

    def show_sample(self, sample_id: UUID) -> None:
        """Go to one sample, wherever it stands in the list."""
        work = self.work
        if work is not None:
            self.context.jobs.read(self, "one", lambda: work.samples.get(sample_id), self._on_found, self._on_not_found)

    def set_seeking(self, seeking: bool) -> None:
        """Whether another sample than the one that is shown is looked for: until then nothing is done with this one."""
        if seeking and self.detail.isAncestorOf(self.focusWidget()):
            self.records.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.detail.setEnabled(not seeking)

    def add_paths(self, paths: list[Path]) -> None:
        """Seal and save these for the sample that is shown."""
        if self.work is not None and self._shown is not None:
            self.context.transfers.add(paths, Destination(self.work, self._shown.id, self._shown.barcode))

    def mark_stale(self) -> None:
        """What is shown may have changed: its documents too."""
        super().mark_stale()
        self._load_documents()

    def _build_list(self) -> None:
        every = [(self.tr("All statuses"), None)]
        self._status = ChoiceBox([*every, *((formatting.status_badge(each).text, each) for each in SampleStatus)])
        self._status.setAccessibleName(self.tr("Status"))
        self._type = ChoiceBox(
            [(self.tr("All types"), None), *((formatting.type_name(each), each.value) for each in SampleType)]
        )
        self._type.setAccessibleName(self.tr("Type"))
        self._inactive = QCheckBox(self.tr("Show deact&ivated"))
        self.new = Button(self.tr("&New sample…"), "plus", Kind.PRIMARY)
        self.new.set_tip(self.tr("Make a sample (Ctrl+N)"))
        for widget in (self._status, self._type):
            self.records.add_filter(widget)
        self.records.add_foot(self._inactive)
        self.records.add_action(self.new)
        self._status.currentIndexChanged.connect(lambda _at: self.reload())
        self._type.currentIndexChanged.connect(lambda _at: self.reload())
        self._inactive.toggled.connect(lambda _on: self.reload())
        self.new.clicked.connect(lambda: self.begin_sample())
        self.records.searched.connect(self.reload)
        self.records.chosen.connect(self._show)
        self.records.opened.connect(self.sample_detail.edit.click)
        self.records.entered.connect(self.sample_detail.take_focus)
        self.records.empty.acted.connect(self._on_empty_action)
        self.make_new = self.new.click

    def _connect_detail(self) -> None:
        detail = self.sample_detail
        for step, button in detail.steps.items():
            button.clicked.connect(lambda _checked=False, step=step: self._on_step(step))
        detail.edit.clicked.connect(self._on_edit)
        detail.history.clicked.connect(self._on_history)
        detail.active.clicked.connect(self._on_active)
        detail.attach.clicked.connect(lambda: choose_files(self, self.tr("Add files"), self.add_paths))
        detail.all_documents.clicked.connect(self._on_all_documents)
        detail.documents.opened.connect(self._on_document)

    def _set_empty(self, *, narrowed: bool) -> None:
        if narrowed:
            text = self.tr("No sample fits the search and filters.")
            self.records.empty.set("search", self.tr("Nothing found"), text, self.tr("Show all samples"))
            return
        allowed, _ = self._may(Verb.EDIT_SAMPLES)
        self.records.empty.set(
            "test-tube",
            self.tr("No samples yet"),
            self.tr("A sample is a specimen under a barcode, with a status that everybody can follow."),
            self.tr("New sample…") if allowed else "",
        )

    def _show(self, sample: Sample | None) -> None:
        changed = sample is None or self._shown is None or self._shown.id != sample.id
        self._shown = sample
        if sample is None:
            self.detail.show_nothing()
            return
        self.sample_detail.show_sample(sample, self._may)
        if changed:
            self.sample_detail.show_documents(())
            self._load_documents()

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
        allowed, reason = self._may(Verb.EDIT_DOCUMENTS)
        return (seal_words(paths, sample.barcode), True) if allowed else (reason, False)

    def _on_not_found(self, error: LabkeepError) -> None:
        self.set_seeking(False)
        self.context.jobs.failed.emit(error)

    def _on_found(self, sample: Sample) -> None:
        self.set_seeking(False)
        if self._model.row_of(sample.id) < 0:
            self._clear_filters()
            with QSignalBlocker(self._inactive):
                self._inactive.setChecked(self._inactive.isChecked() or not sample.is_active)
            self.reload()
        self.records.select(sample.id)
        self._model.upsert(sample)

    def begin_sample(self, barcode: str = "") -> None:
        """Open the form of a new sample, perhaps with the barcode that was scanned."""
        if self.work is not None:
            dialog = SampleDialog(self.context.jobs, self.work, None, self)
            dialog.saved.connect(self._on_created)
            dialog.open()
            if barcode:
                dialog.fill_barcode(barcode)

    def _on_created(self, sample: Sample) -> None:
        self.records.select(sample.id)
        self._model.upsert(sample)
        self.context.messages.say(self.tr("Sample {barcode} is created.").format(barcode=sample.barcode))
        self.context.events.changed.emit(Sample, sample)

    def _on_edit(self) -> None:
        if self.work is not None and self._shown is not None:
            dialog = SampleDialog(self.context.jobs, self.work, self._shown, self)
            dialog.saved.connect(self._on_saved)
            dialog.stale.connect(self.mark_stale)
            dialog.open()

    def _on_step(self, step: Step) -> None:
        sample, work = self._shown, self.work
        if sample is None or work is None:
            return
        if step is Step.REJECT:
            dialog = RejectDialog(self.context.jobs, work, sample, self)
            dialog.saved.connect(self._on_saved)
            dialog.stale.connect(self.mark_stale)
            dialog.open()
            return
        if step is Step.ARCHIVE:
            question = Question(
                self.tr("Archive {barcode}?").format(barcode=sample.barcode),
                self.tr("An archived sample is read-only for good and takes no more documents."),
                self.tr("Archive sample"),
                danger=True,
            )
            ask(self, question, lambda: self._step(sample, step))
            return
        self._step(sample, step)

    def _step(self, sample: Sample, step: Step) -> None:
        work = self.work
        if work is not None:
            busy = self.sample_detail.steps[step].set_busy
            self.context.jobs.write(self, lambda: work.samples.step(sample, step), self._on_saved, busy=busy)

    def _on_active(self) -> None:
        sample, work = self._shown, self.work
        if sample is None or work is None:
            return
        change = work.samples.deactivate if sample.is_active else work.samples.restore
        verb = ReasonVerb.DEACTIVATE if sample.is_active else ReasonVerb.RESTORE
        title = self.tr("Deactivate {barcode}?") if sample.is_active else self.tr("Restore {barcode}?")
        text = FormText(title.format(barcode=sample.barcode), self.sample_detail.active.text())
        act = ReasonedAct(work.center, verb, text, lambda reason: change(sample, reason))
        do_with_reason(self, self.context.jobs, act, self._on_saved, self.sample_detail.active.set_busy)

    def _on_saved(self, sample: Sample) -> None:
        status = formatting.status_badge(sample.status).text.lower()
        if not sample.is_active:
            text = self.tr("Sample {barcode} is deactivated.").format(barcode=sample.barcode)
        else:
            text = self.tr("Sample {barcode} is saved: {status}.").format(barcode=sample.barcode, status=status)
        self.context.messages.say(text)
        if sample.is_active or self._inactive.isChecked():
            self._model.upsert(sample)
        else:
            self._model.remove(sample.id)
        self.context.events.changed.emit(Sample, sample)

    def _on_history(self) -> None:
        if self._shown is not None:
            self.context.go(Target(AuditEntry, only=Owner(self._shown.id, self._shown.barcode)))

    def _on_all_documents(self) -> None:
        if self._shown is not None:
            self.context.go(Target(Document, only=Owner(self._shown.id, self._shown.barcode)))

    def _on_document(self, document: Document | None) -> None:
        if document is not None:
            self.context.go(Target(Document, document.id))

    def _on_empty_action(self) -> None:
        if not (self.records.search.text() or self._status.currentIndex() or self._type.currentIndex()):
            self.begin_sample()
            return
        self._clear_filters()
        self.reload()

    def _clear_filters(self) -> None:
        """Take the search and the filters off, without reading."""
        self.records.clear_search()
        for choice in (self._status, self._type):
            with QSignalBlocker(choice):
                choice.setCurrentIndex(0)
