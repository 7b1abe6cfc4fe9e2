"""The database takes the same days in settings as the program does (tests/unit/test_key_reminder, test_health)."""

import json

import psycopg2
import pytest

from tests.db.centers import CenterUnderTest
from tests.unit import test_health, test_key_reminder

_UPDATE = "SELECT api.update_center(%s, %s, (SELECT row_version FROM public.centers WHERE id = %s))"


WRONG = [
    *({"keys": keys} for keys in (*test_key_reminder.WRONG, None)),
    *({"health": health} for health in (*test_health.WRONG, None)),
]
RIGHT = [
    *({"keys": {"remind_after_days": days}} for days in (1, 365, 99_999)),
    *({"health": {"scrub_every_days": days}} for days in (0, 1, 9_999)),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_settings_of_another_form_are_refused(center: CenterUnderTest, wrong: object) -> None:
    settings = json.dumps({"settings": wrong})
    with center.raw("admin") as cursor, pytest.raises(psycopg2.errors.CheckViolation):
        cursor.execute(_UPDATE, (str(center.id), settings, str(center.id)))


@pytest.mark.parametrize("right", RIGHT)
def test_days_are_taken(center: CenterUnderTest, right: object) -> None:
    with center.raw("admin") as cursor:
        cursor.execute(_UPDATE, (str(center.id), json.dumps({"settings": right}), str(center.id)))
