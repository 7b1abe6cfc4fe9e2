"""One sample: its facts, its metadata, its documents."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from desktop_app.domain.fields import DefinedField, shown_values
from desktop_app.domain.records import Document, Sample
from desktop_app.ui.tabs.samples.columns import attached_columns
from desktop_app.ui.tabs.samples.in_place import SampleEditing
from desktop_app.ui.text import formatting
from desktop_app.ui.text.field_values import field_lines
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.detail import Detail, Fact, Facts
from desktop_app.ui.widgets.small_table import SmallTable
from desktop_app.ui.widgets.styling import muted
from desktop_app.ui.widgets.value_label import EditableFact


def _tr(text: str) -> str:
    return QCoreApplication.translate("SampleDetail", text)


class SampleDetail(Detail):
    """The right side of the Samples tab; what may be done is the tab's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editing: SampleEditing | None = None
        """How values are edited where they stand; set by the tab."""
        self._may_edit = False
        self._defined: tuple[DefinedField, ...] = ()
        self._sample: Sample | None = None
        self._metadata_section = self.add_section(_tr("Fields"))
        self._text_section = self.add_section(_tr("Notes"))
        self._documents_section = self.add_section(_tr("Documents"))
        self._metadata = Facts(self._metadata_section, self.in_place)
        self._texts = Facts(self._text_section, self.in_place)
        self.all_documents = Button(_tr("Show in Documents"), "arrow-right", Kind.LINK, self._documents_section)
        self.documents: SmallTable[Document] = SmallTable(
            attached_columns(), lambda row: row.id, _tr("Its documents"), self._documents_section
        )
        self._none = muted()
        self._build_sections()

    def show_sample(self, sample: Sample, *, takes_files: bool, may_edit: bool) -> None:
        """Show a sample, and say whether files may be dropped on it, and whether its values may be edited."""
        if self._sample is not None and self._sample.id != sample.id:
            self.in_place.end()
        self._sample, self._may_edit = sample, may_edit
        badges = [formatting.status_badge(sample.status)]
        if not sample.is_active:
            badges.append(formatting.inactive_badge())
        title = self._text("name", _tr("Name"))
        words = title if isinstance(title, EditableFact) else sample.name
        self.show_record(words, sample.barcode, badges, self._facts(sample))
        self._texts.set(
            [
                self._text("description", _tr("Description"), lines=4),
                self._text("results", _tr("Results"), lines=4),
                (_tr("Rejected because"), sample.rejection_reason),
            ]
        )
        has_texts = sample.description or sample.results or sample.rejection_reason
        self._text_section.setVisible(may_edit or bool(has_texts))
        self.show_fields(self._defined)
        self._none.setText(
            _tr("None yet. Drop files here to add them to this sample.") if takes_files else _tr("None.")
        )

    def show_fields(self, fields: tuple[DefinedField, ...]) -> None:
        """Show the sample's values in the order of the center's fields, with what is wrong with them."""
        self._defined = fields
        if self._sample is not None:
            values = self._values(self._sample)
            self._metadata.set(values)
            self._metadata_section.setVisible(bool(values))

    def show_documents(self, documents: tuple[Document, ...]) -> None:
        """Show the sample's newest documents."""
        self.documents.set_rows(documents)
        self.documents.setVisible(bool(documents))
        self._none.setVisible(not documents)
        self.all_documents.setVisible(bool(documents))

    def _text(self, name: str, label: str, *, lines: int = 1) -> Fact | EditableFact:
        sample = self._sample
        if self.editing is None or sample is None or not self._may_edit:
            return label, getattr(sample, name)
        return self.editing.text(sample, name, label, lines=lines)

    def _facts(self, sample: Sample) -> list[Fact | EditableFact]:
        def moment(label: str, value: datetime | None) -> Fact:
            return (label, formatting.short_date(value), formatting.exact_date(value))

        kind, person, collected = _tr("Type"), _tr("Responsible"), _tr("Collected")
        first: list[Fact | EditableFact]
        if self.editing is not None and self._may_edit:
            editing = self.editing
            first = [
                editing.sample_type(sample, kind),
                editing.responsible(sample, person),
                editing.collected(sample, collected),
            ]
        else:
            words = formatting.type_name(sample.sample_type, sample.type_name)
            first = [(kind, words), (person, sample.responsible_name), moment(collected, sample.collected_at)]
        return [
            *first,
            self._text("collected_place", _tr("Where")),
            moment(_tr("Processing since"), sample.processing_started_at),
            moment(_tr("Completed"), sample.processing_completed_at),
            (
                _tr("Created"),
                formatting.when_and_who(sample.created_at, sample.created_by),
                formatting.exact_date(sample.created_at),
            ),
        ]

    def _values(self, sample: Sample) -> list[Fact | EditableFact]:
        """Those of the sample's fields, also without a value where it may be given one; then what else there is."""
        shown = shown_values(self._defined, sample.sample_type, sample.metadata)
        lines = field_lines(self._defined, sample.sample_type, sample.metadata)
        by_key = {value.key: line for value, line in zip(shown, lines, strict=True)}
        found: list[Fact | EditableFact] = []
        if self.editing is not None and self._may_edit:
            own = [field for field in self._defined if field.is_of(sample.sample_type)]
            found += [self.editing.value(sample, field, by_key.pop(field.key, None)) for field in own]
        return [*found, *by_key.values()]

    def _build_sections(self) -> None:
        self._text_section.body.addWidget(self._texts)
        self._metadata_section.body.addWidget(self._metadata)
        documents = self._documents_section
        self.documents_head = documents.head
        documents.body.addWidget(self.documents)
        documents.body.addWidget(self._none)
        documents.body.addWidget(self.all_documents, 0, Qt.AlignmentFlag.AlignLeft)
        self.sections.addStretch(1)
