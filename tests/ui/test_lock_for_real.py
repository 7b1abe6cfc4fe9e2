"""A lock of the real window on a real server: connections gone, the batch saved, the work back where it was."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from desktop_app import bootstrap
from desktop_app.domain.drafts import CenterDraft, UserDraft
from desktop_app.domain.rights import Role
from desktop_app.services.installation.setup import InitRequest
from desktop_app.ui.shell.application import Look
from tools import steps
from tools.driver import Drag, Program, click, stop_servers, until, write
from tools.steps import Account

ADMIN = Account("anna.admin", "Correct-Horse-77")
CENTER = "Gökova Kliniği"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "home"
    app = bootstrap.build({"LABKEEP_HOME": str(made)})
    draft = UserDraft(username=ADMIN.username, email="anna@lab.example", role=Role.ADMIN, center_id=None)
    try:
        profile = app.set_up.init(
            InitRequest(display_name="Lock", administrator=draft, password=ADMIN.password)
        ).profile
        with app.sign_in.sign_in(profile, ADMIN.username, ADMIN.password) as lab:
            lab.centers.create(CenterDraft(name=CENTER, slug="gokova"))
            lab.centers.create(CenterDraft(name="Another", slug="another"))
        yield made
    finally:
        app.close()
        stop_servers(made)


def connections(program: Program) -> int:
    """Of the person, as the server counts them."""
    lab = program.workspace.context.lab
    assert lab.profile.data_dir is not None
    running = program.app.servers.start_builtin(Path(lab.profile.data_dir))
    connection = psycopg2.connect(running.admin_dsn(lab.profile.database))
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [lab.login])
        (number,) = cursor.fetchone() or (0,)
    connection.close()
    return int(number)


def unlock(program: Program, password: str) -> None:
    page = program.window.locking.page
    write(page.password.line, password)
    click(page.verb)
    until(lambda: not page.verb.is_busy, "the password is looked at")


def test_a_lock_in_the_middle_of_a_batch(home: Path, look: Look, tmp_path: Path) -> None:
    dropped = tmp_path / "dropped"
    dropped.mkdir()
    contents = {f"scan {number}.bin": os.urandom(8 * 1024 * 1024) for number in range(4)}
    for name, content in contents.items():
        (dropped / name).write_bytes(content)
    (dropped / "notes.txt").write_text("Freezer 3 alarm at 04:10.\n")
    with Program(home, look) as program:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CENTER)
        workspace, window = program.workspace, program.window
        steps.drop(program, [dropped / "notes.txt"])
        steps.preview(program, "notes.txt")
        assert Drag(workspace.tabs.documents.drop, [dropped / name for name in contents]).drop()
        until(lambda: workspace.transfers.is_active, "the batch has begun")
        window.lock()
        assert window.locking.page.isVisible()
        until(lambda: not workspace.transfers.is_active, "the batch is saved behind the page")
        until(lambda: connections(program) == 0, "the connections are closed")
        assert workspace.context.lab._context.held is None
        unlock(program, "Wrong-Horse-77")
        assert window.locking.is_on
        assert window.locking.page.password.problem
        assert connections(program) == 0
        unlock(program, ADMIN.password)
        until(lambda: not window.locking.is_on, "the window is unlocked")
        program.settle()
        assert workspace.header.switcher.text().startswith(CENTER)
        documents = workspace.tabs.documents
        assert documents.records.current is not None
        assert documents.records.current.title == "notes.txt"
        until(lambda: "Freezer 3 alarm" in documents.preview.text.toPlainText(), "the preview is back")
        rows = {row.title: row for row in documents.records.model.rows}
        assert set(rows) == {*contents, "notes.txt"}
        assert workspace.work is not None
        for name, content in contents.items():
            assert workspace.work.documents.content(rows[name]) == content
