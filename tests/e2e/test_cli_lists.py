"""Lists of people and documents by the command line: tried, made with a list of passwords that work, and out again."""

import csv
import json
import stat
import sys
from pathlib import Path

from tests.e2e.conftest import DemoPeople

HEAD = ["Login", "E-mail", "Role", "Surname", "Until", "Nonsense"]


def sheet(path: Path, *rows: list[str]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return str(path)


def test_people_come_in_and_their_passwords_work(demo: DemoPeople, tmp_path: Path) -> None:
    good = ["list.one", "one@lab.example", "User", "=1+1", "", ""]
    guest = ["list.two", "two@lab.example", "viewer", "İnan", "2999-12-31", ""]
    bad = ["list.one", "none", "boss", "", "1/2/2026", ""]
    file, target = sheet(tmp_path / "in.csv", HEAD, good, guest, bad), tmp_path / "passwords.txt"
    tried = demo.ayse("user", "import", file, "--dry-run", "--json")
    told = json.loads(tried.out)
    assert (tried.status, told["created"], told["ignored"]) == (1, ["list.one", "list.two"], ["Nonsense"])
    assert {(each["row"], each["column"]) for each in told["problems"]} == {(4, name) for name in HEAD[:3] + HEAD[4:5]}
    refused = demo.ayse("user", "import", file, "--passwords", target)
    assert (refused.status, refused.out.splitlines()[-1], target.exists()) == (1, "Nobody was created.", False)
    assert demo.ayse("user", "show", "list.one").status == 1
    assert demo.ayse("user", "import", file).status == 2, "passwords must have a place"
    target.write_text("mine")
    assert demo.ayse("user", "import", file, "--skip-bad", "--passwords", target).status == 1
    assert target.read_text() == "mine"
    target.unlink()

    answer = demo.ayse("user", "import", file, "--skip-bad", "--passwords", target, "--json")
    done = json.loads(answer.out)
    assert (answer.status, [each["username"] for each in done["created"]]) == (1, ["list.one", "list.two"])
    assert done["created"][1]["memberships"][0]["until"] == "2999-12-31"
    if sys.platform != "win32":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    lines = target.read_text().splitlines()
    names = [line.split()[-1] for line in lines if line.startswith("User name:")]
    passwords = [line.split()[-1] for line in lines if line.startswith("Password:")]
    assert names == ["list.one", "list.two"]
    assert passwords[0] not in answer.out
    demo.passwords["list.one"] = passwords[0]
    assert "password" in demo.person("list.one")("sample", "list").err, "it must be changed, so it was right"
    again = demo.ayse("user", "import", file, "--passwords", tmp_path / "again.txt")
    assert "is taken" in again.err
    assert not (tmp_path / "again.txt").exists()

    out = demo.ayse.json("user", "export", tmp_path / "out.csv", "--search", "list.one")
    assert out["rows"] == 1
    said = demo.ayse("user", "export", tmp_path / "said.csv", "--search", "list.one").out
    assert said == f"{tmp_path / 'said.csv'} has 1 row.\n"
    [_, row] = list(csv.reader((tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert row[:6] == ["list.one", "one@lab.example", "", "'=1+1", "", "user"]


def test_who_may_make_nobody_makes_nobody(demo: DemoPeople, tmp_path: Path) -> None:
    file = sheet(tmp_path / "in.csv", HEAD[:3], ["list.three", "three@lab.example", "viewer"])
    answer = demo.mehmet("user", "import", file, "--passwords", tmp_path / "p.txt")
    assert (answer.status, (tmp_path / "p.txt").exists()) == (1, False)
    foreign = sheet(tmp_path / "b.csv", [*HEAD[:3], "Center"], ["list.four", "four@lab.example", "viewer", "nowhere"])
    assert "Row 2, Center: " in demo.ayse("user", "import", foreign, "--dry-run").err


def test_the_list_of_documents_goes_out(demo: DemoPeople, tmp_path: Path) -> None:
    listed = demo.elif_.json("document", "list", "--sort", "title")
    made = demo.elif_.json("document", "export-list", tmp_path / "out.csv", "--sort", "title")
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert made["rows"] == len(listed) > 0
    assert [row["Id"] for row in rows] == [each["id"] for each in listed]
    assert demo.elif_.json("document", "export-list", tmp_path / "out.xlsx")["rows"] == len(listed)
