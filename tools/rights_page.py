"""Makes docs/rights.md from the table of rights, so that the page can never say something else."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from desktop_app.domain.rights import Standing, least_standing, may, table
from tools.rights_objects import Anybody, Right, Schema, Table, rights_map

PAGE = Path(__file__).parents[1] / "docs" / "rights.md"
_COLUMNS = {
    Standing.VIEWER: "viewer",
    Standing.USER: "user",
    Standing.ADMIN: "admin",
    Standing.SYSTEM: "system administrator",
}
_HEAD = """# Who may do what

Made by `python -m tools.rights_page` from `desktop_app/domain/rights.toml`; a test compares them. What the table
says is held by PostgreSQL's privileges: a person with `psql` and his own credentials can do exactly this in his own
center, and nothing in another. A system administrator may do all of it in every center.

"""
_BESIDES = """
Besides:

- Nobody changes his own role or ends his own account.
- The last administrator of a center and the last system administrator stay.
- Archived samples are read-only and take no documents.
- Who belongs to several centers is renamed, reset, activated and deactivated by system administrators only; an
  administrator of one of them changes the place in his own center.
- A membership may have a last day (of UTC); after it nothing of the center is read or written.
"""
_DATABASE = """
## What this means in the database

Made from `tools/rights_objects.toml`. Tests compare it with the privileges of every person on every server, and fail on
one too many or too few, and on a table, column or function that is not here. Each right is shown by the least that one
must be in the center; "everyone" is each person of the installation. What is not named is nobody's: no other privilege,
nothing in schemas `internal` and `security`, no making of objects anywhere, no temporary tables, no large objects.
"""
_TABLES = ("table", "SELECT", "INSERT", "UPDATE", "DELETE", "of that only")
_CENTER = """
### In each center's schema

Nothing of this is there for whoever has no membership whose last day is not over: a restrictive policy on every table.

"""
_PUBLIC = """
### What centers share

Row-level security shows each person his part of it; only the functions of schema api write it.

"""
_API = """
### Functions of schema api

Everybody may call them. Each asks for the right itself, from the session's own login; of several rights it asks for the
one that fits what shall be done.

"""
_CLUSTER = """
### In the cluster

PostgreSQL's own grant on `template0` gives nothing: it takes no connections.

"""


def page() -> str:
    """The whole page as Markdown."""
    schemas = rights_map().schemas
    parts = [
        _HEAD, _rights(), _BESIDES, _DATABASE,
        _CENTER, _tables(schemas["center"]), "\n", _functions(schemas["center"]),
        _API, _functions(schemas["api"]),
        _PUBLIC, _tables(schemas["public"]), "\n", _functions(schemas["public"]),
        _CLUSTER, _cluster(),
    ]  # fmt: skip
    return "".join(parts)


def _rights() -> str:
    rows = ([right.text, *("yes" if may(standing, right.verb) else "" for standing in _COLUMNS)] for right in table())
    return _lines(["in the own center", *_COLUMNS.values()], rows)


def _tables(schema: Schema) -> str:
    return _lines(_TABLES, ([f"`{name}`", *_table(schema.tables[name])] for name in sorted(schema.tables)))


def _table(table: Table) -> Iterator[str]:
    for privilege in _TABLES[1:-1]:
        yield "; ".join(
            _who(grant.right) + (": " + ", ".join(grant.columns) if grant.columns else "")
            for grant in table.grants
            if grant.privilege == privilege
        )
    yield "; ".join([*table.rows.values(), *table.steps.values()])


def _functions(schema: Schema) -> str:
    rows = ([f"`{name}`", "; ".join(map(_who, rights))] for name, rights in schema.functions.items())
    return _lines(("function", "for"), (row for row in rows if row[1] != Anybody.NOBODY))


def _cluster() -> str:
    databases = rights_map().databases.items()
    rows = ([f"`{name}`", "; ".join(map(_who, given.values())) or "nobody"] for name, given in databases)
    taken = ", ".join(f"`{name}`" for name in sorted(rights_map().taken_functions))
    return _lines(("database", "CONNECT"), rows) + f"\nOf PostgreSQL's own functions nobody calls {taken}.\n"


def _who(right: Right) -> str:
    """The least standing that has a right, and which right it is."""
    return right.value if isinstance(right, Anybody) else f"{_COLUMNS[least_standing(right)]} ({right.value})"


def _lines(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles, *lines = ("| " + " | ".join(cells) + " |\n" for cells in (head, *rows))
    return titles + "|---" * (titles.count("|") - 1) + "|\n" + "".join(lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
