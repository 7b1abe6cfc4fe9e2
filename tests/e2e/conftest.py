"""What the end-to-end tests share: one demo installation for the whole session."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.labkeep_admin import Admin
from tests.e2e.reader_alone import Reader, alone_in
from tests.servers import remove_server


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator["DemoPeople"]:
    """The demo installation, made by the command that people type, and its people."""
    home = tmp_path_factory.mktemp("demo home")
    try:
        answer = Admin(home)("init", "--demo", "--json")
        assert answer.status == 0, answer
        yield DemoPeople(home, answer.json)
    finally:
        remove_server(home)


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """docs/reader.py without Labkeep."""
    return alone_in(tmp_path_factory.mktemp("alone"))


class DemoPeople:
    """The demo's home and everybody in it, ready to run commands in the center that is theirs."""

    def __init__(self, home: Path, made: dict[str, Any]) -> None:
        self.home = home
        self.made = made
        accounts = made["accounts"]
        self.passwords: dict[str, str] = {account["username"]: account["password"] for account in accounts}
        self.sysadmin = self.person("sysadmin", "istanbul")
        self.ayse = self.person("ayse.admin")
        self.mehmet = self.person("mehmet.user")
        self.elif_ = self.person("elif.viewer")
        self.deniz = self.person("deniz.admin")

    def person(self, name: str, center: str = "") -> Admin:
        """Somebody with name and password in the environment; without a center, his own."""
        return Admin(self.home).as_user(name, self.passwords[name], center)
