"""A center made from a backup beside what is there, on the database administrator's connection.

Every function takes a Session of SharedSessions; all of them belong into one transaction, which holds the lock of all
changes of people meanwhile.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2 import sql
from sqlalchemy import Uuid, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from desktop_app.db import registry
from desktop_app.db.api_rows import EntryRow, GrantRow
from desktop_app.db.dump_rows import LineReader, SequencePlace, TableRows
from desktop_app.db.dump_snapshot import Head
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.ids import schema_name
from desktop_app.errors import RefusedError

DOCUMENT_KEYS = "document_keys"
KEY_GRANTS = "key_grants"
_LOADED = (
    "people",
    "sample_types",
    "rejection_reasons",
    "fields",
    "samples",
    "documents",
    "document_statements",
    "document_versions",
    "document_uploads",
    "erasures",
    "change_plans",
    "saved_views",
    "work_lists",
    "work_list_items",
    "audit_log",
    "audit_chain",
    "audit_head",
)
# The center gets a key of its own; what a rotation had prepared, and transactions that were not at their end, are over.
_LEFT_OUT = (
    DOCUMENT_KEYS,
    KEY_GRANTS,
    "tenant_keys",
    "rewrapped_keys",
    "audit_pending",
    "undoing",
    "alembic_version",
)
_MADE_WITH_THE_SCHEMA = ("sample_types", "audit_head")
_SEQUENCES = ("sample_barcodes", "audit_log_seq_seq")


@dataclass(frozen=True)
class JoinRow:
    """A place in the restored center, and the entry of the trust log that gives it."""

    user_id: UUID
    role: str
    until: date | None
    entry: EntryRow

    def to_json(self) -> dict[str, object]:
        """The form that the database takes."""
        until = None if self.until is None else self.until.isoformat()
        return {"user": str(self.user_id), "role": self.role, "until": until, "entry": self.entry.to_json()}


def newest_revision(session: Session) -> str:
    """The revision of the center line that new centers are made of here."""
    return str(session.execute(text("SELECT max(revision) FROM public.center_template")).scalar_one())


def begin(
    session: Session, center_id: UUID, draft: CenterDraft, origin_id: UUID, restored: EntryRow, key: EntryRow
) -> None:
    """Make the center with roles and an empty schema; *restored* and *key* say so in the trust log.

    TrustLogMovedError; InvalidInputError for a name or slug that is taken.
    """
    center = {"id": str(center_id), "name": draft.name, "slug": draft.slug, "description": draft.description}
    whole = literal(center | {"settings": dict(draft.settings)}, JSONB)
    entries = (literal(restored.to_json(), JSONB), literal(key.to_json(), JSONB))
    session.execute(select(func.internal.begin_restored_center(whole, literal(origin_id, Uuid), *entries)))
    # The triggers would put other people and another day to what is loaded, and record it once more.
    session.execute(text("SET LOCAL session_replication_role = replica"))
    for table in _MADE_WITH_THE_SCHEMA:
        _run(session, sql.SQL("DELETE FROM {}").format(_table(center_id, table)))


def is_there(session: Session, center_id: UUID) -> bool:
    """Whether the center was made, once a transaction that may still be making it has come to its end."""
    session.execute(text("SELECT internal.lock_membership('{}')"))
    return center_id in registry.all_center_ids(session)


def load(session: Session, center_id: UUID, found: TableRows | SequencePlace) -> None:
    """Take over one table of the dump, or the place of a sequence; RefusedError for a table that is not known."""
    if isinstance(found, SequencePlace):
        if found.name in _SEQUENCES:
            name = sql.Identifier(schema_name(center_id), found.name).as_string(_driver(session))
            place = {"name": name, "value": found.value, "called": found.is_called}
            session.execute(text("SELECT setval(CAST(:name AS regclass), :value, :called)"), place)
    elif found.table in _LOADED:
        copy_rows(session, center_id, found.table, found.columns, found.lines, _live(found))
    elif found.table not in _LEFT_OUT:
        raise RefusedError("The backup has a table {table}, which this Labkeep does not know.", table=found.table)


def copy_rows(
    session: Session,
    center_id: UUID,
    table: str,
    columns: Sequence[str],
    lines: Iterable[bytes],
    change: Callable[[bytes], bytes | None] | None = None,
) -> None:
    """Put lines of COPY into a table of the center; *change* gives another line for one, or none."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (ENCODING 'UTF8')").format(
        _table(center_id, table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    reader = LineReader(lines, change)
    with _driver(session).cursor() as cursor:
        try:
            cursor.copy_expert(statement, reader)
        except psycopg2.Error:
            if reader.failure is not None:
                raise reader.failure from None
            raise


def head(session: Session, center_id: UUID) -> Head:
    """Where the center's record ends now."""
    with _driver(session).cursor() as cursor:
        cursor.execute(sql.SQL("SELECT seq, digest FROM {}").format(_table(center_id, "audit_head")))
        sequence, digest = cursor.fetchone() or (0, bytes(32))
    return Head(sequence, bytes(digest))


def finish(
    session: Session, center_id: UUID, joins: Sequence[JoinRow], grants: Sequence[GrantRow], said: dict[str, object]
) -> None:
    """Put the key in force, with its *grants* for whoever belongs here now; give places; note *said* on the records."""
    session.execute(text("SET LOCAL session_replication_role = origin"))
    places = literal([join.to_json() for join in joins], JSONB)
    sealed = literal([grant.to_json() for grant in grants], JSONB)
    finished = func.internal.finish_restored_center(literal(center_id, Uuid), places, sealed, literal(said, JSONB))
    session.execute(select(finished))


def _live(found: TableRows) -> Callable[[bytes], bytes | None] | None:
    """Of files on their way only those that came to their end: the others were another center's."""
    if found.table != "document_uploads":
        return None
    state = found.columns.index("state")
    return lambda line: line if line.rstrip(b"\n").split(b"\t")[state] == b"live" else None


def _table(center_id: UUID, table: str) -> sql.Identifier:
    return sql.Identifier(schema_name(center_id), table)


def _run(session: Session, statement: sql.Composed) -> None:
    with _driver(session).cursor() as cursor:
        cursor.execute(statement)


def _driver(session: Session) -> Any:
    """The driver's own connection, in the session's transaction: COPY has no other way."""
    return session.connection().connection.dbapi_connection
