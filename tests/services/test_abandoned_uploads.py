"""What killed programs leave: swept by the next writer, and never what a row names or another writer still holds."""

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg2 import sql

from desktop_app.db import uploads
from desktop_app.db.errors import LeaseLostError
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.rights import Role, Verb
from desktop_app.errors import RefusedError
from desktop_app.services.documents import abandoned_uploads
from desktop_app.services.documents.add_results import AddOutcome, SilentAddReport
from desktop_app.services.session.center_services import CenterServices
from desktop_app.storage.folder_store import FolderStore
from tests.servers import wait_until
from tests.services.conftest import ROOT, World
from tests.services.test_interruptions import Files, killed_at, listed

At = Callable[[str, str], CenterServices]
POINTS = ["reserved and committed", "file made", "bytes done", "file renamed", "names are durable"]


def rows(world: World, work: CenterServices) -> dict[str, int]:
    """How many attempts of each state the center has."""
    return dict(really(world, work, "SELECT state, count(*) FROM {} GROUP BY 1"))


def really(world: World, work: CenterServices, query: str, *values: object) -> list[tuple[Any, ...]]:
    table = sql.Identifier(work.center.schema_name, "document_uploads")
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL(query).format(table), values or None)
        return cursor.fetchall() if cursor.description else []


def files(world: World, work: CenterServices) -> set[str]:
    return {path.name for path in (world.store / work.center.schema_name).rglob("*") if path.is_file()}


def named(world: World, work: CenterServices) -> set[str]:
    """The files that versions name, of inactive documents too."""
    versions = sql.Identifier(work.center.schema_name, "document_versions")
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT file_id::text FROM {}").format(versions))
        return {name for (name,) in cursor.fetchall()}


def last_touched_a_while_ago(world: World, work: CenterServices) -> None:
    """So that the list of sessions is not older than the rows; the real programs were killed longer ago than that."""
    really(world, work, "UPDATE {} SET lease_until = lease_until - interval '5 seconds'")


def cleaned(world: World, work: CenterServices) -> CenterServices:
    """A center without what other tests left in it."""
    expire(world, work)
    work.sweep()
    for stray in files(world, work) - named(world, work):
        next((world.store / work.center.schema_name).rglob(stray)).unlink()
    return work


@pytest.fixture
def work(world: World, at: At) -> CenterServices:
    return cleaned(world, at("a.admin", "alpha"))


@pytest.mark.parametrize("point", POINTS)
def test_the_next_writer_sweeps_what_a_killed_one_left(
    world: World, work: CenterServices, tmp_path: Path, point: str
) -> None:
    world.lab("a.user")
    killed = Files.make(tmp_path, world.unused("swept"))
    killed_at(world, killed, tmp_path / "home", point, 1)
    assert rows(world, work).get("reserved") == 3
    if point != "reserved and committed":
        assert files(world, work) - named(world, work)
    last_touched_a_while_ago(world, work)
    next_one = Files.make(tmp_path, world.unused("next"))
    assert work.documents.add(next_one.paths[1:]).not_saved == ()
    assert rows(world, work).keys() == {"live"}
    assert files(world, work) <= named(world, work)
    assert listed(work, killed) == {}


def test_opening_the_center_sweeps(world: World, work: CenterServices, tmp_path: Path) -> None:
    world.lab("a.user")
    killed_at(world, Files.make(tmp_path, world.unused("opened")), tmp_path / "home", "file renamed", 2)
    last_touched_a_while_ago(world, work)
    assert work.sweep() == 3
    assert work.sweep() == 0
    assert files(world, work) <= named(world, work)


def test_who_only_reads_sweeps_nothing(world: World, work: CenterServices, at: At) -> None:
    reserve(work, (uuid4(), uuid4(), uuid4()))
    expire(world, work)
    assert at("a.viewer", "alpha").sweep() == 0
    assert rows(world, work)["reserved"] == 1
    assert work.sweep() == 1


def reserve(work: CenterServices, *places: tuple[UUID, UUID, UUID]) -> None:
    with work.documents.context.change(Verb.EDIT_DOCUMENTS) as session:
        uploads.reserve(session, places)


def expire(world: World, work: CenterServices) -> None:
    really(world, work, "UPDATE {} SET lease_until = now() - interval '1 second' WHERE state = 'reserved'")


