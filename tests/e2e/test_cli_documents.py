"""labkeep-admin document on the demo: conflicts, versions, opening, what is said of every file."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import PROGRAM, PROJECT

ADDED = {"id", "name", "size", "version", "state", "outcome", "reason", "path"}


def _add(demo: DemoPeople, *arguments: str | Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = demo.mehmet.json("document", "add", *arguments)
    return rows


def _written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_list_has_the_demos_documents_and_every_field(demo: DemoPeople) -> None:
    rows = demo.deniz.json("document", "list")
    assert len(rows) == 7
    assert rows[0].keys() >= {"id", "title", "document_type", "tags", "sample_id", "latest_number", "size", "mime_type"}
    assert [row["title"] for row in demo.deniz.json("document", "list", "--tag", "histology")] == ["Liver section, HE"]
    assert [row["title"] for row in demo.deniz.json("document", "list", "--type", "variants")] == [
        "Variants of ANK-26-0004"
    ]
    assert [row["title"] for row in demo.deniz.json("document", "list", "--sample", "ANK-26-0004")] == [
        "Variants of ANK-26-0004"
    ]
    assert [row["title"] for row in demo.deniz.json("document", "list", "--search", "qpcr")] == ["qPCR run 118"]
    assert len(demo.deniz.json("document", "list", "--limit", "2")) == 2


def test_every_demo_document_opens_bit_for_bit(demo: DemoPeople, tmp_path: Path) -> None:
    sources = {path.name: path.read_bytes() for path in (PROJECT / "resources/demo/documents").iterdir()}
    opened = {}
    for person in (demo.elif_, demo.deniz):
        for row in person.json("document", "list"):
            if row["file_name"] in sources:
                answer = person.json("document", "get", row["id"], "--to", tmp_path)
                opened[row["file_name"]] = Path(answer["path"]).read_bytes()
    assert opened == sources


def test_one_object_for_each_file_also_of_folders(demo: DemoPeople, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "inner").mkdir(parents=True)
    _written(folder, "a.txt", b"first")
    _written(folder / "inner", "b.txt", b"")
    rows = _add(demo, folder)
    assert sorted((row["name"], row["size"], row["version"], row["state"]) for row in rows) == [
        ("run/a.txt", 5, 1, "live"),
        ("run/inner/b.txt", 0, 1, "live"),
    ]
    assert all(row.keys() >= ADDED for row in rows)
    target = tmp_path / "b"
    demo.elif_.json("document", "get", rows[1]["id"], "--to", target)
    assert target.read_bytes() in (b"", b"first")


def test_the_four_answers_to_the_same_name(demo: DemoPeople, tmp_path: Path) -> None:
    file = _written(tmp_path, "same name.csv", b"one")
    first = _add(demo, file)[0]
    file.write_bytes(b"two, longer")
    second = _add(demo, file, "--on-conflict", "version")[0]
    assert (second["id"], second["version"]) == (first["id"], 2)
    skipped = _add(demo, file, "--on-conflict", "skip")[0]
    assert (skipped["outcome"], skipped["state"], skipped["id"]) == ("skipped", "", None)
    answer = demo.mehmet("document", "add", file, "--on-conflict", "fail", "--json")
    assert answer.status == 1
    assert answer.json[0]["outcome"] == "failed"
    kept = _add(demo, file)[0]
    assert (kept["version"], kept["name"], kept["id"] != first["id"]) == (1, "same name (2).csv", True)
    demo.mehmet.json("document", "update", kept["id"], "--title", "same name.csv")
    # Two of one title now: a title no longer names one of them.
    assert "id" in demo.mehmet.refused("document", "get", "same name.csv", "--to", tmp_path / "x")

    versions = demo.elif_.json("document", "versions", first["id"])
    assert [(row["number"], row["size"]) for row in versions] == [(2, 11), (1, 3)]
    assert "token" not in versions[0]
    old, new = tmp_path / "old", tmp_path / "new"
    demo.elif_.json("document", "get", first["id"], "--to", old, "--version", "1")
    demo.elif_.json("document", "get", first["id"], "--to", new)
    assert (old.read_bytes(), new.read_bytes()) == (b"one", b"two, longer")
    demo.elif_.refused("document", "get", first["id"], "--to", tmp_path / "third", "--version", "3")
    assert not (tmp_path / "third").exists()


def test_what_was_saved_and_what_not_is_said_for_each(demo: DemoPeople, tmp_path: Path) -> None:
    good = _written(tmp_path, "good.txt", b"good")
    answer = demo.mehmet("document", "add", good, tmp_path / "missing.txt")
    assert answer.status == 1
    assert answer.out.startswith("Added: good.txt, version 1, 4 bytes, ")
    complaints = answer.err.splitlines()
    assert complaints[0].startswith(f"Not saved: {tmp_path / 'missing.txt'}: ")
    assert complaints[0].endswith("missing.txt is not there.")
    assert complaints[1:] == ["1 of 2 added."]
    answer = demo.mehmet("document", "add", tmp_path / "missing.txt", "--json")
    assert [row["outcome"] for row in answer.json] == ["failed"]


def test_title_type_tags_and_sample_change_and_the_rest_stays(demo: DemoPeople, tmp_path: Path) -> None:
    row = _add(demo, _written(tmp_path, "edit me.txt", b"x"), "--sample", "IST-26-0001")[0]
    edited = demo.mehmet.json(
        *["document", "update", row["id"], "--title", "Edited", "--type", "notes", "--tag", "a", "--tag", "b"]
    )
    assert (edited["title"], edited["document_type"], edited["tags"]) == ("Edited", "notes", ["a", "b"])
    assert edited["sample_barcode"] == "IST-26-0001"
    assert edited["file_name"] == "edit me.txt"
    bare = demo.mehmet.json("document", "update", "Edited", "--no-tags", "--no-sample")
    assert (bare["title"], bare["tags"], bare["sample_id"]) == ("Edited", [], None)


def test_out_of_the_lists_and_back(demo: DemoPeople, tmp_path: Path) -> None:
    row = _add(demo, _written(tmp_path, "come and go.txt", b"x"))[0]
    assert demo.mehmet.json("document", "deactivate", "come and go.txt")["is_active"] is False
    assert row["id"] not in [one["id"] for one in demo.mehmet.json("document", "list")]
    assert row["id"] in [one["id"] for one in demo.mehmet.json("document", "list", "--all")]
    assert demo.mehmet.json("document", "restore", row["id"])["is_active"] is True


def test_an_existing_file_is_not_replaced_unless_asked(demo: DemoPeople, tmp_path: Path) -> None:
    row = _add(demo, _written(tmp_path, "source.txt", b"sealed"))[0]
    target = _written(tmp_path, "target.txt", b"mine")
    demo.mehmet.refused("document", "get", row["id"], "--to", target)
    assert target.read_bytes() == b"mine"
    demo.mehmet.json("document", "get", row["id"], "--to", target, "--overwrite")
    assert target.read_bytes() == b"sealed"
    demo.mehmet.refused("document", "get", row["id"], "--to", tmp_path / "no" / "folder" / "x")


def test_a_damaged_stored_file_is_found_and_leaves_nothing(demo: DemoPeople, tmp_path: Path) -> None:
    row = _add(demo, _written(tmp_path, "damage me.txt", b"content" * 1_000))[0]
    version = demo.mehmet.json("document", "versions", row["id"])[0]
    file_id: str = version["file_id"]
    (stored,) = [path for path in Path(demo.made["store"]["path"]).rglob("*") if path.name.startswith(file_id)]
    whole = stored.read_bytes()
    try:
        stored.chmod(0o600)
        stored.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        target = tmp_path / "out.txt"
        demo.mehmet.refused("document", "get", row["id"], "--to", target)
        assert list(tmp_path.glob("out*")) == []
        answer = demo.mehmet("document", "verify", row["id"], "--json")
        assert answer.status == 1
        assert [(one["id"], one["ok"]) for one in answer.json] == [(row["id"], False)]
        assert "damage me.txt" in answer.err
    finally:
        stored.write_bytes(whole)
    assert demo.mehmet.json("document", "verify", row["id"])[0]["problem"] is None


def test_verify_reads_the_active_ones_or_all(demo: DemoPeople, tmp_path: Path) -> None:
    row = _add(demo, _written(tmp_path, "inactive.txt", b"x"))[0]
    demo.mehmet.json("document", "deactivate", row["id"])
    active = {one["id"] for one in demo.elif_.json("document", "verify")}
    everything = {one["id"] for one in demo.elif_.json("document", "verify", "--all")}
    assert row["id"] not in active
    assert everything > active


def test_ctrl_c_says_what_was_saved_and_what_not(demo: DemoPeople, tmp_path: Path) -> None:
    """The first file is whole before the second, endless in comparison, is begun; then somebody stops."""
    store = Path(str(demo.made["store"]["path"]))
    big = tmp_path / "2 big.bin"
    with big.open("wb") as file:
        file.truncate(3 * 2**30)  # sparse: nothing of it is on the disk
    small = _written(tmp_path, "1 small.txt", b"small")
    before = _files(store)
    with subprocess.Popen(
        [*PROGRAM, "document", "add", small, big, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=demo.mehmet.environment(),
        cwd=PROJECT,
    ) as process:
        while process.poll() is None and not any(_large(path) for path in _files(store) - before):
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=100)
    assert process.returncode == 1, err
    assert b"Traceback" not in err
    answers = dict(_outcomes(out))
    assert answers == {"1 small.txt": "saved", "2 big.bin": "cancelled"}
    assert b"1 of 2 added." in err
    # What was begun is given back: only the small file stays.
    assert len(_files(store) - before) == 1


@pytest.fixture(scope="module")
def unchanged(demo: DemoPeople) -> Iterator[None]:
    """Whatever uses this leaves no trace in the center's record."""
    before = demo.ayse.json("audit", "list", "--limit", "1")
    yield
    assert demo.ayse.json("audit", "list", "--limit", "1") == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "README.md", "--sample", "NO-SUCH"],
        ["update", "Bench notes 3 November", "--title", ""],
        ["update", "Bench notes 3 November", "--title", "x" * 301],
        ["update", "Bench notes 3 November", "--tag", ""],
        ["update", "Bench notes 3 November", "--sample", "NO-SUCH"],
        ["update", "No such document", "--title", "A"],
        ["get", "No such document", "--to", "/tmp"],
        ["get", "00000000-0000-4000-8000-000000000000", "--to", "/tmp"],
        ["versions", "No such document"],
        ["deactivate", "No such document"],
        ["verify", "No such document"],
        ["list", "--sample", "NO-SUCH"],
        ["list", "--center", "ankara"],
    ],
    ids=" ".join,
)
def test_wrong_input_is_one_sentence(demo: DemoPeople, unchanged: None, arguments: list[str]) -> None:
    demo.mehmet.refused("document", *arguments)


def test_a_viewer_adds_and_changes_nothing(demo: DemoPeople, unchanged: None) -> None:
    for arguments in (
        ["add", "README.md"],
        ["update", "Bench notes 3 November", "--title", "Mine"],
        ["deactivate", "Bench notes 3 November"],
    ):
        assert "rights" in demo.elif_.refused("document", *arguments)


def _files(store: Path) -> set[Path]:
    return {path for path in store.rglob("*") if path.is_file()}


def _large(path: Path) -> bool:
    try:
        return path.stat().st_size > 2**22
    except FileNotFoundError:
        return False


def _outcomes(out: bytes) -> list[tuple[str, str]]:
    return [(row["name"], row["outcome"]) for row in json.loads(out)]
