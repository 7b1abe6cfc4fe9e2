"""One center goes into a backup of its own and comes back beside what is there, and nothing of another one with it."""

import hashlib
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import pytest

from desktop_app.crypto.errors import CryptoError, TamperedError
from desktop_app.db.dump import DumpFailedError
from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft
from desktop_app.domain.ids import schema_name
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError, NotFoundError, RefusedError
from desktop_app.services.installation.center_restore import CenterRestoreRequest, RestoredCenter
from desktop_app.services.installation.dump_programs import programs_for
from desktop_app.services.installation.opened_backup import OpenedBackup, Opener, open_backup
from desktop_app.services.session.center_services import CenterServices
from desktop_app.storage.backup_folder import DATABASE, MANIFEST, BackupFolder
from tests.services.backup_places import PASSWORD, PATIENT, Site, made_site
from tests.services.conftest import person
from tests.services.database_state import State, database_state
from tests.unit.crypto.test_reader_agrees import READER

ROOT = Opener(username="root.admin", password=PASSWORD)
SECRET = b"Ultraviolet-9931 belongs to Beta alone"
WRITE_DATABASE = OpenedBackup.write_database
SAMPLE = SampleDraft(name="Another", sample_type=SampleType.BLOOD)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation with Alpha, which is brought back, and Beta, which has a document and a person of its own."""
    with made_site(tmp_path_factory.mktemp("site")) as made:
        with made.app.sign_in.sign_in(made.profile, "root.admin", PASSWORD) as lab:
            beta = lab.centers.create(CenterDraft(name="Beta Institute", slug="beta"))
            lab.users.create(person("b.user", Role.USER, beta.id), PASSWORD, keep_password=True)
            (made.home / "beta.txt").write_bytes(SECRET)
            with lab.center("beta") as work:
                assert work.documents.add([made.home / "beta.txt"]).results[0].id is not None
        yield made


@pytest.fixture(scope="module")
def folder(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a backup of the whole installation, and a later one of Alpha."""
    folder = tmp_path_factory.mktemp("backups")
    site.backup(folder)
    plan = site.app.backup.plan(site.profile, folder, center="alpha")
    assert (plan.centers, plan.new_files) == (1, 0)
    done = site.backup(folder, center="alpha")
    assert (done.manifest.centers, done.manifest.files, done.manifest.users) == (1, plan.files, 3)
    return folder


def bring_back(site: Site, folder: Path, name: str | None = None, **changes: str | Opener | bool) -> RestoredCenter:
    """Alpha, as another center."""
    request = CenterRestoreRequest(root=folder, center="alpha", opener=ROOT, name=name)
    for field, value in changes.items():
        object.__setattr__(request, field, value)
    return site.app.center_restore.run(site.profile, request)


def contents(work: CenterServices) -> dict[str, str]:
    """Title and SHA-256 of every document."""
    rows = work.documents.list().rows
    return {row.title: hashlib.sha256(work.documents.content(row)).hexdigest() for row in rows}


def site_center(site: Site, slug: str) -> UUID:
    """The id of a center."""
    with site.at("root.admin") as (lab, _work):
        return lab.centers.get(slug).id


def names_of_others(state: State, *schemas: str) -> State:
    """Of a state of the database what belongs to no center of these schemas and is not the registry's."""
    return {name: rows for name, rows in state.items() if name.startswith("center_") and not name.startswith(schemas)}


def test_a_center_comes_back_beside_itself_and_touches_no_other(site: Site, folder: Path, tmp_path: Path) -> None:
    with site.station(tmp_path / "a workstation") as seen:
        with site.at("a.viewer", seen) as (_lab, work):
            documents = contents(work)
        before = database_state(site)
        back = bring_back(site, folder, "Alpha as it was")
        assert (back.people, back.files, back.problems, back.unreadable) == (3, 4, (), ())
        assert back.center.slug == "alpha-as-it-was"
        after = database_state(site)
        assert names_of_others(before) == names_of_others(after, back.center.schema_name)
        # Who knew the installation takes the new center, and is at no alarm.
        for who in ("a.viewer", "a.user", "a.admin", "root.admin"):
            with site.at(who, seen) as (lab, old), lab.center(back.center.id) as new:
                assert contents(new) == documents == contents(old)
                assert new.rollback is None
                assert [sample.name for sample in new.samples.list().rows][-1:] == [PATIENT]
        with site.at("root.admin", seen) as (lab, _old), lab.center(back.center.id) as new:
            assert lab.trust.disagreements() == ()
            assert lab.audit.verify().is_sound
            assert new.audit.verify().is_sound
            assert all(result.problem is None for result in new.documents.verify())
            assert lab.examine(back.center.id, deep=True) == ()


