"""Rules that several drafts share: names, emails, slugs, user names, passwords."""

import re
import unicodedata

from desktop_app.message import Message

USERNAME = re.compile(r"[a-z0-9._-]{2,40}")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
SAMPLE_TYPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
# Turkish letters first: NFKD leaves the dotless i alone, and a slug must still come out of it.
_LATIN = str.maketrans(
    {"ı": "i", "İ": "i", "ş": "s", "ğ": "g", "ç": "c", "ö": "o", "ü": "u", "ß": "ss", "ø": "o", "æ": "ae"}
)

PASSWORD_LENGTH = 12
SEARCH_LENGTH = 500
SEARCH_WORDS = 30
# The commonest of those that are long enough to pass the length rule; a password that contains one whole is refused.
_COMMON = (
    "123456789012",
    "1234567890123",
    "password1234",
    "passwordpassword",
    "qwertyuiop12",
    "qwertyuiopas",
    "qwerty123456",
    "adminadminadmin",
    "administrator",
    "letmeinletmein",
    "iloveyou1234",
    "changemechangeme",
    "welcome12345",
    "laboratory123",
    "labkeeplabkeep",
)


def clean(text: str) -> str:
    """Text as it is kept: NFC, without white space at its ends."""
    return unicodedata.normalize("NFC", text).strip()


def normal_username(text: str) -> str:
    """A user name as it is kept for life: NFKC and lower case."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def slug_of(name: str) -> str:
    """A slug made from a center's name: ``Istanbul Medical Center`` gives ``istanbul-medical-center``."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LATIN)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].strip("-")


def line_problem(text: str, *, longest: int, required: bool = False) -> str | None:
    """What is wrong with a text of one line, as a sentence, or None."""
    if required and not text:
        return Message("This must not be empty.")
    if len(text) > longest:
        return Message("At most {longest} characters; these are {count}.", longest=longest, count=len(text))
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        return Message("Control characters and line breaks are not allowed here.")
    return None


def text_problem(text: str, *, longest: int) -> str | None:
    """What is wrong with a text of several lines, as a sentence, or None."""
    if len(text) > longest:
        return Message("At most {longest} characters; these are {count}.", longest=longest, count=len(text))
    if "\x00" in text or any(unicodedata.category(character) == "Cs" for character in text):
        return Message("The text contains characters that cannot be stored.")
    return None


def search_problem(text: str) -> str | None:
    """What is wrong with words to look for, as a sentence, or None: each word is a condition of its own."""
    if len(text) > SEARCH_LENGTH or len(text.split()) > SEARCH_WORDS:
        return Message(
            "Look for at most {search_words} words and {search_length} characters at a time.",
            search_words=SEARCH_WORDS,
            search_length=SEARCH_LENGTH,
        )
    return text_problem(text, longest=SEARCH_LENGTH)


def email_problem(email: str) -> str | None:
    """What is wrong with an email address, as a sentence, or None."""
    if not email:
        return Message("An email address is needed.")
    if len(email) > 254 or not EMAIL.fullmatch(email):
        return Message("This is not an email address, such as name@example.org.")
    return None


def username_problem(username: str) -> str | None:
    """What is wrong with a (normalised) user name, as a sentence, or None."""
    if not username:
        return Message("A user name is needed.")
    if not USERNAME.fullmatch(username):
        return "2 to 40 of these: a-z, 0-9, dot, hyphen, underscore."
    return None


def password_problem(password: str, username: str) -> str | None:
    """What is wrong with a chosen password, as a sentence, or None."""
    if len(password) < PASSWORD_LENGTH:
        return Message("At least {password_length} characters.", password_length=PASSWORD_LENGTH)
    lowered = password.lower()
    if username and (lowered == username.lower() or lowered.replace(username.lower(), "").strip("0123456789 ") == ""):
        return Message("The password must not be the user name.")
    if any(common in lowered for common in _COMMON):
        return Message("This password is on the list of the commonest ones.")
    if len(set(lowered)) < 5:
        return Message("Use more different characters.")
    return None
