"""What the window knows and does of an installation's backups: how old the newest is, and whether one was tried."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from desktop_app.domain.findings import Finding
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.services.installation.backup import Backup
from desktop_app.services.installation.backup_notes import BackupNotes, LastBackup, LastDrill
from desktop_app.services.installation.opened_backup import Opener
from desktop_app.services.installation.restore_drill import RestoreDrill
from desktop_app.services.session.lab import Lab


@dataclass(frozen=True)
class KnownBackups:
    """What this computer remembers; None where there was nothing."""

    last: LastBackup | None
    every: timedelta | None
    """How often its schedule makes one."""
    drill: LastDrill | None
    findings: tuple[Finding, ...]
    """What is not as it should be: too old, not whole, a drill that found something."""


@dataclass(frozen=True)
class InstallationBackups:
    """Backups of installations, made and tried on this computer."""

    backup: Backup
    drill: RestoreDrill
    notes: BackupNotes

    def known(self, profile: Profile) -> KnownBackups:
        """What was made and tried here."""
        installation_id = profile.installation_id
        return KnownBackups(
            self.notes.last(installation_id),
            self.notes.every(installation_id),
            self.notes.drill(installation_id),
            tuple(self.notes.findings(installation_id)),
        )

    def back_up(self, lab: Lab, folder: Path, report: Report = silent) -> KnownBackups:
        """Back the installation up, signed by the system administrator who is signed in; what is known then.

        AdministratorNeededError where the server is not the built-in one: its own administrator has the connection.
        """
        self.backup.run(lab.profile, folder, sign=lab.backup_signer.sign, report=report)
        return self.known(lab.profile)

    def try_out(self, lab: Lab, folder: Path, password: str, report: Report = silent) -> KnownBackups:
        """Bring the newest backup back in a throw-away place; what is known then.

        *password* is the signed-in person's of the day when it was made. RefusedError where it opens nothing.
        """
        self.drill.run(folder, Opener(username=lab.user.username, password=password), report=report)
        return self.known(lab.profile)
