"""The form of each kind of name is written once in the program, and the database checks the same one."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from desktop_app.domain import text_rules
from desktop_app.domain.ids import LOGIN_PATTERN, exact_id, new_file_ids

PROGRAM = Path(__file__).parents[2] / "desktop_app"
CHECKED = {
    "users_username_check": text_rules.USERNAME,
    "users_email_check": text_rules.EMAIL,
    "users_login_check": LOGIN_PATTERN,
    "centers_slug_check": text_rules.SLUG,
    "sample_types_code_check": text_rules.SAMPLE_TYPE,
}


def test_no_pattern_is_written_twice() -> None:
    written = [
        call.args[0].value
        for source in map(Path.read_text, PROGRAM.rglob("*.py"))
        if "re.compile" in source
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "re.compile"
        and isinstance(call.args[0], ast.Constant)
    ]
    assert len(written) > 20
    assert [pattern for pattern, times in Counter(written).items() if times > 1] == []


@pytest.mark.parametrize("constraint", CHECKED)
def test_the_database_checks_the_same_form(constraint: str) -> None:
    tables = "\n".join(path.read_text() for path in sorted((PROGRAM / "db" / "migrations").rglob("tables.sql")))
    found = re.search(rf"CONSTRAINT {constraint}\s+CHECK \(.*?~ '\^(.*)\$'\)", tables)
    assert found is not None
    of_the_program = CHECKED[constraint].pattern.replace("(?:", "(").replace("[^@\\s", "[^@[:space:]")
    assert found.group(1) == of_the_program


def test_an_id_is_written_in_one_way() -> None:
    written = "0b5e2c1a-7f3d-4e8a-9c6b-1d2e3f405162"
    assert str(exact_id(written)) == written
    assert exact_id(written.upper()) is None
    assert exact_id(written.replace("-", "")) is None
    assert exact_id(f"{{{written}}}") is None
    assert exact_id("none") is None


def test_ids_of_files_that_lie_together_share_their_first_byte_only() -> None:
    chunks = [new_file_ids(40) for _ in range(40)]
    assert all(len({each.bytes[0] for each in chunk}) == 1 for chunk in chunks)
    assert len({each for chunk in chunks for each in chunk}) == 1600
    assert len({chunk[0].bytes[0] for chunk in chunks}) > 1
    assert all(str(exact_id(str(each))) == str(each) for each in chunks[0])
