"""How the record of changes proves itself: salted digests of what entries say, texts of entries, digests of links.

Equal, byte for byte, to the functions of the shared line's audit.sql. What an entry says stands in the chain only as
a digest over a random salt: erased words and salt leave a number that tells nobody anything, and the chain holds.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

START = bytes(32)
"""What the first link has for the digest before it."""


def words_digest(salt: bytes, old_text: str | None, new_text: str | None, reason: str) -> bytes:
    """The digest of what can be erased of an entry; ``old`` and ``new`` as jsonb's own text."""
    words = f"[{old_text or 'null'}, {new_text or 'null'}, {_json(reason)}]"
    return hashlib.sha256(salt + words.encode()).digest()


def entry_text(row: Any) -> str:
    """The text of an entry that its link seals: what stays in clear, and the digest of the rest."""
    ids = [_id_text(row.link), utc_text(row.at), row.login, row.operation, row.table_name]
    ids += [_id_text(row.row_id), _id_text(row.center_id), bytes(row.digest).hex()]
    return _json([row.seq, *ids])


def link_digest(previous: bytes, seq: int, link: UUID, epoch: UUID, at: datetime, rows: Sequence[str]) -> bytes:
    """The digest of a link over the texts of its entries in the order of seq."""
    facts = _json([seq, str(link), str(epoch), utc_text(at), len(rows)])
    body = hashlib.sha256("\n".join(rows).encode()).digest()
    return hashlib.sha256(previous + facts.encode() + body).digest()


def utc_text(at: datetime) -> str:
    """A time as it is hashed: ``2026-11-21T21:04:05.000123Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _json(value: object) -> str:
    # jsonb's own text and json.dumps escape strings alike, and both put a space after a comma.
    return json.dumps(value, ensure_ascii=False)


def _id_text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
