"""What this window does when the program is started once more: whether it is meant, and coming to the front."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from desktop_app.domain.links import Link, LinkError, read_target
from desktop_app.ui.shell.startup_services import LaunchOptions

if TYPE_CHECKING:
    from desktop_app.ui.shell.main_window import MainWindow


class OtherStarts(QObject):
    """Answers for one window."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    def takes(self, options: LaunchOptions) -> bool:
        """Whether such a start means this window: it is for the profile that somebody is signed in to, or for none.

        Where nobody is signed in, any profile may be chosen. The demo signs in by itself, in a window of its own.
        """
        workspace = self._window.workspace
        if options.demo or workspace is None:
            return not options.demo
        profile = workspace.context.lab.profile
        if options.profile:
            return options.profile in (profile.display_name, str(profile.installation_id))
        try:
            target = read_target(options.target) if options.target else None
        except LinkError:
            return True  # to be said by the window that is in front
        return not isinstance(target, Link) or target.installation_id == profile.installation_id

    def take_over(self, options: LaunchOptions) -> None:
        """Be in front, and do what the other start was asked for."""
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        workspace = window.workspace
        if workspace is None and options.profile:
            window.sign_in.choose(options.profile)
        if options.center:
            if workspace is None or window.locking.is_on:
                window.options = replace(window.options, center=options.center)
            else:
                workspace.open_center(options.center)
        if options.target:
            window.arrivals.take(options.target)
