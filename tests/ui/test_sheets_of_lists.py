"""Sheets of users and documents in the window: people come in with first passwords, and lists go out."""

from pathlib import Path

import pytest
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from desktop_app.domain.progress import Report
from desktop_app.domain.rights import Role, Standing
from desktop_app.errors import UnavailableError
from desktop_app.services.sheets.sheet_file import read_sheet
from desktop_app.services.sheets.user_import import UserImport, UsersMade
from desktop_app.ui.dialogs.export_sheet import ExportSheetDialog
from desktop_app.ui.dialogs.import_sheet import ImportSheetDialog
from desktop_app.ui.dialogs.import_users import UsersFromSheet
from desktop_app.ui.foundation.jobs import Job
from desktop_app.ui.tabs.documents import DocumentsTab
from desktop_app.ui.tabs.users import UsersTab
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab
from tests.ui.journey_fixture import CLINIC, OWN_PASSWORD
from tests.ui.made_records import document, user
from tests.ui.tab_bench import Bench
from tools import steps
from tools.driver import Program, click, until
from tools.steps import Account

SHEET = "Login;E-mail;Rank;Shoes\nn.one;one@lab.example;viewer;41\nmehmet.user;m@lab.example;viewer;42\n"
TWO = "Login;E-mail;Role\nn.one;one@lab.example;viewer\nn.two;two@lab.example;viewer\n"


def fill(lab: Lab) -> None:
    lab.users.rows.put(user("ankara.user", Role.USER, lab.ankara))
    lab.document_rows = [document(at, title=f"Report {at}") for at in range(1, 4)]


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(UsersTab, make_context, qtbot, Standing.ADMIN, fill)


def opened(bench: Bench, tmp_path: Path, content: str = SHEET) -> ImportSheetDialog:
    file = tmp_path / "people.csv"
    file.write_text(content, "utf-8")
    bench.tab.sheets.show_file(file)
    return bench.dialog(ImportSheetDialog)


def take_file(dialog: ImportSheetDialog, path: Path) -> None:
    assert isinstance(dialog.kind, UsersFromSheet)
    dialog.kind.file.setText(str(path))


def names(bench: Bench) -> set[str]:
    return {row.username for row in bench.tab.records.model.rows}


def test_people_are_seen_before_they_are_made(bench: Bench, tmp_path: Path) -> None:
    dialog = opened(bench, tmp_path)
    assert dialog.banner.text.startswith("No column of the sheet is Role.")
    dialog.columns.boxes[2].choose("role")
    assert dialog.counts.text() == "1 new, 1 with problems"
    assert dialog.ignored.text() == "Left out: Shoes"
    assert [(each.row, each.value) for each in dialog._problems.rows] == [(3, "mehmet.user")]
    assert not dialog.verb.isEnabled(), "one row keeps all of them out"
    assert isinstance(dialog.skip_bad.editor, QCheckBox)
    dialog.skip_bad.editor.setChecked(True)
    assert dialog.verb.text() == "&Import 1 person"
    assert not dialog.verb.isEnabled()
    assert dialog.doing.text() == "Choose a file for the first passwords."
    target = tmp_path / "first.txt"
    take_file(dialog, target)
    assert dialog.verb.isEnabled()
    dialog.submit()
    assert "n.one" in names(bench)
    assert "User name:  n.one\nPassword:   made-1" in target.read_text("utf-8")
    notice = bench.said.notices[-1]
    assert notice.text == (
        f"Created: 1 person. The first passwords are in {target}: print it, hand them over, delete it. "
        "Row 3: This user name is taken; user names are never used again."
    )
    assert opened(bench, tmp_path).columns.chosen[2] == "role", "it is remembered for these headings"
    bench.dialog(ImportSheetDialog).reject()


