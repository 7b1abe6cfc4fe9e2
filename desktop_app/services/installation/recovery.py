"""With the recovery kit and the database administrator's connection: nobody signs in, and no password is known.

What a signed-in system administrator does about the kit is in ``services/maintenance/recovery.py``.
"""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.recovery_kit import RecoveryKit, fingerprint_words
from desktop_app.crypto.trust_statements import EnrolStatement
from desktop_app.db import administration, registry
from desktop_app.db import kit as kit_rows
from desktop_app.db.api_rows import GrantRow
from desktop_app.db.sessions import Session
from desktop_app.domain.drafts import UserDraft, check
from desktop_app.domain.ids import new_id
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import normal_username
from desktop_app.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.account_keys import PersonKeys, make_person_keys, require_good_password
from desktop_app.services.context.center_keys import CenterKeys, open_center_keys
from desktop_app.services.context.connections import AdministratorNeededError
from desktop_app.services.context.key_grants import center_keys
from desktop_app.services.context.trust_log import TrustChange
from desktop_app.services.installation.kit_check import SAMPLE, CenterCheck, KitReport, check_keys, examine
from desktop_app.services.installation.kit_context import KitAccess, KitContext, root_identity
from desktop_app.services.maintenance.recovery import kit_in_file, seal_to_root, sign_replacement
from desktop_app.services.maintenance.restoring import Restoring
from desktop_app.services.records.unfinished_changes import UnfinishedChanges

REASON = "made with the recovery kit"
"""What the record of the installation says of a recovered administrator."""


@dataclass(frozen=True)
class Recovered:
    """A system administrator made with the kit."""

    user: User
    is_new: bool
    """False where an earlier attempt made him, and this one finished what it had left."""
    left: tuple[CenterCheck, ...]
    """The centers whose keys are still to be sealed to him, and why; the same again goes on there."""


@dataclass(frozen=True)
class KitRecovery:
    """What whoever holds a kit's words does; *words* are as typed, or the whole text of a kit's file.

    Every method raises MistypedKitError for a typing error, OtherKitError (ReplacedKitError) for a wrong kit, and what
    ``KitAccess.open`` raises; *dsn* is the database administrator's, where the server is not the built-in one.
    """

    access: KitAccess

    def check(self, profile: Profile, words: str, dsn: str | None = None, report: Report = silent) -> KitReport:
        """Whose kit it is, and whether it opens every key of every center."""
        try:
            return self.drill(profile, words, dsn, sample=0, report=report)
        except AdministratorNeededError as error:
            raise AdministratorNeededError(
                "These words were typed correctly. Whether it is the kit that counts only the database tells. {needed}",
                needed=error.message,
            ) from None

    def drill(
        self, profile: Profile, words: str, dsn: str | None = None, *, sample: int = SAMPLE, report: Report = silent
    ) -> KitReport:
        """The same, and open *sample* stored versions of every center with the kit alone."""
        kit = RecoveryKit.from_words(words)
        with self.access.open(profile, dsn, read_only=True) as context:
            return examine(context, kit, sample, report)

    def recover(
        self,
        profile: Profile,
        words: str,
        username: str,
        password: str,
        dsn: str | None = None,
        report: Report = silent,
        *,
        restored: str = "",
    ) -> Recovered:
        """Make a system administrator, enrolled by the root, who holds the keys of every center.

        Login, place and the first centers are one transaction; the others follow one by one. A center whose keys the
        kit does not open keeps him out of no other. Whatever stops it: called again with the same name and password it
        does what is left. *restored* says why an older state than this workstation saw is to be worked from: the root
        signs that first, because nobody else may be there who could.
        """
        kit, username = RecoveryKit.from_words(words), normal_username(username)
        draft = UserDraft(username=username, email=f"{username}@labkeep.invalid", role=Role.ADMIN, center_id=None)
        check(draft)
        require_good_password(password, username)
        with self.access.open(profile, dsn) as context:
            identity = context.held = root_identity(kit, context.trust.state)
            if restored:
                Restoring(context).sign(restored)
            user_id = new_id()
            keys = make_person_keys(profile.installation_id, user_id, username, password, profile.kdf)

            def act(change: TrustChange) -> tuple[User, bool]:
                if keys.sign_in.login in change.state.register.logins:
                    return _made_before(context, change, username, keys), False
                return _enrol(context, change, draft, user_id, keys), True

            user, is_new = context.trust.change(context.shared, identity, act, reason=REASON)
            UnfinishedChanges(context).finish(only=user.id, report=report)
            with context.shared.begin() as session:
                left = [
                    registry.get_center(session, center)
                    for one, center in registry.unfinished(session)
                    if one == user.id
                ]
            return Recovered(user, is_new, tuple(check_keys(context, center) for center in left))

    def replace(self, profile: Profile, words: str, path: Path, dsn: str | None = None, report: Report = silent) -> str:
        """Put the kit of a file in the place of the one of these *words*, which signs that; no file: it is made.

        The new one's fingerprint as words. Whatever stops it: called again with both it does what is left.
        """
        former = RecoveryKit.from_words(words)
        with self.access.open(profile, dsn) as context:
            state = context.trust.state
            context.held = root_identity(former, state, former=path.exists())
            context.require_writable()
            kit = kit_in_file(path, profile.display_name, profile.installation_id)
            if kit.fingerprint() == former.fingerprint():
                raise RefusedError("{path} holds the former kit itself; name a file for the new one.", path=path)
            if state.root.fingerprint() != kit.fingerprint():
                root_identity(former, state)
                context.trust.change(context.shared, context.identity, lambda change: sign_replacement(change, kit))
            fresh = kit.identity(context.trust.state.root.id)
            seal_to_root(context, lambda session, center: _keys_of_either(context, session, center, fresh), report)
            return fingerprint_words(kit.fingerprint())


