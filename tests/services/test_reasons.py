"""What is done to people needs a reason where their center wants one, and leaves nothing half done without it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from desktop_app.db.audit import list_entries
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError
from desktop_app.services.records.users import Users
from tests.services.conftest import ROOT, World

WHY = "agreed on Monday"


@pytest.fixture
def strict(world: World) -> Iterator[None]:
    """Alpha wants a reason for everything, for the time of a test."""
    centers = world.lab(ROOT).centers

    def save(settings: dict[str, object]) -> None:
        center = centers.get("alpha")
        centers.update(center, replace(CenterDraft.of(center), settings=settings))

    save({"reasons": {"required": ["deactivate", "restore", "role", "keys"]}})
    yield
    save({})


@pytest.mark.usefixtures("strict")
def test_people_of_the_center(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    users = world.lab("a.admin").users
    user = users.get(somebody.username)
    acts: list[tuple[str, Callable[[Users, str], object]]] = [
        ("memberships", lambda users, why: users.change_role(user.id, Role.VIEWER, reason=why)),
        (
            "identities",
            lambda users, why: users.reset_password(user.id, "Granite-Window-99", keep_password=True, reason=why),
        ),
        ("users", lambda users, why: users.deactivate(user.id, reason=why)),
        ("users", lambda users, why: users.activate(user.id, reason=why)),
    ]
    for table, act in acts:
        before = users.get(user.id)
        for nothing in ("", " "):
            with pytest.raises(InvalidInputError, match="wants a reason"):
                act(users, nothing)
        assert users.get(user.id) == before
        act(users, WHY)
        with world.lab(ROOT)._context.shared.begin() as session:
            [entry, *_older] = list_entries(session, AuditFilter(table_name=table), None, 1)
        assert entry.reason == WHY
    with world.enter(replace(somebody, password="Granite-Window-99")) as lab:
        assert lab.user.role is Role.VIEWER


@pytest.mark.usefixtures("strict")
def test_somebody_moves_out_of_the_center(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    users = world.lab(ROOT).users
    with pytest.raises(InvalidInputError, match="wants a reason"):
        users.change_center(somebody.username, "beta")
    assert users.change_center(somebody.username, "beta", reason=WHY).user.role is Role.USER


@pytest.mark.usefixtures("strict")
def test_it_is_told_beforehand_by_the_centers_of_the_person_alone(world: World) -> None:
    users = world.lab(ROOT).users
    ours, theirs = world.person(Role.USER, "alpha"), world.person(Role.USER, "beta")
    verbs = (ReasonVerb.KEYS, ReasonVerb.DEACTIVATE, ReasonVerb.RESTORE)
    assert all(users.wants_reason(ours.username, verb) for verb in verbs)
    assert all(world.lab("a.admin").users.wants_reason(ours.username, verb) for verb in verbs)
    assert not any(users.wants_reason(theirs.username, verb) for verb in verbs)
    users.join(theirs.username, "alpha", Role.VIEWER)
    assert all(users.wants_reason(theirs.username, verb) for verb in verbs), "one center of several is enough"
    assert not users.wants_reason(theirs.username, ReasonVerb.DELETE)
    users.deactivate(theirs.username, reason=WHY)
    assert users.wants_reason(users.get(theirs.username).id, ReasonVerb.RESTORE), "his places wait for him"
    with pytest.raises(InvalidInputError, match="wants a reason"):
        users.activate(theirs.username)


@pytest.mark.usefixtures("strict")
def test_a_new_person_and_ones_own_password_need_none(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    with world.enter(somebody) as lab:
        lab.account.change_password(somebody.password, "Granite-Window-77")
    elsewhere = world.person(Role.USER, "beta")
    world.lab(ROOT).users.deactivate(elsewhere.username)
