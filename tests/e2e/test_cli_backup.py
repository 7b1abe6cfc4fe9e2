"""An installation is backed up, tried and brought back on another machine, as a script does it."""

from pathlib import Path

from tests.e2e.labkeep_admin import Admin
from tests.servers import remove_server

GOOD = "Walnut-Ferry-53"


def test_from_one_machine_to_another(tmp_path: Path) -> None:
    folder, report = tmp_path / "backups", tmp_path / "report.txt"
    report.write_bytes(b"A report.\n" * 1000)
    root = Admin(tmp_path / "one").as_user("root.admin", GOOD)
    other = Admin(tmp_path / "two").as_user("root.admin", GOOD)
    (tmp_path / "share").mkdir()
    try:
        root.json("init", "--admin", "root.admin", "--name", "Our lab", "--recovery-kit", tmp_path / "kit")
        root.json("center", "create", "Alpha", "--slug", "alpha")
        root.json("document", "add", report, "--center", "alpha")

        plan = root.json("backup", folder, "--dry-run")
        assert (plan["files"], plan["new_files"]) == (1, 1)
        assert not folder.exists()
        nobody = root.using(LABKEEP_USER="")("backup", folder, "--json")
        assert (nobody.status, nobody.json["signed"]) == (0, False)
        expected = root.json("backup", folder, "--every", "day", "--no-timer")
        assert (expected["every"], expected["signed"]) == ("day", True)
        assert root.using(LABKEEP_USER="")("backup", folder, "--json").json["signed"], "by the key that was lent"
        made = root.json("backup", folder, "--keep", "3")
        assert (made["signed"], made["files"], made["new_files"], made["problems"]) == (True, 1, 0, [])
        names = [each["name"] for each in root.json("backup", folder, "--list")]
        assert (names[0], names[2]) == (made["name"], nobody.json["name"])

        one = root.json("backup", folder, "--center", "alpha")
        assert (one["signed"], one["center"] is not None, one["new_files"]) == (True, True, 0)
        called = ("restore", folder, "--center", "alpha", "--as", "Alpha as it was")
        assert "is there" in root("restore", folder, "--center", "alpha").err
        assert root.json(*called, "--dry-run")["files"] == 1
        assert root("restore", folder, "--as", "Alpha").status == 2
        there = root(*called)
        assert (there.status, "places for 0 people" in there.out) == (0, True)
        root("document", "get", "report.txt", "--center", "alpha-as-it-was", "--to", tmp_path / "beside.txt")
        assert (tmp_path / "beside.txt").read_bytes() == report.read_bytes()

        refused = other("restore", folder, "--backup", nobody.json["name"], "--store", tmp_path / "share")
        assert (refused.status, refused.out) == (1, "")
        assert "Nobody signed this backup" in refused.err
        assert other("restore", folder, "--drill", "--store", tmp_path / "share").status == 2
        tried = other.json("restore", folder, "--drill", "--recovery-kit", tmp_path / "kit")
        assert (tried["is_good"], tried["files"], tried["centers"][0]["opened"]) == (True, 1, 1)
        back = other.json("restore", folder, "--store", tmp_path / "share")
        assert (back["backup"], back["signed"], back["problems"]) == (made["name"], True, [])
        other.json("audit", "restored", "--reason", "Another machine.")
        other("document", "get", "report.txt", "--center", "alpha", "--to", tmp_path / "again.txt")
        assert (tmp_path / "again.txt").read_bytes() == report.read_bytes()
        again = other("restore", folder, "--store", tmp_path / "share")
        assert again.status == 1
        assert "holds an installation of Labkeep already" in again.err
    finally:
        for home in ("one", "two"):
            remove_server(tmp_path / home)
