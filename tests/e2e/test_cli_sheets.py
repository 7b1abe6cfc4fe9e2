"""Samples from a sheet and into one by the command line: dry run, all or nothing, undo, and out and in again."""

import csv
import json
from pathlib import Path

from tests.e2e.conftest import DemoPeople


def sheet(path: Path, *rows: list[str]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return str(path)


def test_a_sheet_is_tried_comes_in_and_is_undone(demo: DemoPeople, tmp_path: Path) -> None:
    good = ["SHEET-1", "Tube", "blood", "x"]
    file = sheet(tmp_path / "in.csv", ["Tube code", "Name", "Type", "Nonsense"], good, ["SHEET-2", "", "blood", ""])
    command = ("sample", "import", file, "--map", "Tube code=barcode")
    tried = demo.mehmet(*command, "--dry-run", "--json")
    assert tried.status == 1
    told = json.loads(tried.out)
    assert (told["plan"], told["created"], told["updated"], told["unchanged"]) == (None, 1, 0, 0)
    assert told["ignored"] == ["Nonsense"]
    assert [(each["row"], each["column"], each["value"]) for each in told["problems"]] == [(3, "Name", "")]
    refused = demo.mehmet(*command)
    assert (refused.status, refused.out.splitlines()[-1]) == (1, "Nothing came in.")
    assert refused.err.startswith("Row 3, Name: ")
    assert demo.mehmet("sample", "show", "SHEET-1").status == 1

    done = json.loads(demo.mehmet(*command, "--skip-bad", "--json").out)
    assert (done["created"], len(done["problems"])) == (1, 1)
    assert demo.mehmet.json("plan", "list", "--limit", "1")[0]["action"] == "import"
    assert demo.mehmet("plan", "undo", done["plan"]).status == 0
    assert demo.mehmet("sample", "show", "SHEET-1").status == 1
    assert demo.mehmet("sample", "import", file, "--map", "nowhere=barcode").status == 1
    assert demo.elif_("sample", "import", sheet(tmp_path / "v.csv", ["Name", "Type"], ["A", "blood"])).status == 1


def test_what_went_out_is_as_it_was_when_it_comes_in(demo: DemoPeople, tmp_path: Path) -> None:
    for name in ("out.csv", "out.xlsx"):
        written = demo.mehmet.json("sample", "export", str(tmp_path / name), "--all")
        assert written["rows"] == len(demo.mehmet.json("sample", "list", "--all"))
        again = demo.mehmet.json("sample", "import", str(tmp_path / name), "--update", "--dry-run")
        assert (again["unchanged"], again["updated"], again["problems"]) == (written["rows"], 0, [])
    assert demo.mehmet("sample", "export", str(tmp_path / "out.csv")).status == 1, "it is there already"
    assert demo.mehmet("sample", "export", str(tmp_path / "out.ods")).status == 1
    few = demo.mehmet.json("sample", "export", str(tmp_path / "few.csv"), "--column", "Barcode", "--column", "status")
    lines = (tmp_path / "few.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "Barcode,Status"
    assert len(lines) == 1 + few["rows"]
    said = demo.mehmet("sample", "export", str(tmp_path / "none.csv"), "--search", "nobody made this").out
    assert said == f"{tmp_path / 'none.csv'} has 0 samples.\n"
