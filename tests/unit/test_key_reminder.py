"""After how many days a center wants a new key."""

import pytest

from desktop_app.domain.key_reminder import remind_after_days, reminder_problem

WRONG = [3, [], {}, {"remind_after_days": 0}, {"remind_after_days": "30"}, {"remind_after_days": True},
         {"remind_after_days": 1.5}, {"remind_after_days": 100_000}, {"remind_after_days": 30, "more": 1}]  # fmt: skip


def test_settings_that_say_it_and_that_do_not() -> None:
    assert remind_after_days({"keys": {"remind_after_days": 30}}) == 30
    assert remind_after_days({}) is None
    assert reminder_problem({}) is None
    assert reminder_problem({"keys": {"remind_after_days": 99_999}}) is None


@pytest.mark.parametrize("keys", WRONG)
def test_settings_of_another_form(keys: object) -> None:
    problem = reminder_problem({"keys": keys})
    assert problem is not None
    assert '{"remind_after_days": 365}' in problem
