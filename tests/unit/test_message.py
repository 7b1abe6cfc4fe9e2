"""Sentences as data: English by themselves, and nothing of what they were made of is lost on the way."""

import pickle
from datetime import date
from pathlib import Path

from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.message import Message, Size


def test_reads_in_english_and_knows_its_template() -> None:
    made = Message("The folder {folder} is full.", folder=Path("a/b"))
    assert made == "The folder a/b is full."
    assert (made.template, made.values) == ("The folder {folder} is full.", {"folder": Path("a/b")})


def test_counts() -> None:
    def said(n: int) -> str:
        return Message("{n} files are left.", one="{n} file is left.", n=n)

    assert (said(1), said(2), said(12_000)) == ("1 file is left.", "2 files are left.", "12,000 files are left.")


def test_values_of_every_kind() -> None:
    made = Message(
        "{names}: {size}, {day}, {inner}",
        names=("a", "b"),
        size=Size(3 * 1024**2),
        day=date(2026, 2, 1),
        inner=RefusedError("Not {what}.", what="here"),
    )
    assert made == "a, b: 3 MiB, 2026-02-01, Not here."


def test_braces_of_a_value_and_of_a_plain_sentence_stay() -> None:
    assert Message("There is no {name}.", name="{evil.__class__}") == "There is no {evil.__class__}."
    assert Message("Reasons are {braces}") == "Reasons are {braces}"


def test_errors_carry_it_through_pickling() -> None:
    error = RefusedError("{n} things are wrong.", one="{n} thing is wrong.", n=1)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.message.template, again.message.values) == (
        "1 thing is wrong.",
        "{n} things are wrong.",
        {"n": 1},
    )
    assert LabkeepError().message == ""
