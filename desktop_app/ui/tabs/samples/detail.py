"""One sample: its facts, its metadata, its documents."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from desktop_app.domain.fields import DefinedField
from desktop_app.domain.records import Document, Sample
from desktop_app.ui.tabs.samples.columns import attached_columns
from desktop_app.ui.text import formatting
from desktop_app.ui.text.field_values import field_lines
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.detail import Detail, Fact, Facts
from desktop_app.ui.widgets.small_table import SmallTable
from desktop_app.ui.widgets.styling import muted


def _tr(text: str) -> str:
    return QCoreApplication.translate("SampleDetail", text)


class SampleDetail(Detail):
    """The right side of the Samples tab; what may be done is the tab's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._defined: tuple[DefinedField, ...] = ()
        self._sample: Sample | None = None
        self._metadata_section = self.add_section(_tr("Fields"))
        self._text_section = self.add_section(_tr("Notes"))
        self._documents_section = self.add_section(_tr("Documents"))
        self._texts = Facts(self._text_section)
        self._metadata = Facts(self._metadata_section)
        self.all_documents = Button(_tr("Show in Documents"), "arrow-right", Kind.LINK, self._documents_section)
        self.documents: SmallTable[Document] = SmallTable(
            attached_columns(), lambda row: row.id, _tr("Its documents"), self._documents_section
        )
        self._none = muted()
        self._build_sections()

    def show_sample(self, sample: Sample, *, takes_files: bool) -> None:
        """Show a sample, and say whether files may be dropped on it."""
        badges = [formatting.status_badge(sample.status)]
        if not sample.is_active:
            badges.append(formatting.inactive_badge())
        self.show_record(sample.name, sample.barcode, badges, _facts(sample))
        texts: list[Fact] = [
            (_tr("Description"), sample.description),
            (_tr("Results"), sample.results),
            (_tr("Rejected because"), sample.rejection_reason),
        ]
        self._texts.set(texts)
        self._text_section.setVisible(any(fact[1] for fact in texts))
        self._sample = sample
        self.show_fields(self._defined)
        self._none.setText(
            _tr("None yet. Drop files here to add them to this sample.") if takes_files else _tr("None.")
        )

    def show_fields(self, fields: tuple[DefinedField, ...]) -> None:
        """Show the sample's values in the order of the center's fields, with what is wrong with them."""
        self._defined = fields
        if self._sample is not None:
            self._metadata.set(field_lines(fields, self._sample.sample_type, self._sample.metadata))
            self._metadata_section.setVisible(bool(self._sample.metadata))

    def show_documents(self, documents: tuple[Document, ...]) -> None:
        """Show the sample's newest documents."""
        self.documents.set_rows(documents)
        self.documents.setVisible(bool(documents))
        self._none.setVisible(not documents)
        self.all_documents.setVisible(bool(documents))

    def _build_sections(self) -> None:
        self._text_section.body.addWidget(self._texts)
        self._metadata_section.body.addWidget(self._metadata)
        documents = self._documents_section
        self.documents_head = documents.head
        documents.body.addWidget(self.documents)
        documents.body.addWidget(self._none)
        documents.body.addWidget(self.all_documents, 0, Qt.AlignmentFlag.AlignLeft)
        self.sections.addStretch(1)


def _facts(sample: Sample) -> list[Fact]:
    def moment(label: str, value: datetime | None) -> Fact:
        return (label, formatting.short_date(value), formatting.exact_date(value))

    return [
        (_tr("Type"), formatting.type_name(sample.sample_type, sample.type_name)),
        (_tr("Responsible"), sample.responsible_name),
        moment(_tr("Collected"), sample.collected_at),
        (_tr("Where"), sample.collected_place),
        moment(_tr("Processing since"), sample.processing_started_at),
        moment(_tr("Completed"), sample.processing_completed_at),
        (
            _tr("Created"),
            formatting.when_and_who(sample.created_at, sample.created_by),
            formatting.exact_date(sample.created_at),
        ),
    ]
