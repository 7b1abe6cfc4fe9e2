"""The whole window on services in memory, and what drives it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.crypto.passwords import SignInKeys
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.rights import Role, Standing
from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.policy import Policy
from desktop_app.services.documents.external_copy import ExternalCopies
from desktop_app.services.installation.demo import Demo, DemoResult
from desktop_app.services.installation.demo_data import DemoAccount
from desktop_app.services.installation.setup import InitRequest, InitResult, InstallationSetup
from desktop_app.services.maintenance.recovery import KitText
from desktop_app.services.session.sign_in import SignInService
from desktop_app.storage.credentials import CredentialState
from desktop_app.storage.open_folder import OpenFolder
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.main_window import MainWindow
from desktop_app.ui.shell.startup_services import LaunchOptions, Profiles
from desktop_app.ui.shell.workspace import Workspace
from tests.ui.fake_backups import Backups
from tests.ui.fake_installation import KitRecovery, ProfileByKit, ProfileSharing
from tests.ui.fake_services import Lab
from tests.ui.in_memory import stands_for
from tests.ui.made_records import profile

Shown = TypeVar("Shown", bound=QWidget)
PASSWORD = "quiet tulip harbour"


@stands_for(SignInService, handles="make_lab errors known away keyring calls labs")
@dataclass
class FakeSignIn:
    """Signing in, in memory."""

    make_lab: Callable[[], Lab] = Lab
    errors: list[LabkeepError] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """Whose sign-in is remembered."""
    away: list[str] = field(default_factory=list)
    """Who locked the window and has not come back."""
    keyring: CredentialState = CredentialState.AVAILABLE
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    labs: list[Lab] = field(default_factory=list)

    def sign_in(
        self,
        profile: Profile,
        username: str,
        password: str,
        *,
        remember: bool = False,
        new_password: str | None = None,
    ) -> Lab:
        self.calls.append((username, password, remember, new_password))
        if self.errors:
            raise self.errors.pop(0)
        return self._lab()

    def sign_in_remembered(self, profile: Profile, username: str) -> Lab:
        self.calls.append((username, "remembered"))
        if self.errors:
            self.known.remove(username)
            raise self.errors.pop(0)
        return self._lab()

    def unlock(self, lab: Lab, password: str) -> None:
        self.calls.append(("unlock", password))
        if self.errors:
            raise self.errors.pop(0)
        if password != PASSWORD:
            raise InvalidInputError({"password": "This is not your password."})
        lab.closed = False

    def renew(self, profile: Profile, username: str, keys: SignInKeys) -> None:
        self.calls.append(("renew", username, keys))
        if self.errors:
            raise self.errors.pop(0)

    def remembered_names(self, profile: Profile) -> list[str]:
        return list(self.known)

    def note_locked(self, lab: Lab) -> None:
        self.away.append(lab.user.username)

    def note_unlocked(self, lab: Lab) -> None:
        self.away = [name for name in self.away if name != lab.user.username]

    def is_locked(self, profile: Profile, username: str) -> bool:
        return username in self.away

    def forget(self, profile: Profile, username: str) -> None:
        self.known.remove(username)

    def credential_state(self) -> CredentialState:
        return self.keyring

    def _lab(self) -> Lab:
        self.labs.append(self.make_lab())
        return self.labs[-1]


# The window fills no demo; it fills pixmaps.
@stands_for(
    Profiles,
    InstallationSetup,
    Demo,
    handles="known demo_profile requests confirmed errors damaged",
    uncalled="fill",
)
@dataclass
class FakeInstallation:
    """Setting up, the demo and the profiles, in memory."""

    known: list[Profile]
    demo_profile: Profile | None = None
    requests: list[InitRequest] = field(default_factory=list)
    confirmed: list[UUID] = field(default_factory=list)
    """The roots whose kits are kept."""
    errors: list[LabkeepError] = field(default_factory=list)
    damaged: str = ""

    def damage(self) -> str:
        return self.damaged

    def list(self) -> Sequence[Profile]:
        return self.known

    def existing(self) -> Profile | None:
        return self.demo_profile

    def accounts(self) -> tuple[DemoAccount, ...]:
        return (
            self._account("Viewer of Istanbul", "elif", "Juniper-52", Role.VIEWER, "istanbul"),
            self._account("System administrator", "selin", "Walnut-14", Role.ADMIN, ""),
        )

    @staticmethod
    def _account(label: str, username: str, password: str, role: Role, center: str) -> DemoAccount:
        return DemoAccount(
            label, username, password, role, center, f"{username}@lab.example", username.capitalize(), "Demir", ""
        )

    def administrator(self) -> DemoAccount:
        return self.accounts()[1]

    def accounts_of(self, profile: Profile) -> tuple[DemoAccount, ...]:
        return self.accounts() if profile == self.demo_profile else ()

    def make(self, report: Report = silent) -> DemoResult:
        report(1, 2)
        self.demo_profile = profile(display_name="Labkeep demo")
        return DemoResult(self.demo_profile, self.accounts(), made=True)

    def init(self, request: InitRequest, report: Report = silent) -> InitResult:
        self.requests.append(request)
        report(1, 5)
        if self.errors:
            raise self.errors.pop(0)
        return InitResult(profile(), request.password or "", made_kit(), UUID(int=9))

    def confirm_kit(self, request: InitRequest, made: InitResult) -> None:
        assert request is self.requests[-1]
        self.confirmed.append(made.root_id)


def made_kit() -> KitText:
    return KitText("Lab", tuple(f"word{chr(97 + n % 26)}{n // 26}" for n in range(33)), "the kit", "a b c")


@dataclass(frozen=True)
class FakeStartup:
    """What the window needs before anybody is signed in, given one by one."""

    profiles: Any
    sign_in: Any
    set_up: Any
    demo: Any
    external_copies: ExternalCopies
    window_state_file: Path
    settings_file: Path
    recovery: Any = None
    profile_by_kit: Any = None
    backups: Any = None
    policy: Policy = field(default_factory=Policy)
    profile_sharing: Any = None
    windows: Any = None


class WindowDriver:
    """Opens a window on services in memory, signs in, and finds its dialogs."""

    def __init__(self, jobs: Jobs, look: Look, file: Path, qtbot: QtBot) -> None:
        self.jobs, self.look, self.file, self.qtbot = jobs, look, file, qtbot
        self.external_copies = ExternalCopies(OpenFolder(file.with_name("open")))
        self.settings_file = file.with_name("settings.toml")
        self.recovery: Any = KitRecovery()
        self.profile_by_kit: Any = ProfileByKit()
        self.backups: Any = Backups()
        self.policy = Policy()
        self.profile_sharing: Any = ProfileSharing()
        self.sign_in, self.installation = FakeSignIn(), FakeInstallation([profile()])
        self.window: MainWindow | None = None

    def open(self, options: LaunchOptions | None = None) -> MainWindow:
        installation: Any = self.installation
        sign_in: Any = self.sign_in
        self.window = MainWindow(
            FakeStartup(
                installation,
                sign_in,
                installation,
                installation,
                self.external_copies,
                self.file,
                self.settings_file,
                self.recovery,
                self.profile_by_kit,
                self.backups,
                self.policy,
                self.profile_sharing,
            ),
            self.jobs,
            self.look,
            options,
        )
        self.qtbot.addWidget(self.window)
        seen = list[bool]()
        self.window.sign_in.painted.connect(lambda: seen.append(True))
        with self.qtbot.waitActive(self.window, timeout=20_000):
            self.window.show()
            self.window.activateWindow()
        if self.window.sign_in.isVisible():
            self.qtbot.waitUntil(lambda: bool(seen))
        return self.window

    def enter(self, standing: Standing = Standing.ADMIN, fill: Callable[[Lab], None] | None = None) -> Workspace:
        def make() -> Lab:
            lab = Lab(standing)
            lab.policy = self.policy
            if fill:
                fill(lab)
            return lab

        self.sign_in.make_lab = make
        window = self.open()
        window.sign_in.sign_in_as("ayse.admin", PASSWORD)
        return self.wait_for_workspace()

    def wait_for_workspace(self) -> Workspace:
        """It is made in some turns of the event loop."""
        window = self.window
        assert window is not None
        self.qtbot.waitUntil(lambda: window.workspace is not None)
        assert window.workspace is not None
        return window.workspace

    def dialog(self, kind: type[Shown]) -> Shown:
        return next(each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible())
