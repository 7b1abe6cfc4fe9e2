"""Tests of JSON of the database as Python's; moments need a connection, tests/services/test_extremes.py."""

import json
from typing import Any

import pytest

from desktop_app.db.decoding import UNREADABLE, read_json


@pytest.mark.parametrize("value", [{}, [], "", 'a\\b "c" % ü', 0, -1.5, True, None, {"tube": ["EDTA", {"n": None}]}])
def test_json_is_read_as_json_reads_it(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2), f"{json.dumps(value)}\n"):
        assert read_json(text) == value
        assert type(read_json(text)) is type(value)


@pytest.mark.parametrize("text", ["", " ", "{", "1 2", "{} x", "[1]]", "9" * 5_000, "[" * 100_000, "nothing"])
def test_what_python_does_not_take_is_unreadable(text: str) -> None:
    assert read_json(text) == UNREADABLE


def test_each_reading_makes_objects_of_its_own() -> None:
    first, second = read_json('{"a": [1]}'), read_json('{"a": [1]}')
    first["a"].append(2)
    assert second == {"a": [1]}
