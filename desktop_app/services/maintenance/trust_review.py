"""The trust log in the open: its entries in plain words, fingerprints to compare, and what disagrees with it by name.

What is found is also put on the installation's record, so that it is known when the alarm was raised and by whom.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from desktop_app.crypto.errors import TrustError, UnknownFormatError
from desktop_app.crypto.recovery_kit import fingerprint_words
from desktop_app.crypto.trust_state import TrustState
from desktop_app.crypto.trust_statements import Statement, decode_placed
from desktop_app.db import registry
from desktop_app.db import trust as trust_rows
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.findings import Finding
from desktop_app.domain.paging import pages
from desktop_app.domain.records import Center
from desktop_app.errors import LabkeepError, NotFoundError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.maintenance.people_checks import ALARM
from desktop_app.services.maintenance.trust_checks import about_center, about_installation, everybody
from desktop_app.services.maintenance.trust_entries_text import words

STATUS_SECONDS = 10.0
STATUS_KEYS = 5_000
"""So many document keys of a center are opened where it must not take long; a thousand take a tenth of a second."""


@dataclass(frozen=True)
class TrustLine:
    """An entry of the trust log; ``refusal`` says why it does not count, and is empty where it does."""

    sequence: int
    at: datetime
    """By the server's clock: the log itself knows no time."""
    by: str
    text: Message
    refusal: str
    digest: str

    @property
    def counts(self) -> bool:
        """Whether it is believed."""
        return not self.refusal


@dataclass(frozen=True)
class Fingerprint:
    """Of a person's keys of now, or (user None) of the root that this workstation was told to trust."""

    user_id: UUID | None
    username: str
    words: str
    digits: str


@dataclass(frozen=True)
class TrustReview:
    """For everybody who is signed in; names are said as far as the person may see them."""

    context: PersonContext
    open_center: Callable[[Center], CenterContext]

    def list(self) -> tuple[TrustLine, ...]:
        """Every entry, the first one first."""
        with self.context.shared.begin() as session:
            state = self.context.trust.refresh(session)
            rows = trust_rows.entries_after(session, 0)
            signed = trust_rows.signed(session, [row.sequence for row in rows])
            people = {user.id: user.username for user in everybody(self.context)}
            centers = {center.id: center.name for center in self._centers()}
        refused = {entry.sequence: entry.reason.value for entry in state.refused}

        def person(user_id: UUID) -> str:
            return people.get(user_id, str(user_id))

        return tuple(
            TrustLine(
                row.sequence,
                signed[row.sequence].at,
                _signer(state, row.signer, person),
                words(_statement(row.payload), person, lambda center_id: centers.get(center_id, str(center_id))),
                refused.get(row.sequence, ""),
                state.register.digests[row.sequence - 1].hex() if row.sequence <= state.head.sequence else "",
            )
            for row in rows
        )

    def fingerprint(self, ref: str | UUID | None = None) -> Fingerprint:
        """Of the root, or of a person, by the trust log and never by a row; NotFoundError."""
        if ref is None:
            root = bytes.fromhex(self.context.profile.root_fingerprint)
            return Fingerprint(None, "", fingerprint_words(root), root.hex())
        with self.context.shared.begin() as session:
            state = self.context.trust.refresh(session)
            user = registry.get_user(session, ref)
        person = state.person(user.id)
        if person is None:
            raise NotFoundError("The trust log does not know {username}.", username=user.username)
        digest = person.identity.fingerprint()
        return Fingerprint(user.id, user.username, fingerprint_words(digest), digest.hex())

    def disagreements(self, most_keys: int | None = None, seconds: float | None = None) -> tuple[Finding, ...]:
        """Compare what the database says of keys and people with the trust log, and put what differs on the record.

        *most_keys* bounds how many document keys of each center are opened; after so many *seconds* no further center
        is begun.
        """
        try:
            found = about_installation(self.context)
        except TrustError as error:
            return (Finding(error.code, error.message, ALARM),)
        until = None if seconds is None else time.monotonic() + seconds
        for center in self._centers():
            if until is not None and time.monotonic() > until:
                break
            if self.context.standing_in(center.id) is None or not center.is_active:
                continue
            try:
                found += about_center(self.open_center(center), most_keys)
            except LabkeepError as error:
                text = Message("{center} could not be looked at: {error}", center=center.name, error=error)
                found.append(Finding("not_looked_at", text, Message("Try again in a moment."), center.name))
        self._note(found)
        return tuple(found)

    def _note(self, found: Iterable[Finding]) -> None:
        """On the record, unless that is itself an older state: then nothing is written at all."""
        noted = [each for each in found if each.code != "not_looked_at"]
        if not noted or self.context.rollback_of(None) is not None:
            return
        try:
            with self.context.change_shared() as session:
                for each in noted:
                    trust_rows.note_alarm(session, each.code, each.id)
        except LabkeepError:  # an alarm is shown, whether or not it can be written down
            return

    def _centers(self) -> tuple[Center, ...]:
        with self.context.shared.begin() as session:
            return tuple(pages(lambda after, size: registry.list_centers(session, CenterFilter(), after, size)))


def _statement(payload: bytes) -> Statement | None:
    try:
        return decode_placed(payload).statement
    except UnknownFormatError:
        return None


def _signer(state: TrustState, identity_id: UUID, person: Callable[[UUID], str]) -> str:
    known = state.identity(identity_id)
    if known is None:
        return Message("nobody it knows")
    return Message("a recovery kit") if known[1] is None else person(known[1])
