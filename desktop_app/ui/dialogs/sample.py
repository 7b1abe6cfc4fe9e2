"""Making and editing a sample."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QWidget

from desktop_app.domain.drafts import SampleDraft, parse_object
from desktop_app.domain.fields import DefinedField
from desktop_app.domain.records import ListedType, Person, Sample, SampleType
from desktop_app.domain.text_rules import clean
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.text.metadata import metadata_text
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.center_fields import CenterFields
from desktop_app.ui.widgets.date_time_line import DateTimeLine
from desktop_app.ui.widgets.field import ChoiceBox, Field, LongText

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class BarcodeLine(QLineEdit):
    """Enter goes on to the next field: scanners end with it, and a scan must never save a form."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Enter from the form's button."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            self.leave()
            return
        super().keyPressEvent(event)

    def leave(self) -> None:
        """Go on to the next field."""
        self.focusNextChild()


class SampleDialog(FormDialog):
    """A new sample, or an existing one to be edited."""

    def __init__(
        self, jobs: Jobs, work: "CenterServices", sample: Sample | None = None, parent: QWidget | None = None
    ) -> None:
        new = sample is None
        super().__init__(jobs, self._words(new=new), parent)
        self._work = work
        self._sample: Sample | None = None
        self._goes_on = False
        self.next = Button(self.tr("Create and next"))
        self._draft_shown: SampleDraft | None = None
        self._center_fields = CenterFields()
        self._advanced = Button("", kind=Kind.LINK)
        self._advanced.clicked.connect(self._on_advanced)
        self._user = ChoiceBox([(self.tr("Whoever creates it") if new else self.tr("Loading…"), None)])
        self._make_fields()
        if sample is not None:
            self.adopt(sample, SampleDraft.of(sample))
        self.set_form(
            [
                [self._name],
                [self._type, self._barcode],
                [self._person, self._collected],
                [self._place],
                [self._description],
                [self._results],
                [self._metadata],
            ],
            self.problems,
            self._collect_work,
        )
        self._put_into_page()
        if new:
            self._buttons.insertWidget(self._buttons.indexOf(self.verb), self.next)
            self.next.clicked.connect(self._on_next)
        jobs.read(self, "people", lambda: work.people.list(), self._on_people)
        jobs.read(self, "types", lambda: work.vocabulary.sample_types(), self._on_types)
        jobs.read(self, "fields", lambda: work.fields.list(), self._on_fields)

    def adopt(self, record: Sample, draft: SampleDraft) -> None:
        """Edit this sample, beginning with this draft."""
        if self._sample is None or self._user.value is None:
            self._user.replace_first(record.responsible_name, record.user_id)
        self._sample = record
        self._fill(record, draft)

    def copy_of(self, record: Sample) -> None:
        """Begin a new sample with what stands in this one, but for its barcode."""
        self._fill(record, replace(SampleDraft.of(record), barcode=""))

    def _fill(self, record: Sample, draft: SampleDraft) -> None:
        self._draft_shown = draft
        self._user.offer([(record.responsible_name, record.user_id)])
        self._kinds.offer([(formatting.type_name(record.sample_type, record.type_name), record.sample_type)])
        self._name.set_value(draft.name)
        self._type.set_value(draft.sample_type)
        self._barcode.set_value(draft.barcode)
        self._person.set_value(draft.user_id)
        self._collected_line.set_moment(draft.collected_at)
        self._place.set_value(draft.collected_place)
        self._description.set_value(draft.description)
        self._show_metadata(draft.metadata)
        self._results.set_value(draft.results)

    def fill_barcode(self, code: str, *, caps_lock: bool = False) -> None:
        """What was scanned while the form is open; saves nothing, and what is typed next is no part of the code.

        *caps_lock*: its keys told that Caps Lock is on, which would turn the letters of the new barcode over for good.
        """
        turned = self.tr("Caps Lock seems to be on: see whether large and small letters are as on the tube.")
        self._barcode.set_help(turned if caps_lock else self._scan_or_type)
        # As if it were typed: it counts as a change, and its problems are said.
        self._barcode_line.setText(code)
        self._scroll.ensureWidgetVisible(self._barcode)
        if self._barcode_line.hasFocus():
            self._barcode_line.leave()

    def problems(self) -> dict[str, str]:
        """Field name to sentence, with what only the form knows: text that is no JSON, text that is no date."""
        found: dict[str, str] = {}
        metadata: Mapping[str, Any] = {}
        try:
            metadata = parse_object(self._metadata.value)
        except ValueError as error:
            found["metadata"] = error.args[0]
        values, wrong = self._center_fields.values(self._type.value)
        if self._collected_line.problem:
            found["collected_at"] = self._collected_line.problem
        defined = [each.defined for each in self._center_fields.editors.values()]
        return self._draft({**metadata, **values}).problems(defined, self._sample) | found | wrong

    def draft(self) -> SampleDraft:
        """What stands in the fields; only when there are no problems."""
        values, _wrong = self._center_fields.values(self._type.value)
        return self._draft({**parse_object(self._metadata.value), **values})

    def submit(self) -> None:
        """Save, and leave."""
        if not self.verb.is_busy:
            self._goes_on = False
            self._check_and_save()

    def _on_next(self) -> None:
        if not self.verb.is_busy:
            self._goes_on = True
            self._check_and_save()

    def _check_and_save(self) -> None:
        """What is wrong is seen, also where it is under Advanced."""
        if "metadata" in self.problems():
            self._set_advanced(True)
        super().submit()

    def _set_busy(self, busy: bool) -> None:
        super()._set_busy(busy)
        self.next.setEnabled(not busy)

    def _on_saved(self, result: object) -> None:
        if not self._goes_on or not isinstance(result, Sample):
            super()._on_saved(result)
            return
        # What is said of one specimen alone; the rest is mostly that of the next one, too.
        for field in (self._name, self._barcode, self._description, self._results):
            field.set_value("")
        self.fields.begin_anew()
        self.began_anew.emit()
        self.saved.emit(result)
        self.banner.say(self.tr("Sample {barcode} is created.").format(barcode=result.barcode), Tone.GOOD)
        self._scroll.ensureWidgetVisible(self._name)
        self._name.editor.setFocus()

    def _put_into_page(self) -> None:
        page = self._page.layout()
        if isinstance(page, QBoxLayout):
            page.insertWidget(4, self._center_fields)
            page.insertWidget(page.count() - 2, self._advanced, 0, Qt.AlignmentFlag.AlignLeft)
        QWidget.setTabOrder(self._results.editor, self._advanced)
        QWidget.setTabOrder(self._advanced, self._metadata.editor)
        self._set_advanced(False)

    def _on_advanced(self) -> None:
        self._set_advanced(self._metadata.isHidden())

    def _set_advanced(self, shown: bool) -> None:
        self._metadata.setVisible(shown)
        self._advanced.setText(self.tr("Hide advanced") if shown else self.tr("&Advanced"))

    def _show_metadata(self, metadata: Mapping[str, Any]) -> None:
        """The center's fields in their editors, whatever else there is as JSON."""
        own = self._center_fields.editors
        self._center_fields.show_values(metadata)
        self._metadata.set_value(metadata_text({key: value for key, value in metadata.items() if key not in own}))

    def _on_fields(self, fields: tuple[DefinedField, ...]) -> None:
        typed = self._metadata.value if self._metadata.is_touched else None
        made = self._center_fields.define(fields)
        saved = {} if self._draft_shown is None else self._draft_shown.metadata
        self._show_metadata(saved)
        self.fields.remember("metadata")
        if typed is not None:
            self._metadata.set_value(typed)
        self.add_fields(made)
        self._show_fields()

    def _show_fields(self) -> None:
        self._center_fields.show_for((self._type.value,), self._place.editor)

    def _words(self, *, new: bool) -> FormText:
        if new:
            return FormText(self.tr("New sample"), self.tr("Create sample"), width=600)
        return FormText(self.tr("Edit sample"), self.tr("Save"), width=600)

    def _make_fields(self) -> None:
        # Those that every center begins with, until the center's own are known.
        self._kinds = ChoiceBox((formatting.type_name(each), each.value) for each in SampleType)
        self._collected_line = DateTimeLine()
        self._barcode_line = BarcodeLine()
        self._name = Field("name", self.tr("&Name"), QLineEdit())
        self._type = Field("sample_type", self.tr("T&ype"), self._kinds)
        self._scan_or_type = self.tr("Scan or type it; leave it empty to have one made.")
        self._barcode = Field("barcode", self.tr("&Barcode"), self._barcode_line, self._scan_or_type)
        self._person = Field("user_id", self.tr("&Responsible"), self._user)
        self._collected = Field(
            "collected_at", self.tr("Co&llected at"), self._collected_line, self.tr("Such as 2026-11-21 09:30.")
        )
        self._place = Field("collected_place", self.tr("Collected &where"), QLineEdit())
        self._description = Field("description", self.tr("&Description"), LongText(3))
        self._metadata = Field(
            "metadata",
            self.tr("&Metadata"),
            LongText(3),
            self.tr('What is in no field, as JSON, such as {"tube": "EDTA"}.'),
        )
        self._results = Field("results", self.tr("Res&ults"), LongText(3))
        self._type.edited.connect(self._show_fields)

    def _draft(self, metadata: Any) -> SampleDraft:
        return SampleDraft(
            name=clean(self._name.value),
            sample_type=self._type.value,
            # An emptied barcode leaves the one that the sample has.
            barcode=clean(self._barcode.value) or (self._sample.barcode if self._sample else ""),
            description=clean(self._description.value),
            user_id=self._person.value,
            metadata=metadata,
            collected_at=self._collected_at(),
            collected_place=clean(self._place.value),
            results=clean(self._results.value),
        )

    def _collected_at(self) -> datetime | None:
        """The moment that was typed; the sample's own, to the second, where the field still says that."""
        known = self._sample.collected_at if self._sample else None
        typed = self._collected_line.moment
        return known if known and typed == known.replace(second=0, microsecond=0) else typed

    def _collect_work(self) -> Work:
        work, sample, draft = self._work, self._sample, self.draft()
        if sample is None:
            return lambda: work.samples.create(draft)
        return lambda: work.samples.edit(sample, draft)

    def _on_types(self, types: tuple[ListedType, ...]) -> None:
        self._kinds.replace_all((formatting.type_name(each.code, each.name), each.code) for each in types)

    def _on_people(self, people: tuple[Person, ...]) -> None:
        self._user.offer((f"{person.display_name} ({person.username})", person.id) for person in people)
