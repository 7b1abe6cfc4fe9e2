"""A person's own new keys: signed with the former ones, the ring sealed anew, the former ones' seal deleted."""

from contextlib import suppress

from desktop_app.crypto.trust_statements import ReplaceKeysStatement
from desktop_app.db import administration, registry
from desktop_app.db import trust as trust_rows
from desktop_app.db.errors import SignInRefusedError, UnconfirmedError, UnreachableError
from desktop_app.domain.records import User
from desktop_app.errors import UnavailableError
from desktop_app.services.context.account_keys import PersonKeys, database_password
from desktop_app.services.context.key_grants import grants_for
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.retries import answered
from desktop_app.services.context.trust_log import TrustChange
from desktop_app.services.records.unfinished_changes import UnfinishedChanges, prepare_own


class PasswordUnconfirmedError(UnavailableError):
    """Nobody knows which of two passwords is the person's."""

    code = "unconfirmed"


def replace_own_keys(
    context: PersonContext, fresh: PersonKeys, password: str, *, with_password: bool, exposed: bool = False
) -> None:
    """Make *fresh* the person's keys, in one transaction; with *with_password* also what they are sealed under.

    *password* is the database password until now. *context* goes on with the new keys. Where the answer is lost, it is
    asked which keys are there; PasswordUnconfirmedError when the server cannot be asked.
    """

    def act(change: TrustChange) -> User:
        public = fresh.identity.public
        entry = change.sign(ReplaceKeysStatement(context.user.id, public, provisional=False))
        administration.replace_own_keys(
            change.session,
            identity=fresh.row,
            entry=entry,
            grants=grants_for(context, change.session, change.person(context.user.id)),
            verifier=fresh.verifier if with_password else None,
            exposed=exposed,
        )
        return registry.own_user(change.session)

    if context.user.is_system_administrator:
        prepare_own(context, fresh.identity.public)
    next_password = database_password(fresh.sign_in)
    with context.changing_keys:
        changed: User | None = None
        try:
            changed = context.trust.change(context.shared, context.identity, act)
        except UnconfirmedError:
            if not _was_done(context, fresh, [next_password, password] if with_password else [password]):
                raise UnreachableError from None
        context.held = fresh.identity
        context.trust.belongs_to(context.user.id, fresh.identity)
        if with_password:
            context.connection.use_password(next_password)
    if changed is None:
        with context.shared.begin() as session:
            changed = registry.own_user(session)
    context.user = changed
    if changed.is_system_administrator:
        UnfinishedChanges(context).finish(only=changed.id)


def _was_done(context: PersonContext, fresh: PersonKeys, passwords: list[str]) -> bool:
    def ask() -> bool:
        for password in passwords:
            context.connection.use_password(password)
            with suppress(SignInRefusedError), context.shared.begin() as session:
                row = trust_rows.own_secret(session)
                return row is not None and row.id == fresh.identity.public.id
        raise SignInRefusedError

    try:
        return answered(ask, lambda error: isinstance(error, SignInRefusedError | UnavailableError))
    except (SignInRefusedError, UnconfirmedError):
        raise PasswordUnconfirmedError(
            "The connection was lost before the server confirmed the new password. Sign in again: with the new one, or"
            " with the old one if that was not saved."
        ) from None
