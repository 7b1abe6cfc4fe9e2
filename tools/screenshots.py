"""Draws the pictures of README and the manuals: every screen in every state, light and dark, small and large.

`make screenshots` writes them into resources/screenshots/ (or the folder that is named) and asks nothing. The same
demo data give the same pictures, but for the dates.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop_app.errors import LabkeepError
from desktop_app.paths import resources_dir
from desktop_app.ui.dialogs.about import AboutDialog
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.memberships import JoinDialog, LeaveDialog, MoveDialog, RoleDialog
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.dialogs.reason import RejectDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.settings import SettingsDialog
from desktop_app.ui.dialogs.title_conflict import TitleConflictDialog
from desktop_app.ui.dialogs.user import UserDialog
from desktop_app.ui.foundation.theme import Appearance
from desktop_app.ui.models.transfer_rows import Stage
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.pages.first_run import Step
from desktop_app.ui.shell.pages.first_run_pages import Place
from desktop_app.ui.widgets.actions import LiveAction
from desktop_app.ui.widgets.field import Field
from tools import bad_days, steps
from tools.camera import Camera
from tools.driver import Drag, DriveError, Program, click, fill, leave_dialogs, make_application, temporary_home, until
from tools.steps import Account

MOST_BYTES = 4 * 1024 * 1024
LARGE_FILE = 1536 * 1024 * 1024
"""Bytes of a file of holes: long enough under way for its picture, and it takes no room on the disk."""
ROLES = {
    "system": "System administrator",
    "admin": "Administrator of Istanbul Medical Center",
    "user": "User of Istanbul Medical Center",
    "viewer": "Viewer of Istanbul Medical Center",
}
GUEST_UNTIL = "2099-12-31"
REPORT = "Complete blood count P-1031"


def first_start(camera: Camera, home: Path) -> None:
    """The pages of the first start, and a new installation with nothing in it."""
    program = camera.program
    first_run = program.window.first_run
    until(first_run.isVisible, "the first start is shown")
    camera.both("first-start-place")
    first_run.place.choose(Place.OWN)
    click(first_run.verb)
    camera.shot("first-start-own-server-problems")
    first_run.place.choose(Place.BUILT_IN)
    click(first_run.verb)
    click(first_run.verb)
    camera.shot("first-start-person-problems")
    account = Account("selin.admin", "Walnut-Harbor-2026")
    steps.fill_person(program, "University Hospital", account)
    camera.shot("first-start-person")
    click(first_run.verb)
    camera.shot("first-start-working")
    until(lambda: first_run.step is Step.KIT or first_run.banner.text, "the installation is made")
    camera.both("first-start-kit")
    click(first_run.kit.save)
    program.answer_file_dialog(home / "kit.txt")
    program.settle()
    camera.shot("first-start-kit-saved")
    words = steps.kit_words(program)
    click(first_run.verb)
    steps.type_asked_words(program, words)
    camera.shot("first-start-kit-asked")
    click(first_run.verb)
    steps.wait_for_workspace(program)
    camera.shot("empty-no-center")
    steps.make_center(program, "Istanbul Medical Center")
    for name in ("samples", "documents"):
        steps.show(program, getattr(program.workspace.tabs, name))
        camera.both(f"empty-{name}")
    program.workspace.tabs.samples.records.search.setText("nothing like it")
    steps.show(program, program.workspace.tabs.samples)
    until(lambda: program.workspace.tabs.samples.records.empty.title == "Nothing found", "the search finds nothing")
    camera.shot("empty-search")


def choose_first(program: Program) -> None:
    """Choose the first row of the tab that is in front, where it has one."""
    records = getattr(program.workspace.page, "records", None)
    if records is not None and records.model.rowCount():
        records.table.choose_row(0)
    program.settle()


def tabs(camera: Camera, role: str) -> None:
    """The five tabs as one role sees them."""
    workspace = camera.program.workspace
    for name in ("centers", "users", "samples", "documents", "activity"):
        steps.show(camera.program, getattr(workspace.tabs, name))
        choose_first(camera.program)
        camera.shot(f"{role}-{name}")
        if role == "system":
            camera.look(Appearance.DARK)
            camera.shot(f"{role}-{name}-dark")
            camera.look(Appearance.LIGHT)


def previews(camera: Camera) -> None:
    """Every kind of preview; the first is README's picture."""
    program = camera.program
    documents = program.workspace.tabs.documents
    with camera.large():
        steps.preview(program, REPORT)
        camera.both("documents-large")
    by_ending = {row.file_name.rpartition(".")[2]: row.title for row in documents.records.model.rows}
    for ending, title in by_ending.items():
        if ending != "pdf":
            steps.preview(program, title)
            camera.shot(f"preview-{ending}")
    steps.preview(program, REPORT)
    camera.both("documents")
    steps.choose(program, program.workspace.tabs.samples, "IST-26-0001")
    with camera.large():
        camera.both("samples-large")


