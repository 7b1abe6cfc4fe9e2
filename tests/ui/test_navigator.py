"""One way to a tab, a record, a filter or another center, whoever asks."""

from typing import Any

import pytest

from desktop_app.domain.records import AuditEntry, Document, Sample
from desktop_app.domain.rights import Standing
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.tab_context import Target
from tests.ui.fake_services import Lab
from tests.ui.made_records import document, entry, sample
from tests.ui.window_fixture import WindowDriver


def fill(lab: Lab) -> None:
    owner = sample(1, name="Serum")
    lab.sample_rows = [owner, sample(2, name="Plasma")]
    lab.document_rows = [
        document(1, title="Bench notes"),
        document(2, title="Report", sample_id=owner.id, sample_barcode=owner.barcode),
    ]
    lab.entries = [entry(1, owner.id, None, {"name": "Serum"}, "insert")]


@pytest.fixture
def workspace(driver: WindowDriver) -> Any:
    return driver.enter(Standing.ADMIN, fill)


def page_of(workspace: Workspace) -> RecordTab[Any]:
    return workspace.page


def named(workspace: Any, title: str) -> Document:
    found: Document = next(row for row in workspace.work.documents.list().rows if row.title == title)
    return found


def test_a_button_leads_to_a_record_of_another_tab(workspace: Any) -> None:
    documents, samples = workspace.tabs.documents, workspace.tabs.samples
    workspace.context.go(Target(Document, named(workspace, "Report").id))
    assert workspace.page is documents
    assert documents.records.current.title == "Report"
    documents.go_sample.click()
    assert workspace.page is samples
    assert samples.records.current.name == "Serum"


def test_a_button_leads_to_what_belongs_to_a_record(workspace: Any) -> None:
    samples, documents, activity = workspace.tabs.samples, workspace.tabs.documents, workspace.tabs.activity
    [owner] = [row for row in workspace.work.samples.list().rows if row.name == "Serum"]
    workspace.context.go(Target(Sample, owner.id))
    samples.sample_detail.all_documents.click()
    assert workspace.page is documents
    assert [row.title for row in documents.records.model.rows] == ["Report"]
    workspace.show_tab(samples)
    samples.history.click()
    assert workspace.page is activity
    assert activity._record.text() == f"History of {owner.barcode}"


def test_a_search_is_taken_to_the_tab(workspace: Any) -> None:
    workspace.context.go(Target(Sample, search="Plasma"))
    assert workspace.page is workspace.tabs.samples
    assert workspace.tabs.samples.records.search.text() == "Plasma"


def test_every_kind_of_record_has_its_tab(workspace: Any) -> None:
    assert len(list(workspace.tabs)) == 5
    for tab in workspace.tabs:
        workspace.context.go(Target(tab.record_class))
        assert workspace.page is tab


def test_a_record_of_another_center_is_shown_once_that_center_is_open(driver: WindowDriver) -> None:
    workspace = driver.enter(Standing.SYSTEM, fill)
    lab: Any = driver.sign_in.labs[0]
    workspace.open_center(lab.istanbul)
    wanted = named(workspace, "Report")
    workspace.show_tab(workspace.tabs.activity)
    opening: list[object] = []
    workspace.navigator.center_wanted.disconnect()
    workspace.navigator.center_wanted.connect(opening.append)
    workspace.context.go(Target(Document, wanted.id, center=lab.ankara.id))
    assert opening == [lab.ankara.id]
    assert page_of(workspace) is workspace.tabs.activity, "what belongs to the other center is not looked for here"
    workspace.open_center(lab.ankara)
    assert page_of(workspace) is workspace.tabs.documents
    assert workspace.tabs.documents.records.current == wanted


def test_who_goes_elsewhere_meanwhile_is_not_called_back(driver: WindowDriver) -> None:
    workspace = driver.enter(Standing.SYSTEM, fill)
    lab: Any = driver.sign_in.labs[0]
    workspace.open_center(lab.istanbul)
    workspace.navigator.center_wanted.disconnect()
    workspace.context.go(Target(Document, center=lab.ankara.id))
    workspace.context.go(Target(AuditEntry))
    workspace.open_center(lab.ankara)
    assert workspace.page is workspace.tabs.activity
