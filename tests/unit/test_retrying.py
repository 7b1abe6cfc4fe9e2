"""The one loop that does something again: while it passes, as often as there are waits, and no longer."""

from collections.abc import Iterator

import pytest

from desktop_app.errors import Cancelled
from desktop_app.system.retrying import retried


def passes(error: Exception) -> bool:
    return isinstance(error, OSError)


class Failing:
    """Fails so many times with this error, and then says how often it was asked."""

    def __init__(self, times: int, error: Exception | None = None) -> None:
        self._times = times
        self._error = error or OSError("busy")
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        if self.asked <= self._times:
            raise self._error
        return self.asked


def test_it_is_done_again_after_each_wait() -> None:
    slept: list[float] = []
    assert retried(Failing(2), passes, (0.1, 0.2, 0.3), slept.append) == 3
    assert slept == [0.1, 0.2]


def test_the_last_error_is_raised_when_no_wait_is_left() -> None:
    act = Failing(9)
    with pytest.raises(OSError, match="busy"):
        retried(act, passes, (0.0, 0.0))
    assert act.asked == 3


def test_what_does_not_pass_is_raised_at_once() -> None:
    act = Failing(1, ValueError("wrong"))
    with pytest.raises(ValueError, match="wrong"):
        retried(act, passes, (0.0, 0.0))
    assert act.asked == 1


def test_the_time_counts_from_the_first_failure() -> None:
    begun: list[int] = []

    def waits() -> Iterator[float]:
        begun.append(act.asked)
        yield 0.0

    act = Failing(1)
    assert retried(act, passes, waits()) == 2
    assert begun == [1]


def test_a_pause_may_stop_it() -> None:
    def stop(_seconds: float) -> None:
        raise Cancelled

    act = Failing(1)
    with pytest.raises(Cancelled):
        retried(act, passes, (1.0,), stop)
    assert act.asked == 1
