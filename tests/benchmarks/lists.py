"""Centers and lists: switching, making centers, and pages of a million samples against raw psycopg2."""

import time
from collections.abc import Callable
from typing import Any

import psycopg2

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.paging import PageKey
from tests.benchmarks.harness import Figure, compare
from tests.benchmarks.place import Place

PAGE = 100


def centers(place: Place, number: int) -> list[Figure]:
    """Make centers; absolute, because what it is to be held against is no library of ours."""
    start = time.perf_counter()
    for index in range(number):
        place.lab.centers.create(CenterDraft(name=f"Made {index}", slug=f"made-{index}"))
    each = (time.perf_counter() - start) / number
    return [Figure("create a center", "Labkeep", each, 0.0, number, None, note=f"mean of {number}")]


def switching(place: Place, rounds: int) -> list[Figure]:
    """A transaction in a center that was not the last one, against the same transaction by raw psycopg2."""
    other = place.lab.centers.create(CenterDraft(name="Other", slug="other"))
    works = [place.lab.center(place.center), place.lab.center(other)]
    raw = psycopg2.connect(place.admin_dsn)

    def labkeep() -> None:
        for work in works:
            work.audit.head()

    def plain() -> None:
        for work in works:
            with raw, raw.cursor() as cursor:
                cursor.execute("select set_config('search_path', %s, true)", (work.center.schema_name,))
                cursor.execute("select seq, digest, at from audit_head")
                cursor.fetchall()

    figures = compare("switch center and read", "Labkeep", {"Labkeep": labkeep, "raw": plain}, rounds)
    raw.close()
    over = (figures[0].seconds - figures[1].seconds) / len(works)
    note = Figure("switch center, over raw", "Labkeep", over, 0.0, rounds, None, "under 2 ms")
    return [*figures, note]


def pages(place: Place, number: int, rounds: int) -> list[Figure]:
    """First page, deep page, barcode, filter and search among so many samples."""
    raw = psycopg2.connect(place.admin_dsn)
    _fill(raw, place, number)
    with raw, raw.cursor() as cursor:
        cursor.execute(f"set search_path = {place.center.schema_name}")
        cursor.execute(
            "select created_at, id from samples order by created_at desc, id desc offset %s limit 1", (number // 2,)
        )
        deep = cursor.fetchone()
    assert deep is not None
    barcode = f"B-{number // 2:07}"
    figures: list[Figure] = []
    with place.lab.center(place.center) as work:
        samples = work.samples
        key = PageKey(deep[0], deep[1])
        order = "order by created_at desc, id desc limit 101"
        cases: dict[str, tuple[Callable[[], object], str, tuple[Any, ...]]] = {
            "first page": (lambda: samples.list(limit=PAGE), f"select * from samples where is_active {order}", ()),
            "deep page": (
                lambda: samples.list(after=key, limit=PAGE),
                f"select * from samples where is_active and (created_at, id) < (%s, %s) {order}",
                deep,
            ),
            "barcode": (lambda: samples.get(barcode), "select * from samples where barcode = %s", (barcode,)),
            "filter by status": (
                lambda: samples.list(SampleFilter(status=SampleStatus.REJECTED), limit=PAGE),
                f"select * from samples where is_active and status = %s {order}",
                ("rejected",),
            ),
        }
        for name, (ours, statement, values) in cases.items():
            subjects = {"Labkeep": ours, "raw psycopg2": _query(raw, statement, values)}
            figures += compare(
                f"{name}, {number:,} samples", "Labkeep", subjects, rounds, {"raw psycopg2": "at most 3"}
            )
        search = compare(
            f"search of three characters, {number:,} samples",
            "Labkeep",
            {"Labkeep": lambda: samples.list(SampleFilter(search="7q9"), limit=PAGE)},
            rounds,
        )
        figures += [Figure(**{**search[0].__dict__, "budget": "under 100 ms"})]
    raw.close()
    return figures


def _query(raw: Any, statement: str, values: tuple[Any, ...]) -> Callable[[], object]:
    def run() -> object:
        with raw, raw.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    return run


def _fill(raw: Any, place: Place, number: int) -> None:
    """Rows as an import leaves them: without triggers, and the search index built after them."""
    with raw, raw.cursor() as cursor:
        cursor.execute(f"set local search_path = {place.center.schema_name}, public")
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(
            "select indexdef from pg_indexes where indexname = 'samples_search' and schemaname = %s",
            (place.center.schema_name,),
        )
        (definition,) = cursor.fetchone()
        cursor.execute("drop index samples_search")
        cursor.execute(
            """
            insert into samples (id, name, description, sample_type, status, barcode, user_id, metadata,
                                 created_at, updated_at, created_by, updated_by, is_active, row_version)
            select gen_random_uuid(), 'Sample ' || n || ' ' || substr(md5(n::text), 1, 8), 'Made for the measurements',
                   (array['blood','urine','tissue','saliva','other'])[1 + n %% 5],
                   (array['pending','processing','completed','rejected','archived'])[1 + n %% 5],
                   'B-' || lpad(n::text, 7, '0'), (select id from people limit 1), '{"tube": "EDTA"}',
                   now() - n * interval '1 second', now(), 'bench', 'bench', true, 1
            from generate_series(1, %s) n
            """,
            (number,),
        )
        cursor.execute(definition)
    raw.autocommit = True
    with raw.cursor() as cursor:
        cursor.execute(f"vacuum analyze {place.center.schema_name}.samples")
    raw.autocommit = False
