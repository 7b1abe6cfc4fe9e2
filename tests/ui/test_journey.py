"""A file dropped on the window ends sealed in the right center: the whole way, with everything real.

The first day is lived once by the module's fixture: set up, make centers, people and a sample, drop files, close.
Each test starts the program again on the same home.
"""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from desktop_app.ui.application import Look
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.dialogs.first_run import Step
from desktop_app.ui.dialogs.first_run_pages import Place
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.made_password import MadePasswordDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.user import UserDialog
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.field import Field
from tools import steps
from tools.driver import Drag, Program, click, fill, press, stop_servers, until, write
from tools.steps import Account

DEMO = Path(__file__).parents[2] / "resources" / "demo" / "documents"
CLINIC, OTHER = "Gökova Kliniği", "Second Laboratory"
ADMIN = Account("anna.admin", "Correct-Horse-77")
OWN_PASSWORD = "Fresh-Meadow-2026"
SIZES = {"empty.dat": 0, "one segment.bin": 1024 * 1024, "large.bin": 3 * 1024 * 1024 + 17}


@dataclass
class Day:
    """What was seen on the first day, and what is needed on the next one."""

    home: Path
    files: Path
    words: tuple[str, ...] = ()
    passwords: dict[str, str] = field(default_factory=dict)
    passwords_in_window: list[str] = field(default_factory=list)
    veil: str = ""
    summary: str = ""
    titles: list[str] = field(default_factory=list)
    previews: dict[str, str] = field(default_factory=dict)

    @property
    def dropped(self) -> dict[str, Path]:
        """Title of each document and the file it came from."""
        return {path.name: path for path in sorted(self.files.rglob("*")) if path.is_file()}


