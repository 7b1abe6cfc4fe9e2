"""The window writes evidence of what is shown, for who may read the whole record."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Standing, Verb, may
from desktop_app.errors import UnavailableError
from desktop_app.ui.tabs.documents import DocumentsTab
from desktop_app.ui.tabs.evidence_action import write_evidence
from desktop_app.ui.tabs.samples import SamplesTab
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import document, sample


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1)]
    lab.document_rows = [document(1, title="Bench notes")]


@pytest.mark.parametrize("kind", [DocumentsTab, SamplesTab])
@pytest.mark.parametrize("standing", [Standing.USER, Standing.ADMIN])
def test_it_is_offered_to_who_may_read_the_whole_record(
    make_context: MakeContext,
    qtbot: QtBot,
    tmp_path: Path,
    kind: type[DocumentsTab | SamplesTab],
    standing: Standing,
) -> None:
    context, said, lab = make_context(standing, fill)
    work = Work(lab.istanbul, standing, lab)
    tab = kind(context)
    qtbot.addWidget(tab)
    tab.set_center(as_services(work))
    tab.refresh_if_stale()
    tab.records.table.choose_row(0)
    assert tab.action("evidence").isEnabled() is may(standing, Verb.READ_AUDIT)
    current = tab.records.current
    assert current is not None

    write_evidence(tab, current, tmp_path / "proof.pdf")
    assert f"{tmp_path / 'proof.pdf'} is written" in said.remarks[-1]
    work.evidence.unread = ("The share is gone.",)
    write_evidence(tab, current, tmp_path / "proof.pdf")
    assert "not all files could be read: The share is gone." in said.remarks[-1]
    name = "evidence.of_sample" if isinstance(current, Sample) else "evidence.of_document"
    lab.trouble.next(name, UnavailableError("The share is gone."))
    write_evidence(tab, current, tmp_path / "proof.pdf")
    assert [notice.text for notice in said.notices] == ["The share is gone."]
