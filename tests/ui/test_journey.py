"""A file dropped on the window ends sealed in the right center: the whole way, with everything real.

The first day was set up, people and a sample were made, files dropped, the window closed (journey_fixture.py). Each
test starts the program again on the same home.
"""

import stat
from pathlib import Path

from cryptography.fernet import Fernet
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from desktop_app.ui.dialogs.import_files import ImportDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.dialogs.recover import RecoverDialog
from desktop_app.ui.shell.application import Look
from desktop_app.ui.text.messages import said
from tests.ui.journey_fixture import CLINIC, OTHER, OWN_PASSWORD, Day
from tools import steps
from tools.driver import Drag, Program, click, fill, press, until, write
from tools.steps import Account


def enter(program: Program, day: Day, username: str) -> None:
    """Sign in; the first time with the administrator's password, which must be replaced at once."""
    first = day.passwords.pop(username, None)
    if first is None:
        steps.sign_in(program, Account(username, OWN_PASSWORD))
        return
    steps.enter(program, Account(username, first))
    dialog = program.dialog(PasswordDialog)
    assert program.window.workspace is None
    # Keeping the administrator's password is no way out.
    fill(dialog.fields["new_password"], first)
    fill(dialog.fields["again"], first)
    click(dialog.verb)
    assert dialog.fields["new_password"].problem == "The new password must be another one."
    assert program.window.workspace is None
    steps.choose_own_password(program, OWN_PASSWORD)


def test_the_recovery_kit_is_shown_once_and_written_for_its_owner_only(day: Day) -> None:
    kit = day.home / "kit.txt"
    text = kit.read_text()
    assert len(day.words) == 33
    assert all(word in text for word in day.words)
    assert stat.S_IMODE(kit.stat().st_mode) == 0o600


def test_the_first_password_is_gone_once_it_was_passed_on(day: Day) -> None:
    assert day.passwords_in_window == []
    assert len({*day.passwords.values()}) == len(day.passwords)
    assert all(len(password) > 16 for password in day.passwords.values())


def test_the_drop_says_where_to_and_then_exactly_what_was_saved(day: Day) -> None:
    number = len(day.dropped)
    assert day.overlay == f"Seal 5 files and folders for {CLINIC}"
    assert day.summary.startswith(f"{number} of {number + 1} files added. 1 not: gone.txt:"), day.summary
    assert sorted(day.titles) == sorted(day.dropped)


def test_previews_come_from_memory_in_their_kind(day: Day) -> None:
    assert day.previews == {
        "folder/in it/qpcr-run-118.csv": "table",
        "gel-2026-11-04.png": "pages",
        "folder/in it/gönüllü-olur-formu.pdf": "pages",
        "bench-notes-2026-11-03.txt": "text",
    }


def test_nothing_that_was_dropped_lies_in_clear_under_the_home(day: Day) -> None:
    """Preview included: the notes' own words are in no file of the home, neither store nor server nor log."""
    needles = [
        b"%PDF-1.",
        *(line for line in (day.dropped["bench-notes-2026-11-03.txt"]).read_bytes().split(b"\n")[:3]),
    ]
    needles = [needle for needle in needles if len(needle) > 6]
    assert len(needles) > 1
    looked_through = [path for path in day.home.rglob("*") if path.is_file()]
    assert sum("store" in path.parts for path in looked_through) >= len(day.dropped)
    for path in looked_through:
        content = path.read_bytes()
        assert not [needle for needle in needles if needle in content], path


def test_the_new_user_gets_every_document_back_bit_for_bit(day: Day, look: Look, tmp_path: Path) -> None:
    with Program(day.home, look) as program:
        enter(program, day, "berk.user")
        documents = program.workspace.tabs.documents
        assert program.workspace.header.switcher.text().strip().startswith(CLINIC)
        assert sorted(steps.titles(documents)) == sorted(day.dropped)
        for title, source in day.dropped.items():
            saved = steps.save_as(program, title, tmp_path / source.name)
            assert saved.read_bytes() == source.read_bytes(), title
        steps.choose(program, program.workspace.tabs.samples, "GOK-0001")
        assert program.workspace.tabs.samples.detail.title.text() == "Whole blood"


def test_what_the_user_drops_on_a_sample_belongs_to_it(day: Day, look: Look, tmp_path: Path) -> None:
    note = tmp_path / "for the sample.txt"
    note.write_text("belongs to GOK-0001")
    with Program(day.home, look) as program:
        enter(program, day, "berk.user")
        samples = program.workspace.tabs.samples
        steps.choose(program, samples, "GOK-0001")
        drag = Drag(samples.drop, [note])
        assert drag.said == "Seal 1 file for GOK-0001"
        assert drag.drop()
        until(lambda: program.workspace.panel.line.text() == "1 file added to GOK-0001.", "the file is sealed")
        program.settle()
        assert [row.title for row in samples.sample_detail.documents.model.rows] == [note.name]
        assert steps.preview(program, note.name) == "text"
        assert program.workspace.tabs.documents.preview.text.toPlainText() == note.read_text()


