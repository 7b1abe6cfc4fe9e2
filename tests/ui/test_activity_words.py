"""What the record says in the words that people see elsewhere: columns, statuses, roles, types, and who an id is."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from desktop_app.db import migrations
from desktop_app.ui.text import audit
from tests.ui.made_records import entry

ROW = uuid4()
PERSON = "f8acb142-a95f-4f25-8600-45b9913037d0"
MIGRATIONS = Path(migrations.__file__).parent


def said(old: Any, new: Any, table: str = "samples", **names: str) -> list[tuple[str, str, str]]:
    given = {key.replace("__", "."): name for key, name in names.items()}
    return audit.changes(entry(1, ROW, old, new, table_name=table, names=given | {PERSON: "Deniz Şahin"}))


@pytest.mark.parametrize(
    ("table", "column", "old", "new", "words"),
    [
        ("samples", "status", "pending", "processing", ("Status", "Pending", "Processing")),
        ("samples", "sample_type", "blood", "tissue", ("Sample type", "Blood", "Tissue")),
        ("samples", "user_id", None, PERSON, ("Responsible", "", "Deniz Şahin")),
        ("samples", "is_active", True, False, ("Active", "yes", "no")),
        ("samples", "name", "pending", PERSON, ("Name", "pending", PERSON)),
        ("memberships", "user_id", None, PERSON, ("Person", "", "Deniz Şahin")),
        ("memberships", "role", "viewer", "admin", ("Role", "Viewer", "Administrator")),
        ("users", "is_system", False, True, ("System administrator", "no", "yes")),
        ("users", "must_change_password", True, False, ("Must choose a new password", "yes", "no")),
        ("fields", "kind", "yes-no", "text", ("Kind", "Yes or no", "Text")),
        ("fields", "sample_types", ["blood"], ["tissue", "dna"], ("Only for sample types", "Blood", "Tissue, dna")),
        ("tenant_keys", "state", "active", "retired", ("Use", "in use", "out of use")),
        ("document_versions", "size", None, 2048, ("Size", "", "2.0 kB")),
        ("samples", "metadata", {"ml": 1.5}, {"ml": 2}, ("ml", "1.5", "2")),
    ],
)
def test_values_are_said_as_elsewhere(table: str, column: str, old: Any, new: Any, words: tuple[str, ...]) -> None:
    assert said({column: old}, {column: new}, table) == [words]


def test_a_center_s_own_names_are_used() -> None:
    old, new = {"metadata": {"ml": 1}, "sample_type": "dna"}, {"metadata": {"ml": 2}, "sample_type": "blood"}
    assert said(old, new, metadata__ml="Volume", sample_type__dna="Plasmid DNA") == [
        ("Sample type", "Plasmid DNA", "Blood"),
        ("Volume", "1", "2"),
    ]


def test_values_come_in_the_order_of_the_form() -> None:
    row = {"results": "r", "status": "pending", "metadata": {"box": "3"}, "barcode": "B-1", "name": "Serum"}
    assert [name for name, _old, _new in said(None, row)] == ["Barcode", "Name", "Status", "box", "Results"]


def test_a_change_in_one_line_says_it_in_the_same_words() -> None:
    changed = entry(1, ROW, {"role": "user"}, {"role": "admin"}, table_name="memberships")
    assert audit.summary(changed) == "Role: User → Administrator"


@pytest.mark.parametrize("line", ["shared", "center"])
def test_no_column_of_a_recorded_table_is_called_as_the_database_calls_it(line: str) -> None:
    sql = "\n".join(path.read_text(encoding="utf-8") for path in (MIGRATIONS / line).rglob("*.sql"))
    columns = set[str]()
    for table in re.findall(r"CREATE TRIGGER record_change .*?ON (?:public\.)?(\w+)", sql):
        created = re.search(rf"CREATE TABLE (?:public\.)?{table} \((.*?)^\)", sql, re.DOTALL | re.MULTILINE)
        assert created, table
        columns |= set(re.findall(r"^    ([a-z_]+) +[a-z]", created[1], re.MULTILINE))
    assert len(columns) > 10
    names = [name for name, _old, _new in said(None, dict.fromkeys(columns, "1"))]
    assert not [name for name in names if re.search(r"_|\b(id|at|mime|is|slug|metadata)\b", name, re.IGNORECASE)]
