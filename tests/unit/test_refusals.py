"""SQL raises names and values; each name that is raised has its sentence, and no sentence is for nothing."""

import re
from pathlib import Path

import pytest

import desktop_app.db
from desktop_app.db.errors import _SENTENCES as SENTENCES_OF_CODES
from desktop_app.db.refusals import SENTENCES, sentence_of

FOLDER = Path(desktop_app.db.__file__).parent
_RAISE = re.compile(r"RAISE EXCEPTION USING (?P<words>[^;]+);")
_REFUSE = re.compile(r"internal\.refuse\(\s*'(?P<code>\w+)'(?:,\s*(?P<name>'(?:[^']|'')*'))?")
_NAME = re.compile(r"'([a-z][a-z0-9_]+)'")


def raised() -> list[tuple[str, str]]:
    """SQLSTATE and message of each refusal, the message as SQL writes it ("" where there is none)."""
    found = []
    for path in sorted([*FOLDER.rglob("*.sql"), FOLDER / "bootstrap_roles.py"]):
        text = path.read_text(encoding="utf-8")
        for match in _RAISE.finditer(text):
            code = re.search(r"ERRCODE = '(\w+)'", match["words"])
            if code is not None:  # internal.refuse itself is given its code
                found.append((code[1], match["words"].partition("MESSAGE = ")[2]))
        found += [(match["code"], match["name"] or "") for match in _REFUSE.finditer(text)]
    assert len(found) > 80
    return found


def test_no_sentence_is_written_in_sql() -> None:
    assert [said for _code, said in raised() if said and not _NAME.match(said)] == []


def test_each_name_is_said_by_itself_or_by_its_sqlstate() -> None:
    # LK010 names the field that is wrong; 22023 is a value that only a wrong program or an attacker sends.
    assert {code for code, _said in raised()} - SENTENCES_OF_CODES.keys() == {"LK010", "22023"}


def test_no_sentence_is_for_nothing() -> None:
    names = {match[1] for _code, said in raised() if (match := _NAME.match(said))}
    assert set(SENTENCES) <= names


def test_the_values_come_into_the_sentence() -> None:
    said = sentence_of("no_such_step", '{"before": "pending", "after": "archived"}')
    assert said == "A sample that is pending cannot become archived."
    assert said is not None
    assert said.values == {"before": "pending", "after": "archived"}


@pytest.mark.parametrize(
    ("name", "detail"),
    [(None, None), ("permission denied for table samples", None), ("no_such_step", None), ("no_such_step", "[1]")],
)
def test_what_is_not_ours_has_no_sentence(name: str | None, detail: str | None) -> None:
    assert sentence_of(name, detail) is None
