"""Opening with another program: said once, opened by the system, a change offered for saving, wiped at every end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from desktop_app.domain.rights import Standing
from desktop_app.errors import RefusedError
from desktop_app.services.documents.add_results import AddOutcome, AddResult
from desktop_app.storage.open_folder import OpenFolder
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.shell.main_window import MainWindow
from tests.ui.fake_services import Lab
from tests.ui.made_records import document
from tests.ui.window_fixture import PASSWORD, WindowDriver

TITLE = "Blood count"


class System(QObject):
    """The system that opens files: it is asked by Qt as any handler of a kind of address is."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Path] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(Path(url.toLocalFile()))


@pytest.fixture
def system() -> Iterator[System]:
    made = System()
    # The stubs want bytes here, which PySide refuses.
    QDesktopServices.setUrlHandler("file", made, "open")  # type: ignore[arg-type]
    yield made
    QDesktopServices.unsetUrlHandler("file")


def fill(lab: Lab) -> None:
    lab.document_rows = [document(1, title=TITLE, file_name="blood.txt")]


def working(driver: WindowDriver, standing: Standing = Standing.ADMIN) -> Any:
    workspace = driver.enter(standing, fill)
    workspace.tabs.documents.records.table.choose_row(0)
    return workspace


def opened(driver: WindowDriver, system: System, standing: Standing = Standing.ADMIN) -> Any:
    workspace = working(driver, standing)
    workspace.context.window_state.keep_told("open_with")
    workspace.tabs.documents.open.click()
    assert system.opened[-1].read_bytes() == b"text\n"
    return workspace


def change(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("changed\n")
    other.replace(path)


def come_back(driver: WindowDriver) -> MainWindow:
    """The person looks at the window again."""
    application = driver.look.application
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    assert driver.window is not None
    return driver.window


def test_what_it_means_is_said_once(driver: WindowDriver, system: System) -> None:
    workspace = working(driver)
    documents = workspace.tabs.documents
    # Enter goes to what is known of it, and opens nothing.
    driver.qtbot.keyClick(documents.records.table, Qt.Key.Key_Return)
    assert documents.detail.hasFocus()
    documents.open.click()
    question = driver.dialog(Confirm)
    assert system.opened == []
    question.cancel.click()
    assert system.opened == []
    documents.open.click()
    driver.dialog(Confirm).verb.click()
    assert [path.name for path in system.opened] == ["blood.txt"]
    workspace.tabs.documents.open.click()
    assert len(system.opened) == 2, "and not asked again"


@pytest.mark.parametrize("end", ["lock", "sign_out", "close"])
def test_every_end_wipes(driver: WindowDriver, system: System, end: str) -> None:
    workspace = opened(driver, system)
    path = system.opened[-1]
    window: Any = driver.window
    del workspace
    getattr(window, end)()
    assert not path.exists()
    assert not path.parent.exists()


def test_a_change_is_offered_for_saving(driver: WindowDriver, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = opened(driver, system)
    come_back(driver)
    assert workspace.banner.text == ""
    change(system.opened[-1])
    come_back(driver)
    assert "was changed in another program" in workspace.banner.text
    saved: list[Any] = []

    def save(copy: Any, _report: Any) -> AddResult:
        saved.append(copy)
        outcome = AddOutcome.FAILED if len(saved) == 1 else AddOutcome.SAVED
        return AddResult(copy.path, TITLE, outcome, copy.document.id, 2, reason="The store is full.")

    monkeypatch.setattr(driver.external_copies, "save_version", save)
    workspace.banner._step.click()
    assert "The store is full." in workspace.banner.text
    workspace.banner._step.click()
    assert workspace.banner.text == ""
    assert workspace.foot.remark.text() == f"Version 2 of “{TITLE}” is added."
    window: Any = driver.window
    window.sign_out()
    assert window.workspace is None, "nothing is unsaved"


def test_who_may_not_edit_is_told_that_it_is_not_kept(driver: WindowDriver, system: System) -> None:
    workspace = opened(driver, system, Standing.VIEWER)
    change(system.opened[-1])
    come_back(driver)
    assert "You may not save it here" in workspace.banner.text
    assert workspace.banner._step.isHidden()


def test_leaving_with_an_unsaved_change_asks(driver: WindowDriver, system: System) -> None:
    opened(driver, system)
    change(system.opened[-1])
    window = come_back(driver)
    window.close()
    assert window.isVisible()
    driver.dialog(Confirm).cancel.click()
    window.sign_out()
    driver.dialog(Confirm).verb.click()
    assert window.workspace is None


def test_a_lock_says_what_it_cost(driver: WindowDriver, system: System) -> None:
    workspace = opened(driver, system)
    change(system.opened[-1])
    window = come_back(driver)
    window.lock()
    assert "was not saved" in window.locking.page.banner.text
    assert TITLE not in window.locking.page.banner.text
    window.locking.page.password.line.setText(PASSWORD)
    window.locking.page.submit()
    assert not window.locking.is_on
    window.sign_out()
    assert window.workspace is None, "said once"
    del workspace


def test_a_computer_without_a_program_for_it_says_so(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = working(driver)
    workspace.context.window_state.keep_told("open_with")
    monkeypatch.setenv("PATH", "/nowhere")
    workspace.tabs.documents.open.click()
    assert "has no program for “blood.txt”" in workspace.banner.text


def test_what_may_not_be_opened_is_said(driver: WindowDriver, system: System) -> None:
    workspace = working(driver)
    workspace.context.window_state.keep_told("open_with")
    driver.sign_in.labs[0].trouble.next("documents.save_as", RefusedError("The stored file is not the one."))
    workspace.tabs.documents.open.click()
    assert workspace.banner.text == "The stored file is not the one."
    assert system.opened == []


def test_leftovers_that_stay_are_said_at_the_start(driver: WindowDriver, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    window = driver.open()
    assert "Other people can reach" in window.sign_in.banner.text
    (tmp_path / "open").chmod(0o700)


def test_what_cannot_be_wiped_is_said(driver: WindowDriver, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(driver, system)
    path = system.opened[-1]
    # Only Windows holds files open against their removal.
    monkeypatch.setattr(OpenFolder, "wipe", lambda _folder: [path.parent])
    window: Any = driver.window
    window.sign_out()
    assert str(path.parent) in window.sign_in.banner.text
    assert QApplication.activeModalWidget() is None
