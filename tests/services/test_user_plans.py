"""Many people changed as one was shown, what one of them may see, and the samples of who leaves."""

from collections.abc import Callable
from uuid import UUID

import pytest

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, NotFoundError, RefusedError
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, World

At = Callable[[str, str], CenterServices]


def people(world: World, number: int) -> list[User]:
    root = world.lab(ROOT)
    return [root.users.get(world.person(Role.USER, "alpha").username) for _ in range(number)]


def test_people_change_one_by_one_and_back(world: World) -> None:
    root = world.lab(ROOT)
    plans, users = root.user_plans, root.users
    some = people(world, 3)
    me, admin = users.get(ROOT), users.get("a.admin")
    plan = plans.plan_role([*some, admin, me], Role.VIEWER)
    assert [each.name for each in plan.changes] == [*(each.username for each in some), "a.admin"]
    assert [str(each.why) for each in plan.left_alone] == ["Nobody changes his own role or ends his own account."]
    plan = plans.plan_role(some, Role.VIEWER)
    users.change_role(some[1].id, Role.ADMIN)
    result = plans.apply(plan)
    assert set(result.changed) == {some[0].id, some[2].id}
    assert [(each.id, str(each.why)) for each in result.left_alone] == [(some[1].id, "Somebody changed it meanwhile.")]
    back = plans.apply(result.undo())
    assert set(back.changed) == set(result.changed)
    assert [users.get(each.id).role for each in some] == [Role.USER, Role.ADMIN, Role.USER]
    again = plans.plan_role([users.get(each.id) for each in some], Role.USER)
    assert [str(each.why) for each in again.left_alone] == ["It is so already."] * 2


def test_people_go_and_come_back_and_who_is_stopped_is_said(world: World) -> None:
    root = world.lab(ROOT)
    plans, users = root.user_plans, root.users
    some = people(world, 3)
    beta = root.centers.get("beta").id

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise Cancelled

    result = plans.apply(plans.plan_active(some, active=False, new_keys=False), stop)
    assert [users.get(each.id).is_active for each in some] == [False, False, True]
    assert [(each.id, str(each.why)) for each in result.left_alone] == [(some[2].id, "It was stopped before.")]
    assert len(plans.apply(result.undo()).changed) == 2
    joined = plans.apply(plans.plan_join([users.get(each.id) for each in some], beta, Role.VIEWER))
    now = [users.get(each.id) for each in some]
    assert all(len(each.memberships) == 2 for each in now)
    assert [str(each.why) for each in plans.plan_role(now, Role.ADMIN).left_alone] == [
        "The person belongs to several centers; name one."
    ] * 3
    left = plans.apply(plans.plan_leave(now, beta, new_keys=False))
    assert len(left.changed) == len(joined.changed) == 3
    alone = plans.plan_leave([users.get(each.id) for each in some], root.centers.get("alpha").id)
    assert alone.changes == ()


def test_an_administrator_changes_the_people_of_his_center_only(world: World) -> None:
    admin = world.lab("a.admin")
    stranger = world.lab(ROOT).users.get("b.user")
    result = admin.user_plans.apply(admin.user_plans.plan_role([stranger], Role.ADMIN))
    assert result.changed == ()
    assert len(result.left_alone) == 1


def test_what_a_person_may_see_is_said_by_the_log_and_the_server(world: World) -> None:
    access = world.lab(ROOT).access.of("a.user")
    [place] = access.places
    assert (place.center, place.role, place.rights, place.signed_by) == ("Alpha Hospital", "user", "user", ROOT)
    assert place.since is not None
    assert access.agrees
    assert access.is_whole
    [whole, *_] = world.lab(ROOT).access.of(ROOT).places
    assert (whole.center_id, whole.role, whole.rights, whole.signed_by) == (None, "admin", "admin", "recovery kit")
    assert not world.lab("a.admin").access.of("a.user").is_whole
    with pytest.raises(NotFoundError):
        world.lab("a.admin").access.of("b.user")


def test_rights_that_were_given_past_labkeep_are_seen(world: World) -> None:
    root = world.lab(ROOT)
    user = root.users.get("a.viewer")
    group = f"{root.centers.get('beta').schema_name}_user"
    connection = world.superuser()
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"GRANT {group} TO {user.login}")
            access = root.access.of(user.id)
            found = {each.center: (each.role, each.rights) for each in access.places}
            assert found["Beta Institute"] == ("", "user")
            assert not access.agrees
            cursor.execute(f"REVOKE {group} FROM {user.login}")
    finally:
        connection.close()
    assert root.access.of(user.id).agrees


def test_the_samples_of_who_leaves_are_somebody_else_s(world: World, at: At) -> None:
    work = at("a.admin", "alpha")
    leaver, successor = people(world, 2)

    def of(user_id: UUID) -> int:
        return work.samples.count(SampleFilter(user_id=user_id, include_inactive=True)).number

    for name in ("one", "two", "three"):
        work.samples.create(SampleDraft(name=name, sample_type="blood", user_id=leaver.id))
    assert work.reassigning.count(leaver.id) == 3
    result = work.plans.apply(work.reassigning.plan(leaver.id, successor.id, "leaves"))
    assert (len(result.changed), of(leaver.id), of(successor.id)) == (3, 0, 3)
    work.plans.apply(work.plans.plan_undo(result.plan.id))
    assert (of(leaver.id), of(successor.id)) == (3, 0)
    with pytest.raises(RefusedError):
        work.reassigning.plan(leaver.id, world.lab(ROOT).users.get("b.user").id)
    assert work.reassigning.person(leaver.username).id == leaver.id
