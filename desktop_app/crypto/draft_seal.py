"""What somebody was writing, sealed for himself: a form's unsaved fields, at rest on a workstation.

File: "LKDR", format byte 1, identity 16, salt 32, AES-256-GCM. The key comes from the private halves of the person's
identity (``Identity.secret_for``) and the salt by HKDF-SHA256, and is used for one file once, so that the nonce is
zeros; associated data are all bytes before and the draft's id. Inside: length 4, the content, zeros up to whole steps
of 4,096: the file tells nobody how much was typed.
"""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desktop_app.crypto.errors import TamperedError
from desktop_app.system.secret import Secret

PURPOSE = b"labkeep/1|draft"
"""What the key is derived for: ``Identity.secret_for``."""
_MAGIC = b"LKDR\x01"
_SALT = 32
_HEADER = len(_MAGIC) + 16 + _SALT
_STEP = 4096
_NONCE = bytes(12)


def seal_draft(content: bytes, key: Secret, identity_id: UUID, draft_id: UUID) -> bytes:
    """The content as a file that ``open_draft`` opens."""
    sized = len(content).to_bytes(4, "big") + content
    padded = sized + bytes(-len(sized) % _STEP)
    header = _MAGIC + identity_id.bytes + os.urandom(_SALT)
    return header + _cipher(key, header).encrypt(_NONCE, padded, header + draft_id.bytes)


def open_draft(sealed: bytes, key: Secret, identity_id: UUID, draft_id: UUID) -> bytes | None:
    """The content, or None for a file of another identity or form; TamperedError for a changed one."""
    header = sealed[:_HEADER]
    if not header.startswith(_MAGIC + identity_id.bytes):
        return None
    try:
        padded = _cipher(key, header).decrypt(_NONCE, sealed[_HEADER:], header + draft_id.bytes)
    except (InvalidTag, ValueError):
        raise TamperedError("What was kept of an unsaved form on this computer was changed.") from None
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")]


def _cipher(key: Secret, header: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=header[-_SALT:], info=PURPOSE).derive(key.reveal()))
