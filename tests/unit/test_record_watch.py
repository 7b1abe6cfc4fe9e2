"""What is seen of a record is compared with what was seen before, and kept: states made by hand, a real memory."""

import time
from pathlib import Path
from uuid import UUID

import pytest

from desktop_app.db.sessions import RecordState, SchemaState
from desktop_app.services.context.rollback_detection import RollbackDetector
from desktop_app.storage.errors import RememberedBrokenError
from desktop_app.storage.seen_heads import RememberedHead, SeenHeads

LAB, CENTER = UUID(int=1), UUID(int=2)
SCHEMA = SchemaState("c0001", "s0001", "0", "1.0")
ZEROS, RESTORED = bytes(32), b"r" * 32


def digest(number: int) -> bytes:
    return bytes([number]) * 32


def state(number: int, then: int | None = None) -> RecordState:
    """A record that has so many links; *then* is what it says of the link that was asked for."""
    return RecordState(number, digest(number), None if then is None else digest(then), SCHEMA)


class Place:
    """A watch, its memory, and the lineage that is believed now."""

    def __init__(self, state: Path) -> None:
        self.remembered = SeenHeads(state)
        self.lineage: bytes | None = ZEROS
        self.watch = self.other()

    def other(self) -> RollbackDetector:
        return RollbackDetector(self.remembered, LAB, CENTER, lambda: self.lineage)

    def kept(self) -> RememberedHead | None:
        return self.remembered.audit_head(LAB, CENTER)

    def see(self, number: int, watch: RollbackDetector | None = None, *, then: int | None = None) -> None:
        watch = watch or self.watch
        asked = watch.asks()
        watch.sees(asked, state(number, asked if then is None else then))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_what_goes_on_from_what_was_seen_is_kept(place: Place) -> None:
    assert place.watch.asks() is None
    place.see(3)
    assert place.kept() == RememberedHead(3, digest(3), ZEROS)
    place.see(5)
    place.watch.flush()
    assert place.kept() == RememberedHead(5, digest(5), ZEROS)
    assert place.watch.lost is None
    assert place.watch.schema == SCHEMA


def test_a_busy_workstation_writes_once_a_second_and_the_rest_at_the_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    place.see(1)
    for number in range(2, 9):
        now[0] += 0.1
        place.see(number)
    assert place.kept() == RememberedHead(1, digest(1), ZEROS)
    now[0] += 0.5
    place.see(9)
    assert place.kept() == RememberedHead(9, digest(9), ZEROS)
    place.see(10)
    place.watch.flush()
    assert place.kept() == RememberedHead(10, digest(10), ZEROS)


@pytest.mark.parametrize("later", [2, 4, 9])
def test_another_past_is_an_alarm_however_long_the_record_is(place: Place, later: int) -> None:
    place.see(4)
    place.see(later, then=7)
    assert place.watch.lost == RememberedHead(4, digest(4), ZEROS)
    assert place.kept() == RememberedHead(4, digest(4), ZEROS), "what was seen stays what is asked for"
    fresh = place.other()
    place.see(later, fresh, then=7)
    assert fresh.lost is not None
    place.see(later)
    assert place.watch.lost is None, "what was taken away was put back"


def test_a_record_that_has_no_such_link_is_an_alarm(place: Place) -> None:
    place.see(4)
    place.watch.sees(place.watch.asks(), RecordState(2, digest(2), None, SCHEMA))
    assert place.watch.lost is not None
    place.watch.sees(place.watch.asks(), RecordState(None, b"", None, SCHEMA))
    assert place.watch.lost is not None


def test_a_restoration_that_is_believed_begins_anew(place: Place) -> None:
    place.see(8)
    place.see(3, then=7)
    place.lineage = None
    place.see(3, then=7)
    assert place.watch.lost is not None, "a log that is not believed excuses nothing"
    place.lineage = RESTORED
    place.see(3, then=7)
    assert place.watch.lost is None
    assert place.kept() == RememberedHead(3, digest(3), RESTORED)
    place.see(2, then=7)
    assert place.watch.lost is not None, "and excuses nothing later"


def test_the_lineage_of_a_record_that_stood_still_is_kept_too(place: Place) -> None:
    place.see(8)
    place.lineage = RESTORED
    place.see(8)
    place.watch.flush()
    assert place.kept() == RememberedHead(8, digest(8), RESTORED)


def test_nothing_is_kept_before_the_trust_log_was_read(place: Place) -> None:
    place.lineage = None
    place.see(3)
    assert place.kept() is None
    place.lineage = ZEROS
    place.see(3)
    assert place.kept() == RememberedHead(3, digest(3), ZEROS)


def test_another_program_that_saw_more_or_something_else_is_believed(place: Place) -> None:
    place.see(3)
    other = place.other()
    place.see(9, other)
    other.flush()
    place.see(4)
    place.watch.flush()
    assert place.watch.asks() == 9
    place.remembered.remember_audit_head(LAB, CENTER, RememberedHead(12, b"x" * 32))
    place.see(12)
    place.watch.flush()
    assert place.watch.asks() == 12
    place.see(12)
    assert place.watch.lost == RememberedHead(12, b"x" * 32)


def test_a_damaged_memory_stops_and_a_full_disk_does_not(place: Place, tmp_path: Path) -> None:
    place.see(3)
    folder = tmp_path / "remembered"
    (folder / f"{LAB}.json").write_text("{")
    with pytest.raises(RememberedBrokenError):
        place.other().asks()
    place.see(4)
    place.watch.flush()
    place.remembered.forget(LAB)
    place.watch.flush()
    assert place.kept() == RememberedHead(4, digest(4), ZEROS), "kept as soon as it can be"
