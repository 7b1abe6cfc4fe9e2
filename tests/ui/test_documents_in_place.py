"""Title and tags of a document are edited where they stand."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.errors import ConflictError
from desktop_app.ui.tabs.documents import DocumentsTab
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.value_label import ValueLabel
from tests.ui.conftest import MakeContext
from tests.ui.editors import line
from tests.ui.fake_services import Lab
from tests.ui.made_records import document
from tests.ui.tab_bench import Bench

ENTER = Qt.Key.Key_Return


def fill(lab: Lab) -> None:
    lab.document_rows = [document(1, title="One", tags=("blood",)), document(2, title="Two")]


def shown(make_context: MakeContext, qtbot: QtBot, standing: Standing) -> Bench:
    bench = Bench(DocumentsTab, make_context, qtbot, standing, fill)
    with qtbot.waitActive(bench.tab):
        bench.tab.activateWindow()
    show(bench, "One")
    return bench


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return shown(make_context, qtbot, Standing.USER)


def show(bench: Bench, title: str) -> None:
    rows = bench.tab.records.model.rows
    bench.tab.records.table.choose_row(next(at for at, row in enumerate(rows) if row.title == title))


def labels(bench: Bench) -> dict[str, ValueLabel]:
    found = bench.tab.detail.findChildren(ValueLabel)
    return {each.fact.label: each for each in found if each.fact is not None}


def edited(bench: Bench, label: str, text: str) -> Field:
    QTest.keyClick(labels(bench)[label], ENTER)
    field = bench.tab.detail.in_place.field
    assert isinstance(field, Field)
    line(field).setText(text)
    return field


def saved(bench: Bench) -> dict[str, tuple[str, ...]]:
    return {each.title: each.tags for each in bench.work.documents._rows.rows.values()}


def test_title_and_tags_are_saved_and_taken_back(bench: Bench) -> None:
    undo: list[Callable[[], None]] = []
    bench.context.messages.undo_offered.connect(lambda _text, back: undo.append(back))
    assert set(labels(bench)) == {"Title", "Tags"}
    QTest.keyClick(edited(bench, "Title", " Renamed ").editor, ENTER)
    assert saved(bench) == {"Renamed": ("blood",), "Two": ()}
    assert bench.tab.detail.title.text() == "Renamed"
    undo.pop()()
    assert saved(bench) == {"One": ("blood",), "Two": ()}
    QTest.keyClick(edited(bench, "Tags", "blood, urgent,, urgent").editor, ENTER)
    assert saved(bench)["One"] == ("blood", "urgent")
    assert labels(bench)["Tags"].text() == "blood, urgent"
    undo.pop()()
    assert saved(bench)["One"] == ("blood",)


def test_what_does_not_fit_stays_and_what_fits_goes_to_its_own_document(bench: Bench) -> None:
    field = edited(bench, "Title", "")
    assert field.problem == "This must not be empty."
    QTest.keyClick(field.editor, ENTER)
    assert bench.tab.detail.in_place.field is field
    line(field).setText("Renamed")
    show(bench, "Two")
    assert saved(bench) == {"Renamed": ("blood",), "Two": ()}
    assert bench.tab.detail.title.text() == "Two"
    assert labels(bench)["Tags"].text() == "—"


def test_an_open_editor_is_left_alone_when_the_seals_were_read(bench: Bench) -> None:
    field = edited(bench, "Tags", "mine")
    bench.tab.mark_stale()
    assert bench.tab.detail.in_place.field is field
    assert line(field).text() == "mine"
    QTest.keyClick(field.editor, Qt.Key.Key_Escape)


def test_a_refusal_is_said_below(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object) -> None:
        raise ConflictError("Somebody else changed this meanwhile")

    field = edited(bench, "Title", "Mine")
    with monkeypatch.context() as refused:
        refused.setattr(bench.work.documents, "edit", refuse)
        QTest.keyClick(field.editor, ENTER)
    assert field.problem == "Somebody else changed this meanwhile."
    QTest.keyClick(field.editor, Qt.Key.Key_Escape)
    assert "One" in saved(bench)


def test_a_viewer_gets_no_editor(make_context: MakeContext, qtbot: QtBot) -> None:
    assert labels(shown(make_context, qtbot, Standing.VIEWER)) == {}
