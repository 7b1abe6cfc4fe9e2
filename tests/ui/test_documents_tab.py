"""The Documents tab: dropping, looking, saving copies, and what a viewer may not do."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop_app.domain.records import Document
from desktop_app.domain.rights import Standing
from desktop_app.errors import RefusedError, UnavailableError
from desktop_app.ui.dialogs.delete import DeleteDialog
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.transfer_rows import Stage
from desktop_app.ui.tabs.documents import DocumentsTab
from desktop_app.ui.tabs.tab_context import Target
from desktop_app.ui.widgets.list_filters import Owner
from tests.ui.conftest import MakeContext
from tests.ui.editors import line, lines
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import document, sample
from tools.driver import Drag


def fill(lab: Lab) -> None:
    owner = sample(1)
    lab.sample_rows = [owner]
    lab.document_rows = [
        document(1, title="Bench notes"),
        document(2, title="Counts", file_name="counts.csv", mime_type="text/csv", latest_number=3),
        document(3, title="Of the sample", sample_id=owner.id, sample_barcode=owner.barcode),
    ]


class Bench:
    """A Documents tab that is shown, with its services."""

    def __init__(self, make_context: MakeContext, qtbot: QtBot, standing: Standing) -> None:
        self.context, self.said, self.lab = make_context(standing, fill)
        self.work = Work(self.lab.istanbul, standing, self.lab)
        self.tab = DocumentsTab(self.context)
        qtbot.addWidget(self.tab)
        self.tab.resize(1280, 700)
        self.tab.show()
        self.tab.set_center(as_services(self.work))
        self.tab.refresh_if_stale()
        self.qtbot = qtbot

    def choose(self, title: str) -> None:
        rows = self.tab.records.model.rows
        self.tab.records.table.choose_row(next(at for at, row in enumerate(rows) if row.title == title))

    def settle(self) -> None:
        transfers = self.context.transfers
        self.qtbot.waitUntil(lambda: not transfers.is_active and not transfers._timer.isActive())

    @property
    def current(self) -> Document:
        found: Document | None = self.tab.records.current
        assert found is not None
        return found

    @property
    def titles(self) -> list[str]:
        return [row.title for row in self.tab.records.model.rows]


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(make_context, qtbot, Standing.USER)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"scan-{number}.txt" for number in range(3)]
    for path in paths:
        path.write_text("scan")
    return paths


def test_dropped_files_end_sealed_and_in_the_list(bench: Bench, files: list[Path]) -> None:
    drag = Drag(bench.tab.drop, files)
    assert drag.is_taken
    assert drag.said == "Seal 3 files for Istanbul Medical Center"
    assert drag.drop()
    assert bench.tab.drop.overlay.text == ""
    assert bench.context.transfers.table.rowCount() == 0, "the drop itself must not do any work"
    bench.qtbot.waitUntil(lambda: "scan-2.txt" in bench.titles)
    assert {row.stage for row in bench.context.transfers.table.rows} == {Stage.SAVED}
    bench.settle()


def test_the_overlay_goes_when_the_files_leave_again(bench: Bench, files: list[Path]) -> None:
    drag = Drag(bench.tab.drop, files)
    assert drag.said
    drag.leave()
    assert bench.tab.drop.overlay.text == ""


def test_text_that_is_dragged_is_not_taken(bench: Bench) -> None:
    words = QMimeData()
    words.setText("hello")
    copy, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(5, 5), copy, words, button, key)
    QApplication.sendEvent(bench.tab, event)
    assert not event.isAccepted()
    assert bench.tab.drop.overlay.text == ""


def test_a_viewer_is_told_why_nothing_may_be_dropped(
    make_context: MakeContext, qtbot: QtBot, files: list[Path]
) -> None:
    bench = Bench(make_context, qtbot, Standing.VIEWER)
    drag = Drag(bench.tab.drop, files)
    assert drag.said.startswith("Only users and administrators of the center may do this.")
    assert not drag.is_taken
    assert not drag.drop()
    QApplication.processEvents()
    assert bench.context.transfers.table.rowCount() == 0
    assert not bench.tab.add.isEnabled()
    assert "viewer" in bench.tab.add.toolTip()


def test_without_a_center_nothing_is_taken(make_context: MakeContext, qtbot: QtBot, files: list[Path]) -> None:
    context, _, _ = make_context(Standing.SYSTEM, fill)
    tab = DocumentsTab(context)
    qtbot.addWidget(tab)
    tab.refresh_if_stale()
    drag = Drag(tab.drop, files)
    assert drag.said == "No center is open."
    assert not drag.drop()
    assert tab.records.empty.title == "No center is open"


def test_files_dropped_while_one_sample_is_shown_are_sealed_for_it(bench: Bench, files: list[Path]) -> None:
    owner = bench.lab.sample_rows[0]
    bench.tab.go_to(Target(only=Owner(owner.id, owner.barcode)))
    assert bench.titles == ["Of the sample"]
    drag = Drag(bench.tab.drop, files[:1])
    assert drag.said == f"Seal 1 file for {owner.barcode}"
    assert drag.drop()
    bench.qtbot.waitUntil(lambda: bench.titles == ["scan-0.txt", "Of the sample"])
    assert bench.work.documents.get(bench.tab.records.model.rows[0].id).sample_id == owner.id
    bench.settle()


def test_the_chosen_document_shows_facts_versions_and_content(bench: Bench) -> None:
    bench.choose("Counts")
    counts = next(row for row in bench.lab.document_rows if row.title == "Counts")
    assert bench.tab.detail.title.text() == "Counts"
    assert bench.tab.versions.model.rowCount() == 3
    assert bench.tab.preview.shown == "table"
    bench.work.documents.contents[counts.id] = b"plain"
    bench.choose("Bench notes")
    assert bench.tab.preview.shown == "text"
    assert bench.tab.preview.text.toPlainText() == "text\n"
    assert not bench.tab._version_section.isVisible()


def test_content_that_cannot_be_opened_says_why_in_the_preview(bench: Bench) -> None:
    bench.lab.trouble.next("documents.content", RefusedError("The stored file is not the one that was signed"))
    bench.choose("Bench notes")
    assert bench.tab.preview.shown == "empty"
    assert bench.tab.preview.empty.text == "The stored file is not the one that was signed."


def test_a_copy_is_saved_where_the_person_says(bench: Bench, tmp_path: Path) -> None:
    bench.choose("Bench notes")
    target = tmp_path / "copy.txt"
    bench.tab.save_copy(bench.current, None, target)
    assert target.read_bytes() == b"text\n"
    assert bench.said.remarks[-1].startswith(f"Saved in clear as {target}")


def test_a_copy_that_fails_is_said_in_the_banner(bench: Bench, tmp_path: Path) -> None:
    bench.choose("Bench notes")
    bench.lab.trouble.next("documents.save_as", UnavailableError("The share is gone."))
    bench.tab.save_copy(bench.current, None, tmp_path / "copy.txt")
    assert [notice.text for notice in bench.said.notices] == ["The share is gone."]


def test_what_stands_after_a_deactivated_document_is_not_opened(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An opening stands on the record; nobody has chosen that one."""
    bench.tab.records.table.choose_row(0)
    opened: list[object] = []
    monkeypatch.setattr(bench.tab.preview, "load", lambda *what: opened.append(what))
    bench.tab.active.click()
    assert opened == []
    assert bench.tab.records.current is None
    assert bench.tab.detail.is_empty
    assert bench.tab._halves.right.isHidden(), "an inspector without anything to show is closed"
    QTest.keyClick(bench.tab.records.table, Qt.Key.Key_Down)
    assert bench.tab.records.table.currentIndex().row() == 0, "the keys go on where one was"
    assert len(opened) == 1


