"""Several samples or documents chosen in the real window and changed as one, seen before, named after, undone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QCheckBox, QLineEdit

from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.records import Sample
from desktop_app.services.session.center_services import CenterServices
from desktop_app.ui.dialogs.attach import AttachDialog
from desktop_app.ui.dialogs.edit_fields import EditFieldsDialog
from desktop_app.ui.dialogs.plan import PlanDialog
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.widgets.field import ChoiceBox
from tools import steps
from tools.driver import Program, click, until


def work_of(program: Program) -> CenterServices:
    work = program.workspace.work
    assert work is not None
    return work


def made(program: Program, name: str, number: int) -> list[Sample]:
    drafts = [SampleDraft(name=name, sample_type="blood") for _ in range(number)]
    return [work_of(program).samples.create(draft) for draft in drafts]


def choose_all(program: Program, tab: RecordTab[Any], found: int, search: str) -> None:
    """Every row that the search finds, as Shift and the mouse do."""
    steps.show(program, tab)
    tab.search_for(search)
    tab.reload()
    until(lambda: tab.records.model.rowCount() == found, "the list has them")
    table = tab.records.table
    table.choose_row(0)
    for row in range(found):
        how = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        table.selectionModel().select(tab.records.model.index(row, 0), how)
    assert len(tab.records.selected) == found


def statuses(program: Program, samples: list[Sample]) -> list[SampleStatus]:
    return [work_of(program).samples.get(sample.id).status for sample in samples]


def test_samples_are_moved_on_together_and_back(program: Program) -> None:
    samples = made(program, "Bulk steps", 4)
    work_of(program).samples.step(samples[3], Step.PROCESS)
    tab = program.workspace.tabs.samples
    choose_all(program, tab, 4, "Bulk steps")
    click(tab.steps[Step.PROCESS])
    dialog: PlanDialog = program.dialog(PlanDialog)
    assert dialog.accessibleName() == "Start processing 3 samples?"
    assert dialog.verb.text().replace("&", "") == "Start processing 3 samples"
    assert dialog.changes.model.rowCount() == 3
    (left,) = dialog.left_alone.model.rows
    assert (left.name, str(left.why)) == (samples[3].barcode, "This sample is processing already.")
    assert statuses(program, samples[:3]) == [SampleStatus.PENDING] * 3, "seen, and not done yet"
    # A colleague is quicker with one of them.
    work_of(program).samples.step(samples[0], Step.REJECT, "haemolysed")
    dialog.submit()
    until(lambda: statuses(program, samples[1:3]) == [SampleStatus.PROCESSING] * 2, "they are moved on")
    banner = program.workspace.banner
    until(lambda: banner.notice is not None, "it is said")
    assert banner.notice is not None
    assert banner.notice.text == (
        f"Changed: 2 samples. Changed by others meanwhile, and left as it is: {samples[0].barcode}."
    )
    assert program.workspace.undo.action.isEnabled(), "by Ctrl+Z, too"
    click(banner._step)
    until(lambda: statuses(program, samples[1:3]) == [SampleStatus.PENDING] * 2, "it is undone")
    assert statuses(program, samples)[0] is SampleStatus.REJECTED, "what a colleague did is not"


def test_a_rejection_of_many_wants_a_reason(program: Program) -> None:
    samples = made(program, "Bulk rejection", 2)
    tab = program.workspace.tabs.samples
    choose_all(program, tab, 2, "Bulk rejection")
    click(tab.steps[Step.REJECT])
    dialog: PlanDialog = program.dialog(PlanDialog)
    dialog.submit()
    assert dialog.fields["reason"].problem == "A reason is needed."
    editor = dialog.fields["reason"].editor
    assert isinstance(editor, QLineEdit)
    editor.setText("tubes broke in the centrifuge")
    dialog.submit()
    until(lambda: statuses(program, samples) == [SampleStatus.REJECTED] * 2, "both are rejected")
    assert work_of(program).samples.get(samples[0].id).rejection_reason == "tubes broke in the centrifuge"


def test_nothing_to_change_cannot_be_confirmed(program: Program) -> None:
    made(program, "Bulk nothing", 2)
    tab = program.workspace.tabs.samples
    choose_all(program, tab, 2, "Bulk nothing")
    assert not tab.steps[Step.COMPLETE].isVisible(), "it makes sense for none of them"
    click(tab.active)
    dialog: PlanDialog = program.dialog(PlanDialog)
    assert dialog.accessibleName() == "Deactivate 2 samples?"
    dialog.reject()


def test_fields_are_given_to_several_and_taken_back(program: Program) -> None:
    work_of(program).fields.create(FieldDraft(name="Freezer", kind=FieldKind.CHOICE, choices=("F1", "F3")), "freezer")
    samples = made(program, "Bulk fields", 3)
    tab = program.workspace.tabs.samples
    tab.read_lists()
    until(lambda: bool(tab.fields.defined), "the fields are known")
    choose_all(program, tab, 3, "Bulk fields")
    click(tab.edit_fields)
    asked: EditFieldsDialog = program.dialog(EditFieldsDialog)
    box = asked.fields["metadata.freezer"].editor
    assert isinstance(box, ChoiceBox)
    box.choose("F3")
    asked.submit()
    until(lambda: bool(tab.findChildren(PlanDialog)), "what would change is shown")
    dialog: PlanDialog = program.dialog(PlanDialog)
    assert dialog.accessibleName() == "Change 3 samples?"
    assert dialog.changes.model.columns[1].text(dialog.changes.model.rows[0]) == "Freezer: — → F3"
    dialog.submit()

    def values() -> list[Any]:
        return [work_of(program).samples.get(sample.id).metadata.get("freezer") for sample in samples]

    until(lambda: values() == ["F3"] * 3, "all have it")
    steps.show(program, tab)
    tab.search_for("freezer:f3")
    tab.reload()
    until(lambda: tab.records.model.rowCount() == 3, "they are found by it")
    tab.search_for("frezer:F3")
    tab.reload()

    until(lambda: "no field “frezer”" in tab.records.empty.text, "a name that nobody knows is said")
    until(lambda: program.workspace.undo.action.isEnabled(), "it can be undone")
    program.workspace.undo.action.trigger()
    until(lambda: values() == [None] * 3, "none has it any more")


def test_a_value_is_taken_away_from_several_and_given_back(program: Program) -> None:
    work = work_of(program)
    work.fields.create(FieldDraft(name="Rack", kind=FieldKind.TEXT), "rack")
    samples = made(program, "Bulk away", 3)
    for sample in samples[:2]:
        work.samples.update(sample, replace(SampleDraft.of(sample), metadata={"rack": "7"}))
    tab = program.workspace.tabs.samples
    tab.read_lists()
    until(lambda: any(each.key == "rack" for each in tab.fields.defined), "the field is known")
    choose_all(program, tab, 3, "Bulk away")
    click(tab.edit_fields)
    asked: EditFieldsDialog = program.dialog(EditFieldsDialog)
    [no_value] = asked.fields["metadata.rack"].findChildren(QCheckBox)
    click(no_value)
    asked.submit()
    until(lambda: bool(tab.findChildren(PlanDialog)), "what would change is shown")
    dialog: PlanDialog = program.dialog(PlanDialog)
    assert [dialog.changes.model.columns[1].text(row) for row in dialog.changes.model.rows] == ["Rack: 7 → —"] * 2
    assert [str(each.why) for each in dialog.left_alone.model.rows] == ["It is so already."]
    dialog.submit()

    def values() -> list[Any]:
        return [work.samples.get(sample.id).metadata.get("rack") for sample in samples]

    until(lambda: values() == [None] * 3, "none has it any more")
    until(lambda: program.workspace.undo.action.isEnabled(), "it can be undone")
    program.workspace.undo.action.trigger()
    until(lambda: values() == ["7", "7", None], "they have it again")


def test_documents_are_attached_to_a_sample_together_and_back(program: Program, tmp_path: Path) -> None:
    work = work_of(program)
    (sample,) = made(program, "Bulk attach", 1)
    paths = [tmp_path / f"Attached {at}.txt" for at in range(3)]
    for path in paths:
        path.write_text(path.name)
    added = [each.id for each in work.documents.add(paths).results if each.id]
    tab = program.workspace.tabs.documents
    choose_all(program, tab, 3, "Attached")
    click(tab.attach)
    dialog: AttachDialog = program.dialog(AttachDialog)
    dialog.submit()
    assert dialog.fields["sample_id"].problem.startswith("Whose documents are they?")
    line = dialog.fields["sample_id"].editor
    assert isinstance(line, QLineEdit)
    line.setText("no such barcode")
    dialog.submit()
    until(lambda: "No sample of this center" in dialog.fields["sample_id"].problem, "it is said")
    line.setText(sample.barcode)
    dialog.submit()
    plan: PlanDialog = program.dialog(PlanDialog)
    assert plan.accessibleName() == f"Attach 3 documents to {sample.barcode}?"
    shown = plan.changes.table.model()
    assert shown.data(shown.index(0, 1)) == f"Sample: — → {sample.barcode}"
    # A colleague is quicker with one of them.
    other = next(each for each in map(work.documents.get, added) if each.title == "Attached 0.txt")
    work.documents.update(other, replace(DocumentDraft.of(other), tags=("theirs",)))
    plan.submit()
    until(lambda: work.documents.get(added[1]).sample_id == sample.id, "they are attached")
    assert work.documents.get(other.id).sample_id is None
    banner = program.workspace.banner
    until(lambda: banner.notice is not None, "it is said")
    assert banner.notice is not None
    assert banner.notice.text == (
        "Changed: 2 documents. Changed by others meanwhile, and left as it is: Attached 0.txt."
    )
    click(banner._step)
    until(lambda: work.documents.get(added[1]).sample_id is None, "it is undone")
    for each in added:  # other tests know what is in the list
        work.documents.deactivate(work.documents.get(each))
