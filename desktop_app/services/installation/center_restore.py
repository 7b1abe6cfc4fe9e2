"""Bringing one center back from a backup, beside what is there: as a new center with an id and a key of its own.

The backup is of this center alone or of the whole installation; nothing of another center is read out of it. What was
signed for the former center until the backup counts in the new one, because a system administrator or the recovery kit
signs that in the trust log; who belongs to it says the trust log of now, and not the backup. See
docs/decisions/one-center.md.
"""

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.errors import WrongKeyError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.key_ring import make_tenant_key, tenant_key_digest
from desktop_app.crypto.passwords import derive_keys
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.crypto.trust_register import TrustedMembership, TrustedPerson
from desktop_app.crypto.trust_state import TrustState
from desktop_app.crypto.trust_statements import CenterRestoredStatement, JoinStatement, KeyVersionStatement
from desktop_app.db import kit as kit_rows
from desktop_app.db import registry
from desktop_app.db import restored_center as rows
from desktop_app.db.dump import DumpPrograms, read_rows
from desktop_app.db.dump_rows import dumped
from desktop_app.db.dump_snapshot import CenterRow, StoredFileRow
from desktop_app.db.restored_database import OtherRecordError
from desktop_app.db.server_facts import major_version
from desktop_app.db.sessions import Session
from desktop_app.domain.drafts import CenterDraft, check
from desktop_app.domain.ids import new_id, parse_id, schema_name
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Center
from desktop_app.domain.text_rules import normal_username, slug_of
from desktop_app.errors import InvalidInputError, LabkeepError, NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.center_keys import CenterKeys
from desktop_app.services.context.trust_log import TrustChange
from desktop_app.services.installation.backup_files import Copied, FileProblem, copy_files, read_list
from desktop_app.services.installation.dump_programs import programs_for
from desktop_app.services.installation.kit_context import KitAccess, KitContext, root_identity
from desktop_app.services.installation.opened_backup import OpenedBackup, Opener, open_backup, require_signed_backup
from desktop_app.services.installation.restored_keys import COLUMNS, Rewrapping, StoredKeys, rewrapping, stored_keys
from desktop_app.storage.backup_folder import FILES, BackupFolder
from desktop_app.storage.store import Store


@dataclass(frozen=True)
class CenterRestoreRequest:
    """Which center is brought back, and how it is called then."""

    root: Path
    """The folder of backups."""
    center: str
    """Name, slug or id, as it was in the backup."""
    opener: Opener
    """Who opens the backup: with the password of that day, or the kit."""
    signer: Opener | None = None
    """Who signs that the center is new here, with the password of now; None is *opener*."""
    name: str | None = None
    """What it is called; None gives a center that was deleted its own name back."""
    backup: str | None = None
    """Which backup; None is the newest that has the center."""
    dsn: str | None = None
    """The database administrator's; the built-in server has its own."""
    takes_unsigned: bool = False


@dataclass(frozen=True)
class CenterRestorePlan:
    """What a restore of one center would bring back."""

    backup: str
    center: str
    """What it would be called."""
    slug: str
    files: int
    file_bytes: int
    people: int
    """Who would have a place in it: by the trust log of now."""


@dataclass(frozen=True)
class RestoredCenter:
    """A center that is back."""

    center: Center
    origin_id: UUID
    """The center that the backup is of."""
    backup: str
    signer: UUID | None
    """The person whose signature the backup has; None for an unsigned one."""
    people: int
    """So many have a place in it; system administrators come on top."""
    files: int
    problems: tuple[FileProblem, ...]
    unreadable: tuple[UUID, ...]
    """Versions whose document key did not open in the backup either."""


@dataclass(frozen=True)
class CenterRestore:
    """Restores single centers."""

    access: KitAccess

    def plan(self, profile: Profile, request: CenterRestoreRequest) -> CenterRestorePlan:
        """What it would bring back; changes nothing. Raises as ``run``."""
        with self.access.open(profile, request.dsn, read_only=True) as context:
            work = _Work.prepare(context, request)
            return work.plan()

    def run(
        self,
        profile: Profile,
        request: CenterRestoreRequest,
        report: Report = silent,
        announce: Callable[[CenterRestorePlan], None] = lambda _plan: None,
    ) -> RestoredCenter:
        """Bring the center back, all of it or nothing; *report* counts files, then document keys.

        *announce* is told what it brings back before it begins.

        The files are copied first; then one transaction makes the center, in which changes of people wait. Raises
        AdministratorNeededError without the database administrator's connection, RefusedError for who may not sign it,
        for a center that is there where no name is given, and for a backup of another history; NotFoundError,
        TamperedError, TrustError, InvalidInputError for a name that is taken.
        """
        with self.access.open(profile, request.dsn) as context:
            context.held = _signer(context, request.signer or request.opener)
            context.require_writable()
            work = _Work.prepare(context, request)
            context.store.check_marker()
            announce(work.plan())
            try:
                source = self.access.open_store(work.folder.store_place, context.installation_id)
                copied = work.copy_files(source, report)
            except BaseException:
                with suppress(LabkeepError):
                    work.remove_files()
                raise
            try:
                center, people, unreadable = work.make(report)
            except BaseException:
                with suppress(LabkeepError):
                    work.remove_files_of_none()
                raise
            return RestoredCenter(
                center=center,
                origin_id=work.row.id,
                backup=work.opened.name,
                signer=work.opened.signer,
                people=people,
                files=copied.files + copied.there,
                problems=tuple(copied.problems),
                unreadable=unreadable,
            )