def test_deactivating_takes_it_from_the_list_and_restoring_brings_it_back(bench: Bench) -> None:
    bench.choose("Bench notes")
    bench.tab.active.click()
    assert "Bench notes" not in bench.titles
    assert bench.tab.detail.is_empty or bench.tab.detail.title.text() != "Bench notes"
    bench.tab._inactive.setChecked(True)
    bench.choose("Bench notes")
    assert bench.tab.active.words == "Restore"
    bench.tab.active.click()
    assert bench.current.is_active


def test_editing_finds_the_sample_by_its_barcode(bench: Bench) -> None:
    bench.choose("Bench notes")
    owner = bench.lab.sample_rows[0]
    dialog = DocumentDialog(bench.context.jobs, as_services(bench.work), bench.current, bench.tab)
    dialog.saved.connect(bench.tab._on_saved)
    dialog.open()
    line(dialog.fields["title"]).setText("Notes of the bench")
    line(dialog.fields["tags"]).setText("iron,  ferritin , iron")
    line(dialog.fields["sample_id"]).setText("nonsense")
    dialog.submit()
    assert dialog.fields["sample_id"].problem == "No sample of this center has this barcode."
    line(dialog.fields["sample_id"]).setText(owner.barcode)
    dialog.submit()
    saved = bench.current
    assert (saved.title, saved.tags, saved.sample_id) == ("Notes of the bench", ("iron", "ferritin"), owner.id)


def test_a_list_that_cannot_be_read_offers_to_try_again(bench: Bench) -> None:
    bench.lab.trouble.next("documents.list", UnavailableError("The server does not answer"))
    bench.tab.reload()
    assert bench.tab.records.banner.text == "The server does not answer."
    assert bench.titles, "what was shown stays"
    bench.tab.records.banner._step.click()
    assert bench.tab.records.banner.text == ""


