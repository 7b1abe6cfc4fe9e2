"""The steps of a person's way through the window, each one by the controls that the person uses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListView

from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.user import UserDialog
from desktop_app.ui.shell.pages.first_run import Step
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.tab_page import TabPage
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.center_switcher import CenterPopup
from desktop_app.ui.widgets.field import Field
from tools.driver import Drag, DriveError, Program, click, fill, press, until, write


@dataclass(frozen=True)
class Account:
    """A user name and its password."""

    username: str
    password: str


def set_up(program: Program, name: str, administrator: Account, kit_file: Path) -> tuple[str, ...]:
    """First start: built-in server, administrator, recovery kit; returns the kit's words, and leaves signed in."""
    first_run = program.window.first_run
    until(first_run.isVisible, "the first start is shown")
    click(first_run.verb)
    until(lambda: first_run.step is Step.PERSON, "the page of the administrator is shown")
    fill_person(program, name, administrator)
    click(first_run.verb)
    until(lambda: first_run.step is Step.KIT or first_run.banner.text, "the installation is made")
    if first_run.step is not Step.KIT:
        raise DriveError(first_run.banner.text)
    words = kit_words(program)
    click(first_run.kit.save)
    program.answer_file_dialog(kit_file)
    until(kit_file.exists, "the recovery kit is written")
    program.settle()
    click(first_run.verb)
    if first_run.verb.isEnabled():
        raise DriveError("One can go on without showing that the recovery kit is kept.")
    type_asked_words(program, words)
    click(first_run.verb)
    wait_for_workspace(program)
    return words


def fill_person(program: Program, name: str, administrator: Account) -> None:
    """Fill the page of the first administrator."""
    person = program.window.first_run.person
    values = {
        "display_name": name,
        "username": administrator.username,
        "email": f"{administrator.username}@lab.example",
        "password": administrator.password,
        "again": administrator.password,
    }
    for field in person.findChildren(Field):
        fill(field, values[field.name])


def type_asked_words(program: Program, words: tuple[str, ...]) -> None:
    """Type the words that the page of the recovery kit asks for."""
    for field in program.window.first_run.kit.findChildren(Field):
        fill(field, words[int(field.name.removeprefix("word_")) - 1])


def kit_words(program: Program) -> tuple[str, ...]:
    """The words of the recovery kit as they are shown."""
    labels = program.window.first_run.kit.findChildren(QLabel)
    return tuple(label.text() for label in labels if label.property("mono") == "true")


def enter(program: Program, account: Account) -> None:
    """Type user name and password and press the button; what follows is the caller's."""
    page = program.window.sign_in
    until(page.isVisible, "the sign-in page is shown")
    program.settle()
    write(page.username, account.username)
    write(page.password, account.password)
    click(page.verb)


def sign_in(program: Program, account: Account) -> None:
    """Sign in, and wait until the center is open."""
    enter(program, account)
    wait_for_workspace(program)


def sign_in_by_one_click(program: Program, label: str) -> None:
    """Sign in as one of the demo's people."""
    page = program.window.sign_in
    until(page.isVisible, "the sign-in page is shown")
    program.settle()

    def offered() -> Button | None:
        return next((button for button in page.findChildren(Button) if button.text() == label), None)

    click(until(offered, f"“{label}” is offered"))
    wait_for_workspace(program)


def wait_for_workspace(program: Program) -> None:
    """Signing in ends with an open center and its documents, or with no center at all."""
    page = program.window.sign_in

    def arrived() -> bool:
        if page.isVisible() and page.banner.text:
            raise DriveError(f"Signing in was refused: {page.banner.text}")
        return program.window.workspace is not None and program.workspace.isVisible()

    until(arrived, "the person is signed in")
    program.settle()


def choose_own_password(program: Program, password: str) -> None:
    """The first sign-in with a password that somebody else made."""
    dialog = program.dialog(PasswordDialog)
    for name in ("new_password", "again"):
        fill(dialog.fields[name], password)
    click(dialog.verb)
    wait_for_workspace(program)


def sign_out(program: Program) -> None:
    """Leave the workspace by the person's menu."""
    menu = program.workspace.header.person.menu()
    leave = next(action for action in menu.actions() if "Sign out" in action.text().replace("&", ""))
    leave.trigger()
    until(program.window.sign_in.isVisible, "the sign-in page is shown")
    program.settle()


def show(program: Program, page: TabPage) -> None:
    """Bring a tab to the front and wait for what it shows."""
    program.workspace.show_tab(page)
    program.settle()


