"""Whose statement it is: the login beside a signed row must be that of the person whose keys signed it."""

from uuid import UUID

from desktop_app.crypto.errors import TamperedError
from desktop_app.crypto.trust_state import TrustState


class AuthorForgedError(TamperedError):
    """The database names somebody else as the author than whoever signed."""

    code = "author_forged"


def compare_author(state: TrustState, signer: UUID, login: str) -> None:
    """Compare the login that the database keeps with the signer's in the trust log; AuthorForgedError."""
    known = state.identity(signer)
    person = state.person(known[1]) if known is not None and known[1] is not None else None
    if person is None or person.login != login:
        raise AuthorForgedError(
            "The database names another author of this than who signed it. Tell a system administrator."
        )
