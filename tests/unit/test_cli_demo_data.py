"""The committed demo data: complete, plausible, within the rules that people's own data must pass."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft, UserDraft
from desktop_app.domain.ids import new_id
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import password_problem
from desktop_app.paths import resources_dir

FOLDER = resources_dir() / "demo"


@pytest.fixture(scope="module")
def demo() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "demo.toml").read_text(encoding="utf-8"))


def test_the_two_centers_and_the_five_accounts(demo: dict[str, Any]) -> None:
    assert {center["slug"]: center["name"] for center in demo["centers"]} == {
        "istanbul": "Istanbul Medical Center",
        "ankara": "Ankara Research Lab",
    }
    assert [(one["username"], one["role"], one["center"]) for one in demo["accounts"]] == [
        ("sysadmin", "admin", ""),
        ("ayse.admin", "admin", "istanbul"),
        ("mehmet.user", "user", "istanbul"),
        ("elif.viewer", "viewer", "istanbul"),
        ("deniz.admin", "admin", "ankara"),
    ]


def test_centers_and_accounts_pass_the_rules_of_forms(demo: dict[str, Any]) -> None:
    for center in demo["centers"]:
        assert CenterDraft(**center).problems() == {}
    for account in demo["accounts"]:
        password = account["password"]
        assert password_problem(password, account["username"]) is None
        fields = {key: account[key] for key in ("username", "email", "first_name", "last_name")}
        draft = UserDraft(
            **fields,
            phone=account.get("phone", ""),
            role=Role(account["role"]),
            center_id=new_id() if account["center"] else None,
        )
        assert draft.problems() == {}


def test_forty_samples_in_every_status_over_both_centers(demo: dict[str, Any]) -> None:
    samples = demo["samples"]
    assert len(samples) == 40
    assert len({sample["barcode"] for sample in samples}) == 40
    seen = Counter((sample["center"], sample["status"]) for sample in samples)
    assert set(seen) == {(slug, status.value) for slug in ("istanbul", "ankara") for status in SampleStatus}
    assert {sample["sample_type"] for sample in samples} == set(SampleType)


def test_samples_pass_the_rules_and_belong_to_somebody_who_may_write_there(demo: dict[str, Any]) -> None:
    writers = {one["username"]: one["center"] for one in demo["accounts"] if one["role"] != "viewer"}
    for sample in demo["samples"]:
        draft = SampleDraft(
            name=sample["name"],
            sample_type=SampleType(sample["sample_type"]),
            barcode=sample["barcode"],
            description=sample["description"],
            metadata=sample["metadata"],
            collected_at=sample["collected_at"],
            collected_place=sample["collected_place"],
            results=sample.get("results", ""),
        )
        assert draft.problems() == {}
        assert sample["collected_at"].tzinfo is not None
        assert writers[sample["user"]] == sample["center"]
        assert bool(sample.get("rejection_reason")) == (sample["status"] == SampleStatus.REJECTED)


def test_a_dozen_documents_of_every_kind_under_a_megabyte(demo: dict[str, Any]) -> None:
    files = [FOLDER / "documents" / document["file"] for document in demo["documents"]]
    assert len(files) == 12
    assert sorted(files) == sorted((FOLDER / "documents").iterdir())
    assert {Path(file).suffix for file in files} == {".pdf", ".png", ".csv", ".fasta", ".vcf", ".txt"}
    assert sum(file.stat().st_size for file in files) < 1_000_000


def test_documents_pass_the_rules_and_hang_on_samples_of_their_center(demo: dict[str, Any]) -> None:
    statuses = {(sample["center"], sample["barcode"]): sample["status"] for sample in demo["samples"]}
    for document in demo["documents"]:
        draft = DocumentDraft(
            title=document["title"], document_type=document["document_type"], tags=tuple(document["tags"])
        )
        assert draft.problems() == {}
        if document["sample"]:
            assert statuses[document["center"], document["sample"]] != SampleStatus.ARCHIVED
