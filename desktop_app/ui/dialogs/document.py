"""Editing what people may change of a document: title, type, tags, and the sample it belongs to."""

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.records import Document
from desktop_app.domain.text_rules import clean
from desktop_app.errors import InvalidInputError, NotFoundError
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.field import Field

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class DocumentDialog(FormDialog):
    """Edits one document."""

    def __init__(self, jobs: Jobs, work: "CenterServices", document: Document, parent: QWidget | None = None) -> None:
        text = FormText(self.tr("Edit document"), self.tr("Save"))
        super().__init__(jobs, text, parent)
        self._work = work
        self._name = Field("title", self.tr("&Title"), QLineEdit())
        self._type = Field("document_type", self.tr("T&ype"), QLineEdit(), self.tr("Such as report or consent."))
        self._tags = Field("tags", self.tr("Ta&gs"), QLineEdit(), self.tr("Separated by commas."))
        self._sample = Field(
            "sample_id",
            self.tr("Sa&mple"),
            QLineEdit(),
            self.tr("The sample's barcode; empty for none."),
        )
        self.adopt(document, DocumentDraft.of(document))
        self.set_form(
            [[self._name], [self._type, self._sample], [self._tags]],
            lambda: self.draft(None).problems(),
            self._collect_work,
        )

    def adopt(self, record: Document, draft: DocumentDraft) -> None:
        """Edit this document, beginning with this draft."""
        self._document = record
        self._name.set_value(draft.title)
        self._type.set_value(draft.document_type)
        self._tags.set_value(", ".join(draft.tags))
        if draft.sample_id == record.sample_id:
            self._sample.set_value(record.sample_barcode)

    def draft(self, sample_id: UUID | None) -> DocumentDraft:
        """What stands in the fields."""
        return DocumentDraft(
            title=clean(self._name.value),
            document_type=clean(self._type.value),
            tags=tags_of(self._tags.value),
            sample_id=sample_id,
        )

    def _collect_work(self) -> Work:
        document, work = self._document, self._work
        barcode = clean(self._sample.value)
        draft = self.draft(document.sample_id)

        def save() -> Document:
            # The fields are read on the GUI thread; only the sample's id is still unknown.
            sample_id = document.sample_id if barcode == document.sample_barcode else find_sample(work, barcode)
            return work.documents.edit(document, replace(draft, sample_id=sample_id))

        return save


def tags_of(text: str) -> tuple[str, ...]:
    """Tags that were typed with commas between them, each once."""
    return tuple(dict.fromkeys(tag for tag in (clean(each) for each in text.split(",")) if tag))


def find_sample(work: "CenterServices", barcode: str) -> UUID | None:
    """The sample of a barcode that was typed, or None for an empty one; InvalidInputError for ``sample_id``."""
    if not barcode:
        return None
    try:
        return work.samples.get(barcode).id
    except NotFoundError as error:
        unknown = QCoreApplication.translate("DocumentDialog", "No sample of this center has this barcode.")
        raise InvalidInputError({"sample_id": unknown}) from error
