"""A new key for a center: everything opens before and after, whoever works meanwhile, and whatever goes wrong."""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desktop_app.db import keys as key_rows
from desktop_app.db.sessions import Session
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, InvalidInputError, LabkeepError, RefusedError
from desktop_app.services.records import key_rotation
from desktop_app.services.records.key_rotation import UnreadableKeysError
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, World

CONTENTS = {f"report {number}.txt": os.urandom(100 + number) for number in range(7)}


class Scene:
    """A center of its own with an administrator, a user, and documents of known contents."""

    def __init__(self, world: World, tmp_path: Path) -> None:
        self.world = world
        self.root = world.lab(ROOT)
        name = world.unused("rotating")
        self.center: Center = self.root.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
        self.admin, of_admin = world.colleague(Role.ADMIN, name)
        self.user, of_user = world.colleague(Role.USER, name)
        self.labs = [of_admin, of_user]
        self.work_of_admin, self.work_of_user = (lab.center(name) for lab in self.labs)
        self.contents: dict[UUID, bytes] = {}
        self.add(self.work_of_user, tmp_path, CONTENTS)

    def add(self, work: CenterServices, folder: Path, contents: dict[str, bytes]) -> None:
        paths = []
        for name, content in contents.items():
            (folder / name).write_bytes(content)
            paths.append(folder / name)
        for result, content in zip(work.documents.add(paths).results, contents.values(), strict=True):
            assert result.id is not None, result.reason
            self.contents[result.id] = content

    def everything_opens(self, *works: CenterServices) -> None:
        for work in works or (self.work_of_admin, self.work_of_user):
            for document_id, content in self.contents.items():
                assert work.documents.content(work.documents.get(document_id)) == content

    def key_versions(self) -> set[int]:
        return set(self.all("SELECT DISTINCT key_version FROM {s}.document_keys"))

    def all(self, statement: str, *values: object) -> list[Any]:
        with closing(self.world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(statement.replace("{s}", self.center.schema_name), values or None)
            return [row[0] for row in cursor.fetchall()]

    def really(self, statement: str, *values: object) -> None:
        with closing(self.world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(statement.replace("{s}", self.center.schema_name), values or None)

    def nothing_was_changed(self) -> None:
        assert self.all("SELECT number FROM {s}.tenant_keys") == [1]
        assert self.key_versions() == {1}
        self.everything_opens()

    def close(self) -> None:
        for work in (self.work_of_admin, self.work_of_user):
            work.close()


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Iterator[Scene]:
    with closing(Scene(world, tmp_path)) as made:
        yield made


def test_everything_opens_under_the_new_key(scene: Scene, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    done = scene.work_of_admin.keys.rotate(report=lambda at, total: told.append((at, total)))
    assert (done.number, done.documents) == (2, 7)
    assert told[-1] == (7, 7)
    assert scene.key_versions() == {2}
    assert scene.all("SELECT number FROM {s}.tenant_keys WHERE state = 'active'") == [2]
    assert scene.all("SELECT count(*) FROM {s}.rewrapped_keys") == [0]
    scene.everything_opens()
    # A window that holds the former key saves under the new one, and whoever comes later opens all of it.
    scene.add(scene.work_of_user, tmp_path, {"later.txt": b"later"})
    assert scene.key_versions() == {2}
    somebody = scene.world.person(Role.VIEWER, scene.center.name)
    with closing(scene.world.enter(somebody)) as lab:
        scene.everything_opens(lab.center(scene.center.name), scene.root.center(scene.center.name))


def test_the_new_key_is_sealed_to_everybody_who_belongs_here_and_to_nobody_else(scene: Scene) -> None:
    gone = scene.world.person(Role.USER, scene.center.name)
    with closing(scene.world.enter(gone)):
        pass
    scene.root.users.deactivate(gone.username)
    scene.work_of_admin.keys.rotate()
    state = scene.root._context.trust.state
    expected = {str(one.id) for one in state.recipients(scene.center.id)}
    assert set(scene.all("SELECT identity_id::text FROM {s}.key_grants WHERE key_version = 2")) == expected
    gone_person = state.person(scene.root.users.get(gone.username).id)
    assert gone_person is not None
    assert str(gone_person.identity.id) not in expected


def test_it_is_one_entry_of_the_record(scene: Scene) -> None:
    scene.work_of_admin.keys.rotate("a key was left on a train")
    [entry] = scene.all("SELECT new || jsonb_build_object('why', reason) FROM {s}.audit_log WHERE operation = 'rotate'")
    assert entry == {"number": 2, "documents": 7, "why": "a key was left on a train"}
    assert scene.all("SELECT count(*) FROM {s}.audit_log WHERE table_name = 'document_keys'") == [0]
    assert scene.work_of_admin.audit.verify().is_sound


def test_several_after_each_other(scene: Scene) -> None:
    for number in (2, 3, 4):
        assert scene.work_of_admin.keys.rotate().number == number
    assert scene.root.center(scene.center.name).keys.rotate().number == 5
    scene.everything_opens()


def test_pages(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "PAGE", 3)
    assert scene.work_of_admin.keys.rotate().documents == 7
    scene.everything_opens()


@pytest.mark.parametrize("who", ["a.user", "a.viewer"])
def test_whoever_may_not_is_refused(world: World, who: str) -> None:
    with pytest.raises(RefusedError):
        world.lab(who).center("alpha").keys.rotate()


def test_a_center_may_want_a_reason(scene: Scene) -> None:
    settings = {"reasons": {"required": ["keys"]}}
    scene.root.centers.update(
        scene.root.centers.get(scene.center.id),
        CenterDraft(name=scene.center.name, slug=scene.center.slug, settings=settings),
    )
    work = scene.labs[0].center(scene.center.name)
    with pytest.raises(InvalidInputError):
        work.keys.rotate()
    scene.nothing_was_changed()
    assert work.keys.rotate("a reason").number == 2


def test_stopped_it_changes_nothing_and_can_be_done_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "PAGE", 3)

    def stop(done: int, _total: int) -> None:
        if done >= 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        scene.work_of_admin.keys.rotate(report=stop)
    scene.nothing_was_changed()
    assert scene.work_of_admin.keys.rotate().documents == 7
    assert scene.all("SELECT count(*) FROM {s}.rewrapped_keys") == [0]
    scene.everything_opens()


def test_a_key_that_does_not_open_stops_it(scene: Scene) -> None:
    scene.really(
        "UPDATE {s}.document_keys SET token = %s WHERE version_id = (SELECT min(version_id::text)::uuid"
        " FROM {s}.document_keys)",
        secrets.token_bytes(184),
    )
    with pytest.raises(UnreadableKeysError, match="key of 1 stored version does not open"):
        scene.work_of_admin.keys.rotate()
    assert scene.all("SELECT number FROM {s}.tenant_keys") == [1]
    assert scene.key_versions() == {1}


def test_a_kept_key_that_was_changed_stops_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = key_rows.keep_rewrapped

    def swapped(session: Session, rotation: UUID, tokens: dict[UUID, bytes]) -> dict[UUID, bytes]:
        first, second, *rest = tokens
        mixed = {first: tokens[second], second: tokens[first]} | {each: tokens[each] for each in rest}
        return keep(session, rotation, mixed)

    monkeypatch.setattr(key_rows, "keep_rewrapped", swapped)
    with pytest.raises(LabkeepError):
        scene.work_of_admin.keys.rotate()
    scene.nothing_was_changed()


def test_of_two_at_once_one_wins_and_the_other_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)
    put = key_rotation._Attempt.put_in_force

    def together(attempt: key_rotation._Attempt, reason: str) -> key_rotation.Rotation:
        both.wait(30)
        return put(attempt, reason)

    monkeypatch.setattr(key_rotation._Attempt, "put_in_force", together)
    outcomes: list[object] = []

    def rotate(work: CenterServices) -> None:
        try:
            outcomes.append(work.keys.rotate().number)
        except LabkeepError as error:
            outcomes.append(str(error))

    works = (scene.work_of_admin, scene.root.center(scene.center.name))
    threads = [threading.Thread(target=rotate, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    told = f"Somebody else has given {scene.center.name} a new key meanwhile; yours was not needed."
    assert sorted(map(str, outcomes)) == ["2", told]
    assert scene.key_versions() == {2}
    scene.everything_opens()


def test_files_that_are_added_meanwhile_end_under_the_new_key(scene: Scene, tmp_path: Path) -> None:
    stop = threading.Event()
    failed: list[BaseException] = []

    def add_files() -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                scene.add(scene.work_of_user, tmp_path, {f"meanwhile {number}.txt": os.urandom(50)})
        except BaseException as error:
            failed.append(error)

    adding = threading.Thread(target=add_files)
    adding.start()
    try:
        numbers = [scene.work_of_admin.keys.rotate().number for _ in range(5)]
    finally:
        stop.set()
        adding.join(60)
    assert not failed
    assert numbers == [2, 3, 4, 5, 6]
    assert scene.key_versions() == {6}
    assert len(scene.contents) > 7
    scene.everything_opens()


@pytest.mark.parametrize("how", ["deactivate", "leave", "change_center", "last day"])
def test_who_leaves_makes_a_new_key_due(scene: Scene, how: str) -> None:
    users, name = scene.root.users, scene.center.name
    leaver = scene.world.person(Role.USER, name)
    due = scene.root.center(name).keys.is_due
    assert due() is False
    if how == "leave":
        users.join(leaver.username, "beta", Role.USER)
        users.leave(leaver.username, name, new_keys=False)
    elif how == "change_center":
        users.change_center(leaver.username, "beta", new_keys=False)
    elif how == "deactivate":
        users.deactivate(leaver.username, new_keys=False)
    else:
        scene.really(
            "UPDATE public.memberships SET until = (now() AT TIME ZONE 'UTC')::date - 1 WHERE user_id = %s",
            str(users.get(leaver.username).id),
        )
        scene.really("UPDATE {s}.tenant_keys SET created_at = now() - interval '3 days'")
    assert due() is True
    assert scene.work_of_admin.keys.is_due() is True
    if how != "last day":  # of which the trust log knows nothing: no day has passed here
        scene.work_of_admin.keys.rotate()
        assert due() is False
