"""The database takes the same reminders of a new key as the program (tests/unit/test_key_reminder.py)."""

import json

import psycopg2
import pytest

from tests.db.centers import CenterUnderTest
from tests.unit.test_key_reminder import WRONG

_UPDATE = "SELECT api.update_center(%s, %s, (SELECT row_version FROM public.centers WHERE id = %s))"


@pytest.mark.parametrize("keys", [*WRONG, None])
def test_settings_of_another_form_are_refused(center: CenterUnderTest, keys: object) -> None:
    settings = json.dumps({"settings": {"keys": keys}})
    with center.raw("admin") as cursor, pytest.raises(psycopg2.errors.CheckViolation):
        cursor.execute(_UPDATE, (str(center.id), settings, str(center.id)))


@pytest.mark.parametrize("days", [1, 365, 99_999])
def test_days_are_taken(center: CenterUnderTest, days: int) -> None:
    settings = json.dumps({"settings": {"keys": {"remind_after_days": days}}})
    with center.raw("admin") as cursor:
        cursor.execute(_UPDATE, (str(center.id), settings, str(center.id)))
