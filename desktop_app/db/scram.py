"""Passwords leave the client only as SCRAM verifiers, from which nobody can sign in.

libpq makes them too (``encrypt_password``), but only with a connection at hand, and a verifier is needed before
there is one.
"""

import base64
import hashlib
import hmac
import os

ITERATIONS = 4096
"""PostgreSQL's own count. The passwords are 256 derived bits: more rounds would guard nothing."""
_SALT_BYTES = 16


def verifier(password: str, login: str) -> str:
    """What PostgreSQL keeps instead of *password*: ``SCRAM-SHA-256$<rounds>:<salt>$<stored key>:<server key>``.

    RFC 5802 section 3 and RFC 7677; the form is that of PostgreSQL's ``pg_authid.rolpassword``. *login* is not part
    of it (PostgreSQL's SCRAM ignores the name), but an empty one is a mistake. ValueError for a password that is
    not plain ASCII: SASLprep would change it, and derived passwords never need that.
    """
    if not login:
        raise ValueError("a verifier belongs to a login")
    if not password or not password.isascii() or not password.isprintable():
        raise ValueError("a database password is printable ASCII")
    salt = os.urandom(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, ITERATIONS)
    stored_key = hashlib.sha256(_keyed(salted, b"Client Key")).digest()
    server_key = _keyed(salted, b"Server Key")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _keyed(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
