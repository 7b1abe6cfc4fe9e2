"""Centers: made whole or not at all, closed for everybody, and by whom."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desktop_app.db.errors import NotAllowedError
from desktop_app.domain.drafts import CenterDraft, SampleDraft, UserDraft
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.records import Center, SampleType
from desktop_app.domain.rights import Role, Verb
from desktop_app.errors import ConflictError, InvalidInputError, LabkeepError, NotFoundError, RefusedError
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, Person, World
from tests.services.database_state import database_state
from tests.services.test_users import unchanged

Act = Callable[[Lab, Center], object]

VERBS: dict[str, Act] = {
    "create": lambda lab, _center: lab.centers.create(CenterDraft(name="Not made", slug="not-made")),
    "rename": lambda lab, center: lab.centers.update(center, replace(draft_of(center), name="Renamed")),
    "change the slug": lambda lab, center: lab.centers.update(center, replace(draft_of(center), slug="renamed")),
    "describe": lambda lab, center: lab.centers.update(center, replace(draft_of(center), description="Other")),
    "set": lambda lab, center: lab.centers.update(center, replace(draft_of(center), settings={"a": 1})),
    "deactivate": lambda lab, center: lab.centers.deactivate(center.id),
    "restore": lambda lab, center: lab.centers.restore(center.id),
}


def draft_of(center: Center) -> CenterDraft:
    return CenterDraft(name=center.name, slug=center.slug, description=center.description, settings=center.settings)


def new_center(world: World, stem: str) -> Center:
    slug = world.unused(stem).replace(".", "-")
    return world.lab(ROOT).centers.create(CenterDraft(name=slug.title(), slug=slug))


@pytest.mark.parametrize("actor", ["a.viewer", "a.user", "b.admin", "a.admin"])
def test_who_may_do_nothing_changes_nothing(world: World, actor: str) -> None:
    lab, center = world.lab(actor), world.lab(ROOT).centers.get("alpha")
    allowed = {"describe", "set"} if actor == "a.admin" else set()
    world.put_openings_down()
    before = database_state(world)
    for verb in VERBS.keys() - allowed:
        with pytest.raises((RefusedError, NotFoundError)) as caught:
            VERBS[verb](lab, center)
        assert str(caught.value).endswith("."), verb
    assert database_state(world) == before


def test_a_center_is_what_its_people_see(world: World) -> None:
    for username, slugs in (("a.viewer", {"alpha"}), ("b.user", {"beta"})):
        lab = world.lab(username)
        assert {center.slug for center in lab.centers.list().rows} == slugs
        assert lab.centers.count().number == 1
    for ref in ("beta", "Beta Institute", world.lab(ROOT).centers.get("beta").id, "unknown"):
        for act in (world.lab("a.admin").centers.get, world.lab("a.admin").centers.stats):
            with pytest.raises(NotFoundError):
                act(ref)


def test_an_administrator_edits_what_is_his(world: World) -> None:
    centers = world.lab("a.admin").centers
    seen = centers.get("alpha")
    edited = centers.update(seen, replace(draft_of(seen), description="Ward 3", settings={"color": "teal"}))
    assert (edited.description, edited.settings) == ("Ward 3", {"color": "teal"})
    with pytest.raises(ConflictError):
        centers.update(seen, replace(draft_of(seen), description="Stale"))


def test_a_system_administrator_renames(world: World) -> None:
    center = new_center(world, "old")
    slug = world.unused("new").replace(".", "-")
    renamed = world.lab(ROOT).centers.update(center, replace(draft_of(center), name="İzmir Ünit", slug=slug))
    assert (renamed.name, renamed.slug, renamed.schema_name) == ("İzmir Ünit", slug, center.schema_name)
    assert world.lab(ROOT).centers.get("İzmir Ünit").id == center.id
    assert world.lab(ROOT).center(center.id)._context.keys().active == 1


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "ALPHA hospital"}),
        ("slug", {"slug": "alpha"}),
        ("name", {"name": ""}),
        ("name", {"name": "x" * 121}),
        ("slug", {"slug": "Not A Slug"}),
        ("slug", {"slug": ""}),
        ("slug", {"slug": "-x"}),
        ("description", {"description": "x" * 4001}),
        ("settings", {"settings": {"a": float("nan")}}),
        ("settings", {"settings": ["no object"]}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world: World, field: str, changes: dict[str, Any]) -> None:
    """No role, schema, key or entry of the trust log is left of it."""
    root = world.lab(ROOT)
    draft = replace(CenterDraft(name="Quite new", slug="quite-new"), **changes)
    error = unchanged(world, partial(root.centers.create, draft), InvalidInputError)
    assert isinstance(error, InvalidInputError)
    assert set(error.problems) == {field}
    other = root.centers.get("beta")
    edit = replace(draft_of(other), **changes)
    error = unchanged(world, partial(root.centers.update, other, edit), InvalidInputError)
    assert isinstance(error, InvalidInputError)
    assert set(error.problems) == {field}


def test_a_closed_center_is_closed_for_everybody(world: World, tmp_path: Path) -> None:
    """Also for a window that was open, and for a system administrator, until it is restored."""
    root = world.lab(ROOT)
    center = new_center(world, "closing")
    somebody = world.person(Role.ADMIN, center.slug)
    path = tmp_path / "kept.txt"
    path.write_bytes(b"kept")
    with world.enter(somebody) as lab:
        work = lab.center(center.id)
        saved = work.documents.add([path]).results[0]
        assert saved.id is not None
        closed = root.centers.deactivate(center.slug)
        assert not closed.is_active
        for act in (
            lambda: work.documents.get(str(saved.id)),
            lambda: work.samples.create(SampleDraft(name="late", sample_type=SampleType.BLOOD)),
            lambda: root.center(center.id).documents.list(),
            lambda: root.center(root.centers.get(center.id)).samples.create(
                SampleDraft(name="late", sample_type=SampleType.BLOOD)
            ),
            lambda: lab.users.deactivate(somebody.username),
            lambda: work.documents.add([path]),
        ):
            with pytest.raises(RefusedError):
                act()
        assert not root.center(root.centers.get(center.id)).may(Verb.EDIT_SAMPLES)
        assert root.centers.stats(center.id).documents == 1
        assert center.slug not in {row.slug for row in root.centers.list().rows}
        assert center.slug in {row.slug for row in root.centers.list(CenterFilter(include_inactive=True)).rows}
        assert root.centers.restore(center.id).is_active
        assert root.centers.restore(center.id).is_active, "twice is once"
        assert work.documents.content(work.documents.get(saved.id)) == b"kept"


def test_people_of_a_closed_center(world: World) -> None:
    """A system administrator still makes, resets and removes them; a new system administrator gets its key too."""
    root = world.lab(ROOT)
    center = new_center(world, "shut")
    root.centers.deactivate(center.id)
    somebody = world.person(Role.USER, center.slug)
    with pytest.raises(RefusedError, match="is deactivated"):
        world.enter(somebody)
    root.users.reset_password(somebody.username, somebody.password, keep_password=True)
    promoted = world.person(Role.ADMIN, None)
    root.centers.restore(center.id)
    for username in (somebody, promoted):
        with world.enter(username) as lab:
            assert lab.center(center.id)._context.keys().active == 1
    root.users.deactivate(promoted.username)


def test_centers_made_at_the_same_time(world: World) -> None:
    """Two system administrators: both centers are whole; of one name, one is made and the other leaves nothing."""
    root = world.lab(ROOT)
    second = world.enter(world.person(Role.ADMIN, None))
    same = world.unused("same").replace(".", "-")
    drafts = [[CenterDraft(name=f"{same} {who} {n}", slug=f"{same}-{who}-{n}") for n in range(2)] for who in "ab"]
    for mine in drafts:
        mine.insert(1, CenterDraft(name=same, slug=same))
    problems: list[LabkeepError] = []
    start = threading.Barrier(2)

    def work(lab: Lab, mine: list[CenterDraft]) -> None:
        start.wait()
        for draft in mine:
            try:
                lab.centers.create(draft)
            except LabkeepError as error:
                problems.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in zip((root, second), drafts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [type(error) for error in problems] == [InvalidInputError]
    for draft in {draft.slug: draft for mine in drafts for draft in mine}.values():
        for lab in (root, second):
            assert lab.center(draft.slug)._context.keys().active == 1
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_namespace n WHERE nspname ~ '^center_' AND NOT EXISTS"
            " (SELECT FROM public.centers c WHERE c.schema_name = n.nspname)"
        )
        assert cursor.fetchone() == (0,)
    root.users.deactivate(second.user.username)
    second.close()


def test_a_member_who_asks_past_the_service_is_refused_by_the_database(world: World) -> None:
    """The service's early refusal is kindness; the same call without it meets the database's."""
    lab = world.lab("a.admin")
    before = database_state(world)
    with pytest.MonkeyPatch.context() as past_the_service:
        past_the_service.setattr(type(lab._context), "require", lambda *_: None)
        for act in (lab.centers.deactivate, lab.centers.restore):
            with pytest.raises(NotAllowedError):
                act("alpha")
    assert database_state(world) == before


def test_a_center_and_its_first_administrator_are_made_together_or_not_at_all(world: World) -> None:
    root, name = world.lab(ROOT), world.unused("first")
    first = UserDraft(username=name, email=f"{name}@lab.example", role=Role.VIEWER, center_id=None)
    for wrong in (
        replace(first, username="a.admin"),
        replace(first, email=root.users.get("a.user").email),
        replace(first, email="no address"),
    ):
        with pytest.raises(InvalidInputError):
            root.centers.create_with_administrator(CenterDraft(name="Whole Lab", slug="whole-lab"), wrong)
    with pytest.raises(InvalidInputError):
        root.centers.create_with_administrator(CenterDraft(name="Whole Lab", slug="alpha"), first)
    assert "whole-lab" not in [center.slug for center in root.centers.list().rows]
    with pytest.raises(NotFoundError):
        root.users.get(name)
    made = root.centers.create_with_administrator(
        CenterDraft(name="Whole Lab", slug="whole-lab"), first, "Granite-Window-88", keep_password=True
    )
    assert made.administrator.user.role is Role.ADMIN
    assert [place.center_id for place in made.administrator.user.memberships] == [made.center.id]
    with world.enter(Person(name, "Granite-Window-88")) as lab, lab.center("whole-lab") as work:
        sample = work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD))
        assert work.samples.get(sample.id) == sample
    with root.center("whole-lab") as work:
        assert work.samples.get(sample.id) == sample
    with pytest.raises(RefusedError):
        world.lab("a.admin").centers.create_with_administrator(CenterDraft(name="No", slug="no-lab"), first)
