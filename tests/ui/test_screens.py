"""Small and enlarged screens: window, dialogs, sign-in and first start fit, and what does not fit scrolls."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.forking import program

# A process for each screen: Qt reads it once. What the person sees is measured in logical pixels.
PROGRAM = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QDialog, QScrollArea
from desktop_app.config import Settings
from desktop_app.domain.profiles import ServerKind
from desktop_app.domain.rights import Standing
from desktop_app.ui.shell.application import Look, make_application
from desktop_app.ui.dialogs.about import AboutDialog
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.dialogs.memberships import JoinDialog, LeaveDialog, MoveDialog, RoleDialog
from desktop_app.ui.dialogs.reason import RejectDialog
from desktop_app.ui.dialogs.recover import RecoverDialog
from desktop_app.ui.dialogs.replace_kit import NewKitDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.settings import SettingsDialog
from desktop_app.ui.dialogs.status import StatusDialog
from desktop_app.ui.shell.pages.first_run_pages import Place
from desktop_app.ui.dialogs.user import UserDialog
from desktop_app.ui.foundation.jobs import InlineRunner, Jobs
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.shell.main_window import MainWindow
from desktop_app.services.documents.external_copy import ExternalCopies
from desktop_app.storage.open_folder import OpenFolder
from desktop_app.policy import STRICTEST, Policy
from tests.ui.window_fixture import PASSWORD, FakeSignIn, FakeStartup, FakeInstallation
from tests.ui.made_records import document, profile, sample
from tests.ui.fake_services import Lab

application = make_application([])
room = application.primaryScreen().availableGeometry()
home = Path(sys.argv[1])
found = {"screen": [room.width(), room.height()]}

def settle():
    for _ in range(5):
        application.processEvents()

def reach(page, widget):
    # Whether one can scroll to it: it lies within the page that scrolls, and that is no wider than what is seen.
    area = page.findChild(QScrollArea)
    inside = area.widget()
    at = widget.mapTo(inside, QPoint(0, 0))
    return (inside.rect().contains(at) and at.y() + widget.height() <= inside.height()
            and inside.width() <= area.viewport().width())

def window(profiles):
    sign_in, installation = FakeSignIn(lambda: Lab(Standing.SYSTEM)), FakeInstallation(profiles)
    jobs = Jobs(InlineRunner())
    made = MainWindow(FakeStartup(installation, sign_in, installation, installation,
                               ExternalCopies(OpenFolder(home / "open")),
                               home / "w.ini", home / "s.toml"), jobs, Look(application))
    made.show()
    settle()
    return made

first = window([])
found["window"] = [first.width(), first.height()]
first.first_run.place.choose(Place.OWN)
settle()
found["first start"] = reach(first.first_run, first.first_run.verb)
first._leaving = True
first.close()
second = window([profile()])
found["sign-in"] = reach(second.sign_in, second.sign_in.verb)
second.sign_in.sign_in_as("ayse.admin", PASSWORD)
while second.workspace is None:
    application.processEvents()
space = second.workspace
lab = space.context.lab
for kind, make in {
    "sample": lambda: SampleDialog(space.context.jobs, lab.center(lab.istanbul), None, second),
    "user": lambda: UserDialog(space.context.jobs, lab, None, None, second),
    "kit": lambda: NewKitDialog(space.context.jobs, lab.recovery, second),
    "recover": lambda: RecoverDialog(space.context.jobs, profile(server=ServerKind.POSTGRES), print, second),
    "about": lambda: AboutDialog(lab.profile, second),
    "center": lambda: CenterDialog(space.context.jobs, lab.centers, None, second),
    "document": lambda: DocumentDialog(space.context.jobs, lab.center(lab.istanbul), document(1), second),
    "first password": lambda: OneTimePasswordDialog("Ayse", "ayse.admin", PASSWORD, second),
    "new password": lambda: PasswordDialog(space.context.jobs, "ayse.admin", lambda *_: None, None, second),
    "role": lambda: RoleDialog(space.context.jobs, lab, lab.user, second),
    "join": lambda: JoinDialog(space.context.jobs, lab, lab.user, second),
    "leave": lambda: LeaveDialog(space.context.jobs, lab, lab.user, second),
    "move": lambda: MoveDialog(space.context.jobs, lab, lab.user, second),
    "reject": lambda: RejectDialog(space.context.jobs, lab.center(lab.istanbul), sample(1), second),
    "settings": lambda: SettingsDialog(space.context.jobs, home / "s.toml", Settings(), Policy(**STRICTEST), second),
    "status": lambda: StatusDialog(space.context.jobs, lab, second),
}.items():
    dialog = make()
    dialog.open()
    settle()
    found[kind] = [dialog.width(), dialog.height()]
    scrolled = [each.widget() for each in dialog.findChildren(QScrollArea) if each.widget() is not None]
    buttons = [
        each
        for each in dialog.findChildren(Button)
        if each.isVisible() and not any(page.isAncestorOf(each) for page in scrolled)
    ]
    lowest = max(each.mapTo(dialog, QPoint(0, each.height())).y() for each in buttons)
    found[f"{kind}'s buttons"] = lowest <= dialog.height()
    dialog.hide()
second._leaving = True
second.close()
print(json.dumps(found))
"""


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(1366, 768, 1), (960, 600, 1), (1366, 768, 1.5), (1920, 1080, 2), (1920, 1080, 1.5), (1920, 1080, 1)],
)
def test_everything_fits_or_scrolls(tmp_path: Path, width: int, height: int, scale: float) -> None:
    screen = {"name": "one", "x": 0, "y": 0, "width": width, "height": height, "logicalDpi": 96, "dpr": 1}
    (tmp_path / "screen.json").write_text(json.dumps({"screens": [screen]}))
    environment = os.environ | {
        "QT_QPA_PLATFORM": f"offscreen:configfile={tmp_path / 'screen.json'}",
        "QT_SCALE_FACTOR": str(scale),
        "QT_LOGGING_RULES": "*=false",
    }
    done = subprocess.run(
        program("window", "-c", PROGRAM, tmp_path),
        env=environment, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    wide, high = found.pop("screen")
    assert abs(wide - width / scale) <= 1
    for what, size in found.items():
        if isinstance(size, bool):
            assert size, what
            continue
        # The frame's bar stands above the window.
        sides, up_and_down = (0, 40) if what == "window" else (80, 80)
        assert size[0] <= wide - sides, (what, size)
        assert size[1] <= high - up_and_down, (what, size)
