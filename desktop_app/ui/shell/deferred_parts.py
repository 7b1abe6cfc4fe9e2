"""What the window does not show at first: a window loads this module in the background, behind its sign-in page."""

from desktop_app.domain import rights
from desktop_app.services.documents.documents import Documents
from desktop_app.services.maintenance.restoring import Restoring
from desktop_app.services.session.sign_in import PasswordChangeNeededError
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.error_details import ErrorDetailsDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.dialogs.recover import RecoverDialog
from desktop_app.ui.dialogs.settings import SettingsDialog
from desktop_app.ui.foundation import qt_classes
from desktop_app.ui.foundation.turns import one_per_turn
from desktop_app.ui.shell.desktop_signals import DesktopSignals
from desktop_app.ui.shell.dialog_cover import DialogCover
from desktop_app.ui.shell.drag_out import DragOut
from desktop_app.ui.shell.external_programs import ExternalPrograms
from desktop_app.ui.shell.menu_dialogs import MenuDialogs
from desktop_app.ui.shell.pages.first_run import FirstRun
from desktop_app.ui.shell.pages.lock import LockPage
from desktop_app.ui.shell.scanner.actions import ScannerActions
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.text import notices
from desktop_app.ui.widgets import shortened_choice
from desktop_app.ui.widgets.file_choice import choose_file
from desktop_app.ui.widgets.preview import Preview

__all__ = [
    "DesktopSignals",
    "DialogCover",
    "Documents",
    "DragOut",
    "ErrorDetailsDialog",
    "ExternalPrograms",
    "FirstRun",
    "LockPage",
    "MenuDialogs",
    "PasswordChangeNeededError",
    "PasswordDialog",
    "Preview",
    "Question",
    "RecoverDialog",
    "Restoring",
    "ScannerActions",
    "SettingsDialog",
    "Workspace",
    "ask",
    "choose_file",
    "notices",
    "one_per_turn",
    "qt_classes",
    "rights",
    "shortened_choice",
]