def dropping(camera: Camera, home: Path) -> None:
    """The drop overlay, files under way, a conflict, and both ends."""
    program = camera.program
    tab, panel = program.workspace.tabs.documents, program.workspace.panel
    source = resources_dir() / "demo" / "documents"
    folder = home / "today"
    folder.mkdir()
    for name in ("panel-amplicons.fasta", "gel-2026-11-04.png"):
        shutil.copy(source / name, folder / f"copy of {name}")
    steps.show(program, tab)
    drag = Drag(tab.drop, [folder, *sorted(source.glob("*.csv"))])
    camera.both("drop-overlay")
    drag.leave()
    steps.drop(program, [folder])
    camera.both("transfer-done")
    click(panel.close_button)
    again = Drag(tab.drop, [folder])
    again.drop()
    question = program.dialog(TitleConflictDialog)
    camera.both("dialog-conflict")
    click(question.for_all)
    click(question.verb)
    until(lambda: not program.workspace.transfers.is_active, "the versions are saved")
    program.settle()
    click(panel.close_button)
    under_way(camera, home, folder)


def under_way(camera: Camera, home: Path, folder: Path) -> None:
    """A large file being sealed, cancelled, and a file that is not there."""
    program = camera.program
    tab, panel, transfers = program.workspace.tabs.documents, program.workspace.panel, program.workspace.transfers
    large = home / "microscope-run.czi"
    with large.open("wb") as file:
        file.truncate(LARGE_FILE)
    new = folder / "notes of the day.txt"
    new.write_text("Freezer 3 alarm at 04:10, door closed at 04:12.\n")
    Drag(tab.drop, [new, large, home / "report.pdf"]).drop()

    def half() -> bool:
        rows = [row for row in transfers.table.rows if row.path == large and row.stage is Stage.SEALING]
        return any(row.done > row.size // 5 for row in rows) and " · " in panel.line.text()

    until(half, "a large file is under way")
    camera.both("transfer-under-way")
    click(panel.cancel)
    until(lambda: not transfers.is_active, "the transfer is cancelled")
    program.settle()
    camera.shot("transfer-cancelled")
    click(panel.close_button)
    large.unlink()
    other = folder / "freezer log.txt"
    shutil.copy(new, other)
    steps.drop(program, [other, home / "report.pdf"])
    camera.both("transfer-not-all")
    click(panel.close_button)


def form(
    camera: Camera, kind: type[FormDialog], action: LiveAction[Any], typed: dict[str, str], *, dark: bool = False
) -> None:
    """Open a form, type what is wrong, press its button, take the picture, leave."""
    program = camera.program
    click(action)
    dialog = program.dialog(kind)
    program.settle()
    for field in dialog.findChildren(Field):
        if field.name in typed:
            fill(field, typed[field.name])
    if typed:
        click(dialog.verb)
    program.settle()
    name = f"dialog-{kind.__name__.removesuffix('Dialog').lower()}"
    (camera.both if dark else camera.shot)(name)
    leave_dialogs(program)


def forms(camera: Camera) -> None:
    """Every dialog, with what is wrong in it."""
    program = camera.program
    space = program.workspace
    steps.choose(program, space.tabs.centers, "Istanbul Medical Center")
    form(camera, CenterDialog, space.tabs.centers.new, {"name": "Ankara Research Lab", "settings": "[1]"}, dark=True)
    click(space.tabs.centers.active)
    program.dialog(Confirm)
    camera.both("dialog-confirm")
    leave_dialogs(program)
    steps.choose(program, space.tabs.users, "elif.viewer")
    form(camera, UserDialog, space.tabs.users.new, {"username": "Ali Kaya", "email": "ali@"}, dark=True)
    form(camera, RoleDialog, space.tabs.users.role, {})
    form(camera, MoveDialog, space.tabs.users.move_button, {"role": "Administrator"})
    guest(camera)
    steps.choose(program, space.tabs.samples, "IST-26-0001")
    form(
        camera,
        SampleDialog,
        space.tabs.samples.new,
        {"barcode": "IST-26-0001", "metadata": "{tube", "collected_at": "x"},
        dark=True,
    )
    pending = next(row for row in space.tabs.samples.records.model.rows if row.status == "pending")
    steps.choose(program, space.tabs.samples, pending.barcode)
    reject = next(button for step, button in space.tabs.samples.steps.items() if step == "reject")
    form(camera, RejectDialog, reject, {"reason": " "})
    steps.choose(program, space.tabs.documents, REPORT)
    form(camera, DocumentDialog, space.tabs.documents.edit, {"title": "", "sample_id": "?"})


def guest(camera: Camera) -> None:
    """Somebody comes to a second center until a day, and leaves it again."""
    program = camera.program
    users = program.workspace.tabs.users
    click(users.join)
    join = program.dialog(JoinDialog)
    program.settle()
    for name, value in (("center_id", "Ankara Research Lab"), ("role", "Viewer"), ("until", GUEST_UNTIL)):
        fill(join.fields[name], value)
    camera.both("dialog-join")
    steps.submit(program, join)
    steps.choose(program, users, "elif.viewer")
    click(users.end)
    leave = program.dialog(LeaveDialog)
    click(leave.verb)
    camera.both("dialog-leave")
    fill(leave.fields["center_id"], "Ankara Research Lab")
    steps.submit(program, leave)


def notes(camera: Camera) -> None:
    """The dialogs of the person's menu, and a password that is shown once."""
    program = camera.program
    for words, kind in (("About", AboutDialog), ("password", PasswordDialog), ("Settings", SettingsDialog)):
        actions = program.workspace.header.person.menu().actions()
        next(action for action in actions if words in action.text().replace("&", "")).trigger()
        program.dialog(kind)
        camera.shot(f"dialog-{words.lower()}")
        leave_dialogs(program)
    steps.make_user(program, "ali.kaya", "Istanbul Medical Center", "User", ("Ali", "Kaya"))
    program.dialog(OneTimePasswordDialog)
    camera.shot("dialog-first-password")
    steps.pass_on_password(program)


def demo(camera: Camera, home: Path) -> None:
    """Everything that there is to be seen of the demo."""
    program = camera.program
    page = program.window.sign_in
    until(page.isVisible, "the demo is made", 180)
    program.settle()
    camera.both("sign-in")
    steps.enter(program, Account("mehmet.user", "Wrong-Meadow-38"))
    until(lambda: page.banner.text, "the sign-in is refused")
    program.settle()
    camera.shot("sign-in-refused")
    for role, label in ROLES.items():
        steps.sign_in_by_one_click(program, label)
        if role == "system":
            steps.open_center(program, "Istanbul Medical Center")
        tabs(camera, role)
        more: dict[str, tuple[Callable[[], None], ...]] = {
            "system": (lambda: forms(camera), lambda: notes(camera)),
            "admin": (lambda: previews(camera), lambda: dropping(camera, home), lambda: bad_days.all_of(camera)),
            "user": (lambda: bad_days.closed_center(camera),),
            "viewer": (lambda: refused(camera),),
        }
        for act in more.get(role, ()):
            act()
        steps.sign_out(program)


def refused(camera: Camera) -> None:
    """A viewer who drags files over the window."""
    tab = camera.program.workspace.tabs.documents
    steps.show(camera.program, tab)
    drag = Drag(tab.drop, [resources_dir() / "demo" / "demo.toml"])
    camera.shot("drop-overlay-refused")
    drag.leave()


def run(folder: Path) -> int:
    """All pictures; returns the exit status."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()
        look = Look(make_application(), Appearance.LIGHT)
        with temporary_home() as home, Program(home, look) as program:
            look.choose(Appearance.LIGHT)
            first_start(Camera(program, folder), home)
        with temporary_home() as home, Program(home, look, demo=True) as program:
            look.choose(Appearance.LIGHT)
            demo(Camera(program, folder), home)
    except (DriveError, LabkeepError, OSError) as error:
        sys.stderr.write(f"The pictures are not complete: {error}\n")
        return 1
    sizes = [path.stat().st_size for path in folder.glob("*.png")]
    sys.stdout.write(f"{len(sizes)} pictures of together {sum(sizes) / 1024:,.0f} KiB in {folder}/.\n")
    if sum(sizes) > MOST_BYTES:
        sys.stderr.write("Together they are larger than 4 MiB, which is too much for a clone.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("resources") / "screenshots"))
