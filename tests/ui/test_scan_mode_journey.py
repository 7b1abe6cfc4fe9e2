"""Scan mode in the real window on a real installation: twenty quick scans, one verb for all, and the way back."""

from collections.abc import Sequence

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.records import Sample
from desktop_app.services.session.center_services import CenterServices
from desktop_app.ui.dialogs.edit_fields import EditFieldsDialog
from desktop_app.ui.dialogs.plan import PlanDialog
from desktop_app.ui.shell.scanner.mode import ScanMode
from desktop_app.ui.widgets.field import ChoiceBox
from tests.ui.scanner_keyboard import Keyboard
from tools.driver import Program, click, until

QUICK = 20


def work_of(program: Program) -> CenterServices:
    work = program.workspace.work
    assert work is not None
    return work


def made(program: Program, name: str, count: int) -> list[Sample]:
    drafts = [SampleDraft(name=name, sample_type="blood", barcode=f"{name}-{at:04}") for at in range(count)]
    return [work_of(program).samples.create(draft) for draft in drafts]


def scan(program: Program, codes: Sequence[str]) -> ScanMode:
    """At a scanner's speed, without waiting for an answer in between."""
    assert program.window.scans is not None
    mode = program.window.scans.mode
    if not mode.is_on:
        mode.action.trigger()
    keyboard = Keyboard(program)
    for code in codes:
        keyboard.scan(code)
    until(lambda: mode.lists.current.is_settled, "all are looked up")
    return mode


def statuses(program: Program, samples: Sequence[Sample]) -> list[SampleStatus]:
    return [work_of(program).samples.get(sample.id).status for sample in samples]


def test_twenty_quick_scans_are_moved_on_together_and_back(program: Program) -> None:
    samples = made(program, "Quick", QUICK)
    work_of(program).samples.step(samples[3], Step.REJECT, "haemolysed")
    work_of(program).samples.deactivate(samples[4], "broken")
    turned = [samples[at].barcode for at in range(QUICK - 1, -1, -1)]
    mode = scan(program, [*turned, samples[0].barcode.swapcase(), "nobody's-1"])
    rows = mode.lists.current.rows
    assert [row.sample.barcode if row.sample else row.code for row in rows] == [*turned, "nobody's-1"]
    assert mode.strip.words.text() == f"Scan mode: {QUICK} samples, 1 unknown, 1 twice"
    click(mode.page._verbs["process"])
    dialog: PlanDialog = program.dialog(PlanDialog)
    assert dialog.accessibleName() == f"Start processing {QUICK - 2} samples?"
    why = {each.name: str(each.why) for each in dialog.left_alone.model.rows}
    assert why == {
        samples[3].barcode: "A sample that is rejected cannot become processing.",
        samples[4].barcode: "It is deactivated.",
    }
    dialog.submit()
    others = samples[5:]
    until(lambda: statuses(program, others) == [SampleStatus.PROCESSING] * len(others), "they are moved on")

    def shown() -> set[SampleStatus]:
        return {row.sample.status for row in mode.lists.current.rows if row.sample is not None}

    until(lambda: shown() == {SampleStatus.PROCESSING, SampleStatus.REJECTED, SampleStatus.PENDING}, "it is seen")
    until(lambda: program.workspace.undo.action.isEnabled(), "it can be undone")
    program.workspace.undo.action.trigger()
    until(lambda: statuses(program, others) == [SampleStatus.PENDING] * len(others), "it is undone")
    until(lambda: shown() == {SampleStatus.REJECTED, SampleStatus.PENDING}, "and seen")
    mode.leave()
    assert not mode.is_on, "something was done with the list"


def test_fields_are_given_and_samples_deactivated_and_rejected(program: Program) -> None:
    work = work_of(program)
    work.fields.create(FieldDraft(name="Shelf", kind=FieldKind.CHOICE, choices=("S1", "S2")), "shelf")
    samples = made(program, "Verbs", 3)
    program.workspace.tabs.samples.read_lists()
    until(lambda: bool(program.workspace.tabs.samples.fields.defined), "the fields are known")
    mode = scan(program, [each.barcode for each in samples])
    click(mode.page._verbs["edit_fields"])
    asked: EditFieldsDialog = program.dialog(EditFieldsDialog)
    box = asked.fields["metadata.shelf"].editor
    assert isinstance(box, ChoiceBox)
    box.choose("S2")
    asked.submit()
    until(lambda: program.has_dialog(PlanDialog), "what would change is shown")
    dialog: PlanDialog = program.dialog(PlanDialog)
    dialog.submit()

    def shelves() -> set[object]:
        return {each.metadata.get("shelf") for each in mode.lists.current.samples}

    until(lambda: shelves() == {"S2"}, "the list has what was given")
    until(lambda: not program.has_dialog(PlanDialog), "the dialog is gone")
    click(mode.page._verbs["reject"])
    rejecting: PlanDialog = program.dialog(PlanDialog)
    rejecting.submit()
    assert rejecting.fields["reason"].problem == "A reason is needed."
    rejecting.fields["reason"].set_value("tubes broke")
    rejecting.submit()
    until(lambda: statuses(program, samples) == [SampleStatus.REJECTED] * 3, "all are rejected, changed as they were")
    until(lambda: not program.has_dialog(PlanDialog), "the dialog is gone")
    until(lambda: {each.status for each in mode.lists.current.samples} == {SampleStatus.REJECTED}, "it is seen")
    click(mode.page._verbs["active"])
    leaving: PlanDialog = program.dialog(PlanDialog)
    assert leaving.accessibleName() == "Deactivate 3 samples?"
    leaving.submit()
    until(lambda: mode.page._verbs["active"].text() == "Restore", "they are in the bin, and may be brought back")
    mode.leave()
