"""Translates the database's errors into ours, in one place: without its SQL and values."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy.exc import DBAPIError, InvalidRequestError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from desktop_app.db.refusals import sentence_of
from desktop_app.errors import (
    ConflictError,
    InvalidInputError,
    LabkeepError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from desktop_app.message import Message


class DatabaseError(LabkeepError):
    """The database refused something that Labkeep should not have asked for: a fault of the program."""


class UndefinedNameError(DatabaseError):
    """The database has no such table or function, or does not show it to this person."""


class DatabaseUnavailableError(UnavailableError):
    """The database server cannot be reached now."""


class UnreachableError(DatabaseUnavailableError):
    """There is no connection, or there is none any more."""

    def __init__(self, what: str = "The database server cannot be reached") -> None:
        super().__init__(Message("{what}; nothing was changed. Try again.", what=what))


class UnconfirmedError(UnavailableError):
    """The connection was lost after COMMIT was sent and before it was answered: nobody knows whether it was done."""

    code = "unconfirmed"

    def __init__(self) -> None:
        super().__init__(
            Message(
                "The connection was lost before the server confirmed this. Look whether it was saved before "
                "doing it again."
            )
        )


class DatabaseBusyError(UnavailableError):
    """Somebody else holds what this change needs; trying again helps."""


class SignInRefusedError(RefusedError):
    """The server did not let the person in."""

    code = "sign_in_refused"


class AccountClosedError(SignInRefusedError):
    """The server let the person in before, and does so no more."""

    code = "account_closed"

    def __init__(self) -> None:
        super().__init__(Message("Your account was closed, or its password was changed elsewhere. Sign in again."))


class UnsafeServerError(RefusedError):
    """The server did not prove who it is, so nothing was sent to it."""

    code = "unsafe_server"


class NotAllowedError(RefusedError):
    """The person's role does not allow this."""

    code = "not_allowed"


class CenterClosedError(NotAllowedError):
    """The center's schema is closed to the person: it was deactivated, or the membership is over."""

    code = "center_closed"


class StaleRowError(ConflictError):
    """Somebody else saved the same record after it was read."""

    code = "stale_row"


class TrustLogMovedError(ConflictError):
    """The trust log got another entry meanwhile: read it again, sign again."""

    code = "trust_log_moved"


class NumberTakenError(ConflictError):
    """The version number was taken meanwhile: take the next, sign again."""

    code = "number_taken"


class IllegalStepError(RefusedError):
    """The record's state does not allow this."""

    code = "illegal_step"


class GrantsMissingError(ConflictError):
    """The keys were not sealed to exactly those who must have them: read again, seal again."""

    code = "grants_missing"


class LastAdministratorError(RefusedError):
    """Somebody must stay to administer, and nobody changes his own place."""

    code = "last_administrator"


class KeyNotActiveError(ConflictError):
    """The center's key was replaced meanwhile: wrap with the new one."""

    code = "key_not_active"


class KeysNotRewrappedError(ConflictError):
    """Document keys were added while a rotation was prepared: wrap these, too, and rotate again."""

    code = "keys_not_rewrapped"


class KeysReplacedError(ConflictError):
    """The person's keys were replaced after this was signed: sign again with the new ones, or sign in anew."""

    def __init__(self, sentence: str = Message("Your keys were replaced meanwhile. Sign in again.")) -> None:
        super().__init__(sentence)

    code = "keys_replaced"


class LeaseLostError(ConflictError):
    """The upload's reservation is no longer this program's."""

    code = "lease_lost"


class TitleTakenError(ConflictError):
    """The sample (or the center, of what belongs to no sample) has an active document of this title now.

    Also: the document that was to get a version is not where it was chosen any more.
    """

    code = "title_taken"


