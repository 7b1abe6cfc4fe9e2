"""Files of an older system in the Documents tab: what the form asks for, and what becomes of the keys."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.services.documents.sources import PLAIN
from desktop_app.ui.dialogs.import_files import ImportDialog
from desktop_app.ui.models.transfer_rows import Stage
from desktop_app.ui.tabs.documents import DocumentsTab
from desktop_app.ui.widgets.list_filters import Owner
from desktop_app.ui.widgets.transfer_panel import TransferPanel
from tests.ui.conftest import MakeContext
from tests.ui.editors import line, lines
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import sample

OLD, NEW, FOREIGN = (Fernet.generate_key().decode() for _ in range(3))
OWNER = sample(1)


def fill(lab: Lab) -> None:
    lab.sample_rows = [OWNER]


class Bench:
    """A Documents tab that is shown, its transfer panel, and files of an older system."""

    def __init__(self, make_context: MakeContext, qtbot: QtBot, folder: Path, standing: Standing) -> None:
        self.context, _said, lab = make_context(standing, fill)
        self.work = Work(lab.istanbul, standing, lab)
        self.tab = DocumentsTab(self.context)
        self.panel = TransferPanel(self.context.transfers)
        self.qtbot, self.folder = qtbot, folder
        for widget in (self.tab, self.panel):
            qtbot.addWidget(widget)
        self.tab.show()
        self.tab.set_center(as_services(self.work))
        self.tab.refresh_if_stale()

    def sealed(self, name: str, content: bytes, key: str = OLD) -> Path:
        path = self.folder / name
        path.write_bytes(Fernet(key).encrypt(content))
        return path

    def keys(self, *keys: str) -> Path:
        path = self.folder / "keys.txt"
        path.write_text("\n".join(("# of the old system", *keys, "")))
        return path

    def dialog(self) -> ImportDialog:
        found = self.tab.findChild(ImportDialog)
        assert found is not None
        return found

    def submit(self, dialog: ImportDialog, key_file: Path) -> None:
        line(dialog.fields["key_file"]).setText(str(key_file))
        dialog.submit()
        transfers = self.context.transfers
        self.qtbot.waitUntil(lambda: not transfers.is_active and not transfers._timer.isActive())

    @property
    def saved(self) -> dict[str, bytes]:
        contents = self.work.documents.contents
        return {row.title: contents[row.id] for row in self.work.documents.list().rows if row.id in contents}


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot, tmp_path: Path) -> Bench:
    return Bench(make_context, qtbot, tmp_path, Standing.USER)


def test_the_form_says_what_is_missing_or_wrong_and_takes_nothing(bench: Bench) -> None:
    bench.tab.bring_in.click()
    dialog = bench.dialog()
    dialog.submit()
    assert dialog.fields["paths"].problem == "Choose the files, or a folder of them."
    assert dialog.fields["key_file"].problem == "Choose the file that holds the keys."
    dialog.add_paths([bench.sealed("a.pdf.enc", b"a")])
    keys = bench.folder / "keys.txt"
    for content, problem in (
        (b"", "There is no Fernet key."),
        (f"{OLD}\nno key\n".encode(), "Line 2 of the keys is no Fernet key."),
        (b"\xff\xfe\x00", f"The file {keys} is not text in UTF-8."),
        (b"#" * (1024 * 1024 + 1), f"The file {keys} is larger than a file of keys can be."),
    ):
        keys.write_bytes(content)
        bench.submit(dialog, keys)
        assert dialog.fields["key_file"].problem == problem
    bench.submit(dialog, bench.folder / "gone.txt")
    assert "could not be read" in dialog.fields["key_file"].problem
    lines(dialog.fields["paths"]).setPlainText("~nobody-of-this-name/a.enc")
    bench.submit(dialog, bench.keys(OLD))
    assert "home of nobody" in dialog.fields["paths"].problem
    lines(dialog.fields["paths"]).setPlainText(str(bench.folder / "a.pdf.enc"))
    line(dialog.fields["sample_id"]).setText("no such barcode")
    bench.submit(dialog, bench.keys(OLD))
    assert dialog.fields["sample_id"].problem == "No sample of this center has this barcode."
    assert bench.saved == {}


def test_files_under_several_keys_go_through_the_panel_to_the_sample(bench: Bench) -> None:
    bench.tab._sample.put_on(Owner(OWNER.id, OWNER.barcode))
    bench.tab.bring_in.click()
    dialog = bench.dialog()
    assert line(dialog.fields["sample_id"]).text() == OWNER.barcode
    files = [bench.sealed("a.txt", b"under the old"), bench.sealed("b.txt", b"under the new", NEW)]
    dialog.add_paths(files)
    dialog.add_paths(files[:1])  # twice the same is once
    bench.submit(dialog, bench.keys(NEW, OLD))
    assert bench.saved == {"a.txt": b"under the old", "b.txt": b"under the new"}
    assert {row.sample_id for row in bench.work.documents.list().rows} == {OWNER.id}
    assert bench.panel.line.text() == f"2 files added to {OWNER.barcode}."
    assert all(batch.sources is PLAIN for batch in bench.context.transfers._batches.values()), "the keys are kept"


def test_what_did_not_open_is_tried_again_with_other_keys(bench: Bench) -> None:
    bench.tab.ask_for_import([bench.sealed("a.txt", b"old"), bench.sealed("b.txt", b"foreign", FOREIGN)])
    bench.submit(bench.dialog(), bench.keys(OLD))
    rows = {row.path.name: row for row in bench.context.transfers.table.rows}
    assert (rows["a.txt"].stage, rows["b.txt"].stage) == (Stage.SAVED, Stage.FAILED)
    assert "the key does not open it: it was made with another key, or changed" in rows["b.txt"].reason
    bench.qtbot.waitUntil(lambda: bench.tab.findChild(ImportDialog) is None)
    bench.panel.retry.click()
    dialog = bench.dialog()
    assert lines(dialog.fields["paths"]).toPlainText() == str(rows["b.txt"].path)
    assert rows["b.txt"] in bench.context.transfers.table.rows, "until it is tried again, it is not forgotten"
    bench.submit(dialog, bench.keys(FOREIGN))
    assert bench.saved == {"a.txt": b"old", "b.txt": b"foreign"}
    assert [row.stage for row in bench.context.transfers.table.rows] == [Stage.SAVED]


def test_a_viewer_imports_nothing(make_context: MakeContext, qtbot: QtBot, tmp_path: Path) -> None:
    button = Bench(make_context, qtbot, tmp_path, Standing.VIEWER).tab.bring_in
    assert not button.isEnabled()
    assert "Your role here: viewer." in button.toolTip()
