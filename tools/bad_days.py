"""Pictures of what a quiet day does not show: locked, in conflict, without the server, closed; and lists rearranged."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from desktop_app.domain.drafts import SampleDraft
from desktop_app.services.installation.demo_data import read_demo_data
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.edit_conflict import EditConflictDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from tools import steps
from tools.camera import Camera
from tools.driver import Program, click, fill, leave_dialogs, until, write

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab

SAMPLE = "IST-26-0007"
ADMINISTRATOR, COLLEAGUE, SYSTEM = "ayse.admin", "mehmet.user", "sysadmin"


def all_of(camera: Camera) -> None:
    """Everything that an administrator of Istanbul may meet."""
    arranged_list(camera)
    other_program(camera)
    edit_conflict(camera)
    without_server(camera)
    locked(camera)


def arranged_list(camera: Camera) -> None:
    """Samples in the order of their barcodes, and the menu of columns."""
    program = camera.program
    records = program.workspace.tabs.samples.records
    steps.show(program, program.workspace.tabs.samples)
    click(records.columns)
    menu = until(lambda: next((m for m in records.findChildren(QMenu) if m.isVisible()), None), "the menu of columns")
    camera.both("columns")
    menu.close()
    program.settle()


def other_program(camera: Camera) -> None:
    """What is said once before a document is opened with another program."""
    program = camera.program
    steps.show(program, program.workspace.tabs.documents)
    click(program.workspace.tabs.documents.open)
    program.dialog(Confirm)
    camera.shot("dialog-open-with")
    leave_dialogs(program)


def edit_conflict(camera: Camera) -> None:
    """A colleague saved the sample that is being edited."""
    program = camera.program
    samples = program.workspace.tabs.samples
    steps.choose(program, samples, SAMPLE)
    click(samples.edit)
    dialog = program.dialog(SampleDialog)
    fill(dialog.fields["name"], "Serum, second tube")
    fill(dialog.fields["description"], "Thawed once, on ice since.")
    with signed_in(program, COLLEAGUE) as lab, lab.center("istanbul") as work:
        found = work.samples.get(SAMPLE)
        theirs = replace(SampleDraft.of(found), name="Serum, tube B", description="Haemolysed; see the freezer log.")
        work.samples.update(found, theirs)
    click(dialog.verb)
    program.dialog(EditConflictDialog)
    camera.both("dialog-edit-conflict")
    leave_dialogs(program)


def without_server(camera: Camera) -> None:
    """The server does not answer."""
    program = camera.program
    monitor = program.workspace.monitor
    monitor.lost.emit()
    program.settle()
    camera.both("server-lost")
    monitor.back.emit()
    program.settle()


def locked(camera: Camera) -> None:
    """The page over a locked window, and a wrong password."""
    program = camera.program
    page = program.window.locking.page
    program.window.lock()
    until(page.isVisible, "the window is locked")
    program.settle()
    camera.both("locked")
    write(page.password.line, "Wrong-Meadow-38")
    click(page.verb)
    until(lambda: page.password.problem, "the password is refused")
    program.settle()
    camera.shot("locked-refused")
    write(page.password.line, _password(ADMINISTRATOR))
    click(page.verb)
    until(lambda: not program.window.locking.is_on, "the window is unlocked")
    program.settle()


def closed_center(camera: Camera) -> None:
    """The center was deactivated by a system administrator while it was open."""
    program = camera.program
    with signed_in(program, SYSTEM) as lab:
        center = lab.centers.deactivate("istanbul")
        program.workspace.monitor.look_again()
        program.settle()
        camera.both("center-closed")
        lab.centers.restore(center.id)
    program.workspace.monitor.look_again()
    program.settle()


@contextmanager
def signed_in(program: Program, user: str) -> "Iterator[Lab]":
    """Somebody else, at another computer."""
    profile = program.workspace.context.lab.profile
    with program.app.sign_in.sign_in(profile, user, _password(user)) as lab:
        yield lab


def _password(user: str) -> str:
    return next(account.password for account in read_demo_data().accounts if account.username == user)