@pytest.mark.parametrize(
    ("search", "title", "action"),
    [("zzz", "Nothing found", "Show all documents"), ("", "No documents yet", "Add files…")],
)
def test_empty_lists_say_what_to_do_next(
    make_context: MakeContext, qtbot: QtBot, search: str, title: str, action: str
) -> None:
    bench = Bench(make_context, qtbot, Standing.USER)
    if not search:
        bench.work.documents._rows.rows.clear()
    bench.tab.search_for(search)
    bench.tab.reload()
    assert bench.tab.records.empty.title == title
    assert bench.tab.records.empty.button.text() == action


def test_two_centers_never_mix(bench: Bench) -> None:
    bench.choose("Bench notes")
    bench.tab.set_center(as_services(Work(bench.lab.ankara, Standing.USER, Lab())))
    assert bench.titles == []
    assert bench.tab.detail.is_empty
    assert bench.tab.preview.shown == "empty"


def facts(tab: DocumentsTab) -> list[str]:
    grid = tab.detail.facts._grid
    items = [grid.itemAt(at) for at in range(grid.count())]
    labels = [item.widget() for item in items if item is not None]
    return [label.text() for label in labels if isinstance(label, QLabel) and not label.isHidden()]


def test_who_sealed_it_is_said_and_that_it_was_verified(bench: Bench) -> None:
    bench.choose("Counts")
    said = facts(bench.tab)
    assert "Sealed by" in said
    assert said[said.index("Sealed by") + 1].startswith("Mehmet Kaya, ")
    assert said[said.index("Sealed by") + 1].endswith(", verified")
    assert bench.said.notices == []


def test_who_sealed_it_stays_when_the_list_is_read_again_and_is_verified_anew_when_the_row_changed(
    bench: Bench,
) -> None:
    bench.choose("Counts")
    model, shown = bench.tab.records.model, bench.current
    asked = bench.lab.trouble.calls.count("documents.seals")
    model.upsert(replace(shown, sample_barcode="the same row, read again"))
    assert "Sealed by" in facts(bench.tab)
    assert bench.lab.trouble.calls.count("documents.seals") == asked
    model.upsert(replace(shown, title="Counts, forged", row_version=shown.row_version + 1))
    assert bench.lab.trouble.calls.count("documents.seals") > asked


def test_a_forged_document_is_an_alarm_in_its_detail(bench: Bench) -> None:
    chosen = next(row for row in bench.tab.records.model.rows if row.title == "Counts")
    bench.work.documents.alarms[chosen.id] = "The database says another title of this document than was signed."
    bench.choose("Counts")
    said = facts(bench.tab)
    assert said[said.index("Sealed") + 1] == "Not verified"
    assert "Sealed by" not in said
    assert [(notice.text, notice.tone) for notice in bench.said.notices] == [
        ("The database says another title of this document than was signed.", Tone.DANGER)
    ]


def test_the_bin_has_what_was_deactivated_and_what_is_deleted_there_is_gone(
    make_context: MakeContext, qtbot: QtBot
) -> None:
    bench = Bench(make_context, qtbot, Standing.ADMIN)
    bench.choose("Bench notes")
    assert not bench.tab.delete.isVisible()
    bench.tab.active.click()
    assert bench.said.remarks[-1] == "“Bench notes” is in the bin."
    bench.tab._bin.setChecked(True)
    assert bench.titles == ["Bench notes"]
    bench.choose("Bench notes")
    bench.tab.delete.click()
    dialog = bench.tab.findChild(DeleteDialog)
    assert dialog is not None
    intro = "Deleted for good: 1 document with 1 stored version ("
    assert [label.text() for label in dialog.findChildren(QLabel) if label.text().startswith(intro)]
    line(dialog.fields["name"]).setText("Bench")
    dialog.submit()
    assert dialog.fields["name"].problem
    line(dialog.fields["name"]).setText("Bench notes")
    dialog.fields["erase_record"].set_value(True)
    dialog.submit()
    assert dialog.fields["reason"].problem
    lines(dialog.fields["reason"]).setPlainText("claimed")
    dialog.submit()
    assert bench.titles == []
    assert bench.work.deletion.reasons == [("claimed", True)]
    bench.tab._bin.setChecked(False)
    assert sorted(bench.titles) == ["Counts", "Of the sample"]


def test_what_is_restored_in_the_bin_leaves_it(bench: Bench) -> None:
    bench.choose("Counts")
    bench.tab.active.click()
    bench.tab._bin.setChecked(True)
    bench.choose("Counts")
    assert not bench.tab.delete.isEnabled(), "a user deletes nothing"
    bench.tab.active.click()
    assert bench.titles == []
    bench.tab._bin.setChecked(False)
    assert "Counts" in bench.titles