def open_center(program: Program, name: str) -> None:
    """Work in a center, by the switcher in the header; who is there already stays."""
    if program.workspace.work is not None and program.workspace.work.center.name == name:
        return
    click(program.workspace.header.switcher)
    popup = until(
        lambda: next((p for p in program.workspace.findChildren(CenterPopup) if p.isVisible()), None),
        "the list of centers opens",
    )
    write(popup.search, name)
    view: QListView = popup.list
    until(
        lambda: view.model().rowCount() == 1 and view.model().index(0, 0).data().removesuffix(" (open)") == name,
        f"the center {name} is found",
    )
    press(popup.search, Qt.Key.Key_Return)
    until(
        lambda: program.workspace.work is not None and program.workspace.work.center.name == name,
        f"the center {name} is open",
    )
    program.settle()


def submit(program: Program, dialog: FormDialog) -> None:
    """Press the dialog's button and wait until it is saved; DriveError says what the form says against it."""
    open_dialogs = [dialog]
    dialog.finished.connect(open_dialogs.clear)
    click(dialog.verb)
    program.settle()
    if open_dialogs:
        said = [field.problem for field in dialog.findChildren(Field) if field.problem] or [dialog.banner.text]
        raise DriveError(f"“{dialog.accessibleName()}” was not saved: {' '.join(said)}")


def make_center(program: Program, name: str, description: str = "") -> None:
    """A new center by the dialog of the Centers tab."""
    tab = program.workspace.tabs.centers
    show(program, tab)
    click(tab.new)
    dialog = program.dialog(CenterDialog)
    fill(dialog.fields["name"], name)
    fill(dialog.fields["description"], description)
    submit(program, dialog)


def make_user(program: Program, username: str, center: str, role: str, name: tuple[str, str]) -> str:
    """A new user by the dialog of the Users tab; returns the first password, which is shown once."""
    tab = program.workspace.tabs.users
    show(program, tab)
    click(tab.new)
    dialog = program.dialog(UserDialog)
    program.settle()
    values = {
        "username": username,
        "email": f"{username}@lab.example",
        "first_name": name[0],
        "last_name": name[1],
        "center_id": center,
        "role": role,
    }
    for field, value in values.items():
        fill(dialog.fields[field], value)
    submit(program, dialog)
    return program.dialog(OneTimePasswordDialog).password.text()


def pass_on_password(program: Program) -> None:
    """Close the note with the first password."""
    note = program.dialog(OneTimePasswordDialog)
    note.passed_on.setChecked(True)
    click(note.done_button)
    until(lambda: not program.has_dialog(OneTimePasswordDialog), "the note with the password closes")
    program.settle()


def make_sample(program: Program, name: str, barcode: str) -> None:
    """A new sample by the dialog of the Samples tab."""
    tab = program.workspace.tabs.samples
    show(program, tab)
    click(tab.new)
    dialog = program.dialog(SampleDialog)
    program.settle()
    for field, value in (("name", name), ("barcode", barcode), ("sample_type", "Blood")):
        fill(dialog.fields[field], value)
    submit(program, dialog)


def drop(program: Program, paths: Sequence[Path], *, at_last: Callable[[], object] = lambda: None) -> tuple[str, str]:
    """Drop files and folders on the Documents tab; returns the overlay's words and the sentence at the end.

    *at_last* happens before the button is released, in the same turn.
    """
    tab = program.workspace.tabs.documents
    show(program, tab)
    drag = Drag(tab.drop, paths)
    overlay = drag.said
    sums: list[str] = []
    program.workspace.transfers.summed_up.connect(lambda text, _tone: sums.append(text))
    at_last()
    if not drag.drop():
        raise DriveError(f"The drop was refused: {overlay}")
    until(lambda: sums, "the transfer ends with a sentence")
    program.settle()
    return overlay, program.workspace.panel.line.text()


def titles(tab: RecordTab[Any]) -> list[str]:
    """The first column of a tab's list."""
    model = tab.records.model
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def choose(program: Program, tab: RecordTab[Any], text: str) -> None:
    """Choose the row whose first column is this and wait for its detail."""
    show(program, tab)
    rows = until(lambda: titles(tab) if text in titles(tab) else None, f"“{text}” is in the list")
    tab.records.table.choose_row(rows.index(text))
    program.settle()


def preview(program: Program, title: str) -> str:
    """Choose a document; returns what its preview shows: text, table, pages or empty."""
    tab = program.workspace.tabs.documents
    choose(program, tab, title)
    until(lambda: tab.preview.shown != "waiting", f"the preview of {title} is shown")
    return tab.preview.shown


def save_as(program: Program, title: str, target: Path) -> Path:
    """Save a document's content in clear by its button and the file dialog."""
    tab = program.workspace.tabs.documents
    choose(program, tab, title)
    click(tab.save)
    program.answer_file_dialog(target)
    until(target.exists, f"{target.name} is written")
    program.settle()
    return target
