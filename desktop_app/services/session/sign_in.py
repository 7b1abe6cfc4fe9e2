"""Signing in: from a password to a verified trust log, an opened identity and a Lab."""

import platform
from contextlib import suppress
from dataclasses import dataclass

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.passwords import SignInKeys, derive_keys
from desktop_app.db import registry
from desktop_app.db import trust as trust_rows
from desktop_app.db.api_rows import IdentityRow
from desktop_app.db.errors import SignInRefusedError
from desktop_app.db.sessions import Session
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.paging import DEFAULT_PAGE
from desktop_app.domain.profiles import Profile
from desktop_app.domain.records import User
from desktop_app.domain.text_rules import normal_username
from desktop_app.errors import InvalidInputError, LabkeepError, RefusedError
from desktop_app.message import Message
from desktop_app.policy import Policy, PolicyError, Remembering
from desktop_app.services.context.account_keys import database_password, new_keys_under, require_good_password
from desktop_app.services.context.compatibility import ProgramTooOldError, require_fitting_installation
from desktop_app.services.context.connections import Connection, Servers
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_log import TrustLog
from desktop_app.services.context.trusted_people import IdentityAlarmError, places_agree
from desktop_app.services.records.deleted_centers import DeletedCenters
from desktop_app.services.records.own_keys import replace_own_keys
from desktop_app.services.records.unfinished_changes import AT_SIGN_IN_SECONDS, UnfinishedChanges
from desktop_app.services.session.lab import Lab
from desktop_app.storage.credentials import CredentialState, CredentialStore
from desktop_app.storage.remembered_names import RememberedNames
from desktop_app.storage.seen_heads import SeenHeads
from desktop_app.storage.store import OpenStore
from desktop_app.system.retrying import retried


class PasswordChangeNeededError(LabkeepError):
    """The password was made by an administrator and must be replaced by one's own at the first sign-in."""

    code = "password_change_needed"


class LockedSignInError(RefusedError):
    """The person's window was locked and not unlocked since: the password is asked for, remembered or not."""

    code = "locked"


class AccountChangedError(RefusedError):
    """Since the window was locked, somebody changed what only a whole sign-in can take up."""

    code = "account_changed"


