"""Centers and lists: switching, making centers, and pages of a million samples against raw psycopg2."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg2

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.paging import COUNT_CAP, PageKey, Part
from desktop_app.domain.sorting import NEWEST_SAMPLES, SampleField, Sort
from desktop_app.services.records.samples import Samples
from tests.benchmarks.harness import Figure, compare
from tests.benchmarks.place import INSERT_SAMPLES, Place

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


# What a person would write by hand for the same rows: names, and how many documents there are.
_NAME = "(select coalesce(nullif(display_name, ''), username) from people p where p.{column} = s.{of})"
_BY_HAND = f"""
    select s.id, s.name, s.description, s.sample_type, s.status, s.barcode, s.user_id, s.metadata, s.collected_at,
           s.collected_place, s.processing_started_at, s.processing_completed_at, s.results, s.rejection_reason,
           s.created_at, s.updated_at, s.is_active, s.row_version, {_NAME.format(column="id", of="user_id")},
           coalesce({_NAME.format(column="login", of="created_by")}, s.created_by),
           coalesce({_NAME.format(column="login", of="updated_by")}, s.updated_by),
           (select count(*) from documents d where d.sample_id = s.id and d.is_active)
    from samples s where"""
_NEWEST = "order by created_at desc, id desc limit 101"


def pages(place: Place, number: int, rounds: int) -> list[Figure]:
    """First page, deep page, barcode, filter, every order and search among so many samples."""
    raw = psycopg2.connect(place.admin_dsn)
    _fill(raw, place, number)
    rounds *= 10  # milliseconds each: many cost nothing, and few say more of what else the machine does
    figures: list[Figure] = []
    with place.lab.center(place.center) as work:
        samples = work.samples
        for name, (ours, condition, values) in _cases(samples, number).items():
            by_hand = _query(raw, place.center.schema_name, f"{_BY_HAND} {condition}", values)
            subjects = {"Labkeep": ours, "raw psycopg2": by_hand}
            figures += compare(
                f"{name}, {number:,} samples", "Labkeep", subjects, rounds, {"raw psycopg2": "at most 3"}
            )
        for name, part in _PARTS.items():
            ask = partial(samples.part, SampleFilter(), part, NEWEST_SAMPLES)
            [figure] = compare(f"{name}, {number:,} samples", "Labkeep", {"Labkeep": ask}, rounds)
            figures.append(replace(figure, budget="under 100 ms"))
        searches = {f"search “{word}”": SampleFilter(search=word) for word in ("7q9", "abc", "made")}
        for name, wanted in searches.items():
            search = partial(samples.list, wanted, limit=PAGE)
            [figure] = compare(f"{name}, {number:,} samples", "Labkeep", {"Labkeep": search}, rounds)
            figures.append(replace(figure, budget="under 100 ms"))
    raw.close()
    return figures


# What a press of End reads, and what is furthest from both ends before a list grows.
_PARTS = {"last page": Part(from_end=True), "furthest counted page": Part(COUNT_CAP // 2 - PAGE, from_end=True)}
Case = tuple[Callable[[], object], str, tuple[Any, ...]]


def _cases(samples: Samples, number: int) -> dict[str, Case]:
    """What Labkeep is asked, and the condition and order of the same by hand."""
    middle = samples.get(f"B-{number // 2:07}")
    key = PageKey(middle.created_at, middle.id)
    rejected = SampleFilter(status=SampleStatus.REJECTED)
    cases: dict[str, Case] = {
        "first page": (partial(samples.list, limit=PAGE), f"is_active {_NEWEST}", ()),
        "deep page": (
            partial(samples.list, after=key, limit=PAGE),
            f"is_active and (created_at, id) < (%s, %s) {_NEWEST}",
            (middle.created_at, str(middle.id)),
        ),
        "barcode": (partial(samples.get, middle.barcode), "barcode = %s", (middle.barcode,)),
        "filter by status": (
            partial(samples.list, rejected, limit=PAGE),
            f"is_active and status = %s {_NEWEST}",
            ("rejected",),
        ),
    }
    for field, order in _ORDERS.items():
        sort = Sort(field)
        deep = PageKey(middle.name.lower() if field is SampleField.NAME else getattr(middle, field.value), middle.id)
        cases[f"first page by {field.value}"] = (
            partial(samples.list, limit=PAGE, sort=sort),
            f"is_active order by {order}, id limit 101",
            (),
        )
        cases[f"deep page by {field.value}"] = (
            partial(samples.list, after=deep, limit=PAGE, sort=sort),
            f"is_active and ({order}, id) > (%s, %s) order by {order}, id limit 101",
            (deep.value, str(deep.id)),
        )
    return cases


# As in the indexes of the center line's second revision.
_ORDERS = {
    SampleField.UPDATED_AT: "updated_at",
    SampleField.BARCODE: 'barcode collate "C"',
    SampleField.NAME: ("replace(replace(lower(normalize(name, NFD) collate \"C\"), 'ı', 'i'), U&'i\\0307', 'i')"),
}


def _query(raw: Any, schema: str, statement: str, values: tuple[Any, ...]) -> Callable[[], object]:
    """The same by hand: in a transaction that says where the tables are, because pools and bouncers forget it."""

    def run() -> object:
        with raw, raw.cursor() as cursor:
            cursor.execute("select set_config('search_path', %s, true)", (schema,))
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
        cursor.execute(INSERT_SAMPLES, (number,))
        cursor.execute(definition)
    raw.autocommit = True
    with raw.cursor() as cursor:
        cursor.execute(f"vacuum analyze {place.center.schema_name}.samples")
    raw.autocommit = False
