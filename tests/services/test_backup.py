"""An installation is backed up while people work and comes back elsewhere: a server, a newer version, and back."""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

import psycopg2
import pytest

from desktop_app.crypto.errors import CryptoError, TamperedError
from desktop_app.db.dump import DumpFailedError
from desktop_app.db.dump_snapshot import open_snapshot
from desktop_app.db.errors import SignInRefusedError
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.server.homes import server_homes
from desktop_app.services.context.rollback_detection import RolledBackError
from desktop_app.services.installation.backup_files import read_list
from desktop_app.services.installation.backup_manifest import read_manifest
from desktop_app.services.installation.opened_backup import OpenedBackup, Opener, open_backup
from desktop_app.storage.backup_folder import MANIFEST, PARTS, SIGNATURE, BackupFolder
from tests.db.installation import wipe
from tests.servers import TestServer
from tests.services.backup_places import PASSWORD, PATIENT, PEOPLE, SIZES, Site, made_site, restored

EVERYTHING = "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles ORDER BY 1"
DRAFT = SampleDraft(name="Another", sample_type=SampleType.BLOOD)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation on the built-in server."""
    with made_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def folder(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one signed backup of it."""
    folder = tmp_path_factory.mktemp("backups")
    assert site.backup(folder).problems == ()
    return folder


def epoch(site: Site) -> UUID:
    """The life of the cluster that the record is written in."""
    with open_snapshot(site.app.servers.administrator_dsn(site.profile, site.dsn)) as snapshot:
        return snapshot.facts.epoch


def assert_whole(back: Site, documents: dict[str, str]) -> None:
    """Every document is equal, every person signs in, the records are sound, and a later change of role works."""
    assert back.documents() == documents
    for who in PEOPLE:
        with back.at(who) as (_lab, work):
            assert [sample.name for sample in work.samples.list().rows][-1:] == [PATIENT]
    with back.at("root.admin") as (lab, work):
        assert lab.audit.verify().is_sound
        assert work.audit.verify().is_sound
        assert all(result.problem is None for result in work.documents.verify())
        assert lab.users.change_role("a.user", Role.VIEWER, "alpha").user.memberships[0].role is Role.VIEWER
    with back.at("a.user") as (_lab, work), pytest.raises(LabkeepError):
        work.samples.create(DRAFT)
    with back.at("root.admin") as (lab, _work):
        lab.users.change_role("a.user", Role.USER, "alpha")
        lab.users.deactivate("a.viewer")
    with pytest.raises(SignInRefusedError), back.at("a.viewer"):
        pass
    with back.at("root.admin") as (lab, _work):
        lab.users.activate("a.viewer")
    with back.at("a.user") as (_lab, work):
        work.samples.create(DRAFT)


def test_comes_back_on_another_machine_and_workstations_accept_it_once_it_is_signed(
    site: Site, folder: Path, tmp_path: Path
) -> None:
    documents = site.documents()
    with site.station(tmp_path / "a workstation") as seen, restored(folder, tmp_path, site) as (back, result):
        assert result.problems == ()
        assert result.signer is not None
        assert epoch(site) != epoch(back) == result.epoch
        with site.at("a.user", seen) as (_lab, work):
            work.samples.create(DRAFT)
        # Who knew the later state takes the silent rollback for what it is.
        with back.at("a.user", seen) as (_lab, work), pytest.raises(RolledBackError):
            work.samples.create(DRAFT)
        with back.at("root.admin", seen) as (lab, _work):
            lab.restoring.sign("The disk broke.")
        with back.at("a.user", seen) as (_lab, work):
            assert work.rollback is None
        with back.at("root.admin") as (lab, _work):
            assert not [each for each in lab.examine(deep=False) if each.code.startswith("schema_")]
        assert_whole(back, documents)