def test_whoever_is_signed_in_meanwhile_opens_it_at_once(site: Site, folder: Path) -> None:
    """Also where the trust log was read before it came back: nobody is told of a forgery."""
    with site.at("root.admin") as (lab, old), site.at("a.viewer") as (of_viewer, _old):
        back = bring_back(site, folder, "Alpha meanwhile")
        documents = contents(old)
        for each in (lab, of_viewer):
            with each.center(back.center.id) as new:
                assert contents(new) == documents


def test_who_belongs_to_it_is_as_the_trust_log_says_and_changes_later(site: Site, folder: Path) -> None:
    """Who left since the backup does not come back with it, and a role that was taken away stays so."""
    with site.at("root.admin") as (lab, _work):
        lab.users.change_role("a.user", Role.VIEWER, "alpha")
        lab.users.deactivate("a.viewer", new_keys=False)
    try:
        back = bring_back(site, folder, "Alpha by the log")
        assert back.people == 2
    finally:
        with site.at("root.admin") as (lab, _work):
            lab.users.activate("a.viewer")
            lab.users.change_role("a.user", Role.USER, "alpha")
    name = back.center.slug
    with site.at("a.viewer") as (lab, _work), pytest.raises(NotFoundError):
        lab.center(name)
    with site.at("a.user") as (lab, _work), lab.center(name) as new, pytest.raises(LabkeepError):
        new.samples.create(SAMPLE)
    with site.at("root.admin") as (lab, _work):
        assert lab.users.change_role("a.user", Role.USER, name).user
        # The triggers are there again: who, when, barcodes that go on, and the record.
        with site.at("a.user") as (of_user, _old), of_user.center(name) as new:
            made = new.samples.create(SAMPLE)
            assert made.created_by == "a.user"
            (site.home / "later.txt").write_bytes(b"later")
            assert new.documents.add([site.home / "later.txt"]).results[0].id is not None
            changed = new.documents.get("report-11.txt")
            new.documents.edit(changed, DocumentDraft(title="Renamed"))
        with lab.center(name) as new:
            before = contents(new)
            new.keys.rotate()
            assert contents(new) == before
            assert "Renamed" in before
            assert new.audit.verify().is_sound
        lab.users.leave("a.user", name)
    with site.at("a.user") as (lab, _work), pytest.raises(NotFoundError):
        lab.center(name)


