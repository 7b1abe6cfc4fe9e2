"""Which version of the program the installation's administrators want used: published, read, and never fetched.

The manifest is signed by a system administrator whom the trust log names, so that no new key has to be trusted. Whoever
may write the share can take it away or put an older one back; the older one is ignored here, and none says more than a
sentence: the program opens nothing and downloads nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from desktop_app import __version__
from desktop_app.crypto.errors import CryptoError, TamperedError, TrustError, UnsignedError
from desktop_app.crypto.update_statements import UpdateStatement, read_update, sign_update
from desktop_app.domain.findings import Finding
from desktop_app.domain.profiles import StoreKind
from desktop_app.domain.rights import Verb
from desktop_app.domain.text_rules import clean, line_problem
from desktop_app.domain.versions import is_older, is_version
from desktop_app.errors import InvalidInputError, LabkeepError, RefusedError
from desktop_app.message import Message
from desktop_app.policy import NEVER
from desktop_app.services.context.person_context import PersonContext
from desktop_app.storage.private_files import PrivateTemp
from desktop_app.storage.seen_update import SeenUpdate
from desktop_app.storage.update_places import MANIFEST, UpdatePlaceError, read_place

LONGEST_NOTE = 300
LONGEST_DAYS = 3 * 365
_CLOCKS_DIFFER = timedelta(days=1)


class UpdateState(StrEnum):
    """What is known of newer versions."""

    NEVER = "never"
    """The laboratory's policy lets nobody look."""
    NONE = "none"
    """There is no manifest."""
    CURRENT = "current"
    NEWER = "newer"
    AWAY = "away"
    """The place cannot be reached now."""
    UNREADABLE = "unreadable"
    UNSIGNED = "unsigned"
    STRANGER = "stranger"
    """Signed by nobody who may."""
    FORGED = "forged"
    FOREIGN = "foreign"
    """Another installation's."""
    ROLLED_BACK = "rolled_back"
    """Older than the one that was seen before."""
    EXPIRED = "expired"
    FUTURE = "future"
    """Issued at a time that is to come: this clock or that of its maker is wrong."""


_QUIET = frozenset({UpdateState.NEVER, UpdateState.NONE, UpdateState.CURRENT, UpdateState.NEWER, UpdateState.AWAY})


@dataclass(frozen=True)
class Update:
    """What a look found; ``version``, ``note`` and ``place`` are of a manifest that is believed, else empty."""

    state: UpdateState
    looked_at: str = ""
    version: str = ""
    note: str = ""
    place: str = ""
    issued: datetime | None = None
    expires: datetime | None = None
    reason: Message | None = None
    """Why it is ignored, or could not be read."""

    @property
    def is_newer(self) -> bool:
        """Whether there is a version to be installed."""
        return self.state is UpdateState.NEWER

    @property
    def findings(self) -> tuple[Finding, ...]:
        """For ``status``: a manifest that is ignored."""
        if self.state in _QUIET or self.reason is None:
            return ()
        mend = Message("A system administrator publishes it again: labkeep-admin update publish.")
        return (Finding(f"update_{self.state}", self.reason, mend),)


