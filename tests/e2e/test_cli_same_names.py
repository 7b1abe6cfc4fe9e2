"""labkeep-admin document add with the same name twice in one command: each answer holds for the second one, too."""

import unicodedata
from pathlib import Path

import pytest

from tests.e2e.conftest import DemoPeople


@pytest.mark.parametrize(
    ("answer", "outcomes", "versions"),
    [
        ("version", ["saved", "saved"], [1, 2]),
        ("keep", ["saved", "saved"], [1, 1]),
        ("skip", ["saved", "skipped"], [1, None]),
        ("fail", ["saved", "failed"], [1, None]),
    ],
)
def test_twins_of_one_command(
    demo: DemoPeople, tmp_path: Path, answer: str, outcomes: list[str], versions: list[int | None]
) -> None:
    name = f"twin ölçüm {answer}.csv"
    paths = [
        tmp_path / "composed" / unicodedata.normalize("NFC", name),
        tmp_path / "decomposed" / unicodedata.normalize("NFD", name),
    ]
    for path in paths:
        path.parent.mkdir()
        path.write_text(path.parent.name)
    said = demo.mehmet("document", "add", *paths, "--on-conflict", answer, "--json")
    assert said.status == (1 if answer == "fail" else 0)
    assert [row["outcome"] for row in said.json] == outcomes
    assert [row["version"] for row in said.json] == versions
    assert [row["path"] for row in said.json] == [str(path) for path in paths]
    assert len({row["id"] for row in said.json if row["id"]}) == (2 if answer == "keep" else 1)
    if answer == "fail":
        assert said.err.splitlines() == [
            f"Not saved: {paths[1]}: {paths[0]}, which is added with it, has the same name.",
            "1 of 2 saved.",
        ]
