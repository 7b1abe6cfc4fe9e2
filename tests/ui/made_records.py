"""Records as a test wants them: good values, and whatever it changes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.profiles import Profile, ServerKind, StorePlace
from desktop_app.domain.records import AuditEntry, Center, Document, Membership, Sample, SampleType, User
from desktop_app.domain.rights import Role

START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def stamp(minutes: int = 0) -> dict[str, Any]:
    """The base columns of a new row."""
    at = START + timedelta(minutes=minutes)
    return {
        "id": uuid4(),
        "created_at": at,
        "updated_at": at,
        "created_by": "Ayşe Yılmaz",
        "updated_by": "Ayşe Yılmaz",
        "is_active": True,
        "row_version": 1,
    }


def profile(**changes: Any) -> Profile:
    """An installation on the built-in server."""
    values: dict[str, Any] = {
        "installation_id": UUID(int=7),
        "display_name": "Test laboratories",
        "server": ServerKind.BUILT_IN,
        "store": StorePlace("/srv/store"),
        "root_fingerprint": "ab" * 32,
        "kdf": "kdf 1",
        "data_dir": "/srv/data",
    }
    return Profile(**values | changes)


def sample(number: int, **changes: Any) -> Sample:
    """A pending blood sample."""
    values = stamp(number) | {
        "name": f"Sample {number}",
        "sample_type": SampleType.BLOOD,
        "status": SampleStatus.PENDING,
        "barcode": f"20261121-{number:04}",
        "user_id": uuid4(),
        "responsible_name": "Mehmet Kaya",
    }
    return Sample(**values | changes)


def document(number: int, **changes: Any) -> Document:
    """A text document of one version."""
    values = stamp(number) | {
        "title": f"report-{number}.txt",
        "latest_number": 1,
        "latest_version_id": uuid4(),
        "file_name": f"report-{number}.txt",
        "mime_type": "text/plain",
        "size": 1_234,
    }
    return Document(**values | changes)


def user(name: str, role: Role, center: Center | None, **changes: Any) -> User:
    """A person."""
    values = stamp() | {
        "username": name,
        "email": f"{name}@lab.example",
        "first_name": name.capitalize(),
        "is_system": center is None,
        "memberships": (Membership(center_id=center.id, center=center.name, role=role),) if center else (),
        "login": f"u_{name}",
    }
    return User(**values | changes)


def center(name: str, slug: str) -> Center:
    """A center."""
    return Center(**stamp() | {"name": name, "slug": slug})


def entry(seq: int, row_id: UUID, old: Any, new: Any, operation: str = "update", **changes: Any) -> AuditEntry:
    """An entry of the record."""
    values: dict[str, Any] = {
        "seq": seq,
        "at": START + timedelta(minutes=seq),
        "login": "u_a",
        "who": "Ayşe Yılmaz",
        "operation": operation,
        "table_name": "samples",
        "row_id": row_id,
        "old": old,
        "new": new,
        "reason": "",
        "link": uuid4(),
    }
    return AuditEntry(**values | changes)