_SENTENCES: dict[str, tuple[type[LabkeepError], str]] = {
    "LK001": (StaleRowError, Message("Somebody else has changed this record meanwhile; nothing was saved.")),
    "LK002": (TrustLogMovedError, Message("Somebody else has changed people or keys meanwhile; nothing was saved.")),
    "LK003": (NumberTakenError, Message("Somebody else has added a version meanwhile; nothing was saved.")),
    "LK004": (IllegalStepError, Message("The state of this record does not allow that.")),
    "LK005": (
        GrantsMissingError,
        Message("The keys are not sealed to exactly those who must have them; nothing was saved."),
    ),
    "LK006": (LastAdministratorError, Message("That would leave nobody to administer, or change your own place.")),
    "LK007": (KeyNotActiveError, Message("The center's key was replaced meanwhile; nothing was saved.")),
    "LK008": (NotFoundError, Message("There is no such thing, or you may not see it.")),
    "LK009": (LeaseLostError, Message("The upload took too long and its place was given up; nothing was saved.")),
    "LK011": (KeysReplacedError, Message("Your keys were replaced meanwhile. Sign in again.")),
    "LK020": (TitleTakenError, Message("Somebody else has added or moved a document of this title meanwhile.")),
    "LK022": (KeysNotRewrappedError, Message("Documents were added meanwhile; the center's key is the former one.")),
    "42501": (NotAllowedError, Message("Your role does not allow this.")),
    # 42P01 undefined_table, 42883 undefined_function
    "42P01": (UndefinedNameError, Message("The database has no such table, or does not show it.")),
    "42883": (UndefinedNameError, Message("The database has no such function, or does not show it.")),
    # 23503 foreign_key_violation: what a row would name is not there
    "23503": (NotFoundError, Message("There is no such thing, or you may not see it.")),
    # 55P03 lock_not_available, 40P01 deadlock_detected, 57014 query_canceled (statement_timeout)
    "55P03": (DatabaseBusyError, Message("Somebody else is changing the same thing; try again in a moment.")),
    "40P01": (DatabaseBusyError, Message("Two changes waited for each other; nothing was saved, try again.")),
    "57014": (DatabaseBusyError, Message("The server took too long and stopped; nothing was saved.")),
    "53100": (DatabaseUnavailableError, Message("The database server's disk is full; nothing was saved.")),
    "53300": (DatabaseUnavailableError, Message("The database server has no free connection; try again in a moment.")),
    "25006": (DatabaseUnavailableError, Message("The database is read-only now; nothing was saved.")),
}
_TAKEN = {
    "centers_name_key": ("name", Message("Another center has this name.")),
    "centers_slug_key": ("slug", Message("Another center has this slug.")),
    "users_username_key": ("username", Message("This user name is taken; user names are never used again.")),
    "users_email_key": ("email", Message("Another user has this email address.")),
    "fields_name_key": ("name", Message("Another field has this name.")),
    "fields_key_key": ("name", Message("Another field has this name, or had it when it was created.")),
    "saved_views_own_name": ("name", Message("You have a view of this name.")),
    "saved_views_shared_name": ("name", Message("The center has a shared view of this name.")),
    "work_lists_name_key": ("name", Message("The center has a work list of this name.")),
    "samples_barcode_key": ("barcode", Message("Another sample has this barcode.")),
}

