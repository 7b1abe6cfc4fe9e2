"""What a field takes, which values of a sample do not fit, and filters as people type them."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.db.field_conditions import number_digits, range_terms
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.field_filters import Comparison, FieldCondition, search_text, split_search
from desktop_app.domain.fields import DefinedField, FieldDraft, FieldKind, choices_of, shown_values, typed
from desktop_app.domain.merging import merge
from desktop_app.errors import InvalidInputError


def field(kind: FieldKind, **facts: Any) -> DefinedField:
    choices = ("EDTA", "Serum") if kind is FieldKind.CHOICE else ()
    plain: dict[str, Any] = {"id": uuid4(), "key": "f", "name": "F", "kind": kind, "choices": choices}
    return DefinedField(**plain | facts)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldKind.TEXT, " F3 ", "F3"),
        (FieldKind.TEXT, "=1+1", "=1+1"),
        (FieldKind.TEXT, "", None),
        (FieldKind.TEXT, "a\x00", None),
        (FieldKind.TEXT, "x" * 2_001, None),
        (FieldKind.NUMBER, "2,50", 2.5),
        (FieldKind.NUMBER, "-3", -3),
        (FieldKind.NUMBER, "12345678901234567890", 12345678901234567890),
        (FieldKind.NUMBER, "1E5", 100_000.0),
        (FieldKind.NUMBER, "1e301", None),
        (FieldKind.NUMBER, "nan", None),
        (FieldKind.NUMBER, "٣", None),
        (FieldKind.NUMBER, "2 ml", None),
        (FieldKind.DATE, "2026-02-28", "2026-02-28"),
        (FieldKind.DATE, "2026-02-29", None),
        (FieldKind.DATE, "28.02.2026", None),
        (FieldKind.CHOICE, "edta", "EDTA"),
        (FieldKind.CHOICE, "Citrate", None),
        (FieldKind.YES_NO, "Yes", True),
        (FieldKind.YES_NO, "false", False),
        (FieldKind.YES_NO, "perhaps", None),
    ],
)
def test_what_is_typed_becomes_a_value_or_a_sentence(kind: FieldKind, text: str, value: object) -> None:
    if value is None:
        with pytest.raises(ValueError, match=r"^F must be .*\.$"):
            typed(field(kind), text)
    else:
        assert (typed(field(kind), text), type(typed(field(kind), text))) == (value, type(value))


def test_a_sample_is_held_against_the_fields_of_its_type() -> None:
    fields = (
        field(FieldKind.NUMBER, key="ml", name="Volume", required=True),
        field(FieldKind.TEXT, key="depth", name="Depth", required=True, sample_types=("tissue",)),
        field(FieldKind.YES_NO, key="old", name="Old", required=True, is_active=False),
    )

    def draft(sample_type: str, **metadata: Any) -> SampleDraft:
        return SampleDraft(name="x", sample_type=sample_type, metadata=metadata)

    assert draft("blood", ml=2, free=[1], old=7).problems(fields) == {}
    assert draft("blood").problems(fields) == {"metadata.ml": "Volume must be given."}
    assert draft("blood", ml=True, depth="3 mm").problems(fields) == {
        "metadata.ml": "Volume must be a number.",
        "metadata.depth": "Depth is not for samples of this type.",
    }
    # What was there and is not touched hinders nobody; what is touched must fit.
    before = draft("blood", ml="two", depth=1)
    assert draft("blood", ml="two", depth=1, free=2).problems(fields, before) == {}
    assert list(draft("blood", ml="three", depth=1).problems(fields, before)) == ["metadata.ml"]
    assert list(draft("blood", depth=1).problems(fields, before)) == ["metadata.ml"], "taken away"
    assert draft("blood").problems(fields, draft("blood")) == {}, "it never had one"
    assert list(draft("tissue").problems(fields, draft("blood"))) == ["metadata.depth"], "the new type wants it"


def test_values_are_shown_in_order_with_what_is_wrong() -> None:
    fields = (field(FieldKind.NUMBER, key="ml", name="Volume", unit="ml"), field(FieldKind.TEXT, key="box", name="Box"))
    shown = shown_values(fields, "blood", {"note": 1, "box": "B", "ml": "two"})
    assert [(each.name, each.unit, each.value) for each in shown] == [
        ("Volume", "ml", "two"),
        ("Box", "", "B"),
        ("note", "", 1),
    ]
    assert [each.problem is None for each in shown] == [False, True, True]


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"name": ""}, {"name"}),
        ({"name": "a\nb"}, {"name"}),
        ({"kind": FieldKind.CHOICE}, {"choices"}),
        ({"kind": FieldKind.CHOICE, "choices": ("a", "A")}, {"choices"}),
        ({"choices": ("a",)}, {"choices"}),
        ({"sample_types": ("Bone Marrow",)}, {"sample_types"}),
        ({"position": -1, "unit": "x" * 41}, {"position", "unit"}),
        ({"kind": FieldKind.CHOICE, "choices": choices_of('EDTA, "a, b",, Serum ')}, set()),
    ],
)
def test_a_field_has_problems_of_its_own(facts: dict[str, Any], wrong: set[str]) -> None:
    assert set(FieldDraft(**{"name": "Tube", "kind": FieldKind.TEXT} | facts).problems()) == wrong


def test_words_and_filters_of_a_search() -> None:
    words, conditions = split_search(
        'anna freezer:F3 volume_ml>=2,5 "Thawed on"<2026-11-21 "LAB:001" 5" end: box:"a ""b"""'
    )
    assert words == 'anna LAB:001 5" end:'
    assert [each.text for each in conditions] == [
        "freezer:F3",
        "volume_ml>=2,5",
        '"Thawed on"<2026-11-21',
        'box:"a ""b"""',
    ]
    assert split_search(search_text(words, conditions)) == (words, conditions)
    assert FieldCondition.parse("Thawed on = 21 November") == FieldCondition(
        "Thawed on", Comparison.EQUAL, "21 November"
    )
    for text in ("a:b " * 31, "x" * 501):
        with pytest.raises(InvalidInputError):
            split_search(text)


