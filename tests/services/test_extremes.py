"""Values at the edges of their types, written by psql as each role wherever it may: every list can still be read.

One user wrote a sample of the year 20000, and no list of the center could be read any more. The database holds what a
member may write to what the program can read; what it may hold all the same never breaks a page.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from desktop_app.cli.output import plain
from desktop_app.crypto.trust_statements import JoinStatement
from desktop_app.db import administration
from desktop_app.db.decoding import EARLIEST, LATEST, UNREADABLE
from desktop_app.db.sessions import Session
from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft
from desktop_app.domain.records import Document, Sample, SampleType
from desktop_app.domain.rights import Role, Verb
from desktop_app.domain.sorting import CenterField, DocumentField, SampleField, Sort, UserField
from desktop_app.errors import LabkeepError
from desktop_app.services.context.trust_log import TrustChange
from desktop_app.services.documents.document_facts import DocumentFacts
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


CENTER_COLUMNS = {"name": "text", "slug": "text", "description": "text", "settings": "jsonb"}


@dataclass(frozen=True)
class Place:
    """A center of its own with one person of each role, and the system administrator who reads."""

    root: Lab
    labs: dict[Role, Lab]
    center_id: UUID
    folder: Path
    """Where documents are exported to."""
    seen: set[UUID]
    """The samples whose details were read: each change has a row of its own."""


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = world.lab(ROOT)
    center = root.centers.create(CenterDraft(name=world.unused("Extremes"), slug="extremes"))
    people = {role: world.person(role, center.slug) for role in Role}
    labs = {role: world.enter(person) for role, person in people.items()}
    yield Place(root, labs, center.id, tmp_path_factory.mktemp("exports"), set())
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

    def act() -> None:
        with work.samples.context.read() as session:
            session.connection().exec_driver_sql(statement)

    return went_through(act, statement)


def went_through(act: Callable[[], object], what: str) -> bool:
    """Whether nothing refused it; a refusal is a sentence."""
    said = ""
    try:
        act()
    except LabkeepError as error:
        said = str(error)
    assert "SQLSTATE" not in said, what[:200]
    return not said


def written(work: CenterServices) -> int:
    """Write every extreme into every column where it is let through; how many were."""
    with work.samples.context.read() as session:
        inserts, updates = columns(session, "INSERT"), columns(session, "UPDATE")
    done = 0
    for table, column, kind in inserts:
        for value in EXTREMES[kind]:
            row = new_row(table) | {column: value}
            done += attempt(work, f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})")
    keeps_version = {table for table, column, _kind in updates if column == "row_version"}
    for table, column, kind in updates:
        for value in EXTREMES[kind]:
            stale = table in keeps_version and column != "row_version"
            change = f"{column} = {value}" + (", row_version = row_version" if stale else "")
            done += attempt(work, f"UPDATE {table} SET {change} WHERE {target(work, table)}")
    return done


def new_row(table: str) -> dict[str, str]:
    """The least that a new row needs; KeyError for a table that nobody thought of here."""
    ident = uuid4()
    return {
        "samples": {"id": f"'{ident}'", "name": "'x'", "sample_type": "'blood'"},
        "sample_types": {"code": f"'{ident.hex}'", "name": f"'{ident}'"},
        "rejection_reasons": {"id": f"'{ident}'", "name": f"'{ident}'"},
        # Of a type that no sample here has: one that is required is asked of nobody.
        "fields": {
            "id": f"'{ident}'",
            "key": f"'{ident}'",
            "name": f"'{ident}'",
            "kind": "'text'",
            "sample_types": "'{saliva}'",
        },
        "saved_views": {"id": f"'{ident}'", "name": f"'{ident}'", "content": "'{}'"},
        "work_lists": {"id": f"'{ident}'", "name": f"'{ident}'"},
        "work_list_items": {
            "list_id": "(SELECT id FROM work_lists LIMIT 1)",
            "sample_id": "(SELECT id FROM samples WHERE id NOT IN (SELECT sample_id FROM work_list_items) LIMIT 1)",
            "position": "1",
        },
        "document_uploads": {"id": f"'{ident}'", "document_id": f"'{uuid4()}'", "file_id": f"'{uuid4()}'"},
    }[table]


def target(work: CenterServices, table: str) -> str:
    """A row to be changed; of samples and what else may be made, a new one."""
    if table == "documents":
        return f"id = '{work.documents.list(limit=1).rows[0].id}'"
    row = new_row(table)
    assert attempt(work, f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})")
    name, value = next(iter(row.items()))
    return f"{name} = {value}"


def called(work: CenterServices) -> int:
    """The same through the functions that write: documents by signed statements, people and the center by api."""
    done = 0
    with work.samples.context.read() as session:
        texts, lists = values_of(session, "text", "text"), values_of(session, "ARRAY", "text[]")
    strange = [{name: each} for name in ("title", "document_type") for each in texts if each is not None]
    strange += [{"tags": tuple(each)} for each in lists if each is not None]
    facts = DocumentFacts(work.documents.context)
    for change in strange:
        document = work.documents.list(limit=1).rows[0]

        def sign(document: Document = document, change: dict[str, Any] = change) -> None:
            with work.documents.context.change(Verb.EDIT_DOCUMENTS) as session:
                facts.change(session, document, replace(DocumentDraft.of(document), **change))

        done += went_through(sign, str(change))
    center = f"'{work.center.id}'"
    for column, kind in CENTER_COLUMNS.items():
        done += called_with(work, "update_center", "centers", center, column, kind)
    somebody = f"'{work.people.list()[0].id}'"
    for column in ("email", "first_name", "last_name", "phone"):
        done += called_with(work, "update_user", "users", somebody, column, "text")
    return done


def values_of(session: Session, kind: str, cast: str) -> list[Any]:
    """The extremes of a type as the program holds them."""
    return [session.execute(text(f"SELECT CAST({value} AS {cast})")).scalar_one() for value in EXTREMES[kind]]


def called_with(work: CenterServices, function: str, table: str, row: str, column: str, kind: str) -> int:
    version = f"(SELECT row_version FROM public.{table} WHERE id = {row})"
    return sum(
        attempt(
            work, f"SELECT api.{function}({row}, jsonb_build_object('{column}', CAST({value} AS {kind})), {version})"
        )
        for value in EXTREMES[kind]
    )


def read_shared(lab: Lab) -> None:
    """Every list of users and centers that the person sees, in every order, and every detail."""
    for field in UserField:
        for descending in (False, True):
            assert plain(lab.users.list(None, None, 1_000, Sort(field, descending)).rows)
    for user in lab.users.list(limit=1_000).rows:
        assert plain(lab.users.get(user.id))
    for order in CenterField:
        for descending in (False, True):
            assert plain(lab.centers.list(None, None, 1_000, Sort(order, descending)).rows)
    for center in lab.centers.list(limit=1_000).rows:
        assert plain(lab.centers.get(center.id))
    lab.users.count()
    lab.centers.count()


def read_everything(place: Place, lab: Lab) -> int:
    """Every list in every order, each new detail and timeline, counts, statistics and versions; how many rows."""
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
            if sample.id not in place.seen:
                assert work.samples.get(sample.id) == sample
                assert plain(work.audit.timeline(sample.id))
                place.seen.add(sample.id)
        for order in DocumentField:
            for descending in (False, True):
                for document in work.documents.list(None, None, 1_000, Sort(order, descending)).rows:
                    assert plain(work.documents.get(document.id))
        for document in work.documents.list(limit=1_000).rows:
            assert plain(work.documents.versions(document))
            assert work.documents.seals(document).alarm is None
            assert work.documents.content(document) == b"report"
            assert work.documents.save_as(document, place.folder).read_bytes() == b"report"
        work.samples.count()
        work.documents.count()
        assert plain(work.people.list(include_former=True))
        assert plain(work.vocabulary.sample_types(include_inactive=True))
        assert plain(work.vocabulary.rejection_reasons(include_inactive=True)) is not None
        plain(lab.centers.stats(place.center_id))
        return number


@pytest.mark.parametrize("role", [Role.VIEWER, Role.USER, Role.ADMIN])
def test_whatever_a_member_writes_the_lists_are_read(place: Place, role: Role, tmp_path: Path) -> None:
    file = tmp_path / f"report {role}.txt"
    file.write_text("report")
    with place.root.center(place.center_id) as work:
        work.documents.add([file])
        work.samples.create(SampleDraft(name="There", sample_type=SampleType.BLOOD))
    with place.labs[role].center(place.center_id) as work:
        done = written(work)
        if role is not Role.VIEWER:
            done += called(work)
        assert plain(work.fields.list(include_inactive=True)) is not None
    assert (done > 50) is (role is not Role.VIEWER)
    check_everything(place)


@pytest.mark.parametrize("day", [date.min, date(1999, 12, 31), date.max, "infinity", "-infinity"])
def test_whatever_last_day_an_administrator_gives_the_lists_are_read(place: Place, day: Any) -> None:
    """The signed entry says no day where the day is infinite: to_char() knows none."""
    admin, user = place.labs[Role.ADMIN], place.labs[Role.USER].user

    def join(change: TrustChange) -> None:
        entry = change.sign(JoinStatement(user.id, "user", place.center_id, day if isinstance(day, date) else None))
        administration.join_center(change.session, user.id, place.center_id, Role.USER, day, entry, [])

    context = admin._context
    done = went_through(lambda: context.trust.change(context.shared, context.identity, join), str(day))
    assert done is (day == date.max)
    for lab in (*place.labs.values(), place.root):
        read_shared(lab)


def test_whatever_a_system_administrator_calls_the_lists_are_read(place: Place) -> None:
    with place.root.center(place.center_id) as work:
        assert called(work) > 10
    check_everything(place)


def check_everything(place: Place) -> None:
    assert read_everything(place, place.labs[Role.VIEWER])
    for lab in (*place.labs.values(), place.root):
        read_shared(lab)
    with place.labs[Role.ADMIN].center(place.center_id) as work:
        assert plain(work.audit.list(limit=10_000))
        assert work.audit.verify().is_sound
    assert place.root.audit.verify().is_sound


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
    place.seen.difference_update(rows)
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
