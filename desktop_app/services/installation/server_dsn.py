"""The database administrator's DSN: a password put into it, or seen in it."""

import re
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from desktop_app.errors import InvalidInputError

_SECRET_SETTING = re.compile(r"password\s*=", re.IGNORECASE)


def with_password(dsn: str, password: str) -> str:
    """A DSN with the password put in: URL or keyword form; without a password the DSN as it is.

    InvalidInputError for a URL that cannot be taken apart; the sentence does not repeat it.
    """
    if not password:
        return dsn
    if "://" not in dsn:
        escaped = password.replace("\\", "\\\\").replace("'", "\\'")
        return f"{dsn} password='{escaped}'"
    try:
        parts = urlsplit(dsn)
    except ValueError:
        raise InvalidInputError({"dsn": "This cannot be read as a PostgreSQL DSN."}) from None
    user, at, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0] if at else "postgres"
    return urlunsplit(parts._replace(netloc=f"{name}:{quote(password, safe='')}@{host}"))


def holds_password(dsn: str) -> bool:
    """Whether a DSN, in either of its two forms, carries a password."""
    if "://" not in dsn:
        return bool(_SECRET_SETTING.search(dsn))
    try:
        parts = urlsplit(dsn)
        settings = parse_qsl(parts.query, keep_blank_values=True)
        return parts.password is not None or any("password" in name.lower() for name, _ in settings)
    except ValueError:
        # What cannot be read may hide one; the file is always open to it.
        return True
