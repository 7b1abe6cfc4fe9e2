"""The list of documents, one document with its versions, and its preview."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.filters import SHORTEST_INDEXED, DocumentFilter
from desktop_app.domain.links import LinkKind
from desktop_app.domain.records import AuditEntry, Document, Sample, Version
from desktop_app.domain.rights import Verb
from desktop_app.domain.sorting import NEWEST_DOCUMENTS
from desktop_app.ui.dialogs.delete import DoomedWords, delete_dialog, deleted_words
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.import_files import ImportDialog
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.models.transfers import Destination
from desktop_app.ui.tabs.bulk_changes import BulkChanges, change_active
from desktop_app.ui.tabs.documents.attaching import attach_action
from desktop_app.ui.tabs.documents.columns import document_columns, version_columns
from desktop_app.ui.tabs.documents.in_place import DocumentEditing
from desktop_app.ui.tabs.documents.seals import seal_fact
from desktop_app.ui.tabs.documents.sheets import document_export
from desktop_app.ui.tabs.evidence_action import evidence_action
from desktop_app.ui.tabs.link_action import link_action
from desktop_app.ui.tabs.record_form import open_record_form
from desktop_app.ui.tabs.record_tab import Listing, RecordTab
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.tabs.undoing import active_appearance, say_done, switch_active
from desktop_app.ui.text import formatting
from desktop_app.ui.text.drop_text import drop_text
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Menu, Rank
from desktop_app.ui.widgets.buttons import Kind
from desktop_app.ui.widgets.detail import Detail, Fact
from desktop_app.ui.widgets.drag_source import DragSource
from desktop_app.ui.widgets.drop_overlay import DropTarget
from desktop_app.ui.widgets.empty_state import EmptyWords
from desktop_app.ui.widgets.file_choice import choose_files, choose_target
from desktop_app.ui.widgets.list_filters import Owner, OwnerFilter
from desktop_app.ui.widgets.preview import Preview
from desktop_app.ui.widgets.small_table import SmallTable
from desktop_app.ui.widgets.value_label import EditableFact

if TYPE_CHECKING:
    from desktop_app.services.documents.deletion import Deleted, Doomed
    from desktop_app.services.documents.documents import DocumentSeals


class DocumentsTab(RecordTab[Document]):
    """Everything one does with documents."""

    record_class = Document
    choosing_opens = True
    menu = Menu.DOCUMENT
    icon = "files"

    def __init__(self, context: TabContext, parent: QWidget | None = None) -> None:
        listing = Listing(
            "documents",
            document_columns(),
            (self.tr("1 document"), self.tr("{count} documents")),
            self.tr("Search title, file name, tag"),
            NEWEST_DOCUMENTS,
            SHORTEST_INDEXED,
            has_bin=True,
        )
        super().__init__(context, listing, parent)
        self._editing = DocumentEditing(self, self._on_saved)
        self._sample = OwnerFilter(self.tr("Sample {name}"), self.tr("Show the documents of all samples"))
        self.add_filter(self._sample)
        self._seals: DocumentSeals | None = None
        self.bulk = BulkChanges(self)
        self._add_actions()
        self.attach = self.add_action(attach_action(self, self.bulk))
        self.export = document_export(self, lambda: self.wanted).action
        self._build_detail()
        self.records.opened.connect(self.open.click)
        self.records.entered.connect(self.detail.take_focus)
        self.drag = DragSource(self.records.table)
        self.drag.started.connect(context.events.dragged)
        self.drop = DropTarget(self, self._drop_words)
        self.drop.dropped.connect(self.add_paths)
        context.transfers.keys_wanted.connect(self.ask_for_import)

    @classmethod
    def title(cls) -> str:
        """Its name in the bar."""
        return QCoreApplication.translate("DocumentsTab", "Documents")

    def make_detail(self, parent: QWidget) -> Detail:
        """Its right side."""
        return Detail(parent)

    def make_below(self, parent: QWidget) -> QWidget:
        """The preview."""
        self.preview = Preview(self.context.jobs, parent)
        return self.preview

    def source(self) -> Source[Document] | EmptyWords:
        """The documents of the center, or of one of its samples."""
        if (work := self.work) is None:
            return self.no_center()
        wanted, sort, documents = self.wanted, self.records.sort, work.documents
        return Source(
            (work.center.id, wanted, sort),
            lambda part: documents.part(wanted, part, sort),
            lambda cap: documents.count(wanted, cap),
            documents.get,
        )

    @property
    def wanted(self) -> DocumentFilter:
        """What is asked of the list."""
        owner = self._sample.owner
        return DocumentFilter(
            search=self.records.words,
            sample_id=owner.id if owner else None,
            include_inactive=self._inactive.isChecked(),
            only_inactive=self._bin.isChecked(),
        )

    def show_record(self, record: Document, before: Document | None) -> None:
        """Show a document; versions and content are read where they are others than before."""
        badges = () if record.is_active else (formatting.inactive_badge(),)
        self.detail.show_record(self._editing.title(record), record.document_type, badges, self._facts(record))
        if (work := self.work) is None:
            return
        is_other = _content(before) != _content(record)
        if is_other:
            self._show_versions(())
            self._load_preview(record, None, record.file_name)
        elif self._seals is not None and before is not None and before.row_version == record.row_version:
            self._say_who_sealed(self._seals)
            return
        self._seals = None
        self.context.jobs.read(
            self, "versions", lambda: work.documents.seals(record), lambda found: self._show_seals(record, found)
        )

    def show_nothing(self) -> None:
        """There is no content either."""
        super().show_nothing()
        self.preview.clear()

    def nothing_yet(self) -> EmptyWords:
        """How documents come here."""
        allowed, _ = self.may(Verb.EDIT_DOCUMENTS)
        return EmptyWords(
            "lock-keyhole",
            self.tr("No documents yet"),
            self.tr("Drop files or folders here. They are sealed on this computer before they are stored."),
            self.tr("Add files…") if allowed else "",
        )

    def nothing_fits(self) -> EmptyWords:
        """The way back to all."""
        text = (
            self.tr("No document fits the search.") if self.records.words else self.tr("This sample has no documents.")
        )
        if self._bin.isChecked():
            text = self.tr("No deactivated document fits the search and filters.")
        return EmptyWords("search", self.tr("Nothing found"), text, self.tr("Show all documents"))

    def retry(self) -> None:
        """The preview may be read now."""
        self.preview.retry()

    def add_paths(self, paths: list[Path]) -> None:
        """Seal and save these; used by the drop and by the button."""
        if self.work is not None:
            self.context.transfers.add(paths, self._destination())

    def ask_for_import(self, paths: Sequence[Path] = (), destination: Destination | None = None) -> None:
        """Ask for the files of an older system and their keys; *paths*: those that are tried again."""
        if self.work is None:
            return
        dialog = ImportDialog(self.context.jobs, destination or self._destination(), paths, self)
        transfers = self.context.transfers
        dialog.saved.connect(lambda asked: transfers.add(asked.paths, asked.destination, asked.sources))
        dialog.open()

    def _add_actions(self) -> None:
        tip = self.tr("Or drop files and folders anywhere on this tab (Ctrl+N, Ctrl+O)")
        self.add = self.add_own_action(
            Action(
                "add",
                ActionAppearance(self.tr("A&dd files…"), "file-plus", Kind.PRIMARY, tip),
                lambda _none: choose_files(self, self.tr("Add files"), self.add_paths),
                lambda _none: self.may(Verb.EDIT_DOCUMENTS),
                keys=["Ctrl+N", "Ctrl+O"],
            )
        )
        old = self.tr("Files of an older system that hold Fernet tokens")
        self.bring_in = self.add_own_action(
            Action(
                "import",
                ActionAppearance(self.tr("I&mport encrypted files…"), "key-round", tip=old),
                lambda _none: self.ask_for_import(),
                lambda _none: self.may(Verb.EDIT_DOCUMENTS),
            )
        )
        opened = ActionAppearance(
            self.tr("&Open with…"), "external-link", Kind.PRIMARY, self.tr("Open a copy with another program (Enter)")
        )
        saved = ActionAppearance(self.tr("&Save as…"), "download", tip=self.tr("A copy in clear for you (Ctrl+S)"))
        self.open = self.add_action(Action("open", opened, self._on_open, self.may_export, rank=Rank.OPEN))
        self.edit = self.add_action(
            Action(
                "edit",
                ActionAppearance(self.tr("&Edit…"), "pencil"),
                lambda document: open_record_form(self, document),
                lambda _document: self.may(Verb.EDIT_DOCUMENTS),
                rank=Rank.EDIT,
            )
        )
        self.save = self.add_action(Action("save", saved, self._on_save_as, self.may_export, keys=["Ctrl+S"]))
        history = ActionAppearance(self.tr("&History"), "history")
        self.history = self.add_action(Action("history", history, self._on_history))
        self.active = self.add_action(
            Action(
                "active",
                active_appearance,
                self._on_active,
                lambda _document: self.may(Verb.DEACTIVATE_RECORDS),
                do_for_many=self._on_active_of_many,
                words=self.tr("Deactivate or restore"),
            )
        )
        self.link = self.add_action(link_action(self, LinkKind.DOCUMENT))
        self.evidence = self.add_action(evidence_action(self, lambda document: document.title))
        self.delete = self.add_action(
            Action(
                "delete",
                ActionAppearance(self.tr("&Delete for good…"), "x", Kind.DANGER),
                self._on_delete,
                lambda _document: self.may(Verb.DELETE_RECORDS),
                lambda document: not document.is_active,
            )
        )
        sample = ActionAppearance(self.tr("&Go to sample"), "test-tube")
        self.go_sample = self.add_action(Action("sample", sample, self._on_go_sample, shown=_has_sample))

    def _build_detail(self) -> None:
        large = ActionAppearance(self.tr("Large pre&view"), "eye", tip=self.tr("Over the whole window (Space)"))
        self.large = self.add_action(Action("large", large, lambda document: self.preview.enlarge(document.title)))
        self.records.table.looked_at.connect(self.large.trigger)
        self.preview.save_asked.connect(self.save.click)
        self.preview.failed.connect(self.context.events.stored_file_failed)
        self._version_section = self.detail.add_section(self.tr("Versions"))
        self.versions: SmallTable[Version] = SmallTable(
            version_columns(), lambda row: row.number, self.tr("Versions"), self._version_section
        )
        self.versions.chosen.connect(self._on_version)
        self._version_section.body.addWidget(self.versions)
        self._version_section.hide()
        self.detail.sections.addStretch(1)

    def _destination(self) -> Destination:
        assert self.work is not None
        owner = self._sample.owner
        return Destination(self.work, owner.id, owner.name) if owner else Destination(self.work)

    def _drop_words(self, paths: list[Path]) -> tuple[str, bool]:
        allowed, reason = self.may(Verb.EDIT_DOCUMENTS)
        if not allowed:
            return reason, False
        return drop_text(paths, self._destination().name), True

    def _facts(self, document: Document) -> list[Fact | EditableFact]:
        return [
            (self.tr("Sample"), document.sample_barcode),
            self._editing.tags(document),
            (self.tr("File"), document.file_name),
            (self.tr("Version"), formatting.number(document.latest_number)),
            (self.tr("Size"), formatting.size(document.size), formatting.exact_size(document.size)),
            (
                self.tr("Added"),
                formatting.when_and_who(document.created_at, document.created_by),
                formatting.exact_date(document.created_at),
            ),
        ]

    def _load_preview(self, document: Document, number: int | None, file_name: str) -> None:
        work = self.work
        if work is not None:
            self.preview.load(lambda: work.documents.content(document, number), file_name, document.mime_type)

    def _on_version(self, version: Version | None) -> None:
        if version is not None and self._shown is not None:
            self._load_preview(self._shown, version.number, version.file_name)

    def _show_seals(self, document: Document, found: "DocumentSeals") -> None:
        """Who sealed it is said by the signature, never by a row of the database."""
        self._show_versions(tuple(replace(seal.version, created_by=seal.by) for seal in found.seals))
        if found.alarm is not None:
            self.context.messages.notice(Notice(said(found.alarm), Tone.DANGER))
        if self._shown is not None and self._shown.id == document.id:
            self._seals = found
            self._say_who_sealed(found)

    def _say_who_sealed(self, found: "DocumentSeals") -> None:
        if self._shown is not None:
            self.detail.facts.set([*self._facts(self._shown), seal_fact(found)])

    def _show_versions(self, versions: tuple[Version, ...]) -> None:
        # One version is said by the facts above.
        self.versions.set_rows(versions)
        self._version_section.setVisible(len(versions) > 1)

    def _chosen_version(self) -> Version | None:
        return self.versions.model.record(self.versions.table.currentIndex())

    def _on_open(self, document: Document) -> None:
        version = self._chosen_version()
        self.context.events.external_copy_asked.emit(document, version.number if version else None)

    def _on_save_as(self, document: Document) -> None:
        version = self._chosen_version()
        name, number = (version.file_name, version.number) if version else (document.file_name, None)
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

    def make_form(self, record: Document | None) -> FormDialog | None:
        """Of a document; a new one is made of a file."""
        if self.work is None or record is None:
            return None
        dialog = DocumentDialog(self.context.jobs, self.work, record, self)
        dialog.saved.connect(self._on_saved)
        return dialog

    def _on_active(self, document: Document) -> None:
        if self.work is not None:
            title = self.tr("Deactivate “{title}”?") if document.is_active else self.tr("Restore “{title}”?")
            title = title.format(title=document.title)
            switch_active(self, self.work, self.work.documents, document, title, self._on_saved)

    def _on_active_of_many(self, documents: Sequence[Document]) -> None:
        change_active(self.bulk, self.work, documents, formatting.documents)

    def _on_delete(self, document: Document) -> None:
        work = self.work
        if work is None:
            return

        def ask_whether(doomed: "Doomed") -> None:
            words = DoomedWords(self.tr("Delete “{name}” for good?"), document.title, self.tr("Title"))
            dialog = delete_dialog(self.context.jobs, work, doomed, words, self)
            dialog.saved.connect(lambda done: self._on_deleted(document, done))
            self.open_form(dialog)

        self.context.jobs.read(self, "doomed", lambda: work.deletion.look((), [document]), ask_whether)

    def _on_deleted(self, document: Document, done: "Deleted") -> None:
        self.context.messages.say(deleted_words(document.title, done))
        self.put_away(document.id)

    def _on_saved(self, document: Document, back: Callable[[], Document] | None = None) -> None:
        text = self.tr("“{title}” is saved.") if document.is_active else self.tr("“{title}” is in the bin.")
        say_done(self, text.format(title=document.title), back)
        self.put_saved(document)

    def _on_history(self, document: Document) -> None:
        self.context.go(Target(AuditEntry, only=Owner(document.id, document.title)))

    def _on_go_sample(self, document: Document) -> None:
        self.context.go(Target(Sample, document.sample_id))


def _content(document: Document | None) -> object:
    """What is read anew where it is another one."""
    return None if document is None else (document.id, document.latest_version_id)


def _has_sample(document: Document) -> bool:
    return document.sample_id is not None
