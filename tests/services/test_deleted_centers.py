"""A center deleted for good: nothing of it is left anywhere, nothing of any other is touched, whatever stops it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from desktop_app.db.errors import IllegalStepError
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.errors import (
    Cancelled,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from desktop_app.services.records import deleted_centers
from tests.services.conftest import ROOT, World

CONTENTS = {"one.txt": b"first", "two.txt": b"second", "three.txt": b"third"}


class Scene:
    """A center of its own with people and documents, seen by a system administrator."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.root = world, world.lab(ROOT)
        self.name = world.unused("doomed")
        self.center: Center = self.root.centers.create(CenterDraft(name=self.name, slug=self.name.replace(".", "-")))
        self.admin, self.user = world.person(Role.ADMIN, self.name), world.person(Role.USER, self.name)
        with self.root.center(self.name) as work:
            for name, content in CONTENTS.items():
                (folder / name).write_bytes(content)
            results = work.documents.add([folder / name for name in CONTENTS]).results
            self.files = {
                version.file_id for r in results for version in work.documents.versions(work.documents.get(r.id or ""))
            }
        self.folder = world.store / self.center.schema_name

    def deactivated(self) -> Center:
        return self.root.centers.deactivate(self.center.id)

    def all(self, statement: str, *values: object) -> list[Any]:
        with closing(self.world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []

    def left_in_database(self) -> list[str]:
        """Schema, roles, rows: what the server still has of it, the record of what was done aside."""
        name = str(self.center.id)
        return [
            *self.all("SELECT nspname::text FROM pg_namespace WHERE nspname = %s", self.center.schema_name),
            *self.all("SELECT rolname::text FROM pg_roles WHERE rolname LIKE %s", self.center.schema_name + "%"),
            *self.all("SELECT id::text FROM public.centers WHERE id = %s", name),
            *self.all("SELECT user_id::text FROM public.memberships WHERE center_id = %s", name),
            *self.all("SELECT user_id::text FROM public.unfinished WHERE center_id = %s", name),
        ]


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Scene:
    return Scene(world, tmp_path)


@pytest.fixture
def share_away(scene: Scene) -> Iterator[Path]:
    away = scene.world.store.with_name("share that is away")
    scene.world.store.rename(away)
    try:
        yield away
    finally:
        if not scene.world.store.exists():
            away.rename(scene.world.store)


def test_nothing_of_it_is_left_and_nothing_of_others_is_touched(each_world: World, tmp_path: Path) -> None:
    scene = Scene(each_world, tmp_path)
    root, state = scene.root, scene.root._context.trust.state
    others = {center.id for center in root.centers.list().rows} - {scene.center.id}
    center = scene.deactivated()
    contents = root.centers.deleted.look(center)
    assert (contents.documents, contents.versions, contents.people, contents.only_here) == (3, 3, 2, 2)
    done = root.centers.deleted.delete(center, "the study is over")
    assert (done.contents, done.has_files_left, done.erased_entries) == (contents, False, 0)
    assert scene.left_in_database() == []
    assert not scene.folder.exists()
    assert root.centers.deleted.left() == []
    assert {center.id for center in root.centers.list().rows} == others
    state = root._context.trust.state
    assert state.is_deleted(center.id)
    assert not state.members(center.id)
    assert not root.alarms
    assert center.id not in root._context.remembered.centers(root.profile.installation_id)
    assert root.audit.verify().is_sound
    with pytest.raises(NotFoundError):
        root.centers.get(center.id)
    [reason] = scene.all(
        "SELECT reason FROM public.audit_log WHERE table_name = 'center_schemas' AND center_id = %s", str(center.id)
    )
    assert reason == "the study is over"
    # Its people have no center; a new life of them in another one begins as everybody's does.
    with closing(each_world.enter(scene.user)) as lab:
        assert lab.centers.list().rows == ()
    root.users.join(scene.user.username, "alpha", Role.VIEWER)
    with closing(each_world.enter(scene.user)) as lab:
        assert lab.center("alpha").samples.list() is not None


def test_with_the_record_erased_nobody_reads_what_it_was_called(scene: Scene) -> None:
    done = scene.root.centers.deleted.delete(scene.deactivated(), "asked to be forgotten", erase_record=True)
    assert done.erased_entries >= 3
    said = scene.all("SELECT coalesce(old::text, '') || coalesce(new::text, '') || reason FROM public.audit_log")
    assert not [text for text in said if scene.name in text]
    assert scene.root.audit.verify().is_sound


def test_only_a_closed_center_for_a_reason_by_a_system_administrator(scene: Scene) -> None:
    delete = scene.root.centers.deleted.delete
    with pytest.raises(RefusedError):
        delete(scene.center, "open")
    with closing(scene.world.enter(scene.admin)) as lab:
        center = scene.deactivated()
        with pytest.raises(RefusedError):
            lab.centers.deleted.delete(center, "mine")
    with pytest.raises(InvalidInputError):
        delete(center, " ")
    stale = center
    scene.root.centers.restore(center.id)
    with pytest.raises(IllegalStepError):
        delete(stale, "opened again meanwhile")
    scene.deactivated()
    with pytest.raises(ConflictError):
        delete(stale, "another state than was shown")
    assert scene.folder.exists()
    scene.root.centers.restore(center.id)
    with closing(scene.world.enter(scene.user)) as lab:
        work = lab.center(scene.name)
        assert {work.documents.content(each) for each in work.documents.list().rows} == set(CONTENTS.values())


def test_files_follow_when_the_share_is_back(scene: Scene, share_away: Path) -> None:
    done = scene.root.centers.deleted.delete(scene.deactivated(), "closed")
    assert done.has_files_left
    assert scene.left_in_database() == []
    assert scene.root.centers.deleted.left() == [scene.center.id]
    assert any("deleted center" in finding.text for finding in scene.root.status().findings)
    share_away.rename(scene.world.store)
    assert scene.folder.exists()
    with closing(scene.world.sign_in(ROOT)):
        pass
    assert not scene.folder.exists()
    assert scene.root.centers.deleted.left() == []


def test_stopped_among_its_files_it_is_gone_on_with(scene: Scene) -> None:
    def stop(done: int, total: int) -> None:
        assert (done, total) == (1, 3)
        raise Cancelled

    assert scene.root.centers.deleted.delete(scene.deactivated(), "closed", stop).has_files_left
    assert scene.folder.exists()
    assert scene.root.centers.deleted.clear() == 0
    assert not scene.folder.exists()


def test_its_files_are_counted_when_they_are_removed_after_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleted_centers, "TELL_SECONDS", -1.0)
    deleted, told = scene.root.centers.deleted, list[tuple[int, int]]()
    done = deleted.delete(scene.deactivated(), "closed", leave_files=True)
    assert done.has_files_left
    assert {path.name for path in scene.folder.rglob("*") if path.is_file()} == {str(each) for each in scene.files}
    assert not deleted.remove_files(done, lambda *counts: told.append(counts)).has_files_left
    assert told == [(1, 3), (2, 3), (3, 3), (3, 3)]
    assert not scene.folder.exists()
    assert deleted.left() == []