def test_goes_from_a_postgresql_15_to_a_newer_one(system_server_15: TestServer, tmp_path: Path) -> None:
    """A dump by the server's own pg_dump 15, brought back by pg_restore 18, which other rules of memberships hold."""
    wipe(system_server_15)
    with ExitStack() as stack:
        stack.callback(wipe, system_server_15)
        origin = stack.enter_context(made_site(tmp_path / "origin", system_server_15.dsn()))
        documents = origin.documents()
        with origin.backup_role() as dsn:
            assert origin.backup(tmp_path / "backups", dsn=dsn).manifest.server // 10000 == 15
        opener = Opener(kit=origin.kit)
        back, result = stack.enter_context(restored(tmp_path / "backups", tmp_path / "new", origin, opener=opener))
        assert result.root_was_known, "the kit is the root that the trust log begins with"
        assert_whole(back, documents)


@pytest.mark.full
def test_goes_from_the_built_in_server_to_the_labs_and_back(
    site: Site, builtin_server: TestServer, tmp_path: Path
) -> None:
    wipe(builtin_server)
    documents = site.documents()
    site.backup(tmp_path / "there")
    with ExitStack() as stack:
        stack.callback(wipe, builtin_server)
        moved = stack.enter_context(restored(tmp_path / "there", tmp_path / "lab", site, dsn=builtin_server.dsn()))[0]
        assert moved.profile.host == builtin_server.host
        assert_whole(moved, documents)
        moved.backup(tmp_path / "back")
        back = stack.enter_context(restored(tmp_path / "back", tmp_path / "home", site))[0]
        assert back.documents() == documents


def test_adds_only_what_the_folder_lacks_and_keeps_as_many_as_it_is_told(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    plan = site.app.backup.plan(site.profile, folder)
    assert plan.files == plan.new_files > 0
    assert plan.new_bytes > 2_500_000
    assert not folder.exists(), "a plan writes nothing"
    first = site.backup(folder)
    assert (first.new_files, first.new_bytes) == (plan.new_files, plan.new_bytes)
    with site.backup_role() as dsn:
        assert site.backup(folder, dsn=dsn).new_files == 0
    site.add("incremental.txt", b"One more.")
    assert site.app.backup.plan(site.profile, folder).new_files == 1
    second = site.backup(folder, checks_all=True)
    assert (second.new_files, second.manifest.files) == (1, first.manifest.files + 1)
    third = site.backup(folder, keep=2)
    assert third.removed[0] == first.name
    assert sorted(entry.name for entry in (folder / "backups").iterdir()) == [second.name, third.name]
    # Every file that the backups left name is there still, and is the one that was signed.
    left = site.backup(folder, checks_all=True)
    assert (left.new_files, left.problems, left.manifest.files) == (0, (), second.manifest.files)


@pytest.mark.parametrize("by_kit", [False, pytest.param(True, marks=pytest.mark.full)])
def test_a_drill_opens_documents_and_leaves_nothing_behind(
    site: Site, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_kit: bool
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    opener = Opener(kit=site.kit) if by_kit else Opener(username="root.admin", password=PASSWORD)
    found = site.app.restore_drill.run(folder, opener, sample=3)
    assert found.is_good
    assert {center.name: (center.tried, center.opened) for center in found.centers} == {
        "Alpha Hospital": (3, 3),
        "Empty Institute": (0, 0),
    }
    assert found.files == len(SIZES)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert list(tmp_path.iterdir()) == []
    assert not [home for home in server_homes() if home.data_dir.is_relative_to(tmp_path)]


def test_what_nobody_watches_is_signed_by_a_key_that_an_administrator_lent(site: Site, tmp_path: Path) -> None:
    folder, opener = BackupFolder(tmp_path / "backups"), Opener(username="root.admin", password=PASSWORD)

    def signer() -> UUID | None:
        return open_backup(folder, None, opener, None).signer

    def altered(part: str, old: bytes, new: bytes) -> None:
        path = folder.root / "backups" / folder.newest() / part
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new))

    assert site.app.backup_notes.key(site.profile.installation_id) is None
    assert not site.backup(folder.root, None).is_signed
    assert signer() is None
    with site.at("a.admin") as (lab, _work), pytest.raises(RefusedError):
        site.app.backup.lend_key(site.profile, lab.backup_signer.lend)
    with site.at("root.admin") as (lab, _work):
        site.app.backup.lend_key(site.profile, lab.backup_signer.lend)
        root = lab.user.id
    try:
        assert site.backup(folder.root, None).is_signed
        assert signer() == root
        kept = next((site.home / "labkeep" / "state" / "backups").glob("*.key.json"))
        assert kept.stat().st_mode & 0o777 == 0o600
        altered(MANIFEST, b'"users":5', b'"users":6')
        with pytest.raises(TamperedError):
            signer()
        altered(MANIFEST, b'"users":6', b'"users":5')
        altered(SIGNATURE, site.profile.installation_id.hex[:8].encode(), b"00000000")
        with pytest.raises(CryptoError):
            signer()
    finally:
        kept.unlink()


