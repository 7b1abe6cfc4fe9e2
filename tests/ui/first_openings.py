"""The window on a home, in a process of its own: what each dialog loads that is opened for the first time.

``python -m tests.ui.first_openings HOME USER PASSWORD CENTER`` signs in like somebody who reads the page first, does
all that asks before it acts, and leaves what opens. Prints as JSON which modules each loaded in the GUI thread.
"""

import json
import os
import sys
import threading
from importlib.abc import MetaPathFinder
from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop_app.deferred import left
from desktop_app.ui.foundation import qt_classes
from desktop_app.ui.shell.action_list import Offer
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.workstation_scan import WANTED_BY_A_CLICK
from tests.light_passwords import lighten
from tools import driver, steps
from tools.driver import Program
from tools.steps import Account

PAGE = "sign-in page"
OPENS_MORE = {"access", "history", "large", "today", "views", "scan_mode", "about"}
"""What opens something, and has no … in its words."""
ELSEWHERE = {"documents.open"}
"""Begins another program."""


class GuiThreadImports(MetaPathFinder):
    """Is asked for every module that is not loaded yet, knows none, and remembers for which the GUI thread waited."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> None:
        """Remember it."""
        if threading.current_thread() is threading.main_thread():
            self.names.append(fullname)

    def take(self) -> list[str]:
        """What was loaded since it was asked for this last."""
        taken, self.names = self.names, []
        return taken


def main(home: Path, account: Account, center: str) -> dict[str, list[str]]:
    """By the name of what was opened; by PAGE what stands beside it for comparison: what is loaded behind that page."""
    look, loaded, imports = Look(driver.make_application()), dict[str, list[str]](), GuiThreadImports()
    before = set(sys.modules)
    sys.meta_path.insert(0, imports)
    with Program(home, look, width=1366, height=768) as program:
        driver.until(program.window.sign_in.isVisible, "the sign-in page is shown")
        driver.until(lambda: not left(*WANTED_BY_A_CLICK), "the rest is loaded behind it")
        driver.until(lambda: not qt_classes.left(), "and PySide has made the classes of Qt")
        loaded[PAGE] = sorted(set(sys.modules) - before)
        imports.take()
        steps.sign_in(program, account)
        steps.open_center(program, center)
        for name in program.workspace.tabs.kinds:
            steps.show(program, getattr(program.workspace.tabs, name))
            program.workspace.page.records.table.choose_row(0)
            program.settle()
            for offer in program.workspace.actions_of_all.of_tab(name):
                if _open(program, offer):
                    loaded[offer.id] = imports.take()
        for offer in list(program.workspace.actions_of_all):
            if not offer.tab and _open(program, offer):
                loaded[offer.id] = imports.take()
    return loaded


def _open(program: Program, offer: Offer) -> bool:
    """Open and leave it; False where it opens nothing, or may not now."""
    opens = offer.live.face.text.endswith("…") or offer.live.action.name in OPENS_MORE
    if not opens or offer.id in ELSEWHERE or not offer.standing[0]:
        return False
    offer.run()
    program.settle()
    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()
    driver.leave_dialogs(program)
    return True


if __name__ == "__main__":
    lighten()
    where, *who, which = sys.argv[1:]
    json.dump(main(Path(where), Account(*who), which), sys.stdout)
    sys.stdout.flush()
    os._exit(0)