def make_files(folder: Path) -> None:
    inner = folder / "folder" / "in it"
    inner.mkdir(parents=True)
    for name in ("complete-blood-count-P-1031.pdf", "gel-2026-11-04.png", "bench-notes-2026-11-03.txt"):
        shutil.copy(DEMO / name, folder / name)
    for name in ("qpcr-run-118.csv", "gönüllü-olur-formu.pdf"):
        shutil.copy(DEMO / name, inner / name)
    for at, (name, size) in enumerate(SIZES.items()):
        (inner / name).write_bytes((bytes([at + 1, 7, 255, 0]) * (size // 4 + 1))[:size])


def live_the_first_day(program: Program, day: Day) -> None:
    day.words = steps.set_up(program, "Journey", ADMIN, day.home / "kit.txt")
    for center in (CLINIC, OTHER):
        steps.make_center(program, center, "Made in a test.")
    for user_name, center, role, name in (
        ("berk.user", CLINIC, "User", ("Berk", "Öz")),
        ("vera.viewer", CLINIC, "Viewer", ("Vera", "Ilgaz")),
        ("olga.admin", OTHER, "Administrator", ("Olga", "Ek")),
    ):
        day.passwords[user_name] = steps.make_user(program, user_name, center, role, name)
        steps.pass_on_password(program)
    shown = program.window.findChildren(MadePasswordDialog)
    day.passwords_in_window = [each.password.text() for each in shown]
    steps.make_sample(program, "Whole blood", "GOK-0001")
    tops = sorted(path for path in day.files.iterdir())
    day.veil, day.summary = steps.drop(program, [*tops, day.files / "gone.txt"])
    day.titles = steps.titles(program.workspace.documents)
    for name in ("qpcr-run-118.csv", "gel-2026-11-04.png", "gönüllü-olur-formu.pdf", "bench-notes-2026-11-03.txt"):
        day.previews[name] = steps.preview(program, name)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, look: Look) -> Iterator[Day]:
    home = tmp_path_factory.mktemp("journey")
    files = tmp_path_factory.mktemp("files")
    make_files(files)
    lived = Day(home, files)
    try:
        with Program(home, look) as program:
            live_the_first_day(program, lived)
        yield lived
    finally:
        stop_servers(home)


def enter(program: Program, day: Day, user_name: str) -> None:
    """Sign in; the first time with the administrator's password, which must be replaced at once."""
    first = day.passwords.pop(user_name, None)
    if first is None:
        steps.sign_in(program, Account(user_name, OWN_PASSWORD))
        return
    steps.enter(program, Account(user_name, first))
    dialog = program.dialog(PasswordDialog)
    assert program.window.workspace is None
    # Keeping the administrator's password is no way out.
    fill(dialog.fields["new_password"], first)
    fill(dialog.fields["again"], first)
    click(dialog.verb)
    assert dialog.fields["new_password"].problem == "The new password must be another one."
    assert program.window.workspace is None
    steps.choose_own_password(program, OWN_PASSWORD)


def test_the_recovery_kit_is_shown_once_and_written_for_its_owner_only(day: Day) -> None:
    kit = day.home / "kit.txt"
    text = kit.read_text()
    assert len(day.words) == 33
    assert all(word in text for word in day.words)
    assert stat.S_IMODE(kit.stat().st_mode) == 0o600


def test_the_first_password_is_gone_once_it_was_passed_on(day: Day) -> None:
    assert day.passwords_in_window == []
    assert len({*day.passwords.values()}) == len(day.passwords)
    assert all(len(password) > 16 for password in day.passwords.values())


def test_the_drop_says_where_to_and_then_exactly_what_was_saved(day: Day) -> None:
    number = len(day.dropped)
    assert day.veil == f"Seal 5 files and folders for {CLINIC}"
    assert day.summary.startswith(f"{number} of {number + 1} files sealed. 1 not: gone.txt:"), day.summary
    assert sorted(day.titles) == sorted(day.dropped)


def test_previews_come_from_memory_in_their_kind(day: Day) -> None:
    assert day.previews == {
        "qpcr-run-118.csv": "table",
        "gel-2026-11-04.png": "pages",
        "gönüllü-olur-formu.pdf": "pages",
        "bench-notes-2026-11-03.txt": "text",
    }


def test_nothing_that_was_dropped_lies_in_clear_under_the_home(day: Day) -> None:
    """Preview included: the notes' own words are in no file of the home, neither store nor server nor log."""
    needles = [
        b"%PDF-1.",
        *(line for line in (day.dropped["bench-notes-2026-11-03.txt"]).read_bytes().split(b"\n")[:3]),
    ]
    needles = [needle for needle in needles if len(needle) > 6]
    assert len(needles) > 1
    for path in day.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [needle for needle in needles if needle in content], path


def test_the_new_user_gets_every_document_back_bit_for_bit(day: Day, look: Look, tmp_path: Path) -> None:
    with Program(day.home, look) as program:
        enter(program, day, "berk.user")
        documents = program.workspace.documents
        assert program.workspace.header.switcher.text().strip().startswith(CLINIC)
        assert sorted(steps.titles(documents)) == sorted(day.dropped)
        for title, source in day.dropped.items():
            saved = steps.save_as(program, title, tmp_path / title)
            assert saved.read_bytes() == source.read_bytes(), title
        steps.choose(program, program.workspace.samples, "GOK-0001")
        assert program.workspace.samples.detail.title.text() == "Whole blood"


def test_what_the_user_drops_on_a_sample_belongs_to_it(day: Day, look: Look, tmp_path: Path) -> None:
    note = tmp_path / "for the sample.txt"
    note.write_text("belongs to GOK-0001")
    with Program(day.home, look) as program:
        enter(program, day, "berk.user")
        samples = program.workspace.samples
        steps.choose(program, samples, "GOK-0001")
        drag = Drag(samples.drop, [note])
        assert drag.said == "Seal 1 file for GOK-0001"
        assert drag.drop()
        until(lambda: program.workspace.panel.line.text() == "1 file sealed for GOK-0001.", "the file is sealed")
        program.settle()
        assert [row.title for row in samples.sample_detail.documents.model.rows] == [note.name]
        assert steps.preview(program, note.name) == "text"
        assert program.workspace.documents.preview.text.toPlainText() == note.read_text()


def test_a_viewer_sees_and_cannot_add(day: Day, look: Look, tmp_path: Path) -> None:
    intruder = tmp_path / "intruder.txt"
    intruder.write_text("x")
    with Program(day.home, look) as program:
        enter(program, day, "vera.viewer")
        workspace = program.workspace
        documents, samples = workspace.documents, workspace.samples
        before = steps.titles(documents)
        assert set(day.dropped) <= set(before)
        assert steps.preview(program, "bench-notes-2026-11-03.txt") == "text"
        because = "Only users and administrators of the center may do this. Here you are: viewer."
        for button in (documents.add, documents.edit, documents.active):
            assert not button.isEnabled(), button.text()
            assert button.toolTip() == because
        drag = Drag(documents.drop, [intruder])
        assert not drag.is_taken
        assert drag.said == because
        assert not drag.drop()
        program.settle()
        assert workspace.transfers.table.rowCount() == 0
        steps.choose(program, samples, "GOK-0001")
        for button in (samples.new, samples.sample_detail.edit, samples.sample_detail.attach):
            assert (button.isEnabled(), button.toolTip()) == (False, because)
        steps.show(program, workspace.users)
        assert workspace.users.records.empty.title == "Users are managed by administrators"
        assert not workspace.users.new.isEnabled()
        steps.show(program, workspace.centers)
        assert steps.titles(workspace.centers) == [CLINIC]
        assert not workspace.centers.new.isEnabled()


def test_somebody_of_another_center_sees_nothing_of_it(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        enter(program, day, "olga.admin")
        workspace = program.workspace
        for tab in (workspace.documents, workspace.samples):
            steps.show(program, tab)
            assert steps.titles(tab) == []
        steps.show(program, workspace.centers)
        assert steps.titles(workspace.centers) == [OTHER]
        steps.show(program, workspace.users)
        assert steps.titles(workspace.users) == ["olga.admin"]
        steps.show(program, workspace.activity)
        record = [str(each) for each in workspace.activity.records.model.rows]
        assert record
        assert not [entry for entry in record if "GOK-0001" in entry or "berk" in entry]
        write(workspace.header.search, "GOK-0001")
        press(workspace.header.search, Qt.Key.Key_Return)
        program.settle()
        assert workspace.samples.detail.is_empty
        assert steps.titles(workspace.samples) == []
        assert not list(workspace.findChildren(QDialog))


def say(container: object, fields: dict[str, str]) -> None:
    """Type these into the fields of a page or dialog."""
    for each in container.findChildren(Field):  # type: ignore[attr-defined]
        if each.name in fields:
            fill(each, fields[each.name])


def problems(container: object) -> dict[str, str]:
    """The sentences under the fields."""
    fields = container.findChildren(Field)  # type: ignore[attr-defined]
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
        assert first_run.step is Step.PLACE
        assert problems(first_run.place) == {
            "dsn": "Type how the server is reached.",
            "store": "Choose the folder that all computers share.",
        }
        first_run.place.choose(Place.BUILT_IN)
        click(first_run.verb)
        assert first_run.step is Step.PERSON
        for wrong, name, sentence in WRONG_PERSONS:
            say(first_run.person, GOOD_PERSON | wrong)
            click(first_run.verb)
            assert first_run.step is Step.PERSON
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
        assert first_run.step is Step.PLACE
        said = problems(first_run.place)
        assert said == {"store": f"The folder {tmp_path / 'no share'} does not exist. Make it, or connect the share."}
        assert program.app.profiles.list() == []
    assert not (tmp_path / "no share").exists()


def test_wrong_sign_ins_are_refused_in_one_sentence(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        page = program.window.sign_in
        steps.enter(program, Account("", ""))
        assert problems(page) == {"user_name": "Type your user name.", "password": "Type your password."}
        said = set()
        for account in (Account(ADMIN.user_name, "Wrong-Horse-77"), Account("nobody.here", ADMIN.password)):
            steps.enter(program, account)
            until(lambda: page.banner.text, "the sign-in is refused")
            program.settle()
            said.add(page.banner.text)
            assert page.password.text() == ""
            assert program.window.workspace is None
        # Nobody learns which of the two was wrong.
        assert len(said) == 1
        assert "Traceback" not in said.pop()


Opening = Callable[[Program], Button]


def _choose_sample(program: Program) -> Button:
    steps.choose(program, program.workspace.samples, "GOK-0001")
    return next(button for step, button in program.workspace.samples.sample_detail.steps.items() if step == "reject")


def _choose_document(program: Program) -> Button:
    steps.choose(program, program.workspace.documents, "large.bin")
    return program.workspace.documents.edit


def _in(tab: str) -> Opening:
    def new(program: Program) -> Button:
        page = getattr(program.workspace, tab)
        steps.show(program, page)
        button: Button = page.new
        return button

    return new


SAMPLE = {"name": "Another", "barcode": "GOK-0002"}
USER = {"username": "new.user", "email": "new@lab.example", "center_id": CLINIC}
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
    lab, work = program.workspace.desk.lab, program.workspace.work
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
