"""Backups of an installation, in memory."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.errors import LabkeepError
from desktop_app.services.installation import installation_backups
from desktop_app.services.installation.backup_notes import LastBackup, LastDrill
from desktop_app.services.installation.installation_backups import KnownBackups
from tests.ui.fake_services import Lab
from tests.ui.in_memory import stands_for
from tests.ui.made_records import START

NAME = "20261130T000000000000Z-00000000"


@stands_for(installation_backups.InstallationBackups, handles="now errors", uncalled="backup drill notes")
class Backups:
    """None was made to begin with."""

    def __init__(self) -> None:
        self.now: KnownBackups = KnownBackups(None, None, None, ())
        self.errors: list[LabkeepError] = []

    def known(self, profile: Profile) -> KnownBackups:
        return self.now

    def back_up(self, lab: Lab, folder: Path, report: Report = silent) -> KnownBackups:
        report(0, 12)
        self._fail()
        last = LastBackup(NAME, START, str(folder), signed=True, problems=0)
        self.now = replace(self.now, last=last, every=timedelta(days=1), findings=())
        return self.now

    def try_out(self, lab: Lab, folder: Path, password: str, report: Report = silent) -> KnownBackups:
        report(0, 12)
        self._fail()
        self.now = replace(self.now, drill=LastDrill(NAME, START, 0), findings=())
        return self.now

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)
