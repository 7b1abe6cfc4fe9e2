"""From a password to the database login and the key that unseals an identity (named set "kdf 1")."""

import secrets
import threading
import unicodedata
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from desktop_app.crypto.errors import CryptoError, UnknownFormatError, UserNameFormError
from desktop_app.domain.ids import LOGIN_PATTERN
from desktop_app.domain.text_rules import USERNAME
from desktop_app.system.secret import Secret

KDF_1 = "kdf 1"

_ONE_AT_A_TIME = threading.Lock()
_FORMAT = 1
# Letters only: digits need Shift on some keyboards. Without i, l, o. 18 of 23 letters are 81 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class SignInKeys:
    """What a sign-in needs, made from the password once and never the password itself.

    ``database_password`` is 43 characters of ASCII; ``unseal_key`` is 32 bytes.
    """

    login: str
    database_password: Secret
    unseal_key: Secret

    def to_bytes(self) -> bytes:
        """For the credential store: format byte 1, the 64 derived bytes, the login in ASCII (99 bytes)."""
        first_half = urlsafe_b64decode(self.database_password.reveal() + b"=")
        return bytes([_FORMAT]) + first_half + self.unseal_key.reveal() + self.login.encode("ascii")

    @classmethod
    def from_bytes(cls, stored: bytes) -> "SignInKeys":
        """Read what ``to_bytes`` wrote; raise ``UnknownFormatError`` for anything else."""
        login = stored[65:].decode("ascii", "replace")
        if stored[:1] != bytes([_FORMAT]) or not LOGIN_PATTERN.fullmatch(login):
            raise UnknownFormatError("What the credential store kept for this sign-in cannot be read.")
        return _split(login, stored[1:65])


def derive_keys(installation_id: UUID, username: str, password: str, kdf: str) -> SignInKeys:
    """Derive the login, the database password and the unseal key; takes 64 MiB and about 0.2 s.

    ``kdf`` names the set of parameters, from the profile and never from the server. "kdf 1" is
    Argon2id (RFC 9106), 64 MiB, 3 passes, 4 lanes, 64 bytes,
    salt = SHA-256("labkeep/1|<installation id>|<user name>"). The password is taken in
    normal form C (RFC 8265, OpaqueString), so that keyboards that compose letters differently agree.
    Raises ``UserNameFormError``, and ``CryptoError`` for an empty password or an unknown set.
    """
    _check_kdf(kdf)
    if not password:
        raise CryptoError("The password is empty.")
    name = canonical_username(username)
    salt = sha256(f"labkeep/1|{installation_id}|{name}".encode()).digest()
    derived = _argon2id(unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass"), salt, 64)
    return _split(login_for(installation_id, name), derived)


@lru_cache(maxsize=64)  # no secret, and half the time of every sign-in after the first
def login_for(installation_id: UUID, username: str) -> str:
    """The opaque name of a person's database role.

    "u_" and base32 (lower case, no padding) of 20 bytes Argon2id(user name,
    salt = SHA-256("labkeep/1|login|<installation id>")): whoever lists roles cannot read names,
    and guessing them costs as much as guessing passwords.
    """
    salt = sha256(f"labkeep/1|login|{installation_id}".encode()).digest()
    derived = _argon2id(canonical_username(username).encode("ascii"), salt, 20)
    return "u_" + b32encode(derived).decode("ascii").lower()


def canonical_username(username: str) -> str:
    """NFKC and lower case; raises ``UserNameFormError`` unless it is then [a-z0-9._-]{2,40}."""
    name = unicodedata.normalize("NFKC", username).lower()
    if not USERNAME.fullmatch(name):
        raise UserNameFormError("A user name has 2 to 40 letters a to z, digits, dots, hyphens or underscores.")
    return name


def make_password() -> str:
    """A password of 81 random bits in three groups of six letters that are hard to mix up."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(6)) for _ in range(3))
    return "-".join(groups)


def _split(login: str, derived: bytes) -> SignInKeys:
    password = urlsafe_b64encode(derived[:32]).rstrip(b"=")
    return SignInKeys(login, Secret(password), Secret(derived[32:]))


def _check_kdf(kdf: str) -> None:
    if kdf != KDF_1:
        raise UnknownFormatError("The profile asks for a way to derive keys that this version does not know.")


def _argon2id(secret: bytes, salt: bytes, length: int) -> bytes:
    # OpenSSL's lanes share one pool of threads: two derivations at once wait for each other's for ever (measured
    # with OpenSSL 4.0.3 in cryptography 50.0.2, on two cores).
    with _ONE_AT_A_TIME:
        return Argon2id(salt=salt, length=length, iterations=3, lanes=4, memory_cost=64 * 1024).derive(secret)
