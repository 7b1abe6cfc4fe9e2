"""Today: what of a center wants to be looked at, and nothing of another one."""

from collections.abc import Callable
from datetime import datetime, timedelta

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.lifecycle import Step
from desktop_app.services.session.center_services import CenterServices


def test_what_waits_and_what_was_rejected(at: Callable[[str, str], CenterServices]) -> None:
    user, other = at("a.user", "alpha"), at("b.user", "beta")
    now = datetime.now().astimezone()
    late = now + timedelta(days=4)
    waiting = user.samples.create(SampleDraft(name="Waits", sample_type="blood"))
    working = user.samples.step(user.samples.create(SampleDraft(name="In work", sample_type="blood")), Step.PROCESS)
    broken = user.samples.create(SampleDraft(name="Broken", sample_type="blood"))
    rejected = user.samples.step(broken, Step.REJECT, "tube broke")
    assert rejected.id == user.today.read().rejected[0].id
    assert waiting.id not in [each.id for each in user.today.read().pending], "not yet too long"
    assert rejected.id not in [each.id for each in user.today.read(late).rejected], "that was another day"
    found = user.today.read(late)
    assert all(each.status.value == "pending" for each in found.pending)
    assert all(each.created_at < late - timedelta(days=3) for each in (*found.pending, *found.due))
    assert working.processing_started_at is not None
    assert found.space_left is not None
    mine = {each.id for each in (*found.pending, *found.due, *found.rejected, *found.documents)}
    theirs = other.today.read(late)
    assert mine.isdisjoint({each.id for each in (*theirs.pending, *theirs.due, *theirs.rejected, *theirs.documents)})