@dataclass(frozen=True)
class SignInService:
    """Signs people in to an installation; holds no secret between calls."""

    servers: Servers
    open_store: OpenStore
    credentials: CredentialStore
    remembered: SeenHeads
    names: RememberedNames
    locked: RememberedNames
    """Whose window is locked on this computer."""
    policy: Policy
    """What the laboratory fixed on this workstation."""

    def sign_in(
        self,
        profile: Profile,
        username: str,
        password: str,
        *,
        remember: bool = False,
        new_password: str | None = None,
    ) -> Lab:
        """Sign in with a typed password; *new_password* replaces it, and must where it is an administrator's.

        Raises SignInRefusedError for a wrong user name or password (not said which), PasswordChangeNeededError,
        TrustError when the trust log does not extend what this workstation saw, UnavailableError.
        """
        username = normal_username(username)
        if not username or not password:
            raise InvalidInputError({"password": Message("Type your user name and password.")})
        # First what costs no time: each derivation takes a good part of a second.
        new_keys = self._new_keys(profile, username, password, new_password)
        keys = derive_keys(profile.installation_id, username, password, profile.kdf)
        lab = self._open(profile, keys, new_keys)
        if remember:
            self._remember(profile, username, new_keys or keys, lab)
        return lab

    def sign_in_remembered(self, profile: Profile, username: str) -> Lab:
        """Sign in with what the credential store keeps: derived bytes, not the password.

        LockedSignInError while the person's window is locked: ending the program and starting it again is no key.
        PolicyError where the laboratory lets nothing be remembered; what was is forgotten then.
        """
        username = normal_username(username)
        self._require_remembering(profile, username)
        if self.is_locked(profile, username):
            raise LockedSignInError("Labkeep was locked on this computer. Type your password.")
        stored = self.credentials.recall(profile.installation_id, username)
        if stored is None:
            self.names.remove(profile.installation_id, username)
            raise RefusedError("This computer does not remember the password any more. Type it, please.")
        try:
            return self._open(profile, SignInKeys.from_bytes(stored), None)
        except SignInRefusedError:
            # Changed elsewhere, or the person may not come in any more: what is kept opens nothing.
            with suppress(LabkeepError):
                self.forget(profile, username)
            raise RefusedError(
                "The sign-in that this computer remembers is no longer valid. Type your password."
            ) from None

    def unlock(self, lab: Lab, password: str) -> None:
        """Give a closed Lab its keys and connections back for the password of its person, which is asked of the server.

        InvalidInputError on ``password`` for a wrong one, AccountChangedError when the person must sign in anew;
        otherwise as ``sign_in``.
        """
        profile, wrong = lab.profile, InvalidInputError({"password": Message("This is not your password.")})
        if not password:
            raise wrong
        keys = derive_keys(profile.installation_id, lab.user.username, password, profile.kdf)
        connection = self.servers.connect(profile, keys.login, database_password(keys))
        try:
            context = self._person_context(profile, connection, keys)
        except SignInRefusedError:
            raise wrong from None
        finally:
            connection.close()
        same = (context.user.is_system, context.user.memberships) == (lab.user.is_system, lab.user.memberships)
        if not same or context.user.must_change_password or _is_provisional(context):
            raise AccountChangedError("Your account was changed meanwhile. Sign in again.")
        lab.reopen(context, database_password(keys))
        self.note_unlocked(lab)

    def note_locked(self, lab: Lab) -> None:
        """The window of the Lab's person is locked: what is remembered opens nothing until the password was typed."""
        self.locked.add(lab.profile.installation_id, lab.user.username)

    def is_locked(self, profile: Profile, username: str) -> bool:
        """Whether the person's window was locked on this computer, and the password not typed since."""
        return normal_username(username) in self.locked.names(profile.installation_id)

    def note_unlocked(self, lab: Lab) -> None:
        """The password was typed in the window (a script's says nothing of who sits before it).

        A state folder that cannot be written costs no more than typing it again.
        """
        if self.is_locked(lab.profile, lab.user.username):
            with suppress(LabkeepError):
                self.locked.remove(lab.profile.installation_id, lab.user.username)

    def renew(self, profile: Profile, username: str, keys: SignInKeys) -> None:
        """Remember a changed sign-in where the old one was remembered.

        A CredentialsError says why it is forgotten instead: the old one opens nothing any more.
        """
        username = normal_username(username)
        if username not in self.names.names(profile.installation_id):
            return
        self._require_remembering(profile, username)
        try:
            self.credentials.remember(profile.installation_id, username, keys.to_bytes())
        except LabkeepError:
            self.names.remove(profile.installation_id, username)
            raise

    def remembered_names(self, profile: Profile) -> list[str]:
        """Whose sign-in this computer remembers, the latest first; nobody's where the laboratory lets none be."""
        if self.policy.remember_sign_in is Remembering.NEVER:
            return []
        return self.names.names(profile.installation_id)

    def forget(self, profile: Profile, username: str) -> None:
        """Make the credential store forget a person."""
        username = normal_username(username)
        self.credentials.forget(profile.installation_id, username)
        self.names.remove(profile.installation_id, username)

    def credential_state(self) -> CredentialState:
        """Whether there is a safe place to remember a sign-in, and the laboratory lets it be used."""
        if self.policy.remember_sign_in is Remembering.NEVER:
            return CredentialState.FORBIDDEN
        return self.credentials.state()

    def _require_remembering(self, profile: Profile, username: str) -> None:
        """Where nothing may be remembered, what was remembered before the policy came goes, too."""
        try:
            self.policy.require_remembering()
        except PolicyError:
            with suppress(LabkeepError):
                self.forget(profile, username)
            raise

    def _remember(self, profile: Profile, username: str, keys: SignInKeys, lab: Lab) -> None:
        """Keep the derived bytes; a credential store that fails spoils no sign-in."""
        try:
            self.policy.require_remembering()
            self.credentials.remember(profile.installation_id, username, keys.to_bytes())
            self.names.add(profile.installation_id, username)
        except LabkeepError as error:
            lab.notices.append(Message("The sign-in could not be remembered: {error}", error=error))

    def _new_keys(self, profile: Profile, username: str, password: str, new_password: str | None) -> SignInKeys | None:
        if new_password is None:
            return None
        if new_password == password:
            raise InvalidInputError({"new_password": Message("The new password must be another one.")})
        try:
            require_good_password(new_password, username)
        except InvalidInputError as error:
            raise InvalidInputError({"new_password": error.problems["password"]}) from error
        return derive_keys(profile.installation_id, username, new_password, profile.kdf)

    def _open(self, profile: Profile, keys: SignInKeys, new_keys: SignInKeys | None) -> Lab:
        connection = self.servers.connect(profile, keys.login, database_password(keys))
        try:
            context = self._person_context(profile, connection, keys)
            _require_own_password(context.user, new_keys)
            if new_keys is not None or _is_provisional(context):
                self._replace_keys(context, keys, new_keys)
            with context.shared.begin() as session:
                registry.note_sign_in(session, _workstation())
        except BaseException:
            connection.close()
            raise
        if context.user.is_system_administrator:
            UnfinishedChanges(context).finish(seconds=AT_SIGN_IN_SECONDS)
            DeletedCenters(context).clear(seconds=AT_SIGN_IN_SECONDS)
        DeletedCenters(context).forget()
        return Lab(context)

    def _person_context(self, profile: Profile, connection: Connection, keys: SignInKeys) -> PersonContext:
        trust = TrustLog(profile.installation_id, bytes.fromhex(profile.root_fingerprint), self.remembered)
        with connection.shared.begin() as session:
            self._require_fitting_program(session, profile)
            user, identity = _who(profile, session, keys, trust)
        store = self.open_store(profile.store, profile.installation_id)
        context = PersonContext(profile, user, connection, identity, trust, store, self.remembered, self.policy)
        context.shared.watch = context.watch(None)
        trust.guard = lambda over: context.require_writable(over_a_rollback=over)
        return context

    def _require_fitting_program(self, session: Session, profile: Profile) -> None:
        """As ``require_fitting_installation``; a program that is too old also hears where the newer one is."""
        try:
            require_fitting_installation(session, profile)
        except ProgramTooOldError as error:
            seen = self.remembered.updates.last(profile.installation_id)
            where = seen.place if seen is not None else ""
            if where:
                raise ProgramTooOldError(
                    "{what} Your administrators say where to get it: {where}", what=error.message, where=where
                ) from error
            raise ProgramTooOldError(
                "{what} Whoever looks after this computer installs it; nothing was changed.", what=error.message
            ) from error

    def _replace_keys(self, context: PersonContext, keys: SignInKeys, new_keys: SignInKeys | None) -> None:
        """New pairs that no administrator ever saw; the hand-over is signed with the provisional ones."""
        user = context.user
        self._require_open_center(context)
        fresh = new_keys_under(context.installation_id, user.id, new_keys or keys, context.profile.kdf)
        replace_own_keys(context, fresh, database_password(keys), with_password=new_keys is not None)

    def _require_open_center(self, context: PersonContext) -> None:
        """New keys need the center's own; of a deactivated one nobody gets them."""
        if not context.user.memberships:
            return
        with context.shared.begin() as session:
            centers = registry.list_centers(session, CenterFilter(include_inactive=True), None, DEFAULT_PAGE).rows
        if centers and not any(center.is_active for center in centers):
            raise RefusedError("{name} is deactivated; a system administrator can restore it.", name=centers[0].name)


