"""Change plans of samples, in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from desktop_app.domain.change_plan import ChangePlan, LeftAlone, PlanAction, PlannedChange, PlanResult
from desktop_app.domain.fields import DefinedField
from desktop_app.domain.ids import new_id
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.records import Document, Sample
from desktop_app.message import Message
from desktop_app.services.records.change_plans import ChangePlans
from tests.ui.in_memory import Rows, Trouble, stands_for


@stands_for(ChangePlans, uncalled="plan_attach list get context signing")
class Plans:
    """Steps, and the way back from them; what a step may be is asked of the real ones."""

    def __init__(self, samples: Rows[Sample], trouble: Trouble) -> None:
        self._rows, self._trouble = samples, trouble
        self._made: dict[UUID, tuple[PlannedChange, ...]] = {}

    def plan_step(self, samples: Iterable[Sample], step: Step, reason: str = "") -> ChangePlan:
        return ChangePlans(cast(Any, None), cast(Any, None)).plan_step(samples, step, reason)

    def plan_edit(
        self,
        samples: Iterable[Sample],
        changes: Mapping[str, Any],
        reason: str = "",
        defined: Sequence[DefinedField] | None = None,
    ) -> ChangePlan:
        real = ChangePlans(cast(Any, None), cast(Any, None))
        return real.plan_edit(samples, changes, reason, defined or ())

    def plan_active(self, records: Iterable[Sample | Document], reason: str = "", *, active: bool) -> ChangePlan:
        return ChangePlans(cast(Any, None), cast(Any, None)).plan_active(records, reason, active=active)

    def plan_undo(self, plan_id: UUID, reason: str = "") -> ChangePlan:
        back = tuple(
            replace(each, row_version=self._rows.find(each.id).row_version, before=each.after, after=each.before)
            for each in self._made[plan_id]
        )
        return ChangePlan(new_id(), PlanAction.UNDO, back, undoes=plan_id)

    def apply(self, plan: ChangePlan) -> PlanResult:
        self._trouble.meet("samples.step")
        fresh = [each for each in plan.changes if self._rows.find(each.id).row_version == each.row_version]
        for each in fresh:
            values = {name: _read(name, value) for name, value in each.after.items()}
            self._rows.change(self._rows.find(each.id), **values)
        self._made[plan.id] = tuple(fresh)
        stale = [each for each in plan.changes if each not in fresh]
        left = tuple(LeftAlone(each.id, each.name, Message("Somebody changed it meanwhile.")) for each in stale)
        return PlanResult(plan, tuple(each.id for each in fresh), (*plan.left_alone, *left))


def _read(name: str, value: Any) -> Any:
    """As the database reads a plan's JSON."""
    readers: dict[str, Callable[[Any], Any]] = {
        "status": SampleStatus,
        "user_id": UUID,
        "collected_at": datetime.fromisoformat,
    }
    return value if value is None or name not in readers else readers[name](value)
