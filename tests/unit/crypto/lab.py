"""A small installation's trust log in memory: a root, a system administrator, two centers with three people each."""

from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from uuid import UUID

from desktop_app.crypto import trust_log
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.trust_entries import TrustEntry
from desktop_app.crypto.trust_state import RefusalReason, TrustState
from desktop_app.crypto.trust_statements import (
    EnrolStatement,
    KeyVersionStatement,
    RemoveStatement,
    RootStatement,
    Statement,
)
from desktop_app.system.secret import Secret

LAB, OTHER_LAB = UUID(int=0xAB), UUID(int=0xAC)
A, B = UUID(int=0xA), UUID(int=0xB)
CENTERS = {"A": A, "B": B, "-": None}


@cache
def identity(name: str) -> Identity:
    """The identity of that name, the same in every test; its id is made from the name too."""
    seed = (name.encode() * 128)[:128]
    return Identity(Secret(seed), UUID(bytes=(name.encode() * 16)[:16]))


def user(name: str) -> UUID:
    """The user id of that name."""
    return UUID(bytes=(b"user " + name.encode() * 16)[:16])


def login(name: str) -> str:
    """The login of that name; the true ones are made by Argon2id."""
    return "u_" + b32encode(sha256(name.encode()).digest()[:20]).decode().lower()


PEOPLE = (
    ("sys", "admin", "-"),
    ("sys2", "admin", "-"),
    ("adminA", "admin", "A"),
    ("userA", "user", "A"),
    ("viewA", "viewer", "A"),
    ("adminB", "admin", "B"),
    ("userB", "user", "B"),
    ("viewB", "viewer", "B"),
)


def enrol(
    name: str, role: str, center: UUID | None, keys: str | None = None, until: date | None = None
) -> EnrolStatement:
    public = identity(keys or name).public
    return EnrolStatement(user(name), login(name), public, role, center, provisional=True, until=until)


@dataclass
class Log:
    """Entries as the server holds them. ``put`` appends whatever is signed, right or not."""

    entries: list[TrustEntry] = field(default_factory=list)

    def copy(self) -> "Log":
        return Log(list(self.entries))

    def put(self, statement: Statement, signer: str, installation: UUID = LAB) -> TrustEntry:
        entry = trust_log.place_and_sign(
            statement, len(self.entries) + 1, self.previous(), identity(signer), installation
        )
        self.entries.append(entry)
        return entry

    def put_raw(self, payload: bytes, signer: str = "adminA", signature: bytes | None = None) -> None:
        made = identity(signer).sign(payload) if signature is None else signature
        self.entries.append(TrustEntry(len(self.entries) + 1, payload, identity(signer).public.id, made))

    def previous(self) -> bytes:
        return self.entries[-1].digest() if self.entries else bytes(32)

    def state(self) -> TrustState:
        return verified(self.entries)

    def outcome(self) -> RefusalReason | None:
        """Why the newest entry does not count, or None if it does."""
        refused = self.state().refused
        return refused[-1].reason if refused and refused[-1].sequence == len(self.entries) else None


def verified(entries: Iterable[TrustEntry]) -> TrustState:
    return _verified(tuple(entries))


@lru_cache(maxsize=64)  # a test asks the same log for several things, and most begin with the same one
def _verified(entries: tuple[TrustEntry, ...]) -> TrustState:
    return trust_log.verify_log(list(entries), LAB, identity("root").public.fingerprint())


@cache
def _beginning() -> tuple[TrustEntry, ...]:
    log = Log()
    log.put(RootStatement(identity("root").public), "root")
    for name, role, center in PEOPLE:
        # By the root, who alone may say that keys are the person's own already.
        log.put(replace(enrol(name, role, CENTERS[center]), provisional=False), "root")
    log.put(KeyVersionStatement(A, 1, b"\xa1" * 32), "adminA")
    log.put(KeyVersionStatement(B, 1, b"\xb1" * 32), "adminB")
    assert log.state().refused == ()
    return tuple(log.entries)


def beginning() -> Log:
    """A log of eleven entries that all count."""
    return Log(list(_beginning()))


def grown() -> Log:
    """A log with a removal and a second key, for an attacker to undo."""
    log = beginning()
    log.put(RemoveStatement(user("userA")), "adminA")
    log.put(KeyVersionStatement(A, 2, b"\xa2" * 32), "adminA")
    log.put(enrol("new", "viewer", A), "adminA")
    assert log.state().refused == ()
    return log
