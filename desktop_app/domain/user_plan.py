"""Changes of many people: shown and counted before, and made one after the other, because each is a signed step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from desktop_app.domain.change_plan import LeftAlone
from desktop_app.message import Message


@dataclass(frozen=True)
class UserChange:
    """One person who will change: ``is_active``, or ``role`` and ``until`` in a center (``role`` None: no place)."""

    id: UUID
    name: str
    """The user name."""
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    center_id: UUID | None = None
    """Where the place is that changes."""


@dataclass(frozen=True)
class UserPlan:
    """What would change and what would not; nothing has changed yet."""

    changes: tuple[UserChange, ...]
    left_alone: tuple[LeftAlone, ...] = ()
    reason: str = ""
    new_keys: bool = True
    """Whether centers that people leave get another key at the end, once for all of them."""


@dataclass(frozen=True)
class UserPlanResult:
    """What was done: each person is changed or not, and no transaction holds all of them."""

    plan: UserPlan
    changed: tuple[UUID, ...]
    left_alone: tuple[LeftAlone, ...]
    """Those of the plan, and whom it failed for, with the reason."""
    told: tuple[Message, ...] = ()
    """What went less well after changes that are made all the same."""

    def undo(self) -> UserPlan:
        """The plan that gives everybody who was changed back what he had; what is different by then stays."""
        done = set(self.changed)
        changes = tuple(
            replace(each, before=each.after, after=each.before) for each in self.plan.changes if each.id in done
        )
        return UserPlan(changes, (), self.plan.reason, self.plan.new_keys)