def test_a_reservation_of_a_living_session_is_left_alone(
    world: World, work: CenterServices, at: At, tmp_path: Path
) -> None:
    """While a colleague seals, others write: nothing of his is touched, and he ends as if he were alone."""
    colleague = at("a.user", "alpha")
    paths = Files.make(tmp_path, world.unused("at work"))
    mine = Files.make(tmp_path, world.unused("meanwhile"))

    class Meanwhile(SilentAddReport):
        def bytes_done(self, path: Path, done: int) -> None:
            if path == paths.paths[-1] and not said:
                last_touched_a_while_ago(world, work)
                said.extend(result.outcome for result in work.documents.add(mine.paths).results)

    said: list[AddOutcome] = []
    assert colleague.documents.add(paths.paths, report=Meanwhile()).not_saved == ()
    assert said == [AddOutcome.SAVED] * 3


def test_ones_own_files_are_never_swept_though_the_session_is_gone(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    """A connection that was lost is opened again; another drop of the same window sweeps meanwhile."""
    paths = Files.make(tmp_path, world.unused("own"))
    other = Files.make(tmp_path, world.unused("other drop"))

    class Meanwhile(SilentAddReport):
        def bytes_done(self, path: Path, done: int) -> None:
            if path == paths.paths[-1] and not said:
                end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s"
                really(world, work, end, world.lab("a.admin").login)
                last_touched_a_while_ago(world, work)
                said.extend(result.outcome for result in work.documents.add(other.paths).results)

    said: list[AddOutcome] = []
    assert work.documents.add(paths.paths, report=Meanwhile()).not_saved == ()
    assert said == [AddOutcome.SAVED] * 3


def test_who_lost_his_place_cannot_make_it_live_and_leaves_nothing(
    world: World, work: CenterServices, at: At, tmp_path: Path
) -> None:
    """A writer that was slower than its lease: swept by another while it seals, and refused at the end."""
    slow = at("a.user", "alpha")
    paths = Files.make(tmp_path, world.unused("slow"))

    class Slow(SilentAddReport):
        def file_started(self, path: Path, size: int) -> None:
            if path == paths.paths[-1]:
                expire(world, work)
                assert work.sweep() == 3

    summary = slow.documents.add(paths.paths, report=Slow())
    assert [result.outcome for result in summary.results] == [AddOutcome.FAILED] * 3
    assert all("its place was given up" in result.reason for result in summary.results)
    assert listed(work, paths) == {}
    assert files(world, work) <= named(world, work)


def test_what_a_row_names_is_never_deleted(world: World, work: CenterServices, tmp_path: Path) -> None:
    """Even if somebody with the database in his hands calls a live file given up."""
    (saved,) = work.documents.add(Files.make(tmp_path, world.unused("named")).paths[:1]).results
    assert saved.id is not None
    really(world, work, "UPDATE {} SET state = 'abandoned' WHERE document_id = %s", saved.id.hex)
    assert work.sweep() == 0
    assert work.documents.content(work.documents.get(saved.id)) == b""
    really(world, work, "UPDATE {} SET state = 'live' WHERE document_id = %s", saved.id.hex)


def test_nothing_is_deleted_before_it_was_given_up_for_good(
    world: World, work: CenterServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the files go, others see the attempts given up already, and saving one is refused."""
    place = (uuid4(), uuid4(), uuid4())
    reserve(work, place)
    expire(world, work)
    seen: list[object] = []

    def look(_store: FolderStore, _schema: str, file_id: UUID) -> None:
        assert file_id == place[2]
        seen.append(rows(world, work).get("reserved"))
        with pytest.raises(LeaseLostError), work.documents.context.change(Verb.EDIT_DOCUMENTS) as session:
            uploads.renew(session, [place[0]])

    monkeypatch.setattr(FolderStore, "delete_leftover", look)
    assert work.sweep() == 1
    assert seen == [None]


def test_a_sweep_is_bounded_and_the_rest_is_for_the_next(
    world: World, work: CenterServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve(work, *[(uuid4(), uuid4(), uuid4()) for _ in range(7)])
    expire(world, work)
    monkeypatch.setattr(abandoned_uploads, "AT_MOST", 3)
    assert abandoned_uploads.sweep(work.documents.context, seconds=-1) == 1, "one is always done"
    assert abandoned_uploads.sweep(work.documents.context) == 6


def test_a_store_that_is_away_is_swept_another_time(world: World, work: CenterServices) -> None:
    reserve(work, (uuid4(), uuid4(), uuid4()))
    expire(world, work)
    away = world.store.with_name("away")
    world.store.rename(away)
    try:
        assert work.sweep() == 0
    finally:
        away.rename(world.store)
    assert rows(world, work)["abandoned"] == 1
    assert work.sweep() == 1


def test_nothing_is_swept_while_the_alarm_of_a_rollback_stands(
    world: World, work: CenterServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve(work, (uuid4(), uuid4(), uuid4()))
    expire(world, work)

    def refuse(*_more: object) -> None:
        raise RefusedError("An older state was put back.")

    monkeypatch.setattr(type(work.documents.context.person), "require_present", refuse)
    assert work.sweep() == 0
    assert rows(world, work)["reserved"] == 1
    monkeypatch.undo()
    assert work.sweep() == 1


def test_what_is_older_than_a_restored_backup_is_given_up_and_its_files_stay(world: World, tmp_path: Path) -> None:
    """The rows that name them may be among those that were lost."""
    with world.sign_in(ROOT) as lab:
        name = world.unused("restored")
        center = lab.center(lab.centers.create(CenterDraft(name=name, slug=name.replace(".", "-"))))
        (saved,) = center.documents.add(Files.make(tmp_path, name).paths[:1]).results
        assert saved.outcome is AddOutcome.SAVED
        place = (uuid4(), uuid4(), uuid4())
        reserve(center, place)
        kept = world.store / center.center.schema_name / place[2].hex[:2] / str(place[2])
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(b"sealed before the backup was put back")
        expire(world, center)
        with closing(world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO public.audit_log (link, at, txid, login, operation, table_name, reason, digest)"
                " VALUES (gen_random_uuid(), now(), pg_current_xact_id(), 'u_x', 'restored', 'trust_log', 'a test', '')"
                " RETURNING seq"
            )
            (entry,) = cursor.fetchone() or (None,)
        try:
            assert center.sweep() == 0
            assert rows(world, center) == {"abandoned": 1, "live": 1}
            assert kept.exists()
            with center.documents.context.read() as session:
                assert uploads.counts(session).kept == 1
        finally:
            with closing(world.superuser()) as connection, connection.cursor() as cursor:
                cursor.execute("DELETE FROM public.audit_log WHERE seq = %s", (entry,))
        assert center.sweep() == 1
        assert not kept.exists()


def test_after_a_restart_who_comes_back_finds_his_place(world: World, work: CenterServices) -> None:
    """All sessions are gone with the server; their programs are given time to come back."""
    place = (uuid4(), uuid4(), uuid4())
    reserve(work, place)
    last_touched_a_while_ago(world, work)
    really(world, work, "UPDATE {} SET backend_start = '2020-01-01' WHERE id = %s", str(place[0]))
    with work.documents.context.read() as session:
        started = "SELECT backend_start > now() - interval '3 minutes' FROM pg_stat_activity"
        (is_young,) = really(world, work, f"{started} WHERE backend_type = 'checkpointer'")[0]
        assert uploads.counts(session).to_sweep == (0 if is_young else 1)
    expire(world, work)
    assert work.sweep() == 1


def test_two_sweep_at_once(world: World, work: CenterServices, at: At) -> None:
    reserve(work, *[(uuid4(), uuid4(), uuid4()) for _ in range(40)])
    expire(world, work)
    other = at("a.user", "alpha")
    swept: list[int] = []
    threads = [threading.Thread(target=lambda each=each: swept.append(each.sweep())) for each in (work, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    wait_until(lambda: len(swept) == 2)
    assert "reserved" not in rows(world, work)
    work.sweep()
    assert "abandoned" not in rows(world, work)


def test_a_deleted_document_s_files_go_too(world: World, work: CenterServices, tmp_path: Path) -> None:
    (saved,) = work.documents.add(Files.make(tmp_path, world.unused("deleted")).paths[1:2]).results
    assert saved.id is not None
    (version,) = work.documents.versions(work.documents.get(saved.id))
    documents = sql.Identifier(work.center.schema_name, "documents")
    assert world.profile.data_dir is not None
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(sql.SQL("DELETE FROM {} WHERE id = %s").format(documents), (str(saved.id),))
    assert str(version.file_id) in files(world, work)
    assert work.sweep() == 1
    assert str(version.file_id) not in files(world, work)


def test_roles(world: World, at: At) -> None:
    """A user of the center sweeps what colleagues left, too."""
    somebody = world.person(Role.USER, "alpha")
    with world.enter(somebody) as lab:
        reserve(lab.center("alpha"), (uuid4(), uuid4(), uuid4()))
    work = at("a.user", "alpha")
    expire(world, work)
    assert work.sweep() >= 1
