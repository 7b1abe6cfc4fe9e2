"""Who may do what: the table of rights, read from ``rights.toml`` beside this file.

The window and the services ask here to say no early and kindly. What really holds is the database,
which is tested against the same table.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Role(StrEnum):
    """What a person is in his center; a system administrator is an admin without a center."""

    VIEWER = "viewer"
    USER = "user"
    ADMIN = "admin"


class Standing(StrEnum):
    """What a person is in one center, lowest first; each contains the former."""

    VIEWER = "viewer"
    USER = "user"
    ADMIN = "admin"
    SYSTEM = "system"


class Verb(StrEnum):
    """Everything a person may be allowed to do; the members are the verbs of ``rights.toml``."""

    READ = "read"
    EDIT_SAMPLES = "edit_samples"
    MOVE_SAMPLES = "move_samples"
    EDIT_DOCUMENTS = "edit_documents"
    DEACTIVATE_RECORDS = "deactivate_records"
    ARCHIVE_SAMPLES = "archive_samples"
    DELETE_RECORDS = "delete_records"
    READ_AUDIT = "read_audit"
    EDIT_CENTER = "edit_center"
    MANAGE_KEYS = "manage_keys"
    MANAGE_USERS = "manage_users"
    MANAGE_CENTERS = "manage_centers"
    MOVE_USERS = "move_users"
    MANAGE_SYSTEM_ADMINISTRATORS = "manage_system_administrators"


_ORDER = tuple(Standing)


@dataclass(frozen=True)
class Right:
    """One row of the table: the verb, the least standing that has it, and the row's words."""

    verb: Verb
    least: Standing
    text: str


@cache
def table() -> tuple[Right, ...]:
    """The table of rights, in its own order."""
    source = resources.files(__package__).joinpath("rights.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(source)["right"]
    return tuple(Right(Verb(row["verb"]), Standing(row["least"]), row["text"]) for row in rows)


def least_standing(verb: Verb) -> Standing:
    """The lowest standing that may do *verb*."""
    return next(right.least for right in table() if right.verb is verb)


def may(standing: Standing, verb: Verb) -> bool:
    """Whether a person of this standing in the center may do *verb* there."""
    return _ORDER.index(standing) >= _ORDER.index(least_standing(verb))
