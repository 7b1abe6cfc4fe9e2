"""Stored files are read a few at a time: it goes on where it stopped, and what is wrong is known until it is not."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.health import Scrub
from desktop_app.errors import Cancelled, RefusedError
from desktop_app.services.maintenance.health import Health
from desktop_app.storage.errors import StoreMissingError
from tests.services.conftest import World
from tests.services.ward import Ward, made


@pytest.fixture
def ward(world: World, tmp_path: Path) -> Iterator[Ward]:
    scene = made(world, tmp_path)
    yield scene
    scene.admin.close()


def step(ward: Ward, **how: Any) -> list[str]:
    return [finding.code for finding in ward.work.health.scrub(seconds=-1.0, **how)]


def scrub(ward: Ward) -> Scrub:
    found = ward.work.health.known().scrub
    assert found is not None
    return found


def put_off(ward: Ward, days: int) -> None:
    """As if it had begun so many days ago."""
    known = scrub(ward)
    notes = ward.work.health.context.person.remembered.health
    earlier = Scrub(known.began - timedelta(days=days), known.after, known.checked, known.wrong, known.ended)
    notes.keep(ward.world.profile.installation_id, ward.center.id, scrub=earlier)


def test_one_after_the_other_and_again_when_it_is_time(ward: Ward) -> None:
    assert ward.work.health.known().scrub is None
    for number in range(1, 5):
        assert step(ward) == []
        assert (scrub(ward).checked, scrub(ward).after) == (number, ward.versions[number - 1][0])
    assert scrub(ward).ended is None
    step(ward)
    assert scrub(ward).ended is not None, "there was nothing left"
    before = scrub(ward)
    step(ward)
    assert scrub(ward) == before, "it is done for this month"
    put_off(ward, 30)
    step(ward)
    assert (scrub(ward).checked, scrub(ward).ended) == (1, None)
    assert datetime.now(UTC) - scrub(ward).began < timedelta(minutes=5)


def test_what_is_wrong_is_told_once_and_kept_until_it_is_mended(ward: Ward) -> None:
    whole = ward.file(1).read_bytes()
    ward.file(1).write_bytes(whole[:-1])
    assert [finding.code for finding in ward.work.health.scrub()] == ["cut_file"]
    assert scrub(ward).wrong == (ward.versions[1][0],)
    (kept,) = ward.work.health.scrubbed()
    assert (kept.code, kept.id) == ("cut_file", ward.versions[1][0])
    put_off(ward, 30)
    assert ward.work.health.scrub() == (), "everybody knows already"
    assert scrub(ward).wrong == (ward.versions[1][0],)
    ward.file(1).write_bytes(whole)
    assert ward.work.health.scrubbed() == ()
    assert scrub(ward).wrong == ()


def test_whoever_stops_it_loses_nothing(ward: Ward) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        ward.work.health.scrub(stop)
    assert (scrub(ward).checked, scrub(ward).ended) == (2, None)


def test_a_store_that_is_away_counts_as_nothing_read(ward: Ward) -> None:
    step(ward)
    away = ward.world.store.with_name("away")
    ward.world.store.rename(away)
    try:
        with pytest.raises(StoreMissingError):
            step(ward)
        assert (scrub(ward).checked, scrub(ward).wrong) == (1, ())
    finally:
        away.rename(ward.world.store)


def test_each_workstation_reads_by_itself(ward: Ward, tmp_path: Path) -> None:
    ward.work.health.scrub()
    with (
        closing(ward.world.elsewhere(tmp_path / "other")) as app,
        app.sign_in.sign_in(ward.world.profile, ward.user.username, ward.user.password) as lab,
        lab.center(ward.center.name) as work,
    ):
        assert work.health.known().scrub is None
        with pytest.raises(RefusedError):
            work.health.examine()
        assert work.health.scrub() == (), "everybody of the center may read, and so look for damage"


def test_a_center_that_wants_none(ward: Ward) -> None:
    root = ward.world.lab("root.admin")
    settings = {"health": {"scrub_every_days": 0}}
    draft = CenterDraft(name=ward.center.name, slug=ward.center.slug, settings=settings)
    root.centers.update(root.centers.get(ward.center.id), draft)
    with ward.world.enter(ward.user) as lab, lab.center(ward.center.name) as work:
        assert work.health.scrub() == ()
        assert work.health.known().scrub is None


def test_checks_that_somebody_asked_for_are_remembered(ward: Ward) -> None:
    health: Health = ward.work.health
    assert health.examine() == ()
    assert health.verify_record() == ()
    shutil.rmtree(ward.world.store / ward.center.schema_name)
    assert [finding.code for finding in health.examine()] == ["missing_folder"]
    known = health.known()
    assert known.documents is not None
    assert known.record is not None
    assert (known.documents.found, known.record.found) == (1, 0)
