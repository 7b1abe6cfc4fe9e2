"""Centers deleted for good: named and counted, gone in one transaction, their files when the store is there.

That a center is no more is signed in the trust log. Its files are removed for that alone: whoever owns the database
could name any center as deleted, and no row of it makes a program remove what people need.
"""

import logging
import time
from dataclasses import dataclass, replace
from uuid import UUID

from desktop_app.crypto.trust_statements import CenterDeletedStatement
from desktop_app.db import administration, registry
from desktop_app.db import audit as record
from desktop_app.domain.ids import schema_name
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.reasons import reason_problem
from desktop_app.domain.records import Center, CenterContents
from desktop_app.domain.rights import Verb
from desktop_app.errors import InvalidInputError, LabkeepError, NotFoundError, RefusedError
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_log import TrustChange

LOGGER = logging.getLogger(__name__)
TELL_SECONDS = 0.05
"""Files are removed faster than anybody reads how many."""


@dataclass(frozen=True)
class DeletedCenter:
    """A center that is gone for good, and what went with it."""

    center: Center
    contents: CenterContents
    erased_entries: int
    """Of the installation's record."""
    has_files_left: bool
    """The store could not be cleared now; whichever system administrator signs in next goes on with it."""


@dataclass(frozen=True)
class DeletedCenters:
    """Deleting centers, and clearing away what is left of deleted ones; for system administrators."""

    context: PersonContext

    def look(self, center: Center) -> CenterContents:
        """What would go."""
        self.context.require(Verb.MANAGE_CENTERS, None)
        with self.context.shared.begin() as session:
            return registry.center_contents(session, center.id)

    def delete(
        self,
        center: Center,
        reason: str,
        report: Report = silent,
        *,
        erase_record: bool = False,
        leave_files: bool = False,
    ) -> DeletedCenter:
        """Delete a deactivated center: keys and rows, schema and roles, every place in it; then its files.

        *center* is the row that was shown (ConflictError if it moved on). Its own record goes with it; the
        installation's keeps that it was there and what it was called, unless *erase_record*. *report* counts files;
        with *leave_files* they are left to ``remove_files``.
        """
        self.context.require(Verb.MANAGE_CENTERS, None)
        if (problem := reason_problem(reason, required=True)) is not None:
            raise InvalidInputError({"reason": problem})
        if center.is_active:
            raise RefusedError("{name} is open: deactivate it before it is deleted.", name=center.name)

        def act(change: TrustChange) -> tuple[CenterContents, int]:
            if change.state.is_deleted(center.id):
                raise NotFoundError("{name} was deleted by somebody else meanwhile.", name=center.name)
            entry = change.sign(CenterDeletedStatement(center.id))
            contents = administration.delete_center(change.session, center.id, center.row_version, entry)
            erased = record.erase(change.session, center.id, reason.strip()) if erase_record else 0
            return contents, erased

        trust = self.context.trust
        contents, erased = trust.change(self.context.shared, self.context.identity, act, reason=reason)
        self.forget()
        done = DeletedCenter(center, contents, erased, has_files_left=True)
        return done if leave_files else self.remove_files(done, report)

    def remove_files(self, done: DeletedCenter, report: Report = silent) -> DeletedCenter:
        """Remove what the store has of a center that was just deleted, and tell whether something is left.

        *report* counts files and may raise Cancelled; that, and whatever else stops it, leaves the rest for later.
        """
        return replace(done, has_files_left=not self._cleared(done.center.id, report, done.contents.versions))

    def left(self) -> list[UUID]:
        """Deleted centers of which the store may still have files."""
        with self.context.shared.begin() as session:
            return registry.deleted_centers(session)

    def clear(self, seconds: float | None = None) -> int:
        """Remove what the store still has of deleted centers, for so long; of how many something is left.

        Never raises: it can be done at any time.
        """
        try:
            left = self.left()
        except LabkeepError:
            return 0
        end = None if seconds is None else time.monotonic() + seconds
        return len(left) - sum(self._cleared(center_id, silent, 0, end) for center_id in left)

    def forget(self) -> None:
        """Let this workstation forget what it saw of centers that are no more."""
        remembered, installation = self.context.remembered, self.context.installation_id
        try:
            for center_id in remembered.centers(installation):
                if self.context.trust.state.is_deleted(center_id):
                    self.context.watches.pop(center_id, None)
                    remembered.forget_center(installation, center_id)
        except LabkeepError as error:
            LOGGER.info("A deleted center was not forgotten: %s", error.code)

    def _cleared(self, center_id: UUID, report: Report, total: int, end: float | None = None) -> bool:
        try:
            self.context.refresh_trust()
            self.context.require_writable()
            if not self.context.trust.state.is_deleted(center_id):
                LOGGER.warning("A center is called deleted that nobody deleted.")
                return False
            if not self._remove_files(center_id, report, total, end):
                return False
            with self.context.change_shared() as session:
                administration.forget_deleted_center(session, center_id)
        except LabkeepError as error:
            LOGGER.info("Clearing a deleted center stopped: %s", type(error).__name__)
            return False
        return True

    def _remove_files(self, center_id: UUID, report: Report, total: int, end: float | None) -> bool:
        number, told = 0, 0.0
        for number, _file_id in enumerate(self.context.store.delete_center(schema_name(center_id)), start=1):
            if time.monotonic() - told > TELL_SECONDS:
                report(number, max(total, number))
                told = time.monotonic()
            if end is not None and time.monotonic() > end:
                return False
        report(number, number)
        return True
