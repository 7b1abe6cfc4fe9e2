"""The template of a center: what the center line really sends, recorded once and replayed for each new center.

The line is run for a scratch schema whose hexadecimal id is all zeros, in a savepoint that is rolled back. What
psycopg2 sent is kept in public.center_template, which only the owner writes; api.create_center replays it with the
zeros replaced. ``alembic upgrade --sql`` will not do: it doubles ``%`` in function bodies and contains COMMIT.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, text

from desktop_app.db.migration_lines import OWNER, SCRATCH_HEX, VERSION_TABLE, act_as
from desktop_app.db.schema_shape import expected_shape, keep_shape, shape

SCRATCH_SCHEMA = f"center_{SCRATCH_HEX}"
_ROLES = ("viewer", "user", "admin")
_OWN_ROLE = re.compile(rf"(SET LOCAL ROLE \"?{OWNER}\"?|RESET ROLE|SET LOCAL search_path = .*)", re.IGNORECASE)
_ANY_ROLE = re.compile(r"\s*(SET\s+(LOCAL\s+|SESSION\s+)?(ROLE|SESSION\s+AUTHORIZATION)|RESET\s+ROLE)", re.IGNORECASE)

_REVISION = text("SELECT max(revision) FROM public.center_template")
_FORGET = text("DELETE FROM public.center_template")
_KEEP = text("INSERT INTO public.center_template (revision, position, statement) VALUES (:revision, :position, :sql)")


def template_revision(connection: Connection) -> str | None:
    """The revision that new centers get, or None if nothing is recorded yet."""
    found: str | None = connection.execute(_REVISION).scalar()
    return found


def has_shape(connection: Connection) -> bool:
    """Whether what the template makes was looked at on a server of this version."""
    return bool(expected_shape(connection))


def record_template(connection: Connection, revision: str, upgrade: Callable[[Connection, str], None]) -> None:
    """Run ``upgrade(connection, schema)`` for the scratch schema, undo it; keep its statements and what they make."""
    statements: list[str] = []
    scratch = connection.begin_nested()
    try:
        _make_scratch(connection)
        with _recorded(connection, statements):
            upgrade(connection, SCRATCH_SCHEMA)
        lines = shape(connection, SCRATCH_SCHEMA)
    finally:
        scratch.rollback()
    act_as(connection, OWNER)
    connection.execute(_FORGET)
    for position, sql in enumerate(statements, start=1):
        connection.execute(_KEEP, {"revision": revision, "position": position, "sql": sql})
    keep_shape(connection, lines)
    connection.exec_driver_sql("RESET ROLE")


def _make_scratch(connection: Connection) -> None:
    for role in _ROLES:
        connection.exec_driver_sql(f"CREATE ROLE {SCRATCH_SCHEMA}_{role} NOLOGIN")
    act_as(connection, OWNER)
    connection.exec_driver_sql(f"CREATE SCHEMA {SCRATCH_SCHEMA}")
    connection.exec_driver_sql("RESET ROLE")


@contextmanager
def _recorded(connection: Connection, statements: list[str]) -> Iterator[None]:
    """Collect what psycopg2 sends, as the bytes of ``cursor.query`` say it was."""

    def note(_connection: Connection, cursor: Any, *_rest: Any) -> None:
        sent = cursor.query.decode("utf-8")
        if _is_of_the_template(sent):
            statements.append(sent)

    event.listen(connection, "after_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(connection, "after_cursor_execute", note)


def _is_of_the_template(sent: str) -> bool:
    """Leave out what create_center does itself: the role, the search_path, Alembic's own table."""
    if VERSION_TABLE in sent or _OWN_ROLE.fullmatch(sent.strip()):
        return False
    if _ANY_ROLE.match(sent):
        # Roles cannot be changed where the template is replayed, inside a SECURITY DEFINER function.
        raise ValueError("the center line runs as its owner only")
    return True
