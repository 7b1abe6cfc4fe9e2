"""The Activity tab: narrowed by person, field and time, before and after side by side, written out; either record."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.db import migrations
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.ui.tabs.activity import ActivityTab
from desktop_app.ui.tabs.activity.narrowing import NarrowingDialog
from desktop_app.ui.text import audit
from tests.ui.conftest import MakeContext
from tests.ui.fake_audit import InstallationAudit
from tests.ui.fake_services import Lab
from tests.ui.made_records import entry
from tests.ui.tab_bench import Bench

ROW = uuid4()


def fill(lab: Lab) -> None:
    lab.entries = [
        entry(1, ROW, None, {"barcode": "<b>B-1</b>", "metadata": {"freezer": "F1", "box": "3"}}, "insert"),
        entry(
            2, ROW, {"metadata": {"freezer": "F1", "box": "3"}}, {"metadata": {"freezer": "F2", "box": "3"}},
            who="Kemal", login="u_k",
        ),
        entry(3, uuid4(), {"name": "Old"}, {"name": "New"}, table_name="documents"),
    ]  # fmt: skip


MIGRATIONS = Path(migrations.__file__).parent


@pytest.mark.parametrize("line", ["shared", "center"])
def test_every_kind_of_record_has_a_word(line: str) -> None:
    sql = "\n".join(path.read_text(encoding="utf-8") for path in (MIGRATIONS / line).rglob("*.sql"))
    tables = set(re.findall(r"CREATE TRIGGER record_change .*?ON (?:public\.)?(\w+)", sql))
    assert len(tables) > 5
    tables -= {"installation"}  # is the word
    nameless = {table for table in tables if audit.thing(entry(1, ROW, None, {}, table_name=table)) == plain(table)}
    assert not nameless


def plain(table: str) -> str:
    return table.replace("_", " ")


def seqs(bench: Bench) -> list[int]:
    return [row.seq for row in bench.tab.records.model.rows]


def test_the_record_is_narrowed_by_person_field_and_time(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(ActivityTab, make_context, qtbot, Standing.ADMIN, fill)
    tab = bench.tab

    def narrow(**typed: str) -> None:
        tab.narrow.click()
        dialog = bench.dialog(NarrowingDialog)
        for name, text in typed.items():
            field = dialog.fields[name]
            field.set_value(text)
        dialog.submit()
        if dialog.isVisible():
            assert dialog.banner.isVisible()
            dialog.reject()

    narrow(person="Kemal")
    assert (seqs(bench), tab._narrowing.text()) == ([2], "Kemal")
    narrow(person="Nobody")
    assert seqs(bench) == [2], "what is refused changes nothing"
    tab._narrowing.click()
    assert seqs(bench) == [3, 2, 1]
    narrow(field="name")
    assert (seqs(bench), tab._narrowing.text()) == ([3], "name")
    narrow(field="freezer")
    assert (seqs(bench), tab._narrowing.text()) == ([2], "freezer")
    narrow(field="", since="2999-01-01")
    assert seqs(bench) == []
    tab.records.empty.acted.emit()
    assert seqs(bench) == [3, 2, 1]


def test_values_stand_side_by_side_as_plain_text(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(ActivityTab, make_context, qtbot, Standing.ADMIN, fill)
    tab = bench.tab

    def shown() -> list[str]:
        grid = tab.changes._grid
        labels = [grid.itemAt(at).widget() for at in range(grid.count())]
        assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
        return [label.text() for label in labels]

    tab.records.table.choose_row(1)
    assert shown() == ["Before", "After", "freezer", "F1", "F2"]
    tab.records.table.choose_row(2)
    assert shown() == ["After", "Barcode", "<b>B-1</b>", "freezer", "F1", "box", "3"]


def test_what_is_shown_is_written_out(make_context: MakeContext, qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(ActivityTab, make_context, qtbot, Standing.ADMIN, fill)
    bench.tab.write_record(tmp_path / "r.pdf")
    assert (tmp_path / "r.pdf").read_text() == "pdf"
    assert f"{tmp_path / 'r.pdf'} has 3 entries. The chain's head was link 3." in bench.said.remarks
    bench.lab.trouble.next("audit.export", UnavailableError("The server is away."))
    bench.tab.write_record(tmp_path / "r.csv")
    assert [notice.text for notice in bench.said.notices] == ["The server is away."]
    assert not (tmp_path / "r.csv").exists()


@pytest.mark.parametrize("standing", [Standing.ADMIN, Standing.SYSTEM])
def test_system_administrators_read_the_installation_s_record_too(
    make_context: MakeContext, qtbot: QtBot, standing: Standing
) -> None:
    bench = Bench(ActivityTab, make_context, qtbot, standing, fill)
    tab = bench.tab
    is_system = standing is Standing.SYSTEM
    assert tab._whose.isHidden() is not is_system
    if is_system:
        row = entry(7, uuid4(), {"email": "a"}, {"email": "b"}, table_name="users", label="kemal")
        bench.lab.audit = InstallationAudit([row], bench.lab.trouble)
        tab._whose.choose(True)
        assert seqs(bench) == [7]
        tab._table.choose("memberships")
        assert seqs(bench) == []
        tab._whose.choose(False)
        assert seqs(bench) == [3, 2, 1]
