"""Backing up an installation, or one center of it, while people work: the database first, then the sealed files.

Files never change, so that a backup adds only those that the folder lacks. Nothing in the folder can be read without
the recovery kit or a system administrator's password: documents are sealed anyway, and the dump is sealed under a
random key of its own. See docs/decisions/backup.md.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.backup_signing import LentKey, ScheduleKey
from desktop_app.db.dump_snapshot import Facts, named_files, open_snapshot
from desktop_app.domain.ids import new_id, schema_name
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.connections import Servers
from desktop_app.services.installation.backup_files import FileProblem, copy_files, read_list
from desktop_app.services.installation.backup_manifest import Manifest, read_manifest
from desktop_app.services.installation.backup_notes import BackupNotes, LastBackup
from desktop_app.services.installation.backup_parts import PartsWriter, Sign
from desktop_app.storage.backup_folder import FILES, MANIFEST, SIGNATURE, BackupFolder
from desktop_app.storage.store import OpenStore, Store


@dataclass(frozen=True)
class BackupPlan:
    """What a backup would take."""

    centers: int
    files: int
    """Stored files that documents name."""
    new_files: int
    """Of these, those that the folder lacks."""
    new_bytes: int
    database_bytes: int
    """The database's size on the server; the dump of it is smaller."""


@dataclass(frozen=True)
class BackupResult:
    """A backup that is complete; ``problems`` are files that are not in it."""

    name: str
    manifest: Manifest
    is_signed: bool
    new_files: int
    new_bytes: int
    deleted_meanwhile: int
    """Files that the dump names and that people deleted while the backup ran."""
    removed: tuple[str, ...]
    """Older backups that were deleted."""
    problems: tuple[FileProblem, ...]
    undone: tuple[Message, ...] = ()
    """What could not be done any more once the backup was complete."""


@dataclass(frozen=True)
class Backup:
    """Makes backups of installations."""

    servers: Servers
    open_store: OpenStore
    notes: BackupNotes

    def plan(self, profile: Profile, root: Path, dsn: str | None = None, center: str | None = None) -> BackupPlan:
        """What a backup into this folder would take now, of everything or of one *center*; writes nothing."""
        folder = BackupFolder(root)
        target = self.open_store(folder.store_place, profile.installation_id) if folder.names() else None
        with open_snapshot(self.servers.administrator_dsn(profile, dsn)) as snapshot:
            _require_same(profile, snapshot.facts)
            files = new_files = new_bytes = 0
            facts = snapshot.facts if center is None else snapshot.facts.of_center(center)
            for row in snapshot.files(each.id for each in facts.centers):
                files += 1
                if target is None or not target.exists(schema_name(row.center_id), row.file_id):
                    new_files, new_bytes = new_files + 1, new_bytes + row.size
            of_database = snapshot.database_bytes(None if center is None else facts.centers[0].id)
            return BackupPlan(len(facts.centers), files, new_files, new_bytes, of_database)

    def run(
        self,
        profile: Profile,
        root: Path,
        dsn: str | None = None,
        *,
        center: str | None = None,
        sign: Sign | None = None,
        keep: int | None = None,
        checks_all: bool = False,
        report: Report = silent,
    ) -> BackupResult:
        """Make a backup; *keep* is how many are left in the end, None for all of them.

        *center* (name, slug or id) backs up that one alone. *dsn* is the database administrator's; the built-in server
        has its own. Without *sign* the key signs that a system administrator lent to this computer's schedule, if there
        is one. *checks_all* reads again what the folder has. Raises what stands in the way: then there is no new
        backup, and files that were copied are found by the next one.
        """
        admin_dsn = self.servers.administrator_dsn(profile, dsn)
        lent = self.notes.key(profile.installation_id)
        if sign is None and lent is not None:
            sign = lent.sign
        source = self.open_store(profile.store, profile.installation_id)
        source.check_marker()
        folder = BackupFolder(root)
        folder.prepare()
        with closing(folder.hold()):
            target = self.open_store(folder.store_place, profile.installation_id)
            target.create_marker()
            backup_id, made_at = new_id(), datetime.now(UTC)
            name = folder.next_name(backup_id, made_at)
            with folder.new(name) as pending:
                writer = PartsWriter(pending, profile, backup_id, made_at)
                with open_snapshot(admin_dsn) as snapshot:
                    _require_same(profile, snapshot.facts)
                    facts = snapshot.facts if center is None else snapshot.facts.of_center(center)
                    only = None if center is None else facts.centers[0].id
                    manifest = writer.write(snapshot, facts, admin_dsn, only)
                with pending.open(FILES) as listed:
                    rows = read_list(listed, manifest)
                    copied = copy_files(source, target, rows, manifest.files, report, checks_all=checks_all)
                deleted, problems = _told_apart(admin_dsn, copied.problems)
                writer.commit(manifest, sign)
            undone: list[Message] = []
            removed: tuple[str, ...] = ()
            with _told_only(
                undone, lambda error: Message("Not every older backup could be deleted: {error}", error=error)
            ):
                removed = () if keep is None else prune(folder, target, keep, only)
        if only is None:
            last = LastBackup(name, manifest.made_at, str(folder.root), sign is not None, len(problems))
            with _told_only(
                undone, lambda error: Message("This computer could not note that it was made: {error}", error=error)
            ):
                self.notes.note(profile.installation_id, last)
        return BackupResult(
            name, manifest, sign is not None, copied.files, copied.file_bytes, deleted, removed, problems, tuple(undone)
        )

    def lend_key(self, profile: Profile, lend: Callable[[bytes], LentKey]) -> None:
        """Give this computer a key that signs its backups while nobody is signed in.

        *lend* is a system administrator's word for it (``Lab.backup_signer``).
        """
        key, private = ScheduleKey.make(lend)
        self.notes.keep_key(profile.installation_id, private, key.lent)


