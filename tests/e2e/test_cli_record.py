"""labkeep-admin audit list and export, user access and reassign, on the demo."""

import csv
from pathlib import Path

from tests.e2e.conftest import DemoPeople


def test_the_record_is_narrowed_and_written_out(demo: DemoPeople, tmp_path: Path) -> None:
    sample = demo.ayse.json("sample", "create", "--name", "=1+1", "--type", "other")
    demo.ayse.json("sample", "update", sample["barcode"], "--name", "plain")
    own = ("--row", sample["id"])
    [changed] = demo.ayse.json("audit", "list", *own, "--field", "name")
    assert changed["new"] == {"name": "plain", "row_version": 2}
    assert len(demo.ayse.json("audit", "list", *own, "--user", "ayse.admin")) == 2
    assert "no.body" in demo.ayse.refused("audit", "list", "--user", "no.body")
    made = demo.ayse.json("audit", "export", tmp_path / "r.csv", *own)
    assert made["entries"] == 2
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        assert "'=1+1" in {line["after"] for line in csv.DictReader(file)}
    demo.ayse.refused("audit", "export", tmp_path / "r.csv", *own)
    assert demo.ayse.json("audit", "export", tmp_path / "r.pdf", *own)["head"]["seq"] == made["head"]["seq"]
    shared = demo.sysadmin.json("audit", "list", "--installation", "--table", "users", "--limit", "3")
    assert len(shared) == 3
    demo.ayse.refused("audit", "list", "--installation")


def test_what_a_person_may_see_and_who_goes_on_with_samples(demo: DemoPeople) -> None:
    access = demo.ayse.json("user", "access", "mehmet.user")
    assert access["agrees"] is True
    [place] = access["places"]
    assert (place["role"], place["rights"]) == ("user", "user")
    demo.mehmet.json("sample", "create", "--name", "mine", "--type", "other", "--user", "mehmet.user")
    shown = demo.ayse.json("user", "reassign", "mehmet.user", "ayse.admin", "--dry-run")
    done = demo.ayse.json("user", "reassign", "mehmet.user", "ayse.admin")
    assert len(done["changed"]) == len(shown["changed"]) > 0
    demo.ayse.json("plan", "undo", done["id"])
