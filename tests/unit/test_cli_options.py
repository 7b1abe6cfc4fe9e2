"""Values of options: dates, pairs, JSON, pages, and verbs over several things."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import typer

from desktop_app.cli.batch import each
from desktop_app.cli.options import (
    given,
    parse_conditions,
    parse_json_object,
    parse_moment,
    parse_since,
    parse_until,
)
from desktop_app.errors import Cancelled, InvalidInputError, NotFoundError

ID = UUID(int=1)


def test_a_bare_date_until_counts_to_its_end() -> None:
    since, until = parse_since("2026-11-21"), parse_until("2026-11-21")
    assert since is not None
    assert until is not None
    assert until - since == timedelta(days=1)
    assert since == datetime(2026, 11, 21).astimezone()


def test_a_time_with_an_offset_is_taken_as_it_is() -> None:
    assert parse_until("2026-11-21T14:30+03:00") == datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
    assert parse_since(None) is None
    assert parse_moment("", "--collected-at") is None


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "21.11.2026", "2026-11-21T25:00", "0001-01-01", "''"])
def test_what_is_no_date_is_wrong_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_since(text)


def test_the_end_of_the_calendar_is_wrong_usage_too() -> None:
    with pytest.raises(typer.BadParameter):
        parse_until("9999-12-31")


def test_a_filter_keeps_what_follows_the_first_sign() -> None:
    found = parse_conditions(["tube=EDTA", "note=a=b", "empty=", "ml >= 2"], "--meta")
    assert [(each.name, each.comparison.value, each.value) for each in found] == [
        ("tube", "=", "EDTA"),
        ("note", "=", "a=b"),
        ("empty", "=", ""),
        ("ml", ">=", "2"),
    ]
    assert parse_conditions(None, "--meta") == ()


@pytest.mark.parametrize("text", ["tube", "=EDTA", ""])
def test_what_is_no_filter_is_wrong_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_conditions([text], "--meta")


@pytest.mark.parametrize("text", ["[1]", "{", '"text"', "null", "{'a': 1}", '{"a": NaN}'])
def test_metadata_must_be_an_object(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_json_object(text, "metadata")
    assert list(caught.value.problems) == ["metadata"]


def test_an_absent_object_is_not_an_empty_one() -> None:
    assert parse_json_object(None, "metadata") is None
    assert parse_json_object("{}", "metadata") == {}


def test_an_update_without_a_change_is_wrong_usage() -> None:
    with pytest.raises(typer.BadParameter):
        given(name=None, slug=None)
    assert given(name="", slug=None) == {"name": ""}


def _act(ref: str) -> dict[str, str]:
    if ref.startswith("bad"):
        raise NotFoundError(f"There is no sample {ref}.")
    return {"id": ref}


def _describe(row: dict[str, str]) -> str:
    return f"{row['id']} is done."


def test_each_says_what_was_done_and_what_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught:
        each(["a", "bad", "b", "a"], _act, _describe, as_json=False)
    assert caught.value.exit_code == 1
    printed = capsys.readouterr()
    assert printed.out == "a is done.\nb is done.\n"
    assert printed.err == "Not done: bad: There is no sample bad.\n2 of 3 done.\n"


def test_one_argument_gives_one_object_and_several_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    each(["a"], _act, _describe, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"id": "a"}
    each(["a", "b"], _act, _describe, as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"id": "a"}, {"id": "b"}]


def test_one_refused_argument_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        each(["bad"], _act, _describe, as_json=True)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "There is no sample bad.\n")


def test_several_refused_give_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        each(["bad1", "bad2"], _act, _describe, as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_stopping_stops_the_rest() -> None:
    seen: list[str] = []

    def act(ref: str) -> dict[str, str]:
        seen.append(ref)
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        each(["a", "b"], act, _describe, as_json=False)
    assert seen == ["a"]
