"""Whoever leaves is out with one action, and a new key for what comes next belongs to it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, InvalidInputError, LabkeepError
from desktop_app.services.context import center_keys
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, Person, World


@dataclass(frozen=True)
class Scene:
    """A center with an administrator, and somebody who leaves it."""

    world: World
    root: Lab
    center: Center
    admin: Person
    leaver: Person

    def key(self) -> int:
        return self.root.center(self.center.id).keys.list()[0].number

    def is_due(self) -> bool:
        return self.center.id in {one.id for one in self.root.due_keys.centers()}


@pytest.fixture
def scene(world: World) -> Iterator[Scene]:
    root, name = world.lab(ROOT), world.unused("left")
    center = root.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
    yield Scene(world, root, center, world.person(Role.ADMIN, name), world.person(Role.USER, name))
    root.due_keys.rotate()


def test_deactivating_gives_the_center_a_new_key(scene: Scene) -> None:
    with closing(scene.world.enter(scene.admin)) as lab:
        done = lab.users.deactivate(scene.leaver.username)
    assert [(one.center, one.number, one.problem) for one in done.new_keys] == [(scene.center.name, 2, "")]
    assert scene.key() == 2
    assert not scene.is_due()


def test_leaving_one_of_several_centers_gives_that_one_a_new_key(scene: Scene) -> None:
    scene.root.users.join(scene.leaver.username, "beta", Role.USER)
    done = scene.root.users.leave(scene.leaver.username, scene.center.id)
    assert [one.center for one in done.new_keys] == [scene.center.name]
    assert scene.key() == 2


def test_moving_gives_the_former_center_a_new_key(scene: Scene) -> None:
    done = scene.root.users.change_center(scene.leaver.username, "beta")
    assert [one.center for one in done.new_keys] == [scene.center.name]
    assert not scene.is_due()


def test_without_a_new_key_it_stays_due(scene: Scene) -> None:
    done = scene.root.users.deactivate(scene.leaver.username, new_keys=False)
    assert done.new_keys == ()
    assert scene.key() == 1
    assert scene.is_due()
    with closing(scene.world.enter(scene.admin)) as lab:
        assert [one.id for one in lab.due_keys.centers()] == [scene.center.id]
        [made] = lab.due_keys.rotate()
    assert made.number == 2
    assert not scene.is_due()


def test_what_the_leaver_kept_opens_nothing_that_comes_later(scene: Scene, tmp_path: Path) -> None:
    with closing(scene.world.enter(scene.leaver)) as lab:
        kept = lab.center(scene.center.id)._context.keys().ring()
        stopped = Path(tmp_path, "before.txt")
        stopped.write_bytes(b"before")
        before = lab.center(scene.center.id).documents.add([stopped]).results[0].id
    scene.root.users.deactivate(scene.leaver.username)
    later = Path(tmp_path, "later.txt")
    later.write_bytes(b"later")
    with closing(scene.world.enter(scene.admin)) as lab:
        work = lab.center(scene.center.id)
        added = work.documents.add([later]).results[0].id
        assert before is not None
        assert added is not None
        for document_id, content in ((before, b"before"), (added, b"later")):
            [version] = work.documents.versions(work.documents.get(document_id))
            assert work.documents.content(work.documents.get(document_id)) == content
            with pytest.raises(LabkeepError):
                kept.unwrap(version.id, version.key_version, version.token)


def test_a_system_administrator_who_leaves_makes_every_key_due(scene: Scene) -> None:
    leaver = scene.world.person(Role.ADMIN, None)
    with closing(scene.world.enter(leaver)):
        pass
    told: list[str] = []

    def stop_at_the_second(sentence: str) -> None:
        told.append(sentence)
        if sentence.startswith("1 of "):
            raise Cancelled

    done = scene.root.users.deactivate(leaver.username, stop_at_the_second)
    made = [one for one in done.new_keys if one.number is not None]
    stopped = [one for one in done.new_keys if one.problem]
    assert len(made) == 1
    assert len(stopped) >= 1
    assert {one.problem for one in stopped} == {"Stopped before its turn: a new key is still due."}
    assert {one.id for one in scene.root.due_keys.centers()} == {one.center_id for one in stopped}
    # Other tests leave centers behind that want a reason; only these stay due.
    left = {one.center_id for one in scene.root.due_keys.rotate() if one.number is None}
    assert scene.center.id not in left
    assert {one.id for one in scene.root.due_keys.centers()} == left


def test_a_rotation_that_fails_does_not_call_the_leaver_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_keys: center_keys.CenterKeys) -> center_keys.CenterKeys:
        raise LabkeepError("The new key could not be made.")

    monkeypatch.setattr(center_keys.CenterKeys, "with_next", broken)
    done = scene.root.users.deactivate(scene.leaver.username)
    assert [one.problem for one in done.new_keys] == ["The new key could not be made."]
    assert not scene.root.users.get(scene.leaver.username).is_active
    assert scene.is_due()


def test_a_center_that_wants_a_reason_for_keys_is_asked_before_anything_is_done(scene: Scene) -> None:
    settings = {"reasons": {"required": ["keys"]}}
    center = scene.root.centers.get(scene.center.id)
    scene.root.centers.update(center, CenterDraft(name=center.name, slug=center.slug, settings=settings))
    with pytest.raises(InvalidInputError):
        scene.root.users.deactivate(scene.leaver.username)
    assert scene.root.users.get(scene.leaver.username).is_active
    done = scene.root.users.deactivate(scene.leaver.username, reason="left the lab")
    assert [one.number for one in done.new_keys] == [2]


def test_who_administers_nothing_has_nothing_due(world: World) -> None:
    assert world.lab("a.user").due_keys.centers() == ()
    assert world.lab("a.user").due_keys.rotate() == ()


def test_whose_password_somebody_may_know_ends_the_other_sessions_and_makes_new_keys_due(scene: Scene) -> None:
    with closing(scene.world.enter(scene.leaver)) as mine, closing(scene.world.enter(scene.leaver)) as thief:
        thief.center(scene.center.id).samples.list()
        assert not scene.is_due()
        mine.account.change_password(scene.leaver.password, "Another-Meadow-55", exposed=True)
        assert mine.take_notices() == []
        with pytest.raises(LabkeepError):
            thief.center(scene.center.id).samples.list()
        mine.center(scene.center.id).samples.list()
    assert scene.is_due()
    with closing(scene.world.enter(scene.admin)) as lab:
        assert [one.number for one in lab.due_keys.rotate()] == [2]


def test_a_password_that_is_changed_in_peace_ends_nothing(scene: Scene) -> None:
    with closing(scene.world.enter(scene.leaver)) as mine, closing(scene.world.enter(scene.leaver)) as other:
        other.center(scene.center.id).samples.list()
        mine.account.change_password(scene.leaver.password, "Another-Meadow-55")
        other.center(scene.center.id).samples.list()
    assert not scene.is_due()
