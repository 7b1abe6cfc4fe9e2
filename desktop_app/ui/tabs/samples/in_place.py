"""Values of a sample that are edited in the inspector: each is saved at once, and can be taken back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QLineEdit

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import PROBLEM_OF, DefinedField, same
from desktop_app.domain.records import ListedType, Person, Sample
from desktop_app.domain.text_rules import clean
from desktop_app.errors import ConflictError, LabkeepError
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.undoing import say_done, tell_of_lost_editors
from desktop_app.ui.text import formatting
from desktop_app.ui.text.messages import said
from desktop_app.ui.text.plain import without_keys
from desktop_app.ui.widgets.center_fields import ABSENT, FieldEditor
from desktop_app.ui.widgets.date_time_line import DateTimeLine
from desktop_app.ui.widgets.field import ChoiceBox, Field, LongText
from desktop_app.ui.widgets.value_label import NOTHING, EditableFact, Editing

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

Line = tuple[str, str, str]
"""Label, words and tooltip."""
Saved = Callable[[], None]
Failed = Callable[[LabkeepError], None]


@dataclass(frozen=True)
class Change:
    """What becomes of one value."""

    label: str
    values: Mapping[str, Any]
    """As ``plan_edit`` takes them."""
    is_as_before: Callable[[Sample], bool]
    """Whether the value is still the one that the editor began with."""
    defined: tuple[DefinedField, ...] = ()


class SampleEditing(QObject):
    """Hangs on the tab; says how each value of the sample that is shown is edited."""

    def __init__(self, tab: RecordTab[Sample]) -> None:
        super().__init__(tab)
        self._tab = tab
        self.types: tuple[ListedType, ...] = ()
        """The center's, as the tab read them."""
        tell_of_lost_editors(tab)

    def text(self, sample: Sample, name: str, label: str, *, lines: int = 1) -> EditableFact:
        """A text of the sample itself, by its name in a SampleDraft."""
        saved: str = getattr(sample, name)

        def begin() -> Editing:
            help_text = "" if lines == 1 else _tr("Ctrl+Enter saves, Escape leaves it as it was.")
            field = Field(name, without_keys(label), QLineEdit() if lines == 1 else LongText(lines), help_text)
            field.set_value(saved)
            return self._begin(sample, label, field, lambda: clean(field.value))

        return EditableFact(label, saved, saved, (sample.id, name), begin)

    def sample_type(self, sample: Sample, label: str) -> EditableFact:
        """One of the types in use, or the one that it has."""
        words = formatting.type_name(sample.sample_type, sample.type_name)

        def begin() -> Editing:
            in_use = (each for each in self.types if each.is_active)
            box = ChoiceBox((formatting.type_name(each.code, each.name), each.code) for each in in_use)
            box.offer([(words, sample.sample_type)])
            field = Field("sample_type", label, box)
            field.set_value(sample.sample_type)
            return self._begin(sample, label, field, lambda: field.value)

        return EditableFact(label, words, "", (sample.id, "sample_type"), begin)

    def responsible(self, sample: Sample, label: str) -> EditableFact:
        """One of the center's people, who are read while the editor opens."""

        def begin() -> Editing:
            box, work = ChoiceBox([(sample.responsible_name, sample.user_id)]), self._tab.work
            assert work is not None, "of no center is no sample shown"
            field = Field("user_id", label, box)

            def offer(people: tuple[Person, ...]) -> None:
                box.offer((f"{person.display_name} ({person.username})", person.id) for person in people)

            self._tab.context.jobs.read(field, "people", lambda: work.people.list(), offer)
            return self._begin(sample, label, field, lambda: field.value)

        return EditableFact(label, sample.responsible_name, "", (sample.id, "user_id"), begin)

    def collected(self, sample: Sample, label: str) -> EditableFact:
        """When it was taken, to the minute; the seconds that it has stay where the minute does."""
        saved = sample.collected_at

        def begin() -> Editing:
            line = DateTimeLine()
            line.set_moment(saved)
            field = Field("collected_at", label, line, _tr("Such as 2026-11-21 09:30."))

            def moment() -> datetime | None:
                typed = line.moment
                return saved if saved and typed == saved.replace(second=0, microsecond=0) else typed

            return self._begin(sample, label, field, moment, lambda: line.problem)

        key = (sample.id, "collected_at")
        return EditableFact(label, formatting.short_date(saved), formatting.exact_date(saved), key, begin)

    def value(self, sample: Sample, field: DefinedField, line: Line | None) -> EditableFact:
        """The value of one of the center's fields; *line* is how it is shown, where there is one."""
        label, words, tip = line or (field.name, "", "")
        key = (sample.id, f"{PROBLEM_OF}{field.key}")
        return EditableFact(label, words, tip, key, lambda: self._begin_value(sample, field))

    def _begin(
        self,
        sample: Sample,
        label: str,
        field: Field,
        read: Callable[[], Any],
        misread: Callable[[], str] = lambda: "",
    ) -> Editing:
        """*read* makes of what was typed what a draft has under the field's name; *misread* says why it cannot."""
        name, saved = field.name, getattr(sample, field.name)

        def problem() -> str:
            changed: dict[str, Any] = {name: read()}
            return misread() or said(replace(SampleDraft.of(sample), **changed).problems(before=sample).get(name, ""))

        def change() -> Change:
            return Change(label, {name: read()}, lambda now: getattr(now, name) == saved)

        return Editing(field, lambda: bool(misread()) or read() != saved, problem, self._saving(sample, change))

    def _begin_value(self, sample: Sample, defined: DefinedField) -> Editing:
        editor = FieldEditor(defined, NOTHING, of_several=False)
        saved = sample.metadata.get(defined.key, ABSENT)
        editor.show_value(saved)

        def metadata() -> dict[str, Any]:
            others = {key: value for key, value in sample.metadata.items() if key != defined.key}
            value = editor.value()
            return others if value is ABSENT else {**others, defined.key: value}

        def problem() -> str:
            try:
                draft = replace(SampleDraft.of(sample), metadata=metadata())
            except ValueError as error:
                return said(error.args[0])
            return said(draft.problems([defined], sample).get(editor.field.name, ""))

        def change() -> Change:
            return Change(
                defined.name,
                {"metadata": {defined.key: metadata().get(defined.key)}},
                lambda now: same(now.metadata.get(defined.key, ABSENT), saved),
                (defined,),
            )

        return Editing(editor.field, lambda: editor.is_changed, problem, self._saving(sample, change))

    def _saving(self, sample: Sample, changed: Callable[[], Change]) -> Callable[[Saved, Failed], None]:
        """Saves in the center that is open now, whichever is by then."""
        tab, work = self._tab, self._tab.work
        assert work is not None, "of no center is no sample shown"

        def save(done: Saved, failed: Failed) -> None:
            change = changed()

            def saved(result: tuple[Sample, UUID]) -> None:
                done()
                self._on_saved(work, change.label, *result)

            tab.context.jobs.write(tab, lambda: _make(work, sample, change), saved, failed)

        return save

    def _on_saved(self, work: "CenterServices", label: str, sample: Sample, plan_id: UUID) -> None:
        def back() -> Sample:
            result = work.plans.apply(work.plans.plan_undo(plan_id))
            if not result.changed:
                raise ConflictError(result.left_alone[0].why)
            return work.samples.get(sample.id)

        text = _tr("{field} of {barcode} is saved.").format(field=label, barcode=sample.barcode)
        say_done(self._tab, text, back)
        if self._tab.work is not work:
            return
        if self._tab.records.model.row_of(sample.id) >= 0:
            self._tab.put_saved(sample)
        else:
            # Another search meanwhile: what was only left is not put above its list.
            self._tab.context.events.changed.emit(Sample, sample)


def _make(work: "CenterServices", sample: Sample, change: Change) -> tuple[Sample, UUID]:
    # What others changed elsewhere in it meanwhile stays; this value is not written over theirs.
    now = work.samples.get(sample.id)
    if not change.is_as_before(now):
        raise ConflictError(_tr("Somebody else changed this meanwhile: Escape shows it."))
    # As a plan of one, because such a one can be taken back.
    plan = work.plans.plan_edit([now], change.values, "", change.defined)
    result = work.plans.apply(plan)
    if not result.changed:
        raise ConflictError(result.left_alone[0].why)
    return work.samples.get(sample.id), plan.id


def _tr(text: str) -> str:
    return QCoreApplication.translate("sample_in_place", text)
