"""The recovery kit in the window: the banner that asks for one, the dialog that makes it, and the page on paper."""

from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PySide6.QtCore import Qt
from PySide6.QtGui import QPagedPaintDevice, QPdfWriter
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.domain.ids import new_id
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.services.maintenance.recovery import KitText
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.replace_kit import NewKitDialog
from desktop_app.ui.widgets.printing import draw_text
from tests.ui.editors import line
from tests.ui.fake_services import Lab
from tests.ui.window_fixture import WindowDriver, made_kit


def without_kit(lab: Lab) -> None:
    lab.recovery.kept = False


def type_asked(dialog: NewKitDialog) -> None:
    for place, field in dialog.page._asked.items():
        line(field).setText(made_kit().words[place - 1])


@pytest.mark.parametrize("standing", [Standing.VIEWER, Standing.ADMIN])
def test_only_system_administrators_are_asked(driver: WindowDriver, standing: Standing) -> None:
    space = driver.enter(standing, without_kit)
    assert space._kit.text == ""


def test_a_kit_that_is_kept_is_not_spoken_of(driver: WindowDriver) -> None:
    assert driver.enter(Standing.SYSTEM)._kit.text == ""


def test_every_sign_in_asks_until_a_new_kit_is_in_force(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM, without_kit)
    assert "Nobody has shown that the recovery kit is kept." in space._kit.text
    space._kit._step.click()
    dialog = driver.dialog(NewKitDialog)
    assert not dialog.page.is_asking
    dialog.verb.click()
    assert dialog.page.is_asking
    assert not dialog.verb.isEnabled()
    driver.qtbot.waitUntil(lambda: next(iter(dialog.page._asked.values())).editor.hasFocus())
    type_asked(dialog)
    driver.sign_in.labs[0].recovery.errors = [UnavailableError("The server does not answer")]
    dialog.verb.click()
    assert dialog.page.banner.text == "The server does not answer."
    assert driver.sign_in.labs[0].recovery.replaced == []
    dialog.verb.click()
    assert len(driver.sign_in.labs[0].recovery.replaced) == 1
    assert space._kit.text == ""
    assert space.foot.remark.text() == "The new recovery kit is in force. Destroy the former one."


def test_leaving_the_new_kit_asks_and_the_banner_stays(driver: WindowDriver, qtbot: QtBot) -> None:
    space = driver.enter(Standing.SYSTEM, without_kit)
    space._kit._step.click()
    dialog = driver.dialog(NewKitDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    driver.dialog(Confirm).cancel.click()
    dialog.close()
    assert dialog.isVisible()
    driver.dialog(Confirm).verb.click()
    assert not dialog.isVisible()
    assert driver.sign_in.labs[0].recovery.replaced == []
    assert "Nobody has shown" in space._kit.text


def test_one_wrong_word_is_not_enough_and_other_words_are_asked_next_time(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM, without_kit)
    space._kit._step.click()
    dialog = driver.dialog(NewKitDialog)
    seen = set()
    for _ in range(12):
        dialog.verb.click()
        seen.add(tuple(dialog.page._asked))
        type_asked(dialog)
        assert dialog.page.is_kept
        line(next(iter(dialog.page._asked.values()))).setText("other")
        assert not dialog.page.is_kept
        assert not dialog.verb.isEnabled()
        dialog.again.click()
    assert len(seen) > 1
    dialog._leave()


def paper(kind: str, path: Path) -> QPagedPaintDevice:
    if kind == "writer":
        return QPdfWriter(str(path))
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


@pytest.mark.parametrize("kind", ["writer", "printer"])
def test_the_printed_kit_is_one_page_of_a4_that_can_be_used(qapp: Any, tmp_path: Path, kind: str) -> None:
    kit, path = RecoveryKit.make(), tmp_path / "kit.pdf"
    shown = KitText.of(kit, "Université d'Ankara – Çankaya", new_id())
    draw_text(shown.page, paper(kind, path), shown.qr_rows())
    document = pypdfium2.PdfDocument(path)
    assert len(document) == 1
    width, height = document[0].get_size()
    assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == (210, 297)
    text = document[0].get_textpage().get_text_range()
    bitmap = document[0].render(scale=2, grayscale=True)
    (code,) = zxingcpp.read_barcodes(memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride)))
    document.close()
    assert "Çankaya" in text
    assert RecoveryKit.from_words(text).fingerprint() == kit.fingerprint()
    assert RecoveryKit.from_words(code.text).fingerprint() == kit.fingerprint(), "what a phone reads from the paper"
