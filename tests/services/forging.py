"""What somebody can do to the store who holds a center's keys and the share, and no right to write."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop_app.crypto.sealed_stream import associated_data, seal_stream
from desktop_app.domain.records import Document, Version
from desktop_app.services.session.center_services import CenterServices


def newest(work: CenterServices, document: Document) -> Version:
    return work.documents.versions(document)[0]


def stored_path(store: Path, work: CenterServices, version: Version) -> Path:
    return store / work.center.schema_name / version.file_id.hex[:2] / str(version.file_id)


@contextmanager
def resealed(store: Path, work: CenterServices, document: Document, clear: bytes) -> Iterator[None]:
    """The document's newest version, sealed again under its own key with other bytes; then put back."""
    version = newest(work, document)
    key = work._context.keys().ring().unwrap(version.id, version.key_version, version.token)
    path = stored_path(store, work, version)
    before = path.read_bytes()
    made = io.BytesIO()
    seal_stream(io.BytesIO(clear), made, key, associated_data(work.center.id, document.id, version.id))
    path.write_bytes(made.getvalue())
    try:
        yield
    finally:
        path.write_bytes(before)
