"""What was opened is told in the background: gathered, kept while nobody can be asked, and never without a bound."""

import threading
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest

from desktop_app.db.errors import UnreachableError
from desktop_app.domain.openings import OpenedVersion, Opening, goes_on_record, openings_problem
from desktop_app.errors import RefusedError
from desktop_app.message import Message
from desktop_app.services.context import openings
from desktop_app.services.context.openings import OpeningsQueue

CENTER, OTHER = uuid4(), uuid4()
LONG = 60.0


class Place:
    """A center that takes openings, as long as the server is there."""

    def __init__(self) -> None:
        self.told: list[list[UUID]] = []
        self.late: list[int] = []
        self.answer: Callable[[], None] = lambda: None

    def record_openings(self, opened: Sequence[OpenedVersion]) -> None:
        self.answer()
        self.told.append([each.version_id for each in opened])
        self.late += [each.seconds_late for each in opened]


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def notices() -> list[Message]:
    return []


@pytest.fixture
def queue(notices: list[Message]) -> OpeningsQueue:
    return OpeningsQueue(notices.append)


def away() -> None:
    raise UnreachableError("The server does not answer.")


def test_what_is_opened_together_is_told_at_once(queue: OpeningsQueue, place: Place) -> None:
    versions = [uuid4() for _ in range(3)]
    for version in (*versions, versions[0]):
        queue.note(CENTER, place, version, Opening.PREVIEW)
    elsewhere = uuid4()
    queue.note(OTHER, place, elsewhere, Opening.PREVIEW)
    assert queue.flush(LONG) == 0
    assert place.told == [versions, [elsewhere]]
    assert place.late == [0, 0, 0, 0]


def test_nobody_has_to_hurry_it(queue: OpeningsQueue, place: Place) -> None:
    told = threading.Event()
    place.answer = told.set
    queue.note(CENTER, place, uuid4(), Opening.OPEN)
    assert told.wait(LONG)


def test_noting_waits_for_nobody(queue: OpeningsQueue, place: Place) -> None:
    asked, answers = threading.Event(), threading.Event()

    def stand_still() -> None:
        asked.set()
        assert answers.wait(LONG)

    place.answer = stand_still
    first, second = uuid4(), uuid4()
    queue.note(CENTER, place, first, Opening.PREVIEW)
    assert asked.wait(LONG)
    queue.note(CENTER, place, second, Opening.PREVIEW)
    assert queue.flush(0.01) == 2
    answers.set()
    assert queue.flush(LONG) == 0
    assert place.told == [[first], [second]]


def test_a_server_that_is_away_hears_of_it_later(
    queue: OpeningsQueue, place: Place, notices: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.answer = away
    version = uuid4()
    queue.note(CENTER, place, version, Opening.EXPORT)
    assert queue.flush(LONG) == 1
    assert queue.flush(LONG) == 1
    assert [str(each) for each in notices] == [str(openings.NOT_SENT)], "said once"
    queue.stop()  # the window is locked
    place.answer = lambda: None
    monkeypatch.setattr(openings, "GATHERING", 0.0)
    queue.resume()
    assert queue.flush(LONG) == 0
    assert place.told == [[version]]


def test_what_is_refused_is_said_and_not_tried_again(
    queue: OpeningsQueue, place: Place, notices: list[Message]
) -> None:
    def refuse() -> None:
        raise RefusedError("Not today.")

    place.answer = refuse
    queue.note(CENTER, place, uuid4(), Opening.EXPORT)
    assert queue.flush(LONG) == 0
    assert [str(each) for each in notices] == ["What you opened could not be put on the record: Not today."]


def test_what_waits_is_bounded(
    queue: OpeningsQueue, place: Place, notices: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openings, "MOST_WAITING", 3)
    place.answer = away
    versions = [uuid4() for _ in range(5)]
    for version in versions:
        queue.note(CENTER, place, version, Opening.PREVIEW)
    assert len(queue) == 3
    assert [str(each) for each in notices] == [str(openings.TOO_MANY)]
    place.answer = lambda: None
    assert queue.flush(LONG) == 0
    assert place.told == [versions[2:]]


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, set(Opening)),
        ({"openings": "all"}, set(Opening)),
        ({"openings": "exports"}, {Opening.OPEN, Opening.EXPORT}),
    ],
)
def test_a_center_says_what_it_wants_to_know(settings: dict[str, str], kept: set[Opening]) -> None:
    assert {opening for opening in Opening if goes_on_record(settings, opening)} == kept
    assert openings_problem(settings) is None


@pytest.mark.parametrize("value", ["none", None, ["all"], {}, True])
def test_other_settings_are_a_sentence(value: object) -> None:
    assert "one of" in str(openings_problem({"openings": value}))