def test_files_of_an_older_system_are_opened_by_their_keys_or_not_at_all(day: Day, look: Look, tmp_path: Path) -> None:
    old, new, foreign = (Fernet.generate_key() for _ in range(3))
    scan = day.dropped["gel-2026-11-04.png"].read_bytes()
    (folder := tmp_path / "old system").mkdir()
    (folder / "gel.png.enc").write_bytes(Fernet(old).encrypt(scan))
    (folder / "note.txt").write_bytes(Fernet(new).encrypt(b"a note"))
    (folder / "foreign").write_bytes(Fernet(foreign).encrypt(scan))
    (folder / "cut").write_bytes(Fernet(old).encrypt(scan)[:-11])
    keys = tmp_path / "keys.txt"
    keys.write_bytes(new + b"\n" + old + b"\n")
    with Program(day.home, look) as program:
        enter(program, day, "berk.user")
        tab = program.workspace.tabs.documents
        click(tab.bring_in)
        dialog = program.dialog(ImportDialog)
        fill(dialog.fields["paths"], folder)
        fill(dialog.fields["key_file"], keys)
        fill(dialog.fields["sample_id"], "GOK-0001")
        steps.submit(program, dialog)
        until(lambda: program.workspace.panel.line.text().startswith("2 of 4 files added."), "the files are sealed")
        reasons = {row.path.name: said(row.reason) for row in program.workspace.transfers.table.rows}
        assert "none of the 2 keys opens it: it was made with another key, or changed" in reasons["foreign"]
        assert "cut" in reasons["cut"]
        assert steps.preview(program, "old system/gel.png") == "pages"
        saved = steps.save_as(program, "old system/gel.png", tmp_path / "back.png")
        assert saved.read_bytes() == scan
        steps.choose(program, program.workspace.tabs.samples, "GOK-0001")
        attached = program.workspace.tabs.samples.sample_detail.documents.model.rows
        assert {"old system/gel.png", "old system/note.txt"} <= {row.title for row in attached}


def test_a_viewer_sees_and_cannot_add(day: Day, look: Look, tmp_path: Path) -> None:
    intruder = tmp_path / "intruder.txt"
    intruder.write_text("x")
    with Program(day.home, look) as program:
        enter(program, day, "vera.viewer")
        workspace = program.workspace
        documents, samples = workspace.tabs.documents, workspace.tabs.samples
        before = steps.titles(documents)
        assert set(day.dropped) <= set(before)
        assert steps.preview(program, "bench-notes-2026-11-03.txt") == "text"
        because = "Only users and administrators of the center may do this. Your role here: viewer."
        for button in (documents.add, documents.edit, documents.active):
            assert not button.isEnabled(), button.text()
            assert button.toolTip() == because
        drag = Drag(documents.drop, [intruder])
        assert not drag.is_taken
        assert drag.said == because
        assert not drag.drop()
        program.settle()
        assert workspace.transfers.table.rowCount() == 0
        steps.choose(program, samples, "GOK-0001")
        for action in (samples.new, samples.edit, samples.attach):
            assert (action.isEnabled(), action.toolTip()) == (False, because)
        steps.show(program, workspace.tabs.users)
        assert workspace.tabs.users.records.empty.title == "Users are managed by administrators"
        assert not workspace.tabs.users.new.isEnabled()
        steps.show(program, workspace.tabs.centers)
        assert steps.titles(workspace.tabs.centers) == [CLINIC]
        assert not workspace.tabs.centers.new.isEnabled()


def test_somebody_of_another_center_sees_nothing_of_it(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        enter(program, day, "olga.admin")
        workspace = program.workspace
        for tab in (workspace.tabs.documents, workspace.tabs.samples):
            steps.show(program, tab)
            assert steps.titles(tab) == []
        steps.show(program, workspace.tabs.centers)
        assert steps.titles(workspace.tabs.centers) == [OTHER]
        steps.show(program, workspace.tabs.users)
        assert steps.titles(workspace.tabs.users) == ["olga.admin"]
        steps.show(program, workspace.tabs.activity)
        record = [str(each) for each in workspace.tabs.activity.records.model.rows]
        assert record
        assert not [entry for entry in record if "GOK-0001" in entry or "berk" in entry]
        write(workspace.header.search, "GOK-0001")
        press(workspace.header.search, Qt.Key.Key_Return)
        program.settle()
        assert workspace.tabs.samples.detail.is_empty
        assert steps.titles(workspace.tabs.samples) == []
        assert not list(workspace.findChildren(QDialog))


def test_when_nobody_can_sign_in_the_kit_makes_somebody_who_opens_everything(day: Day, look: Look) -> None:
    saved = Account("rescued.admin", OWN_PASSWORD)
    with Program(day.home, look) as program:
        page = program.window.sign_in
        until(page.isVisible, "the sign-in page is shown")
        program.settle()
        click(page.recover)
        dialog = program.dialog(RecoverDialog)
        mistyped = " ".join((*day.words[1:], day.words[0]))
        for name, value in {"words": mistyped, "username": saved.username}.items():
            fill(dialog.fields[name], value)
        for name in ("password", "again"):
            fill(dialog.fields[name], saved.password)
        click(dialog.verb)
        until(lambda: "wrong place" in dialog.fields["words"].problem, "the typing error is said")
        dialog.read_file(day.home / "kit.txt")
        until(lambda: dialog.fields["words"].value.split() == list(day.words), "the file is read")
        click(dialog.verb)
        until(lambda: "Sign in with the new password" in page.banner.text, "the administrator is made")
        assert page.username.text() == saved.username
        steps.sign_in(program, saved)
        steps.open_center(program, CLINIC)
        assert steps.preview(program, "bench-notes-2026-11-03.txt") == "text"
