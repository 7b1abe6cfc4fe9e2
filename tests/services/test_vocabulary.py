"""Sample types and rejection reasons are the center's own rows, changed by its administrators only."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.records import SampleType
from desktop_app.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.session.center_services import CenterServices

At = Callable[[str, str], CenterServices]


def test_every_center_begins_with_the_same_types(at: At) -> None:
    found = at("b.user", "beta").vocabulary.sample_types()
    assert [each.code for each in found] == [each.value for each in SampleType]
    assert [each.name for each in found] == ["Blood", "Urine", "Tissue", "Saliva", "Other"]
    assert at("b.user", "beta").vocabulary.rejection_reasons() == ()


def test_a_center_has_types_of_its_own(at: At) -> None:
    admin, user = at("a.admin", "alpha"), at("a.user", "alpha")
    marrow = admin.vocabulary.add_sample_type("bone-marrow", "Bone marrow", 2)
    sample = user.samples.create(SampleDraft(name="Hip", sample_type=marrow.code))
    assert (sample.sample_type, sample.type_name) == ("bone-marrow", "Bone marrow")
    assert sample in user.samples.list(SampleFilter(sample_type="bone-marrow")).rows
    with pytest.raises(InvalidInputError, match="sample_type"):
        at("b.user", "beta").samples.create(SampleDraft(name="Hip", sample_type=marrow.code))

    admin.vocabulary.change_sample_type(replace(marrow, name="Marrow", is_active=False))
    assert marrow.code not in [each.code for each in user.vocabulary.sample_types()]
    again = user.samples.update(sample, replace(SampleDraft.of(sample), name="Left hip"))
    assert again.type_name == "Marrow", "a sample keeps its type"
    with pytest.raises(InvalidInputError, match="no such sample type in use"):
        user.samples.create(SampleDraft(name="Rib", sample_type=marrow.code))
    with pytest.raises(InvalidInputError, match="no such sample type in use"):
        user.samples.create(SampleDraft(name="Rib", sample_type="moon-rock"))
    changed = [entry for entry in admin.audit.list() if entry.table_name == "sample_types"]
    assert [entry.operation for entry in changed] == ["update", "insert"]


def test_reasons_are_kept_in_the_centers_order(at: At) -> None:
    admin = at("a.admin", "alpha").vocabulary
    late, early = admin.add_rejection_reason("Haemolysed", 2), admin.add_rejection_reason("Too little", 1)
    assert [each.name for each in at("a.viewer", "alpha").vocabulary.rejection_reasons()] == [early.name, late.name]
    admin.change_rejection_reason(replace(late, is_active=False))
    assert admin.rejection_reasons() == (early,)
    assert len(admin.rejection_reasons(include_inactive=True)) == 2
    with pytest.raises(ConflictError):
        admin.add_rejection_reason("Too little")


def test_what_is_new_comes_last(at: At) -> None:
    admin = at("a.admin", "alpha").vocabulary
    made = admin.add_sample_type("plasma", "Plasma")
    assert admin.sample_types(include_inactive=True)[-1] == made
    first, second = admin.add_rejection_reason("Thawed"), admin.add_rejection_reason("Leaked")
    assert admin.rejection_reasons(include_inactive=True)[-2:] == (first, second)


def test_only_administrators_change_them_and_nonsense_is_refused(at: At) -> None:
    for who in ("a.user", "a.viewer"):
        with pytest.raises(RefusedError):
            at(who, "alpha").vocabulary.add_sample_type("hair", "Hair")
    admin = at("a.admin", "alpha").vocabulary
    blood = admin.sample_types()[0]
    for code, name in (("Hair", "Hair"), ("", "Hair"), ("hair", ""), ("hair", "a\nb"), ("hair", "x" * 81)):
        with pytest.raises(InvalidInputError):
            admin.add_sample_type(code, name)
    with pytest.raises(ConflictError):
        admin.add_sample_type("blood", "Blood")
    with pytest.raises(NotFoundError):
        admin.change_sample_type(replace(blood, code="hair"))
