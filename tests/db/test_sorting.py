"""Orders of lists: what follows what, pages that meet in every order, and the index that answers each."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from desktop_app.db import registry
from desktop_app.db.documents import documents_at, list_documents
from desktop_app.db.samples import list_samples, samples_at
from desktop_app.domain.filters import CenterFilter, DocumentFilter, SampleFilter, UserFilter
from desktop_app.domain.paging import Page, PageKey, Part
from desktop_app.domain.records import Record
from desktop_app.domain.sorting import CenterField, DocumentField, SampleField, Sort, UserField
from tests.db.centers import CenterUnderTest, make_center
from tests.db.conftest import TwoCenters
from tests.db.installation import Installation

# In the order in which people look for them; what stands together is equal but for its case.
NAMES = ["10", "9", "Ad", "ağaç", "APPLE", "cam", "czar", "çay", "Çorum", "elan", "élan", "hz", "Iğdır", "ısı"]
NAMES += ["İzmir", "jel", "oz", "ÖZ", "sz", "Şam", "şeker", "uz", "ümit", "vali", "Zebra"]


@pytest.fixture(scope="module")
def center(installation: Installation) -> CenterUnderTest:
    made = make_center(installation)
    for number, name in enumerate(sorted(NAMES, key=lambda name: name[::-1])):
        made.sample(name=name, barcode=f"B-{number % 5}-{name}")
        made.document(name)
    for name in NAMES[::4]:  # the same again: the id decides
        made.document(name, sample_id=made.sample(name=name).id)  # one title stands once among those of no sample
    return made


Fetch = Callable[[PageKey | None, int], Page[Any]]


def whole(fetch: Fetch, size: int) -> list[Any]:
    """All rows, in pages of this size."""
    rows: list[Any] = []
    after: PageKey | None = None
    while True:
        page = fetch(after, size)
        assert len(page.rows) == size or page.next is None
        rows += page.rows
        after = page.next
        if after is None:
            return rows


def check_pages(fetch: Fetch, back: Fetch) -> list[Any]:
    """That pages of every size meet without gap or repeat, and that the other way round is the other way round."""
    rows = whole(fetch, 1_000)
    assert len({row.id for row in rows}) == len(rows)
    for size in (1, 4):
        assert [row.id for row in whole(fetch, size)] == [row.id for row in rows]
        assert [row.id for row in whole(back, size)] == [row.id for row in reversed(rows)]
    return rows


@pytest.mark.parametrize(
    ("read", "wanted", "field"),
    [
        *((list_samples, SampleFilter(), field) for field in SampleField),
        *((list_documents, DocumentFilter(), field) for field in DocumentField),
    ],
)
def test_samples_and_documents_in_every_order(
    center: CenterUnderTest, read: Any, wanted: SampleFilter | DocumentFilter, field: SampleField | DocumentField
) -> None:
    with center.sessions("viewer").begin() as session:

        def fetch(descending: bool) -> Fetch:
            sort = Sort(field, descending)
            return lambda after, size: read(session, wanted, after, size, sort)

        rows = check_pages(fetch(False), fetch(True))
    assert len(rows) == len(NAMES) + len(NAMES[::4])
    values = [getattr(row, field.value) for row in rows]
    at: Any = samples_at if read is list_samples else documents_at
    with center.sessions("viewer").begin() as session:
        for part in (Part(0, 4), Part(7, 5), Part(len(rows) - 2, 5), Part(len(rows), 5), Part(len(rows) + 3, 5)):
            found = at(session, wanted, part, Sort(field))
            assert list(found) == rows[part.skip : part.skip + part.limit]
            ending = at(session, wanted, replace(part, from_end=True), Sort(field))
            assert list(ending) == rows[::-1][part.skip : part.skip + part.limit][::-1], "in the order itself"
    if field in (SampleField.NAME, DocumentField.TITLE):
        assert list(dict.fromkeys(values)) == NAMES
    else:
        assert values == sorted(values)


def test_filters_hold_in_every_order(center: CenterUnderTest) -> None:
    with center.sessions("viewer").begin() as session:
        for field in SampleField:
            page = list_samples(session, SampleFilter(search="çay"), None, 10, Sort(field))
            assert [row.name for row in page.rows] == ["çay"]


def test_users_and_centers_in_every_order(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    for name in ("Cesme", "cam", "Dal"):
        scene.add_center(name)
    scene.value("UPDATE public.centers SET name = 'Çeşme' WHERE name = 'Cesme' RETURNING 1")
    scene.value("UPDATE public.users SET first_name = 'Zeki' WHERE username = 'admin.a' RETURNING 1")
    with scene.shared(two_centers.user_b).begin() as session:
        registry.note_sign_in(session, "bench")
    with scene.shared(two_centers.system).begin() as session:
        users = {field: _users(session, field) for field in UserField}
        centers = {field: _centers(session, field) for field in CenterField}
    assert len(users[UserField.NAME]) == scene.value("SELECT count(*) FROM public.users")
    names = [
        row.name for row in centers[CenterField.NAME] if row.slug in ("center-a", "center-b", "cesme", "cam", "dal")
    ]
    assert names == ["cam", "Center A", "Center B", "Çeşme", "Dal"]
    first = {row.id for row in centers[CenterField.NAME] if row.slug in ("cesme", "center-b")}
    with scene.shared(two_centers.system).begin() as session:
        parts = [Part(0, 2), Part(2, 2), Part(4, 100), Part(0, 100, from_end=True)]
        found = [registry.centers_from_a_to_z(session, CenterFilter(), part, first) for part in parts]
        plain = registry.centers_from_a_to_z(session, CenterFilter(), Part(0, 100), ())
    assert [row.name for row in (*found[0], *found[1])][:3] == ["Center B", "Çeşme", plain[0].name]
    others = [row for row in plain if row.id not in first]
    assert [*found[0], *found[1], *found[2]] == list(found[3]) == [*found[0], *others]
    assert list(plain) == centers[CenterField.NAME]
    assert [row.slug for row in centers[CenterField.SLUG]] == sorted(row.slug for row in centers[CenterField.SLUG])
    assert users[UserField.NAME][-1].username == "admin.a", "Zeki is the last of all"
    assert users[UserField.LAST_SIGN_IN][-1].username == "user.b", "who never came is before all that did"
    names = [row.username for row in users[UserField.USERNAME]]
    assert names == sorted(names)
    assert users[UserField.CREATED_AT] == sorted(users[UserField.CREATED_AT], key=_created)


def _created(row: Record) -> Any:
    return row.created_at, row.id.hex


def _users(session: Session, field: UserField) -> list[Any]:
    def fetch(descending: bool) -> Fetch:
        sort = Sort(field, descending)
        return lambda after, size: registry.list_users(session, UserFilter(), after, size, sort)

    return check_pages(fetch(False), fetch(True))


def _centers(session: Session, field: CenterField) -> list[Any]:
    def fetch(descending: bool) -> Fetch:
        sort = Sort(field, descending)
        return lambda after, size: registry.list_centers(session, CenterFilter(), after, size, sort)

    return check_pages(fetch(False), fetch(True))


INDEXES: list[tuple[SampleField | DocumentField, str]] = [
    (SampleField.CREATED_AT, "samples_newest"),
    (SampleField.UPDATED_AT, "samples_by_update"),
    (SampleField.BARCODE, "samples_by_barcode"),
    (SampleField.NAME, "samples_alphabetical"),
    (DocumentField.CREATED_AT, "documents_newest"),
    (DocumentField.UPDATED_AT, "documents_by_update"),
    (DocumentField.TITLE, "documents_alphabetical"),
]


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize(("field", "index"), INDEXES, ids=[index for _, index in INDEXES])
def test_every_order_has_its_index_for_sorting_and_for_going_on(
    center: CenterUnderTest, field: SampleField | DocumentField, index: str, descending: bool
) -> None:
    def pages(session: Session) -> None:
        if isinstance(field, SampleField):
            sort = Sort(field, descending)
            page: Page[Any] = list_samples(session, SampleFilter(), None, 3, sort)
            list_samples(session, SampleFilter(), page.next, 3, sort)
        else:
            order = Sort(field, descending)
            page = list_documents(session, DocumentFilter(), None, 3, order)
            list_documents(session, DocumentFilter(), page.next, 3, order)

    with center.sessions("viewer").begin() as session:
        # The tables are small; what would be chosen for a million rows is asked for by name.
        for way in ("seqscan", "sort", "bitmapscan"):
            session.execute(text(f"SET LOCAL enable_{way} = off"))
        first, following = plans(session, pages)
    for plan in (first, following):
        assert f"using {index} on" in plan
        assert "Sort" not in plan
    condition = following.partition("Index Cond: ")[2].splitlines()[0]
    assert "ROW(" in condition, "the index finds where the page begins"


def plans(session: Session, work: Callable[[Session], None]) -> list[str]:
    """How PostgreSQL runs the lists that *work* reads."""
    found: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "ORDER BY" in statement:
            cursor.execute("EXPLAIN " + cursor.mogrify(statement, parameters).decode())
            found.append("\n".join(row[0] for row in cursor.fetchall()))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", explain)
    work(session)
    event.remove(connection, "before_cursor_execute", explain)
    return found
