"""Samples and documents deleted for good: exactly what was named, keys first, files whenever the share is there."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from desktop_app.domain.drafts import CenterDraft, SampleDraft
from desktop_app.domain.filters import DocumentFilter, SampleFilter
from desktop_app.domain.records import Document, Sample, SampleType
from desktop_app.domain.rights import Role
from desktop_app.errors import ConflictError, LabkeepError, NotFoundError, RefusedError
from desktop_app.services.documents.add_results import AddOutcome, SilentAddReport
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, World

At = Callable[[str, str], CenterServices]


class Scene:
    """A sample with documents, and how much of them is left anywhere."""

    def __init__(self, world: World, admin: CenterServices, user: CenterServices, folder: Path) -> None:
        self.world, self.admin, self.user, self.folder = world, admin, user, folder
        draft = SampleDraft(name="Serum of Hatice", sample_type=SampleType.BLOOD, barcode=world.unused("DEL"))
        self.sample = user.samples.create(draft)
        self.documents = tuple(self.add(f"{world.unused('finding')}.txt") for _ in range(2))

    def add(self, name: str, sample: Sample | None = None) -> Document:
        path = self.folder / name
        path.write_bytes(os.urandom(500))
        sample_id = (sample or self.sample).id
        [result] = self.user.documents.add([path], sample_id=sample_id).results
        assert result.id is not None, result.reason
        return self.user.documents.get(result.id)

    def all(self, statement: str, *values: object) -> list[Any]:
        with closing(self.world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(statement.replace("{s}", self.admin.center.schema_name), values or None)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []

    def files(self) -> set[str]:
        return {path.name for path in (self.world.store / self.admin.center.schema_name).rglob("*-*") if path.is_file()}

    def files_of(self, *documents: Document) -> set[str]:
        return {str(v.file_id) for document in documents for v in self.user.documents.versions(document)}

    def rows_left(self) -> int:
        """Of the sample, its documents, and everything below them."""
        ids = [str(each.id) for each in self.documents]
        versions = "SELECT id FROM {s}.document_versions WHERE document_id = ANY (%s::uuid[])"
        return sum(
            len(self.all(query, ids))
            for query in (
                "SELECT id FROM {s}.documents WHERE id = ANY (%s::uuid[])",
                versions,
                "SELECT document_id FROM {s}.document_statements WHERE document_id = ANY (%s::uuid[])",
                f"SELECT version_id FROM {{s}}.document_keys WHERE version_id IN ({versions})",
            )
        )


@pytest.fixture
def scene(world: World, at: At, tmp_path: Path) -> Scene:
    return Scene(world, at("a.admin", "alpha"), at("a.user", "alpha"), tmp_path)


@pytest.fixture
def share_away(scene: Scene) -> Iterator[Path]:
    """The store as it is while the share is not mounted."""
    away = scene.world.store.with_name("share that is away")
    scene.world.store.rename(away)
    try:
        yield away
    finally:
        if not scene.world.store.exists():
            away.rename(scene.world.store)


def test_what_goes_is_counted_and_named_first_and_then_gone(each_world: World, tmp_path: Path) -> None:
    admin, user = (each_world.lab(who).center("alpha") for who in ("a.admin", "a.user"))
    scene = Scene(each_world, admin, user, tmp_path)
    scene.user.documents.deactivate(scene.documents[0])
    doomed = scene.admin.deletion.look([scene.sample])
    assert {each.id for each in doomed.documents} == {each.id for each in scene.documents}
    assert (doomed.versions, doomed.stored_bytes > 1000) == (2, True)
    files = scene.files_of(*scene.documents)
    assert files <= scene.files()
    done = scene.admin.deletion.delete(doomed, "made twice")
    assert (done.files_left, done.erased_entries) == (0, 0)
    assert scene.rows_left() == 0
    assert not files & scene.files()
    assert scene.all("SELECT state FROM {s}.document_uploads WHERE file_id = ANY (%s::uuid[])", list(files)) == []
    with pytest.raises(NotFoundError):
        scene.admin.samples.get(scene.sample.id)
    assert scene.admin.audit.verify().is_sound
    assert [entry.reason for entry in scene.admin.audit.timeline(scene.sample.id)][-1] == "made twice"


def test_with_the_record_erased_nothing_says_what_it_was(scene: Scene) -> None:
    doomed = scene.admin.deletion.look([scene.sample])
    with pytest.raises(LabkeepError):
        scene.admin.deletion.delete(doomed, erase_record=True)
    done = scene.admin.deletion.delete(doomed, "asked to be forgotten", erase_record=True)
    assert done.erased_entries > 6
    said = scene.all("SELECT coalesce(old::text, '') || coalesce(new::text, '') || reason FROM {s}.audit_log")
    titles = [document.title for document in scene.documents]
    assert not [text for text in said if scene.sample.barcode in text or any(title in text for title in titles)]
    assert scene.admin.audit.verify().is_sound


def test_the_key_that_a_rotation_wrapped_anew_goes_too(scene: Scene) -> None:
    [document, _other] = scene.documents
    [version] = scene.user.documents.versions(document)
    scene.all(
        "INSERT INTO {s}.rewrapped_keys (rotation, version_id, token) VALUES (gen_random_uuid(), %s, 'x') RETURNING 1",
        str(version.id),
    )
    scene.admin.deletion.delete(scene.admin.deletion.look(documents_alone=[document]))
    assert scene.all("SELECT 1 FROM {s}.rewrapped_keys WHERE version_id = %s", str(version.id)) == []


def test_what_was_not_named_does_not_go(scene: Scene) -> None:
    doomed = scene.admin.deletion.look([scene.sample])
    late = scene.add("came later.txt")
    with pytest.raises(ConflictError):
        scene.admin.deletion.delete(doomed)
    again = scene.admin.deletion.look([scene.sample])
    scene.user.documents.deactivate(late)
    with pytest.raises(ConflictError):
        scene.admin.deletion.delete(again)
    assert scene.user.documents.content(scene.documents[0])


def test_the_second_of_two_is_told(scene: Scene) -> None:
    doomed = scene.admin.deletion.look([scene.sample])
    fates: list[object] = []

    def delete() -> None:
        try:
            fates.append(scene.admin.deletion.delete(doomed).files_left)
        except ConflictError as error:
            fates.append(error.code)

    threads = [threading.Thread(target=delete) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(str, fates)) == ["0", "stale_row"]
    assert scene.rows_left() == 0


def test_rows_and_keys_go_while_the_share_is_away_and_the_files_when_it_is_back(scene: Scene, share_away: Path) -> None:
    files = scene.files_of(*scene.documents)
    done = scene.admin.deletion.delete(scene.admin.deletion.look([scene.sample]))
    assert done.files_left == 2
    assert scene.rows_left() == 0
    share_away.rename(scene.world.store)
    assert files <= scene.files()
    scene.user.sweep()
    assert not files & scene.files()


def test_after_a_backup_was_restored_what_is_deleted_then_is_swept(scene: Scene, share_away: Path) -> None:
    """What was reserved before a restoration is kept; what somebody deletes since is meant."""
    files = scene.files_of(*scene.documents)
    scene.all(
        "INSERT INTO public.audit_log (link, at, txid, login, operation, table_name, reason, digest) VALUES"
        " (gen_random_uuid(), clock_timestamp(), pg_current_xact_id(), 'x', 'restored', 'trust_log', '', '')"
    )
    try:
        assert scene.admin.deletion.delete(scene.admin.deletion.look([scene.sample])).files_left == 2
        share_away.rename(scene.world.store)
        scene.user.sweep()
        assert not files & scene.files()
    finally:
        scene.all("DELETE FROM public.audit_log WHERE login = 'x'")


class DeletesWhileSealing(SilentAddReport):
    """Deletes the document while its next version is being sealed."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act

    def file_started(self, path: Path, size: int) -> None:
        self._act()


