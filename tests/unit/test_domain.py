"""The rules of the domain, as tables of input and sentence."""

from typing import Any

import pytest

from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft, UserDraft, parse_object
from desktop_app.domain.ids import new_id, schema_name
from desktop_app.domain.lifecycle import SampleStatus, Step, steps_from, verb_for
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role, Standing, Verb, least_standing, may, table
from desktop_app.domain.text_rules import normal_username, password_problem, slug_of
from tools.rights_page import PAGE, page


def test_the_page_of_rights_says_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_verb_stands_in_the_table_once() -> None:
    assert sorted(right.verb for right in table()) == sorted(Verb)


@pytest.mark.parametrize("verb", list(Verb))
def test_each_standing_contains_the_former(verb: Verb) -> None:
    allowed = [may(standing, verb) for standing in Standing]
    assert allowed == sorted(allowed)
    assert may(least_standing(verb), verb)


LEGAL = {
    (SampleStatus.PENDING, Step.PROCESS),
    (SampleStatus.PENDING, Step.REJECT),
    (SampleStatus.PROCESSING, Step.COMPLETE),
    (SampleStatus.PROCESSING, Step.REJECT),
    (SampleStatus.COMPLETED, Step.ARCHIVE),
    (SampleStatus.REJECTED, Step.ARCHIVE),
}


def test_the_lifecycle_is_exactly_this() -> None:
    assert {(status, step) for status in SampleStatus for step in steps_from(status)} == LEGAL
    assert verb_for(Step.ARCHIVE) is Verb.ARCHIVE_SAMPLES
    assert {verb_for(step) for step in Step if step is not Step.ARCHIVE} == {Verb.MOVE_SAMPLES}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Istanbul Medical Center", "istanbul-medical-center"),
        ("İstanbul Tıp Merkezi", "istanbul-tip-merkezi"),
        ("  --  ", ""),
        ("Straße & Co. 7", "strasse-co-7"),
    ],
)
def test_slugs(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "At least 12 characters."),
        ("elif.viewer12", "The password must not be the user name."),
        ("xxPassword1234xx", "This password is on the list of the commonest ones."),
        ("aaaaaaaaaaaab", "Use more different characters."),
        ("Juniper-Window-52", None),
    ],
)
def test_passwords(password: str, sentence: str | None) -> None:
    assert password_problem(password, "elif.viewer") == sentence


def test_usernames_are_folded_once() -> None:
    assert normal_username("  Elif.VIEWER ") == "elif.viewer"
    assert normal_username("ｅlif") == "elif", "full-width letters are compatibility forms (NFKC)"


GOOD: dict[str, Any] = {"username": "ab", "email": "a@b.cd", "role": Role.USER, "center_id": new_id()}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "a"}, "username"),
        ({"username": "Has Space"}, "username"),
        ({"email": "no-at.example"}, "email"),
        ({"email": ""}, "email"),
        ({"center_id": None}, "role"),
        ({"first_name": "x" * 81}, "first_name"),
        ({"phone": "1\n2"}, "phone"),
    ],
)
def test_users(change: dict[str, Any], field: str) -> None:
    assert UserDraft(**GOOD).problems() == {}
    assert list(UserDraft(**{**GOOD, **change}).problems()) == [field]


def test_samples_and_documents() -> None:
    sample = SampleDraft(name="", sample_type=SampleType.BLOOD, metadata=[1])  # type: ignore[arg-type]  # what JSON has, too, and no object is
    assert set(sample.problems()) == {"name", "metadata"}
    assert SampleDraft(name="x", sample_type=SampleType.BLOOD).problems() == {}
    assert set(DocumentDraft(title="x" * 301, tags=("a\x00",)).problems()) == {"title", "tags"}
    assert set(CenterDraft(name="A", slug="Not A Slug").problems()) == {"slug"}


@pytest.mark.parametrize("text", ["[1]", "3", '"x"', "{", "nope", '{"a": NaN}'])
def test_metadata_is_an_object(text: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        parse_object(text)


def test_empty_metadata_is_an_empty_object() -> None:
    assert parse_object("  ") == {}


def test_schema_names() -> None:
    center = new_id()
    assert schema_name(center) == f"center_{center.hex}"
