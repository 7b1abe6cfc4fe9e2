"""The recovery kit on the sign-in page: words or a file, a new administrator, and what is wrong under its field."""

from pathlib import Path

import pytest

from desktop_app.crypto.errors import MistypedKitError, OtherKitError
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.domain.ids import new_id
from desktop_app.domain.profiles import ServerKind
from desktop_app.errors import InvalidInputError, RefusedError
from desktop_app.message import Message
from desktop_app.services.installation.kit_check import CenterCheck
from desktop_app.services.maintenance.recovery import KitText, write_kit
from desktop_app.ui.dialogs.recover import RecoverDialog
from desktop_app.ui.widgets.field import Field
from tests.ui.made_records import profile
from tests.ui.window_fixture import PASSWORD, WindowDriver

WORDS = "academic acid acne"


def opened(driver: WindowDriver, **changes: object) -> RecoverDialog:
    driver.installation.known = [profile(**changes)]
    driver.open().sign_in.recover.click()
    return driver.dialog(RecoverDialog)


def fields(dialog: RecoverDialog) -> dict[str, Field]:
    return {each.name: each for each in dialog.findChildren(Field)}


def fill(dialog: RecoverDialog, **values: str) -> None:
    shown = fields(dialog)
    for name, value in values.items():
        shown[name].set_value(value)


def test_the_words_make_an_administrator_who_signs_in_next(driver: WindowDriver) -> None:
    dialog = opened(driver)
    assert "dsn" not in fields(dialog) or fields(dialog)["dsn"].isHidden()
    fill(dialog, words=WORDS, username=" New.Root", password=PASSWORD, again=PASSWORD)
    dialog.submit()
    assert driver.recovery.calls == [(WORDS, "new.root", PASSWORD, None)]
    assert driver.window is not None
    page = driver.window.sign_in
    assert page.username.text() == "new.root"
    assert page.banner.text == "new.root is a system administrator now. Sign in with the new password."


def test_what_is_left_is_said(driver: WindowDriver) -> None:
    dialog = opened(driver)
    driver.recovery.left = (CenterCheck(new_id(), "Alpha", 1, 0),)
    fill(dialog, words=WORDS, username="new.root", password=PASSWORD, again=PASSWORD)
    dialog.submit()
    assert driver.window is not None
    assert "holds not all keys yet" in driver.window.sign_in.banner.text


def test_what_is_wrong_stands_under_its_field(driver: WindowDriver) -> None:
    dialog = opened(driver, server=ServerKind.POSTGRES)
    dialog.submit()
    assert {name for name, field in fields(dialog).items() if field.problem} == {"words", "dsn", "username", "password"}
    fill(dialog, words=WORDS, username="new.root", password=PASSWORD, again="other", dsn="host=db user=postgres")
    dialog.submit()
    assert fields(dialog)["again"].problem == "The two are not the same."
    assert driver.recovery.calls == []
    fill(dialog, again=PASSWORD, dsn_password="it's")
    for error in (
        MistypedKitError(Message("Word 3 is wrong.")),
        OtherKitError("Another installation's kit."),
    ):
        driver.recovery.errors = [error]
        dialog.submit()
        assert fields(dialog)["words"].problem == str(error)
    driver.recovery.errors = [RefusedError("This server holds another installation than the profile names.")]
    dialog.submit()
    assert "another installation" in dialog.banner.text
    assert driver.recovery.calls[-1][3] == r"host=db user=postgres password='it\'s'"
    assert dialog.isVisible()
    dialog._on_discarded()


@pytest.mark.parametrize("name", ["kit.txt", "kit.svg"])
def test_the_words_come_from_a_file(driver: WindowDriver, tmp_path: Path, name: str) -> None:
    kit = RecoveryKit.make()
    dialog = opened(driver)
    dialog.read_file(write_kit(KitText.of(kit, "Lab", new_id()), tmp_path / name))
    assert fields(dialog)["words"].value == " ".join(kit.words())
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("no kit at all")
    dialog.read_file(wrong)
    assert "not in the list" in fields(dialog)["words"].problem
    assert fields(dialog)["words"].value == " ".join(kit.words())
    dialog._on_discarded()


def test_a_computer_that_knows_no_installation_begins_with_the_kit(driver: WindowDriver, tmp_path: Path) -> None:
    driver.installation.known = []
    window = driver.open()
    window.first_run.recover.click()
    dialog = driver.dialog(RecoverDialog)
    fill(dialog, words=WORDS, username="new.root", password=PASSWORD, again=PASSWORD)
    fill(dialog, dsn="host=db user=postgres", store=f" {tmp_path} ", restored="The server was lost.")
    driver.profile_by_kit.errors = [
        OtherKitError("Another installation's kit."),
        InvalidInputError({"store": "This is no store."}),
    ]
    for name, problem in (("words", "Another installation's kit."), ("store", "This is no store.")):
        dialog.submit()
        assert fields(dialog)[name].problem == problem
    assert driver.recovery.calls == []
    dialog.submit()
    assert driver.profile_by_kit.calls[-1] == (WORDS, "host=db user=postgres", tmp_path)
    assert driver.recovery.calls == [(WORDS, "new.root", PASSWORD, "host=db user=postgres")]
    assert driver.recovery.restored == ["The server was lost."]
    page = window.sign_in
    assert page.isVisible()
    assert (page.profile.value.display_name, page.username.text()) == ("The lost lab", "new.root")
    assert page.banner.text == "new.root is a system administrator now. Sign in with the new password."


def test_without_a_connection_the_server_of_this_computer_is_meant(driver: WindowDriver) -> None:
    driver.installation.known = []
    window = driver.open()
    window.first_run.recover.click()
    dialog = driver.dialog(RecoverDialog)
    fill(dialog, words=WORDS, username="new.root", password=PASSWORD, again=PASSWORD)
    dialog.submit()
    assert driver.profile_by_kit.calls == [(WORDS, None, None)]
    assert driver.recovery.restored == [""]