def test_a_deleted_center_comes_back_under_its_own_name(site: Site, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is there"):
        bring_back(site, folder)
    gone = folder.parent / "gone"
    with site.at("root.admin") as (lab, _work):
        made = lab.centers.create(CenterDraft(name="Gamma Clinic", slug="gamma"))
        lab.users.create(person("g.user", Role.USER, made.id), PASSWORD, keep_password=True)
        with lab.center("gamma") as work:
            (site.home / "gamma.txt").write_bytes(b"gamma")
            assert work.documents.add([site.home / "gamma.txt"]).results[0].id is not None
    site.backup(gone, center="gamma")
    with site.at("root.admin") as (lab, _work):
        lab.centers.deleted.delete(lab.centers.deactivate("gamma"), "by mistake")
    back = bring_back(site, gone, center="gamma", opener=Opener(kit=site.kit))
    assert (back.center.name, back.center.slug, back.people) == ("Gamma Clinic", "gamma", 1)
    assert back.center.id != made.id
    with site.app.sign_in.sign_in(site.profile, "g.user", PASSWORD) as lab, lab.center("gamma") as work:
        assert work.documents.content(work.documents.get("gamma.txt")) == b"gamma"
    # Who has a dump and the kit, and no Labkeep, opens it as well: the reader knows of restored centers.
    (tmp_path / "kit").write_text(site.kit)
    program, dsn = programs_for(18).path("pg_dump"), site.app.servers.administrator_dsn(site.profile, None)
    subprocess.run([program, "--format=plain", "--file", tmp_path / "dump", "--dbname", dsn], check=True)
    (stored,) = (path for path in (site.home / "share" / back.center.schema_name).rglob("*") if path.is_file())
    READER.open_by_kit(tmp_path / "kit", tmp_path / "dump", stored, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"gamma"


def test_nothing_of_another_center_is_in_it_or_comes_through_it(site: Site, folder: Path) -> None:
    """Not a row, not a file, not a name; and a backup of everything gives one center and no more."""
    beta = schema_name(site_center(site, "beta"))
    opened = open_backup(BackupFolder(folder), BackupFolder(folder).names()[-1], ROOT, None)
    dumped = io.BytesIO()
    opened.write_database(dumped)
    assert beta.encode() not in dumped.getvalue()
    assert "Beta" not in opened.contents.to_bytes().decode()
    assert opened.contents.logins == ()
    with pytest.raises(NotFoundError):
        bring_back(site, folder, "Beta again", center="beta", backup=opened.name)
    with pytest.raises(RefusedError, match="one center"):
        site.app.restore_drill.run(folder, ROOT, opened.name)
    for backup in BackupFolder(folder).names():
        back = bring_back(site, folder, f"Alpha of {backup[-8:]}", backup=backup)
        with site.at("a.viewer") as (lab, _old), lab.center(back.center.id) as new:
            assert "beta.txt" not in contents(new)
            with pytest.raises(NotFoundError):
                lab.center("beta")
        with site.app.sign_in.sign_in(site.profile, "b.user", PASSWORD) as lab, pytest.raises(NotFoundError):
            lab.center(back.center.id)


def test_a_backup_that_was_changed_is_refused_and_leaves_nothing(
    site: Site, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = site.home / "share"
    before, files = database_state(site), sorted(store.rglob("*"))

    def changed(part: str) -> Path:
        copy = tmp_path / part
        shutil.copytree(folder, copy)
        path = copy / "backups" / BackupFolder(copy).names()[-1] / part
        content = path.read_bytes()
        path.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
        return copy

    for part in (MANIFEST, DATABASE):
        with pytest.raises((TamperedError, CryptoError)):
            bring_back(site, changed(part), "Forged")
    with pytest.raises(RefusedError, match="Nobody signed"):
        unsigned = tmp_path / "unsigned"
        site.backup(unsigned, None, center="alpha")
        bring_back(site, unsigned, "Unsigned")
    with pytest.raises(RefusedError, match="no system administrator"):
        bring_back(site, folder, "By A", signer=Opener(username="a.admin", password=PASSWORD))
    with pytest.raises(RefusedError):
        bring_back(site, folder, "By A", opener=Opener(username="a.admin", password=PASSWORD))
    for whole in (0, 1):  # cut where the keys are read, and within the transaction
        with monkeypatch.context() as patch:
            patch.setattr(OpenedBackup, "write_database", cut_after(whole))
            with pytest.raises(DumpFailedError):
                bring_back(site, folder, "Half")
    assert (database_state(site), sorted(store.rglob("*"))) == (before, files)


def cut_after(whole: int) -> Callable[[OpenedBackup, BinaryIO], None]:
    """A dump that is given so often as it is, and then breaks off."""
    left = [True] * whole

    def write(opened: OpenedBackup, target: BinaryIO) -> None:
        made = io.BytesIO()
        WRITE_DATABASE(opened, made)
        content = made.getvalue()
        target.write(content if left and left.pop() else content[: len(content) * 2 // 3])

    return write


def test_another_centers_document_does_not_open_in_a_restored_one(site: Site, folder: Path) -> None:
    """The database's administrator moves Beta's rows and file into it: signed for Beta, they are nobody's there."""
    back = bring_back(site, folder, "Alpha attacked")
    beta, here = schema_name(site_center(site, "beta")), back.center.schema_name
    with closing(site.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in ("documents", "document_versions", "document_keys"):
            cursor.execute(f"INSERT INTO {here}.{table} SELECT * FROM {beta}.{table}")
    shutil.copytree(site.home / "share" / beta, site.home / "share" / here, dirs_exist_ok=True)
    with site.at("root.admin") as (lab, _work), lab.center(back.center.id) as new:
        planted = new.documents.get("beta.txt")
        with pytest.raises(CryptoError, match="another document"):
            new.documents.content(planted)
