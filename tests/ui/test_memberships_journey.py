"""One person, two centers: switched between, one taken away, and the other one's last day passes. All of it real."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from desktop_app.services.session.lab import Lab
from desktop_app.ui.dialogs.memberships import JoinDialog, LeaveDialog
from desktop_app.ui.shell.application import Look
from tests.ui.colleagues import administrator
from tests.ui.journey_fixture import ADMIN, OWN_PASSWORD
from tools import steps
from tools.driver import Program, click, fill, press, stop_servers, until, write
from tools.steps import Account

NORTH, SOUTH = "Northern Clinic", "Southern Laboratory"
GUEST = Account("gul.guest", OWN_PASSWORD)
# Every rule about last days asks for this; no clock of the machine has to be touched.
TOMORROW = """
    DO $$
    DECLARE
        day CONSTANT text := '(clock_timestamp() AT TIME ZONE ''UTC'')::date';
        source text;
        moved int := 0;
    BEGIN
        FOR source IN
            SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname !~ '^(pg_|information_schema)' AND position(day IN p.prosrc) > 0
        LOOP
            EXECUTE replace(source, day, '(' || day || ' + 1)');
            moved := moved + 1;
        END LOOP;
        -- The installation's own, and that of each center.
        ASSERT moved >= 3, format('%s functions ask for the day', moved);
    END
    $$
