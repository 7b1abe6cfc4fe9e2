"""Samples in the order of a field that their center defines: by its kind, and what has no value of it last."""

from typing import Any
from uuid import uuid4

import pytest

from desktop_app.db.fields import add_field, change_field
from desktop_app.db.samples import list_samples, samples_at
from desktop_app.db.sheet_rows import every_sample
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.paging import Part
from desktop_app.domain.sorting import OwnField, Sort
from desktop_app.errors import InvalidInputError
from tests.db.centers import CenterUnderTest, make_center
from tests.db.installation import Installation
from tests.db.test_sorting import Fetch, whole

BIG = 12_345_678_901_234_567_890
VALUES: dict[FieldKind, list[Any]] = {
    FieldKind.NUMBER: [-(10**300), -3, -0.5, 0, 2, 10, 10.25, BIG, BIG + 1, 10**300],
    FieldKind.DATE: ["1800-01-01", "2025-12-31", "2026-01-02", "2199-12-31"],
    FieldKind.TEXT: ["10", "9", "Ad", "ağaç", "APPLE", "çay", "Zebra", "\U0010ffff\U0010ffff"],
    FieldKind.CHOICE: ["C", "b", "A 1", *(f"choice {at}" for at in range(11, 0, -1))],
    FieldKind.YES_NO: [False, True],
}
"""Of each kind, in its order."""
MISFITS: dict[FieldKind, list[Any]] = {
    FieldKind.NUMBER: ["5", True, None, {"a": 1}],
    FieldKind.DATE: ["soon", 20_260_101, True],
    FieldKind.TEXT: [7, False, ["a"]],
    FieldKind.CHOICE: [7, False, "A former one", "c"],
    FieldKind.YES_NO: ["yes", 1],
}


@pytest.fixture(scope="module")
def center(installation: Installation) -> CenterUnderTest:
    """Values of each kind, twice each; misfits that were there before there were fields; and many without any."""
    made = make_center(installation)
    for kind in FieldKind:
        for value in (*VALUES[kind][::-1], *MISFITS[kind], *VALUES[kind][1:]):
            made.sample(metadata={kind.value: value})
    for _ in range(3):
        made.sample(metadata={"other": 1})
    with made.sessions("admin").begin() as session:
        for kind in FieldKind:
            choices = tuple(VALUES[kind]) if kind is FieldKind.CHOICE else ()
            add_field(session, uuid4(), kind.value, FieldDraft(name=f"The {kind.value}", kind=kind, choices=choices))
    return made


@pytest.mark.parametrize("kind", FieldKind)
@pytest.mark.parametrize("descending", [False, True])
def test_every_kind_is_sorted_by_what_it_is(center: CenterUnderTest, kind: FieldKind, descending: bool) -> None:
    sort = Sort(OwnField.of(kind.value), descending)
    with center.sessions("viewer").begin() as session:
        total = len(list_samples(session, SampleFilter(), None, 1_000).rows)

        def fetch() -> Fetch:
            return lambda after, size: list_samples(session, SampleFilter(), after, size, sort)

        rows = whole(fetch(), 1_000)
        for size in (1, 7):
            assert [row.id for row in whole(fetch(), size)] == [row.id for row in rows], "pages meet"
        parts = [samples_at(session, SampleFilter(), Part(at, 9), sort) for at in range(0, total, 9)]
        assert [row.id for part in parts for row in part] == [row.id for row in rows]
        ending = samples_at(session, SampleFilter(), Part(0, 5, from_end=True), sort)
        assert list(ending) == rows[-5:], "in the order itself"
        assert list(every_sample(session, SampleFilter(), sort, 10)) == rows
    assert len({row.id for row in rows}) == len(rows) == total
    right = VALUES[kind][::-1] if descending else VALUES[kind]
    count = 2 * len(right) - 1
    shown = [row.metadata.get(kind.value) for row in rows[:count]]
    distinct = [value for at, value in enumerate(shown) if at == 0 or value != shown[at - 1]]
    assert distinct == right, "each value, and nothing else, before those without one"
    assert all(type(one) is type(two) for one, two in zip(distinct, right, strict=True))


def test_a_choice_that_is_offered_no_more_stands_after_those_that_are(new_center: CenterUnderTest) -> None:
    for value in ("old b", "new", "old a", None, "first"):
        new_center.sample(metadata={} if value is None else {"tube": value})
    draft = FieldDraft(name="tube", kind=FieldKind.CHOICE, choices=("first", "new"))
    with new_center.sessions("admin").begin() as session:
        add_field(session, uuid4(), "tube", draft)
    orders = {False: ["first", "new", "old a", "old b", None], True: ["new", "first", "old b", "old a", None]}
    for descending, wanted in orders.items():
        with new_center.sessions("viewer").begin() as session:
            rows = list_samples(session, SampleFilter(), None, 9, Sort(OwnField.of("tube"), descending)).rows
        assert [row.metadata.get("tube") for row in rows] == wanted


def test_a_field_is_found_by_its_name_too_and_one_that_is_not_there_is_said(center: CenterUnderTest) -> None:
    with center.sessions("viewer").begin() as session:
        by_key, by_name = (
            list_samples(session, SampleFilter(), None, 5, Sort(OwnField.of(name))).rows
            for name in ("number", "The Number")
        )
        assert by_key == by_name
        with pytest.raises(InvalidInputError) as refused:
            list_samples(session, SampleFilter(), None, 5, Sort(OwnField.of("freezer")))
    assert refused.value.problems == {"sort": "The center has no field “freezer” to sort by."}


def test_a_field_that_is_out_of_use_still_sorts(new_center: CenterUnderTest) -> None:
    for value in (2, 1):
        new_center.sample(metadata={"ml": value})
    with new_center.sessions("admin").begin() as session:
        field = add_field(session, uuid4(), "ml", FieldDraft(name="ml", kind=FieldKind.NUMBER))
        change_field(session, field.id, is_active=False)
    with new_center.sessions("viewer").begin() as session:
        rows = list_samples(session, SampleFilter(), None, 5, Sort(OwnField.of("ml"))).rows
    assert [row.metadata["ml"] for row in rows] == [1, 2]