@given(st.text(min_size=1, max_size=20), st.sampled_from(Comparison), st.text(max_size=20))
def test_a_filter_is_read_back_from_its_text(name: str, comparison: Comparison, value: str) -> None:
    wanted = FieldCondition(name, comparison, value)
    try:
        assert FieldCondition.parse(wanted.text) == wanted
    except InvalidInputError:
        assert any(ord(each) < 32 or 126 < ord(each) < 160 for each in name + value)


numbers = st.one_of(st.floats(-1e300, 1e300), st.integers(-(10**20), 10**20))


@given(numbers, numbers)
def test_digits_of_numbers_sort_as_they_do_and_terms_find_what_is_greater(one: float, other: float) -> None:
    less, more = number_digits(min(one, other)), number_digits(max(one, other))
    assert less <= more
    terms = set(range_terms(less, greater=True))
    assert terms & {more[:length] for length in range(1, 5)}
    terms = set(range_terms(more, greater=False))
    assert terms & {less[:length] for length in range(1, 5)}


def test_two_people_change_different_fields_of_one_sample() -> None:
    base, mine, theirs = (
        SampleDraft(name="x", sample_type="blood", metadata=metadata)
        for metadata in ({"a": 1, "b": 1}, {"a": 2, "b": 1, "c": 3}, {"a": 1})
    )
    merged = merge(base, mine, theirs)
    assert (merged.clashes, dict(merged.draft.metadata)) == ((), {"a": 2, "c": 3})
    other = merge(base, mine, SampleDraft(name="x", sample_type="blood", metadata={"a": 5, "b": 7}))
    assert dict(other.draft.metadata) == {"a": 2, "b": 7, "c": 3}
    assert dict(other.settled({"metadata"}).metadata) == {"a": 5, "b": 7, "c": 3}
