"""Two people's edits of one record: what one of them changed is kept, what both changed is asked about."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft, UserDetails
from desktop_app.domain.merging import Change, Clash, merge
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from tests.ui.made_records import center, document, sample, user

# Few values, so that two people often type the same.
words = st.sampled_from(["", "one", "two", "three"])
drafts = st.builds(
    SampleDraft,
    name=words,
    sample_type=st.sampled_from(SampleType),
    barcode=words,
    metadata=st.dictionaries(words, st.integers(0, 1), max_size=1),
    results=words,
)
NAMES = [each.name for each in fields(SampleDraft)]


def changed(before: SampleDraft, after: SampleDraft) -> set[str]:
    return {name for name in NAMES if getattr(before, name) != getattr(after, name)}


@given(drafts, drafts, drafts)
def test_no_change_of_anybody_is_lost_unasked(base: SampleDraft, mine: SampleDraft, theirs: SampleDraft) -> None:
    merged = merge(base, mine, theirs)
    asked = {clash.field for clash in merged.clashes}
    for name in NAMES:
        if name == "metadata":  # key by key: tests/unit/test_fields.py
            continue
        before = getattr(base, name)
        new = [value for value in (getattr(mine, name), getattr(theirs, name)) if value != before]
        assert (name in asked) == (len(new) == 2 and new[0] != new[1])
        if name not in asked:
            assert getattr(merged.draft, name) == (new[0] if new else before)
    assert {change.field for change in merged.theirs} == changed(base, theirs) - changed(base, mine)
    for key in {*base.metadata, *mine.metadata, *theirs.metadata} if "metadata" not in asked else ():
        before, own, other, after = (each.metadata.get(key) for each in (base, mine, theirs, merged.draft))
        assert after == (other if own == before else own)


@given(drafts, drafts, drafts)
def test_mine_and_theirs_are_one_question_from_two_sides(
    base: SampleDraft, mine: SampleDraft, theirs: SampleDraft
) -> None:
    here, there = merge(base, mine, theirs), merge(base, theirs, mine)
    assert [(c.field, c.before, c.mine, c.theirs) for c in here.clashes] == [
        (c.field, c.before, c.theirs, c.mine) for c in there.clashes
    ]
    assert here.settled({clash.field for clash in here.clashes}) == there.draft


@given(drafts, drafts)
def test_alone_nothing_is_asked(base: SampleDraft, mine: SampleDraft) -> None:
    for merged in (merge(base, mine, base), merge(base, mine, mine)):
        assert (merged.draft, merged.clashes) == (mine, ())
    assert merge(base, base, mine).draft == mine
    assert merge(base, mine, base).theirs == ()


def test_each_field_is_chosen_by_itself() -> None:
    base = DocumentDraft(title="A", document_type="report", tags=("x",))
    mine = replace(base, title="mine", tags=("x", "mine"))
    theirs = replace(base, title="theirs", tags=("theirs",), document_type="consent")
    merged = merge(base, mine, theirs)
    assert merged.clashes == (
        Clash("title", "A", "mine", "theirs"),
        Clash("tags", ("x",), ("x", "mine"), ("theirs",)),
    )
    assert merged.theirs == (Change("document_type", "report", "consent"),)
    assert merged.settled({"tags"}) == DocumentDraft(title="mine", document_type="consent", tags=("theirs",))
    assert merged.settled(()) == merged.draft


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        (SampleDraft, sample(1, description="d", metadata={"tube": "EDTA"}, collected_place="ward 3", results="r")),
        (DocumentDraft, document(1, document_type="report", tags=("a", "b"))),
        (CenterDraft, center("Istanbul", "istanbul")),
        (UserDetails, user("berk", Role.USER, center("Istanbul", "istanbul"), last_name="Öz", phone="1")),
    ],
)
def test_a_draft_of_a_record_has_every_field_of_it(kind: Any, record: Any) -> None:
    draft = kind.of(record)
    for each in fields(kind):
        assert getattr(draft, each.name) == getattr(record, each.name)
