"""Locking: the window is covered at once, the keys are dropped as soon as nothing needs them, the password brings back.

What is being saved goes on behind the page, because a batch that was cut off would be lost work; until it ends the
keys it needs stay, and not a moment longer. Dialogs are hidden with what was typed into them.
"""

import logging
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.deferred import deferred
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.shell.startup_services import StartupServices

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab
    from desktop_app.ui.shell import deferred_parts
else:
    deferred_parts = deferred("desktop_app.ui.shell.deferred_parts")

LOGGER = logging.getLogger(__name__)


class Locking(QObject):
    """Locks one signed-in person's Lab and window at a time."""

    unlocked = Signal()
    page_made = Signal(object)
    """The page, when it is first wanted; on many days that is never."""

    def __init__(self, application: QApplication, window: QWidget, jobs: Jobs, startup: StartupServices) -> None:
        super().__init__(window)
        self._application = application
        self._jobs = jobs
        self._startup = startup
        self._window = window
        self._lab: Lab | None = None
        self._holds_keys = False
        jobs.rested.connect(self._drop_keys)

    @cached_property
    def page(self) -> "deferred_parts.LockPage":
        """What covers the window."""
        page = deferred_parts.LockPage()
        page.submitted.connect(self._on_submitted)
        self.page_made.emit(page)
        return page

    @cached_property
    def _cover(self) -> "deferred_parts.DialogCover":
        return deferred_parts.DialogCover(self._application, self._window, self.page)

    @property
    def is_on(self) -> bool:
        """Whether the window is locked."""
        return self._lab is not None

    @property
    def hides_unsaved_text(self) -> bool:
        """Whether somebody else who signs in now takes away what was typed."""
        return self._cover.hides_unsaved_text

    def lock(self, lab: "Lab") -> None:
        """Cover the window and drop the keys."""
        LOGGER.info("Locked: user %s.", lab.user.id)
        self._lab, self._holds_keys = lab, True
        self._cover.hide()
        for preview in self._window.findChildren(deferred_parts.Preview):
            preview.cover()
        self.page.begin(lab.user.display_name, lab.profile.display_name)
        # At once, and not only when the keys can go: whoever ends the program now must find it locked.
        self._jobs.write(self, lambda: self._startup.sign_in.note_locked(lab), lambda _none: None, self.page.fail)
        self._drop_keys()

    def leave(self) -> None:
        """Somebody else comes, or the window is closed: nothing is brought back."""
        if self._lab is not None:
            self._lab = None
            self._cover.discard()

    def _drop_keys(self) -> None:
        if self._lab is None or not self._holds_keys:
            return
        busy = self._jobs.is_working
        self.page.set_under_way(busy)
        if not busy:
            self._holds_keys = False
            self._jobs.write(self, self._lab.close, lambda _none: None, self.page.fail)

    def _on_submitted(self, password: str) -> None:
        lab = self._lab
        if lab is not None:
            self._jobs.write(
                self,
                lambda: self._startup.sign_in.unlock(lab, password),
                lambda _none: self._on_unlocked(lab),
                self._on_refused,
                self.page.set_busy,
            )

    def _on_refused(self, error: LabkeepError) -> None:
        LOGGER.warning("Not unlocked: %s.", error.code)
        self.page.fail(error)

    def _on_unlocked(self, lab: "Lab") -> None:
        if self._lab is not lab:  # he left while the password was being looked at
            self._jobs.write(self, lab.close, lambda _none: None)
            return
        LOGGER.info("Unlocked: user %s.", lab.user.id)
        self._lab = None
        self.page.password.line.clear()
        self.unlocked.emit()
        self._cover.restore()
        for preview in self._window.findChildren(deferred_parts.Preview):
            preview.uncover()
