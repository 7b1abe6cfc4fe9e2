"""The record's tables: a center's without a schema, the installation's written ``public.…``."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Session


def _entries(metadata: MetaData, *extra: Column[Any]) -> Table:
    return Table(
        "audit_log",
        metadata,
        Column("seq", BigInteger, primary_key=True),
        Column("link", UUID(as_uuid=True), nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("login", Text, nullable=False),
        Column("operation", Text, nullable=False),
        Column("table_name", Text, nullable=False),
        Column("row_id", UUID(as_uuid=True)),
        *extra,
        Column("old", JSONB),
        Column("new", JSONB),
        Column("reason", Text, nullable=False),
        Column("salt", LargeBinary),
        Column("digest", LargeBinary, nullable=False),
    )


def _chain(metadata: MetaData) -> Table:
    return Table(
        "audit_chain",
        metadata,
        Column("seq", BigInteger, primary_key=True),
        Column("link", UUID(as_uuid=True), nullable=False),
        Column("epoch", UUID(as_uuid=True), nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("rows", Integer, nullable=False),
        Column("previous", LargeBinary, nullable=False),
        Column("digest", LargeBinary, nullable=False),
    )


def _head(metadata: MetaData) -> Table:
    return Table(
        "audit_head",
        metadata,
        Column("seq", BigInteger, nullable=False),
        Column("digest", LargeBinary, nullable=False),
        Column("at", DateTime(timezone=True)),
        Column("channel", UUID(as_uuid=True), nullable=False),
    )


@dataclass(frozen=True)
class RecordTables:
    """One record of changes and who its logins are."""

    entries: Table
    chain: Table
    head: Table
    people: FromClause
    who: ColumnElement[str]


_CENTER = MetaData()
_SHARED = MetaData(schema="public")

_people = Table("people", _CENTER, Column("login", Text), Column("username", Text), Column("display_name", Text))
_users = Table(
    "users",
    _SHARED,
    Column("login", Text),
    Column("username", Text),
    Column("first_name", Text),
    Column("last_name", Text),
)

CENTER_RECORD = RecordTables(
    _entries(_CENTER),
    _chain(_CENTER),
    _head(_CENTER),
    _people,
    func.coalesce(func.nullif(_people.c.display_name, literal("")), _people.c.username),
)
SHARED_RECORD = RecordTables(
    _entries(_SHARED, Column("center_id", UUID(as_uuid=True))),
    _chain(_SHARED),
    _head(_SHARED),
    _users,
    func.coalesce(
        func.nullif(func.btrim(_users.c.first_name + literal(" ") + _users.c.last_name), literal("")),
        _users.c.username,
    ),
)


def record_of(session: Session) -> RecordTables:
    """The record that belongs to the session: its center's, or the installation's for a shared one."""
    # A shared session's search_path names no schema of ours; see db/sessions.py.
    in_center = session.execute(select(func.current_schema().like("center\\_%"))).scalar_one()
    return CENTER_RECORD if in_center else SHARED_RECORD