def test_status_knows_the_newest_backup_and_says_when_it_is_too_old(site: Site, tmp_path: Path) -> None:
    notes, installation = site.app.backup_notes, site.profile.installation_id
    made = site.backup(tmp_path / "backups")
    last = notes.last(installation)
    assert last is not None
    assert (last.name, last.signed, last.problems) == (made.name, True, 0)

    def codes(later: timedelta) -> list[str]:
        return [finding.code for finding in notes.findings(installation, last.at + later)]

    assert codes(timedelta(days=6)) == []
    assert codes(timedelta(days=8)) == ["backup_old"]
    notes.note_schedule(installation, timedelta(days=1))
    assert codes(timedelta(hours=47)) == []
    assert codes(timedelta(hours=49)) == ["backup_old"]
    assert notes.findings(UUID(int=0)) == []


def test_the_role_of_scheduled_backups_reads_everything_and_changes_nothing(site: Site) -> None:
    with site.backup_role() as dsn, closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for query in ("SELECT count(*) FROM public.users", "SELECT count(*) FROM internal.person_logins()"):
            cursor.execute(query)
            assert cursor.fetchone() == (len(PEOPLE),)
        cursor.execute("SET default_transaction_read_only = off")
        for statement in (
            "UPDATE public.users SET is_system = true",
            "DELETE FROM public.identity_secrets",
            "CREATE TABLE public.mine (id int)",
            "CREATE TEMP TABLE mine (id int)",
            "CREATE SCHEMA mine",
            "SELECT rolpassword FROM pg_authid",
            "SELECT security.set_verifier('u_' || repeat('a', 32), '')",
            "SELECT api.settle(NULL, NULL, NULL)",
            "SET ROLE labkeep_owner",
            "ALTER ROLE labkeep_backup SUPERUSER",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)


def test_tells_nothing_to_who_has_the_folder_alone(folder: Path, tmp_path: Path, site: Site) -> None:
    whole = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    for words in (PATIENT, "report-11", "Alpha Hospital", "a.admin", "SCRAM-SHA-256", "labkeep_owner"):
        assert words.encode() not in whole
    for opener in (
        Opener(username="root.admin", password="Not-The-Password-1"),
        Opener(username="a.admin", password=PASSWORD),
    ):
        with pytest.raises(RefusedError, match="open nothing here"), restored(folder, tmp_path, site, opener=opener):
            pass


