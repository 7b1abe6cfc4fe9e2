"""The one window: first start, signing in, and the workspace, one after the other."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from desktop_app.deferred import deferred
from desktop_app.domain.profiles import Profile
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.arrivals import Arrivals
from desktop_app.ui.shell.idle import IdleWatch
from desktop_app.ui.shell.lock_key import LockKey
from desktop_app.ui.shell.locking import Locking
from desktop_app.ui.shell.pages.sign_in import SignInPage
from desktop_app.ui.shell.person_settings import Obeying, PersonSettings
from desktop_app.ui.shell.ready_installation import ReadyInstallation
from desktop_app.ui.shell.scanner.listening import ScannerListener
from desktop_app.ui.shell.startup_services import LaunchOptions, StartupServices
from desktop_app.ui.shell.unexpected import Unexpected
from desktop_app.ui.shell.workstation_scan import WorkstationScan, prepare, scan_workstation, still_there
from desktop_app.ui.text.message_bus import MessageBus, Notice, sentence
from desktop_app.ui.widgets.actions import Action, ActionAppearance, LiveAction, Menu
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.dialog_size import fit_window
from desktop_app.ui.widgets.spinner import Spinner
from desktop_app.ui.widgets.styling import column

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab
    from desktop_app.ui.shell import deferred_parts
    from desktop_app.ui.text import formatting
else:
    deferred_parts = deferred("desktop_app.ui.shell.deferred_parts")
    formatting = deferred("desktop_app.ui.text.formatting")

LOGGER = logging.getLogger(__name__)


class MainWindow(QMainWindow):
    """Shows one page at a time and owns what lives as long as the window."""

    opened = Signal()
    """Once, when the first page is there: what that does not need begins now."""
    workspace_opened = Signal(object)
    closed = Signal()

    def __init__(self, startup: StartupServices, jobs: Jobs, look: Look, options: LaunchOptions | None = None) -> None:
        super().__init__()
        self._startup = startup
        self._jobs = jobs
        self._look = look
        self.options = options or LaunchOptions()
        self.opens_today = False
        """Whether who signs in sees Today first; the program says so, for a person's day."""
        self._leaving = self._is_opened = False
        self.window_state = WindowState(startup.window_state_file)
        self.messages = MessageBus(self)
        self.unexpected = Unexpected(self)
        self.workspace: deferred_parts.Workspace | None = None
        self._arriving: deferred_parts.Workspace | None = None
        self._stack = QStackedWidget()
        self.setCentralWidget(self._stack)
        self.sign_in = SignInPage(startup, jobs, self.window_state, self._stack)
        self.arrivals = Arrivals(startup, jobs, self)
        self.locking = Locking(look.application, self, jobs, startup)
        # Before the idle watch, which then sees each key first: also a scan's.
        self.scanner = ScannerListener(look.application, self)
        self.idle = IdleWatch(look.application, parent=self)
        self._lock_key = LockKey(look.application, self)
        self.settings = PersonSettings(startup, jobs, Obeying(look, self.idle, self.scanner), self)
        self._others: deferred_parts.ExternalPrograms | None = None
        self.scans: deferred_parts.ScannerActions | None = None
        self._first_run: deferred_parts.FirstRun | None = None
        self._has_profiles = False
        self._build()
        self._connect()
        jobs.read(self, "start", lambda: scan_workstation(startup, self.options), self._on_start, self._on_start_failed)

    @property
    def first_run(self) -> "deferred_parts.FirstRun":
        """The pages of the first start; made when they are first wanted, which on most days is never."""
        if self._first_run is None:
            self._first_run = deferred_parts.FirstRun(self._startup, self._jobs)
            self._first_run.set_leavable(self._has_profiles)
            self._first_run.ready.connect(self._on_ready)
            self._first_run.left.connect(self._show_sign_in)
            self._first_run.import_asked.connect(self.arrivals.ask_for_profile)
            self._stack.addWidget(self._first_run)
        return self._first_run

    def lock(self) -> None:
        """Cover the work of whoever is signed in and drop his keys; without anybody there is nothing to lock."""
        workspace = self.workspace
        if workspace is None or self.locking.is_on:
            return
        self.idle.stop()
        self.scanner.set_on(False)
        workspace.pause()
        self._stack.setCurrentWidget(self.locking.page)
        self.locking.lock(workspace.context.lab)
        self._wipe()
        self._name_window()
        self.locking.page.take_focus()
        self.arrivals.set_locked(True)

    def say_opened(self) -> None:
        """A page is there; for who knows that it is not painted, as in a window that begins minimized."""
        if not self._is_opened:
            self._is_opened = True
            self.opened.emit()

    def sign_out(self) -> None:
        """Close the workspace, after asking where something would be lost."""
        if self.workspace is not None:
            self._unless_lost(self.tr("Sign out"), self._leave_workspace)

    def changeEvent(self, event: QEvent) -> None:
        """Who comes back to the window sees what others did meanwhile."""
        super().changeEvent(event)
        workspace = self.workspace
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and workspace is not None:
            workspace.monitor.look_if_watching()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask where something would be lost; remember sizes."""
        if not self._leaving and self._loss() is not None:
            event.ignore()
            self._unless_lost(self.tr("Close Labkeep"), self._on_close_confirmed)
            return
        self.save_layout()
        self._leave_workspace(closing=True)
        event.accept()
        self.closed.emit()

    def close_at_once(self) -> None:
        """The system wants the program to end: nothing is asked; what is under way is given up in order."""
        self._leaving = True
        self.close()
        self._look.application.quit()

    def save_layout(self) -> None:
        """Put on the disk what is remembered of sizes."""
        self.window_state.keep_layout("window", self.saveGeometry())
        if self.workspace is not None:
            self.workspace.save_layout()
        self.window_state.write()

    def _add_lock_page(self, page: "deferred_parts.LockPage") -> None:
        self._stack.addWidget(page)
        page.switch_asked.connect(self.sign_out)

    def _unless_lost(self, verb: str, then: Callable[[], None]) -> None:
        """Do it, after asking where something would be lost by it."""
        loss = self._loss()
        if loss is None:
            then()
            return
        # Behind the cover nobody would see it.
        parent = self.locking.page if self.locking.is_on else self
        deferred_parts.ask(parent, deferred_parts.Question(*loss, verb, danger=True), then)

    def _loss(self) -> tuple[str, str] | None:
        """What would be lost if the person left now: a heading and a sentence."""
        if self.workspace is not None and self.workspace.transfers.is_active:
            return (
                self.tr("Files are still being added"),
                self.tr("What is already added stays. What is not yet added is dropped; the files themselves stay."),
            )
        if self._others is not None and self._others.unsaved:
            return (
                self.tr("A change is not saved"),
                self.tr("“{title}” was changed in another program. The changed copy will be deleted.").format(
                    title=self._others.unsaved[0]
                ),
            )
        if self.scans is not None and (number := self.scans.mode.lists.unhandled):
            text = self.tr("Nothing was done yet with {what} in the list of scan mode. The list is not kept.")
            return self.tr("Scanned samples are in the list"), text.format(what=formatting.codes(number))
        if self._first_run is not None and self._first_run.holds_kit:
            return (
                self.tr("Nobody has shown yet that the recovery kit is kept"),
                self.tr(
                    "Its words are shown only here. Whoever leaves now and has not kept them needs a new kit: every "
                    "system administrator is asked for it at signing in."
                ),
            )
        if self.locking.is_on and self.locking.hides_unsaved_text:
            text = self.tr("What was typed into it and not saved is lost.")
            return self.tr("A form is open behind this page"), text
        return None

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Labkeep"))
        fit_window(self, self.window_state.layout("window"))
        waiting = QWidget(self._stack)
        waiting.setProperty("page", "true")
        column(waiting).addWidget(Spinner(28), 0, Qt.AlignmentFlag.AlignCenter)
        for page in (waiting, self.sign_in):
            self._stack.addWidget(page)
        leave = ActionAppearance(self.tr("&Quit"), "power")
        LiveAction.at_once(
            Action("quit", leave, lambda _none: self.close(), keys=["Ctrl+Q"], menu=Menu.FILE, is_apart=True), self
        )

    def _connect(self) -> None:
        self.sign_in.painted.connect(self._on_painted)
        self.sign_in.signed_in.connect(self._on_signed_in)
        self.sign_in.set_up_asked.connect(lambda: self._stack.setCurrentWidget(self.first_run))
        self.sign_in.import_asked.connect(self.arrivals.ask_for_profile)
        self.arrivals.profile_ready.connect(self._on_ready)
        self.arrivals.profile_wanted.connect(self._on_profile_wanted)
        self.arrivals.said.connect(self._on_arrival_said)
        self.messages.surprised.connect(lambda error: self.unexpected.take(error, "a job", asked=True))
        self.unexpected.met.connect(self._on_unexpected)
        self.locking.unlocked.connect(self._on_unlocked)
        self.locking.page_made.connect(self._add_lock_page)
        self.idle.left_alone.connect(self.lock)
        self._lock_key.pressed.connect(self.lock)

    def _on_start(self, start: WorkstationScan) -> None:
        self._set_leavable(bool(start.profiles))
        if start.ready is not None:
            self._on_ready(start.ready, start.profiles)
        elif self.options.demo or not start.profiles:
            self._stack.setCurrentWidget(self.first_run)
            self.say_opened()
            if self.options.demo:
                self.first_run.begin_demo()
        else:
            self.sign_in.offer(start.profiles, start.wished(self.options.profile))
            self._show_sign_in()
        self._say_problems((*self.settings.problems, *start.problems))
        if self.options.target:
            self.arrivals.take(self.options.target)

    def _on_arrival_said(self, notice: Notice) -> None:
        self._front_banner.show_notice(notice)

    def _on_profile_wanted(self, installation_id: UUID) -> None:
        """A link leads there, and nobody is signed in."""
        self.arrivals.wait_for_sign_in(self.sign_in.choose(installation_id))

    def _on_painted(self) -> None:
        # First: later it would wait for what the job loads.
        self.say_opened()
        self._jobs.read(self, "prepare", lambda: prepare(self._startup), self._on_prepared, lambda _error: None)

    def _on_prepared(self, problems: Sequence[str]) -> None:
        self._say_problems(problems)
        deferred_parts.one_per_turn(self, deferred_parts.qt_classes.steps())

    def _say_problems(self, problems: Sequence[str]) -> None:
        if problems:
            self._front_banner.say(" ".join(problems), Tone.WARNING)

    @property
    def _front_banner(self) -> Banner:
        """The banner of the page that is in front while nobody works."""
        if self.locking.is_on:
            return self.locking.page.banner
        return self.first_run.banner if self._stack.currentWidget() is self._first_run else self.sign_in.banner

    def _set_leavable(self, leavable: bool) -> None:
        self._has_profiles = leavable
        if self._first_run is not None:
            self._first_run.set_leavable(leavable)

    def _on_start_failed(self, error: LabkeepError) -> None:
        self._show_sign_in()
        self.sign_in.banner.say(sentence(error))

    def _show_sign_in(self) -> None:
        self._stack.setCurrentWidget(self.sign_in)
        self.sign_in.begin()

    def _on_ready(self, ready: ReadyInstallation, others: Sequence[Profile] = ()) -> None:
        self._set_leavable(True)
        self.sign_in.offer([*others, ready.profile], ready.profile)
        self._show_sign_in()
        self.sign_in.go_on_with(ready)

    def _on_signed_in(self, lab: "Lab") -> None:
        LOGGER.info("Signed in: user %s, installation %s.", lab.user.id, lab.profile.installation_id)
        workspace = deferred_parts.Workspace(
            lab, self._jobs, self.window_state, self.messages, lambda: self._startup.backups, self._stack
        )
        self._arriving = workspace
        self._stack.addWidget(workspace)
        workspace.prepare(lambda: self._serve(workspace), lambda: self._enter(workspace))

    def _serve(self, workspace: "deferred_parts.Workspace") -> None:
        """Make what works for the workspace without being seen, before it is: keys may wait in the system's queue."""
        if self._arriving is not workspace:
            return
        deferred_parts.MenuDialogs(self._startup, self._jobs, workspace, self)
        self._others = deferred_parts.ExternalPrograms(self._look.application, workspace, self._startup.external_copies)
        deferred_parts.DragOut(workspace, self._startup.external_copies)
        self.scans = deferred_parts.ScannerActions(workspace)
        self.scanner.scanned.connect(self.scans.take, Qt.ConnectionType.DirectConnection)

    def _enter(self, workspace: "deferred_parts.Workspace") -> None:
        """Show the workspace; who closed the window meanwhile is not there any more."""
        if self._arriving is not workspace:
            return
        self.workspace, self._arriving = workspace, None
        self.sign_in.leave()
        workspace.actions_of_all.add(self)
        workspace.header.lock_asked.connect(self.lock)
        workspace.header.settings_asked.connect(self.settings.ask)
        workspace.header.sign_out_asked.connect(self.sign_out)
        workspace.center_opened.connect(self._name_window)
        self._stack.setCurrentWidget(workspace)
        workspace.begin(self.options.center)
        if self.opens_today:
            workspace.show_today()
        self.arrivals.enter(workspace)
        self.idle.start()
        self.scanner.set_on(True)
        self.workspace_opened.emit(workspace)

    def _on_unlocked(self) -> None:
        workspace = self.workspace
        if workspace is not None:
            self._stack.setCurrentWidget(workspace)
            self._name_window()
            self.idle.start()
            self.scanner.set_on(True)
            workspace.resume()
            if self.scans is not None:
                self.scans.mode.lists.look_again()
            self.arrivals.set_locked(False)

    def _name_window(self) -> None:
        work = self.workspace.work if self.workspace else None
        if work is None or self.locking.is_on:
            self.setWindowTitle(self.tr("Labkeep is locked") if self.locking.is_on else self.tr("Labkeep"))
        else:
            self.setWindowTitle(self.tr("{center} — Labkeep").format(center=work.center.name))

    def _leave_workspace(self, *, closing: bool = False) -> None:
        workspace, self.workspace, self._arriving = self.workspace or self._arriving, None, None
        if workspace is None:
            return
        workspace.save_layout()
        self.idle.stop()
        self.scanner.set_on(False)
        self.arrivals.leave()
        self.locking.leave()
        self._wipe()
        self._others = self.scans = None
        workspace.transfers.cancel()
        for preview in workspace.findChildren(deferred_parts.Preview):
            preview.cover()
        lab = workspace.context.lab
        LOGGER.info("Signed out: user %s.", lab.user.id)
        self._stack.removeWidget(workspace)
        workspace.hide()
        workspace.deleteLater()
        self._jobs.write(self, lab.close, lambda _none: None, lambda _error: None)
        self._name_window()
        if not closing:
            self._show_sign_in()

    def _wipe(self) -> None:
        """Delete what other programs were given, and say what that costs or where it fails."""
        others = self._others
        if others is not None and others.unsaved and self.locking.is_on:
            # Without the title: whoever passes by can read it.
            self.locking.page.warn(
                self.tr("A document was changed in another program. The change was not saved, and the copy is deleted.")
            )
            others.forget()

        def wiped(remaining: Sequence[Path]) -> None:
            if remaining:
                self._front_banner.say(still_there(remaining), Tone.WARNING)

        self._jobs.write(self, self._startup.external_copies.wipe, wiped)

    def _on_close_confirmed(self) -> None:
        self._leaving = True
        self.close()

    def _on_unexpected(self, details: str) -> None:
        notice = deferred_parts.notices.unexpected(lambda: deferred_parts.ErrorDetailsDialog(details, self).open())
        if self.workspace is not None and not self.locking.is_on:
            self.messages.notice(notice)
        else:
            # On the lock page whoever passes by could open a dialog: the log has the details.
            self._front_banner.show_notice(Notice(notice.text, notice.tone) if self.locking.is_on else notice)
