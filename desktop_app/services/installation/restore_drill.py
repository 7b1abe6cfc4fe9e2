"""Trying a backup: it is brought back into a throw-away server, looked over as people would, and thrown away.

The files stay where they are: the folder's own store is the store of the drill, and nothing is written into it. Every
file is read and compared with its signed digest; then whoever opened the backup opens documents of every center.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from desktop_app.domain.paging import pages
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.errors import Cancelled, LabkeepError
from desktop_app.server.launcher import BuiltinServer
from desktop_app.services.installation.backup_notes import BackupNotes, LastDrill
from desktop_app.services.installation.opened_backup import Opener
from desktop_app.services.installation.recovery import KitRecovery
from desktop_app.services.installation.restore import Restore, RestoreRequest, RestoreResult
from desktop_app.services.session.lab import Lab
from desktop_app.services.session.sign_in import SignInService
from desktop_app.storage.backup_folder import BackupFolder

SAMPLE = 10
"""So many documents of each center are opened, if nobody says how many."""


class Workstation(Protocol):
    """What a program on a machine of its own can do."""

    @property
    def restore(self) -> Restore: ...
    @property
    def recovery(self) -> KitRecovery: ...
    @property
    def sign_in(self) -> SignInService: ...
    def close(self) -> None:
        """Let go of the server."""


MakeWorkstation = Callable[[Path], Workstation]
"""A program whose whole state is in a folder."""


@dataclass(frozen=True)
class CenterDrill:
    """What was opened of one center."""

    id: UUID
    name: str
    tried: int
    opened: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class DrillReport:
    """What a drill found."""

    id: UUID
    """The installation's."""
    installation: str
    backup: str
    at: datetime
    """When the drill ended."""
    seconds: float
    signed: bool
    files: int
    """Stored files that were read and are the ones that were signed."""
    file_problems: tuple[str, ...]
    centers: tuple[CenterDrill, ...]

    @property
    def is_good(self) -> bool:
        """Whether everything is there and everything that was tried opened."""
        return not self.file_problems and not any(center.problems for center in self.centers)


@dataclass(frozen=True)
class RestoreDrill:
    """Tries backups."""

    make_workstation: MakeWorkstation
    notes: BackupNotes

    def run(
        self,
        root: Path,
        opener: Opener,
        name: str | None = None,
        *,
        sample: int = SAMPLE,
        takes_unsigned: bool = False,
        report: Report = silent,
    ) -> DrillReport:
        """Restore a backup (None: the newest) into a place of its own, and open *sample* documents of every center.

        Raises as ``Restore.run`` where it does not come back at all.
        """
        began = time.monotonic()
        with _throw_away(self.make_workstation) as (workstation, home):
            store = Path(BackupFolder(root).store_place.path)
            request = RestoreRequest(
                root=root, opener=opener, name=name, store=store, home=home / "data", takes_unsigned=takes_unsigned
            )
            done = workstation.restore.run(request, report)
            centers = tuple(_look(workstation, done.profile, opener, sample))
        found = _report(done, centers, time.monotonic() - began)
        problems = len(found.file_problems) + sum(len(center.problems) for center in centers)
        self.notes.note_drill(found.id, LastDrill(found.backup, found.at, problems))
        return found


@contextmanager
def _throw_away(make_workstation: MakeWorkstation) -> Iterator[tuple[Workstation, Path]]:
    with tempfile.TemporaryDirectory(prefix="labkeep-drill-") as folder:
        home = Path(folder)
        workstation = make_workstation(home)
        try:
            yield workstation, home
        finally:
            workstation.close()
            BuiltinServer(home / "data" / "server").remove()


def _look(workstation: Workstation, profile: Profile, opener: Opener, sample: int) -> Iterator[CenterDrill]:
    if opener.kit is not None:
        found = workstation.recovery.drill(profile, opener.kit, sample=sample)
        for each in found.centers:
            yield CenterDrill(
                each.id, each.name, each.tried, each.opened, tuple(problem.problem for problem in each.problems)
            )
        return
    with workstation.sign_in.sign_in(profile, opener.username, opener.password) as lab:
        for center in pages(lambda after, size: lab.centers.list(None, after, size)):
            yield _opened(lab, center.id, center.name, sample)


def _opened(lab: Lab, center_id: UUID, name: str, sample: int) -> CenterDrill:
    try:
        with lab.center(center_id) as work:
            results = work.documents.verify(work.documents.list(limit=sample).rows)
    except Cancelled:
        raise
    except LabkeepError as error:
        return CenterDrill(center_id, name, 0, 0, (error.message,))
    problems = tuple(result.problem for result in results if result.problem is not None)
    return CenterDrill(center_id, name, len(results), len(results) - len(problems), problems)


def _report(done: RestoreResult, centers: tuple[CenterDrill, ...], seconds: float) -> DrillReport:
    return DrillReport(
        id=done.profile.installation_id,
        installation=done.profile.display_name,
        backup=done.name,
        at=datetime.now().astimezone(),
        seconds=round(seconds, 1),
        signed=done.signer is not None,
        files=done.files,
        file_problems=tuple(problem.problem for problem in done.problems),
        centers=centers,
    )
