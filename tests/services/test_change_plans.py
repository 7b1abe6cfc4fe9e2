"""Many records changed as one: shown before, done in one transaction, named where they were not, undone as one."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desktop_app.domain.change_plan import ChangePlan, PlanAction
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.filters import AuditFilter, SampleFilter
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.paging import pages
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from tests.services.conftest import World
from tests.services.killed_child import sign_in_keys, started


@pytest.fixture
def work(newcomer: Lab) -> Iterator[CenterServices]:
    with newcomer.center("alpha") as opened:
        yield opened


def made(work: CenterServices, number: int, **fields: Any) -> list[Sample]:
    draft = SampleDraft(name="Tube", sample_type="blood", **fields)
    return [work.samples.create(draft) for _ in range(number)]


def now(work: CenterServices, samples: Sequence[Sample]) -> list[Sample]:
    return [work.samples.get(sample.id) for sample in samples]


def whys(plan: ChangePlan) -> dict[str, str]:
    return {left.name: str(left.why) for left in plan.left_alone}


def test_a_step_of_many_is_one_transaction_and_is_undone_as_one(work: CenterServices, world: World) -> None:
    samples = made(work, 5)
    done_already = work.samples.step(samples[4], Step.PROCESS)
    plan = work.plans.plan_step([*samples[:4], done_already], Step.PROCESS)
    assert [change.name for change in plan.changes] == [sample.barcode for sample in samples[:4]]
    assert [(dict(change.before), dict(change.after)) for change in plan.changes] == [
        ({"status": "pending"}, {"status": "processing"})
    ] * 4
    assert whys(plan) == {samples[4].barcode: "This sample is processing already."}
    assert [sample.status for sample in now(work, samples[:4])] == [SampleStatus.PENDING] * 4, "nothing changed yet"

    result = work.plans.apply(plan)
    assert set(result.changed) == {sample.id for sample in samples[:4]}
    assert result.left_alone == plan.left_alone
    assert [sample.status for sample in now(work, samples)] == [SampleStatus.PROCESSING] * 5
    with world.lab("a.admin").center("alpha") as admin:
        entries = [entry for sample in samples[:4] for entry in admin.audit.list(AuditFilter(row_id=sample.id))][::2]
        assert {entry.link for entry in entries} == {plan.id}, "each entry names the plan"
        verdict = admin.audit.verify()
        assert (verdict.fault, verdict.changed) == (None, ())

    made_plan, changes = work.plans.get(plan.id)
    assert (made_plan.action, made_plan.rows, made_plan.undone) == (PlanAction.PROCESS, 4, 0)
    assert {change.state for change in changes} == {"unchanged"}
    undo = work.plans.plan_undo(plan.id)
    assert len(undo.changes) == 4
    assert undo.left_alone == ()
    assert len(work.plans.apply(undo).changed) == 4
    again = now(work, samples)
    assert [sample.status for sample in again] == [SampleStatus.PENDING] * 4 + [SampleStatus.PROCESSING]
    assert [sample.processing_started_at for sample in again[:4]] == [None] * 4
    assert work.plans.get(plan.id)[0].undone == 4
    assert set(whys(work.plans.plan_undo(plan.id)).values()) == {"It was undone already."}


def test_who_was_changed_between_looking_and_doing_is_left_alone_and_named(work: CenterServices, world: World) -> None:
    samples = made(work, 4)
    plan = work.plans.plan_edit(samples, {"collected_place": "Ward 3", "metadata": {"freezer": "F3"}})
    with world.lab("a.admin").center("alpha") as admin:
        other = admin.samples.get(samples[1].id)
        admin.samples.update(other, SampleDraft(name="Not yours", sample_type="blood"))
    result = work.plans.apply(plan)
    assert set(result.changed) == {samples[0].id, samples[2].id, samples[3].id}
    assert [(left.name, str(left.why)) for left in result.left_alone] == [
        (samples[1].barcode, "Somebody changed it meanwhile.")
    ]
    found = now(work, samples)
    assert [sample.collected_place for sample in found] == ["Ward 3", "", "Ward 3", "Ward 3"]
    assert found[1].name == "Not yours"
    # And the same when it is undone: who was changed since keeps what he has.
    work.samples.update(found[2], SampleDraft(name="Changed since", sample_type="blood"))
    undo = work.plans.plan_undo(plan.id)
    assert whys(undo) == {samples[2].barcode: "Somebody changed it since."}
    work.plans.apply(undo)
    places = [(sample.collected_place, dict(sample.metadata)) for sample in now(work, samples)]
    assert places == [("", {}), ("", {}), ("", {}), ("", {})]


def test_what_is_so_already_is_not_changed(work: CenterServices) -> None:
    samples = made(work, 2, metadata={"freezer": "F1", "box": 4})
    plan = work.plans.plan_edit(samples, {"metadata": {"freezer": "F1"}})
    assert plan.changes == ()
    assert set(whys(plan).values()) == {"It is so already."}
    assert work.plans.apply(plan).changed == ()
    with pytest.raises(NotFoundError):
        work.plans.get(plan.id)
    plan = work.plans.plan_edit(samples, {"metadata": {"box": None, "rack": "R2"}})
    work.plans.apply(plan)
    assert [dict(sample.metadata) for sample in now(work, samples)] == [{"freezer": "F1", "rack": "R2"}] * 2


@pytest.mark.parametrize("changes", [{"barcode": "B-1"}, {"status": "archived"}, {"created_by": "x"}, {}])
def test_what_many_samples_cannot_be_given_is_refused(work: CenterServices, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        work.plans.plan_edit(made(work, 1), changes)


def test_a_value_that_does_not_fit_leaves_the_sample_alone(work: CenterServices) -> None:
    plan = work.plans.plan_edit(made(work, 1), {"collected_place": "x" * 201})
    assert plan.changes == ()
    assert next(iter(whys(plan).values())) == "At most 200 characters; these are 201."


def test_a_plan_is_carried_out_once(work: CenterServices) -> None:
    samples = made(work, 2)
    plan = work.plans.plan_active(samples, active=False)
    first, second = work.plans.apply(plan), work.plans.apply(plan)
    assert set(first.changed) == set(second.changed) == {sample.id for sample in samples}
    assert [sample.row_version for sample in now(work, samples)] == [2, 2]
    assert [found.id for found in work.plans.list()].count(plan.id) == 1


def test_an_undo_is_undone(work: CenterServices) -> None:
    samples = made(work, 2)
    plan = work.plans.plan_active(samples, active=False)
    work.plans.apply(plan)
    undo = work.plans.plan_undo(plan.id)
    work.plans.apply(undo)
    assert all(sample.is_active for sample in now(work, samples))
    work.plans.apply(work.plans.plan_undo(undo.id))
    assert not any(sample.is_active for sample in now(work, samples))


def test_a_rejection_and_an_archiving_are_undone_with_their_reason(world: World) -> None:
    with world.lab("a.admin").center("alpha") as admin:
        samples = made(admin, 2)
        rejected = admin.plans.plan_step(samples, Step.REJECT, "haemolysed")
        admin.plans.apply(rejected)
        archived = admin.plans.plan_step(now(admin, samples), Step.ARCHIVE)
        admin.plans.apply(archived)
        assert [str(left.why) for left in admin.plans.plan_edit(now(admin, samples), {"name": "x"}).left_alone] == [
            "An archived sample is read-only."
        ] * 2
        for plan_id, status in ((archived.id, SampleStatus.REJECTED), (rejected.id, SampleStatus.PENDING)):
            admin.plans.apply(admin.plans.plan_undo(plan_id))
            assert [sample.status for sample in now(admin, samples)] == [status] * 2
        assert [sample.rejection_reason for sample in now(admin, samples)] == ["", ""]


def test_only_who_made_a_plan_or_an_administrator_undoes_it(work: CenterServices, world: World) -> None:
    plan = work.plans.plan_step(made(work, 1), Step.PROCESS)
    work.plans.apply(plan)
    with world.enter(world.person(Role.USER, "alpha")) as lab, lab.center("alpha") as colleague:
        undo = colleague.plans.plan_undo(plan.id)
        with pytest.raises(RefusedError, match="Only who made these changes"):
            colleague.plans.apply(undo)
    with world.enter(world.person(Role.VIEWER, "alpha")) as lab, lab.center("alpha") as viewer:
        assert viewer.plans.get(plan.id)[0].rows == 1
        with pytest.raises(RefusedError):
            viewer.plans.apply(viewer.plans.plan_undo(plan.id))
    with world.lab("a.admin").center("alpha") as admin:
        assert len(admin.plans.apply(admin.plans.plan_undo(plan.id)).changed) == 1


def test_a_responsible_person_who_left_is_not_brought_back(world: World) -> None:
    leaver = world.person(Role.USER, "alpha")
    with world.lab("a.admin").center("alpha") as admin:
        people = {person.username: person.id for person in admin.people.list()}
        samples = made(admin, 2, user_id=people[leaver.username])
        plan = admin.plans.plan_edit(samples, {"user_id": people["a.admin"]})
        admin.plans.apply(plan)
    world.lab("a.admin").users.deactivate(leaver.username)
    with world.lab("a.admin").center("alpha") as admin:
        undo = admin.plans.plan_undo(plan.id)
        assert undo.changes == ()
        why = "Who was responsible for it then is no member any more."
        assert whys(undo) == {sample.barcode: why for sample in samples}


def test_what_the_record_forgot_is_not_brought_back(world: World) -> None:
    with world.lab("a.admin").center("alpha") as admin:
        samples = made(admin, 2)
        plan = admin.plans.plan_edit(samples, {"description": "Patient Ada Tekin"})
        admin.plans.apply(plan)
        admin.audit.erase(samples[0].id, "asked for")
        undo = admin.plans.plan_undo(plan.id)
        assert whys(undo) == {samples[0].barcode: "What it was before was erased."}
        _made, changes = admin.plans.get(plan.id)
        assert [dict(change.after) for change in changes] == [{}, {"description": "Patient Ada Tekin"}]


MANY = """
    INSERT INTO {schema}.samples (id, name, sample_type, barcode, user_id)
    SELECT gen_random_uuid(), %(name)s, 'blood', %(name)s || n, (SELECT id FROM {schema}.people LIMIT 1)
    FROM generate_series(1, %(number)s) AS n