def _who(profile: Profile, session: Session, keys: SignInKeys, trust: TrustLog) -> tuple[User, Identity]:
    """The person as database and trust log both name him; asked again where one was changed between two reads."""

    def ask() -> tuple[User, Identity]:
        user = registry.own_user(session)
        identity = _unsealed(profile, user, trust_rows.own_secret(session), keys)
        trust.belongs_to(user.id, identity)
        trust.refresh(session)
        _compare(user, identity, trust)
        return user, identity

    return retried(ask, lambda error: isinstance(error, IdentityAlarmError), (0.0,))


def _unsealed(profile: Profile, user: User, row: IdentityRow | None, keys: SignInKeys) -> Identity:
    if row is None:
        raise RefusedError("Your keys are missing in the database. An administrator can reset your password.")
    try:
        return Identity.unseal(row.sealed, keys.unseal_key, profile.installation_id, user.id, row.id, profile.kdf)
    except CryptoError as error:
        raise IdentityAlarmError(
            "Your keys could not be opened with this password: they were changed in the database."
            " Tell your administrator."
        ) from error


def _compare(user: User, identity: Identity, trust: TrustLog) -> None:
    """What the database says of the person with what the trust log does."""
    person = trust.state.person(user.id)
    if person is None or not person.active or person.identity != identity.public:
        raise IdentityAlarmError(
            "The trust log does not name your keys as yours. Nothing was opened; tell your administrator."
        )
    if person.login != user.login or not places_agree(user, person):
        raise IdentityAlarmError(
            "The database gives you another role or center than the trust log. Nothing was opened; tell your"
            " administrator."
        )


def _require_own_password(user: User, new_keys: SignInKeys | None) -> None:
    if user.must_change_password and new_keys is None:
        raise PasswordChangeNeededError("Choose a password of your own before you begin.")


def _is_provisional(context: PersonContext) -> bool:
    person = context.trust.state.person(context.user.id)
    return person is not None and person.provisional


def _workstation() -> str:
    """The computer's own name, for the list of sign-ins."""
    return platform.node()[:100]
