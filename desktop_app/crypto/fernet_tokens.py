"""Reading Fernet tokens of other systems: opened under any of several keys, and what is wrong with one that does not.

Source: the Fernet specification (github.com/fernet/spec): base64url of version 0x80, time 8, IV 16, ciphertext in
blocks of 16, HMAC-SHA256 32 bytes.
"""

from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from desktop_app.crypto.errors import TamperedError, UnknownFormatError, WrongKeyError

_VERSION = 0x80
_AROUND = 1 + 8 + 16 + 32
_BLOCK = 16
_BEGINNING = b"gAAAA"
"""Version and the first bytes of a time before the year 2242, in base64url."""
_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")


class NotATokenError(UnknownFormatError):
    """These bytes never were a Fernet token."""

    code = "not_a_token"


class CutTokenError(TamperedError):
    """A Fernet token that has not the length of one: its end is missing, or something was added."""

    code = "cut_token"


class ForeignTokenError(WrongKeyError):
    """A token of the right form that no key opens: another key made it, or it was changed."""

    code = "foreign_token"


class FernetKeys:
    """Keys of another system, tried one after the other as ``MultiFernet`` does; in memory only."""

    __slots__ = ("_count", "_keys")

    def __init__(self, lines: Sequence[str]) -> None:
        """One key a line, 32 bytes in base64url; empty lines and those that begin with # say nothing.

        WrongKeyError for a line that is no key, and where there is none.
        """
        keys = []
        for number, line in enumerate(lines, start=1):
            text = line.strip()
            if text and not text.startswith("#"):
                keys.append(_key(text, number))
        if not keys:
            raise WrongKeyError("There is no Fernet key.")
        self._keys = MultiFernet(keys)
        self._count = len(keys)

    def open(self, content: bytes) -> bytes:
        """The clear bytes of a file: of one token, or of several (one a line), one after the other; all or nothing.

        NotATokenError, CutTokenError; ForeignTokenError where no key opens anything of it; TamperedError where some of
        the tokens open and another does not.
        """
        tokens = content.split()
        # What is broken into lines for mail is one token: its further lines do not begin as one.
        if len(tokens) < 2 or not all(token.startswith(_BEGINNING) for token in tokens):
            tokens = [b"".join(tokens)]
        for token in tokens:
            _check_form(token)
        return self._open_all(tokens)

    def _open_all(self, tokens: Sequence[bytes]) -> bytes:
        opened: list[bytes] = []
        changed: list[int] = []
        for number, token in enumerate(tokens, start=1):
            try:
                opened.append(self._keys.decrypt(token))
            except InvalidToken:
                changed.append(number)
        if changed and opened:
            raise TamperedError(
                "Token {number} of {count} opens under no key, and the others do: it was changed.",
                number=changed[0],
                count=len(tokens),
            )
        if changed:
            self._refuse_foreign()
        return b"".join(opened)

    def _refuse_foreign(self) -> NoReturn:
        raise ForeignTokenError(
            "It has the form of a Fernet token, but none of the {n} keys opens it: it was made with another key, or "
            "changed.",
            one="It has the form of a Fernet token, but the key does not open it: it was made with another key, or "
            "changed.",
            n=self._count,
        )

    def __repr__(self) -> str:
        return f"FernetKeys({self._count}, redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("Keys are not copied or pickled.")


def _key(text: str, line: int) -> Fernet:
    try:
        return Fernet(text.encode("ascii"))
    except ValueError:
        raise WrongKeyError("Line {line} of the keys is no Fernet key.", line=line) from None


def _check_form(token: bytes) -> None:
    """Tell what never was a token, and what was cut, from what another key may have made."""
    # Read by ourselves, because base64's own reading passes over strange bytes and ends at the first padding: of two
    # tokens that follow each other it would give the first and say nothing of the second.
    if not token or not _ALPHABET.issuperset(token) or b"=" in token.rstrip(b"="):
        raise NotATokenError("This is no Fernet token: there are other characters in it than a token has.")
    try:
        if not token.startswith(_BEGINNING[:1]):
            raise NotATokenError("This is no Fernet token: it does not begin as one.")
        raw = urlsafe_b64decode(token)
    except ValueError:
        raise CutTokenError("This Fernet token was cut: its end is missing.") from None
    if raw[0] != _VERSION:
        raise NotATokenError("This is no Fernet token: it does not begin as one.")
    if len(raw) < _AROUND + _BLOCK or (len(raw) - _AROUND) % _BLOCK:
        raise CutTokenError("This Fernet token was cut, or something was added to it: no token has this length.")
