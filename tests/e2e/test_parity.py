"""Every command that docs/from-the-web-systems.md names, run in its order on a demo of its own."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from desktop_app.cli import documents, fields, plans, samples, users, views, vocabulary
from tests.e2e.labkeep_admin import PROJECT, Admin
from tests.servers import remove_server

PAGE = (PROJECT / "docs" / "from-the-web-systems.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| there")]
GROUPS = {
    "sample": samples.app,
    "document": documents.app,
    "field": fields.app,
    "user": users.app,
    "view": views.views,
    "worklist": views.worklists,
    "plan": plans.app,
    "sample-type": vocabulary.types,
    "rejection-reason": vocabulary.reasons,
}
COMMANDS = re.findall(r"`labkeep-admin ([^`]+)`", "\n".join(ROWS))


@pytest.fixture(scope="module")
def administrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    home = tmp_path_factory.mktemp("parity")
    try:
        made = Admin(home).json("demo")
        passwords = {account["username"]: account["password"] for account in made["accounts"]}
        yield Admin(home).as_user("sysadmin", passwords["sysadmin"], "istanbul")
    finally:
        remove_server(home)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Empty when it begins; what one command writes, a later one reads."""
    return tmp_path_factory.mktemp("try")


def daily_commands() -> list[str]:
    """What people do with a center's records."""
    return [f"{group} {name}" for group, app in GROUPS.items() for name in typer.main.get_group(app).commands]


@pytest.mark.parametrize("command", daily_commands())
def test_no_daily_command_is_left_out(command: str) -> None:
    assert re.search(rf"`(?:labkeep-admin )?{command}[ `]", "\n".join(ROWS)), command


def test_every_row_has_an_answer() -> None:
    for row in ROWS:
        cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
        assert len(cells) >= 2, row
        assert cells[1], row
    assert len(ROWS) > 55
    assert len(COMMANDS) > 45


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works(administrator: Admin, folder: Path, command: str) -> None:
    """In the page's order, because the later ones use what the earlier ones made."""
    words = [word.replace("$TRY", str(folder)) for word in shlex.split(command)]
    # psql takes the place of the process that starts it.
    answer = administrator.run(*words) if words[0] == "psql" else administrator(*words)
    assert answer.status == 0, answer.err
