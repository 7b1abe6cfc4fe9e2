"""What is said of many records that were changed as one, and of the way back."""

from uuid import UUID, uuid4

from desktop_app.domain.change_plan import (
    MEANWHILE,
    WHY_NOT_UNDONE,
    ChangePlan,
    LeftAlone,
    PlanAction,
    PlannedChange,
    PlanResult,
    PlanTable,
)
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.message import Message
from desktop_app.ui.dialogs.plan import PlanWords, change_columns, result_words, undone_words
from desktop_app.ui.text import formatting


def undone(changed: int, left: dict[str, str]) -> str:
    ids: tuple[UUID, ...] = tuple(uuid4() for _ in range(changed))
    alone = tuple(LeftAlone(uuid4(), name, WHY_NOT_UNDONE[state]) for name, state in left.items())
    plan = ChangePlan(uuid4(), PlanAction.UNDO, ())
    return undone_words(PlanResult(plan, ids, alone), formatting.samples)


def test_what_is_not_taken_back_says_why() -> None:
    assert undone(1, {}) == "Undone: 1 sample."
    assert undone(1, {"B-1": "on_work_list", "B-2": "changed", "B-3": "on_work_list"}) == (
        "Undone: 1 sample. Not undone: B-1, B-3. It is on a work list by now. "
        "Not undone: B-2. Somebody changed it since."
    )
    assert undone(0, {"B-1": "changed"}) == "Not undone: B-1. Somebody changed it since."


def test_what_stayed_when_it_was_done_says_why() -> None:
    archived = LeftAlone(uuid4(), "Report", Message("Its sample is archived."))
    changed = LeftAlone(uuid4(), "Letter", MEANWHILE)
    result = PlanResult(ChangePlan(uuid4(), PlanAction.ATTACH, ()), (uuid4(),), (archived, changed))
    assert result_words(result, formatting.documents) == (
        "Changed: 1 document. Not changed: Report. Its sample is archived. "
        "Changed by others meanwhile, and left as it is: Letter."
    )


def test_many_names_have_an_end() -> None:
    assert undone(0, {f"B-{at}": "changed" for at in range(7)}).startswith("Not undone: B-0, B-1, B-2, B-3, B-4…. ")


def test_a_change_is_written_as_a_heading_is() -> None:
    [_name, change] = change_columns(PlanWords("", "", formatting.samples, names={"box": "Box"}))
    before = {"status": SampleStatus.PENDING.value, "metadata": {}}
    after = {"status": SampleStatus.PROCESSING.value, "metadata": {"box": "3"}}
    planned = PlannedChange(id=uuid4(), name="B-1", before=before, after=after, row_version=1, table=PlanTable.SAMPLES)
    assert change.text(planned) == "Status: Pending → Processing; Box: — → 3"
