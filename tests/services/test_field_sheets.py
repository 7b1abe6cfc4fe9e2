"""Fields of a center from a sheet and into one: shown before, all or nothing, undone as one, and again the same."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.db import change_plans
from desktop_app.domain.change_plan import PlanAction
from desktop_app.domain.drafts import CenterDraft, SampleDraft
from desktop_app.domain.fields import MOST_FIELDS, FieldDraft, FieldKind
from desktop_app.domain.rights import Role
from desktop_app.domain.sheets import Sheet
from desktop_app.errors import Cancelled, RefusedError
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.sheets.field_columns import HEADINGS
from desktop_app.services.sheets.sheet_file import read_sheet
from tests.services.conftest import PASSWORDS, ROOT, World
from tests.services.wires import proxied

USUAL = ("Name", "Kind", "Unit", "Choices", "Required", "Types", "Order", "Active")


@pytest.fixture
def admin(world: World) -> Iterator[CenterServices]:
    """An administrator in a center that has no fields yet."""
    with new_center(world) as opened:
        yield opened


def new_center(world: World) -> CenterServices:
    root, name = world.lab(ROOT), world.unused("Fields")
    return root.center(root.centers.create(CenterDraft(name=name, slug=name.lower().replace(".", "-"))))


def sheet(*rows: Sequence[str], headings: Sequence[str] = USUAL) -> Sheet:
    whole = [tuple(row) + ("",) * (len(headings) - len(row)) for row in rows]
    return Sheet(tuple(headings), whole, tuple(range(2, len(whole) + 2)))


def told(work: CenterServices, read: Sheet, *, update: bool = False) -> list[tuple[int, str, str]]:
    planned = work.field_imports.plan(read, update=update)
    return [(each.row, each.column, str(each.problem)) for each in planned.problems]


def test_fields_come_in_as_one_and_go_back_as_one(admin: CenterServices) -> None:
    kept = admin.fields.create(FieldDraft(name="Freezer", kind=FieldKind.TEXT))
    read = sheet(
        ("Volume", "Number", "ml", "", "yes"),
        ("Tube", "choice", "", 'EDTA, "Serum, clotted"', "no", "Blood, urine", "7"),
        ("Fasting", "yes/no", "", "", "", "", "", "no"),
        ("freezer", "choice", "", "F1\nF2, upper"),
    )
    planned = admin.field_imports.plan(read, update=True)
    assert (planned.problems, len(planned.new), len(planned.changed), planned.ignored) == ((), 3, 1, ())
    assert admin.fields.list(include_inactive=True) == (kept,), "nothing has come in yet"

    done = admin.field_imports.apply(planned, "the new form")
    assert (done.plan, done.created, done.updated, done.problems) == (planned.id, 3, 1, ())
    assert admin.field_imports.apply(planned, "the new form") == done, "done twice it is done once"
    tube, freezer, volume, fasting = admin.fields.list(include_inactive=True)
    assert (tube.name, tube.choices, tube.sample_types, tube.position) == (
        "Tube",
        ("EDTA", "Serum, clotted"),
        ("blood", "urine"),
        7,
    )
    assert (volume.kind, volume.unit, volume.required, volume.key) == (FieldKind.NUMBER, "ml", True, "Volume")
    assert (fasting.kind, fasting.is_active) == (FieldKind.YES_NO, False)
    assert kept.position < volume.position < fasting.position, "without a place they follow the last one"
    assert freezer == replace(kept, name="freezer", kind=FieldKind.CHOICE, choices=("F1", "F2, upper"))

    made, changes = admin.plans.get(planned.id)
    assert (made.action, made.rows, made.reason) == (PlanAction.IMPORT, 4, "the new form")
    assert {change.name for change in changes} == {"Tube", "freezer", "Volume", "Fasting"}
    undo = admin.plans.plan_undo(planned.id)
    assert not undo.left_alone
    admin.plans.apply(undo)
    assert admin.fields.list(include_inactive=True) == (kept,)
    again = admin.plans.plan_undo(undo.id)
    admin.plans.apply(again)
    assert admin.fields.list(include_inactive=True) == (tube, freezer, volume, fasting), "with their ids"
    admin.plans.apply(admin.plans.plan_undo(again.id))
    assert admin.field_imports.apply(admin.field_imports.plan(read, update=True)).created == 3, "the same sheet again"
    verdict = admin.audit.verify()
    assert (verdict.fault, verdict.changed) == (None, ())


def test_what_is_used_or_was_changed_since_is_a_conflict(admin: CenterServices) -> None:
    old = admin.fields.create(FieldDraft(name="Old", kind=FieldKind.TEXT))
    read = sheet(("Used", "number"), ("Changed", "text"), ("Kept", "text"), ("Old", "date"))
    done = admin.field_imports.apply(admin.field_imports.plan(read, update=True))
    admin.samples.create(SampleDraft(name="x", sample_type="blood", metadata={"Used": 3}))
    changed = admin.fields.get("Changed")
    admin.fields.update(changed, replace(FieldDraft.of(changed), unit="ml"))
    date = admin.fields.get("Old")
    other = admin.fields.update(date, replace(FieldDraft.of(date), name="Older"))
    admin.fields.update(other, replace(FieldDraft.of(other), name="Old"))
    assert done.plan is not None
    undo = admin.plans.plan_undo(done.plan)
    assert {each.name: str(each.why) for each in undo.left_alone} == {
        "Used": "Samples have values in it by now.",
        "Changed": "Somebody changed it since.",
    }
    admin.plans.apply(undo)
    assert {each.name for each in admin.fields.list()} == {"Used", "Changed", "Old"}
    assert admin.fields.get("Old") == old, "what was taken back since hinders nothing"


def test_a_name_that_another_has_by_now_is_a_conflict(admin: CenterServices) -> None:
    admin.fields.create(FieldDraft(name="First", kind=FieldKind.TEXT), key="place")
    read = sheet(("Second", "text", "place"), headings=("Name", "Kind", "Key"))
    done = admin.field_imports.apply(admin.field_imports.plan(read, update=True))
    admin.fields.create(FieldDraft(name="first", kind=FieldKind.TEXT))
    assert done.plan is not None
    undo = admin.plans.plan_undo(done.plan)
    assert [str(each.why) for each in undo.left_alone] == ["Another field has its name of then."]

    more = admin.field_imports.apply(admin.field_imports.plan(sheet(("Third", "text"))))
    assert more.plan is not None
    gone = admin.plans.plan_undo(more.plan)
    admin.plans.apply(gone)
    admin.fields.create(FieldDraft(name="THIRD", kind=FieldKind.DATE))
    assert [str(each.why) for each in admin.plans.plan_undo(gone.id).left_alone] == [
        "Another field has its name of then."
    ]


def test_every_bad_cell_is_named_in_a_sentence(admin: CenterServices) -> None:
    admin.fields.create(FieldDraft(name="There", kind=FieldKind.TEXT))
    admin.fields.create(FieldDraft(name="Renamed", kind=FieldKind.TEXT), key="first_name")
    read = sheet(
        ("There", "text"),
        ("", "text"),
        ("Kindless", ""),
        ("Odd", "colour"),
        ("Choiceless", "choice"),
        ("Chosen", "text", "", "A, B"),
        ("Twofold", "choice", "", "A, a"),
        ("Typed", "text", "", "", "", "blood, Nothing known"),
        ("Placed", "text", "", "", "", "", "12.5"),
        ("Far", "text", "", "", "", "", "10001"),
        ("Perhaps", "text", "", "", "perhaps", "", "", "maybe"),
        ("Twice", "text"),
        ("TWICE", "date"),
        ("x" * 81, "text"),
        ("First_Name", "text"),
        ("N\0L", "text", "m\0l"),
    )
    assert told(admin, read) == [
        (2, "Name", "The center has this field already."),
        (3, "Name", "This must not be empty."),
        (4, "Kind", "A kind is text, number, date, choice or yes-no."),
        (5, "Kind", "A kind is text, number, date, choice or yes-no."),
        (6, "Choices", "A choice needs at least one."),
        (7, "Choices", "Only a choice has choices."),
        (8, "Choices", "Each choice once."),
        (9, "Types", "The center has no sample type Nothing known, or several."),
        (10, "Order", "From 0 to 10,000."),
        (11, "Order", "From 0 to 10,000."),
        (12, "Required", "Yes or no."),
        (12, "Active", "Yes or no."),
        (13, "Name", "Row 14 is this field, too."),
        (14, "Name", "Row 13 is this field, too."),
        (15, "Name", "At most 80 characters; these are 81."),
        (16, "Name", "Another field has this name, or had it when it was made."),
        (17, "Name", "Control characters and line breaks are not allowed here."),
        (17, "Unit", "Control characters and line breaks are not allowed here."),
    ]
    planned = admin.field_imports.plan(read)
    assert (planned.new, planned.refused) == ([], 16)
    assert admin.field_imports.apply(planned).plan is None


def test_all_or_nothing_unless_bad_rows_are_left_out(admin: CenterServices) -> None:
    planned = admin.field_imports.plan(sheet(("Good", "text"), ("Bad", "colour")))
    assert admin.field_imports.apply(planned).created == 0
    assert admin.fields.list() == ()
    done = admin.field_imports.apply(planned, skip_bad=True)
    assert (done.created, len(done.problems)) == (1, 1)
    assert [each.name for each in admin.fields.list()] == ["Good"]


def test_what_changed_between_looking_and_doing_is_named(admin: CenterServices) -> None:
    there = admin.fields.create(FieldDraft(name="There", kind=FieldKind.TEXT))
    planned = admin.field_imports.plan(sheet(("New", "text"), ("There", "date"), ("Third", "text")), update=True)
    admin.fields.create(FieldDraft(name="NEW", kind=FieldKind.DATE))
    admin.fields.update(there, replace(FieldDraft.of(there), unit="ml"))
    refused = admin.field_imports.apply(planned)
    assert refused.plan is None
    assert [(each.row, str(each.problem)) for each in refused.problems] == [
        (2, "Somebody gave another field this name meanwhile."),
        (3, "Somebody changed this field meanwhile."),
    ]
    done = admin.field_imports.apply(planned, skip_bad=True)
    assert (done.created, done.updated) == (1, 0)
    assert {each.name for each in admin.fields.list()} == {"NEW", "There", "Third"}
    nothing_left = admin.field_imports.plan(sheet(("There", "yes-no")), update=True)
    unit = admin.fields.get("There")
    admin.fields.update(unit, replace(FieldDraft.of(unit), unit="cl"))
    assert admin.field_imports.apply(nothing_left, skip_bad=True).plan is None


def test_what_only_the_database_refuses_takes_all_back(admin: CenterServices) -> None:
    planned = admin.field_imports.plan(sheet(("Good", "text"), ("Bad", "text")))
    [good, bad] = planned.new
    forged = replace(planned, new=[good, replace(bad, field=replace(bad.field, sample_types=("nothing",)))])
    refused = admin.field_imports.apply(forged, skip_bad=True)
    assert refused.plan is None
    assert [(each.row, each.value) for each in refused.problems] == [(3, "Bad")]
    assert admin.fields.list() == ()


def test_an_answer_that_is_lost_is_looked_up(world: World) -> None:
    name, service = world.unused("Field"), world.app.sign_in
    with proxied(world) as (proxy, profile), service.sign_in(profile, "a.admin", PASSWORDS["a.admin"]) as lab:
        work = lab.center("alpha")
        planned = work.field_imports.plan(sheet((name, "number"), (f"{name} 2", "text")))
        proxy.word, proxy.answers_to_lose = b"save_plan", 1
        done = work.field_imports.apply(planned)
        assert proxy.answers_to_lose == 0
        assert (done.plan, done.created, done.problems) == (planned.id, 2, ())
        assert [work.fields.get(each.field.name) for each in planned.new] == [each.field for each in planned.new]
        work.plans.apply(work.plans.plan_undo(planned.id))


def test_stopped_it_leaves_nothing(admin: CenterServices) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise Cancelled("Stopped.")

    planned = admin.field_imports.plan(sheet(*((f"F{at}", "text") for at in range(3))))
    with pytest.raises(Cancelled):
        admin.field_imports.apply(planned, report=stop)
    assert admin.fields.list() == ()


def test_a_center_has_so_many_at_most(admin: CenterServices) -> None:
    rows = [(f"F{at}", "text") for at in range(MOST_FIELDS + 1)]
    assert told(admin, sheet(*rows)) == [
        (MOST_FIELDS + 2, "Name", "A center has at most 200 fields, those out of use included.")
    ]
    with pytest.raises(RefusedError, match="At most 1,000 fields"):
        admin.field_imports.plan(sheet(*((f"F{at}", "text") for at in range(1_001))))
    with pytest.raises(RefusedError, match="No column of the sheet is Name"):
        admin.field_imports.plan(sheet(("text",), headings=("Kind",)))


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_goes_out_comes_in_again_without_a_change(
    admin: CenterServices, world: World, tmp_path: Path, suffix: str
) -> None:
    odd = ('=1+1, "two"', "a, b", "<b>x</b>", "'quoted'", "@x", "-3", "émoji 🧪", "שלום")
    made = [
        admin.fields.create(FieldDraft(name="Tube", kind=FieldKind.CHOICE, choices=odd)),
        admin.fields.create(FieldDraft(name='=cmd|"x"', kind=FieldKind.NUMBER, unit="<i>ml</i>", required=True)),
        admin.fields.create(FieldDraft(name="7", kind=FieldKind.DATE, position=3), key="days"),
        admin.fields.create(FieldDraft(name="For some", kind=FieldKind.YES_NO, sample_types=("urine", "blood"))),
    ]
    urine = next(each for each in admin.vocabulary.sample_types() if each.code == "urine")
    admin.vocabulary.change_sample_type(replace(urine, is_active=False))
    admin.fields.set_active(made[3], active=False)
    before = admin.fields.list(include_inactive=True)
    target = tmp_path / f"fields{suffix}"
    assert admin.field_exports.write(target).rows == 4
    read = read_sheet(target)
    assert read.headings == tuple(HEADINGS.values())
    planned = admin.field_imports.plan(read, update=True)
    assert (planned.problems, planned.new, planned.changed, planned.unchanged) == ((), [], [], 4)
    assert planned.ignored == ()

    with new_center(world) as other:
        assert other.field_imports.apply(other.field_imports.plan(read)).created == 4
        assert [replace(each, id=each.id) for each in other.fields.list(include_inactive=True)] == [
            replace(was, id=each.id) for was, each in zip(before, other.fields.list(include_inactive=True), strict=True)
        ]


def test_only_who_may_define_a_field_brings_them_in_or_back(
    world: World, at: Callable[[str, str], CenterServices]
) -> None:
    name = world.unused("Field")
    read = sheet((name, "text"))
    for who in ("a.user", "a.viewer"):
        work = at(who, "alpha")
        with pytest.raises(RefusedError):
            work.field_imports.apply(work.field_imports.plan(read))
    admin, user = at("a.admin", "alpha"), at("a.user", "alpha")
    done = admin.field_imports.apply(admin.field_imports.plan(read))
    assert done.plan is not None
    with pytest.raises(RefusedError):
        user.plans.apply(user.plans.plan_undo(done.plan))
    admin.plans.apply(admin.plans.plan_undo(done.plan))
    assert name not in {each.name for each in admin.fields.list(include_inactive=True)}


def test_who_defines_none_any_more_takes_none_back(world: World) -> None:
    name, was_admin = world.unused("Field"), world.person(Role.ADMIN, "alpha")
    with world.enter(was_admin) as lab, lab.center("alpha") as work:
        done = work.field_imports.apply(work.field_imports.plan(sheet((name, "text"))))
    world.lab(ROOT).users.change_role(was_admin.username, Role.USER)
    with world.enter(was_admin) as lab, lab.center("alpha") as work:
        assert done.plan is not None
        undo = work.plans.plan_undo(done.plan)
        # Past the program's own question: the database says it, to the maker of the plan.
        with pytest.raises(RefusedError, match="administrator of the center"), work._context._write() as session:
            change_plans.apply(session, undo, {})
        assert work.fields.get(name).is_active
