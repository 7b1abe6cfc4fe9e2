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
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.dialogs.edit_conflict import EditConflictDialog, Side
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.user import UserDialog
from desktop_app.ui.shell.application import Look
from tests.ui.colleagues import administrator, somebody_new
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tools import steps
from tools.driver import Program, click, fill, press, until


@dataclass(frozen=True)
class WindowAndColleague:
    """The window, and a colleague in another one."""

    program: Program
    lab: Lab
    work: CenterServices


@pytest.fixture
def context(day: Day, look: Look) -> Iterator[WindowAndColleague]:
    with Program(day.home, look) as program, administrator(program) as lab:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CLINIC)
        yield WindowAndColleague(program, lab, lab.center(CLINIC))


def edit_sample(context: WindowAndColleague, sample: Sample, **changes: Any) -> Sample:
    """What the colleague does."""
    return context.work.samples.update(sample, replace(SampleDraft.of(sample), **changes))


def opened(context: WindowAndColleague, kind: type[FormDialog], tab: Any, title: str, button: Callable[[], Any]) -> Any:
    """The form of a record, opened by its button."""
    steps.show(context.program, tab)
    tab.mark_stale()
    context.program.settle()
    steps.choose(context.program, tab, title)
    click(button())
    dialog = context.program.dialog(kind)
    context.program.settle()
    return dialog


def opened_sample(context: WindowAndColleague, sample: Sample) -> Any:
    samples = context.program.workspace.tabs.samples
    return opened(context, SampleDialog, samples, sample.barcode, lambda: samples.edit)


def save(context: WindowAndColleague, dialog: FormDialog) -> None:
    click(dialog.verb)
    context.program.settle()


def test_what_only_one_changed_is_kept_unasked(context: WindowAndColleague) -> None:
    sample = context.work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode="STALE-1"))
    dialog = opened_sample(context, sample)
    context.work.samples.step(edit_sample(context, sample, description="From the ward."), Step.PROCESS)
    fill(dialog.fields["results"], "negative")
    steps.submit(context.program, dialog)
    assert not context.program.has_dialog()
    saved = context.work.samples.get(sample.id)
    assert (saved.description, saved.results, saved.status, saved.row_version) == (
        "From the ward.",
        "negative",
        "processing",
        4,
    )


def test_what_both_changed_is_asked_by_field_and_again_if_it_is_stale_again(context: WindowAndColleague) -> None:
    person = context.lab.users.get(somebody_new(context.lab, "ceren.user", Role.USER, CLINIC).username)
    draft = SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode="STALE-2", metadata={"tube": "EDTA"})
    sample = context.work.samples.create(draft)
    dialog = opened_sample(context, sample)
    for field, typed in (("name", "Mine"), ("results", "my results"), ("metadata", '{"tube": "citrate"}')):
        fill(dialog.fields[field], typed)
    (their,) = [each for each in context.work.people.list() if each.username == person.username]
    theirs = edit_sample(context, sample, name="Theirs", metadata={"tube": "heparin"}, user_id=their.id)
    save(context, dialog)
    asked = context.program.dialog(EditConflictDialog)
    assert list(asked.choices) == ["name", "metadata"]
    said = text_of(asked)
    for words in ("anna.admin saved it on ", "Before: Serum", "Theirs", "heparin", "citrate", "→ Ceren Yıldız"):
        assert words in said, said
    assert context.work.samples.get(sample.id) == theirs, "nothing is saved before the person chose"
    # Between the question and the answer somebody saves once more.
    edit_sample(context, theirs, name="Theirs again", collected_place="ward 3")
    asked.choose("name", Side.MINE)
    assert not asked.verb.isEnabled()
    assert asked.verb.toolTip() == "Choose for each field what shall stand."
    asked.choose("metadata", Side.THEIRS)
    click(asked.verb)
    context.program.settle()
    again = context.program.dialog(EditConflictDialog)
    assert list(again.choices) == ["name"]
    assert "Before: Theirs" in text_of(again)
    again.choose("name", Side.MINE)
    click(again.verb)
    until(lambda: not context.program.has_dialog(SampleDialog), "the form closes")
    context.program.settle()
    saved = context.work.samples.get(sample.id)
    assert (saved.name, saved.metadata, saved.user_id) == ("Mine", {"tube": "heparin"}, their.id)
    assert (saved.results, saved.collected_place) == ("my results", "ward 3")


def test_leaving_the_question_leaves_what_was_typed(context: WindowAndColleague) -> None:
    sample = context.work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode="STALE-3"))
    dialog = opened_sample(context, sample)
    fill(dialog.fields["name"], "Mine")
    edit_sample(context, sample, name="Theirs")
    save(context, dialog)
    press(context.program.dialog(EditConflictDialog), Qt.Key.Key_Escape)
    until(lambda: not context.program.has_dialog(EditConflictDialog), "the question closes")
    assert dialog.fields["name"].value == "Mine"
    assert context.work.samples.get(sample.id).name == "Theirs"
    save(context, dialog)
    asked = context.program.dialog(EditConflictDialog)
    # By keys alone: the first choice has the focus, the arrow goes to the second, Enter saves.
    button = asked.choices["name"].button(Side.THEIRS.value)
    asked.activateWindow()
    until(button.hasFocus, "the first choice has the focus")
    press(button, Qt.Key.Key_Space)
    press(button, Qt.Key.Key_Down)
    assert asked.choices["name"].checkedId() == Side.MINE.value
    press(asked, Qt.Key.Key_Return)
    until(lambda: not context.program.has_dialog(SampleDialog), "the form closes")
    context.program.settle()
    assert context.work.samples.get(sample.id).name == "Mine"


