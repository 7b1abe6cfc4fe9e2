"""A center's schema as a whole: equal to the models, closed to everybody but its roles, and undone by its downgrade."""

import re
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql

from desktop_app.db import administration, migrations
from desktop_app.db.audit_tables import CENTER_RECORD, SHARED_RECORD
from desktop_app.db.models import CenterBase
from tests.db.centers import CenterUnderTest, make_center
from tests.db.installation import Installation

VERSIONS = Path(migrations.__file__).parent / "center" / "versions"
# Each revision's files, in the order in which its upgrade() sends them.
REVISIONS = {
    "c0001_first": (
        *("tables", "views", "indexes", "rules", "fields", "audit", "erasing", "deletion", "reasons", "last_day"),
        *("uploads", "functions", "erasure", "statements", "saving", "rotation", "openings", "plans", "grants"),
    ),
    "c0002_sorting": ("indexes",),
}


def columns_of(center: CenterUnderTest, schema: str, table: str) -> dict[str, tuple[str, bool]]:
    """Name to (type, whether it may be null), as PostgreSQL has it."""
    found = center.really(
        "SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute"
        " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        f"{schema}.{table}",
    )
    return {name: (kind, nullable) for name, kind, nullable in found}


def modelled(table: Table) -> dict[str, tuple[str, bool]]:
    """The same of a table in Python."""
    dialect: Dialect = postgresql.dialect()
    return {
        column.name: (column.type.compile(dialect=dialect).lower(), bool(column.nullable)) for column in table.columns
    }


def test_models_are_what_the_migrations_made(center: CenterUnderTest) -> None:
    assert {"samples", "documents", "people"} <= CenterBase.metadata.tables.keys()
    for table in CenterBase.metadata.sorted_tables:
        assert modelled(table) == columns_of(center, center.schema, table.name), table.name
        foreign = center.really(
            "SELECT a.attname, confrelid::regclass::text FROM pg_constraint"
            " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]"
            " WHERE contype = 'f' AND conrelid = to_regclass(%s)",
            f"{center.schema}.{table.name}",
        )
        assert {(key.parent.name, key.column.table.name) for key in table.foreign_keys} == set(foreign)


def test_tables_of_the_records_are_what_the_migrations_made(center: CenterUnderTest) -> None:
    for record, schema in ((CENTER_RECORD, center.schema), (SHARED_RECORD, "public")):
        for table in (record.entries, record.chain, record.head):
            made = columns_of(center, schema, table.name)
            # Not asked for: txid, and what keeps the head to one row.
            assert modelled(table).items() <= made.items()
            assert set(made) - set(modelled(table)) <= {"txid", "only_row"}


def test_no_foreign_key_leaves_the_schema(center: CenterUnderTest) -> None:
    keys = center.really(
        "SELECT conname, (SELECT relnamespace FROM pg_class WHERE oid = confrelid) = connamespace FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = %s::regnamespace",
        center.schema,
    )
    assert keys
    assert [name for name, stays in keys if not stays] == []


def test_every_definer_function_has_a_search_path_and_none_is_public(center: CenterUnderTest) -> None:
    functions = center.really(
        "SELECT proname, prosqlbody IS NOT NULL AND NOT prosecdef, proconfig, coalesce(proacl::text, '') FROM pg_proc"
        " WHERE pronamespace = %s::regnamespace",
        center.schema,
    )
    assert len(functions) > 15
    for name, is_bound, config, acl in functions:
        # An expression whose names were bound when it was made looks for nothing any more.
        assert is_bound or "search_path=pg_catalog, pg_temp" in (config or []), name
        assert acl, f"{name} has PostgreSQL's own default rights: everybody may execute it"
        assert not re.search(r"[{,]=X", acl), name


def test_everything_belongs_to_the_owner(center: CenterUnderTest) -> None:
    owners = center.really(
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = %s::regnamespace"
        " UNION SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE pronamespace = %s::regnamespace",
        center.schema,
        center.schema,
    )
    assert owners == [("labkeep_owner",)]


def test_functions_name_no_other_center(center: CenterUnderTest) -> None:
    sources = center.really("SELECT prosrc FROM pg_proc WHERE pronamespace = %s::regnamespace", center.schema)
    named = {name for (source,) in sources for name in re.findall(r"center_[0-9a-f]{32}", source)}
    assert named == {center.schema}


def test_sql_files_can_be_sent_as_they_are() -> None:
    """They are recorded as psycopg2 sends them and replayed by EXECUTE: no parameters, no roles, no transactions."""
    files = sorted(VERSIONS.glob("*/*.sql"))
    assert len(files) == sum(len(names) + 1 for names in REVISIONS.values())
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "%" not in text, file.name
        assert not re.search(r"^\s*(BEGIN|COMMIT|ROLLBACK|SET ROLE|RESET|SET LOCAL)\s*;", text, re.MULTILINE), file.name


def test_downgrade_leaves_nothing_and_the_upgrade_runs_again(installation: Installation) -> None:
    center = make_center(installation)
    center.document("With data", sample_id=center.sample().id)
    names = (
        "SELECT coalesce(array_agg(name ORDER BY name), '{}') FROM (SELECT relname::text AS name FROM pg_class"
        " WHERE relnamespace = to_regnamespace(%(schema)s) AND relname NOT LIKE 'alembic%%'"
        " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace(%(schema)s)) made"
    )

    def there(cursor: Any) -> list[str]:
        cursor.execute(names, {"schema": center.schema})
        [(found,)] = cursor.fetchall()
        return list(found)

    def run(cursor: Any, revision: str, name: str) -> None:
        text = (VERSIONS / revision / f"{name}.sql").read_text(encoding="utf-8")
        cursor.execute(text.replace("0" * 32, center.schema.removeprefix("center_")))

    with center.owner() as cursor:
        states = [there(cursor)]
        for revision in reversed(REVISIONS):
            run(cursor, revision, "down")
            states.append(there(cursor))
            if states[-1]:
                cursor.execute("SELECT name, (SELECT title FROM documents) FROM samples")
                assert cursor.fetchall() == [("Blood of X", "With data")]
        assert states[-1] == []
        for revision, files in REVISIONS.items():
            assert there(cursor) == states.pop()
            for name in files:
                run(cursor, revision, name)
        assert [there(cursor)] == states


def test_closed_center_is_closed_for_its_own_people(installation: Installation) -> None:
    center = make_center(installation)
    with installation.shared(installation.system).begin() as session:
        administration.set_center_active(session, center.id, active=False)
    for who in center.members:
        with center.raw(who) as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(f"SELECT * FROM {center.schema}.samples")
