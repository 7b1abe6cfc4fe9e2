"""Views of the list of samples are kept, private or shared; work lists are worked off by scanning."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.field_filters import Comparison, FieldCondition
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.records import Sample
from desktop_app.domain.saved_views import ViewContent
from desktop_app.domain.sorting import OwnField, SampleField, SampleOrder, Sort
from desktop_app.domain.work_lists import Tick
from desktop_app.errors import InvalidInputError, LabkeepError, NotFoundError, RefusedError
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, World

At = Callable[[str, str], CenterServices]
CONTENT = ViewContent(
    SampleFilter(
        search='<b>\u202e"quoted"',
        status=SampleStatus.PENDING,
        since=datetime(2026, 11, 1, tzinfo=UTC),
        barcodes=("A", "B"),
        conditions=(FieldCondition("Thawed on", Comparison.GREATER, '5 "cm"'),),
    ),
    Sort(SampleField.NAME),
    ("barcode", "name"),
)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"labkeep_view": 1}', CONTENT.text.replace(": 1,", ": 2,"), CONTENT.text.replace("pending", "x")],
)
def test_what_is_no_view_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        ViewContent.parse(text)


@pytest.mark.parametrize("order", [SampleField.BARCODE, OwnField.of("volume & co")])
def test_a_view_keeps_its_order(order: SampleOrder) -> None:
    kept = ViewContent(sort=Sort(order, descending=True))
    assert ViewContent.parse(kept.text) == kept
    with pytest.raises(InvalidInputError):
        ViewContent.parse(kept.text.replace(str(order), "field."))


def test_views_are_private_or_shared(world: World, at: At) -> None:
    assert ViewContent.parse(CONTENT.text) == CONTENT
    viewer, user, admin = (at(name, "alpha").views for name in ("a.viewer", "a.user", "a.admin"))
    mine = viewer.save(" mine ", CONTENT)
    assert (mine.name, mine.is_own, mine.content) == ("mine", True, CONTENT)
    root = at(ROOT, "alpha").views
    for other in (user, admin, root):
        assert mine.id not in {each.id for each in other.list()}
        with pytest.raises(NotFoundError):
            other.delete(mine.id)
        with pytest.raises(LabkeepError):
            other.save("stolen", CONTENT, view_id=mine.id)
    with pytest.raises(RefusedError):
        viewer.save("shared", CONTENT, is_shared=True)
    shared = user.save("shared", CONTENT, is_shared=True)
    assert viewer.get("shared").id == shared.id
    with pytest.raises(NotFoundError):
        viewer.delete(shared.id)
    with pytest.raises(InvalidInputError, match="shared view of this name"):
        admin.save("shared", CONTENT, is_shared=True)
    assert admin.save("renamed", CONTENT, is_shared=True, view_id=shared.id).name == "renamed"
    with pytest.raises(LabkeepError):
        admin.save("taken away", CONTENT, view_id=shared.id)
    assert at("b.user", "beta").views.list() == ()
    admin.delete(shared.id)
    viewer.delete(mine.id)
    with pytest.raises(InvalidInputError):
        viewer.save("\0", CONTENT)


def test_exactly_what_was_pasted_is_found_and_the_rest_is_named(at: At) -> None:
    samples = at("a.user", "alpha").samples
    made = [samples.create(SampleDraft(name=f"pasted {at}", sample_type="blood")).barcode for at in range(3)]
    pasted = (made[2], "' OR 1=1 --", made[0], "nobody's")
    found = samples.list(SampleFilter(barcodes=pasted)).rows
    assert {each.barcode for each in found} == {made[0], made[2]}
    assert samples.unknown(pasted) == ("' OR 1=1 --", "nobody's")


def test_a_work_list_is_worked_off_by_scanning(world: World, at: At) -> None:
    work = at("a.user", "alpha")
    made: list[Sample] = [work.samples.create(SampleDraft(name=f"s{at}", sample_type="blood")) for at in range(4)]
    order = [made[2], made[0], made[1]]
    lists = work.work_lists
    listed = lists.create("Tuesday's PCR", [each.id for each in order], work.people.list()[0].id)
    assert [each.barcode for each in lists.items(listed.id)] == [each.barcode for each in order]
    assert lists.add(listed.id, [made[0].id, made[3].id]) == 1
    assert lists.tick(listed.id, made[0].barcode)[0] is Tick.DONE
    assert lists.tick(listed.id, made[0].barcode)[0] is Tick.AGAIN
    assert lists.tick(listed.id, "nothing")[0] is Tick.UNKNOWN
    assert lists.remove(listed.id, [made[1].id]) == 1
    assert lists.tick(listed.id, made[1].barcode)[0] is Tick.NOT_IN_LIST
    now = at("a.viewer", "alpha").work_lists.get("Tuesday's PCR")
    assert (now.samples, now.done) == (3, 1)
    [done] = [each for each in lists.items(listed.id) if each.is_done]
    assert done.done_at is not None
    assert done.done_by == "a.user"
    assert lists.tick(listed.id, made[0].barcode, is_done=False)[0] is Tick.DONE
    assert lists.get(listed.id).done == 0
    with pytest.raises(RefusedError):
        at("a.viewer", "alpha").work_lists.tick(listed.id, made[0].barcode)
    with pytest.raises(InvalidInputError):
        lists.create("Tuesday's PCR")
    lists.delete(listed.id)
    with pytest.raises(NotFoundError):
        lists.get(listed.id)


def test_a_work_list_is_renamed_and_put_into_another_order(at: At) -> None:
    work = at("a.user", "alpha")
    lists = work.work_lists
    ids = [work.samples.create(SampleDraft(name=f"o{at}", sample_type="blood")).id for at in range(4)]
    listed = lists.create("Order", ids[:3])
    lists.add(listed.id, [ids[3]])  # by a colleague, who was not seen when the order was made

    def order() -> list[int]:
        return [ids.index(each.sample_id) for each in lists.items(listed.id)]

    lists.arrange(listed.id, [ids[2], ids[0], listed.id, ids[2], ids[1]])
    assert order() == [2, 0, 1, 3]
    lists.arrange(listed.id, [ids[3]])
    assert order() == [3, 2, 0, 1]
    person = work.people.list()[0]
    renamed = lists.change(listed.id, " Order of Tuesday ", person.id)
    assert (renamed.name, renamed.user_id) == ("Order of Tuesday", person.id)
    other = lists.create("Other")
    with pytest.raises(InvalidInputError):
        lists.change(other.id, "Order of Tuesday", None)
    with pytest.raises(RefusedError):
        at("a.viewer", "alpha").work_lists.arrange(listed.id, ids)
    with pytest.raises(NotFoundError):
        at("b.user", "beta").work_lists.arrange(listed.id, ids)
    for each in (other, listed):
        lists.delete(each.id)
    with pytest.raises(NotFoundError):
        lists.arrange(listed.id, ids)
    with pytest.raises(NotFoundError):
        lists.change(listed.id, "Gone", None)
