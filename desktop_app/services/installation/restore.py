"""Bringing an installation back from a backup: on another machine, another server, or a newer PostgreSQL.

Nothing of the backup is believed before its manifest, its parts and the trust log in it were verified; then the sealed
files are copied, then the database is made, all of it or nothing. Workstations that knew the installation notice that
it went back; a system administrator signs "restored from backup" (services/maintenance/restoring.py).
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.recovery_kit import fingerprint_words
from desktop_app.db.dump import restore
from desktop_app.db.migration_state import dsn_of_database
from desktop_app.db.restored_database import finish, prepared_database, require_room, restoring
from desktop_app.domain.profiles import Profile, StorePlace
from desktop_app.domain.progress import Report, silent
from desktop_app.errors import NotFoundError, RefusedError
from desktop_app.services.context.connections import Servers
from desktop_app.services.installation.backup_files import Copied, FileProblem, copy_files, read_list
from desktop_app.services.installation.backup_manifest import read_manifest
from desktop_app.services.installation.dump_programs import programs_for
from desktop_app.services.installation.new_place import NewPlace
from desktop_app.services.installation.opened_backup import (
    OpenedBackup,
    Opener,
    newest_whole,
    open_backup,
    require_signed_backup,
)
from desktop_app.storage.backup_folder import FILES, MANIFEST, BackupFolder
from desktop_app.storage.profiles import ProfileStore
from desktop_app.storage.store import OpenStore


@dataclass(frozen=True)
class RestoreRequest(NewPlace):
    """What is brought back, and where to."""

    root: Path
    """The folder of backups."""
    opener: Opener
    name: str | None = None
    """Which backup; None is the newest."""
    takes_unsigned: bool = False
    """Whether a backup that nobody signed is taken: whoever could write its folder could have made it up."""


@dataclass(frozen=True)
class RestoreResult:
    """An installation that is back; ``problems`` are files that are not."""

    profile: Profile
    name: str
    epoch: UUID
    signer: UUID | None
    """The person whose signature the backup has; None for an unsigned one."""
    root_words: str
    """The root's fingerprint, to be compared where this computer did not know it."""
    root_was_known: bool
    files: int
    problems: tuple[FileProblem, ...]


@dataclass(frozen=True)
class Restore:
    """Restores installations."""

    servers: Servers
    open_store: OpenStore
    profiles: ProfileStore
    data_dir: Path

    def run(self, request: RestoreRequest, report: Report = silent) -> RestoreResult:
        """Bring an installation back; if that fails, no database and no role of it is left, but copied files are.

        Raises what stands in the way: TamperedError, TrustError, BootstrapRefusedError (a server in use),
        NotFoundError (no such backup, no pg_restore), RefusedError.
        """
        folder = BackupFolder(request.root)
        known = self._known(folder, request.name)
        opened = open_backup(folder, request.name, request.opener, None if known is None else known.root_fingerprint)
        require_signed_backup(opened, takes_unsigned=request.takes_unsigned)
        if opened.manifest.center is not None:
            raise RefusedError("{name} is a backup of one center: bring that one back with --center.", name=opened.name)
        admin_dsn = request.admin_dsn(self.servers, self.data_dir)
        profile = request.profile(
            admin_dsn,
            StorePlace(str(request.store_folder(self.data_dir))),
            self.data_dir,
            installation_id=opened.manifest.installation_id,
            display_name=self.profiles.free_name(opened.contents.display_name, opened.manifest.installation_id),
            root_fingerprint=opened.contents.root_fingerprint,
            kdf=opened.contents.kdf,
        )
        with restoring(admin_dsn, profile.database):
            copied, epoch = self._restore(folder, opened, profile, admin_dsn, report)
        return RestoreResult(
            profile=profile,
            name=opened.name,
            epoch=epoch,
            signer=opened.signer,
            root_words=fingerprint_words(bytes.fromhex(profile.root_fingerprint)),
            root_was_known=known is not None or opened.root_is_the_kits,
            files=copied.files + copied.there,
            problems=tuple(copied.problems),
        )

    def _restore(
        self, folder: BackupFolder, opened: OpenedBackup, profile: Profile, admin_dsn: str, report: Report
    ) -> tuple[Copied, UUID]:
        """Files, roles, database; what was copied, and the cluster's new epoch."""
        major = require_room(admin_dsn, profile.database)
        if major < opened.manifest.server // 10000:
            raise RefusedError(
                "The backup is of PostgreSQL {old}, and this server is {new}; it needs the same or a newer one.",
                old=str(opened.manifest.server // 10000),
                new=str(major),
            )
        programs = programs_for(major)
        copied = self._copy_files(folder, opened, profile.store, report)
        with prepared_database(admin_dsn, profile.database, opened.centers, opened.contents.logins):
            restore(programs, dsn_of_database(admin_dsn, profile.database), opened.write_database)
            # Before the step that makes it count: who is killed between the two restores again.
            self.profiles.save(profile)
            epoch = finish(
                admin_dsn,
                profile.database,
                opened.manifest.record,
                opened.contents.center_records,
                f"Restored from the backup {opened.name}.",
            )
        return copied, epoch

    def _known(self, folder: BackupFolder, name: str | None) -> Profile | None:
        """What this workstation knows of the backup's installation."""
        manifest = read_manifest(folder.read(name or newest_whole(folder), MANIFEST))
        with suppress(NotFoundError):
            return self.profiles.get(manifest.installation_id)
        return None

    def _copy_files(self, folder: BackupFolder, opened: OpenedBackup, place: StorePlace, report: Report) -> Copied:
        installation_id = opened.manifest.installation_id
        source = self.open_store(folder.store_place, installation_id)
        source.check_marker()
        target = self.open_store(place, installation_id)
        target.create_marker()
        with folder.open(opened.name, FILES) as listed:
            rows = read_list(listed, opened.manifest, opened.centers)
            return copy_files(source, target, rows, opened.manifest.files, report, checks_all=True)
