"""The health of one center: checks that somebody asks for, and a reading of all stored files, a few at a time."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from desktop_app.db import stored_versions as version_rows
from desktop_app.domain.findings import Finding
from desktop_app.domain.health import CenterHealth, Checked, Scrub, is_scrub_due, scrub_every_days
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.rights import Verb
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.maintenance.doctor import Doctor, Wanted
from desktop_app.services.maintenance.file_checks import FileChecks
from desktop_app.services.maintenance.record_checks import about_record
from desktop_app.services.records.audit import Audit

SCRUB_SECONDS = 1.0
"""How long one step of the reading goes on beginning files."""
MOST_WRONG = 1_000
"""So many versions are remembered; where more are wrong the doctor counts them."""


@dataclass(frozen=True)
class Health:
    """What is known of a center on this workstation, and what finds out more."""

    context: CenterContext

    def known(self) -> CenterHealth:
        """What was checked, when, and what came of it."""
        person = self.context.person
        return person.remembered.health.of(person.installation_id, self.context.center.id)

    def examine(self, report: Report = silent, *, repair: bool = False) -> tuple[Finding, ...]:
        """Check everything in this center, every file to its end; with *repair* what is left. For administrators."""
        found = Doctor(self.context.person, lambda _center: self.context).examine(
            [self.context.center], Wanted(repair=repair, installation=False), report
        )
        self._keep(documents=Checked(datetime.now(UTC), len(found)))
        return found

    def verify_record(self, report: Report = silent) -> tuple[Finding, ...]:
        """Compute the record of changes again and compare it with what this workstation saw; for administrators."""
        found = tuple(about_record(Audit(self.context).verify(report), self.context.center.name))
        self._keep(record=Checked(datetime.now(UTC), len(found)))
        return found

    def scrubbed(self) -> tuple[Finding, ...]:
        """What the reading of stored files found and what is still so; the files are looked at again."""
        self.context.person.require(Verb.READ, self.context.center.id)
        scrub = self.known().scrub
        if scrub is None:
            return ()
        files, still = FileChecks(self.context), []
        for version_id in scrub.wrong:
            with self.context.read() as session:
                version = version_rows.version_by_id(session, version_id)
            problem = None if version is None else files.version(version, deep=True)
            if problem is not None:
                still.append(problem)
        wrong = tuple(finding.id for finding in still if finding.id is not None)
        if wrong != scrub.wrong:
            self._keep(scrub=replace(scrub, wrong=wrong))
        return tuple(still)

    def scrub(self, report: Report = silent, seconds: float = SCRUB_SECONDS) -> tuple[Finding, ...]:
        """Go on reading stored files for so long, one at least, where it is time for it; what is newly found wrong.

        What was read is remembered on this workstation, so that it goes on where it stopped. *report* may stop it.
        StorageError while the store is away: then nothing counts as read.
        """
        now, scrub = datetime.now(UTC), self.known().scrub
        if not is_scrub_due(scrub, scrub_every_days(self.context.center.settings), now):
            return ()
        if scrub is None or scrub.ended is not None:
            scrub = Scrub(now, wrong=() if scrub is None else scrub.wrong)
        self.context.person.store.check_marker()
        return self._read_on(scrub, report, time.monotonic() + seconds)

    def _read_on(self, scrub: Scrub, report: Report, until: float) -> tuple[Finding, ...]:
        files, found = FileChecks(self.context), []
        wrong = dict.fromkeys(scrub.wrong)
        try:
            for version in files.versions(scrub.after):
                report(scrub.checked, scrub.checked)
                problem = files.version(version, deep=True, report=report)
                if problem is None:
                    wrong.pop(version.id, None)
                elif version.id not in wrong:
                    found.append(problem)
                    wrong[version.id] = None
                scrub = _one_more(scrub, version.id, wrong)
                if time.monotonic() > until:
                    return tuple(found)
            scrub = replace(scrub, ended=datetime.now(UTC))
        finally:
            self._keep(scrub=scrub)
        return tuple(found)

    def _keep(self, **parts: Checked | Scrub) -> None:
        person = self.context.person
        person.remembered.health.keep(person.installation_id, self.context.center.id, **parts)


def _one_more(scrub: Scrub, version_id: UUID, wrong: dict[UUID, None]) -> Scrub:
    return replace(scrub, after=version_id, checked=scrub.checked + 1, wrong=tuple(wrong)[:MOST_WRONG])
