"""What a password makes of a person: login, SCRAM verifier and a sealed identity, ready for the database."""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.identities import Identity, make_identity
from desktop_app.crypto.passwords import SignInKeys, derive_keys, make_password
from desktop_app.db.api_rows import IdentityRow
from desktop_app.db.scram import verifier
from desktop_app.domain.text_rules import password_problem
from desktop_app.errors import InvalidInputError


@dataclass(frozen=True)
class PersonKeys:
    """A fresh identity sealed under a password, and what the server gets of that password."""

    sign_in: SignInKeys
    identity: Identity
    row: IdentityRow
    verifier: str


def make_person_keys(installation_id: UUID, user_id: UUID, username: str, password: str, kdf: str) -> PersonKeys:
    """New key pairs for a person, sealed under *password* as derived by the set *kdf* of the profile."""
    return new_keys_under(installation_id, user_id, derive_keys(installation_id, username, password, kdf), kdf)


def new_keys_under(installation_id: UUID, user_id: UUID, sign_in: SignInKeys, kdf: str) -> PersonKeys:
    """New key pairs for a person, sealed under the password that *sign_in* was derived from by the set *kdf*."""
    identity = make_identity()
    sealed = identity.seal_private(sign_in.unseal_key, installation_id, user_id, kdf)
    row = IdentityRow(identity.public.id, identity.public.to_bytes(), sealed, kdf)
    return PersonKeys(sign_in, identity, row, scram_verifier(sign_in))


def scram_verifier(sign_in: SignInKeys) -> str:
    """What the server keeps instead of a password."""
    return verifier(database_password(sign_in), sign_in.login)


def database_password(sign_in: SignInKeys) -> str:
    """The PostgreSQL password: the first half of the derived bytes, encoded."""
    return sign_in.database_password.reveal().decode("ascii")


def first_password(password: str | None, username: str) -> str:
    """The password given for somebody, checked, or a made one of 80 bits."""
    if password is None:
        return make_password()
    require_good_password(password, username)
    return password


def require_good_password(password: str, username: str) -> None:
    """InvalidInputError on ``password`` if it may not be chosen."""
    if problem := password_problem(password, username):
        raise InvalidInputError({"password": problem})
