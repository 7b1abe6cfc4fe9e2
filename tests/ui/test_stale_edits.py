"""Two people edit one record: what only one changed is kept unasked, what both changed is asked about, all is saved."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QRadioButton

from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft, UserDetails
from desktop_app.domain.lifecycle import Step
from desktop_app.domain.records import Document, Sample, SampleType
from desktop_app.domain.rights import Role
from desktop_app.services.center_work import CenterWork
from desktop_app.services.lab import Lab
from desktop_app.ui.application import Look
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.overtaken import OvertakenDialog, Side
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.user import UserDialog
from tests.ui.colleagues import administrator, somebody_new
from tests.ui.first_day import ADMIN, CLINIC, Day
from tools import steps
from tools.driver import Program, click, fill, press, until


@dataclass(frozen=True)
class Desk:
    """The window, and a colleague in another one."""

    program: Program
    lab: Lab
    work: CenterWork


@pytest.fixture
def desk(day: Day, look: Look) -> Iterator[Desk]:
    with Program(day.home, look) as program, administrator(program) as lab:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CLINIC)
        yield Desk(program, lab, lab.center(CLINIC))


def edit_sample(desk: Desk, sample: Sample, **changes: Any) -> Sample:
    """What the colleague does."""
    return desk.work.samples.update(sample, replace(SampleDraft.of(sample), **changes))


def opened(desk: Desk, kind: type[FormDialog], tab: Any, title: str, button: Callable[[], Any]) -> Any:
    """The form of a record, opened by its button."""
    steps.show(desk.program, tab)
    tab.spoil()
    desk.program.settle()
    steps.choose(desk.program, tab, title)
    click(button())
    dialog = desk.program.dialog(kind)
    desk.program.settle()
    return dialog


def opened_sample(desk: Desk, sample: Sample) -> Any:
    samples = desk.program.workspace.samples
    return opened(desk, SampleDialog, samples, sample.barcode, lambda: samples.sample_detail.edit)


def save(desk: Desk, dialog: FormDialog) -> None:
    click(dialog.verb)
    desk.program.settle()


def test_what_only_one_changed_is_kept_unasked(desk: Desk) -> None:
    sample = desk.work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode="STALE-1"))
    dialog = opened_sample(desk, sample)
    desk.work.samples.step(edit_sample(desk, sample, description="From the ward."), Step.PROCESS)
    fill(dialog.fields["results"], "negative")
    steps.submit(desk.program, dialog)
    assert not desk.program.has_dialog()
    saved = desk.work.samples.get(sample.id)
    assert (saved.description, saved.results, saved.status, saved.row_version) == (
        "From the ward.",
        "negative",
        "processing",
        4,
    )


def test_what_both_changed_is_asked_by_field_and_again_if_it_is_stale_again(desk: Desk) -> None:
    person = desk.lab.users.get(somebody_new(desk.lab, "ceren.user", Role.USER, CLINIC).user_name)
    draft = SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode="STALE-2", metadata={"tube": "EDTA"})
    sample = desk.work.samples.create(draft)
    dialog = opened_sample(desk, sample)
    for field, typed in (("name", "Mine"), ("results", "my results"), ("metadata", '{"tube": "citrate"}')):
        fill(dialog.fields[field], typed)
    (their,) = [each for each in desk.work.people.list() if each.user_name == person.username]
    theirs = edit_sample(desk, sample, name="Theirs", metadata={"tube": "heparin"}, user_id=their.id)
    save(desk, dialog)
    asked = desk.program.dialog(OvertakenDialog)
    assert list(asked.choices) == ["name", "metadata"]
    said = text_of(asked)
    for words in ("anna.admin saved it on ", "Before: Serum", "Theirs", "heparin", "citrate", "→ Ceren Yıldız"):
        assert words in said, said
    assert desk.work.samples.get(sample.id) == theirs, "nothing is saved before the person chose"
    # Between the question and the answer somebody saves once more.
    edit_sample(desk, theirs, name="Theirs again", collected_place="ward 3")
    asked.choose("name", Side.MINE)
    assert not asked.verb.isEnabled()
    assert asked.verb.toolTip() == "Choose for each field what shall stand."
    asked.choose("metadata", Side.THEIRS)
    click(asked.verb)
    desk.program.settle()
    again = desk.program.dialog(OvertakenDialog)
    assert list(again.choices) == ["name"]
    assert "Before: Theirs" in text_of(again)
    again.choose("name", Side.MINE)
    click(again.verb)
    until(lambda: not desk.program.has_dialog(SampleDialog), "the form closes")
    desk.program.settle()
    saved = desk.work.samples.get(sample.id)
    assert (saved.name, saved.metadata, saved.user_id) == ("Mine", {"tube": "heparin"}, their.id)
    assert (saved.results, saved.collected_place) == ("my results", "ward 3")


def test_leaving_the_question_leaves_what_was_typed(desk: Desk) -> None:
    sample = desk.work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode="STALE-3"))
    dialog = opened_sample(desk, sample)
    fill(dialog.fields["name"], "Mine")
    edit_sample(desk, sample, name="Theirs")
    save(desk, dialog)
    press(desk.program.dialog(OvertakenDialog), Qt.Key.Key_Escape)
    until(lambda: not desk.program.has_dialog(OvertakenDialog), "the question closes")
    assert dialog.fields["name"].value == "Mine"
    assert desk.work.samples.get(sample.id).name == "Theirs"
    save(desk, dialog)
    asked = desk.program.dialog(OvertakenDialog)
    # By keys alone: the first choice has the focus, the arrow goes to the second, Enter saves.
    button = asked.choices["name"].button(Side.THEIRS.value)
    asked.activateWindow()
    until(button.hasFocus, "the first choice has the focus")
    press(button, Qt.Key.Key_Space)
    press(button, Qt.Key.Key_Down)
    assert asked.choices["name"].checkedId() == Side.MINE.value
    press(asked, Qt.Key.Key_Return)
    until(lambda: not desk.program.has_dialog(SampleDialog), "the form closes")
    desk.program.settle()
    assert desk.work.samples.get(sample.id).name == "Mine"


@pytest.mark.parametrize("fate", ["archived", "deleted"])
def test_a_record_that_cannot_be_saved_any_more_leaves_the_text_to_copy(desk: Desk, fate: str) -> None:
    barcode = f"STALE-{fate}"
    sample = desk.work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode=barcode))
    dialog = opened_sample(desk, sample)
    fill(dialog.fields["description"], "Long and precious.")
    if fate == "deleted":
        desk.work.samples.delete(sample)
        said = "This was deleted meanwhile, so it cannot be saved."
    else:
        for step in (Step.PROCESS, Step.COMPLETE, Step.ARCHIVE):
            sample = desk.work.samples.step(sample, step)
        said = "This sample was archived meanwhile and is read-only ("
    save(desk, dialog)
    assert dialog.banner.text.startswith(said), dialog.banner.text
    assert dialog.banner.text.endswith("still here to be copied.")
    assert dialog.fields["description"].value == "Long and precious."
    assert dialog.fields["description"].editor.isEnabled()
    assert not desk.program.has_dialog(OvertakenDialog)
    dialog._on_discarded()
    desk.program.settle()


def test_a_record_taken_out_of_use_meanwhile_is_said(desk: Desk, tmp_path: Path) -> None:
    """A document, whose sample is typed as a barcode; and that somebody deactivated it is worth a question."""
    sample = desk.work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode="STALE-4"))
    other = desk.work.samples.create(SampleDraft(name="Plasma", sample_type=SampleType.BLOOD, barcode="STALE-5"))
    document = added(desk, tmp_path / "stale document.txt")
    documents = desk.program.workspace.documents
    dialog = opened(desk, DocumentDialog, documents, document.title, lambda: documents.edit)
    fill(dialog.fields["sample_id"], sample.barcode)
    fill(dialog.fields["tags"], "mine")
    theirs = desk.work.documents.update(document, replace(DocumentDraft.of(document), sample_id=other.id))
    desk.work.documents.deactivate(theirs)
    save(desk, dialog)
    asked = desk.program.dialog(OvertakenDialog)
    said = text_of(asked)
    for words in ("It was saved 2 times", "taken out of use", "STALE-4", "STALE-5", "Before: —"):
        assert words in said, said
    asked.choose("sample_id", Side.MINE)
    click(asked.verb)
    until(lambda: not desk.program.has_dialog(DocumentDialog), "the form closes")
    desk.program.settle()
    saved = desk.work.documents.get(document.id)
    assert (saved.sample_id, saved.tags, saved.is_active) == (sample.id, ("mine",), False)


def test_centers_and_people_are_edited_the_same_way(desk: Desk) -> None:
    workspace = desk.program.workspace
    center = desk.lab.centers.create(CenterDraft(name="Stale Center", slug="stale-center"))
    dialog = opened(desk, CenterDialog, workspace.centers, center.name, lambda: workspace.centers.edit)
    fill(dialog.fields["description"], "mine")
    desk.lab.centers.update(center, replace(CenterDraft.of(center), description="theirs", name="Stale Centre"))
    save(desk, dialog)
    settle_with(desk, {"description": Side.MINE}, CenterDialog)
    saved = desk.lab.centers.get(center.id)
    assert (saved.name, saved.description) == ("Stale Centre", "mine")
    person = desk.lab.users.get(somebody_new(desk.lab, "stale.user", Role.USER, CLINIC).user_name)
    dialog = opened(desk, UserDialog, workspace.users, person.username, lambda: workspace.users.edit)
    fill(dialog.fields["phone"], "111")
    desk.lab.users.update(person, replace(UserDetails.of(person), phone="222", first_name="Semra"))
    desk.lab.users.change_role(person.id, Role.VIEWER)
    save(desk, dialog)
    settle_with(desk, {"phone": Side.THEIRS}, UserDialog)
    found = desk.lab.users.get(person.id)
    assert (found.phone, found.first_name, found.role) == ("222", "Semra", Role.VIEWER)


def settle_with(desk: Desk, choices: dict[str, Side], kind: type[FormDialog]) -> None:
    asked = desk.program.dialog(OvertakenDialog)
    assert list(asked.choices) == list(choices)
    for field, side in choices.items():
        asked.choose(field, side)
    click(asked.verb)
    until(lambda: not desk.program.has_dialog(kind), "the form closes")
    desk.program.settle()


def added(desk: Desk, path: Path) -> Document:
    path.write_text("stale")
    (result,) = desk.work.documents.add([path]).results
    assert result.id is not None
    return desk.work.documents.get(result.id)


def text_of(dialog: OvertakenDialog) -> str:
    return "\n".join(each.text() for kind in (QLabel, QRadioButton) for each in dialog.findChildren(kind))
