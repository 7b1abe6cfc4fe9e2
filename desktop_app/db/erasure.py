"""Finding everything that carries a mark in the session's center, and requests to erase it."""

import json
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from desktop_app.db.documents import get_document
from desktop_app.db.samples import get_sample
from desktop_app.domain.erasure import ErasureRequest, ErasureState, Marked

AT_MOST = 1_000
"""So many samples and so many documents at once, and ten times as many entries."""

_SAMPLES = text(
    "SELECT s.id FROM samples s WHERE concat_ws(E'\\n', s.name, s.barcode, s.description, s.collected_place,"
    " s.results, s.rejection_reason) ILIKE :plain OR s.metadata::text ILIKE :in_json"
    " ORDER BY s.created_at, s.id LIMIT :n"
)
# Also what a document was called before, and what its former versions were called: the statements say it.
_DOCUMENTS = text(
    "SELECT d.id FROM documents d WHERE concat_ws(E'\\n', d.title, d.document_type, array_to_string(d.tags, E'\\n'),"
    " d.file_name) ILIKE :plain OR d.sample_id = ANY (CAST(:samples AS uuid[])) OR EXISTS ("
    "SELECT FROM document_versions v WHERE v.document_id = d.id AND (v.file_name ILIKE :plain"
    " OR convert_from(v.statement, 'UTF8')::jsonb::text ILIKE :in_json)) OR EXISTS ("
    "SELECT FROM document_statements t WHERE t.document_id = d.id"
    " AND convert_from(t.statement, 'UTF8')::jsonb::text ILIKE :in_json) ORDER BY d.created_at, d.id LIMIT :n"
)
_ENTRIES = text(
    "SELECT l.seq FROM audit_log l WHERE l.salt IS NOT NULL AND l.operation <> 'erase'"
    " AND l.table_name NOT IN ('tenant_keys', 'key_grants')"
    " AND (l.reason ILIKE :plain OR l.old::text ILIKE :in_json OR l.new::text ILIKE :in_json)"
    " AND (l.row_id = ANY (CAST(:rows AS uuid[]))) IS NOT TRUE AND NOT EXISTS (SELECT FROM document_versions v"
    " WHERE v.id = l.row_id AND v.document_id = ANY (CAST(:rows AS uuid[]))) ORDER BY l.seq LIMIT :n"
)
_REQUEST = text(
    "SELECT request_erasure(:id, CAST(:samples AS jsonb), CAST(:documents AS jsonb), CAST(:entries AS bigint[]),"
    " :reason)"
)
_WITHDRAW = text("SELECT withdraw_erasure(:id)")
_CONFIRM = text("SELECT confirm_erasure(:id)")
_REQUESTS = text(
    "SELECT e.*, coalesce(nullif(p.display_name, ''), p.username, e.requested_by) AS who, e.requested_by = session_user"
    " AS is_own FROM erasures e LEFT JOIN people p ON p.login = e.requested_by"
    " WHERE :everything OR e.state = 'open' ORDER BY e.requested_at, e.id"
)


def find(session: Session, mark: str) -> Marked:
    """Samples, documents and entries of the record in which this text stands, in any letter case (of ASCII)."""
    # As jsonb writes it: quotation marks and backslashes are escaped there.
    values = {
        "plain": _pattern(mark),
        "in_json": _pattern(json.dumps(mark, ensure_ascii=False)[1:-1]),
        "n": AT_MOST + 1,
    }
    samples = list(session.execute(_SAMPLES, values).scalars())
    values["samples"] = [str(each) for each in samples]
    documents = list(session.execute(_DOCUMENTS, values).scalars())
    rows = [str(each) for each in (*samples, *documents)]
    entries = session.execute(_ENTRIES, values | {"rows": rows, "n": 10 * AT_MOST + 1}).scalars()
    return Marked(
        tuple(get_sample(session, each) for each in samples),
        tuple(get_document(session, each) for each in documents),
        tuple(entries),
        mark,
    )


def request(session: Session, request_id: UUID, marked: Marked, reason: str) -> None:
    """Write down what is to be erased; repeating it after a lost answer is harmless."""
    values = {
        "id": request_id,
        "samples": json.dumps({str(row.id): row.row_version for row in marked.samples}),
        "documents": json.dumps({str(row.id): row.row_version for row in marked.documents}),
        "entries": list(marked.entries),
        "reason": reason,
    }
    session.execute(_REQUEST, values)


def withdraw(session: Session, request_id: UUID) -> None:
    """Take a request back; IllegalStepError for one that has ended, NotFoundError."""
    session.execute(_WITHDRAW, {"id": request_id})


def confirm(session: Session, request_id: UUID) -> int:
    """Delete and erase what was asked for; how many entries of the record.

    StaleRowError where something of it was changed since, NotAllowedError for one's own where two are wanted.
    """
    return int(session.execute(_CONFIRM, {"id": request_id}).scalar_one())


def requests(session: Session, *, everything: bool = False) -> list[ErasureRequest]:
    """The open requests, oldest first; with *everything* also those that have ended."""
    return [
        ErasureRequest(
            row.id,
            _ids(row.samples),
            _ids(row.documents),
            tuple(row.entries),
            row.reason,
            ErasureState(row.state),
            row.requested_at,
            row.who,
            row.is_own,
        )
        for row in session.execute(_REQUESTS, {"everything": everything})
    ]


def read_again(session: Session, asked: ErasureRequest) -> Marked:
    """What a request names, as it is now; what is gone is left out."""

    def there(query: str, ids: Sequence[UUID]) -> list[UUID]:
        return list(session.execute(text(query), {"ids": [str(each) for each in ids]}).scalars())

    samples = there("SELECT id FROM samples WHERE id = ANY (CAST(:ids AS uuid[]))", asked.samples)
    documents = there("SELECT id FROM documents WHERE id = ANY (CAST(:ids AS uuid[]))", asked.documents)
    return Marked(
        tuple(get_sample(session, each) for each in samples),
        tuple(get_document(session, each) for each in documents),
        asked.entries,
    )


def _ids(named: Collection[str]) -> tuple[UUID, ...]:
    return tuple(UUID(each) for each in named)


def _pattern(mark: str) -> str:
    escaped = mark.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
