"""The system's credential store: asked with a time limit, and never used where it would keep secrets in clear.

This module is the only one that imports keyring. A call into it may block for ever, because the store may ask the
person a question on a screen that nobody looks at, so each call runs on a thread that may be left behind.
"""

import base64
import binascii
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from uuid import UUID

from desktop_app.deferred import deferred
from desktop_app.message import Message
from desktop_app.storage.errors import (
    CredentialsError,
    CredentialsLockedError,
    CredentialsSilentError,
    CredentialsUnavailableError,
)

if TYPE_CHECKING:
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.backends import chainer, fail, null
else:
    # It looks through all that is installed for its backends, and most commands ask no credential store.
    keyring = deferred("keyring")
    chainer = deferred("keyring.backends.chainer")
    fail = deferred("keyring.backends.fail")
    null = deferred("keyring.backends.null")

_T = TypeVar("_T")
_DEFAULT_LIMIT = 10.0  # seconds
# Those that encrypt, or leave it to the system; any other could be a file in clear, so others are refused.
_ENCRYPTING = (
    "keyring.backends.SecretService.",
    "keyring.backends.libsecret.",
    "keyring.backends.kwallet.",
    "keyring.backends.macOS.",
    "keyring.backends.Windows.",
)
_LOCKED_NAMES = {"LockedException", "PromptDismissedException"}


class CredentialState(Enum):
    """Whether the system offers a place for secrets."""

    AVAILABLE = "available"
    NONE = "none"
    PLAINTEXT = "plaintext"
    FORBIDDEN = "forbidden"
    """By the laboratory's policy; the credential store itself never says so."""


class CredentialStore(Protocol):
    """Keeps one secret for each installation and user; every call may raise a CredentialsError."""

    def state(self) -> CredentialState:
        """Tell whether ``remember`` could work."""

    def remember(self, installation_id: UUID, username: str, secret: bytes) -> None:
        """Keep the secret, replacing an older one."""

    def recall(self, installation_id: UUID, username: str) -> bytes | None:
        """Return the secret, or None when none is kept."""

    def forget(self, installation_id: UUID, username: str) -> None:
        """Remove the secret; harmless when none is kept."""


@dataclass(frozen=True)
class _Answer(Generic[_T]):
    value: _T


@dataclass(frozen=True)
class _Failure:
    problem: CredentialsError


class SystemCredentials:
    """The credential store of the person's desktop, through keyring. May be used by several threads.

    One call is made at a time. When a call is not answered within ``limit`` seconds, CredentialsSilentError is
    raised, and the thread stays behind until the system answers; calls that come meanwhile wait for it within their
    own limit, so that unanswered questions do not pile up. What such a late answer brings is dropped; a secret that
    was being kept may then be kept all the same.
    """

    def __init__(self, limit: float = _DEFAULT_LIMIT) -> None:
        self._limit = limit
        self._one_call = threading.Lock()

    def state(self) -> CredentialState:
        """Return AVAILABLE, NONE, or PLAINTEXT for one that may keep secrets in clear."""
        return self._ask(lambda: _chosen()[0])

    def remember(self, installation_id: UUID, username: str, secret: bytes) -> None:
        """Keep ``secret``; raises CredentialsUnavailableError where it would not be encrypted."""
        text = base64.b64encode(secret).decode("ascii")
        self._ask(lambda: _encrypting().set_password(_service(installation_id), username, text))

    def recall(self, installation_id: UUID, username: str) -> bytes | None:
        """Return what was kept; None when nothing was, or when it is not of Labkeep's making."""
        text = self._ask(lambda: _encrypting().get_password(_service(installation_id), username))
        try:
            return None if text is None else base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return None

    def forget(self, installation_id: UUID, username: str) -> None:
        """Remove what was kept; silent when nothing was."""
        self._ask(lambda: _delete(_service(installation_id), username))

    def _ask(self, question: Callable[[], _T]) -> _T:
        """Run ``question`` on a thread of its own and return its answer in time, or raise a CredentialsError."""
        end = time.monotonic() + self._limit
        if not self._one_call.acquire(timeout=self._limit):
            raise _silent()
        answers: queue.SimpleQueue[_Answer[_T] | _Failure] = queue.SimpleQueue()
        # A daemon, so that a program can end although the system never answers.
        threading.Thread(target=self._run, args=(question, answers), name="credentials", daemon=True).start()
        try:
            answer = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            raise _silent() from None
        if isinstance(answer, _Failure):
            raise answer.problem
        return answer.value

    def _run(self, question: Callable[[], _T], answers: "queue.SimpleQueue[_Answer[_T] | _Failure]") -> None:
        try:
            value = question()
        except BaseException as error:  # backends raise what they like; all of it goes to the caller
            problem = _problem(error)
            answers.put(_Failure(problem))
        else:
            answers.put(_Answer(value))
        finally:
            self._one_call.release()


def _chosen() -> tuple[CredentialState, "KeyringBackend | None"]:
    """Return what keyring was told to use, or found, and whether it will do."""
    backend = keyring.get_keyring()
    candidates = list(backend.backends) if isinstance(backend, chainer.ChainerBackend) else [backend]
    for candidate in candidates:
        if f"{type(candidate).__module__}.{type(candidate).__name__}".startswith(_ENCRYPTING):
            return CredentialState.AVAILABLE, candidate
    if all(isinstance(candidate, (fail.Keyring, null.Keyring)) for candidate in candidates):
        return CredentialState.NONE, None
    return CredentialState.PLAINTEXT, None


def _encrypting() -> "KeyringBackend":
    state, backend = _chosen()
    if backend is not None:
        return backend
    if state is CredentialState.NONE:
        raise CredentialsUnavailableError("This computer has no credential store, so nothing can be remembered.")
    raise CredentialsUnavailableError(
        "This computer's credential store may keep secrets in clear, so Labkeep does not use it."
    )


def _delete(service: str, username: str) -> None:
    backend = _encrypting()
    if backend.get_password(service, username) is not None:
        backend.delete_password(service, username)


def _service(installation_id: UUID) -> str:
    return f"labkeep/{installation_id}"


def _silent() -> CredentialsSilentError:
    return CredentialsSilentError(
        Message("The system's credential store does not answer. It may be showing a question behind another window.")
    )


def _problem(error: BaseException) -> CredentialsError:
    """Return the sentence for what a backend raised; its own text may name people, and is left out.

    The exceptions of secretstorage are not subclasses of keyring's and need not be importable: told by name.
    """
    if isinstance(error, CredentialsError):
        return error
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, keyring.errors.KeyringLocked) or names & _LOCKED_NAMES:
        problem: CredentialsError = CredentialsLockedError(
            Message("The system's credential store is locked. Unlock it first.")
        )
    else:
        problem = CredentialsUnavailableError(
            Message("The system's credential store failed ({kind}).", kind=type(error).__name__)
        )
    problem.__cause__ = error
    return problem
