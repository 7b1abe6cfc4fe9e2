"""Looking an installation over to the bottom: files, keys, people, schemas, records; and mending what is safe.

Quick looks at what the database and the store say; deep also reads every stored file and computes the records again.
Nothing is changed but with *repair*. Each finding was looked at twice, so that whoever works meanwhile is none.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from desktop_app.db import registry, uploads
from desktop_app.db import stored_versions as version_rows
from desktop_app.db.server_facts import server_facts
from desktop_app.domain.findings import Finding
from desktop_app.domain.ids import schema_name
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Verb, may
from desktop_app.errors import Cancelled, LabkeepError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.maintenance import closed_center, repairs, schema_checks
from desktop_app.services.maintenance.checks import (
    about_deleted,
    about_unfinished,
    check_clock,
    check_store,
)
from desktop_app.services.maintenance.file_checks import FileChecks, center_is_there
from desktop_app.services.maintenance.people_checks import GrantChecks, PlaceChecks, seen_twice
from desktop_app.services.maintenance.record_checks import about_key, about_record
from desktop_app.services.maintenance.trust_checks import about_center, about_installation
from desktop_app.services.records.audit import Audit, InstallationAudit
from desktop_app.storage.errors import StorageError

AT_MOST = 1_000
"""So many findings of one kind are named in one center; of more the number is said."""


@dataclass
class Found:
    """Findings, as many of each kind as anybody reads."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, some: Iterable[Finding]) -> None:
        """Keep them, or count them."""
        for finding in some:
            self.counts[finding.code, finding.center] += 1
            if self.counts[finding.code, finding.center] <= AT_MOST:
                self.findings.append(finding)

    def all(self) -> tuple[Finding, ...]:
        """What was kept, and how many more there are of a kind."""
        more = [
            Finding(
                code,
                Message("There are {n} more of this kind.", one="There is {n} more of this kind.", n=count - AT_MOST),
                Message("They are named when these are mended."),
                center,
            )
            for (code, center), count in self.counts.items()
            if count > AT_MOST
        ]
        return (*self.findings, *more)


@dataclass(frozen=True)
class Wanted:
    """How an installation is to be looked over."""

    deep: bool = True
    repair: bool = False
    installation: bool = True
    """Also what belongs to no center."""


@dataclass(frozen=True)
class Doctor:
    """For who may read the whole record of a center: its administrators, and system administrators."""

    context: PersonContext
    open_center: Callable[[Center], CenterContext]

    def examine(self, centers: Sequence[Center], wanted: Wanted, report: Report = silent) -> tuple[Finding, ...]:
        """What is found, with *repair* what is left; ``report`` counts stored versions. Raises RefusedError."""
        for center in centers:
            self.context.require(Verb.READ_AUDIT, center.id)
        found = Found()
        if wanted.installation:
            found.add(self._installation(wanted))
        is_away = self._store_is_away(found)
        for center in centers:
            if self._is_closed(center):
                found.add(seen_twice(partial(closed_center.look, self.context, center, looks_at_files=not is_away)))
        work = [self.open_center(center) for center in centers if not self._is_closed(center)]
        progress = _Progress(report, 0 if is_away else sum(map(_versions_of, work)))
        for context in work:
            look = _CenterLook(context, () if is_away else work, wanted, progress, found)
            try:
                look.run()
            except Cancelled:
                raise
            except LabkeepError as error:
                text = Message("Not everything could be looked at: {error}", error=error)
                found.add([Finding("not_looked_at", text, Message("Try again in a moment."), context.center.name)])
        progress.tell()
        return found.all()

    def _is_closed(self, center: Center) -> bool:
        """A closed center's own tables are nobody's to read; what there is beside them system administrators see."""
        return not center.is_active and self.context.user.is_system_administrator

    def _store_is_away(self, found: Found) -> bool:
        try:
            self.context.store.check_marker()
        except StorageError as error:
            if any(finding.code == error.code for finding in found.findings):
                return True
            # What answers a moment later is there: nobody is told that nothing was found where nothing was looked at.
            about = [*check_store(self.context.store, writes=False)]
            found.add(about)
            return any(finding.code != "little_space" for finding in about)
        return False

    def _installation(self, wanted: Wanted) -> list[Finding]:
        with self.context.shared.begin() as session:
            now = server_facts(session).now
            unfinished = len(registry.unfinished(session))
            deleted = len(registry.deleted_centers(session))
        writes = may(self.context.user.standing, Verb.EDIT_DOCUMENTS)
        found = list(check_clock(now))
        # Who has another place than the log says is said of each place, with its center.
        found += [each for each in about_installation(self.context) if each.code != "place_differs"]
        found += check_store(self.context.store, writes=writes)
        found += about_unfinished(unfinished)
        found += about_deleted(deleted)
        if self.context.user.is_system_administrator:
            found += self._folders_of_nobody()
            found += seen_twice(lambda: schema_checks.look_shared(self.context))
            places = PlaceChecks(self.context)
            found += _mended(places.look, repairs.PlaceRepair(self.context, None).mend, wanted)
            if wanted.deep:
                found += about_record(InstallationAudit(self.context).verify())
        return found

    def _folders_of_nobody(self) -> list[Finding]:
        try:
            folders = list(self.context.store.centers())
        except StorageError:
            return []
        # After the folders: a center that is made meanwhile is known before it has one.
        with self.context.shared.begin() as session:
            known = [*registry.all_center_ids(session), *registry.deleted_centers(session)]
        names = {schema_name(center_id) for center_id in known}
        mend = Message("Nothing deletes that. Look whether it is another installation's, or of a center of a backup.")
        return [
            Finding("foreign_folder", Message("The folder {folder} of the store is no center's.", folder=name), mend)
            for name in folders
            if name not in names
        ]


