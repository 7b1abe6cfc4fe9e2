"""Tests of the function that search stands on: its values are in the indexes of every center, so they are final."""

import pytest

from tests.db.installation import Installation


@pytest.mark.parametrize(
    ("text", "trigrams"),
    [
        ("", []),
        ("ab", []),
        ("abc", ["abc"]),
        ("Blood 1", ["blo", "loo", "ood", "od ", "d 1"]),
        ("aaaa", ["aaa", "aaa"]),
        ("a\nb'", ["a\nb", "\nb'"]),
        ("ğüş", ["ğüş"]),
        ("😀ab", ["😀ab"]),
        ("%_\\", ["%_\\"]),
    ],
)
def test_trigrams(installation: Installation, text: str, trigrams: list[str]) -> None:
    assert installation.value("SELECT public.trigrams(%s)", text) == trigrams


def test_long_text_costs_in_proportion(installation: Installation) -> None:
    """A description of 10,000 characters; counted by length, because times depend on the machine."""
    assert installation.value("SELECT cardinality(public.trigrams(repeat('abcdefghij', 1000)))") == 9_998
    assert installation.value("SELECT public.trigrams(NULL)") is None


def test_whatever_contains_a_word_contains_its_trigrams(installation: Installation) -> None:
    words = installation.value(
        "SELECT bool_and(public.trigrams(t) @> public.trigrams(substr(t, s, 5)))"
        " FROM (SELECT 'Çay, ŞEKER & 100% süt: 3 x Tube_' AS t) x, generate_series(1, 28) s"
    )
    assert words is True
