"""Every command that docs/from-the-web-systems.md names, run in its order on a demo of its own."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.labkeep_admin import PROJECT, Admin
from tests.servers import remove_server

PAGE = (PROJECT / "docs" / "from-the-web-systems.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| there")]
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


def test_every_row_has_an_answer() -> None:
    for row in ROWS:
        cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
        assert len(cells) >= 2, row
        assert cells[1], row
    assert len(ROWS) > 55
    assert len(COMMANDS) > 45


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works(administrator: Admin, tmp_path: Path, command: str) -> None:
    """In the page's order, because the later ones use what the earlier ones made."""
    words = [word.replace("$TRY", str(tmp_path)) for word in shlex.split(command)]
    # psql takes the place of the process that starts it.
    answer = administrator.run(*words) if words[0] == "psql" else administrator(*words)
    assert answer.status == 0, answer.err