def _enrol(context: KitContext, change: TrustChange, draft: UserDraft, user_id: UUID, keys: PersonKeys) -> User:
    """The entry that the root signs, the login, the rows, and the keys of the centers that are done at once."""
    session, login = change.session, keys.sign_in.login
    statement = EnrolStatement(user_id, login, keys.identity.public, draft.role.value, None, provisional=False)
    entry = change.sign(statement)
    centers = registry.all_center_ids(session)[: administration.CENTERS_AT_ONCE]
    administration.create_user(
        session,
        user_id,
        draft,
        login=login,
        verifier=keys.verifier,
        identity=keys.row,
        entry=entry,
        grants=[each for center in centers for each in _grants_that_open(context, change, user_id, center)],
        must_change_password=False,
    )
    return registry.get_user(session, user_id)


def _grants_that_open(context: KitContext, change: TrustChange, user_id: UUID, center_id: UUID) -> list[GrantRow]:
    """Every version of a center's key for the new person; none where one does not open: it is finished later."""
    try:
        keys = center_keys(context, change.session, center_id)
    except (CryptoError, RefusedError):
        return []
    named = change.state.register.keys[center_id]
    return keys.grants_to([change.person(user_id).identity]) if len(keys.keys) == len(named) else []


def _made_before(context: KitContext, change: TrustChange, username: str, keys: PersonKeys) -> User:
    """Whom an earlier attempt with this very password made; InvalidInputError for somebody else of that name."""
    taken = InvalidInputError({"username": Message("This user name is taken; user names are never used again.")})
    try:
        user = registry.get_user(change.session, username)
    except NotFoundError:
        raise taken from None
    person, row = change.state.person(user.id), kit_rows.secret_of(change.session, user.id)
    if person is None or row is None or not (person.active and person.is_system) or row.id != person.identity.id:
        raise taken
    try:
        Identity.unseal(
            row.sealed, keys.sign_in.unseal_key, context.installation_id, user.id, row.id, context.profile.kdf
        )
    except CryptoError:
        raise taken from None
    return user


def _keys_of_either(context: KitContext, session: Session, center_id: UUID, fresh: Identity) -> CenterKeys:
    """A center's keys by the former kit, or by the new one where an earlier attempt came so far."""
    grants, identity = context.own_grants(session, center_id), context.identity
    if not grants:
        grants, identity = kit_rows.grants_of(session, center_id, fresh.public.id), fresh
    return open_center_keys(grants, context.installation_id, center_id, identity, context.trust.state)
