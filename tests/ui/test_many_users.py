"""Several people at once in the tab of users, what one may see, a leaver's samples, a slip with the password."""

from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import QSize
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Role, Standing
from desktop_app.ui.dialogs.access import AccessDialog
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.dialogs.plan import AnyPlanDialog
from desktop_app.ui.tabs.users import UsersTab
from desktop_app.ui.tabs.users.many import PlaceDialog
from desktop_app.ui.widgets import dialog_size
from tests.ui.conftest import MakeContext
from tests.ui.tab_bench import Bench


def choose_all(bench: Bench) -> list[str]:
    bench.tab.scope.click()
    bench.tab.records.table.selectAll()
    return [row.username for row in bench.tab.records.model.rows]


def test_people_are_shown_before_and_given_back(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.SYSTEM)
    names = choose_all(bench)
    plans = bench.lab.user_plans
    failing = next(row for row in bench.tab.records.model.rows if row.username == "mehmet.user")
    plans.failing = {failing.id}
    bench.tab.action("active").trigger()
    dialog = bench.dialog(AnyPlanDialog)
    assert dialog.changes.model.rowCount() == len(names)
    assert plans.plans == [], "nothing is done by looking"
    dialog.submit()
    notice = bench.said.notices[-1]
    assert "mehmet.user: Not him." in notice.text
    assert notice.text.startswith(f"Changed: {len(names) - 1}")
    assert [row.username for row in bench.tab.records.model.rows] == ["mehmet.user"]
    assert notice.act is not None
    notice.act()
    assert bench.said.notices[-1].text.startswith("Undone:")
    assert sorted(row.username for row in bench.tab.records.model.rows) == sorted(names)


def test_a_role_for_many_is_asked_first(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.SYSTEM)
    choose_all(bench)
    bench.tab.action("role").trigger()
    place = bench.dialog(PlaceDialog)
    place.fields["role"].set_value(Role.VIEWER)
    place.submit()
    dialog = bench.dialog(AnyPlanDialog)
    dialog.submit()
    [plan] = bench.lab.user_plans.plans
    assert {each.after["role"] for each in plan.changes} == {Role.VIEWER}


@pytest.mark.parametrize("rights", ["", "admin"])
def test_what_a_person_may_see(
    make_context: MakeContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, rights: str
) -> None:
    monkeypatch.setattr(dialog_size, "room_for", lambda _dialog: QSize(1286, 688))
    bench = Bench(UsersTab, make_context, qtbot, Standing.SYSTEM)
    bench.lab.access.rights = rights
    bench.choose("mehmet.user")
    bench.tab.action("access").trigger()
    dialog = bench.dialog(AccessDialog)
    assert dialog.places.model.rowCount() == 1
    assert ("The server's own roles say the same." in dialog.words.text()) is (not rights)
    assert dialog.banner.isVisible() is bool(rights)
    assert dialog.places.table.columnWidth(0) > 200, "the center is the answer, and is not cut"
    dialog.accept()


def test_the_samples_of_who_is_out_are_told(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    bench.choose("mehmet.user")
    user = bench.tab.records.current
    bench.work.reassigning.of = {user.id: 3}
    bench.tab.leaver.offer(user)
    notice = bench.said.notices[-1]
    assert "3 samples" in notice.text
    assert notice.action == "Give to somebody else…"


def test_the_slip_has_what_the_person_needs(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = OneTimePasswordDialog("Ayşe <b>Yılmaz</b>", "ayse", "Granite-Window-88")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.print.click()
    asked = next(each for each in dialog.findChildren(QPrintDialog) if each.isVisible())
    printer = asked.printer()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "slip.pdf"))
    asked.accepted.emit(printer)
    assert any("The printer took it" in label.text() for label in dialog.findChildren(QLabel))
    document = pypdfium2.PdfDocument(tmp_path / "slip.pdf")
    text = document[0].get_textpage().get_text_range()
    assert len(document) == 1
    document.close()
    for words in ("Ayşe <b>Yılmaz</b>", "ayse", "Granite-Window-88", "Destroy this slip"):
        assert words in text
    dialog.reject()
    assert dialog.isVisible(), "printing alone does not say that it was passed on"