"""


@pytest.mark.parametrize(("number", "edited"), [(300, 30), pytest.param(10_000, 100, marks=pytest.mark.full)])
def test_exactly_those_that_a_colleague_edits_meanwhile_are_named_and_untouched(
    world: World, tmp_path: Path, number: int, edited: int
) -> None:
    name = f"bulk-{number}-"
    with world.lab("a.admin").center("alpha") as admin:
        found = many(world, admin, name, number)
        plan = admin.plans.plan_edit(found, {"collected_place": "Ward 3"})
        with Colleague(world, tmp_path, found[:: number // edited][:edited]) as colleague:
            others = colleague.edited()
        assert len(others) == edited
        result = admin.plans.apply(plan)
        assert set(result.changed) == {sample.id for sample in found} - others
        assert {left.id for left in result.left_alone} == others
        after = all_named(admin, name, number)
        assert {(each.name, each.collected_place) for each in after if each.id in others} == {("A colleague's", "")}
        assert {each.collected_place for each in after if each.id not in others} == {"Ward 3"}
        undo = admin.plans.plan_undo(plan.id)
        assert len(admin.plans.apply(undo).changed) == number - edited
        assert admin.audit.verify().is_sound


# 40,000 take longer than the five seconds after which others end a transaction that is in their way.
@pytest.mark.parametrize(("number", "edited"), [(300, 30), pytest.param(40_000, 100, marks=pytest.mark.full)])
def test_a_colleague_who_edits_during_a_change_of_many_has_edited_or_is_told(
    world: World, tmp_path: Path, number: int, edited: int
) -> None:
    """Each of those samples is his alone or the plan's alone, and both are told so."""
    name = f"during-{number}-"
    with world.lab("a.admin").center("alpha") as admin:
        found = many(world, admin, name, number)
        plan = admin.plans.plan_edit(found, {"collected_place": "Ward 3"})
        with Colleague(world, tmp_path, found[:: number // edited][:edited]) as colleague:
            colleague.say_once()
            result = admin.plans.apply(plan)
            others = colleague.edited()
        assert others
        assert {left.id for left in result.left_alone} == others
        assert set(result.changed) == {sample.id for sample in found} - others
        after = all_named(admin, name, number)
        assert {each.id for each in after if each.name == "A colleague's"} == others
        assert {each.id for each in after if each.collected_place == "Ward 3"} == set(result.changed)
        assert {each.row_version for each in after} == {2}
        assert admin.audit.verify().is_sound


def many(world: World, work: CenterServices, name: str, number: int) -> list[Sample]:
    with world.superuser() as connection, connection.cursor() as cursor:
        cursor.execute(MANY.format(schema=work.center.schema_name), {"name": name, "number": number})
    found = all_named(work, name, number)
    assert len(found) == number
    return found


def all_named(work: CenterServices, name: str, number: int) -> list[Sample]:
    return list(pages(lambda after, size: work.samples.list(SampleFilter(search=f"{name}"), after, size), number))


class Colleague:
    """Somebody who edits these samples in a process of his own."""

    def __init__(self, world: World, home: Path, samples: Sequence[Sample]) -> None:
        somebody = world.person(Role.USER, "alpha")
        call: dict[str, object] = {
            "keys": sign_in_keys(world.profile, somebody.username, somebody.password),
            "center": "alpha",
            "samples": [str(sample.id) for sample in samples],
        }
        self._wanted = {sample.id for sample in samples}
        self._said: dict[UUID, str] = {}
        self._process = started("editing_child", world.profile, home / "colleague", "", **call)
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the colleague's program ended"
        return line

    def say_once(self) -> None:
        """Wait until he has edited one more."""
        told = json.loads(self._line())
        self._said[UUID(told["id"])] = told["said"]

    def edited(self) -> set[UUID]:
        """Those that he edited, when he is through; the others were refused to him."""
        while self._said.keys() != self._wanted:
            self.say_once()
        return {each for each, said in self._said.items() if said == "edited"}

    def __enter__(self) -> "Colleague":
        return self

    def __exit__(self, *_: object) -> None:
        _told, errors = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, errors
