"""What a person does with his own account and with the installation, in memory, for tests of widgets."""

from pathlib import Path

from desktop_app.crypto.passwords import SignInKeys
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError
from desktop_app.services.installation import profile_by_kit, profile_sharing
from desktop_app.services.installation import recovery as recovery_by_kit
from desktop_app.services.installation.kit_check import CenterCheck
from desktop_app.services.installation.profile_sharing import HERE, Reached
from desktop_app.services.installation.recovery import Recovered
from desktop_app.services.maintenance import recovery, restoring
from desktop_app.services.maintenance.recovery import KitText
from desktop_app.services.records import account
from desktop_app.system.secret import Secret
from tests.ui.in_memory import Trouble, stands_for
from tests.ui.made_records import profile, user


@stands_for(account.Account, handles="changes exposed keys")
class Account:
    """The person's own password."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self.changes: list[tuple[str, str]] = []
        self.exposed: list[bool] = []
        self.keys = SignInKeys("u_ayse", Secret(b"for the server"), Secret(b"for the keys"))

    def change_password(self, old: str, new: str, *, exposed: bool = False) -> SignInKeys:
        self._trouble.meet("account.change_password")
        self.changes.append((old, new))
        self.exposed.append(exposed)
        return self.keys


@stands_for(restoring.Restoring, handles="signed")
class Restoring:
    """What a system administrator signs after a restore."""

    def __init__(self) -> None:
        self.signed: list[str] = []

    def sign(self, reason: str, kit: str | None = None) -> None:
        assert kit is None, "the window signs with the administrator's own keys"
        self.signed.append(reason)


# The window checks and replaces other things.
@stands_for(recovery_by_kit.KitRecovery, handles="errors calls left restored", uncalled="check drill replace")
class KitRecovery:
    """What the kit does without anybody's password."""

    def __init__(self) -> None:
        self.errors: list[LabkeepError] = []
        self.calls: list[tuple[str, str, str, str | None]] = []
        self.left: tuple[CenterCheck, ...] = ()
        self.restored: list[str] = []

    def recover(
        self,
        profile: Profile,
        words: str,
        username: str,
        password: str,
        dsn: str | None = None,
        report: Report = silent,
        *,
        restored: str = "",
    ) -> Recovered:
        del profile, report
        self.calls.append((words, username, password, dsn))
        self.restored.append(restored)
        if self.errors:
            raise self.errors.pop(0)
        return Recovered(user(username, Role.ADMIN, None), is_new=True, left=self.left)


@stands_for(profile_by_kit.ProfileByKit, handles="errors calls")
class ProfileByKit:
    """Reaching an installation that this computer does not know."""

    def __init__(self) -> None:
        self.errors: list[LabkeepError] = []
        self.calls: list[tuple[str, str | None, Path | None]] = []

    def make(
        self, words: str, dsn: str | None = None, store: Path | None = None, *, name: str = "", root: str = ""
    ) -> Profile:
        assert (name, root) == ("", ""), "the window has no fields for them"
        self.calls.append((words, dsn, store))
        if self.errors:
            raise self.errors.pop(0)
        return profile(display_name="The lost lab")


@stands_for(recovery.Recovery, handles="kept errors replaced")
class Recovery:
    """The recovery kit."""

    def __init__(self) -> None:
        self.kept = True
        self.errors: list[LabkeepError] = []
        self.replaced: list[RecoveryKit] = []

    def is_kept(self) -> bool:
        return self.kept

    def make(self) -> tuple[RecoveryKit, KitText]:
        words = tuple(f"word{chr(97 + n % 26)}{n // 26}" for n in range(33))
        return RecoveryKit(Secret(bytes(32)), Secret(b"words")), KitText("Lab", words, "the kit", "a b c")

    def replace(self, kit: RecoveryKit, report: Report = silent) -> None:
        report(0, 2)
        if self.errors:
            raise self.errors.pop(0)
        self.replaced.append(kit)
        self.kept = True


@stands_for(profile_sharing.ProfileSharing, handles="brought exported errors")
class ProfileSharing:
    """Files of profiles, in memory; the real one is used where files matter."""

    def __init__(self) -> None:
        self.brought: list[Path] = []
        self.exported: list[tuple[Path, Reached]] = []
        self.errors: list[LabkeepError] = []

    def export(self, profile: Profile, path: Path, reached: Reached = HERE, *, overwrite: bool = False) -> Profile:
        assert overwrite, "the file dialog has asked"
        if self.errors:
            raise self.errors.pop(0)
        self.exported.append((path, reached))
        return profile

    def import_(self, path: Path) -> Profile:
        if self.errors:
            raise self.errors.pop(0)
        self.brought.append(path)
        return profile()

    @staticmethod
    def root_words(profile: Profile) -> str:
        return f"words of {profile.root_fingerprint[:4]}"
