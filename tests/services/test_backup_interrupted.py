"""Backups and restores that people work beside, and that are killed on the way: the next one is whole."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.services.installation.backup import list_backups
from desktop_app.services.installation.opened_backup import Opener
from tests.db.installation import wipe
from tests.servers import TestServer
from tests.services.backup_places import PASSWORD, SIZES, Site, made_site, restored
from tests.services.killed_child import killed

OPENER = Opener(username="root.admin", password=PASSWORD)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.mark.full
def test_everything_in_a_backup_is_there_whoever_saves_meanwhile(site: Site, tmp_path: Path) -> None:
    stop = threading.Event()
    saved: list[str] = []

    def save() -> None:
        path = site.home / "meanwhile.txt"
        path.write_bytes(b"Saved while a backup ran.")
        with site.at("a.user") as (_lab, work):
            while not stop.is_set():
                saved.append(str(work.documents.add([path]).results[0].id))

    people = threading.Thread(target=save)
    people.start()
    try:
        made = [site.backup(tmp_path / "backups", None) for _ in range(3)]
    finally:
        stop.set()
        people.join()
    assert [done.problems for done in made] == [(), (), ()]
    assert made[-1].manifest.files > made[0].manifest.files >= len(SIZES), "nobody saved meanwhile"
    found = site.app.restore_drill.run(tmp_path / "backups", OPENER, sample=1000, takes_unsigned=True)
    assert found.is_good
    (alpha,) = [center for center in found.centers if center.tried]
    assert found.files == alpha.tried == alpha.opened == made[-1].manifest.files


def test_a_killed_backup_counts_for_nothing_and_the_next_one_goes_on(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    killed("restoring_child", site.profile, site.home / "labkeep", "a file was copied", folder=str(folder))
    assert list_backups(folder) == ()
    assert len(list((folder / "backups").iterdir())) == 1, "something half is left"
    done = site.backup(folder)
    assert (done.problems, done.new_files) == ((), done.manifest.files - 1)
    assert [entry.name for entry in (folder / "backups").iterdir()] == [done.name]


def test_a_killed_restore_is_taken_away_by_the_next_one(site: Site, builtin_server: TestServer, tmp_path: Path) -> None:
    wipe(builtin_server)
    site.backup(tmp_path / "backups")
    (tmp_path / "share").mkdir()
    places = {"folder": str(tmp_path / "backups"), "store": str(tmp_path / "share"), "dsn": builtin_server.dsn()}
    try:
        home, point = tmp_path / "labkeep", "half of the dump"
        killed("restoring_child", site.profile, home, point, time=2, kit=site.kit, **places)
        with restored(tmp_path / "backups", tmp_path, site, dsn=builtin_server.dsn()) as (back, result):
            assert result.problems == ()
            assert back.documents().keys() == site.documents().keys()
    finally:
        wipe(builtin_server)
