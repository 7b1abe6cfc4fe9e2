"""Wrong input in each form of the real window: one sentence under its field, nothing saved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.user import UserDialog
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.pages.first_run import FirstRun, Step
from desktop_app.ui.shell.pages.first_run_pages import Place
from desktop_app.ui.widgets.actions import LiveAction
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.field import Field
from tests.ui.journey_fixture import ADMIN, CLINIC, OWN_PASSWORD, Day
from tools import steps
from tools.driver import Program, click, fill, press, until
from tools.steps import Account


def step_of(first_run: FirstRun) -> Step:
    return first_run.step


def say(container: QWidget, fields: dict[str, str]) -> None:
    """Type these into the fields of a page or dialog."""
    for each in container.findChildren(Field):
        if each.name in fields:
            fill(each, fields[each.name])


def problems(container: QWidget) -> dict[str, str]:
    """The sentences under the fields."""
    fields = container.findChildren(Field)
    return {each.name: each.problem for each in fields if each.problem}


GOOD_PERSON = {
    "display_name": "Nowhere",
    "username": "somebody",
    "email": "s@lab.example",
    "password": "Quiet-Harbor-12",
    "again": "Quiet-Harbor-12",
}
WRONG_PERSONS = [
    ({"display_name": ""}, "display_name", "This must not be empty."),
    ({"username": ""}, "username", "A user name is needed."),
    ({"username": "två ord"}, "username", "2 to 40 of these: a-z, 0-9, dot, hyphen, underscore."),
    ({"email": "nobody"}, "email", "This is not an email address, such as name@example.org."),
    ({"password": "short", "again": "short"}, "password", "At least 12 characters."),
    (
        {"password": "password1234", "again": "password1234"},
        "password",
        "This password is on the list of the commonest ones.",
    ),
    ({"again": "Quiet-Harbor-13"}, "again", "The two are not the same."),
]


def test_wrong_input_on_the_first_pages_makes_nothing(look: Look, tmp_path: Path) -> None:
    with Program(tmp_path / "home", look) as program:
        first_run = program.window.first_run
        until(first_run.isVisible, "the first start is shown")
        first_run.place.choose(Place.OWN)
        click(first_run.verb)
        assert step_of(first_run) is Step.PLACE
        assert problems(first_run.place) == {
            "dsn": "Type how the server is reached.",
            "store": "Choose the folder that all computers share.",
        }
        first_run.place.choose(Place.BUILT_IN)
        click(first_run.verb)
        assert step_of(first_run) is Step.PERSON
        for wrong, name, sentence in WRONG_PERSONS:
            say(first_run.person, GOOD_PERSON | wrong)
            click(first_run.verb)
            assert step_of(first_run) is Step.PERSON
            assert problems(first_run.person) == {name: sentence}, wrong
        program.settle()
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file() and path.name != "window.ini"]


def test_a_store_that_does_not_exist_is_said_under_its_field_and_leaves_nothing(look: Look, tmp_path: Path) -> None:
    with Program(tmp_path / "home", look) as program:
        first_run = program.window.first_run
        until(first_run.isVisible, "the first start is shown")
        say(first_run.place, {"store": str(tmp_path / "no share")})
        click(first_run.verb)
        say(first_run.person, GOOD_PERSON)
        click(first_run.verb)
        until(lambda: first_run.step is not Step.WORKING, "setting up ends")
        assert step_of(first_run) is Step.PLACE
        said = problems(first_run.place)
        assert said == {"store": f"The folder {tmp_path / 'no share'} does not exist. Make it, or connect the share."}
        assert program.app.profiles.list() == []
    assert not (tmp_path / "no share").exists()


def test_wrong_sign_ins_are_refused_in_one_sentence(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        page = program.window.sign_in
        steps.enter(program, Account("", ""))
        assert problems(page) == {"username": "Type your user name.", "password": "Type your password."}
        said = set()
        for account in (Account(ADMIN.username, "Wrong-Horse-77"), Account("nobody.here", ADMIN.password)):
            steps.enter(program, account)
            until(lambda: page.banner.text, "the sign-in is refused")
            program.settle()
            said.add(page.banner.text)
            assert page.password.text() == ""
            assert program.window.workspace is None
        # Nobody learns which of the two was wrong.
        assert len(said) == 1
        assert "Traceback" not in said.pop()


Opening = Callable[[Program], Button | LiveAction[Any]]


def _choose_sample(program: Program) -> LiveAction[Any]:
    steps.choose(program, program.workspace.tabs.samples, "GOK-0001")
    return next(button for step, button in program.workspace.tabs.samples.steps.items() if step == "reject")


def _choose_document(program: Program) -> LiveAction[Any]:
    steps.choose(program, program.workspace.tabs.documents, "folder/in it/large.bin")
    return program.workspace.tabs.documents.edit


def _in(tab: str) -> Opening:
    def new(program: Program) -> Button:
        page = getattr(program.workspace.tabs, tab)
        steps.show(program, page)
        button: Button = page.new
        return button

    return new


SAMPLE = {"name": "Another", "barcode": "GOK-0002"}
USER = {"username": "new.user", "email": "new@lab.example", "center_id": CLINIC}
NEW_CENTER = {"name": "New", "username": "first.admin", "email": "first.admin@lab.example"}
NOT_JSON = 'This must be a JSON object, such as {"tube": "EDTA"}.'
WRONG: list[tuple[type[FormDialog], Opening, dict[str, str], str, str]] = [
    (CenterDialog, _in("centers"), {"name": "", "slug": "new"}, "name", "This must not be empty."),
    (CenterDialog, _in("centers"), {"name": "x" * 121}, "name", "At most 120 characters; these are 121."),
    (
        CenterDialog,
        _in("centers"),
        {"name": "New", "slug": "Not A Slug"},
        "slug",
        "Lower-case letters, digits and hyphens, such as istanbul.",
    ),
    (CenterDialog, _in("centers"), {"name": "New", "settings": "[1, 2]"}, "settings", NOT_JSON),
    (CenterDialog, _in("centers"), {"name": CLINIC, "slug": "new"}, "name", "Another "),
    (CenterDialog, _in("centers"), {"name": "New", "slug": "second-laboratory"}, "slug", "Another "),
    (CenterDialog, _in("centers"), NEW_CENTER | {"email": ""}, "email", "An email address is needed."),
    (CenterDialog, _in("centers"), NEW_CENTER | {"username": ""}, "username", "A user name is needed."),
    (CenterDialog, _in("centers"), NEW_CENTER | {"username": "berk.user"}, "username", "This user name is taken"),
    (CenterDialog, _in("centers"), NEW_CENTER | {"email": "berk.user@lab.example"}, "email", "Another "),
    (UserDialog, _in("users"), USER | {"username": "a b"}, "username", "2 to 40 of these"),
    (UserDialog, _in("users"), USER | {"email": "new@"}, "email", "This is not an email address"),
    (UserDialog, _in("users"), USER | {"username": "berk.user"}, "username", "This user name is taken"),
    (UserDialog, _in("users"), USER | {"email": "berk.user@lab.example"}, "email", "Another "),
    (SampleDialog, _in("samples"), SAMPLE | {"name": " "}, "name", "This must not be empty."),
    (SampleDialog, _in("samples"), SAMPLE | {"metadata": "{"}, "metadata", NOT_JSON),
    (SampleDialog, _in("samples"), SAMPLE | {"collected_at": "yesterday"}, "collected_at", "This is not a date"),
    (SampleDialog, _in("samples"), SAMPLE | {"barcode": "GOK-0001"}, "barcode", "Another "),
    (ReasonDialog, _choose_sample, {"reason": "  "}, "reason", "A reason is needed."),
    (DocumentDialog, _choose_document, {"title": ""}, "title", "This must not be empty."),
    (
        DocumentDialog,
        _choose_document,
        {"sample_id": "NO-1"},
        "sample_id",
        "No sample of this center has this barcode.",
    ),
]


def state_of(program: Program) -> object:
    """Everything that a form could have saved."""
    lab, work = program.workspace.context.lab, program.workspace.work
    assert work is not None
    return (
        lab.centers.list().rows,
        [(user.username, user.email, user.row_version) for user in lab.users.list().rows],
        work.samples.list().rows,
        work.documents.list().rows,
    )


def test_wrong_input_in_every_form_is_one_sentence_under_its_field_and_saves_nothing(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CLINIC)
        before = state_of(program)
        for kind, opening, typed, name, sentence in WRONG:
            click(opening(program))
            dialog = program.dialog(kind)
            program.settle()
            say(dialog, typed)
            click(dialog.verb)
            program.settle()
            said = problems(dialog)
            assert list(said) == [name], (kind, typed, said, dialog.banner.text)
            assert sentence in said[name]
            assert said[name].endswith("."), said
            assert dialog.isVisible()
            assert not dialog.banner.text
            leave(program, dialog)
        assert state_of(program) == before


def leave(program: Program, dialog: FormDialog) -> None:
    """Escape asks once about what was typed, and then leaves."""
    gone: list[int] = []
    dialog.finished.connect(gone.append)
    changed = dialog.fields.is_changed
    press(dialog, Qt.Key.Key_Escape)
    if changed:
        click(program.dialog(Confirm).verb)
    until(lambda: gone, "the dialog closes")
    program.settle()


def test_changing_ones_own_password_wants_the_old_one(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        menu = program.workspace.header.person.menu()
        next(action for action in menu.actions() if "password" in action.text()).trigger()
        dialog = program.dialog(PasswordDialog)
        say(dialog, {"old_password": "Wrong-Horse-77", "new_password": OWN_PASSWORD, "again": OWN_PASSWORD})
        click(dialog.verb)
        program.settle()
        assert list(problems(dialog)) == ["old_password"], (problems(dialog), dialog.banner.text)
        leave(program, dialog)
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
