"""One window of the day, in a process of its own: does what the script says, by what a person has at hand.

Reads what it needs from its input, and prints a line after each act. What fails because the server is restarted is
done again, as a person does: the same button, the same scan.
"""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog

from desktop_app.config import Appearance
from desktop_app.domain.change_plan import PlanAction
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.import_records import RecordsFromSheet
from desktop_app.ui.dialogs.import_sheet import ImportSheetDialog
from desktop_app.ui.dialogs.plan import PlanDialog
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.scanner.mode import ScanMode
from desktop_app.ui.widgets.buttons import Button
from tests.e2e.scripted_day.script import Act, Listed, Open, Sheet, Undo, script
from tests.ui.scanner_keyboard import Keyboard
from tools import driver, steps
from tools.driver import Program, click, until
from tools.steps import Account


class Window:
    """A person at it."""

    def __init__(self, program: Program, username: str, folder: Path) -> None:
        self.program, self.username, self.folder, self.sheets = program, username, folder, 0
        self.keyboard = Keyboard(program)

    @property
    def mode(self) -> ScanMode:
        assert self.program.window.scans is not None
        return self.program.window.scans.mode

    def do(self, act: Act) -> None:
        """Do it, however often it takes."""
        match act:
            case Sheet():
                self.bring_in(act)
            case Open(barcode):
                self.open_sample(barcode)
            case Listed():
                self.step_all(act)
            case Undo():
                self.take_back()

    def bring_in(self, sheet: Sheet) -> None:
        self.sheets += 1
        path = self.folder / f"sheet {self.sheets}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [("Barcode", "Name", "Collected place", "Type"), *((*row, "blood") for row in sheet.rows)]
            )
        self.leave_scan_mode()
        tab = self.program.workspace.tabs.samples
        steps.show(self.program, tab)
        tab.sheets.show_file(path)
        dialog = self.program.dialog(ImportSheetDialog)
        if sheet.update:
            assert isinstance(dialog.kind, RecordsFromSheet)
            assert isinstance(dialog.kind.update_box.editor, QCheckBox)
            dialog.kind.update_box.editor.setChecked(True)

        def press() -> None:
            if dialog.banner.notice is not None and dialog.banner.notice.act is not None:
                dialog.banner.notice.act()
            elif dialog.verb.isEnabled():
                click(dialog.verb)

        self.until_closed(dialog, press)

    def open_sample(self, barcode: str) -> None:
        self.leave_scan_mode()
        detail = self.program.workspace.tabs.samples.sample_detail
        until(lambda: QApplication.activeModalWidget() is None, "no dialog is in the way")

        def seen() -> bool:
            return detail.subtitle.text() == barcode and detail.isVisible()

        self.again_until(seen, lambda: self.keyboard.scan(barcode), f"{barcode} is opened")

    def step_all(self, act: Listed) -> None:
        self.activate()
        if not self.mode.is_on:
            QTest.keyClick(self.program.window, Qt.Key.Key_F8)
        page, lists = self.mode.page, self.mode.lists
        lists.empty()
        for barcode in act.barcodes:
            self.keyboard.scan(barcode)
            QCoreApplication.processEvents()

        def known() -> bool:
            return [row.code for row in lists.current.rows] == list(act.barcodes) and lists.current.is_settled

        until(known, "all that was scanned is known")
        verb: Button = page._verbs[act.step]
        until(verb.isEnabled, f"“{verb.text()}” can be pressed")
        click(verb)
        dialog = self.program.dialog(PlanDialog)
        shown = {each.name for each in dialog.changes.model.rows}
        assert shown == set(act.ready), (sorted(shown), sorted(act.ready))
        self.until_closed(dialog, lambda: click(dialog.verb) if dialog.verb.isEnabled() else None)

    def take_back(self) -> None:
        work = self.program.workspace.work
        assert work is not None
        last = driver.until(lambda: self.plans()[:1], "the plans are read")[0]

        def is_undone() -> bool:
            newest = self.plans()[:1]
            return bool(newest) and newest[0] != last and newest[0][1] == PlanAction.UNDO.value

        def press() -> None:
            self.activate()
            QTest.keyClick(self.program.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            self.program.settle()

        self.again_until(is_undone, press, "it is taken back")

    def plans(self) -> list[tuple[str, str]]:
        """Id and kind of this person's plans, newest first; nothing while the server is away."""
        work = self.program.workspace.work
        assert work is not None
        try:
            found = work.plans.list()
        except LabkeepError:
            return []
        return [(str(each.id), each.action.value) for each in found if each.who == self.username]

    def leave_scan_mode(self) -> None:
        if self.mode.is_on:
            self.mode.lists.empty()
            self.mode.leave()
            self.program.settle()
        self.activate()

    def activate(self) -> None:
        self.program.window.activateWindow()
        until(lambda: QApplication.activeWindow() is self.program.window, "the window has the keyboard")

    def until_closed(self, dialog: QDialog, press: Callable[[], None]) -> None:
        """Press until what is asked is done, and the dialog closes with it."""
        left = [dialog]
        dialog.finished.connect(left.clear)

        def closed() -> bool:
            if left and self.program.jobs.running == 0:
                press()
            return not left

        until(closed, f"“{dialog.accessibleName()}” is done")
        self.program.settle()

    def again_until(self, condition: Callable[[], bool], act: Callable[[], None], what: str) -> None:
        for _ in range(10):
            act()
            try:
                until(condition, what, 6)
            except driver.DriveError:
                continue
            return
        raise driver.DriveError(f"Also the tenth time this did not happen: {what}.")


def main() -> None:
    """The whole day of one window."""
    call = json.loads(sys.stdin.read())
    home, name = Path(call["home"]), call["window"]
    look = Look(driver.make_application(), Appearance.LIGHT)
    with Program(home, look, width=1366, height=768) as program:
        steps.sign_in(program, Account(call["username"], call["password"]))
        window = Window(program, call["username"], home)
        for number, act in enumerate(script(name)):
            window.do(act)
            print(json.dumps({"window": name, "act": number, "what": type(act).__name__}), flush=True)
        program.settle()
        window.leave_scan_mode()


if __name__ == "__main__":
    main()
