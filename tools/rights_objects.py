"""What each right means for each thing in the database, read from ``rights_objects.toml`` beside this file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from desktop_app.domain.rights import Standing, Verb, may

SOURCE = Path(__file__).with_name("rights_objects.toml")


class Anybody(StrEnum):
    """The two words beside the verbs of the table of rights."""

    EVERYONE = "everyone"
    NOBODY = "nobody"


Right = Verb | Anybody


def has(standing: Standing | None, right: Right) -> bool:
    """Whether a person has the right in a center; a standing of None is that of somebody who is not of the center."""
    if isinstance(right, Anybody):
        return right is Anybody.EVERYONE
    return standing is not None and may(standing, right)


@dataclass(frozen=True)
class Grant:
    """One privilege on a table by one right: on the whole of it, or on some columns."""

    privilege: str
    right: Right
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Table:
    """A table; ``rows`` and ``steps`` say which policy or trigger function gives less than the grants do, and what."""

    grants: tuple[Grant, ...]
    columns: frozenset[str]
    rows: Mapping[str, str]
    steps: Mapping[str, str]


@dataclass(frozen=True)
class Schema:
    """A schema: the right to its name, and what is in it. In a schema that is nobody's, everything is nobody's.

    A function with several rights is one that asks for them itself.
    """

    right: Right
    tables: Mapping[str, Table]
    sequences: Mapping[str, Right]
    functions: Mapping[str, tuple[Right, ...]]


@dataclass(frozen=True)
class RightsMap:
    """The whole file; the schema named ``center`` stands for that of every center."""

    schemas: Mapping[str, Schema]
    databases: Mapping[str, Mapping[str, Right]]
    taken_functions: frozenset[str]


@cache
def rights_map() -> RightsMap:
    """Read the file; ValueError for a right that rights.toml has not."""
    source = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return RightsMap(
        {name: _schema(_right(right), source.get(name, {})) for name, right in source["schemas"].items()},
        {name: _rights(given) for name, given in source["databases"].items()},
        frozenset(source["taken"]["functions"]),
    )


def _right(word: str) -> Right:
    return Anybody(word) if word in set(Anybody) else Verb(word)


def _several(words: str | list[str]) -> tuple[Right, ...]:
    return tuple(_right(word) for word in ([words] if isinstance(words, str) else words))


def _rights(given: Mapping[str, str]) -> dict[str, Right]:
    return {name: _right(word) for name, word in given.items()}


def _schema(right: Right, given: Mapping[str, Any]) -> Schema:
    tables = {name: _table(table) for name, table in given.get("tables", {}).items()}
    functions = {name: _several(words) for name, words in given.get("functions", {}).items()}
    return Schema(right, tables, _rights(given.get("sequences", {})), functions)


def _table(given: Mapping[str, Any]) -> Table:
    grants: list[Grant] = []
    for privilege, rights in given.items():
        if not privilege.isupper():
            continue
        if isinstance(rights, str):
            grants.append(Grant(privilege, _right(rights)))
        else:
            grants += [Grant(privilege, _right(word), tuple(columns)) for word, columns in rights.items()]
    named = {column for grant in grants for column in grant.columns or ()}
    return Table(tuple(grants), frozenset(named | set(given["columns"])), given.get("rows", {}), given.get("steps", {}))