def test_takes_no_backup_that_somebody_changed_or_signed_without_the_right(
    site: Site, folder: Path, tmp_path: Path
) -> None:
    """Each part, the manifest, the signature taken off, and one by an administrator of a center."""
    (name,) = [entry.name for entry in (folder / "backups").iterdir()]

    def refused(kind: type[LabkeepError]) -> str:
        with pytest.raises(kind) as caught, restored(tmp_path / "copy", tmp_path / "to", site):
            pass
        return str(caught.value)

    def changed(part: str, change: Callable[[bytes], bytes]) -> None:
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(folder, tmp_path / "copy")
        path = tmp_path / "copy" / "backups" / name / part
        path.write_bytes(change(path.read_bytes()))

    for part in PARTS:
        changed(part, lambda content: content[:-1] + bytes([content[-1] ^ 1]))
        assert part in refused(TamperedError)
        changed(part, lambda content: content[:-1])
        assert part in refused(TamperedError)
    changed(MANIFEST, lambda content: content.replace(b'"users":5', b'"users":6'))
    assert "after it was signed" in refused(TamperedError)
    changed(SIGNATURE, lambda content: content)
    (tmp_path / "copy" / "backups" / name / SIGNATURE).unlink()
    assert "Nobody signed" in refused(RefusedError)
    with site.at("a.admin") as (lab, _work), pytest.raises(RefusedError):
        lab.backup_signer.sign(b"{}")
    assert not (tmp_path / "to" / "labkeep" / "data").exists(), "no server was started for it"


def test_says_which_files_it_could_not_take_and_takes_the_rest(site: Site, tmp_path: Path) -> None:
    """One missing, one damaged: the backup is made all the same, and so is the restore."""
    site.add("lost.txt", b"Lost.")
    site.add("damaged.txt", b"Damaged.")
    with site.at("a.user") as (_lab, work):
        lost, damaged = (work.documents.versions(work.documents.get(name))[0] for name in ("lost.txt", "damaged.txt"))
    lost_path, damaged_path = (next((site.home / "share").rglob(str(each.file_id))) for each in (lost, damaged))
    kept = {path: path.read_bytes() for path in (lost_path, damaged_path)}
    lost_path.unlink()
    damaged_path.write_bytes(kept[damaged_path][:-1] + b"?")
    try:
        done = site.backup(tmp_path / "backups")
        assert {problem.file_id for problem in done.problems} == {lost.file_id, damaged.file_id}
        with restored(tmp_path / "backups", tmp_path / "to", site) as (back, result):
            assert {problem.file_id for problem in result.problems} == {lost.file_id, damaged.file_id}
            with back.at("a.viewer") as (_lab, work):
                assert work.documents.content(work.documents.get("report-11.txt"))
    finally:
        for path, content in kept.items():
            path.write_bytes(content)
    again = site.backup(tmp_path / "backups")
    assert (again.problems, again.new_files) == ((), 2)


def test_leaves_a_server_as_it_was_where_the_restore_fails(
    site: Site, folder: Path, builtin_server: TestServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dump that breaks off on the way: no database and no role is left, and the next try works."""
    wipe(builtin_server)

    def breaks_off(opened: OpenedBackup, target: BinaryIO) -> None:
        whole = io.BytesIO()
        write_database(opened, whole)
        target.write(whole.getvalue()[: len(whole.getvalue()) // 2])

    write_database = OpenedBackup.write_database
    with closing(psycopg2.connect(builtin_server.admin_dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(EVERYTHING)
        before = cursor.fetchall()
        with monkeypatch.context() as patch:
            patch.setattr(OpenedBackup, "write_database", breaks_off)
            with pytest.raises(DumpFailedError), restored(folder, tmp_path, site, dsn=builtin_server.dsn()):
                pass
        cursor.execute(EVERYTHING)
        assert cursor.fetchall() == before
    site.backup(tmp_path / "unsigned", None)
    try:
        with restored(tmp_path / "unsigned", tmp_path, site, dsn=builtin_server.dsn(), takes_unsigned=True) as (
            back,
            result,
        ):
            assert result.signer is None
            assert back.documents()
    finally:
        wipe(builtin_server)


def test_a_list_that_names_a_center_of_no_backup_makes_no_folder(folder: Path) -> None:
    backups = BackupFolder(folder)
    manifest = read_manifest(backups.read(backups.newest(), MANIFEST))
    row = f"{uuid4()} {uuid4()} 7 {'0' * 64}\n".encode("ascii")
    with pytest.raises(TamperedError, match="not as it was made"):
        next(read_list(io.BytesIO(row), manifest, centers=()))
