"""A tour through the real window without a display: the journey on demo data, with a picture of every stop.

`make tour` asks nothing, works in a home of its own that is taken away at the end, writes the pictures into ./tour/
and prints a line for each thing it checked. Exit status 1, with one sentence, if a check fails.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.errors import LabkeepError
from desktop_app.paths import resources_dir
from desktop_app.services.installation.demo_data import DemoAccount, read_demo_data
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.foundation.theme import Appearance
from desktop_app.ui.shell.application import Look
from desktop_app.ui.widgets.buttons import Button
from tools import steps
from tools.driver import Drag, DriveError, Program, make_application, temporary_home, until
from tools.pictures import take
from tools.steps import Account

FOLDER = Path("tour")
CENTER = "Bodrum Coast Clinic"
NEW_USER = "derya.user"
OWN_PASSWORD = "Harvest-Pebble-81"


@dataclass
class Guide:
    """Counts the pictures and says what was checked."""

    folder: Path
    pictures: int = 0
    checked: int = 0
    program: Program | None = field(default=None, repr=False)

    def shot(self, name: str) -> None:
        """A picture of what is to be seen now."""
        if self.program is None:
            raise DriveError(f"Nothing is open to take the picture {name} of.")
        self.pictures += 1
        take(self.program.window, self.folder / f"{self.pictures:02d}-{name}.png")

    def check(self, holds: bool, sentence: str) -> None:
        """Say that something holds; DriveError if it does not."""
        if not holds:
            raise DriveError(f"This does not hold: {sentence}")
        self.checked += 1
        sys.stdout.write(f"  {self.checked:2}. {sentence}\n")
        sys.stdout.flush()

    @contextmanager
    def opened(self, home: Path, look: Look, *, demo: bool = False) -> Iterator[Program]:
        """The program, from its start to its end."""
        with Program(home, look, demo=demo) as program:
            self.program = program
            yield program
            self.program = None


def make_files(home: Path) -> dict[str, Path]:
    """Files to be dropped: some of the demo's, some in a folder, one of 12 MB; title to file."""
    folder = home / "from the microscope"
    (folder / "cell counter").mkdir(parents=True)
    documents = resources_dir() / "demo" / "documents"
    for name in ("complete-blood-count-P-1031.pdf", "liver-section-HE.png"):
        shutil.copy(documents / name, folder / name)
    for name in ("blood-counts-2026-10.csv", "bench-notes-2026-11-03.txt"):
        shutil.copy(documents / name, folder / "cell counter" / name)
    (folder / "cell counter" / "flow-cytometry.fcs").write_bytes(bytes(range(256)) * 48_000)
    return {path.relative_to(home).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def first_day(guide: Guide, program: Program, files: dict[str, Path]) -> str:
    """As the system administrator; returns the new user's first password."""
    page = program.window.sign_in
    until(lambda: page.isVisible() and page.findChildren(Button), "the demo is made", 180)
    program.settle()
    labels = {account.label for account in read_demo_data().accounts}
    offered = until(
        lambda: labels & {button.text() for button in page.findChildren(Button)}, "the demo's people are offered"
    )
    guide.shot("sign-in")
    guide.check(labels <= offered, f"The demo is made, and its sign-in page offers {len(labels)} people at one click.")
    steps.sign_in_by_one_click(program, "System administrator")
    guide.check(program.workspace.work is not None, "One click signs in; a center is open.")
    steps.make_center(program, CENTER, "Marine medicine, made on the tour.")
    guide.shot("center-made")
    guide.check(CENTER in steps.titles(program.workspace.tabs.centers), f"The center “{CENTER}” is made by its dialog.")
    steps.open_center(program, CENTER)
    password = steps.make_user(program, NEW_USER, CENTER, "User", ("Derya", "Çelik"))
    guide.shot("first-password")
    guide.check(len(password) >= 16, f"The user {NEW_USER} is made; the first password is shown once.")
    steps.pass_on_password(program)
    guide.check(not program.has_dialog(OneTimePasswordDialog), "Passed on, the password is not to be seen any more.")
    steps.make_sample(program, "Sea water exposure, P-2001", "BOD-26-0001")
    guide.shot("sample-made")
    rows = steps.titles(program.workspace.tabs.samples)
    guide.check(rows == ["BOD-26-0001"], "The sample BOD-26-0001 is made by its dialog.")
    drop_files(guide, program, files)
    return password


def drop_files(guide: Guide, program: Program, files: dict[str, Path]) -> None:
    """Drop a folder on the Documents tab and look at what it became."""
    tab = program.workspace.tabs.documents
    steps.show(program, tab)
    guide.shot("no-documents-yet")
    folder = next(path.parent for path in files.values() if path.suffix == ".pdf")
    drag = Drag(tab.drop, [folder])
    guide.shot("dragging-over")
    guide.check(CENTER in drag.said, f"While files are dragged over the tab, an overlay says: {drag.said}.")
    drag.leave()
    _, sentence = steps.drop(program, [folder])
    guide.shot("sealed")
    guide.check(sentence == f"{len(files)} files added to {CENTER}.", f"The drop ends with: {sentence}")
    guide.check(sorted(steps.titles(tab)) == sorted(files), f"All {len(files)} files of the folder are in the list.")
    kinds = {".pdf": "pages", ".png": "pages", ".csv": "table", ".txt": "text"}
    for title, path in files.items():
        if path.suffix in kinds:
            shown = steps.preview(program, title)
            guide.shot(f"preview{path.suffix.replace('.', '-')}")
            guide.check(shown == kinds[path.suffix], f"{title} is previewed from memory as {shown}.")


def second_day(guide: Guide, program: Program, password: str, files: dict[str, Path], out: Path) -> None:
    """As the new user: choose a password, and take every document out again."""
    steps.enter(program, Account(NEW_USER, password))
    program.dialog(PasswordDialog)
    guide.shot("choose-own-password")
    guide.check(program.window.workspace is None, "Started again: the new user must first choose a password.")
    steps.choose_own_password(program, OWN_PASSWORD)
    work = program.workspace.work
    guide.check(work is not None and work.center.name == CENTER, f"{NEW_USER} is signed in to {CENTER}.")
    for title, path in files.items():
        saved = steps.save_as(program, title, out / path.name)
        same = saved.read_bytes() == path.read_bytes()
        guide.check(same, f"{title} comes out by “Save as”, bit for bit ({path.stat().st_size:,} bytes).")
    guide.shot("saved-as")


def other_roles(guide: Guide, program: Program, accounts: Sequence[DemoAccount], files: dict[str, Path]) -> None:
    """A viewer may look; people of another center see nothing of this one."""
    viewer = next(account for account in accounts if account.role.value == "viewer")
    steps.sign_out(program)
    steps.sign_in_by_one_click(program, viewer.label)
    documents = program.workspace.tabs.documents
    shown = len(steps.titles(documents))
    steps.preview(program, steps.titles(documents)[0])
    guide.shot("viewer")
    guide.check(shown > 0, f"{viewer.first_name}, a viewer, sees the {shown} documents of her center.")
    reason = documents.add.toolTip()
    guide.check(not documents.add.isEnabled(), f"She cannot add; the button says why: {reason}")
    drag = Drag(documents.drop, list(files.values()))
    guide.shot("viewer-may-not-drop")
    guide.check(not drag.is_taken and not drag.drop(), "Files that she drops are refused.")
    stranger = next(account for account in accounts if account.center == "ankara")
    steps.sign_out(program)
    steps.sign_in_by_one_click(program, stranger.label)
    steps.show(program, program.workspace.tabs.centers)
    centers = steps.titles(program.workspace.tabs.centers)
    guide.shot("another-center")
    guide.check(CENTER not in centers, f"{stranger.first_name} of another center sees only {', '.join(centers)}.")
    titles = steps.titles(program.workspace.tabs.documents)
    guide.check(not set(titles) & set(files), "None of the dropped documents is in that center's list.")


def run(folder: Path) -> int:
    """The whole tour; returns the exit status."""
    guide = Guide(folder)
    try:
        folder.mkdir(exist_ok=True)
        for old in folder.glob("[0-9][0-9]-*.png"):
            old.unlink()
        look = Look(make_application(), Appearance.LIGHT)
        with temporary_home() as home:
            files = make_files(home)
            (home / "out").mkdir()
            sys.stdout.write("Making the demo on a built-in server of its own…\n")
            with guide.opened(home, look, demo=True) as program:
                password = first_day(guide, program, files)
            with guide.opened(home, look) as program:
                second_day(guide, program, password, files, home / "out")
                other_roles(guide, program, read_demo_data().accounts, files)
    except (DriveError, LabkeepError, OSError) as error:
        sys.stderr.write(f"The tour stopped: {error}\n")
        return 1
    sys.stdout.write(f"{guide.checked} things checked, {guide.pictures} pictures in {folder}/.\n")
    return 0


if __name__ == "__main__":
    sys.exit(run(FOLDER))
