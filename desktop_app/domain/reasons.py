"""For what a center wants a reason: ``{"reasons": {"required": ["deactivate", "delete"]}}`` in its settings.

Where none is wanted, one may be given all the same. Either way it stands on the record.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from desktop_app.domain.text_rules import text_problem
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

LONGEST_REASON = 2_000


class ReasonVerb(StrEnum):
    """What a center may want a reason for."""

    DEACTIVATE = "deactivate"
    """Samples, documents, people, and the center itself."""
    RESTORE = "restore"
    """Bring any of them back."""
    DELETE = "delete"
    """Delete for good."""
    ROLE = "role"
    """Change a person's role, or end his membership."""
    KEYS = "keys"
    """Change keys: the center's own, or a person's by a reset password."""


def required_reasons(settings: Mapping[str, Any]) -> frozenset[ReasonVerb]:
    """What needs a reason, by a center's settings."""
    reasons = settings.get("reasons")
    required = reasons.get("required") if isinstance(reasons, Mapping) else None
    return frozenset(verb for verb in ReasonVerb if verb in required) if isinstance(required, list) else frozenset()


def settings_problem(settings: Mapping[str, Any]) -> str | None:
    """What is wrong with the part of the settings that says so, as a sentence."""
    if (problem := _erasure_problem(settings)) is not None or "reasons" not in settings:
        return problem
    reasons = settings["reasons"]
    required = reasons.get("required") if isinstance(reasons, Mapping) and set(reasons) == {"required"} else None
    known = [verb.value for verb in ReasonVerb]
    if isinstance(required, list) and all(verb in known for verb in required):
        return None
    return Message('Reasons are given as {{"required": [...]}}, with some of {names}.', names=known)


def erasure_administrators(settings: Mapping[str, Any]) -> int:
    """How many administrators it takes to erase: ``{"erasure": {"administrators": 2}}``; without, one."""
    erasure = settings.get("erasure")
    return 2 if isinstance(erasure, Mapping) and erasure.get("administrators") == 2 else 1


def _erasure_problem(settings: Mapping[str, Any]) -> str | None:
    if "erasure" in settings and settings["erasure"] not in ({"administrators": 1}, {"administrators": 2}):
        return Message('For erasures {{"administrators": 1}} or {{"administrators": 2}} is given.')
    return None


def reason_problem(reason: str, *, required: bool) -> str | None:
    """What is wrong with a reason, as a sentence."""
    if required and not reason.strip():
        return Message("This center wants a reason for it.")
    return text_problem(reason, longest=LONGEST_REASON)


def require_reason(settings: Mapping[str, Any], verb: ReasonVerb, reason: str) -> None:
    """InvalidInputError on ``reason`` where the settings want one and there is none, or it cannot be stored."""
    problem = reason_problem(reason, required=verb in required_reasons(settings))
    if problem is not None:
        raise InvalidInputError({"reason": problem})


def require_erasing_reason(reason: str) -> None:
    """Whoever erases says why: that is what stays."""
    if not reason.strip():
        raise InvalidInputError({"reason": Message("Erasing from the record needs a reason.")})
    if (problem := reason_problem(reason, required=True)) is not None:
        raise InvalidInputError({"reason": problem})


def as_listed(reason: str, offered: Iterable[str]) -> str:
    """The center's own spelling, where the reason is one that it offers: what is counted later is one reason."""
    return next((each for each in offered if each.casefold() == reason.casefold()), reason)
