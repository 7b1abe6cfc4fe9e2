"""What a change of a system administrator left to do in the centers, done one by one.

Login and place were changed at once, whatever comes of this; anybody who signs in as a system administrator goes on
where it stopped. Whom keys are sealed to is the trust log's word.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.identities import PublicIdentity
from desktop_app.db import administration, registry
from desktop_app.domain.progress import Report, silent
from desktop_app.errors import LabkeepError, UnavailableError
from desktop_app.services.context.key_grants import center_keys
from desktop_app.services.context.person_context import PersonContext

AT_SIGN_IN_SECONDS = 5.0
"""How long a sign-in goes on with it; the rest waits for the next one, or for the next change of an administrator."""


@dataclass(frozen=True)
class UnfinishedChanges:
    """What is left: which person in which center."""

    context: PersonContext

    def count(self) -> int:
        """How much is left; 0 for whoever is no system administrator."""
        with self.context.shared.begin() as session:
            return len(registry.unfinished(session))

    def finish(self, only: UUID | None = None, report: Report = silent, seconds: float | None = None) -> int:
        """Do it, of everybody or of one person, for so long; how much of that is left.

        Never raises but what *report* does: the change itself is made, and the rest can be done at any time.
        """
        try:
            with self.context.shared.begin() as session:
                left = [one for one in registry.unfinished(session) if only in (None, one[0])]
        except UnavailableError:
            return 0
        end = None if seconds is None else time.monotonic() + seconds
        done = 0
        for tried, (user_id, center_id) in enumerate(left, start=1):
            if end is not None and time.monotonic() > end:
                break
            with suppress(LabkeepError):
                self._settle(user_id, center_id)
                done += 1
            report(tried, len(left))
        return len(left) - done

    def _settle(self, user_id: UUID, center_id: UUID) -> None:
        with self.context.shared.begin() as session:
            person = self.context.trust.refresh(session).person(user_id)
            grants = None
            place = None if person is None else person.membership(center_id)
            lasts = place is not None and place.lasts(registry.server_date(session))
            # One's own are sealed before the keys become one's own (prepare_own).
            own = user_id == self.context.user.id
            if not own and person is not None and person.active and (person.is_system or lasts):
                grants = center_keys(self.context, session, center_id).grants_to([person.identity])
            administration.settle(session, user_id, center_id, grants)


def prepare_own(context: PersonContext, identity: PublicIdentity, report: Report = silent) -> None:
    """Seal the keys of every center to the identity that a system administrator is about to have.

    Where all of it is done at once, nothing. Otherwise nothing that he could open may depend on whether this program
    lives until the last center is settled.
    """
    with context.shared.begin() as session:
        later = registry.all_center_ids(session)[administration.CENTERS_AT_ONCE :]
    for number, center_id in enumerate(later, start=1):
        with context.shared.begin() as session:
            grants = center_keys(context, session, center_id).grants_to([identity])
            administration.prepare_own_grants(session, center_id, identity.id, grants)
        report(number, len(later))