@pytest.mark.parametrize("fate", ["archived", "deleted"])
def test_a_record_that_cannot_be_saved_any_more_leaves_the_text_to_copy(context: WindowAndColleague, fate: str) -> None:
    barcode = f"STALE-{fate}"
    sample = context.work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode=barcode))
    dialog = opened_sample(context, sample)
    fill(dialog.fields["description"], "Long and precious.")
    if fate == "deleted":
        context.work.deletion.delete(context.work.deletion.look([sample]))
        said = "This was deleted meanwhile, so it cannot be saved."
    else:
        for step in (Step.PROCESS, Step.COMPLETE, Step.ARCHIVE):
            sample = context.work.samples.step(sample, step)
        said = "This was archived meanwhile and is read-only ("
    save(context, dialog)
    assert dialog.banner.text.startswith(said), dialog.banner.text
    assert dialog.banner.text.endswith("still here to be copied.")
    assert dialog.fields["description"].value == "Long and precious."
    assert dialog.fields["description"].editor.isEnabled()
    assert not context.program.has_dialog(EditConflictDialog)
    dialog._on_discarded()
    context.program.settle()


def test_a_record_taken_out_of_use_meanwhile_is_said(context: WindowAndColleague, tmp_path: Path) -> None:
    """A document, whose sample is typed as a barcode; and that somebody deactivated it is worth a question."""
    sample = context.work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode="STALE-4"))
    other = context.work.samples.create(SampleDraft(name="Plasma", sample_type=SampleType.BLOOD, barcode="STALE-5"))
    document = added(context, tmp_path / "stale document.txt")
    documents = context.program.workspace.tabs.documents
    dialog = opened(context, DocumentDialog, documents, document.title, lambda: documents.edit)
    fill(dialog.fields["sample_id"], sample.barcode)
    fill(dialog.fields["tags"], "mine")
    theirs = context.work.documents.update(document, replace(DocumentDraft.of(document), sample_id=other.id))
    context.work.documents.deactivate(theirs)
    save(context, dialog)
    asked = context.program.dialog(EditConflictDialog)
    said = text_of(asked)
    for words in ("It was saved 2 times", "taken out of use", "STALE-4", "STALE-5", "Before: —"):
        assert words in said, said
    asked.choose("sample_id", Side.MINE)
    click(asked.verb)
    until(lambda: not context.program.has_dialog(DocumentDialog), "the form closes")
    context.program.settle()
    saved = context.work.documents.get(document.id)
    assert (saved.sample_id, saved.tags, saved.is_active) == (sample.id, ("mine",), False)


def test_centers_and_people_are_edited_the_same_way(context: WindowAndColleague) -> None:
    workspace = context.program.workspace
    center = context.lab.centers.create(CenterDraft(name="Stale Center", slug="stale-center"))
    dialog = opened(context, CenterDialog, workspace.tabs.centers, center.name, lambda: workspace.tabs.centers.edit)
    fill(dialog.fields["description"], "mine")
    context.lab.centers.update(center, replace(CenterDraft.of(center), description="theirs", name="Stale Centre"))
    save(context, dialog)
    settle_with(context, {"description": Side.MINE}, CenterDialog)
    saved = context.lab.centers.get(center.id)
    assert (saved.name, saved.description) == ("Stale Centre", "mine")
    person = context.lab.users.get(somebody_new(context.lab, "stale.user", Role.USER, CLINIC).username)
    dialog = opened(context, UserDialog, workspace.tabs.users, person.username, lambda: workspace.tabs.users.edit)
    fill(dialog.fields["phone"], "111")
    context.lab.users.update(person, replace(UserDetails.of(person), phone="222", first_name="Semra"))
    context.lab.users.change_role(person.id, Role.VIEWER)
    save(context, dialog)
    settle_with(context, {"phone": Side.THEIRS}, UserDialog)
    found = context.lab.users.get(person.id)
    assert (found.phone, found.first_name, found.role) == ("222", "Semra", Role.VIEWER)


def settle_with(context: WindowAndColleague, choices: dict[str, Side], kind: type[FormDialog]) -> None:
    asked = context.program.dialog(EditConflictDialog)
    assert list(asked.choices) == list(choices)
    for field, side in choices.items():
        asked.choose(field, side)
    click(asked.verb)
    until(lambda: not context.program.has_dialog(kind), "the form closes")
    context.program.settle()


def added(context: WindowAndColleague, path: Path) -> Document:
    path.write_text("stale")
    (result,) = context.work.documents.add([path]).results
    assert result.id is not None
    return context.work.documents.get(result.id)


def text_of(dialog: EditConflictDialog) -> str:
    shown: list[QLabel | QRadioButton] = [*dialog.findChildren(QLabel), *dialog.findChildren(QRadioButton)]
    return "\n".join(each.text() for each in shown)
