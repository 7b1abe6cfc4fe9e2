"""Values at the edges of their types, written by psql as each role wherever it may: every list can still be read.

One user wrote a sample of the year 20000, and no list of the center could be read any more. The database holds what a
member may write to what the program can read; what it may hold all the same never breaks a page.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from desktop_app.cli.output import plain
from desktop_app.db.decoding import EARLIEST, LATEST, UNREADABLE
from desktop_app.db.sessions import Session
from desktop_app.domain.drafts import CenterDraft, SampleDraft
from desktop_app.domain.records import Sample, SampleType
from desktop_app.domain.rights import Role
from desktop_app.domain.sorting import DocumentField, SampleField, Sort
from desktop_app.errors import LabkeepError
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, World

LONG = "x" * 200_000
DEEP = "{" + '"a": {' * 2_000 + "}" * 2_000 + "}"
EXTREMES = {
    "text": ["''", "' '", "E'\\n\\r\\t\\x01\\x1b[31m'", "U&'\\202E\\FEFF\\200B'", "'<img src=x>'", f"'{LONG}'", "null"],
    "timestamp with time zone": [
        *("'infinity'", "'-infinity'", "'20000-01-01'", "'294276-12-31'", "'4713-01-01 BC'", "'0001-01-01 BC'"),
        *("'9999-12-31 23:59:59.999999+00'", "'10000-01-01 00:00+14'", "'0001-01-01 00:00+14'", "'1969-01-01'", "null"),
    ],
    "jsonb": [
        *("'{}'", "'[]'", "'1'", "'null'", "null", "'{\"a\": 1e400}'", "'{\"a\": -1e400}'", "'{\"a\": 1e-400}'"),
        *(f"'{{\"a\": {'9' * 10_000}}}'", f"'{{\"a\": 0.{'9' * 10_000}}}'", f"'{DEEP}'", f"'{{\"{LONG}\": 1}}'"),
        *('\'{"": ""}\'', '\'{"a": "\\\\ud83d\\\\ude00"}\'', "'{\"a\": 1e131071}'"),
    ],
    "ARRAY": [
        *("'{}'", "'{a,b}'", "'{{a,b},{c,d}}'", "'[5:6]={a,b}'", "'{NULL}'", f"'{{{LONG}}}'", "null"),
        *("array_fill('t'::text, '{51}')", "array_fill('t'::text, '{50}')"),
    ],
    "uuid": ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'", "null"],
    "boolean": ["true", "false", "null"],
    "integer": ["0", "-1", "2147483647", "-2147483648", "null"],
    "bigint": ["0", "-1", "9223372036854775807", "null"],
    "bytea": ["''", "'\\x00'", "null"],
}


@dataclass(frozen=True)
class Place:
    """A center of its own with one person of each role, and the system administrator who reads."""

    root: Lab
    labs: dict[Role, Lab]
    center_id: UUID


@pytest.fixture(scope="module")
def place(world: World) -> Iterator[Place]:
    root = world.lab(ROOT)
    center = root.centers.create(CenterDraft(name=world.unused("Extremes"), slug="extremes"))
    people = {role: world.person(role, center.slug) for role in Role}
    labs = {role: world.enter(person) for role, person in people.items()}
    yield Place(root, labs, center.id)
    for lab in labs.values():
        lab.close()


def columns(session: Session, right: str) -> list[tuple[str, str, str]]:
    """Table, column and type of everything in the center that the session may write in this way."""
    query = text(
        "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c"
        " WHERE c.table_schema = current_schema()"
        " AND has_column_privilege(format('%I.%I', c.table_schema, c.table_name), c.column_name, :right)"
    )
    return [tuple(row) for row in session.execute(query, {"right": right})]


def attempt(work: CenterServices, statement: str) -> bool:
    """Whether the statement went through, in a transaction of its own."""
    said = ""
    try:
        with work.samples.access.read() as session:
            session.connection().exec_driver_sql(statement)
    except LabkeepError as error:
        said = str(error)
    assert "SQLSTATE" not in said, statement[:200]
    return not said


def written(work: CenterServices, folder: Path) -> int:
    """Write every extreme wherever it is let through; how many were."""
    with work.samples.access.read() as session:
        inserts, updates = columns(session, "INSERT"), columns(session, "UPDATE")
    done = 0
    for table, column, kind in inserts:
        for value in EXTREMES[kind]:
            if table == "samples" and column not in ("id", "name", "sample_type"):
                done += attempt(
                    work,
                    f"INSERT INTO samples (id, name, sample_type, {column})"
                    f" VALUES ('{uuid4()}', 'x', 'blood', {value})",
                )
            elif column == "name":
                done += attempt(
                    work, f"INSERT INTO samples (id, name, sample_type) VALUES ('{uuid4()}', {value}, 'blood')"
                )
    for table, column, kind in updates:
        for value in EXTREMES[kind]:
            row = target(work, table, folder)
            if row is not None:
                change = f"{column} = {value}" + ("" if column == "row_version" else ", row_version = row_version")
                done += attempt(work, f"UPDATE {table} SET {change} WHERE id = '{row}'")
    return done


def target(work: CenterServices, table: str, folder: Path) -> UUID | None:
    """A new row to be changed."""
    if table == "samples":
        return work.samples.create(SampleDraft(name="Target", sample_type=SampleType.BLOOD)).id
    if table == "documents":
        found = work.documents.list(limit=1).rows
        return found[0].id if found else None
    return None


def read_everything(place: Place, lab: Lab) -> int:
    """Every list in every order, every detail, timeline, count, statistic and version; how many rows there were."""
    with lab.center(place.center_id) as work:
        number = 0
        for field in SampleField:
            for descending in (False, True):
                rows: list[Sample] = []
                page = work.samples.list(None, None, 50, Sort(field, descending))
                while page.next is not None:
                    rows.extend(page.rows)
                    page = work.samples.list(None, page.next, 50, Sort(field, descending))
                rows.extend(page.rows)
                number = max(number, len(rows))
                assert plain(rows)
        for sample in work.samples.list(limit=10_000).rows:
            assert work.samples.get(sample.id) == sample
            assert plain(work.audit.timeline(sample.id))
        for order in DocumentField:
            for document in work.documents.list(None, None, 1_000, Sort(order)).rows:
                assert plain(work.documents.get(document.id))
                assert plain(work.documents.versions(document))
        work.samples.count()
        work.documents.count()
        work.people.list(include_former=True)
        plain(lab.centers.stats(place.center_id))
        return number


@pytest.mark.parametrize("role", [Role.VIEWER, Role.USER, Role.ADMIN])
def test_whatever_a_member_writes_the_lists_are_read(place: Place, role: Role, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text("report")
    with place.root.center(place.center_id) as work:
        work.documents.add([file])
        work.samples.create(SampleDraft(name="There", sample_type=SampleType.BLOOD))
    with place.labs[role].center(place.center_id) as work:
        done = written(work, tmp_path)
    assert (done > 50) is (role is not Role.VIEWER)
    assert read_everything(place, place.labs[Role.VIEWER])
    with place.labs[Role.ADMIN].center(place.center_id) as work:
        assert plain(work.audit.list(limit=10_000))
        assert work.audit.verify().is_sound


def test_one_row_that_cannot_be_read_breaks_no_page(world: World, place: Place) -> None:
    """A database administrator, or a program of the future, may have put there what no member can."""
    strange = (
        "SET collected_at = '20000-01-01'",
        "SET collected_at = '-infinity'",
        f"SET metadata = '{{\"a\": {'9' * 10_000}}}'",
        f"SET metadata = '{DEEP}'",
    )
    with place.root.center(place.center_id) as work:
        rows = [work.samples.create(SampleDraft(name=each[:20], sample_type=SampleType.BLOOD)).id for each in strange]
        schema = work.center.schema_name
    # closing() and not the connection's own "with", which would hold the table locked until its end.
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {schema}.samples DROP CONSTRAINT samples_collected_at_check")
        cursor.execute(f"ALTER TABLE {schema}.samples DROP CONSTRAINT samples_metadata_check")
        for row, change in zip(rows, strange, strict=True):
            cursor.execute(f"UPDATE {schema}.samples {change} WHERE id = %s", (str(row),))
    assert read_everything(place, place.labs[Role.VIEWER]) >= len(strange)
    with place.root.center(place.center_id) as work:
        found = [work.samples.get(row) for row in rows]
    assert [sample.collected_at for sample in found[:2]] == [LATEST, EARLIEST]
    assert [sample.metadata for sample in found[2:]] == [UNREADABLE, UNREADABLE]
