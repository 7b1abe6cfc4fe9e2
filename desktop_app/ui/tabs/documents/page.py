"""The list of documents, one document with its versions, and its preview."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QCheckBox

from desktop_app.domain.filters import SHORTEST_INDEXED, DocumentFilter
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import AuditEntry, Document, Sample, Version
from desktop_app.domain.rights import Verb
from desktop_app.domain.sorting import NEWEST_DOCUMENTS
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.dialogs.form_dialog import FormText
from desktop_app.ui.dialogs.reason import ReasonedAct, do_with_reason
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.paged import PagedTable, Source
from desktop_app.ui.models.transfers import Destination
from desktop_app.ui.tabs.documents.columns import document_columns, version_columns
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.tab_context import Owner, TabContext, Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.drop_text import seal_words
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.detail import Detail, Fact, Section
from desktop_app.ui.widgets.drop_veil import DropTarget
from desktop_app.ui.widgets.file_choice import choose_files, choose_target
from desktop_app.ui.widgets.preview import Preview
from desktop_app.ui.widgets.record_list import RecordList
from desktop_app.ui.widgets.small_table import SmallTable

if TYPE_CHECKING:
    from desktop_app.services.documents.documents import DocumentSeals


class DocumentsTab(RecordTab):
    """Everything one does with documents."""

    record_class = Document

    def __init__(self, context: TabContext) -> None:
        model: PagedTable[Document] = PagedTable(context.jobs, document_columns(), lambda row: row.id)
        placeholder = self.tr("Search title, file name, tag")
        records: RecordList[Document] = RecordList(
            context.jobs,
            model,
            self.tr("Documents"),
            placeholder,
            (self.tr("1 document"), self.tr("{count} documents")),
            sort=NEWEST_DOCUMENTS,
            shortest=SHORTEST_INDEXED,
        )
        model.setParent(records)
        detail = Detail("file-text", self.tr("Choose a document to see what is known about it."))
        self.preview = Preview(context.jobs)
        super().__init__(context, "documents", ("files", self.tr("Documents")), records, detail, below=self.preview)
        self._model = model
        self._sample: Owner | None = None
        self._shown: Document | None = None
        self._build_list()
        self._build_detail()
        self.drop = DropTarget(self, self._drop_words)
        self.drop.dropped.connect(self.add_paths)
        context.transfers.finished.connect(lambda _summary, destination: self._on_transferred(destination))

    def center_changed(self) -> None:
        """Forget what belongs to the other center."""
        self._sample = None
        self._sample_chip.hide()
        self._model.show(None)
        self._show(None)
        allowed, reason = self._may(Verb.EDIT_DOCUMENTS)
        self.add.set_allowed(allowed, reason)

    def reload(self) -> None:
        """Read the list."""
        work = self.work
        if work is None:
            self._say_no_center()
            return
        wanted = DocumentFilter(
            search=self.records.words,
            sample_id=self._sample.id if self._sample else None,
            include_inactive=self._inactive.isChecked(),
        )
        self._set_empty(wanted)
        sort = self.records.sort
        documents = work.documents
        self._model.show(
            Source(
                (work.center.id, wanted, sort),
                lambda part: documents.part(wanted, part, sort),
                lambda cap: documents.count(wanted, cap),
                documents.get,
            )
        )

    def go_to(self, target: Target) -> None:
        """The documents of one sample, a search, or one document."""
        if target.only is not None:
            self.show_sample(target.only)
        if target.search is not None:
            self.search_for(target.search)
        if target.record is not None:
            self.show_document(target.record)

    def retry(self) -> None:
        """The preview may be read now."""
        self.preview.retry()

    def show_sample(self, sample: Owner) -> None:
        """Narrow the list to the documents of one sample."""
        self._sample = sample
        self._sample_chip.setText(self.tr("Sample {name}").format(name=sample.name))
        self._sample_chip.show()
        self.mark_stale()

    def show_document(self, document_id: UUID) -> None:
        """Go to one document, wherever it stands in the list."""
        work = self.work
        if work is not None:
            self.context.jobs.read(self, "one", lambda: work.documents.get(document_id), self._on_found)

    def _on_found(self, document: Document) -> None:
        if self._model.row_of(document.id) < 0:
            self._clear_filters()
            with QSignalBlocker(self._inactive):
                self._inactive.setChecked(self._inactive.isChecked() or not document.is_active)
            self.reload()
        self.records.select(document.id)
        self._model.upsert(document)

    def add_paths(self, paths: list[Path]) -> None:
        """Seal and save these; used by the drop and by the button."""
        if self.work is not None:
            self.context.transfers.add(paths, self._destination())

    def _build_list(self) -> None:
        self._sample_chip = Button("", "x")
        self._sample_chip.set_tip(self.tr("Show the documents of all samples"))
        self._sample_chip.hide()
        self._sample_chip.clicked.connect(self._on_chip)
        self._inactive = QCheckBox(self.tr("Show deact&ivated"))
        self._inactive.toggled.connect(lambda _on: self.reload())
        self.add = Button(self.tr("A&dd files…"), "file-plus", Kind.PRIMARY)
        self.add.set_tip(self.tr("Or drop files and folders anywhere on this tab (Ctrl+N, Ctrl+O)"))
        self.add.clicked.connect(self._on_add)
        self.records.add_filter(self._sample_chip)
        self.records.add_foot(self._inactive)
        self.records.add_action(self.add)
        self.records.searched.connect(self.reload)
        self.records.chosen.connect(self._show)
        self.records.opened.connect(self._on_open)
        self.records.entered.connect(self._on_open)
        self.records.empty.acted.connect(self._on_empty_action)
        self.make_new = self.add.click

    def _build_detail(self) -> None:
        self.open = Button(self.tr("&Open with…"), "external-link")
        self.open.set_tip(self.tr("Open a copy with another program (Enter)"))
        self.save = Button(self.tr("&Save as…"), "download")
        self.save.set_tip(self.tr("Save a copy in clear where you say (Ctrl+S)"))
        self.save.setShortcut(QKeySequence.StandardKey.Save)
        self.edit = Button(self.tr("&Edit…"), "pencil")
        self.history = Button(self.tr("&History"), "history")
        self.go_sample = Button(self.tr("&Go to sample"), "test-tube")
        self.active = Button("", "circle-slash")
        for button in (self.open, self.edit, self.save, self.history, self.active, self.go_sample):
            self.detail.add_button(button)
        self.open.clicked.connect(self._on_open)
        self.save.clicked.connect(self._on_save_as)
        self.edit.clicked.connect(self._on_edit)
        self.history.clicked.connect(self._on_history)
        self.go_sample.clicked.connect(self._on_go_sample)
        self.active.clicked.connect(self._on_active)
        self.preview.save_asked.connect(self._on_save_as)
        self.preview.failed.connect(self.context.events.stored_file_failed)
        self.versions: SmallTable[Version] = SmallTable(version_columns(), lambda row: row.number, self.tr("Versions"))
        self.versions.chosen.connect(self._on_version)
        self._version_section = Section(self.tr("Versions"))
        self._version_section.body.addWidget(self.versions)
        self._version_section.hide()
        self.detail.add_section(self._version_section)
        self.detail.sections.addStretch(1)

    def _destination(self) -> Destination:
        assert self.work is not None
        if self._sample:
            return Destination(self.work, self._sample.id, self._sample.name)
        return Destination(self.work)

    def _drop_words(self, paths: list[Path]) -> tuple[str, bool]:
        allowed, reason = self._may(Verb.EDIT_DOCUMENTS)
        if not allowed:
            return reason, False
        return seal_words(paths, self._destination().name), True

    def _set_empty(self, wanted: DocumentFilter) -> None:
        narrowed = bool(wanted.search or wanted.sample_id)
        if narrowed:
            text = (
                self.tr("No document fits the search.") if wanted.search else self.tr("This sample has no documents.")
            )
            self.records.empty.set("search", self.tr("Nothing found"), text, self.tr("Show all documents"))
            return
        allowed, _ = self._may(Verb.EDIT_DOCUMENTS)
        self.records.empty.set(
            "lock-keyhole",
            self.tr("No documents yet"),
            self.tr("Drop files or folders here. They are sealed on this computer before they are stored."),
            self.tr("Add files…") if allowed else "",
        )

    def _clear_filters(self) -> None:
        self._sample = None
        self._sample_chip.hide()
        self.records.clear_search()

    def _show(self, document: Document | None) -> None:
        previous, self._shown = self._shown, document
        if document is None or self.work is None:
            self.detail.show_nothing()
            self.preview.clear()
            return
        badges = [] if document.is_active else [formatting.inactive_badge()]
        self.detail.show_record(document.title, document.document_type, badges, self._facts(document))
        self._set_buttons(document)
        if previous is not None and (previous.id, previous.latest_version_id) == (
            document.id,
            document.latest_version_id,
        ):
            return
        self._show_versions(())
        work = self.work
        self.context.jobs.read(
            self, "versions", lambda: work.documents.seals(document), lambda found: self._show_seals(document, found)
        )
        self._load_preview(document, None, document.file_name)

    def _facts(self, document: Document) -> list[Fact]:
        return [
            (self.tr("Sample"), document.sample_barcode),
            (self.tr("Tags"), ", ".join(document.tags)),
            (self.tr("File"), document.file_name),
            (self.tr("Version"), formatting.number(document.latest_number)),
            (self.tr("Size"), formatting.size(document.size), formatting.exact_size(document.size)),
            (
                self.tr("Added"),
                formatting.when_and_who(document.created_at, document.created_by),
                formatting.exact_date(document.created_at),
            ),
        ]

    def _set_buttons(self, document: Document) -> None:
        self.edit.set_allowed(*self._may(Verb.EDIT_DOCUMENTS))
        self.active.set_allowed(*self._may(Verb.DEACTIVATE_RECORDS))
        self.active.set_icon("circle-slash" if document.is_active else "rotate-ccw")
        self.active.setText(self.tr("Deacti&vate") if document.is_active else self.tr("&Restore"))
        self.active.set_tip(
            self.tr("Take it out of the lists; nothing is deleted")
            if document.is_active
            else self.tr("Bring it back into the lists")
        )
        self.go_sample.setVisible(document.sample_id is not None)

    def _load_preview(self, document: Document, number: int | None, file_name: str) -> None:
        work = self.work
        if work is not None:
            mime = document.mime_type
            self.preview.load(lambda: work.documents.content(document, number), file_name, mime)

    def _on_version(self, version: Version | None) -> None:
        if version is not None and self._shown is not None:
            self._load_preview(self._shown, version.number, version.file_name)

    def _show_seals(self, document: Document, found: "DocumentSeals") -> None:
        """Who sealed it is said by the signature, never by a row of the database."""
        self._show_versions(tuple(replace(seal.version, created_by=seal.by) for seal in found.seals))
        if found.alarm is not None:
            self.context.messages.notice(Notice(said(found.alarm), Tone.DANGER))
        if self._shown is None or self._shown.id != document.id:
            return
        self.detail.facts.set([*self._facts(self._shown), self._seal_fact(found)])

    def _seal_fact(self, found: "DocumentSeals") -> Fact:
        if found.alarm is not None or not found.seals:
            return (self.tr("Sealed"), self.tr("Not verified"), said(found.alarm or ""))
        seal = found.seals[0]
        return (
            self.tr("Sealed by"),
            self.tr("{who}, {when}, verified").format(who=seal.by, when=formatting.short_date(seal.at)),
            self.tr("By the signature of version {number}, {when}").format(
                number=formatting.number(seal.version.number), when=formatting.exact_date(seal.at)
            ),
        )

    def _show_versions(self, versions: tuple[Version, ...]) -> None:
        # One version is said by the facts above.
        self.versions.set_rows(versions)
        self._version_section.setVisible(len(versions) > 1)

    def _chosen_version(self) -> Version | None:
        return self.versions.model.record(self.versions.table.currentIndex())

    def _on_open(self) -> None:
        if self._shown is not None:
            version = self._chosen_version()
            self.context.events.external_copy_asked.emit(self._shown, version.number if version else None)

    def _on_save_as(self) -> None:
        document, version = self._shown, self._chosen_version()
        if document is None:
            return
        name = version.file_name if version else document.file_name
        number = version.number if version else None
        choose_target(
            self, self.tr("Save a copy in clear"), name, lambda target: self.save_copy(document, number, target)
        )

    def save_copy(self, document: Document, number: int | None, target: Path) -> None:
        """Write a version in clear to a file that the person chose."""
        work = self.work
        if work is None:
            return
        self.context.tasks.run(
            self,
            self.tr("Saving {name}").format(name=target.name),
            lambda job: work.documents.save_as(document, target, number, job.report, overwrite=True),
            lambda path: self.context.messages.say(
                self.tr("Saved in clear as {path}. Delete the copy when you do not need it any more.").format(path=path)
            ),
        )

    def _on_edit(self) -> None:
        if self._shown is None or self.work is None:
            return
        dialog = DocumentDialog(self.context.jobs, self.work, self._shown, self)
        dialog.saved.connect(self._on_saved)
        dialog.stale.connect(self.mark_stale)
        dialog.open()

    def _on_active(self) -> None:
        document, work = self._shown, self.work
        if document is None or work is None:
            return
        change = work.documents.deactivate if document.is_active else work.documents.restore
        verb = ReasonVerb.DEACTIVATE if document.is_active else ReasonVerb.RESTORE
        title = self.tr("Deactivate “{title}”?") if document.is_active else self.tr("Restore “{title}”?")
        text = FormText(title.format(title=document.title), self.active.text())
        act = ReasonedAct(work.center, verb, text, lambda reason: change(document, reason))
        do_with_reason(self, self.context.jobs, act, self._on_saved, self.active.set_busy)

    def _on_saved(self, document: Document) -> None:
        self.context.messages.say(self.tr("“{title}” is saved.").format(title=document.title))
        if document.is_active or self._inactive.isChecked():
            self._model.upsert(document)
        else:
            self._model.remove(document.id)
        self.context.events.changed.emit(Document, document)

    def _on_history(self) -> None:
        if self._shown is not None:
            self.context.go(Target(AuditEntry, only=Owner(self._shown.id, self._shown.title)))

    def _on_go_sample(self) -> None:
        if self._shown is not None:
            self.context.go(Target(Sample, self._shown.sample_id))

    def _on_add(self) -> None:
        choose_files(self, self.tr("Add files"), self.add_paths)

    def _on_empty_action(self) -> None:
        if self.records.search.text() or self._sample:
            self._clear_filters()
            self.reload()
        else:
            self._on_add()

    def _on_chip(self) -> None:
        self._sample = None
        self._sample_chip.hide()
        self.reload()

    def _on_transferred(self, destination: Destination) -> None:
        if self.work is destination.work:
            self.context.events.changed.emit(Document, None)
