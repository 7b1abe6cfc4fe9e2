"""An evidence file proves a document and a sample to docs/reader.py, which has no installation, and nothing false."""

import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.e2e.conftest import DemoPeople
from tests.e2e.reader_alone import Reader


@dataclass(frozen=True)
class Evidence:
    """The file about a sample with a document of two versions, its root, and the files it is about."""

    pdf: Path
    root: str
    barcode: str
    first: Path
    second: Path
    document: str


@pytest.fixture(scope="module")
def evidence(demo: DemoPeople, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    folder = tmp_path_factory.mktemp("evidence")
    writer, administrator = demo.mehmet, demo.ayse
    sample = writer("sample", "create", "--name", "Ağ <b>&", "--type", "blood", "--json").json
    first, second = folder / "finding.txt", folder / "later" / "finding.txt"
    first.write_text("negative")
    second.parent.mkdir()
    second.write_text("positive")
    (added,) = writer("document", "add", first, "--sample", sample["barcode"], "--json").json
    writer("document", "add", second, "--sample", sample["barcode"], "--on-conflict", "version", "--json")
    writer("document", "update", added["id"], "--title", "Bulgu ğüş <i>1", "--tag", "endstream")
    writer("sample", "process", sample["barcode"])
    pdf = folder / "evidence.pdf"
    made = administrator("sample", "evidence", sample["barcode"], "--to", pdf, "--json")
    assert made.status == 0, made
    assert (made.json["documents"], made.json["versions"], made.json["unread"]) == (1, 2, [])
    profile = json.loads(administrator("profile", "list", "--json").out)[0]
    return Evidence(pdf, profile["root_fingerprint"], sample["barcode"], first, second, added["id"])


def test_the_reader_verifies_it(reader: Reader, evidence: Evidence) -> None:
    said = reader.accept("evidence", evidence.pdf, evidence.root, evidence.first, evidence.second)
    assert "made by ayse.admin" in said
    assert said.count(" mehmet.user “finding.txt” blake3:") == 2
    assert " mehmet.user “Bulgu ğüş <i>1” changed" in said
    assert re.search(r'mehmet.user update samples .*"status": "processing"', said)


def test_another_root_and_a_file_it_says_nothing_of_are_refused(
    reader: Reader, evidence: Evidence, tmp_path: Path
) -> None:
    assert "another root" in reader.refuse("evidence", evidence.pdf, "0" * 64)
    other = tmp_path / "other"
    other.write_text("negative ")
    assert "none of these files" in reader.refuse("evidence", evidence.pdf, evidence.root, other)


def test_people_read_it_too(evidence: Evidence) -> None:
    with pypdfium2.PdfDocument(evidence.pdf) as pdf:
        assert [pdf.get_attachment(at).get_name() for at in range(pdf.count_attachments())] == ["evidence.json"]
        text = "".join(page.get_textpage().get_text_range() for page in pdf).replace("\r\n", "")
    for words in ("Bulgu ğüş <i>1", "Ağ <b>&", "mehmet.user", evidence.barcode, "Sealed by", evidence.root):
        assert words.replace(" ", "") in text.replace(" ", ""), words


def whole_of(pdf: bytes) -> tuple[int, int, dict[str, Any]]:
    """Where the attached part stands, and what it says."""
    found = re.search(rb"/EmbeddedFile\b.{0,400}?stream\r?\n", pdf, re.DOTALL)
    assert found is not None
    opened = zlib.decompressobj()
    whole = json.loads(opened.decompress(pdf[found.end() :]))
    return found.end(), len(pdf) - len(opened.unused_data), whole


def resealed(pdf: Path, target: Path, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Path:
    """The file with its attached part changed."""
    begin, end, whole = whole_of(pdf.read_bytes())
    content = json.loads(whole["content"])
    change(whole, content)
    if json.dumps(content) != whole["content"]:
        whole["content"] = json.dumps(content)
    data = pdf.read_bytes()
    target.write_bytes(data[:begin] + zlib.compress(json.dumps(whole).encode()) + data[end:])
    return target


def _words(whole: dict[str, Any], content: dict[str, Any]) -> None:
    first = next(iter(content["words"]))
    content["words"][first][3] = "another reason"


def _name(whole: dict[str, Any], content: dict[str, Any]) -> None:
    content["people"]["somebody.else"] = content["people"].pop("mehmet.user")


def _digest(whole: dict[str, Any], content: dict[str, Any]) -> None:
    whole["statement"] = whole["statement"].replace('"record_sequence":', '"record_sequence":1')


CHANGES = {
    "another reason": _words,
    "another name": _name,
    "an older log": lambda _whole, content: content["trust"].pop(),
    "a statement left out": lambda _whole, content: content["statements"].pop(),
    "a link left out": lambda _whole, content: content["links"].pop(1),
    "another head": _digest,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_is_changed_is_refused(
    reader: Reader, evidence: Evidence, tmp_path: Path, change: Callable[[dict[str, Any], dict[str, Any]], None]
) -> None:
    reader.refuse("evidence", resealed(evidence.pdf, tmp_path / "changed.pdf", change), evidence.root)


def test_only_who_may_read_the_whole_record_makes_it(demo: DemoPeople, evidence: Evidence, tmp_path: Path) -> None:
    refused = demo.mehmet("document", "evidence", evidence.document, "--to", tmp_path / "x.pdf")
    assert refused.status == 1
    assert "administrator" in refused.err
    assert not (tmp_path / "x.pdf").exists()


def test_a_file_that_is_gone_is_said(demo: DemoPeople, evidence: Evidence, reader: Reader, tmp_path: Path) -> None:
    store = Path(json.loads(demo.ayse("profile", "list", "--json").out)[0]["store"]["path"])
    folders = [path for path in store.rglob("*") if path.is_file() and path.suffix == ""]
    hidden = [path.rename(path.with_name(path.name + ".away")) for path in folders]
    try:
        made = demo.ayse("document", "evidence", evidence.document, "--to", tmp_path / "x.pdf", "--json")
    finally:
        for path in hidden:
            path.rename(path.with_name(path.name.removesuffix(".away")))
    assert (made.status, len(made.json["unread"])) == (1, 2)
    reader.accept("evidence", tmp_path / "x.pdf", evidence.root)
    assert "none of these files" in reader.refuse("evidence", tmp_path / "x.pdf", evidence.root, evidence.first)