"""


@dataclass
class Place:
    """The installation, and what was said to whom while it was made."""

    home: Path
    first_password: str = ""
    said: list[str] = field(default_factory=list)


def prepare(program: Program, place: Place, note: Path) -> None:
    """Two centers with a sample and a document each; the guest is a user of one and, until today, a viewer of both."""
    steps.set_up(program, "Journey", ADMIN, place.home / "kit.txt")
    for center, barcode in ((NORTH, "N-1"), (SOUTH, "S-1")):
        steps.make_center(program, center)
        if center == SOUTH:
            steps.open_center(program, SOUTH)
        steps.make_sample(program, f"Serum of {center}", barcode)
        note.write_text(f"Findings of {center}.")
        steps.drop(program, [note])
    place.first_password = steps.make_user(program, GUEST.username, NORTH, "User", ("Gül", "Gezgin"))
    steps.pass_on_password(program)
    users = program.workspace.tabs.users
    steps.choose(program, users, GUEST.username)
    click(users.join)
    dialog = program.dialog(JoinDialog)
    today = datetime.now(UTC).date()
    for name, value in (("center_id", SOUTH), ("role", "Viewer"), ("until", str(today - timedelta(1)))):
        fill(dialog.fields[name], value)
    click(dialog.verb)
    program.settle()
    place.said.append(dialog.fields["until"].problem)
    fill(dialog.fields["until"], str(today))
    steps.submit(program, dialog)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, look: Look) -> Iterator[Place]:
    made = Place(tmp_path_factory.mktemp("memberships"))
    try:
        with Program(made.home, look) as program:
            prepare(program, made, tmp_path_factory.mktemp("files") / "findings.txt")
        yield made
    finally:
        stop_servers(made.home)


def sees(program: Program) -> dict[str, list[str]]:
    """What the lists of the open center show."""
    workspace = program.workspace
    found = {}
    for name, tab in (("samples", workspace.tabs.samples), ("documents", workspace.tabs.documents)):
        steps.show(program, tab)
        found[name] = steps.titles(tab)
    return found


def look_again(program: Program) -> None:
    program.workspace.refresh()
    program.settle()


def end_membership(program: Program, lab: Lab) -> None:
    lab.users.leave(GUEST.username, NORTH)
    look_again(program)


def let_the_day_pass(program: Program) -> None:
    (profile,) = program.app.profiles.list()
    assert profile.data_dir is not None
    server = program.app.servers.start_builtin(Path(profile.data_dir))
    with closing(psycopg2.connect(server.admin_dsn(profile.database))) as connection:
        connection.autocommit = True
        connection.cursor().execute(TOMORROW)


def test_a_guest_of_two_centers_until_nothing_is_left(place: Place, look: Look) -> None:
    assert place.said == ["The last day is over already."]
    with Program(place.home, look) as program:
        steps.enter(program, Account(GUEST.username, place.first_password))
        steps.choose_own_password(program, GUEST.password)
        workspace = program.workspace
        switcher = workspace.header.switcher
        assert switcher.isEnabled()

        steps.open_center(program, NORTH)
        assert sees(program) == {"samples": ["N-1"], "documents": ["findings.txt"]}
        assert steps.preview(program, "findings.txt") == "text"
        assert workspace.tabs.documents.preview.text.toPlainText() == f"Findings of {NORTH}."
        assert workspace.tabs.samples.new.isEnabled()

        steps.open_center(program, SOUTH)
        assert sees(program) == {"samples": ["S-1"], "documents": ["findings.txt"]}
        assert steps.preview(program, "findings.txt") == "text"
        assert workspace.tabs.documents.preview.text.toPlainText() == f"Findings of {SOUTH}."
        assert not workspace.tabs.samples.new.isEnabled(), "a viewer here"
        steps.open_center(program, NORTH)

        with administrator(program) as lab:
            end_membership(program, lab)
        until(lambda: workspace.work is not None and workspace.work.center.name == SOUTH, "the other one is opened")
        program.settle()
        assert workspace.banner.text == f"You do not belong to {NORTH} any more."
        assert sees(program) == {"samples": ["S-1"], "documents": ["findings.txt"]}
        steps.show(program, workspace.tabs.centers)
        assert steps.titles(workspace.tabs.centers) == [SOUTH]

        let_the_day_pass(program)
        look_again(program)
        until(lambda: workspace.work is None, "the last center is closed")
        program.settle()
        assert workspace.banner.text == f"You do not belong to {SOUTH} any more."
        nothing_is_seen(program)
        steps.sign_out(program)

        steps.enter(program, GUEST)
        steps.wait_for_workspace(program)
        said = "You are a member of no center now. An administrator can give you a place in one."
        assert program.workspace.banner.text == said
        nothing_is_seen(program)


def nothing_is_seen(program: Program) -> None:
    """No center, no row, no hit, nothing that can be done, and no dialog that says so again and again."""
    workspace = program.workspace
    assert workspace.work is None
    assert sees(program) == {"samples": [], "documents": []}
    assert workspace.tabs.samples.detail.is_empty
    assert workspace.tabs.documents.detail.is_empty
    for tab in (workspace.tabs.centers, workspace.tabs.users, workspace.tabs.activity):
        steps.show(program, tab)
        assert not [title for title in steps.titles(tab) if title != GUEST.username], tab
    for button in (
        workspace.tabs.samples.new,
        workspace.tabs.documents.add,
        workspace.tabs.centers.new,
        workspace.tabs.users.new,
    ):
        assert not button.isEnabled(), button.text()
    write(workspace.header.search, "S-1")
    press(workspace.header.search, Qt.Key.Key_Return)
    program.settle()
    assert steps.titles(workspace.tabs.samples) == []
    assert not list(workspace.findChildren(QDialog))


def test_the_window_ends_one_membership_of_two(place: Place, look: Look) -> None:
    """By a system administrator, after the guest was made a member of the first center again."""
    with Program(place.home, look) as program:
        steps.sign_in(program, ADMIN)
        lab = program.workspace.context.lab
        person = lab.users.get(GUEST.username)
        if person.membership(lab.centers.get(NORTH).id) is None:
            lab.users.join(GUEST.username, NORTH, person.memberships[0].role)
        users = program.workspace.tabs.users
        look_again(program)
        steps.show(program, users)
        click(users.scope)
        program.settle()
        steps.choose(program, users, GUEST.username)
        click(users.end)
        dialog = program.dialog(LeaveDialog)
        fill(dialog.fields["center_id"], SOUTH)
        fill(dialog.fields["reason"], "The project is over.")
        steps.submit(program, dialog)
        left = lab.users.get(GUEST.username)
        assert [each.center for each in left.memberships] == [NORTH]
        assert program.workspace.tabs.users.move_button.isVisible()