def prune(folder: BackupFolder, target: Store, keep: int, center: UUID | None = None) -> tuple[str, ...]:
    """Delete all but the newest *keep* backups, and the files that only those named; the names of what went.

    Of the whole installation, or of one *center*: those of anything else stay. TamperedError, and nothing deleted,
    where a list of files is not as it was made: a backup that stays may need any of them.
    """
    names = [each for each in folder.names() if read_manifest(folder.read(each, MANIFEST)).center == center]
    gone = tuple(names[: max(0, len(names) - max(1, keep))])
    left = tuple(each for each in folder.names() if each not in gone)
    if not gone:
        return ()
    candidates = _listed(folder, gone) - _listed(folder, left)
    for name in gone:
        folder.remove(name)
    for center_id, file_id in sorted(candidates):
        target.delete(schema_name(center_id), file_id)
    return gone


def _listed(folder: BackupFolder, names: tuple[str, ...]) -> set[tuple[UUID, UUID]]:
    found = set()
    for name in names:
        manifest = read_manifest(folder.read(name, MANIFEST))
        with folder.open(name, FILES) as file:
            found |= {(row.center_id, row.file_id) for row in read_list(file, manifest)}
    return found


@dataclass(frozen=True)
class ListedBackup:
    """What a backup says of itself; nothing of it is verified."""

    id: UUID
    name: str
    made_at: datetime
    signed: bool
    center: UUID | None
    """The one center that it is of; None for the whole installation."""
    centers: int
    users: int
    files: int
    file_bytes: int


def list_backups(root: Path) -> tuple[ListedBackup, ...]:
    """The complete backups of a folder, the newest first."""
    folder = BackupFolder(root)
    found = []
    for name in reversed(folder.names()):
        said = read_manifest(folder.read(name, MANIFEST))
        counts = (said.centers, said.users, said.files, said.file_bytes)
        what = (folder.has(name, SIGNATURE), said.center)
        found.append(ListedBackup(said.backup_id, name, said.made_at, *what, *counts))
    return tuple(found)


@contextmanager
def _told_only(undone: list[Message], sentence: Callable[[LabkeepError], Message]) -> Iterator[None]:
    """Around what comes after a backup is complete: whatever fails does not undo it."""
    try:
        yield
    except LabkeepError as error:
        undone.append(sentence(error))


def _told_apart(admin_dsn: str, problems: list[FileProblem]) -> tuple[int, tuple[FileProblem, ...]]:
    """How many of the missing files nobody names any more, because people deleted them; and the true problems."""
    missing = sorted((each for each in problems if each.is_missing), key=lambda each: each.center_id)
    named: set[UUID] = set()
    for center_id, some in groupby(missing, lambda each: each.center_id):
        named |= named_files(admin_dsn, center_id, [each.file_id for each in some])
    left = tuple(each for each in problems if not each.is_missing or each.file_id in named)
    return len(problems) - len(left), left


def _require_same(profile: Profile, facts: Facts) -> None:
    if facts.installation_id != profile.installation_id:
        raise RefusedError("This DSN leads to another installation than the profile names; nothing was backed up.")
