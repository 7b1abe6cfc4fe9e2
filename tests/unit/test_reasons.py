"""For what a center wants a reason, as its settings say it."""

from typing import Any

import pytest

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.reasons import ReasonVerb, as_listed, reason_problem, required_reasons


def problem(settings: dict[str, Any]) -> str | None:
    return CenterDraft(name="A", slug="a", settings=settings).problems().get("settings")


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, set()),
        ({"shelves": 3}, set()),
        ({"reasons": {"required": []}}, set()),
        ({"reasons": {"required": ["deactivate", "keys"]}}, {ReasonVerb.DEACTIVATE, ReasonVerb.KEYS}),
        ({"reasons": {"required": [verb.value for verb in ReasonVerb]}}, set(ReasonVerb)),
    ],
)
def test_settings_say_what_needs_a_reason(settings: dict[str, Any], wanted: set[ReasonVerb]) -> None:
    assert problem(settings) is None
    assert required_reasons(settings) == wanted


@pytest.mark.parametrize(
    "reasons",
    [
        *[None, 3, "deactivate", [], {}, {"required": None}, {"required": "delete"}, {"required": {"delete": 1}}],
        *[{"required": ["explode"]}, {"required": [["delete"]]}, {"required": [None]}],
        {"required": [], "optional": []},
    ],
)
def test_anything_else_is_refused_and_wants_nothing(reasons: Any) -> None:
    assert "required" in (problem({"reasons": reasons}) or "")
    assert required_reasons({"reasons": reasons}) <= {ReasonVerb.DELETE}


@pytest.mark.parametrize(
    ("reason", "required", "fine"),
    [("", False, True), ("", True, False), (" \n", True, False), ("because", True, True), ("x" * 2001, False, False)],
)
def test_a_reason(reason: str, required: bool, fine: bool) -> None:
    assert (reason_problem(reason, required=required) is None) is fine


def test_a_listed_reason_is_one_reason_however_it_is_written() -> None:
    listed = ("Too little", "Haemolysed")
    assert as_listed("HAEMOLYSED", listed) == "Haemolysed"
    assert as_listed("Haemolysed a little", listed) == "Haemolysed a little"
    assert as_listed("", listed) == ""
