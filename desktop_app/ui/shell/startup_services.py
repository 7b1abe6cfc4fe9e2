"""What the window needs before anybody is signed in; ``__main__`` fills it from the wired program."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from desktop_app.domain.profiles import Profile
from desktop_app.policy import Policy

if TYPE_CHECKING:
    from desktop_app.services.documents.external_copy import ExternalCopies
    from desktop_app.services.installation.demo import Demo
    from desktop_app.services.installation.installation_backups import InstallationBackups
    from desktop_app.services.installation.profile_by_kit import ProfileByKit
    from desktop_app.services.installation.profile_sharing import ProfileSharing
    from desktop_app.services.installation.recovery import KitRecovery
    from desktop_app.services.installation.setup import InstallationSetup
    from desktop_app.services.session.sign_in import SignInService


class Profiles(Protocol):
    """The installations that this workstation knows."""

    def list(self) -> Sequence[Profile]:
        """All that can be read."""

    def damage(self) -> str:
        """A sentence on the files that cannot be read, or nothing."""


class Registration(Protocol):
    """A window's entry among those that are open."""

    @property
    def address(self) -> str:
        """Where it listens."""

    def close(self) -> None:
        """The window is gone."""


class Windows(Protocol):
    """The windows that this person has open on this computer."""

    def looking(self) -> AbstractContextManager[None]:
        """Hold off other starts meanwhile."""

    def addresses(self) -> Sequence[str]:
        """Where the living ones listen."""

    def register(self) -> Registration | None:
        """An entry for a new one; None where none can be made."""


class StartupServices(Protocol):
    """What the window needs of services: profiles, signing in, setting up, the demo, and the two files it writes.

    Only the windows, the policy, the profiles, the copies and the files are there at once; asking for another may load
    what it needs, so it is asked for in a job.
    """

    @property
    def profiles(self) -> Profiles:
        """The installations that this workstation knows."""

    @property
    def external_copies(self) -> "ExternalCopies":
        """Copies for other programs."""

    @property
    def sign_in(self) -> "SignInService":
        """Signing in."""

    @property
    def set_up(self) -> "InstallationSetup":
        """Making an installation."""

    @property
    def demo(self) -> "Demo":
        """The demo installation."""

    @property
    def recovery(self) -> "KitRecovery":
        """What the recovery kit does without anybody's password."""

    @property
    def profile_by_kit(self) -> "ProfileByKit":
        """Reaching an installation that this workstation does not know, by its kit."""

    @property
    def profile_sharing(self) -> "ProfileSharing":
        """Profiles as files for other computers."""

    @property
    def backups(self) -> "InstallationBackups":
        """Backups of installations, made and tried on this computer."""

    @property
    def windows(self) -> Windows:
        """The windows that are open."""

    @property
    def policy(self) -> Policy:
        """What the laboratory fixed on this workstation."""

    @property
    def window_state_file(self) -> Path:
        """Sizes, and who and where last."""

    @property
    def settings_file(self) -> Path:
        """What the person chose."""


@dataclass(frozen=True)
class LaunchOptions:
    """What the command line asked for."""

    demo: bool = False
    profile: str = ""
    center: str = ""
    target: str = ""
    """A link or the path of a profile's file, as it was given: whoever made it is not trusted."""


class Outcome(Enum):
    """What became of a second start."""

    TAKEN = auto()
    """A window took it over, and is in front."""
    NONE = auto()
    """No window is open for it: this start opens one."""
    SILENT = auto()
    """A window is open and does not answer."""