@dataclass(frozen=True)
class _Work:
    """One restore: everything was looked at, and nothing is made yet."""

    context: KitContext
    folder: BackupFolder
    opened: OpenedBackup
    row: CenterRow
    draft: CenterDraft
    programs: DumpPrograms
    today: date
    center_id: UUID

    @classmethod
    def prepare(cls, context: KitContext, request: CenterRestoreRequest) -> "_Work":
        folder = BackupFolder(request.root)
        opened, row = _find(folder, request, context.profile.root_fingerprint)
        require_signed_backup(opened, takes_unsigned=request.takes_unsigned)
        _require_same_history(opened, context.trust.state)
        draft = _draft(row, context.trust.state, request.name)
        check(draft)
        with context.shared.begin() as session:
            _require_free(session, draft)
            newest = rows.newest_revision(session)
            major, today = major_version(session), registry.server_date(session)
        if newest != row.revision:
            raise RefusedError(
                "The backup has this center as of revision {old}, and centers are made as of {new} here. Bring the "
                "whole installation back elsewhere.",
                old=row.revision,
                new=newest,
            )
        return cls(context, folder, opened, row, draft, programs_for(major), today, new_id())

    def plan(self) -> CenterRestorePlan:
        """What is brought back."""
        listed, people = self.listed(), self.places(self.context.trust.state)
        size = sum(row.size for row in listed)
        return CenterRestorePlan(self.opened.name, self.draft.name, self.draft.slug, len(listed), size, len(people))

    def listed(self) -> list[StoredFileRow]:
        """The stored files of the center in the backup, and no others."""
        with self.folder.open(self.opened.name, FILES) as source:
            return [row for row in read_list(source, self.opened.manifest) if row.center_id == self.row.id]

    def places(self, state: TrustState) -> list[tuple[TrustedPerson, TrustedMembership]]:
        """Whom the trust log of now gives a place, and which; a last day that is over gives none."""
        return [each for each in state.places_to_restore(self.row.id) if each[1].lasts(self.today)]

    def copy_files(self, source: Store, report: Report) -> Copied:
        """Bring the sealed files into the new center's folder of the store, as they are."""
        source.check_marker()
        listed, target = self.listed(), self.context.store
        return copy_files(source, target, listed, len(listed), report, checks_all=True, into=self.center_id)

    def make(self, report: Report) -> tuple[Center, int, tuple[UUID, ...]]:
        """The one transaction; the center, how many people have a place, and what did not open."""
        sealed = stored_keys(self.opened, self.programs, self.row.id)
        keys = CenterKeys(self.context.installation_id, self.center_id, {1: make_tenant_key()}, 1)
        wraps = rewrapping(self.opened, self.row.id, sealed, keys)
        digest = tenant_key_digest(self.center_id, 1, keys.keys[1])

        def act(change: TrustChange) -> tuple[Center, int]:
            _require_same_history(self.opened, change.state)
            restored = change.sign(
                CenterRestoredStatement(self.center_id, self.row.id, self.opened.manifest.trust.sequence)
            )
            key = change.sign(KeyVersionStatement(self.center_id, 1, digest))
            rows.begin(change.session, self.center_id, self.draft, self.row.id, restored, key)
            self._load(change.session, sealed, wraps, report)
            joins = [self._join(change, person, place) for person, place in self.places(change.state)]
            grants = keys.grants_to(change.state.recipients(self.center_id, self.today))
            rows.finish(change.session, self.center_id, joins, grants, self._said())
            return registry.get_center(change.session, self.center_id), len(joins)

        reason = f"Restored from the backup {self.opened.name}."
        center, people = self.context.trust.change(self.context.shared, self.context.identity, act, reason=reason)
        return center, people, tuple(wraps.unreadable)

    def remove_files(self) -> None:
        """Remove what was copied; what cannot be removed now, ``doctor`` names."""
        for _file_id in self.context.store.delete_center(schema_name(self.center_id)):
            pass

    def remove_files_of_none(self) -> None:
        """The same, unless the center is there: whose answer was lost, or whom Ctrl+C stopped at the COMMIT, cannot
        know. Where nobody can be asked the files stay, because rows may name them."""
        with self.context.shared.begin() as session:
            is_there = rows.is_there(session, self.center_id)
        if not is_there:
            self.remove_files()

    def _load(self, session: Session, sealed: StoredKeys, wraps: Rewrapping, report: Report) -> None:
        """Every row of the center, and its document keys under the new key; OtherRecordError for half a dump."""

        def take(source: io.BufferedReader) -> None:
            for part in dumped(source):
                rows.load(session, self.center_id, part)

        schema, total = schema_name(self.row.id), len(sealed.wrapped)
        read_rows(self.programs, schema, (), self.opened.write_database, take)
        lines = wraps.lines(sealed.wrapped, lambda done: report(done, total))
        rows.copy_rows(session, self.center_id, rows.DOCUMENT_KEYS, COLUMNS, lines)
        if rows.head(session, self.center_id) != self.opened.contents.center_records[self.row.id]:
            raise OtherRecordError(
                "The record of {name} does not end where the backup says that it ended; nothing was restored.",
                name=self.row.name,
            )

    def _join(self, change: TrustChange, person: TrustedPerson, place: TrustedMembership) -> rows.JoinRow:
        entry = change.sign(JoinStatement(person.user_id, place.role, self.center_id, place.until))
        return rows.JoinRow(person.user_id, place.role, place.until, entry)

    def _said(self) -> dict[str, object]:
        return {"backup": self.opened.name, "center": str(self.row.id), "name": self.row.name}


