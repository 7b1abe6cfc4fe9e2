"""Links and profiles from outside: followed with the rights of whoever is signed in, or refused with a sentence."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PySide6.QtGui import QGuiApplication

from desktop_app.domain.links import Link, LinkKind
from desktop_app.domain.rights import Standing
from desktop_app.errors import RefusedError
from desktop_app.ui.shell.main_window import MainWindow
from desktop_app.ui.shell.startup_services import LaunchOptions
from desktop_app.ui.shell.workspace import Workspace
from tests.ui.fake_services import Lab
from tests.ui.made_records import document, profile, sample
from tests.ui.window_fixture import PASSWORD, WindowDriver

HERE = profile().installation_id


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1), sample(2)]
    lab.document_rows = [document(1), document(2)]


def link_to(lab: Lab, kind: LinkKind | None = None, record: UUID | None = None, **other: Any) -> str:
    return str(Link(other.get("installation", HERE), other.get("center", lab.istanbul.id), kind, record))


def signed_in(driver: WindowDriver) -> Workspace:
    return driver.enter(Standing.ADMIN, fill)


def lab_of(driver: WindowDriver) -> Lab:
    return driver.sign_in.labs[-1]


def wait_for(driver: WindowDriver, space: Workspace, tab: Any, record: UUID) -> None:
    driver.qtbot.waitUntil(lambda: space.page is tab and getattr(tab._shown, "id", None) == record)


def told(driver: WindowDriver, space: Workspace, text: str) -> str:
    assert driver.window is not None
    space.banner.clear()
    driver.window.arrivals.take(text)
    driver.qtbot.waitUntil(lambda: bool(space.banner.text))
    return space.banner.text


def test_a_link_opens_its_record(driver: WindowDriver) -> None:
    space, lab = signed_in(driver), lab_of(driver)
    assert driver.window is not None
    for kind, row, tab in (
        (LinkKind.SAMPLE, lab.sample_rows[1], space.tabs.samples),
        (LinkKind.DOCUMENT, lab.document_rows[0], space.tabs.documents),
    ):
        driver.window.arrivals.take(link_to(lab, kind, row.id))
        wait_for(driver, space, tab, row.id)
    assert space.banner.text == ""


def test_a_link_to_a_center_opens_it(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM, fill)
    assert driver.window is not None
    lab = lab_of(driver)
    driver.window.arrivals.take(link_to(lab, center=lab.ankara.id))
    driver.qtbot.waitUntil(lambda: space.work is not None and space.work.center.id == lab.ankara.id)


def test_what_does_not_lead_anywhere_says_why(driver: WindowDriver) -> None:
    space, lab = signed_in(driver), lab_of(driver)
    page = space.page
    assert "another installation" in told(driver, space, link_to(lab, installation=uuid4()))
    assert "a center that is not there, or not yours" in told(driver, space, link_to(lab, center=uuid4()))
    assert "a sample that is not in" in told(driver, space, link_to(lab, LinkKind.SAMPLE, uuid4()))
    assert "damaged or none of ours" in told(driver, space, "labkeep://../../etc/passwd")
    assert "nothing else" in told(driver, space, "https://evil.example/")
    assert "nothing else" in told(driver, space, "--center=ankara")
    assert space.page is page, "nothing moved"


def test_a_link_waits_for_the_sign_in(driver: WindowDriver) -> None:
    lab = Lab(Standing.ADMIN)
    fill(lab)
    driver.sign_in.make_lab = lambda: lab
    wanted = lab.sample_rows[1]
    window = driver.open(LaunchOptions(target=link_to(lab, LinkKind.SAMPLE, wanted.id)))
    assert "Sign in to go where the link leads" in window.sign_in.banner.text
    window.sign_in.sign_in_as("ayse.admin", PASSWORD)
    space: Any = driver.wait_for_workspace()
    driver.qtbot.waitUntil(lambda: getattr(space.tabs.samples._shown, "id", None) == wanted.id)
    assert space.page is space.tabs.samples


def test_a_link_to_an_installation_that_nobody_knows_here_is_forgotten(driver: WindowDriver) -> None:
    lab = Lab(Standing.ADMIN)
    driver.sign_in.make_lab = lambda: lab
    window = driver.open(LaunchOptions(target=link_to(lab, installation=uuid4())))
    assert "does not know" in window.sign_in.banner.text
    window.sign_in.sign_in_as("ayse.admin", PASSWORD)
    space = driver.wait_for_workspace()
    assert space.banner.text == ""


def test_a_link_waits_behind_the_lock(driver: WindowDriver) -> None:
    space, lab = signed_in(driver), lab_of(driver)
    window = driver.window
    assert window is not None
    window.lock()
    window.arrivals.take(link_to(lab, LinkKind.SAMPLE, lab.sample_rows[1].id))
    assert "Type your password" in window.locking.page.banner.text
    assert space.page is space.tabs.documents, "behind the lock nothing moves"
    window.locking._on_submitted(PASSWORD)
    driver.qtbot.waitUntil(lambda: space.page is space.tabs.samples)


def test_a_hostile_argument_is_a_sentence_on_the_first_page(driver: WindowDriver) -> None:
    for known in ([profile()], []):
        driver.installation.known = list(known)
        window = driver.open(LaunchOptions(target="labkeep://%00"))
        assert "damaged or none of ours" in window._front_banner.text
        window.close()


def test_a_profile_is_taken_and_its_words_are_to_be_compared(driver: WindowDriver, tmp_path: Path) -> None:
    driver.installation.known = []
    file = tmp_path / "lab.labkeep-profile"
    window: MainWindow = driver.open(LaunchOptions(target=str(file)))
    assert driver.profile_sharing.brought == [file]
    assert window.sign_in.isVisible()
    assert "words of abab" in window.sign_in.banner.text
    driver.profile_sharing.errors = [RefusedError("It names another root.")]
    window.arrivals.bring(file)
    assert "another root" in window.sign_in.banner.text


def test_who_is_signed_in_is_told_and_stays(driver: WindowDriver, tmp_path: Path) -> None:
    space = signed_in(driver)
    assert "words of abab" in told(driver, space, str(tmp_path / "lab.labkeep-profile"))
    assert driver.window is not None
    assert driver.window.workspace is space


@pytest.mark.parametrize(("tab", "kind"), [("samples", "/sample/"), ("documents", "/document/"), ("centers", "")])
def test_a_link_is_copied_and_leads_back(driver: WindowDriver, tab: str, kind: str) -> None:
    space = signed_in(driver)
    page = getattr(space.tabs, tab)
    space.area.show(page)
    page.refresh_if_stale()
    page.records.table.choose_row(0)
    page.action("link").trigger()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith(f"labkeep://{HERE}/")
    assert kind in copied
    assert str(page._shown.id) in copied
    assert driver.window is not None
    driver.window.arrivals.take(copied)
    assert space.banner.text == ""
