"""What is typed into the table of new samples outlasts a crash, and is kept no longer than it is needed."""

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs import kept_typing
from desktop_app.ui.dialogs.add_many import AddManyDialog
from desktop_app.ui.tabs.record_form import continue_form
from desktop_app.ui.tabs.samples import SamplesTab
from tests.ui.conftest import MakeContext
from tests.ui.fake_live import KeptFormInMemory
from tests.ui.tab_bench import Bench
from tests.ui.table_bench import fill, paste


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(kept_typing, "PAUSE_MS", 0)
    return Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)


def only_kept(bench: Bench) -> KeptFormInMemory:
    (kept,) = bench.lab.drafts.kept.values()
    return kept


def test_what_was_typed_outlasts_a_crash(bench: Bench, qtbot: QtBot) -> None:
    bench.tab.sheets.add_many.trigger()
    dialog = bench.dialog(AddManyDialog)
    paste(dialog, 'N-1\tblood\t"two\nlines"\n\nN-3\t\t"""x"""', row=1)
    rows = dialog.grid.rows
    qtbot.waitUntil(lambda: only_kept(bench).content is not None)
    content = only_kept(bench).content
    assert content is not None
    assert (content.kind, content.title) == ("Sample", "Add samples: 2 samples")
    dialog.deleteLater()
    qtbot.waitUntil(lambda: not only_kept(bench).open)
    (left,) = bench.lab.drafts.left()
    continue_form(bench.tab, left)
    again = bench.dialog(AddManyDialog)
    assert again.grid.rows == rows
    qtbot.waitUntil(lambda: again.state.text() != "")
    assert again.banner.text == "This is what you were writing; it is not created."
    again._on_discarded()
    assert only_kept(bench).content is None


def test_what_is_created_is_kept_no_more(bench: Bench, qtbot: QtBot) -> None:
    bench.tab.sheets.add_many.trigger()
    dialog = bench.dialog(AddManyDialog)
    paste(dialog, "N-1\tblood\tx\n")
    qtbot.waitUntil(lambda: only_kept(bench).content is not None)
    dialog.submit()
    assert not dialog.isVisible()
    assert only_kept(bench).content is None
