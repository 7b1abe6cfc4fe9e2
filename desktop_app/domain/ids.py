"""Identifiers: made by the client, so that a write repeated after a lost answer is harmless."""

import os
import re
import uuid
from uuid import UUID

from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

SCHEMA_PATTERN = re.compile(r"center_[0-9a-f]{32}")
LOGIN_PATTERN = re.compile(r"u_[a-z2-7]{32}")
_EXACT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id() -> UUID:
    """A random (version 4) id."""
    return uuid.uuid4()


def new_file_ids(number: int) -> list[UUID]:
    """So many random ids that begin with one random byte: in a shared folder these files lie side by side.

    Then one sync makes all their names durable instead of one for each of 256 folders.
    """
    together = os.urandom(1)
    return [UUID(bytes=together + new_id().bytes[1:]) for _ in range(number)]


def schema_name(center_id: UUID) -> str:
    """The PostgreSQL schema and the store's folder of a center: ``center_<32 hex>``."""
    return f"center_{center_id.hex}"


def parse_id(text: str) -> UUID | None:
    """The id written in *text*, or None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def exact_id(text: str) -> UUID | None:
    """The id in *text*, or None unless it is written as ids are kept: in lower case, with hyphens."""
    return UUID(text) if _EXACT.fullmatch(text) else None


def id_of(ref: str | UUID) -> UUID | None:
    """The id that a reference is or is written as, None where it is a name; InvalidInputError for anything else."""
    if isinstance(ref, UUID):
        return ref
    if not isinstance(ref, str):
        raise InvalidInputError({"value": Message("A name or an id is needed here.")})
    return parse_id(ref)
