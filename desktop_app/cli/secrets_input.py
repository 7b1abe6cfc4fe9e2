"""Where the command line takes secrets from: the environment, files and prompts, and never its arguments."""

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.deferred import deferred
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.paths import expanded
from desktop_app.services.installation.server_dsn import holds_password

if TYPE_CHECKING:
    from desktop_app.services.documents import sources
    from desktop_app.services.maintenance import recovery
else:
    sources = deferred("desktop_app.services.documents.sources")
    recovery = deferred("desktop_app.services.maintenance.recovery")

PASSWORD = "LABKEEP_PASSWORD"  # noqa: S105  # the name of a variable
PASSWORD_FILE = "LABKEEP_PASSWORD_FILE"  # noqa: S105
DSN = "LABKEEP_DSN"
_LARGEST_FILE = 4_096
_LARGEST_LIST = 1_048_576


class SecretMissingError(LabkeepError):
    """A secret is needed, none was given, and nobody sits there to be asked."""

    code = "secret_missing"


class SecretFileError(LabkeepError):
    """A file that should hold a secret cannot be read or holds none."""

    code = "secret_file"


def can_ask() -> bool:
    """Whether a person sits there: prompts go to a terminal only."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def read_secret_file(path: Path) -> str:
    """The first line of a file (``-``: standard input), without its line end; raises SecretFileError."""
    try:
        if str(path) == "-":
            text = sys.stdin.readline(_LARGEST_FILE)
        else:
            with path.open(encoding="utf-8") as file:
                text = file.read(_LARGEST_FILE).partition("\n")[0]
    except OSError as error:
        raise SecretFileError(
            "The file {path} could not be read: {reason}.", path=path, reason=error.strerror
        ) from error
    except UnicodeDecodeError as error:
        raise SecretFileError("The file {path} is not text in UTF-8.", path=path) from error
    secret = text.rstrip("\r\n")
    if not secret:
        raise SecretFileError("The file {path} has nothing on its first line.", path=path)
    return secret


def read_kit_file(path: Path) -> str:
    """The whole text of a recovery kit's file (``-``: standard input); raises RefusedError."""
    if str(path) == "-":
        return sys.stdin.read(recovery.LARGEST_KIT)
    return recovery.read_kit(path)


def read_fernet_keys(path: Path) -> list[str]:
    """The lines of a file of Fernet keys (``-``: standard input); raises RefusedError."""
    if str(path) != "-":
        return sources.keys_in_file(path)
    try:
        return sys.stdin.read(_LARGEST_LIST).splitlines()
    except UnicodeDecodeError as error:
        raise SecretFileError("What comes in is not text in UTF-8.") from error


def given_password(environment: Mapping[str, str], file: Path | None) -> str | None:
    """The password from the option's file, the variable or the variable's file, in this order; None if none is given.

    An empty variable counts as not set.
    """
    if file is not None:
        return read_secret_file(file)
    if environment.get(PASSWORD):
        return environment[PASSWORD]
    if environment.get(PASSWORD_FILE):
        return read_secret_file(expanded(Path(environment[PASSWORD_FILE])))
    return None


def asked_password(question: str) -> str:
    """A password typed without an echo; SecretMissingError where nobody can be asked."""
    if not can_ask():
        raise SecretMissingError(
            "A password is needed: set {password} or {password_file}, or use a terminal.",
            password=PASSWORD,
            password_file=PASSWORD_FILE,
        )
    return getpass.getpass(question, stream=sys.stderr)


def asked_new_password(question: str) -> str:
    """A new password, typed twice."""
    first = asked_password(question)
    if asked_password("The same again: ") != first:
        raise RefusedError("The two passwords are not the same; nothing was changed.")
    return first


def given_dsn(environment: Mapping[str, str], text: str | None, file: Path | None) -> str | None:
    """The database administrator's connection from ``--dsn``, ``--dsn-file`` or the variable; None if none is given.

    Raises RefusedError for a password among the arguments, where every account of the computer can read it.
    """
    if text is not None:
        if holds_password(text):
            raise RefusedError(
                "A password on the command line can be read by everybody on this computer; put the DSN into "
                "a file (--dsn-file) or into {dsn}, and change that password.",
                dsn=DSN,
            )
        return text
    if file is not None:
        return read_secret_file(file)
    return environment.get(DSN) or None
