"""The record of changes is the same SQL for the registry and for a center, but for the center an entry is about."""

import re
from pathlib import Path

import pytest

MIGRATIONS = Path(__file__).parents[2] / "desktop_app" / "db" / "migrations"
SHARED = MIGRATIONS / "shared" / "versions" / "s0001_registry"
CENTER = MIGRATIONS / "center" / "versions" / "c0001_first"
OF_THE_REGISTRY_ALONE = re.compile(r"\b(p_center uuid|p_center|(?<!\.)center_id uuid|(?<!\.)center_id), ")


def statements(*files: Path) -> dict[str, str]:
    """What each statement makes -> its text, without schemas, comments, white space and the center of an entry."""
    made = {}
    for file in files:
        text = re.sub(r"--[^\n]*", "", file.read_text())
        text = re.sub(r"\b(public|internal|api|center_0{32})\.", "", text)
        for statement in re.split(r";\n(?=\n|CREATE|INSERT|\Z)", text):
            plain = " ".join(statement.split())
            if found := re.match(r"CREATE (?:CONSTRAINT |UNIQUE )?(TABLE|FUNCTION|INDEX|TRIGGER) (\w+)", plain):
                table = re.search(r" ON (\w+)", plain) if found.group(1) in {"INDEX", "TRIGGER"} else None
                name = " ".join([*found.groups(), *(table.groups() if table else ())])
                made[name] = OF_THE_REGISTRY_ALONE.sub("", plain).replace("l.center_id", "NULL")
    return made


REGISTRY = statements(SHARED / "audit.sql", SHARED / "erasing.sql")
OWN = statements(CENTER / "audit.sql", CENTER / "erasing.sql")
DIFFERENT = {"FUNCTION record_change", "FUNCTION erase_record"}
"""Whose entry it is, and what is said of it, each finds out in its own way."""
OF_A_CENTER_ALONE = {"FUNCTION record_inserts"}
"""Nothing in the registry is made by hundreds at once."""


def test_every_table_and_function_of_a_center_s_record_has_its_twin() -> None:
    tables = {"TABLE audit_log", "TABLE audit_pending", "TABLE audit_chain", "TABLE audit_head"}
    functions = {
        "FUNCTION next_link",
        "FUNCTION write_entry",
        "FUNCTION seal_link",
        "FUNCTION check_erasure",
        *DIFFERENT,
    }
    made = {name for name in OWN if name.split()[0] in {"TABLE", "FUNCTION"}}
    assert made == tables | functions | OF_A_CENTER_ALONE
    assert made - OF_A_CENTER_ALONE < REGISTRY.keys()
    assert {
        "TRIGGER only_grows audit_log",
        "TRIGGER only_erased audit_log",
        "TRIGGER seal_link audit_pending",
    } < OWN.keys()


@pytest.mark.parametrize("name", sorted(OWN.keys() & REGISTRY.keys() - DIFFERENT))
def test_the_twins_are_alike(name: str) -> None:
    assert OWN[name] == REGISTRY[name]


@pytest.mark.parametrize("file", sorted(MIGRATIONS.rglob("*.sql")), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_what_a_function_is_given_and_what_it_declares_have_prefixes(file: Path) -> None:
    """Without them a column of the same name is silently meant instead, or the other way round."""
    text = re.sub(r"--[^\n]*", "", file.read_text())
    for name, given, rest in re.findall(r"CREATE FUNCTION ([\w.]+)\((.*?)\)\s+RETURNS(.*?)\$\$;", text, re.DOTALL):
        parameters = re.findall(r"(?:^|,)\s*(\w+) \w", given)
        declared = re.search(r"DECLARE\n(.*?)BEGIN", rest, re.DOTALL)
        variables = re.findall(r"^    (\w+) ", declared.group(1), re.MULTILINE) if declared else []
        assert [each for each in parameters if not each.startswith("p_")] == [], name
        assert [each for each in variables if not each.startswith("v_")] == [], name
