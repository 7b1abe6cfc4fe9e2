"""labkeep-admin document add with the same name twice in one command: two documents, whatever is said of conflicts."""

import unicodedata
from pathlib import Path

import pytest

from tests.e2e.conftest import DemoPeople


@pytest.mark.parametrize("answer", ["version", "keep", "skip", "fail"])
def test_twins_of_one_command(demo: DemoPeople, tmp_path: Path, answer: str) -> None:
    stem = f"twin ölçüm {answer}"
    paths = [
        tmp_path / "composed" / unicodedata.normalize("NFC", f"{stem}.csv"),
        tmp_path / "decomposed" / unicodedata.normalize("NFD", f"{stem}.csv"),
    ]
    for path in paths:
        path.parent.mkdir()
        path.write_text(path.parent.name)
    said = demo.mehmet.json("document", "add", *paths, "--on-conflict", answer)
    assert [(row["outcome"], row["version"], row["name"]) for row in said] == [
        ("saved", 1, f"{stem}.csv"),
        ("saved", 1, f"{stem} (2).csv"),
    ]
    assert [row["path"] for row in said] == [str(path) for path in paths]
    assert len({row["id"] for row in said}) == 2


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ("version", 0, ("saved", 2, "report.pdf")),
        ("keep", 0, ("saved", 1, "report (2).pdf")),
        ("skip", 0, ("skipped", None, "report.pdf")),
        ("fail", 1, ("failed", None, "report.pdf")),
    ],
)
def test_a_conflict_is_one_of_the_same_sample_only(
    demo: DemoPeople, tmp_path: Path, answer: str, status: int, said: tuple[str, int | None, str]
) -> None:
    """What one patient has is free for another, and for the same one it is as --on-conflict says."""
    path = tmp_path / "report.pdf"
    path.write_bytes(b"%PDF")
    for name in ("A", "B"):
        barcode = f"OWN-{answer}-{name}"
        demo.mehmet.json("sample", "create", "--name", f"Patient {name}", "--type", "blood", "--barcode", barcode)
        (row,) = demo.mehmet.json("document", "add", path, "--sample", barcode, "--on-conflict", answer)
        assert (row["outcome"], row["version"], row["name"]) == ("saved", 1, "report.pdf")
    again = demo.mehmet("document", "add", path, "--sample", f"OWN-{answer}-B", "--on-conflict", answer, "--json")
    assert again.status == status
    (row,) = again.json
    assert (row["outcome"], row["version"], row["name"]) == said
    if answer == "fail":
        assert again.err.strip().endswith(
            f"Patient B (OWN-{answer}-B) has a document of this title already, version 1."
        )
    listed = demo.mehmet.json("document", "list", "--sample", f"OWN-{answer}-A")
    assert [(each["title"], each["latest_number"]) for each in listed] == [("report.pdf", 1)]


@pytest.mark.parametrize("arguments", [["document", "add", ""], ["document", "get", "x", "--to", ""]])
def test_an_empty_path_is_wrong_usage(demo: DemoPeople, arguments: list[str]) -> None:
    """It was: everything in the current folder, sealed."""
    before = demo.mehmet.json("document", "list")
    assert "the path is empty" in demo.mehmet.refused(*arguments, status=2)
    assert demo.mehmet.json("document", "list") == before
