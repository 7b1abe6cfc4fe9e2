"""The doctor finds damage that was really done, mends what is safe, and finds nothing where nothing is wrong."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, RefusedError
from desktop_app.services.maintenance import doctor
from tests.services.conftest import ROOT, World
from tests.services.database_state import put_back
from tests.services.test_abandoned_uploads import expire, reserve
from tests.services.ward import Ward, made


@pytest.fixture(scope="module")
def ward(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    scene = made(world, tmp_path_factory.mktemp("ward"))
    yield scene
    scene.admin.close()


@pytest.fixture(autouse=True)
def whole(ward: Ward) -> Iterator[None]:
    """Every test begins and ends with nothing to find, its files put back."""
    kept = ward.world.store.with_name("kept files")
    folder = ward.world.store / ward.center.schema_name
    shutil.copytree(folder, kept)
    yield
    shutil.rmtree(folder, ignore_errors=True)
    kept.rename(folder)
    assert ward.found() == []


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize(
    ("damage", "code", "needs_reading"),
    [
        (Path.unlink, "missing_file", False),
        (cut, "cut_file", False),
        (lengthen, "damaged_file", False),
        (flip, "damaged_file", True),
    ],
)
def test_damaged_files(ward: Ward, damage: Callable[[Path], None], code: str, needs_reading: bool) -> None:
    damage(ward.file(1))
    (finding,) = ward.found(repair=True)
    assert (finding.code, finding.id, finding.center) == (code, ward.versions[1][0], ward.center.name)
    assert ward.codes(deep=False) == ([] if needs_reading else [code])


def test_two_files_that_changed_places(ward: Ward) -> None:
    one, other = ward.file(0), ward.file(2)
    first = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(first)
    found = {(finding.code, finding.id) for finding in ward.found()}
    assert found == {("swapped_file", ward.versions[0][0]), ("swapped_file", ward.versions[2][0])}


def test_files_of_another_center(ward: Ward, tmp_path: Path) -> None:
    other = made(ward.world, tmp_path, 2)
    ward.file(0).write_bytes(other.file(0).read_bytes())
    gone_astray = ward.world.store / ward.center.schema_name / other.file(1).parent.name / other.file(1).name
    gone_astray.parent.mkdir(exist_ok=True)
    shutil.copy(other.file(1), gone_astray)
    assert sorted(ward.codes()) == ["damaged_file", "unnamed_file"], "who administers this center alone cannot know"
    found = [each for each in ward.world.lab(ROOT).examine() if each.center == ward.center.name]
    assert {(each.code, each.id) for each in found} == {
        ("foreign_file", ward.versions[0][0]),
        ("foreign_file", other.versions[1][1]),
    }
    other.admin.close()


def test_files_that_no_row_names(ward: Ward) -> None:
    stray, half = uuid4(), uuid4()
    folder = ward.world.store / ward.center.schema_name
    for file_id, name in ((stray, f"{stray}"), (half, f".{half}.part")):
        (folder / file_id.hex[:2]).mkdir(exist_ok=True)
        (folder / file_id.hex[:2] / name).write_bytes(b"something")
    assert {(each.code, each.id) for each in ward.found()} == {("unnamed_file", stray), ("half_written", half)}
    assert ward.codes(repair=True) == ["unnamed_file"], "half a file is nobody's; a whole one may be a lost document"
    assert (folder / stray.hex[:2] / str(stray)).exists()


def test_a_folder_of_no_center(ward: Ward) -> None:
    folder = ward.world.store / f"center_{uuid4().hex}"
    folder.mkdir()
    root = ward.world.lab(ROOT)
    try:
        codes = [each.code for each in root.examine(deep=False, repair=True) if folder.name in each.text]
        assert codes == ["foreign_folder"]
        assert folder.exists()
    finally:
        folder.rmdir()


def test_a_folder_that_is_gone_is_one_finding(ward: Ward) -> None:
    folder = ward.world.store / ward.center.schema_name
    shutil.rmtree(folder)
    assert ward.codes() == ["missing_folder"]


def test_a_store_that_is_away(ward: Ward) -> None:
    away = ward.world.store.with_name("away")
    ward.world.store.rename(away)
    try:
        assert ward.codes() == ["store_missing"]
    finally:
        away.rename(ward.world.store)


def test_expired_reservations_are_cleared_away(ward: Ward) -> None:
    reserve(ward.work, (uuid4(), uuid4(), uuid4()))
    assert ward.found() == [], "somebody is at work"
    expire(ward.world, ward.work)
    assert ward.codes() == ["expired_uploads"]
    assert ward.codes(repair=True) == []


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("DELETE FROM {s}.document_keys WHERE version_id = %s", "missing_key"),
        ("UPDATE {s}.document_keys SET token = 'x' WHERE version_id = %s", "swapped_document_key"),
        ("UPDATE {s}.document_versions SET signature = 'x' WHERE id = %s", "forged_version"),
    ],
)
def test_rows_of_versions(ward: Ward, damage: str, code: str) -> None:
    version = str(ward.versions[3][0])
    ward.really("CREATE TABLE public.kept_keys AS SELECT * FROM {s}.document_keys")
    (signature,) = ward.really("SELECT signature FROM {s}.document_versions WHERE id = %s", version)
    ward.really(damage, version)
    try:
        also = {"row_unlike_record", "forged_facts"}  # the record and the document's title lean on the same row
        found = [each for each in ward.found(repair=True) if each.code not in also]
        assert [(each.code, each.id) for each in found] == [(code, ward.versions[3][0])]
    finally:
        ward.really("DELETE FROM {s}.document_keys")
        ward.really("INSERT INTO {s}.document_keys SELECT * FROM public.kept_keys")
        ward.really("DROP TABLE public.kept_keys")
        ward.really("UPDATE {s}.document_versions SET signature = %s WHERE id = %s", signature[0], version)


def test_a_title_that_nobody_signed(ward: Ward) -> None:
    ((document, title),) = ward.really("SELECT id::text, title FROM {s}.documents ORDER BY id LIMIT 1")
    ward.really("UPDATE {s}.documents SET title = 'Another patient' WHERE id = %s", document)
    try:
        found = ward.found()
        assert {(each.code, str(each.id)) for each in found} == {
            ("row_unlike_record", document),
            ("forged_facts", document),
        }
    finally:
        ward.really("UPDATE {s}.documents SET title = %s WHERE id = %s", title, document)


def test_a_record_that_was_changed(ward: Ward) -> None:
    ((seq, at),) = ward.really("SELECT seq, at FROM {s}.audit_log ORDER BY seq LIMIT 1")
    ward.really("UPDATE {s}.audit_log SET at = at - interval '1 day' WHERE seq = %s", seq)
    try:
        assert ward.codes() == ["broken_record"]
    finally:
        ward.really("UPDATE {s}.audit_log SET at = %s WHERE seq = %s", at, seq)


def test_grants_that_are_missing_or_nobodys(ward: Ward) -> None:
    user = ward.admin.users.get(ward.user.username).id
    ward.really(
        "DELETE FROM {s}.key_grants g USING public.identities i WHERE i.id = g.identity_id AND i.user_id = %s",
        str(user),
    )
    (finding,) = ward.found()
    assert (finding.code, finding.id) == ("missing_grant", user)
    assert ward.codes(repair=True) == []
    with ward.world.enter(ward.user) as lab, lab.center(ward.center.name) as work:
        documents = work.documents.list(None, None, 10).rows
        assert work.documents.content(documents[0]), "the keys that were sealed again open"
    beta = ward.world.lab(ROOT).users.get("b.user")
    ward.really(
        "INSERT INTO {s}.key_grants (key_version, identity_id, sealed)"
        " SELECT 1, i.id, (SELECT sealed FROM {s}.key_grants LIMIT 1) FROM public.identities i"
        " WHERE i.user_id = %s AND i.retired_at IS NULL",
        str(beta.id),
    )
    assert ward.codes() == ["needless_grant"]
    assert ward.codes(repair=True) == []


def test_the_kit_gets_its_grants_again(ward: Ward) -> None:
    ward.really(
        "DELETE FROM {s}.key_grants g USING public.identities i WHERE i.id = g.identity_id AND i.user_id IS NULL"
    )
    assert ward.found() == [], "a center's administrator can do nothing about the kit"
    root = ward.world.lab(ROOT)
    assert [each.code for each in ward.found(root)] == ["missing_kit_grant"]
    assert ward.found(root, repair=True) == []


def test_groups_that_disagree_with_the_places(ward: Ward) -> None:
    user = ward.admin.users.get(ward.user.username)
    as_labkeep = "SET ROLE labkeep_security; GRANT {s}_admin TO " + user.login + "; RESET ROLE"
    ward.really(as_labkeep)
    assert [(each.code, each.id) for each in ward.found()] == [("group_without_place", user.id)]
    assert ward.codes(repair=True) == []
    ward.really(f"SET ROLE labkeep_security; REVOKE {ward.center.schema_name}_user FROM {user.login}; RESET ROLE")
    assert ward.codes() == ["place_without_group"]
    assert ward.codes(repair=True) == []


def test_a_place_that_the_trust_log_does_not_know(ward: Ward) -> None:
    user = ward.admin.users.get(ward.user.username)
    ward.really("UPDATE public.memberships SET role = 'admin' WHERE user_id = %s", str(user.id))
    try:
        found = {(each.code, each.id) for each in ward.found(repair=True)}
        assert ("place_differs", user.id) in found
        assert ("place_without_group", user.id) in found, "nothing is given that the trust log does not say"
    finally:
        ward.really("UPDATE public.memberships SET role = 'user' WHERE user_id = %s", str(user.id))


def test_a_login_of_somebody_deactivated_that_is_open(ward: Ward) -> None:
    root = ward.world.lab(ROOT)
    leaver = root.users.get(ward.world.person(Role.VIEWER, ward.center.name).username)
    root.users.deactivate(leaver.id, new_keys=False)
    ward.really(f"SET ROLE labkeep_security; ALTER ROLE {leaver.login} LOGIN; RESET ROLE")

    def codes(**how: Any) -> list[str]:
        return [each.code for each in root.examine(deep=False, **how) if leaver.username in each.text]

    assert codes() == ["open_login"]
    assert codes(repair=True) == []
    ((is_open,),) = ward.really("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", leaver.login)
    assert is_open is False
    assert "rotation_due" in ward.codes(deep=False)
    ward.work.keys.rotate()


@pytest.mark.parametrize(
    ("drift", "back"),
    [
        ("GRANT SELECT ON {s}.audit_log TO {s}_viewer", "REVOKE SELECT ON {s}.audit_log FROM {s}_viewer"),
        ("ALTER TABLE {s}.samples DISABLE TRIGGER ALL", "ALTER TABLE {s}.samples ENABLE TRIGGER ALL"),
        ("ALTER TABLE {s}.samples DISABLE ROW LEVEL SECURITY", "ALTER TABLE {s}.samples ENABLE ROW LEVEL SECURITY"),
        ("CREATE TABLE {s}.extra (id integer)", "DROP TABLE {s}.extra"),
    ],
)
def test_a_schema_that_is_not_what_its_template_makes(ward: Ward, drift: str, back: str) -> None:
    ward.really(drift)
    try:
        assert set(ward.codes(repair=True)) == {"schema_drift"}
    finally:
        ward.really(back)


@pytest.mark.parametrize(
    ("drift", "back"),
    [
        ("GRANT UPDATE ON public.users TO labkeep_app", "REVOKE UPDATE ON public.users FROM labkeep_app"),
        ("GRANT USAGE ON SCHEMA internal TO labkeep_app", "REVOKE USAGE ON SCHEMA internal FROM labkeep_app"),
        ("CREATE FUNCTION api.extra() RETURNS integer RETURN 1", "DROP FUNCTION api.extra()"),
        ("ALTER TABLE public.users DISABLE ROW LEVEL SECURITY", "ALTER TABLE public.users ENABLE ROW LEVEL SECURITY"),
    ],
)
def test_a_shared_schema_that_is_not_what_the_migrations_make(ward: Ward, drift: str, back: str) -> None:
    def found() -> list[str]:
        every = ward.of_installation()
        return [each.text for each in every if each.code.startswith("schema_") and not each.center]

    assert found() == []
    ward.really(drift)
    try:
        assert found()
    finally:
        ward.really(back)


def test_a_closed_center_is_looked_at_from_outside(ward: Ward) -> None:
    root, schema = ward.world.lab(ROOT), ward.center.schema_name
    root.centers.deactivate(ward.center.id)
    moved, content = ward.file(0).with_name("moved"), ward.file(0).read_bytes()
    try:
        closed = root.centers.get(ward.center.id)
        assert root.examine(closed) == ()
        assert not [each for each in root.examine(deep=False) if each.center == closed.name]
        ward.file(0).rename(moved)
        ward.really("GRANT SELECT ON {s}.samples TO PUBLIC")
        with put_back(ward.world, [f"{schema}.key_grants"]):
            ward.really("DELETE FROM {s}.key_grants")
            assert {each.code for each in root.examine(closed)} == {"schema_drift", "missing_grant", "missing_file"}
        ward.really("REVOKE SELECT ON {s}.samples FROM PUBLIC")
        moved.rename(ward.file(0))
        ward.file(0).write_bytes(content[:-1])
        assert [each.code for each in root.examine(closed)] == ["cut_file"]
    finally:
        ward.file(0).write_bytes(content)
        root.centers.restore(ward.center.id)


def test_a_key_that_is_older_than_the_center_wants(ward: Ward) -> None:
    root = ward.world.lab(ROOT)
    center = root.centers.get(ward.center.id)
    root.centers.update(
        center, CenterDraft(name=center.name, slug=center.slug, settings={"keys": {"remind_after_days": 30}})
    )
    assert ward.found() == []
    ward.really("UPDATE {s}.tenant_keys SET created_at = created_at - interval '40 days' WHERE state = 'active'")
    try:
        assert "key_too_old" in [each.code for each in root.examine(ward.center.id, deep=False)]
    finally:
        ward.really("UPDATE {s}.tenant_keys SET created_at = created_at + interval '40 days' WHERE state = 'active'")


def test_who_may_not_and_who_stops(ward: Ward) -> None:
    with ward.world.enter(ward.user) as lab:
        for center in (ward.center, None):
            with pytest.raises(RefusedError):
                lab.examine(center)
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        ward.admin.examine(ward.center, report=stop)
    assert told[-1] == (2, 4)


def test_a_million_findings_are_a_number(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "AT_MOST", 2)
    for at in range(4):
        ward.file(at).unlink()
    texts = [str(each.text) for each in ward.found()]
    assert len(texts) == 3
    assert texts[-1] == "There are 2 more of this kind."


def test_on_every_server(each_world: World, tmp_path: Path) -> None:
    here = made(each_world, tmp_path, 2)
    assert here.found() == []
    assert [each for each in each_world.lab(ROOT).examine(deep=False) if here.center.name in (each.center, "")] == []
    here.really("GRANT {s}_admin TO " + here.admin.users.get(here.user.username).login)
    assert here.codes(deep=False) == ["group_without_place"]
    left = here.codes(deep=False, repair=True)
    # Before 16 a membership has no grantor: Labkeep revokes also what the database's administrator granted.
    assert left == ([] if each_world.server is not None else ["group_without_place"])
    here.admin.close()


def test_nothing_is_found_while_others_work(ward: Ward, tmp_path: Path) -> None:
    """Adding, rotating and deleting go on while it is looked over again and again."""
    busy = made(ward.world, tmp_path, 2)
    stop = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with ward.world.enter(busy.user) as lab, lab.center(busy.center.name) as center:
                number = 0
                while not stop.is_set():
                    number += 1
                    path = tmp_path / f"while {number}.txt"
                    path.write_bytes(os.urandom(5_000))
                    assert center.documents.add([path]).not_saved == ()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for turn in range(6):
            assert busy.found() == []
            if turn == 2:
                busy.work.keys.rotate()
    finally:
        stop.set()
        thread.join()
        busy.admin.close()
    assert failed == []
