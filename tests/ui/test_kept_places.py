"""Where a person was is there again at the next start: tab, filters, what was chosen, height of rows."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.records import Document
from desktop_app.domain.rights import Standing
from desktop_app.ui.models.transfers import Destination
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.widgets.table import COMPACT_HEIGHT
from tests.ui.fake_services import Lab
from tests.ui.made_records import document, sample
from tests.ui.window_fixture import WindowDriver

ROWS = [sample(1), sample(2, status=SampleStatus.PROCESSING), sample(3, status=SampleStatus.PROCESSING)]
FILES = [document(1)]


def fill(lab: Lab) -> None:
    lab.sample_rows, lab.document_rows = list(ROWS), list(FILES)
    lab.user = replace(lab.user, id=UUID(int=5))


def again(driver: WindowDriver) -> Workspace:
    assert driver.window is not None
    driver.window.close()
    return driver.enter(Standing.ADMIN, fill)


def leave_at_a_processed_sample(driver: WindowDriver) -> Workspace:
    space = driver.enter(Standing.ADMIN, fill)
    samples: Any = space.tabs.samples
    space.show_tab(samples)
    samples._status.setCurrentIndex(samples._status.findText("Processing"))
    samples.records.search_for("patient name")
    samples.records.clear_search()
    samples.reload()
    samples.records.table.choose_row(1)
    next(each for each in space.actions_of_all if each.live.action.name == "rows").run()
    return space


def test_tab_filter_and_choice_are_there_again(driver: WindowDriver) -> None:
    chosen = leave_at_a_processed_sample(driver).page.records.current
    space = again(driver)
    samples = space.tabs.samples
    assert space.page is samples
    assert isinstance(samples, SamplesTab)
    assert samples._status.value is SampleStatus.PROCESSING
    assert len(samples.records.model.rows) == 2
    assert samples.records.current == chosen
    assert {tab.records.table.row_height for tab in space.tabs} == {COMPACT_HEIGHT}


def test_each_tab_that_was_in_front_is_there_with_its_list(driver: WindowDriver) -> None:
    space = driver.enter(Standing.ADMIN, fill)
    for name in space.tabs.kinds:
        tab = getattr(space.tabs, name)
        space.show_tab(tab)
        count = len(tab.records.model.rows)
        space = again(driver)
        there = getattr(space.tabs, name)
        assert (space.page, space.area.stack.currentWidget()) == (there, there)
        assert len(there.records.model.rows) == count, name


def test_no_words_and_no_document_are_kept(driver: WindowDriver) -> None:
    space = leave_at_a_processed_sample(driver)
    space.page.records.search.setText("Ayse Gizli")
    space.show_tab(space.tabs.documents)
    space.page.records.table.choose_row(0)
    space = again(driver)
    assert space.page is space.tabs.documents
    assert space.page.records.current is None
    assert "Gizli" not in driver.file.read_text()
    assert str(FILES[0].id) not in driver.file.read_text()


def test_what_cannot_be_read_is_as_at_the_first_time(driver: WindowDriver) -> None:
    space = leave_at_a_processed_sample(driver)
    space.places._kept = {}
    name = space.places._name
    assert driver.window is not None
    driver.window.close()
    assert driver.window.window_state.layout(name) is not None
    for damaged in (b"[1]", b"{", b'{"tab": 7, "samples": [1]}', b'{"tab": "no such", "samples": {"chosen": "x"}}'):
        driver.window.window_state.keep_layout(name, type(driver.window.saveGeometry())(damaged))
        driver.window.window_state.write()
        space = driver.enter(Standing.ADMIN, fill)
        assert space.page is space.tabs.documents
        space.places.save = lambda: None  # type: ignore[method-assign]  # the damage shall stay
        driver.window.close()


def test_files_that_arrive_are_told_to_the_samples_before_the_documents_tab_is_made(driver: WindowDriver) -> None:
    leave_at_a_processed_sample(driver)
    space = again(driver)
    samples = space.page
    assert isinstance(samples, SamplesTab)
    assert [type(tab) for tab in space.tabs.there] == [SamplesTab], "the others are made in turns of their own"
    told: list[type] = []
    space.context.events.changed.connect(lambda kind, _record: told.append(kind))
    assert space.work is not None
    space.transfers.finished.emit(None, Destination(space.work))
    assert told == [Document]
