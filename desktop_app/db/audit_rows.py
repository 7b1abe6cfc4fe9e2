"""Whether the rows of today are what the record of changes says of them.

The chain proves that the record was not changed. A database administrator who changes a row with its triggers off
leaves the record as it was, and so the row is another one than its newest entries say.
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from desktop_app.db.audit_tables import SHARED_RECORD, record_of

# By table, the columns that the record has as a digest only, or that follow from others.
_CENTER_TABLES: dict[str, tuple[str, ...]] = {
    "people": (),
    "samples": (),
    "rejection_reasons": (),
    "fields": (),
    "documents": (),
    "document_versions": ("statement", "signature"),
}
_SHARED_TABLES: dict[str, tuple[str, ...]] = {
    "public.installation": (),
    "public.centers": (),
    "public.users": (),
    "public.identities": ("public_key",),
}
# What of a change is the entry's own: who and when.
_OF_THE_ENTRY = ("updated_at", "updated_by")
# The record writes moments in UTC; the words of to_jsonb() are the session's.
_IN_UTC = text("SELECT set_config('timezone', 'UTC', true)")


def rows_unlike_record(session: Session) -> list[tuple[str, UUID]]:
    """Table and id of every row that is not as the record says, in one snapshot for each table.

    Rows of whose entries some were erased are only looked for. Needs the right to read the whole record.
    """
    session.execute(_IN_UTC)
    shared = record_of(session) is SHARED_RECORD
    found: list[tuple[str, UUID]] = []
    for table, left_out in (_SHARED_TABLES if shared else _CENTER_TABLES).items():
        name = table.removeprefix("public.")
        values = {"name": name, "left_out": [*_OF_THE_ENTRY, *left_out]}
        rows = session.execute(
            text(_QUERY.format(table=table, log="public.audit_log" if shared else "audit_log")), values
        )
        found.extend((name, row_id) for row_id in rows.scalars())
    return found


# Tables are named by this file only. Entries hold what was changed, so the newest value of each column counts.
_QUERY = """
WITH said AS (
    SELECT l.row_id AS id,
        jsonb_object_agg(n.key, n.value ORDER BY l.seq) FILTER (WHERE n.key IS NOT NULL) AS facts,
        (array_agg(l.operation ORDER BY l.seq DESC))[1] <> 'delete' AS is_there,
        bool_or(l.salt IS NULL) AS is_erased
    FROM {log} l LEFT JOIN LATERAL jsonb_each(l.new) n ON n.key <> ALL (:left_out)
    WHERE l.table_name = :name AND l.row_id IS NOT NULL AND l.operation IN ('insert', 'update', 'delete')
    GROUP BY l.row_id
)
SELECT coalesce(s.id, r.id) FROM said s FULL JOIN {table} r ON r.id = s.id
WHERE coalesce(s.is_there, false) <> (r.id IS NOT NULL)
    OR (r.id IS NOT NULL AND NOT s.is_erased AND s.facts <> (
        SELECT jsonb_object_agg(k, to_jsonb(r) -> k) FROM jsonb_object_keys(s.facts) k
    ))
ORDER BY 1
"""
