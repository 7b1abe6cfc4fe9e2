"""Which version is older, and that the program's list of revisions is what its folders of migrations hold."""

import pytest
from alembic.script import ScriptDirectory

from desktop_app.db import revisions
from desktop_app.db.migration_lines import FOLDER
from desktop_app.domain.versions import is_older


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("0.1.0", "0.1.0", False),
        ("0.1.0", "0.1", False),
        ("0.1", "0.1.1", True),
        ("0.9.0", "0.10.0", True),
        ("0.10.0", "0.9.9", False),
        ("1", "0.9", False),
        ("0.1.0", "99", True),
        ("0.1.0", "", True),
        ("0.1.0", "0.1.0; rm", True),
        ("0.1.0", "newest", True),
        ("0.1.0", "1" * 50, True),
    ],
)
def test_versions_are_compared_by_their_numbers(version: str, than: str, older: bool) -> None:
    assert is_older(version, than) is older


@pytest.mark.parametrize("line", ["shared", "center"])
def test_the_known_revisions_are_those_of_the_migrations(line: str) -> None:
    scripts = ScriptDirectory(str(FOLDER / line))
    found = tuple(script.revision for script in scripts.walk_revisions())[::-1]
    assert found == getattr(revisions, line.upper())
