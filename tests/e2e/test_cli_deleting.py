"""Deleting, erasing and importing old files by the command line."""

from pathlib import Path

from cryptography.fernet import Fernet

from tests.e2e.conftest import DemoPeople


def _documents(demo: DemoPeople, folder: Path, *names: str) -> list[str]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(b"content of " + path.name.encode())
    answer = demo.mehmet.json("document", "add", *paths)
    return [str(row["id"]) for row in answer]


def test_a_document_is_named_first_and_deleted_where_its_title_is_repeated(demo: DemoPeople, tmp_path: Path) -> None:
    [document] = _documents(demo, tmp_path, "doomed.txt")
    named = demo.ayse("document", "delete", document)
    assert (named.status, "doomed.txt" in named.out, "Nothing was deleted" in named.err) == (1, True, True)
    demo.ayse.refused("document", "delete", document, "--confirm", "another.txt")
    demo.mehmet.refused("document", "delete", document, "--confirm", "doomed.txt")
    demo.mehmet.json("document", "deactivate", document)
    assert document in [row["id"] for row in demo.mehmet.json("document", "list", "--bin")]
    done = demo.ayse.json("document", "delete", document, "--confirm", "doomed.txt")
    assert (done["deleted"], done["versions"], done["files_left"]) == (True, 1, 0)
    assert document not in [row["id"] for row in demo.mehmet.json("document", "list", "--all", "--limit", "1000")]


def test_everything_of_one_person_is_erased(demo: DemoPeople, tmp_path: Path) -> None:
    mark = "Zerrin Karagöz"
    [document] = _documents(demo, tmp_path, f"{mark}.txt")
    sample = demo.mehmet.json("sample", "create", "--name", mark, "--type", "blood", "--barcode", "ERASE-1")
    demo.mehmet.refused("erase", "search", mark)
    found = demo.ayse.json("erase", "search", mark)
    assert [row["id"] for row in found["samples"]] == [sample["id"]]
    assert [row["id"] for row in found["documents"]] == [document]
    asked = demo.ayse.json("erase", "request", mark, "--reason", "a right that was claimed")
    assert asked["needs_another"] is False
    assert [row["id"] for row in demo.ayse.json("erase", "list")] == [asked["id"]]
    assert demo.ayse.json("erase", "show", asked["id"]) == found
    done = demo.ayse.json("erase", "confirm", asked["id"])
    assert (done["samples"], done["documents"], done["files_left"]) == (1, 1, 0)
    assert demo.ayse.json("erase", "list") == []
    assert demo.ayse.json("erase", "search", mark) == {"samples": [], "documents": [], "entries": []}
    assert demo.ayse.json("audit", "verify")["ok"] is True


def test_a_center_is_deleted_after_it_was_closed(demo: DemoPeople) -> None:
    center = demo.sysadmin.json("center", "create", "Doomed Center")
    named = demo.sysadmin("center", "delete", "doomed-center")
    assert (named.status, "would be deleted" in named.out, "Deactivate it first" in named.err) == (1, True, True)
    repeated = ("center", "delete", "doomed-center", "--confirm", "Doomed Center")
    demo.sysadmin.refused(*repeated, "--reason", "over")
    demo.sysadmin.json("center", "deactivate", "doomed-center")
    demo.sysadmin.refused(*repeated)
    done = demo.sysadmin.json(*repeated, "--reason", "over")
    assert (done["id"], done["deleted"], done["files_left"], done["samples"]) == (center["id"], True, False, 0)
    demo.sysadmin.refused("center", "show", "doomed-center")


def test_old_files_are_imported(demo: DemoPeople, tmp_path: Path) -> None:
    keys = [Fernet.generate_key() for _ in range(2)]
    (key_file := tmp_path / "keys").write_bytes(b"# both\n" + b"\n".join(keys) + b"\n")
    (good := tmp_path / "legacy.txt.enc").write_bytes(Fernet(keys[1]).encrypt(b"of 2019"))
    (bad := tmp_path / "damaged.enc").write_bytes(good.read_bytes()[:-9])
    answer = demo.mehmet("document", "import-fernet", good, bad, "--key-file", key_file)
    assert (answer.status, "Added: legacy.txt" in answer.out, "was cut" in answer.err) == (1, True, True)
    demo.mehmet.json("document", "get", "legacy.txt", "--to", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"of 2019"
    key_file.write_text("no key\n", encoding="utf-8")
    assert "Line 1" in demo.mehmet.refused("document", "import-fernet", good, "--key-file", key_file)
