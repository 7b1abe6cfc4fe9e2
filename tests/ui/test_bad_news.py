"""What others do to the center and to the person while the window is open: said once, followed at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.services.session.lab import Lab
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.shell.application import Look
from desktop_app.ui.widgets.connection_indicator import Reach
from tests.ui.colleagues import administrator, somebody_new
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tools import steps
from tools.driver import Program, click, fill, leave_dialogs, until


@pytest.fixture
def program(day: Day, look: Look) -> Iterator[Program]:
    with Program(day.home, look) as opened:
        yield opened


@pytest.fixture
def root(program: Program) -> Iterator[Lab]:
    with administrator(program) as lab:
        yield lab


def make_center(root: Lab, slug: str) -> Center:
    return root.centers.create(CenterDraft(name=f"The {slug} clinic", slug=slug))


def closed(center: Center) -> str:
    return (
        f"{center.name} was deactivated. What was saved there is kept; a system administrator can restore the center."
    )


def test_the_center_is_closed_and_opened_again(program: Program, root: Lab) -> None:
    center = make_center(root, "closing")
    steps.sign_in(program, somebody_new(root, "deniz.user", Role.USER, center.slug))
    workspace = program.workspace
    assert workspace.work is not None
    root.centers.deactivate(center.id)
    steps.show(program, workspace.tabs.samples)
    until(lambda: workspace.work is None, "the center is left")
    program.settle()
    assert workspace.banner.text == closed(center)
    assert workspace.tabs.samples.records.empty.title == "No center is open"
    assert not workspace.tabs.samples.new.isEnabled()
    assert workspace.header.indicator.reach is Reach.CONNECTED
    click(workspace.banner._step)
    program.settle()
    assert workspace.banner.text == closed(center), "it still is"
    root.centers.restore(center.id)
    click(workspace.banner._step)
    until(lambda: workspace.work is not None, "the center is open again")
    program.settle()
    assert not workspace.banner.text
    assert workspace.tabs.samples.new.isEnabled()


def test_who_has_other_centers_goes_on_there(program: Program, root: Lab) -> None:
    center = make_center(root, "leaving")
    steps.sign_in(program, ADMIN)
    steps.open_center(program, center.name)
    root.centers.deactivate(center.id)
    program.workspace.refresh()
    until(lambda: program.workspace.work is None, "the center is left")
    program.settle()
    assert program.workspace.banner.text == closed(center)
    steps.open_center(program, CLINIC)
    steps.show(program, program.workspace.tabs.documents)  # what was in front last, another test may have chosen
    assert steps.titles(program.workspace.tabs.documents)


def test_files_for_it_end_with_a_sentence(program: Program, root: Lab, tmp_path: Path) -> None:
    center = make_center(root, "sealing")
    steps.sign_in(program, somebody_new(root, "ece.user", Role.USER, center.slug))
    workspace = program.workspace
    files = [tmp_path / f"{number}.txt" for number in range(3)]
    for file in files:
        file.write_text(file.name)
    # Between the two the window has no turn: neither monitor nor list hears of it before the files do.
    _overlay, said = steps.drop(program, files, at_last=lambda: root.centers.deactivate(center.id))
    assert said == "Nothing more was saved. This center is closed, or it is not yours any more."
    assert workspace.work is None
    assert workspace.banner.text == closed(center)
    assert not any(path.is_file() for path in (program.home / "data").rglob(f"{center.schema_name}/*/*"))


def test_what_still_asks_in_a_left_center_does_not_talk_over_why(program: Program, root: Lab) -> None:
    center = make_center(root, "asking")
    steps.sign_in(program, somebody_new(root, "bora.user", Role.USER, center.slug))
    workspace = program.workspace
    work = workspace.work
    assert work is not None
    root.centers.deactivate(center.id)
    workspace.refresh()
    until(lambda: workspace.work is None, "the center is left")
    failed: list[str] = []
    workspace.context.jobs.unread.connect(lambda error: failed.append(error.code))
    workspace.context.jobs.read(
        workspace, "late", lambda: list(work.documents.list(DocumentFilter(), None, 1).rows), print
    )
    until(lambda: failed, "the late question is refused")
    program.settle()
    assert set(failed) == {"center_closed"}
    assert workspace.banner.text == closed(center)


def test_another_center_that_was_closed_is_said_where_none_was_left(program: Program, root: Lab) -> None:
    center = make_center(root, "elsewhere")
    steps.sign_in(program, ADMIN)
    workspace = program.workspace
    other = workspace.context.lab.center(center.id)
    root.centers.deactivate(center.id)
    workspace.context.jobs.read(
        workspace, "other", lambda: list(other.documents.list(DocumentFilter(), None, 1).rows), print
    )
    until(lambda: workspace.banner.text, "it is said")
    assert workspace.banner.text == "This center is closed, or it is not yours any more."
    other.close()


def test_a_lowered_role_is_followed_after_the_next_refusal(program: Program, root: Lab) -> None:
    person = somebody_new(root, "fatma.user", Role.USER, CLINIC)
    steps.sign_in(program, person)
    workspace = program.workspace
    steps.show(program, workspace.tabs.samples)
    click(workspace.tabs.samples.new)
    dialog = program.dialog(SampleDialog)
    program.settle()
    fill(dialog.fields["name"], "Typed before")
    root.users.change_role(person.username, Role.VIEWER)
    click(dialog.verb)
    until(lambda: dialog.banner.text, "the form says why")
    program.settle()
    assert dialog.fields["name"].value == "Typed before"
    assert workspace.banner.text == f"Your role in {CLINIC} is now: viewer."
    leave_dialogs(program)
    assert not workspace.tabs.samples.new.isEnabled()
    assert "Your role here: viewer." in workspace.tabs.samples.new.toolTip()
    assert not workspace.tabs.documents.add.isEnabled()
    root.users.change_role(person.username, Role.USER)
    workspace.refresh()
    until(workspace.tabs.samples.new.isEnabled, "what may be done again is offered again")


def test_an_administrator_who_is_none_any_more_loses_the_users_tab(program: Program, root: Lab) -> None:
    somebody_new(root, "stays.admin", Role.ADMIN, CLINIC)
    person = somebody_new(root, "derya.admin", Role.ADMIN, CLINIC)
    steps.sign_in(program, person)
    workspace = program.workspace
    steps.show(program, workspace.tabs.users)
    assert workspace.tabs.users.new.isEnabled()
    root.users.change_role(person.username, Role.USER)
    workspace.refresh()
    until(lambda: not workspace.tabs.users.new.isEnabled(), "users are not managed any more")
    program.settle()
    assert workspace.tabs.users.records.empty.title == "Users are managed by administrators"


def test_a_person_moved_to_another_center_goes_along(program: Program, root: Lab) -> None:
    person, center = somebody_new(root, "gizem.user", Role.USER, CLINIC), make_center(root, "moving")
    steps.sign_in(program, person)
    workspace = program.workspace
    root.users.change_center(person.username, center.id)
    workspace.refresh()
    until(lambda: workspace.work is not None and workspace.work.center.id == center.id, "the new center is open")
    program.settle()
    assert workspace.banner.text == f"You do not belong to {CLINIC} any more."


def test_a_closed_account_leads_to_the_sign_in_page(program: Program, root: Lab) -> None:
    person = somebody_new(root, "hale.user", Role.USER, CLINIC)
    steps.sign_in(program, person)
    workspace = program.workspace
    root.users.deactivate(person.username)
    workspace.refresh()
    said = "Your account was closed, or its password was changed elsewhere. Sign in again."
    until(lambda: workspace.banner.text == said, "the window says it")
    program.settle()
    click(workspace.banner._step)
    until(program.window.sign_in.isVisible, "the sign-in page is shown")
    program.settle()
