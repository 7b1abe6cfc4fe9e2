"""How often stored files are read, and what a workstation remembers of it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop_app.domain.health import (
    EVERY_DAYS,
    CenterHealth,
    Checked,
    Scrub,
    health_problem,
    is_scrub_due,
    scrub_every_days,
)
from desktop_app.storage.health_notes import HealthNotes

WRONG = [3, [], {}, {"scrub_every_days": -1}, {"scrub_every_days": "7"}, {"scrub_every_days": False},
         {"scrub_every_days": 0.5}, {"scrub_every_days": 10_000}, {"scrub_every_days": 7, "more": 1}]  # fmt: skip
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_the_center_says_how_often() -> None:
    assert scrub_every_days({}) == EVERY_DAYS
    for days in (0, 1, 9_999):
        settings = {"health": {"scrub_every_days": days}}
        assert health_problem(settings) is None
        assert scrub_every_days(settings) == days


@pytest.mark.parametrize("health", WRONG)
def test_settings_of_another_form(health: object) -> None:
    assert "scrub_every_days" in (health_problem({"health": health}) or "")


def test_when_it_is_time() -> None:
    under_way = Scrub(NOW - timedelta(days=400))
    done = Scrub(NOW - timedelta(days=6), ended=NOW)
    assert is_scrub_due(None, 7, NOW)
    assert is_scrub_due(under_way, 7, NOW), "what was begun is ended"
    assert not is_scrub_due(done, 7, NOW)
    assert is_scrub_due(done, 6, NOW)
    assert not is_scrub_due(under_way, 0, NOW)


def test_notes_are_there_again(tmp_path: Path) -> None:
    installation, center, other = uuid4(), uuid4(), uuid4()
    scrub = Scrub(NOW, UUID(int=7), 3, (UUID(int=5), UUID(int=6)), NOW + timedelta(hours=1))
    HealthNotes(tmp_path).keep(installation, center, scrub=scrub)
    HealthNotes(tmp_path).keep(installation, center, record=Checked(NOW, 2))
    HealthNotes(tmp_path).keep(installation, other, documents=Checked(NOW, 0), scrub=Scrub(NOW))
    notes = HealthNotes(tmp_path)
    assert notes.of(installation, center) == CenterHealth(None, Checked(NOW, 2), scrub)
    assert notes.of(installation, other) == CenterHealth(Checked(NOW, 0), None, Scrub(NOW))
    assert notes.of(uuid4(), center) == CenterHealth()


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"x": {}}', json.dumps({str(UUID(int=7)): {"documents": {"at": "2026-01-01"}}})]
)
def test_a_damaged_file_counts_as_empty_and_is_written_anew(tmp_path: Path, content: str) -> None:
    installation, center = uuid4(), uuid4()
    file = tmp_path / "remembered" / f"{installation}.health.json"
    file.parent.mkdir()
    file.write_text(content)
    notes = HealthNotes(tmp_path)
    assert notes.of(installation, center) == CenterHealth()
    notes.keep(installation, center, record=Checked(NOW, 0))
    assert notes.of(installation, center).record == Checked(NOW, 0)
    assert file.stat().st_mode & 0o777 == 0o600