@dataclass
class _Progress:
    report: Report
    total: int
    done: int = 0

    def tell(self) -> None:
        self.report(self.done, max(self.total, self.done))

    def within(self, _done: int, _total: int) -> None:
        """Inside one file: only whether it is to go on."""
        self.tell()


@dataclass(frozen=True)
class _CenterLook:
    context: CenterContext
    every: Sequence[CenterContext]
    """All that are looked at, for files gone astray; none while the store is away."""
    wanted: Wanted
    progress: _Progress
    found: Found

    def run(self) -> None:
        """Files last: they take long, and the rest is there when somebody cancels that."""
        context, center = self.context, self.context.center
        self.found.add(about_center(context, most_keys=0))  # a document's key is looked at with its file
        self.found.add(self._mended(GrantChecks(context).look, lambda some: repairs.mend_grants(context, some)))
        places = PlaceChecks(context.person, center.id, center.name)
        self.found.add(self._mended(places.look, repairs.PlaceRepair(context.person, center.id).mend))
        self.found.add(seen_twice(lambda: schema_checks.look(context.person, center)))
        self.found.add(about_key(context))
        if self.wanted.deep:
            self.found.add(about_record(Audit(context).verify(), center.name))
        if self.every:
            self._files()

    def _mended(self, look: Callable[[], Iterable[Finding]], mend: Callable[[list[Finding]], None]) -> list[Finding]:
        self.progress.tell()
        return _mended(look, mend, self.wanted)

    def _files(self) -> None:
        missing = center_is_there(self.context)
        if missing is not None:
            self.found.add([missing])
            return
        files = FileChecks(self.context, lambda: [each for each in self.every if each is not self.context])

        def left() -> list[Finding]:
            return [*_expired(self.context), *files.strays()]

        self.found.add(self._mended(left, lambda some: repairs.mend_uploads(self.context, some)))
        for version in files.versions():
            self.progress.tell()
            problem = files.version(version, deep=self.wanted.deep, report=self.progress.within)
            if problem is not None:
                self.found.add([problem])
            self.progress.done += 1
        with self.context.read() as session:
            documents = version_rows.document_ids(session)
        self.found.add(files.forged_facts(documents))


def _mended(
    look: Callable[[], Iterable[Finding]], mend: Callable[[list[Finding]], None], wanted: Wanted
) -> list[Finding]:
    found = seen_twice(look)
    if found and wanted.repair:
        mend(found)
        return seen_twice(look)
    return found


def _expired(context: CenterContext) -> list[Finding]:
    with context.read() as session:
        count = uploads.counts(session).to_sweep
    if not count:
        return []
    text = Message(
        "{n} files were interrupted before being saved; what is left takes room.",
        one="{n} file was interrupted before being saved; what is left takes room.",
        n=count,
    )
    return [
        Finding(
            "expired_uploads", text, Message("“labkeep-admin doctor --repair” clears it away."), context.center.name
        )
    ]


def _versions_of(context: CenterContext) -> int:
    with context.read() as session:
        return version_rows.count_versions(session)
