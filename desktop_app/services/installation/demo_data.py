"""The demo installation's content, read from ``resources/demo``."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.domain.drafts import CenterDraft, SampleDraft
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from desktop_app.paths import resources_dir

PATH_TO = {
    SampleStatus.PENDING: (),
    SampleStatus.PROCESSING: (Step.PROCESS,),
    SampleStatus.COMPLETED: (Step.PROCESS, Step.COMPLETE),
    SampleStatus.REJECTED: (Step.REJECT,),
    SampleStatus.ARCHIVED: (Step.PROCESS, Step.COMPLETE, Step.ARCHIVE),
}
"""The steps that lead a new sample to a status."""


@dataclass(frozen=True)
class DemoAccount:
    """A person of the demo, whose password is no secret."""

    label: str
    username: str
    password: str
    role: Role
    center: str
    """A slug; empty for the system administrator."""
    email: str
    first_name: str
    last_name: str
    phone: str


def system_administrator(accounts: Sequence[DemoAccount]) -> DemoAccount:
    """The one who belongs to no center."""
    return next(account for account in accounts if not account.center)


@dataclass(frozen=True)
class DemoField:
    """A field of one of the demo's centers."""

    center: str
    key: str
    draft: FieldDraft


@dataclass(frozen=True)
class DemoSample:
    """A sample of the demo and where it stands."""

    center: str
    draft: SampleDraft
    username: str
    status: SampleStatus
    reason: str


@dataclass(frozen=True)
class DemoDocument:
    """A document of the demo; ``sample`` is a barcode or empty."""

    center: str
    path: Path
    title: str
    sample: str
    document_type: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class DemoData:
    """Everything in ``demo.toml``."""

    centers: tuple[CenterDraft, ...]
    accounts: tuple[DemoAccount, ...]
    fields: tuple[DemoField, ...]
    samples: tuple[DemoSample, ...]
    documents: tuple[DemoDocument, ...]


def read_demo_data() -> DemoData:
    """The demo's content from the program's resources."""
    folder = resources_dir() / "demo"
    values = tomllib.loads((folder / "demo.toml").read_text(encoding="utf-8"))
    return DemoData(
        tuple(CenterDraft(**row) for row in values["centers"]),
        tuple(_account(row) for row in values["accounts"]),
        tuple(_field(row, at) for at, row in enumerate(values["fields"], start=1)),
        tuple(_sample(row) for row in values["samples"]),
        tuple(_document(row, folder / "documents") for row in values["documents"]),
    )


def _account(row: Mapping[str, Any]) -> DemoAccount:
    return DemoAccount(**{"phone": "", **row, "role": Role(row["role"])})


def _field(row: Mapping[str, Any], position: int) -> DemoField:
    draft = FieldDraft(
        name=row["name"],
        kind=FieldKind(row["kind"]),
        unit=row.get("unit", ""),
        choices=tuple(row.get("choices", ())),
        sample_types=tuple(row.get("sample_types", ())),
        position=position,
    )
    return DemoField(row["center"], row["key"], draft)


def _sample(row: Mapping[str, Any]) -> DemoSample:
    draft = SampleDraft(
        name=row["name"],
        sample_type=SampleType(row["sample_type"]).value,
        barcode=row["barcode"],
        description=row.get("description", ""),
        metadata=row.get("metadata", {}),
        collected_at=row.get("collected_at"),
        collected_place=row.get("collected_place", ""),
        results=row.get("results", ""),
    )
    return DemoSample(row["center"], draft, row["user"], SampleStatus(row["status"]), row.get("rejection_reason", ""))


def _document(row: Mapping[str, Any], folder: Path) -> DemoDocument:
    return DemoDocument(
        row["center"],
        folder / row["file"],
        row["title"],
        row["sample"],
        row.get("document_type", ""),
        tuple(row.get("tags", ())),
    )
