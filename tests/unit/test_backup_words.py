"""What is remembered of backups and drills, and what is said of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from desktop_app.services.installation.backup_notes import BackupNotes, LastBackup, LastDrill
from desktop_app.ui.dialogs.health_backups import backup_words, drill_words
from desktop_app.ui.widgets.check_card import GOOD, NOT_YET, WARNING

LAB = UUID(int=7)
NOW = datetime.now(UTC)


@pytest.fixture
def notes(tmp_path: Path) -> BackupNotes:
    return BackupNotes(tmp_path / "backups")


def said(notes: BackupNotes) -> tuple[tuple[tuple[str, str], str], tuple[tuple[str, str], str]]:
    findings = tuple(notes.findings(LAB))
    return (
        backup_words(notes.last(LAB), notes.every(LAB), findings),
        drill_words(notes.drill(LAB), findings),
    )


def test_a_computer_that_made_none(notes: BackupNotes) -> None:
    assert [look for look, _text in said(notes)] == [NOT_YET, NOT_YET]
    notes.note_schedule(LAB, timedelta(days=1))
    (look, text), _drill = said(notes)
    assert look == WARNING
    assert "none was made yet" in text


def test_a_good_backup_and_a_good_drill(notes: BackupNotes) -> None:
    notes.note(LAB, LastBackup("name", NOW, "/media/backups", signed=True, problems=0))
    notes.note_drill(LAB, LastDrill("name", NOW, 0))
    (look, text), (drill_look, drill_text) = said(notes)
    assert (look, drill_look) == (GOOD, GOOD)
    assert "/media/backups" in text
    assert "None is scheduled" in text
    assert drill_text.startswith("Everything came back and opened")
    notes.note_schedule(LAB, timedelta(days=1))
    assert "None is scheduled" not in said(notes)[0][1]


def test_what_is_old_or_not_whole_or_did_not_come_back_has_a_next_step(notes: BackupNotes) -> None:
    notes.note(LAB, LastBackup("name", NOW - timedelta(days=30), "/media/backups", signed=False, problems=2))
    notes.note_drill(LAB, LastDrill("name", NOW, 3))
    (look, text), (drill_look, drill_text) = said(notes)
    assert (look, drill_look) == (WARNING, WARNING)
    for part in ("30 days old", "2 files could not be taken", "Nobody signed it.", "run labkeep-admin backup"):
        assert part in text
    assert "3 things did not come back" in drill_text
    assert "make another backup" in drill_text
    assert "did not come back" not in text
    assert [each.code for each in notes.findings(LAB)] == ["backup_old", "backup_incomplete", "drill_failed"]
