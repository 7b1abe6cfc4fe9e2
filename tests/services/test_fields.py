"""Fields of a center through its services: defined by administrators, held against samples, renamed without loss."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from desktop_app.domain.drafts import CenterDraft, SampleDraft
from desktop_app.domain.field_filters import FieldCondition
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.paging import Count
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, World

At = Callable[[str, str], CenterServices]


def test_a_field_from_its_definition_to_another_name(world: World, at: At) -> None:
    """In a center of its own: another file's tests define fields in alpha."""
    name = world.unused("fields")
    center = world.lab(ROOT).centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
    admin, user = (world.colleague(role, name)[1].center(center.id) for role in (Role.ADMIN, Role.USER))
    volume = admin.fields.create(FieldDraft(name="volume_ml", kind=FieldKind.NUMBER, unit="ml"))
    box = admin.fields.create(FieldDraft(name="Box", kind=FieldKind.CHOICE, choices=("A", "B"), position=1))
    assert user.fields.list() == (box, volume)
    assert {box.id, volume.id}.isdisjoint(each.id for each in at("b.user", "beta").fields.list())
    with pytest.raises(InvalidInputError) as refused:
        user.samples.create(SampleDraft(name="x", sample_type="blood", metadata={"volume_ml": "2", "Box": "C"}))
    assert refused.value.problems == {
        "metadata.volume_ml": "volume_ml must be a number.",
        "metadata.Box": "Box must be one of these: A, B.",
    }, "all at once"
    sample = user.samples.create(SampleDraft(name="x", sample_type="blood", metadata={"volume_ml": 2.5, "Box": "A"}))

    renamed = admin.fields.update(volume, replace(FieldDraft.of(volume), name="Volume"))
    # Who read it before saves another property meanwhile: the new name stays.
    both = admin.fields.update(volume, replace(FieldDraft.of(volume), unit="µl"))
    assert (both.name, both.unit, both.key) == ("Volume", "µl", "volume_ml")
    for name in ("volume>2", "volume_ml>2"):
        wanted = SampleFilter(conditions=(FieldCondition.parse(name),))
        assert user.samples.list(wanted).rows == (sample,)
        assert user.samples.count(wanted) == Count(1)

    # A value that fits no more stays, and another field can be changed beside it.
    admin.fields.update(renamed, replace(FieldDraft.of(renamed), kind=FieldKind.DATE, unit=""))
    plan = user.plans.plan_edit([sample], {"metadata": {"Box": "B"}})
    assert user.plans.apply(plan).changed == (sample.id,)
    assert user.samples.get(sample.id).metadata == {"volume_ml": 2.5, "Box": "B"}
    refused_plan = user.plans.plan_edit([user.samples.get(sample.id)], {"metadata": {"Box": "C", "volume_ml": 3}})
    assert [str(each.why) for each in refused_plan.left_alone] == ["Box must be one of these: A, B."]
    user.plans.apply(user.plans.plan_undo(plan.id))
    assert user.samples.get(sample.id).metadata == {"volume_ml": 2.5, "Box": "A"}

    done = [entry.operation for entry in admin.audit.list() if entry.table_name == "fields"]
    assert done == ["update", "update", "update", "insert", "insert"]


def test_only_administrators_define_them(at: At) -> None:
    for who in ("a.user", "a.viewer"):
        with pytest.raises(RefusedError):
            at(who, "alpha").fields.create(FieldDraft(name="Colour", kind=FieldKind.TEXT))
    admin = at("a.admin", "alpha")
    with pytest.raises(InvalidInputError, match="name"):
        admin.fields.create(FieldDraft(name="", kind=FieldKind.TEXT))
    with pytest.raises(NotFoundError, match="no field Colour"):
        admin.fields.get("Colour")
    colour = admin.fields.create(FieldDraft(name="Colour", kind=FieldKind.TEXT, required=True), key="colour of tube")
    admin.fields.set_active(colour, active=False)
    assert admin.fields.get("COLOUR of tube") == replace(colour, is_active=False)
    assert colour.id not in [each.id for each in at("a.user", "alpha").fields.list()]