def test_no_row_of_the_database_makes_a_program_remove_what_nobody_deleted(scene: Scene) -> None:
    scene.all("INSERT INTO public.deleted_centers (id) VALUES (%s)", str(scene.center.id))
    try:
        assert scene.root.centers.deleted.clear() == 1
        with closing(scene.world.enter(scene.user)) as lab:
            work = lab.center(scene.name)
            assert {work.documents.content(each) for each in work.documents.list().rows} == set(CONTENTS.values())
    finally:
        scene.all("DELETE FROM public.deleted_centers WHERE id = %s", str(scene.center.id))


def test_the_second_of_two_is_told(scene: Scene) -> None:
    center = scene.deactivated()
    scene.root.centers.deleted.delete(center, "first")
    with closing(scene.world.sign_in(ROOT)) as other, pytest.raises(NotFoundError):
        other.centers.deleted.delete(center, "second")


def test_whoever_leaves_a_transaction_open_in_it_does_not_hold_it(scene: Scene) -> None:
    with closing(scene.world.enter(scene.user)) as lab:
        work = lab.center(scene.name)
        with pytest.raises(UnavailableError), work._context.read() as session:
            count = text("SELECT count(*) FROM documents")
            assert session.execute(count).scalar_one() == 3
            done = scene.root.centers.deleted.delete(scene.deactivated(), "closed")
            session.execute(count)
        assert not done.has_files_left
    assert scene.left_in_database() == []
