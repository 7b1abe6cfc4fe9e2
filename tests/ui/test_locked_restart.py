"""The real window with a real Secret Service: ending a locked program and starting it again is no key."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app import bootstrap
from desktop_app.domain.drafts import UserDraft
from desktop_app.domain.rights import Role
from desktop_app.services.installation.setup import InitRequest
from tests.forking import program
from tests.unit.test_credentials_secret_service import SecretService
from tools.driver import stop_servers

ROOT = Path(__file__).parents[2]
USER, PASSWORD = "anna.admin", "Correct-Horse-77"

# A start of the program: signs in, and ends closed, or locked and killed.
PROGRAM = """
import json, os, signal, sys
from pathlib import Path
from tests.light_passwords import lighten
lighten()
from desktop_app.ui.shell import application
from desktop_app.ui.shell.application import Look
from desktop_app.ui.foundation.theme import Appearance
from tools import steps
from tools.driver import Program, click, make_application, until, write
from tools.steps import Account

call = json.load(sys.stdin)
made = make_application()
application.apply_style(made)
program = Program(Path(call["home"]), Look(made, Appearance.LIGHT))
page, window = program.window.sign_in, program.window
until(page.isVisible, "the sign-in page is shown")
program.settle()
said = {}
if call["first"]:
    page.remember.setChecked(True)
    steps.sign_in(program, Account(call["user"], call["password"]))
else:
    until(lambda: page.password.placeholderText(), "what is remembered is read")
    said["hint"] = page.password.placeholderText()
    click(page.verb)
    program.settle()
    said["opened"] = window.workspace is not None
    if not said["opened"]:
        said["problem"] = page._fields["password"].problem
        write(page.password, call["password"])
        click(page.verb)
    steps.wait_for_workspace(program)
if call["end"] == "unlock":
    window.lock()
    program.settle()
    write(window.locking.page.password.line, call["password"])
    click(window.locking.page.verb)
    until(lambda: not window.locking.is_on, "the window is unlocked")
if call["end"] == "lock":
    window.lock()
    said["locked"] = window.locking.is_on
    until(lambda: window._startup.sign_in.is_locked(window.workspace.context.lab.profile, call["user"]), "it is noted")
    print(json.dumps(said), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
program.close()
print(json.dumps(said), flush=True)
"""


@pytest.fixture
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretService]:
    service = SecretService(tmp_path_factory.mktemp("context"))
    service.start_keyring()
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "home"
    app = bootstrap.build({"LABKEEP_HOME": str(made)})
    draft = UserDraft(username=USER, email="anna@lab.example", role=Role.ADMIN, center_id=None)
    try:
        app.set_up.init(InitRequest(display_name="Lock", administrator=draft, password=PASSWORD))
        yield made
    finally:
        app.close()
        stop_servers(made)


def start(bus: SecretService, home: Path, end: str, *, first: bool = False) -> dict[str, object]:
    """One start of the program; what it saw."""
    call = {"home": str(home), "user": USER, "password": PASSWORD, "first": first, "end": end}
    done = subprocess.run(
        program("window", "-c", PROGRAM),
        input=json.dumps(call),
        env=bus.environment | {"QT_QPA_PLATFORM": "offscreen"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == (-9 if end == "lock" else 0), done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_a_restart_opens_no_locked_window(home: Path, bus: SecretService) -> None:
    start(bus, home, "close", first=True)
    assert start(bus, home, "close")["opened"] is True, "otherwise this proves nothing"
    assert start(bus, home, "lock")["opened"] is True
    refused = start(bus, home, "lock")
    assert refused["opened"] is False
    assert "locked" in str(refused["hint"])
    assert refused["problem"] == "Type your password."
    assert start(bus, home, "unlock")["opened"] is False, "locked again, and killed again"
    assert start(bus, home, "close")["opened"] is True, "unlocked by the password before it ended"