@dataclass(frozen=True)
class Updates:
    """For one signed-in person."""

    context: PersonContext
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def place(self) -> str:
        """Where the manifest is looked for: as the policy says, or in the folder for documents."""
        if self.context.policy.updates:
            return self.context.policy.updates
        store = self.context.profile.store
        return str(Path(store.path) / MANIFEST) if store.kind is StoreKind.FOLDER else NEVER

    def check(self) -> Update:
        """Look once; raises nothing for what a manifest holds or for a place that is away."""
        place = self.place
        if place == NEVER:
            return Update(UpdateState.NEVER)
        try:
            content = read_place(place)
        except UpdatePlaceError as error:
            return Update(UpdateState.AWAY, place, reason=error.message)
        if content is None:
            return Update(UpdateState.NONE, place)
        return replace(self._judged(content), looked_at=place)

    def publish(
        self, version: str, *, note: str = "", place: str = "", days: int = 365, to: Path | None = None
    ) -> Path:
        """Sign that people are to use *version*, which they get at *place*, and put the manifest into the folder *to*.

        Without one it goes where this workstation looks. InvalidInputError for bad values, RefusedError for who is no
        system administrator, TargetError.
        """
        self.context.require(Verb.MANAGE_SYSTEM_ADMINISTRATORS, None)
        statement = self._statement(version, clean(note), clean(place), days)
        target = self._default_target() if to is None else to / MANIFEST
        with PrivateTemp(target, overwrite=True) as new:
            new.file.write(sign_update(statement, self.context.identity))
            path = new.commit()
        # Every person of every workstation reads it.
        path.chmod(0o644)
        self.context.remembered.updates.keep(self.context.installation_id, _seen(statement))
        return path

    def _default_target(self) -> Path:
        if self.place == NEVER or "://" in self.place:
            raise RefusedError("Say where to: the folder that people reach as {place}.", place=self.place)
        return Path(self.place)

    def _statement(self, version: str, note: str, place: str, days: int) -> UpdateStatement:
        problems = {
            "version": None if is_version(version) else Message("must be a version, such as 1.4.2."),
            "note": line_problem(note, longest=LONGEST_NOTE),
            "place": line_problem(place, longest=LONGEST_NOTE),
            "days": None
            if 1 <= days <= LONGEST_DAYS
            else Message("must be between 1 and {longest}.", longest=LONGEST_DAYS),
        }
        found = {name: problem for name, problem in problems.items() if problem}
        if found:
            raise InvalidInputError(found)
        issued = self.now().replace(microsecond=0)
        last = self.context.remembered.updates.last(self.context.installation_id)
        if last is not None and last.issued >= issued:
            issued = last.issued + timedelta(seconds=1)
        return UpdateStatement(
            self.context.installation_id, version, note, place, issued, issued + timedelta(days=days)
        )

    def _judged(self, content: bytes) -> Update:
        self.context.refresh_trust()
        try:
            statement = read_update(content, self.context.trust.state)
        except CryptoError as error:
            return Update(_state_of(error), reason=_ignored(error))
        state, why = self._in_time(statement)
        if why is not None:
            return Update(state, reason=_ignored(LabkeepError(why)))
        self.context.remembered.updates.keep(self.context.installation_id, _seen(statement))
        return Update(
            UpdateState.NEWER if is_older(__version__, statement.version) else UpdateState.CURRENT,
            version=statement.version,
            note=statement.note,
            place=statement.place,
            issued=statement.issued,
            expires=statement.expires,
        )

    def _in_time(self, statement: UpdateStatement) -> tuple[UpdateState, Message | None]:
        now, last = self.now(), self.context.remembered.updates.last(self.context.installation_id)
        if statement.installation_id != self.context.installation_id:
            return UpdateState.FOREIGN, Message("It is another installation's.")
        if not is_version(statement.version):
            return UpdateState.UNREADABLE, Message("It names no version.")
        if statement.issued > now + _CLOCKS_DIFFER:
            return UpdateState.FUTURE, Message("It was issued at {when}, which is to come.", when=statement.issued)
        if last is not None and statement.issued < last.issued:
            return UpdateState.ROLLED_BACK, Message("It is older than the one that was seen here before.")
        if statement.expires <= now:
            return UpdateState.EXPIRED, Message("It held until {when}.", when=statement.expires)
        return UpdateState.CURRENT, None


def _seen(statement: UpdateStatement) -> SeenUpdate:
    return SeenUpdate(statement.version, statement.place, statement.issued)


def _ignored(error: LabkeepError) -> Message:
    return Message("The manifest of newer versions is ignored. {why}", why=error.message)


def _state_of(error: CryptoError) -> UpdateState:
    if isinstance(error, UnsignedError):
        return UpdateState.UNSIGNED
    if isinstance(error, TamperedError):
        return UpdateState.FORGED
    return UpdateState.STRANGER if isinstance(error, TrustError) else UpdateState.UNREADABLE