def test_a_version_that_is_under_way_to_a_deleted_document_is_not_saved(scene: Scene) -> None:
    document = scene.documents[0]
    path = scene.folder / f"{document.title}"
    path.write_bytes(b"the next version")
    before = scene.files()
    doomed = scene.admin.deletion.look(documents_alone=[document])
    gone = scene.files_of(document)
    [result] = scene.user.documents.add(
        [path],
        sample_id=scene.sample.id,
        on_conflict=OnConflict.VERSION,
        report=DeletesWhileSealing(lambda: scene.admin.deletion.delete(doomed)),
    ).results
    assert result.outcome is AddOutcome.FAILED
    assert scene.files() == before - gone
    with pytest.raises(NotFoundError):
        scene.user.documents.content(document)


@pytest.mark.parametrize("who", ["a.user", "a.viewer"])
def test_only_administrators_delete(scene: Scene, at: At, who: str) -> None:
    work = at(who, "alpha")
    with pytest.raises(RefusedError):
        work.deletion.delete(work.deletion.look([scene.sample]))
    assert scene.rows_left() > 0


def test_the_bin(scene: Scene) -> None:
    document = scene.user.documents.deactivate(scene.documents[0])
    found = scene.user.documents.list(DocumentFilter(sample_id=scene.sample.id, only_inactive=True)).rows
    assert [each.id for each in found] == [document.id]
    sample = scene.user.samples.deactivate(scene.sample)
    wanted = SampleFilter(search=sample.barcode, only_inactive=True)
    assert [each.id for each in scene.user.samples.list(wanted).rows] == [sample.id]
    assert scene.user.samples.count(wanted).number == 1


def test_a_closed_center_deletes_nothing_for_its_own_administrator(world: World, tmp_path: Path) -> None:
    """Not through the program, and not with psql."""
    root, name = world.lab(ROOT), world.unused("closed")
    center = root.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
    with closing(world.enter(world.person(Role.ADMIN, name))) as lab:
        work = lab.center(name)
        scene = Scene(world, work, work, tmp_path)
        doomed = work.deletion.look([scene.sample])
        root.centers.deactivate(center.id)
        with pytest.raises(RefusedError):
            work.deletion.delete(doomed)
        for statement in (
            f"SELECT {center.schema_name}.delete_records('{{}}', '{{}}')",
            f"SELECT {center.schema_name}.confirm_erasure(gen_random_uuid())",
            f"DELETE FROM {center.schema_name}.samples",
            f"SELECT api.delete_center('{center.id}', 1, '{{}}')",
            f"SELECT api.forget_deleted_center('{center.id}')",
        ):
            with pytest.raises(RefusedError), lab._context.shared.begin() as session:
                session.execute(text(statement.replace(":", "\\:")))
    assert scene.rows_left() > 0
