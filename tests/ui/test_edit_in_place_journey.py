"""A value is edited where it stands, on a real installation: saved, taken back, and not written over that of others."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.services.session.center_services import CenterServices
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.tab_context import Target
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.value_label import ValueLabel
from tests.ui.editors import choice, line
from tools.driver import Program, until

ENTER = Qt.Key.Key_Return


def work_of(program: Program) -> CenterServices:
    work = program.workspace.work
    assert work is not None
    return work


def edited(tab: RecordTab[Any], label: str) -> Field:
    """The editor of a value."""
    found = [each for each in tab.detail.findChildren(ValueLabel) if each.fact is not None]
    QTest.keyClick(next(each for each in found if each.fact is not None and each.fact.label == label), ENTER)
    field = tab.detail.in_place.field
    assert field is not None
    return field


def type_and_enter(tab: RecordTab[Any], label: str, text: str) -> Field:
    field = edited(tab, label)
    line(field).setText(text)
    QTest.keyClick(field.editor, ENTER)
    return field


def test_a_value_is_saved_taken_back_and_kept_from_writing_over_others(program: Program) -> None:
    work = work_of(program)
    defined = work.fields.create(FieldDraft(name="Cups in place", kind=FieldKind.NUMBER))
    made = work.samples.create(
        SampleDraft(name="In place", sample_type="blood", barcode="PLACE-1", metadata={"other": "kept"})
    )
    tab = program.workspace.tabs.samples
    program.workspace.show_tab(tab)
    tab.read_lists()
    tab.go_to(Target(record=made.id, unfiltered=True))
    until(lambda: tab.detail.title.text() == "In place", "it is shown")
    until(lambda: defined in tab.fields.defined, "the field is known")

    def saved() -> Mapping[str, Any]:
        return work.samples.get(made.id).metadata

    try:
        type_and_enter(tab, "Cups in place", "2,5")
        until(lambda: tab.detail.in_place.field is None, "it is saved")
        assert saved() == {"other": "kept", defined.key: 2.5}
        program.workspace.undo.take_back()
        until(lambda: saved() == {"other": "kept"}, "it is taken back")
        until(lambda: tab._shown is not None and tab._shown.metadata == {"other": "kept"}, "and shown so")
        field = edited(tab, "Name")
        now = work.samples.get(made.id)
        work.samples.update(now, replace(SampleDraft.of(now), name="By another", description="By another"))
        line(field).setText("Mine")
        QTest.keyClick(field.editor, ENTER)
        until(lambda: bool(field.problem), "it is refused")
        assert field.problem == "Somebody else changed this meanwhile: Escape shows it."
        QTest.keyClick(field.editor, Qt.Key.Key_Escape)
        assert work.samples.get(made.id).name == "By another"
        type_and_enter(tab, "Where", "Ward 3")
        until(lambda: tab.detail.in_place.field is None, "it is saved beside what another one changed")
        now = work.samples.get(made.id)
        assert (now.name, now.description, now.collected_place) == ("By another", "By another", "Ward 3")
    finally:
        work.fields.set_active(defined, active=False)
        tab.read_lists()


def test_type_person_and_moment_are_saved_and_taken_back(program: Program) -> None:
    work = work_of(program)
    made = work.samples.create(SampleDraft(name="Chosen in place", sample_type="blood", barcode="PLACE-2"))
    person = next(each for each in work.people.list() if each.id != made.user_id)
    tab = program.workspace.tabs.samples
    program.workspace.show_tab(tab)
    tab.go_to(Target(record=made.id, unfiltered=True))
    until(lambda: tab.detail.title.text() == "Chosen in place", "it is shown")

    def choose_and_enter(label: str, value: object) -> None:
        box = choice(edited(tab, label))
        until(lambda: box.choose_where(lambda each: each == value), "it is offered")
        QTest.keyClick(box, ENTER)
        until(lambda: tab.detail.in_place.field is None, "it is saved")

    choose_and_enter("Type", "urine")
    choose_and_enter("Responsible", person.id)
    type_and_enter(tab, "Collected", "2026-11-21 09:30")
    until(lambda: tab.detail.in_place.field is None, "it is saved")
    now = work.samples.get(made.id)
    assert now.collected_at is not None
    moment = now.collected_at.astimezone().strftime("%Y-%m-%d %H:%M")
    assert (now.sample_type, now.user_id, moment) == ("urine", person.id, "2026-11-21 09:30")
    program.workspace.undo.take_back()
    until(lambda: work.samples.get(made.id).collected_at is None, "it is taken back")


def test_a_title_is_signed_anew_and_taken_back(program: Program, tmp_path: Path) -> None:
    work = work_of(program)
    file = tmp_path / "titled in place.txt"
    file.write_text("words\n")
    [made] = [each.id for each in work.documents.add([file]).results if each.id]
    tab = program.workspace.tabs.documents
    program.workspace.show_tab(tab)
    tab.go_to(Target(record=made, unfiltered=True))
    until(lambda: tab._shown is not None and tab._shown.id == made, "it is shown")
    before = work.documents.get(made).title
    type_and_enter(tab, "Title", "Another title")
    until(lambda: tab.detail.in_place.field is None, "it is saved")
    assert work.documents.get(made).title == "Another title"
    until(lambda: tab.detail.title.text() == "Another title", "it is shown")
    program.workspace.undo.take_back()
    until(lambda: tab.detail.title.text() == before, "it is taken back")
    assert work.documents.get(made).title == before
    assert work.documents.seals(work.documents.get(made)).alarm is None
    # Others of the shared day count the documents.
    work.plans.apply(work.plans.plan_active([work.documents.get(made)], active=False))
