"""Many documents given to one sample as one plan: signed each, shown before, named where not, undone as one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.domain.change_plan import ChangePlan, PlanAction
from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.lifecycle import Step
from desktop_app.domain.records import Document, Sample
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, RefusedError
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from tests.services.conftest import World


@pytest.fixture
def work(newcomer: Lab) -> Iterator[CenterServices]:
    with newcomer.center("alpha") as opened:
        yield opened


def sample(work: CenterServices) -> Sample:
    return work.samples.create(SampleDraft(name="Patient", sample_type="blood"))


def documents(work: CenterServices, folder: Path, number: int, of: Sample | None = None) -> list[Document]:
    paths = [folder / f"finding-{at}.txt" for at in range(number)]
    for path in paths:
        path.write_text(path.name)
    added = work.documents.add(paths, sample_id=of.id if of else None).results
    return [work.documents.get(each.id) for each in added if each.id]


def now(work: CenterServices, found: list[Document]) -> list[Document]:
    return [work.documents.get(each.id) for each in found]


def whys(plan: ChangePlan) -> dict[str, str]:
    return {left.name: str(left.why) for left in plan.left_alone}


def samples_of(work: CenterServices, found: list[Document]) -> list[str]:
    return [each.sample_barcode for each in now(work, found)]


def trusted(work: CenterServices, found: list[Document]) -> None:
    """What each is called is what was signed last, and its content is whole."""
    assert [each.problem for each in work.documents.verify(now(work, found))] == [None] * len(found)


def archived(world: World, work: CenterServices, one: Sample) -> None:
    for step in (Step.PROCESS, Step.COMPLETE):
        work.samples.step(work.samples.get(one.id), step)
    with world.lab("a.admin").center("alpha") as admin:
        admin.samples.step(admin.samples.get(one.id), Step.ARCHIVE)


def test_documents_go_to_a_sample_as_one_and_back(world: World, work: CenterServices, tmp_path: Path) -> None:
    old, new = sample(work), sample(work)
    found = [*documents(work, tmp_path, 2), *documents(work, tmp_path, 1, old)]
    there = documents(work, tmp_path, 1, new)
    off = work.documents.deactivate(documents(work, tmp_path, 1)[0])
    plan = work.plans.plan_attach([*found, *there, off], new, "  the right patient ")
    assert [(dict(each.before), dict(each.after)) for each in plan.changes] == [
        ({"sample_id": None}, {"sample_id": str(new.id)}),
        ({"sample_id": None}, {"sample_id": str(new.id)}),
        ({"sample_id": str(old.id)}, {"sample_id": str(new.id)}),
    ]
    assert [str(left.why) for left in plan.left_alone] == ["It is so already.", "It is deactivated."]
    assert samples_of(work, found) == ["", "", old.barcode], "nothing changed yet"

    assert set(work.plans.apply(plan).changed) == {each.id for each in found}
    assert set(work.plans.apply(plan).changed) == {each.id for each in found}, "done twice it is done once"
    assert samples_of(work, found) == [new.barcode] * 3
    trusted(work, found)
    made, changes = work.plans.get(plan.id)
    assert (made.action, made.rows, made.reason) == (PlanAction.ATTACH, 3, "the right patient")
    assert {each.state for each in changes} == {"unchanged"}

    undo = work.plans.plan_undo(plan.id)
    assert len(work.plans.apply(undo).changed) == 3
    assert samples_of(work, found) == ["", "", old.barcode]
    trusted(work, found)
    redo = work.plans.apply(work.plans.plan_undo(undo.id))
    assert len(redo.changed) == 3
    assert samples_of(work, found) == [new.barcode] * 3
    trusted(work, found)
    with world.lab("a.admin").center("alpha") as admin:
        verdict = admin.audit.verify()
        assert (verdict.fault, verdict.changed) == (None, ())


def test_documents_are_taken_from_their_samples(work: CenterServices, tmp_path: Path) -> None:
    found = documents(work, tmp_path, 2, sample(work))
    work.plans.apply(work.plans.plan_attach(found, None))
    assert samples_of(work, found) == ["", ""]
    trusted(work, found)


def test_who_was_changed_meanwhile_or_since_is_left_alone_and_named(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    new, found = sample(work), documents(work, tmp_path, 4)
    plan = work.plans.plan_attach(found, new)
    with world.lab("a.admin").center("alpha") as admin:
        other = admin.documents.get(found[1].id)
        admin.documents.update(other, replace(DocumentDraft.of(other), title="Renamed meanwhile"))
    result = work.plans.apply(plan)
    assert [(left.name, str(left.why)) for left in result.left_alone] == [
        (found[1].title, "Somebody changed it meanwhile.")
    ]
    renamed, moved = work.documents.get(found[2].id), work.documents.get(found[3].id)
    work.documents.update(renamed, replace(DocumentDraft.of(renamed), title="Renamed since"))
    # What was taken back since hinders nothing: it is again what the plan left.
    again = work.documents.update(moved, replace(DocumentDraft.of(moved), sample_id=None))
    work.documents.update(again, replace(DocumentDraft.of(again), sample_id=new.id))
    undo = work.plans.plan_undo(plan.id)
    assert whys(undo) == {"Renamed since": "Somebody changed it since."}
    work.plans.apply(undo)
    assert samples_of(work, found) == ["", "", new.barcode, ""]
    trusted(work, found)


def test_an_archived_sample_takes_none_and_gives_none(world: World, work: CenterServices, tmp_path: Path) -> None:
    shut, away, new = sample(work), sample(work), sample(work)
    found = documents(work, tmp_path, 1, shut)
    archived(world, work, shut)
    plan = work.plans.plan_attach(found, new)
    assert (plan.changes, whys(plan)) == ((), {found[0].title: "Its sample is archived."})
    work.samples.deactivate(away)
    for wrong in (shut, away):
        with pytest.raises(InvalidInputError) as problem:
            work.plans.plan_attach(documents(work, tmp_path, 1), work.samples.get(wrong.id))
        assert set(problem.value.problems) == {"sample_id"}


def test_a_sample_that_was_shut_between_looking_and_doing_keeps_its_own_alone(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    shut, new = sample(work), sample(work)
    loose, own = documents(work, tmp_path, 1), documents(work, tmp_path, 1, shut)
    plan = work.plans.plan_attach([*loose, *own], new)
    archived(world, work, shut)
    result = work.plans.apply(plan)
    assert result.changed == (loose[0].id,)
    assert [(left.id, str(left.why)) for left in result.left_alone] == [(own[0].id, "Its sample is archived.")]
    assert samples_of(work, [*loose, *own]) == [new.barcode, shut.barcode]
    trusted(work, [*loose, *own])
    assert work.plans.get(plan.id)[0].rows == 1


@pytest.mark.parametrize("way", ["archived", "deactivated", "deleted"])
def test_a_sample_that_takes_none_any_more_when_it_is_done_gets_none(
    world: World, work: CenterServices, tmp_path: Path, way: str
) -> None:
    target, found = sample(work), documents(work, tmp_path, 2)
    plan = work.plans.plan_attach(found, target)
    if way == "archived":
        archived(world, work, target)
    else:
        work.samples.deactivate(target)
    if way == "deleted":
        with world.lab("a.admin").center("alpha") as admin:
            admin.deletion.delete(admin.deletion.look([admin.samples.get(target.id)]))
    result = work.plans.apply(plan)
    assert result.changed == ()
    assert [(left.id, str(left.why)) for left in result.left_alone] == [
        (each.id, "That sample takes no documents any more.") for each in found
    ]
    assert samples_of(work, found) == ["", ""]
    trusted(work, found)


def test_documents_of_a_sample_that_was_archived_meanwhile_stay_in_use(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    shut = sample(work)
    found = [*documents(work, tmp_path, 1), *documents(work, tmp_path, 1, shut)]
    plan = work.plans.plan_active(found, active=False)
    archived(world, work, shut)
    result = work.plans.apply(plan)
    assert result.changed == (found[0].id,)
    assert [(left.id, str(left.why)) for left in result.left_alone] == [(found[1].id, "Its sample is archived.")]


def test_what_cannot_go_back_is_named(world: World, work: CenterServices, tmp_path: Path) -> None:
    closed, gone, new = sample(work), sample(work), sample(work)
    found = [*documents(work, tmp_path, 1, closed), *documents(work, tmp_path, 1, gone)]
    found[1] = work.documents.update(found[1], replace(DocumentDraft.of(found[1]), title="Other"))
    plan = work.plans.plan_attach(found, new)
    work.plans.apply(plan)
    archived(world, work, closed)
    with world.lab("a.admin").center("alpha") as admin:
        admin.samples.deactivate(admin.samples.get(gone.id))
        admin.deletion.delete(admin.deletion.look([admin.samples.get(gone.id)]))
    assert whys(work.plans.plan_undo(plan.id)) == {
        found[0].title: "Its sample is archived.",
        "Other": "The sample that it belonged to is not there any more.",
    }


def test_others_undo_it_only_as_administrators(world: World, work: CenterServices, tmp_path: Path) -> None:
    found = documents(work, tmp_path, 2)
    plan = work.plans.plan_attach(found, sample(work))
    work.plans.apply(plan)
    with world.enter(world.person(Role.USER, "alpha")) as lab, lab.center("alpha") as colleague:
        undo = colleague.plans.plan_undo(plan.id)
        with pytest.raises(RefusedError):
            colleague.plans.apply(undo)
    with world.lab("a.admin").center("alpha") as admin:
        assert len(admin.plans.apply(admin.plans.plan_undo(plan.id)).changed) == 2
    trusted(work, found)