_REFUSED = re.compile(
    r"password authentication failed|not permitted to log in|permission denied for database|"
    r"role \"[^\"]*\" does not exist|no pg_hba.conf entry|no password supplied|is not currently accepting connections"
)
_UNSAFE = re.compile(
    r"authentication method requirement|certificate|SSL error|server does not support SSL|channel binding|"
    r"root\.crt|invalid server signature|server offered"
)
_LOST = "The connection to the database server was lost"
# The server's own words do not always arrive before the end of the connection does.
_ENDED = re.compile(r"terminating connection|server closed the connection|connection already closed")
_NOT_YET = re.compile(
    r"the database system is (?:starting up|shutting down|in recovery mode|not (?:yet )?accepting connections)"
)
_NO_DATABASE = re.compile(r"database \"[^\"]*\" does not exist")
# What the server itself said comes after its severity and two spaces, in the server's language.
_SERVER_SAID = re.compile(r":\s+\w+:  ")


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn whatever SQLAlchemy raises inside into an error of ours; ours pass through."""
    try:
        yield
    except DBAPIError as error:
        raise translated(error.orig) from None
    except psycopg2.Error as error:
        raise translated(error) from None
    except PoolTimeoutError:
        raise DatabaseBusyError("All connections of this program are in use; try again in a moment.") from None
    except InvalidRequestError as error:
        raise DatabaseError("The program used the database wrongly ({kind}).", kind=type(error).__name__) from error
    except SQLAlchemyError as error:
        raise DatabaseError("The database layer failed ({kind}).", kind=type(error).__name__) from None
    except ValueError as error:
        # What the driver cannot send: half a character (a file's name in another encoding), or NUL.
        if isinstance(error, UnicodeEncodeError) or "NUL (0x00)" in str(error):
            raise InvalidInputError({"value": Message("The text contains characters that cannot be stored.")}) from None
        raise


def translated(error: BaseException | None) -> LabkeepError:
    """Our error for one of psycopg2's."""
    if not isinstance(error, psycopg2.Error):
        return DatabaseError(Message("The database layer failed."))
    code = error.pgcode
    if code is None or (code[:2] in {"08", "57"} and code not in _SENTENCES):
        return _connection_error(error)
    if code in _SENTENCES:
        kind, sentence = _SENTENCES[code]
        return kind(sentence_of(error.diag.message_primary, error.diag.message_detail) or sentence)
    return _value_error(error, code) or DatabaseError(
        Message("The database refused a statement (SQLSTATE {code}).", code=code)
    )


def _value_error(error: psycopg2.Error, code: str) -> LabkeepError | None:
    """A value that the database does not take: a sentence for its field."""
    diag = error.diag
    if code == "LK010":
        said = sentence_of(diag.message_primary, diag.message_detail)
        return InvalidInputError({diag.column_name or "value": said or Message("This value is not allowed.")})
    if code == "23505" and diag.constraint_name in _TAKEN:
        field, sentence = _TAKEN[diag.constraint_name]
        return InvalidInputError({field: sentence})
    if code == "23505":
        return ConflictError(Message("This exists already."))
    if code == "23514":
        # Constraints are named <table>_<column>_check.
        table, name = diag.table_name or "", diag.constraint_name or ""
        field = name.removeprefix(f"{table}_").removesuffix("_check") or "value"
        return InvalidInputError({field: Message("This value is not allowed.")})
    if code == "23502":
        return InvalidInputError({diag.column_name or "value": Message("This must not be empty.")})
    if code[:2] == "22":  # data exception: a number, date or text that its type cannot hold
        return InvalidInputError({diag.column_name or "value": Message("This value is not allowed.")})
    if code[:2] == "54":  # program limit exceeded
        return InvalidInputError({diag.column_name or "value": Message("This is too large or nested too deeply.")})
    return None


def _connection_error(error: psycopg2.Error) -> LabkeepError:
    """Why there is no connection (psycopg2 gives no SQLSTATE for that, only libpq's words)."""
    if not isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        return DatabaseError(Message("The database layer failed."))
    said = str(error)
    if _REFUSED.search(said):
        return SignInRefusedError(Message("User name or password is wrong, or the account is closed."))
    if _NO_DATABASE.search(said):
        return DatabaseUnavailableError(Message("The server has no such database; check the profile."))
    if "too many connections" in said or "remaining connection slots" in said:
        return DatabaseUnavailableError(Message("The database server has no free connection; try again in a moment."))
    if _NOT_YET.search(said):
        return DatabaseUnavailableError(Message("The database server is starting or stopping; try again in a moment."))
    if _UNSAFE.search(said):
        return UnsafeServerError(
            Message(
                "The database server did not prove who it is, so nothing was sent to it; check its "
                "certificate and sslmode."
            )
        )
    if _SERVER_SAID.search(said) and "server closed" not in said and "terminating connection" not in said:
        return SignInRefusedError(Message("The database server refused the connection."))
    return UnreachableError(_LOST) if _ENDED.search(said) else UnreachableError()
