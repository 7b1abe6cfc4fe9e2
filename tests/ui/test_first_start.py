"""The first start: where, who, the recovery kit; and the demo."""

from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from desktop_app.errors import InvalidInputError, RefusedError
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.kit_page import KitPage
from desktop_app.ui.shell.pages.first_run import FirstRun, Step
from desktop_app.ui.shell.pages.first_run_pages import Place
from desktop_app.ui.shell.startup_services import LaunchOptions
from tests.ui.editors import line
from tests.ui.made_records import profile
from tests.ui.window_fixture import PASSWORD, WindowDriver, made_kit


def test_the_first_start_sets_up_and_signs_in(driver: WindowDriver, tmp_path: Path) -> None:
    driver.installation.known = []
    window = driver.open()
    page = window.first_run
    assert page.isVisible()
    page.go_on()
    lines = page.person._lines
    page.go_on()
    assert page.person._shown["username"].problem == "A user name is needed."
    assert page.person._shown["password"].problem == "At least 12 characters."
    assert page.person._shown["password"]._help.isHidden(), "the help says the same"
    for name, text in (("username", "Fatma"), ("email", "f@lab.example"), ("password", PASSWORD), ("again", PASSWORD)):
        lines[name].setText(text)
    driver.installation.errors = [InvalidInputError({"store": "Nothing can be written to /srv."})]
    page.go_on()
    assert step_of(page) is Step.PLACE
    assert page.place._store.problem == "Nothing can be written to /srv."
    page.go_on()
    page.go_on()
    assert step_of(page) is Step.KIT
    page.kit.save_to(tmp_path / "kit.txt")
    assert (tmp_path / "kit.txt").read_text() == "the kit"
    assert (tmp_path / "kit.txt").stat().st_mode & 0o077 == 0
    page.go_on()
    assert not page.verb.isEnabled(), "three words are asked back"
    type_asked(page.kit)
    page.go_on()
    assert driver.installation.confirmed == [UUID(int=9)]
    assert driver.installation.requests[-1].administrator.username == "fatma"
    assert driver.installation.requests[-1].dsn is None
    assert driver.sign_in.calls == [("fatma", PASSWORD, False, None)]
    driver.wait_for_workspace()
    assert page.kit._kit is None, "the kit is not kept in memory"


def step_of(page: FirstRun) -> Step:
    return page.step


def type_asked(kit: KitPage) -> None:
    for place, field in kit._asked.items():
        line(field).setText(made_kit().words[place - 1].upper() + " ")


def test_closing_on_the_kits_page_asks(driver: WindowDriver) -> None:
    driver.installation.known = []
    window = driver.open()
    page = window.first_run
    page.go_on()
    for name, text in (("username", "fatma"), ("email", "f@lab.example"), ("password", PASSWORD), ("again", PASSWORD)):
        page.person._lines[name].setText(text)
    page.go_on()
    assert step_of(page) is Step.KIT
    for _ in range(2):
        window.close()
        assert window.isVisible(), "the words are not lost by a click"
        driver.dialog(Confirm).cancel.click()
        page.go_on()
    assert page.kit.is_asking
    QTest.keyClick(next(iter(page.kit._asked.values())).editor, Qt.Key.Key_Return)
    assert page.kit.is_asking, "Enter does not go past the question"
    page.back.click()
    assert not page.kit.is_asking, "one may look again"
    window.close()
    driver.dialog(Confirm).verb.click()
    assert not window.isVisible()
    assert driver.installation.confirmed == []


def test_a_damaged_profile_is_said_at_the_start(driver: WindowDriver) -> None:
    driver.installation.damaged = " The profile file /x.toml cannot be read: not TOML. Import the profile again."
    window = driver.open()
    said = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert any("/x.toml" in text for text in said)


@pytest.mark.parametrize("made", [False, True])
def test_the_demo_is_one_wish_away(driver: WindowDriver, made: bool) -> None:
    driver.installation.known = [profile(display_name="Labkeep demo")] if made else []
    driver.installation.demo_profile = driver.installation.known[0] if made else None
    window = driver.open(LaunchOptions(demo=True))
    driver.wait_for_workspace()  # signed in, as the help of --demo says
    assert driver.sign_in.calls == [("selin", "Walnut-14", False, None)]
    window.sign_out()
    assert window.sign_in.profile.value.display_name == "Labkeep demo"
    driver.qtbot.waitUntil(lambda: not window.sign_in._accounts_box.isHidden())  # the others are one click away


def test_who_was_sent_a_profile_opens_it_at_the_first_start(driver: WindowDriver, tmp_path: Path) -> None:
    driver.installation.known = []
    window = driver.open()
    assert window.first_run.import_profile.isVisible()
    sent = tmp_path / "istanbul.toml"
    sent.write_text("sent")
    window.first_run.import_profile.click()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(sent))
    dialog.close()
    assert window.sign_in.isVisible()
    assert window.sign_in.profile.value.display_name == profile().display_name


def test_each_question_stands_under_its_choice(driver: WindowDriver) -> None:
    driver.installation.known = []
    place = driver.open().first_run.place
    for choice, where in ((Place.OWN, 1), (Place.BUILT_IN, 0)):
        place.choose(choice)
        QApplication.processEvents()
        store = place._store.mapTo(place, QPoint(0, 0)).y()
        assert store > place._group.button(where).y()
        assert store < place._group.button(where + 1).y()
    place.choose(Place.DEMO)
    assert place._store.isHidden()


def test_a_set_up_that_fails_says_why_and_can_be_tried_again(driver: WindowDriver) -> None:
    driver.installation.known = []
    page = driver.open().first_run
    page.place.choose(Place.OWN)
    page.go_on()
    assert page.place._dsn.problem == "Type how the server is reached."
    line(page.place._dsn).setText("postgresql://postgres@db/postgres")
    line(page.place._store).setText("/mnt/share")
    page.go_on()
    for name, text in (("username", "fatma"), ("email", "f@lab.example"), ("password", PASSWORD), ("again", PASSWORD)):
        page.person._lines[name].setText(text)
    driver.installation.errors = [RefusedError("The cluster holds other databases: billing.")]
    page.go_on()
    assert step_of(page) is Step.PERSON
    assert page.banner.text == "The cluster holds other databases: billing."
    page.go_on()
    assert step_of(page) is Step.KIT
