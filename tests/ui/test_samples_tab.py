"""The Samples tab: buttons follow the table of rights and the lifecycle; forms say what is wrong."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.lifecycle import SampleStatus, Step, steps_from, verb_for
from desktop_app.domain.rights import Standing, Verb, may
from desktop_app.errors import ConflictError, InvalidInputError
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.tabs.tab_context import Target
from tests.ui.conftest import MakeContext
from tests.ui.editors import line, lines
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import sample
from tests.ui.window_fixture import Shown
from tools.driver import Drag


def fill(lab: Lab) -> None:
    lab.sample_rows = [
        sample(number, status=status, name=status.value) for number, status in enumerate(SampleStatus, start=1)
    ]


class Bench:
    """A Samples tab that is shown, with its services."""

    def __init__(self, make_context: MakeContext, qtbot: QtBot, standing: Standing = Standing.USER) -> None:
        self.context, self.said, self.lab = make_context(standing, fill)
        self.work = Work(self.lab.istanbul, standing, self.lab)
        self.tab = SamplesTab(self.context)
        qtbot.addWidget(self.tab)
        self.tab.show()
        self.tab.set_center(as_services(self.work))
        self.tab.refresh_if_stale()
        self.qtbot = qtbot
        self.detail = self.tab.sample_detail

    def choose(self, status: SampleStatus) -> None:
        rows = self.tab.records.model.rows
        self.tab.records.table.choose_row(next(at for at, row in enumerate(rows) if row.status is status))

    def dialog(self, kind: type[Shown]) -> Shown:
        return next(each for each in self.tab.findChildren(kind) if each.isVisible())

    @property
    def current(self) -> Any:
        return self.tab.records.current

    def status(self) -> SampleStatus:
        found: SampleStatus = self.current.status
        return found


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(make_context, qtbot)


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("status", list(SampleStatus))
def test_buttons_follow_rights_and_lifecycle(
    make_context: MakeContext, qtbot: QtBot, standing: Standing, status: SampleStatus
) -> None:
    bench = Bench(make_context, qtbot, standing)
    bench.choose(status)
    for step, action in bench.tab.steps.items():
        makes_sense, allowed = step in steps_from(status), may(standing, verb_for(step))
        assert action.isVisible() is makes_sense
        assert action.isEnabled() is (allowed and makes_sense)
        assert allowed or "may do this" in action.toolTip()
    archived = status is SampleStatus.ARCHIVED
    assert bench.tab.edit.isEnabled() is (may(standing, Verb.EDIT_SAMPLES) and not archived)
    assert bench.tab.attach.isEnabled() is (may(standing, Verb.EDIT_DOCUMENTS) and not archived)
    assert bench.tab.active.isEnabled() is (may(standing, Verb.DEACTIVATE_RECORDS) and not archived)
    assert bench.tab.new.isEnabled() is may(standing, Verb.EDIT_SAMPLES)
    assert bench.tab.history.isEnabled(), "everybody may read the history of a record"


@pytest.mark.parametrize(
    ("status", "step", "after"),
    [
        (SampleStatus.PENDING, Step.PROCESS, SampleStatus.PROCESSING),
        (SampleStatus.PROCESSING, Step.COMPLETE, SampleStatus.COMPLETED),
    ],
)
def test_a_step_is_one_click(bench: Bench, status: SampleStatus, step: Step, after: SampleStatus) -> None:
    bench.choose(status)
    bench.tab.steps[step].click()
    assert bench.current.status is after
    assert bench.said.remarks[-1].endswith(f"is saved: {after.value}.")


def test_rejecting_asks_for_a_reason_and_keeps_it(bench: Bench) -> None:
    bench.choose(SampleStatus.PENDING)
    bench.tab.steps[Step.REJECT].click()
    dialog = bench.dialog(ReasonDialog)
    dialog.submit()
    assert dialog.fields["reason"].problem == "A reason is needed."
    line(dialog.fields["reason"]).setText("The tube is broken.")
    dialog.submit()
    assert bench.current.status is SampleStatus.REJECTED
    assert bench.current.rejection_reason == "The tube is broken."


def test_archiving_asks_first(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(make_context, qtbot, Standing.ADMIN)
    bench.choose(SampleStatus.COMPLETED)
    bench.tab.steps[Step.ARCHIVE].click()
    question = bench.dialog(Confirm)
    QTest.keyClick(question.focusWidget(), Qt.Key.Key_Return)
    assert bench.status() is SampleStatus.COMPLETED, "Enter does nothing that cannot be taken back"
    question.reject()
    bench.tab.steps[Step.ARCHIVE].click()
    bench.dialog(Confirm).verb.click()
    assert bench.status() is SampleStatus.ARCHIVED


def test_a_step_somebody_took_meanwhile_is_said_in_the_banner(bench: Bench) -> None:
    bench.choose(SampleStatus.PENDING)
    bench.lab.trouble.next("samples.step", ConflictError("Somebody else changed this sample meanwhile"))
    bench.tab.steps[Step.PROCESS].click()
    assert bench.said.notices[-1].text == "Somebody else changed this sample meanwhile."
    assert bench.tab.steps[Step.PROCESS].isEnabled()


PROBLEMS = [
    ("name", "", "This must not be empty."),
    ("name", "x" * 201, "At most 200 characters; these are 201."),
    ("barcode", "x" * 65, "At most 64 characters; these are 65."),
    ("metadata", "[1]", 'This must be a JSON object, such as {"tube": "EDTA"}.'),
    ("metadata", "{", 'This must be a JSON object, such as {"tube": "EDTA"}.'),
    ("metadata", '{"a": NaN}', "This holds something that JSON cannot carry."),
    ("collected_at", "yesterday", "This is not a date and time, such as 2026-11-21 09:30."),
    ("collected_at", "2026-13-01", "This is not a date and time, such as 2026-11-21 09:30."),
    ("collected_place", "x" * 201, "At most 200 characters; these are 201."),
]


@pytest.mark.parametrize(("field", "value", "said"), PROBLEMS)
def test_a_wrong_value_is_said_under_its_field_as_one_types(bench: Bench, field: str, value: str, said: str) -> None:
    bench.tab.new.click()
    dialog: SampleDialog = bench.dialog(SampleDialog)
    dialog.fields["name"].set_value("Good name")
    if field == "metadata":
        lines(dialog.fields[field]).setPlainText(value)
    else:
        line(dialog.fields[field]).setText(value or "x")
        line(dialog.fields[field]).setText(value)
    assert dialog.fields[field].problem == said
    dialog.submit()
    assert "samples.create" not in bench.lab.trouble.calls, "nothing may be sent that is wrong"
    dialog._discarding = True
    dialog.reject()


def test_a_new_sample_is_chosen_in_the_list(bench: Bench) -> None:
    bench.tab.new.click()
    dialog = bench.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("  Serum, P-1  ")
    lines(dialog.fields["metadata"]).setPlainText('{"tube": "gel", "fasting": true}')
    line(dialog.fields["collected_at"]).setText("21.11.2026 08:15")
    assert dialog.draft().collected_at is not None
    dialog.submit()
    assert bench.current.name == "Serum, P-1"
    assert bench.current.metadata == {"tube": "gel", "fasting": True}
    assert bench.tab.detail.title.text() == "Serum, P-1"


def test_a_barcode_that_exists_comes_back_to_its_field(bench: Bench) -> None:
    bench.lab.trouble.next("samples.create", InvalidInputError({"barcode": "This barcode is taken."}))
    bench.tab.new.click()
    dialog = bench.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("Serum")
    dialog.submit()
    assert dialog.isVisible()
    assert dialog.fields["barcode"].problem == "This barcode is taken."
    assert dialog.verb.isEnabled()
    dialog.submit()
    assert not dialog.isVisible()


def test_unsaved_work_is_asked_about_once(bench: Bench) -> None:
    bench.tab.new.click()
    dialog = bench.dialog(SampleDialog)
    dialog.reject()
    assert not dialog.isVisible(), "nothing was typed, nothing is asked"
    bench.tab.new.click()
    dialog = bench.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("Serum")
    dialog.reject()
    assert dialog.isVisible()
    question = next(each for each in dialog.findChildren(Confirm) if each.isVisible())
    question.verb.click()
    assert not dialog.isVisible()


def test_files_dropped_on_the_detail_are_for_the_sample(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "result.pdf"
    file.write_bytes(b"%PDF-")
    drag = Drag(bench.tab.drop, [file])
    assert drag.said == "Choose a sample first, or drop on the Documents tab."
    drag.leave()
    bench.choose(SampleStatus.ARCHIVED)
    drag = Drag(bench.tab.drop, [file])
    assert drag.said == "Archived samples take no documents."
    drag.leave()
    bench.choose(SampleStatus.PENDING)
    drag = Drag(bench.tab.drop, [file])
    assert drag.said == f"Seal 1 file for {bench.current.barcode}"
    assert drag.drop()
    bench.qtbot.waitUntil(lambda: bool(bench.work.documents.list().rows))
    assert bench.work.documents.list().rows[0].sample_id == bench.current.id
    transfers = bench.context.transfers
    bench.qtbot.waitUntil(lambda: not transfers.is_active and not transfers._timer.isActive())


def test_filters_and_search_narrow_the_list(bench: Bench) -> None:
    bench.tab._status.choose(SampleStatus.REJECTED)
    assert [row.status for row in bench.tab.records.model.rows] == [SampleStatus.REJECTED]
    assert bench.tab.records.count_text == "1 sample"
    bench.tab.search_for("no such sample")
    bench.tab.reload()
    assert bench.tab.records.empty.title == "Nothing found"
    bench.tab.records.empty.button.click()
    assert bench.tab.records.model.rowCount() == len(SampleStatus)


def test_a_scanned_sample_is_shown_even_where_the_list_does_not_hold_it(bench: Bench) -> None:
    bench.tab._status.choose(SampleStatus.REJECTED)
    wanted = next(row for row in bench.lab.sample_rows if row.status is SampleStatus.PENDING)
    bench.tab.go_to(Target(record=wanted.id))
    assert bench.current.id == wanted.id
    assert bench.tab.detail.title.text() == wanted.name


def test_the_lists_menu_offers_what_the_detail_offers(bench: Bench) -> None:
    bench.choose(SampleStatus.PENDING)
    menu = bench.tab.record_menu()
    offered = {action.text(): action for action in menu.actions()}
    assert list(offered) == [
        "Start processing",
        "&Edit…",
        "&History",
        "Deacti&vate",
        "C&opy of this sample…",
        "Copy &link",
        "E&vidence…",
        "Put on a &work list…",
        "",
        "Reject…",
    ], "what is red stands apart from the next step"
    offered["Start processing"].trigger()
    assert bench.current.status is SampleStatus.PROCESSING
    menu.close()


def test_an_edit_that_somebody_overtook_reads_the_list_again(bench: Bench) -> None:
    bench.choose(SampleStatus.PENDING)
    bench.lab.trouble.next("samples.update", ConflictError("Somebody else changed this sample meanwhile"))
    bench.tab.edit.click()
    dialog = bench.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("Mine")
    reads = bench.lab.trouble.calls.count("samples.list")
    dialog.submit()
    assert dialog.banner.text == "Somebody else changed this sample meanwhile."
    assert bench.lab.trouble.calls.count("samples.list") == reads + 1
    dialog._discarding = True
    dialog.reject()


def test_a_center_that_wants_a_reason_is_given_one(bench: Bench) -> None:
    settings = {"reasons": {"required": ["deactivate"]}}
    bench.work.center = replace(bench.work.center, settings=settings)
    bench.choose(SampleStatus.PENDING)
    bench.tab.active.click()
    dialog = bench.dialog(ReasonDialog)
    dialog.submit()
    assert dialog.fields["reason"].problem == "A reason is needed."
    lines(dialog.fields["reason"]).setPlainText("label torn")
    dialog.submit()
    assert bench.work.samples.reasons == ["label torn"]
    assert bench.tab.records.model.rows[0].status is not SampleStatus.PENDING, "it is out of the list"


def test_create_and_next_keeps_the_form_with_type_and_place(bench: Bench) -> None:
    bench.tab.new.click()
    dialog = bench.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("First")
    line(dialog.fields["barcode"]).setText("ONE-1")
    line(dialog.fields["collected_place"]).setText("Ward 3")
    dialog.next.click()
    assert dialog.isVisible()
    assert [dialog.fields[each].value for each in ("name", "barcode", "collected_place")] == ["", "", "Ward 3"]
    assert dialog.fields["name"].problem == "", "nothing is wrong before anybody typed"
    assert dialog.focusWidget() is dialog.fields["name"].editor
    assert dialog.banner.notice is not None
    assert dialog.banner.notice.text == "Sample ONE-1 is created."
    assert not dialog.fields.is_changed, "nothing is lost by leaving now"
    dialog.next.click()
    assert bench.lab.trouble.calls.count("samples.create") == 1, "a name is needed again"
    line(dialog.fields["name"]).setText("Second")
    dialog.verb.click()
    assert not dialog.isVisible()
    made = [row for row in bench.tab.records.model.rows if row.name in ("First", "Second")]
    assert len(made) == 2


def test_a_copy_of_a_sample_begins_with_all_but_its_barcode(bench: Bench) -> None:
    bench.choose(SampleStatus.PENDING)
    bench.tab.copy_of.click()
    dialog = bench.dialog(SampleDialog)
    assert dialog.draft() == replace(SampleDraft.of(bench.current), barcode="")
    assert dialog.accessibleName() == "New sample"
    dialog._discarding = True
    dialog.reject()


def test_chosen_rows_are_copied_as_a_spreadsheet_takes_them(bench: Bench) -> None:
    table = bench.tab.records.table
    table.selectAll()
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = [each.split("\t") for each in QGuiApplication.clipboard().text().split("\n")]
    rows = bench.tab.records.selected
    assert copied[0][:3] == ["Barcode", "Name", "Type"]
    assert [each[:2] for each in copied[1:]] == [[row.barcode, row.name] for row in rows]
    assert bench.said.remarks[-1] == f"{len(rows)} rows are copied."


def test_no_rows_are_copied_where_nothing_may_leave(bench: Bench) -> None:
    bench.lab.policy = replace(bench.lab.policy, export=False)
    QGuiApplication.clipboard().setText("before")
    bench.choose(SampleStatus.PENDING)
    bench.tab.copy.trigger()
    QTest.keyClick(bench.tab.records.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "before"