def _signer(context: KitContext, who: Opener) -> Identity:
    """The present keys of a system administrator, or the kit as the root; RefusedError for anybody else."""
    state, profile = context.trust.state, context.profile
    if who.kit is not None:
        return root_identity(RecoveryKit.from_words(who.kit), state)
    refused = RefusedError("This user name and password are no system administrator's here.")
    keys = derive_keys(profile.installation_id, normal_username(who.username), who.password, profile.kdf)
    person = next((each for each in state.system_administrators() if each.login == keys.login), None)
    if person is None or person.provisional:
        raise refused
    with context.shared.begin() as session:
        row = kit_rows.secret_of(session, person.user_id)
    if row is None or row.id != person.identity.id:
        raise refused
    try:
        return Identity.unseal(row.sealed, keys.unseal_key, profile.installation_id, person.user_id, row.id, row.kdf)
    except WrongKeyError:
        raise refused from None


def _find(folder: BackupFolder, request: CenterRestoreRequest, root: str) -> tuple[OpenedBackup, CenterRow]:
    """The backup that is meant, or the newest that has the center; NotFoundError."""
    center_id = parse_id(request.center)
    names = (request.backup,) if request.backup is not None else tuple(reversed(folder.names()))
    for name in names:
        opened = open_backup(folder, name, request.opener, root)
        for row in opened.contents.centers:
            if request.center in (row.name, row.slug) or row.id == center_id:
                return opened, row
    raise NotFoundError(
        "No backup of {root} has a center {center} that can be opened so.", root=folder.root, center=request.center
    )


def _require_same_history(opened: OpenedBackup, state: TrustState) -> None:
    """What was signed until the backup must be what was signed here, too: it will count."""
    ends, digests = opened.manifest.trust, state.register.digests
    if opened.manifest.installation_id != state.installation_id:
        raise RefusedError("The backup is of another installation.")
    if ends.sequence > len(digests) or digests[ends.sequence - 1] != ends.digest:
        raise RefusedError(
            "The backup is of a state of this installation that was put back since. One center can be brought back only"
            " from a backup whose trust log is the beginning of the present one."
        )


def _draft(row: CenterRow, state: TrustState, name: str | None) -> CenterDraft:
    """What the center is called; RefusedError where it is there and no other name is given."""
    if name is None and row.id in state.register.keys:
        raise RefusedError("{name} is there. Say how the restored center is called: it comes beside it.", name=row.name)
    if name is None:
        return CenterDraft(name=row.name, slug=row.slug, description=row.description, settings=row.settings)
    return CenterDraft(name=name, slug=slug_of(name), description=row.description, settings=row.settings)


def _require_free(session: Session, draft: CenterDraft) -> None:
    for ref in (draft.name, draft.slug):
        with suppress(NotFoundError):
            registry.get_center(session, ref)
            raise InvalidInputError(
                {"name": Message("A center {name} is there; say how the restored one is called.", name=ref)}
            )
