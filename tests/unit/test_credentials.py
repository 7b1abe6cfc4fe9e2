"""The credential store's own rules: what counts as one, what it may raise, and how long it may take."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import ClassVar
from uuid import UUID, uuid4

import keyring
import keyring.errors
import pytest
import secretstorage.exceptions
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from desktop_app.storage.credentials import CredentialState, CredentialStore, SystemCredentials
from desktop_app.storage.errors import (
    CredentialsError,
    CredentialsLockedError,
    CredentialsSilentError,
    CredentialsUnavailableError,
)

INSTALLATION = uuid4()


class KeptInMemory(KeyringBackend):
    """Stands for a store that encrypts: credentials go by where a backend's class lives."""

    __module__ = "keyring.backends.SecretService"
    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring says nothing of its types here
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Plaintext(KeptInMemory):
    """As in keyrings.alt: a file in clear."""

    __module__ = "keyrings.alt.file"


class Raising(KeptInMemory):
    """Raises what real backends do."""

    __module__ = "keyring.backends.SecretService"

    error: ClassVar[BaseException]

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error


class Blocking(KeptInMemory):
    """Answers when the test lets it, as a store behind a question to the person."""

    __module__ = "keyring.backends.SecretService"

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.let_go.wait(30)
        return super().get_password(service, username)


def chained(*backends: KeyringBackend) -> KeyringBackend:
    made: KeyringBackend = type("Chained", (chainer.ChainerBackend,), {"backends": list(backends)})()
    return made


@pytest.fixture(autouse=True)
def former_backend() -> Iterator[None]:
    before = keyring.core._keyring_backend
    yield
    keyring.core._keyring_backend = before


def use(backend: KeyringBackend) -> SystemCredentials:
    keyring.set_keyring(backend)
    return SystemCredentials(limit=5.0)


def calls(store: CredentialStore) -> list[Callable[[], object]]:
    return [
        lambda: store.remember(INSTALLATION, "ayse", b"secret"),
        lambda: store.recall(INSTALLATION, "ayse"),
        lambda: store.forget(INSTALLATION, "ayse"),
    ]


def test_secrets_lie_under_the_installation_and_the_username_in_base64() -> None:
    backend = KeptInMemory()
    store = use(backend)
    installation = UUID("01234567-89ab-4def-8123-456789abcdef")
    store.remember(installation, "ayse", b"\x00\xff" * 3)
    assert backend.kept == {("labkeep/01234567-89ab-4def-8123-456789abcdef", "ayse"): "AP8A/wD/"}
    assert store.recall(installation, "ayse") == b"\x00\xff" * 3
    store.forget(installation, "ayse")
    store.forget(installation, "ayse")
    assert backend.kept == {}


def test_what_others_put_there_is_not_taken_for_a_secret() -> None:
    backend = KeptInMemory()
    store = use(backend)
    backend.kept[f"labkeep/{INSTALLATION}", "ayse"] = "ünlü, not base64!"
    assert store.recall(INSTALLATION, "ayse") is None


@pytest.mark.parametrize(
    ("make", "state"),
    [
        (KeptInMemory, CredentialState.AVAILABLE),
        (Plaintext, CredentialState.PLAINTEXT),
        (fail.Keyring, CredentialState.NONE),
        (null.Keyring, CredentialState.NONE),
        (lambda: chained(Plaintext(), KeptInMemory()), CredentialState.AVAILABLE),
        (lambda: chained(Plaintext()), CredentialState.PLAINTEXT),
        (lambda: chained(null.Keyring(), fail.Keyring()), CredentialState.NONE),
        (lambda: chained(), CredentialState.NONE),
    ],
)
def test_only_a_store_that_encrypts_counts(make: Callable[[], KeyringBackend], state: CredentialState) -> None:
    store = use(make())
    assert store.state() is state
    if state is not CredentialState.AVAILABLE:
        for call in calls(store):
            with pytest.raises(CredentialsUnavailableError):
                call()


def test_a_plaintext_store_beside_a_good_one_gets_nothing() -> None:
    plain, good = Plaintext(), KeptInMemory()
    use(chained(plain, good)).remember(INSTALLATION, "ayse", b"secret")
    assert plain.kept == {}
    assert len(good.kept) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (keyring.errors.KeyringLocked("ayse"), CredentialsLockedError),
        (keyring.errors.InitError("ayse"), CredentialsUnavailableError),
        (keyring.errors.PasswordSetError("ayse"), CredentialsUnavailableError),
        (secretstorage.exceptions.LockedException("ayse"), CredentialsLockedError),
        (secretstorage.exceptions.PromptDismissedException("ayse"), CredentialsLockedError),
        (secretstorage.exceptions.SecretServiceNotAvailableException("ayse"), CredentialsUnavailableError),
        (ConnectionResetError("ayse"), CredentialsUnavailableError),
        (RuntimeError("ayse"), CredentialsUnavailableError),
        (SystemExit("ayse"), CredentialsUnavailableError),
    ],
)
def test_whatever_a_backend_raises_is_a_sentence_without_its_text(
    error: BaseException, kind: type[CredentialsError]
) -> None:
    backend = Raising()
    Raising.error = error
    for call in calls(use(backend)):
        with pytest.raises(kind) as caught:
            call()
        assert "ayse" not in str(caught.value)
        assert caught.value.__cause__ is error


def test_unanswered_questions_do_not_pile_up() -> None:
    backend = Blocking()
    keyring.set_keyring(backend)
    store = SystemCredentials(limit=0.05)
    before = threading.active_count()
    for _ in range(10):
        with pytest.raises(CredentialsSilentError):
            store.recall(INSTALLATION, "ayse")
    assert backend.asked == 1
    assert threading.active_count() <= before + 1
    backend.let_go.set()
    assert SystemCredentials(limit=5.0).recall(INSTALLATION, "mehmet") is None


def test_many_threads_take_turns() -> None:
    backend = KeptInMemory()
    store = use(backend)
    threads = [
        threading.Thread(target=store.remember, args=(INSTALLATION, f"user{number}", b"x")) for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(backend.kept) == 20


def test_the_limit_is_kept() -> None:
    backend = Blocking()
    keyring.set_keyring(backend)
    started = time.monotonic()
    with pytest.raises(CredentialsSilentError):
        SystemCredentials(limit=0.2).recall(INSTALLATION, "ayse")
    assert 0.2 <= time.monotonic() - started < 2.0
    backend.let_go.set()


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = use(KeptInMemory())
    store.remember(INSTALLATION, "ayse", b"a secret of sixteen")
    store.recall(INSTALLATION, "ayse")
    assert caplog.records == []