def test_the_list_is_printed(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = opened(bench, tmp_path, TWO)
    target = tmp_path / "first.txt"
    take_file(dialog, target)
    dialog.submit()
    notice = bench.said.notices[-1]
    assert (notice.action, notice.act is not None) == ("Print…", True)
    printed: list[str] = []
    monkeypatch.setattr("desktop_app.ui.widgets.printing.draw_text", lambda text, _device, _code: printed.append(text))
    assert notice.act is not None
    notice.act()
    bench.dialog(QPrintDialog).accept()
    assert printed == [target.read_text("utf-8")]
    assert "n.two" in printed[0]
    target.unlink()
    notice.act()
    assert bench.said.notices[-1].text.startswith(f"{target} cannot be read")


def test_a_list_that_is_there_is_not_replaced(bench: Bench, tmp_path: Path) -> None:
    dialog = opened(bench, tmp_path, TWO)
    target = tmp_path / "first.txt"
    target.write_text("mine")
    take_file(dialog, target)
    dialog.submit()
    assert dialog.banner.text == f"{target} exists already, and was not replaced."
    assert target.read_text() == "mine"
    assert not {"n.one", "n.two"} & names(bench)
    take_file(dialog, Path("~no-such-person-here/first.txt"))
    dialog.submit()
    assert "begins with the home of nobody" in dialog.banner.text
    take_file(dialog, tmp_path / "second.txt")
    dialog.submit()
    assert names(bench) >= {"n.one", "n.two"}


def test_who_stops_it_keeps_whoever_was_made(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = opened(bench, tmp_path, TWO)
    apply = bench.lab.user_imports.apply
    jobs: list[Job] = []
    bench.context.tasks.started.connect(lambda _task, job: jobs.append(job))

    def stopped(planned: UserImport, passwords: Path, *, skip_bad: bool, report: Report) -> UsersMade:
        def tell(done: int, total: int) -> None:
            assert not dialog.isVisible(), "the window is free for other work"
            jobs[-1].cancel()
            report(done, total)

        return apply(planned, passwords, skip_bad=skip_bad, report=tell)

    monkeypatch.setattr(bench.lab.user_imports, "apply", stopped)
    take_file(dialog, tmp_path / "first.txt")
    dialog.submit()
    assert "n.one" in names(bench)
    assert "n.two" not in names(bench)
    assert bench.said.notices[-1].text.startswith("Created: 1 person.")


def test_nobody_made_is_said_and_nothing_is_lost(bench: Bench, tmp_path: Path) -> None:
    dialog = opened(bench, tmp_path, TWO)
    take_file(dialog, tmp_path / "first.txt")
    bench.lab.trouble.next("user_imports.apply", UnavailableError("Away."))
    dialog.submit()
    assert dialog.banner.text == "Away."
    assert dialog.isVisible(), "what was chosen is there again"
    assert dialog.verb.isEnabled()
    bench.lab.user_imports.taken_meanwhile = {"n.one", "n.two"}
    dialog.submit()
    assert dialog.banner.text == "Nobody was created."
    assert [each.row for each in dialog._problems.rows] == [2, 3]
    assert not (tmp_path / "first.txt").exists()
    dialog.reject()


def write(bench: Bench, target: Path) -> None:
    dialog = bench.dialog(ExportSheetDialog)
    dialog.take_target(target)
    dialog.submit()


def test_the_users_that_are_seen_go_out(bench: Bench, tmp_path: Path) -> None:
    bench.tab.sheets.export_action.trigger()
    assert "columns" not in bench.dialog(ExportSheetDialog).fields, "it is the form that can come in again"
    write(bench, tmp_path / "list.csv")
    assert set((tmp_path / "list.csv").read_text().split(",")) == {"ayse.admin", "mehmet.user"}
    assert bench.lab.user_exports.wanted == [bench.tab.wanted]
    assert bench.said.remarks[-1] == f"{tmp_path / 'list.csv'} has 2 rows."


def test_the_list_of_documents_goes_out(make_context: MakeContext, qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(DocumentsTab, make_context, qtbot, Standing.VIEWER, fill)
    bench.tab.search_for("Report 2")
    bench.tab.reload()
    bench.tab.export.trigger()
    write(bench, tmp_path / "list.xlsx")
    assert (tmp_path / "list.xlsx").read_text() == "Report 2"
    assert bench.said.remarks[-1] == f"{tmp_path / 'list.xlsx'} has 1 document."
    bench.tab.set_center(None)
    assert not bench.tab.export.isEnabled()


def test_only_who_manages_users_brings_them_in_or_out(make_context: MakeContext, qtbot: QtBot) -> None:
    sheets = Bench(UsersTab, make_context, qtbot, Standing.USER).tab.sheets
    assert (sheets.import_action.isEnabled(), sheets.export_action.isEnabled()) == (False, False)


def test_people_come_in_sign_in_by_their_passwords_and_go_out(program: Program, tmp_path: Path) -> None:
    tab, people, target = program.workspace.tabs.users, tmp_path / "people.csv", tmp_path / "first.txt"
    steps.show(program, tab)
    people.write_text(f"Login,Email,Role,Center\nsheet.one,one@lab.example,viewer,{CLINIC}\n", "utf-8")
    tab.sheets.show_file(people)
    dialog = program.dialog(ImportSheetDialog)
    take_file(dialog, target)
    until(dialog.verb.isEnabled, "it is compared")
    click(dialog.verb)
    until(lambda: "sheet.one" in steps.titles(tab), "the list has the person")
    [password] = [line.split()[-1] for line in target.read_text("utf-8").splitlines() if line.startswith("Password:")]
    tab.search_for("sheet.one")
    tab.reload()
    until(lambda: steps.titles(tab) == ["sheet.one"], "the list is narrowed")
    tab.sheets.export_action.trigger()
    export = program.dialog(ExportSheetDialog)
    export.take_target(tmp_path / "out.csv")
    steps.submit(program, export)
    until((tmp_path / "out.csv").exists, "it is written")
    [row] = read_sheet(tmp_path / "out.csv").rows
    assert row[:2] == ("sheet.one", "one@lab.example")
    tab.sheets.show_file(tmp_path / "out.csv")
    again = program.dialog(ImportSheetDialog)
    until(lambda: again.counts.text() == "0 new, 1 with problems", "nobody is made twice")
    again.reject()
    steps.sign_out(program)
    steps.enter(program, Account("sheet.one", password))
    steps.choose_own_password(program, OWN_PASSWORD)
    work = program.workspace.work
    assert work is not None
    assert work.center.name == CLINIC
