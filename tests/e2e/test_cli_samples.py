"""labkeep-admin sample and audit on the demo, as each of its people."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desktop_app import bootstrap
from tests.e2e.conftest import DemoPeople

RECORD = {"id", "created_at", "updated_at", "created_by", "updated_by", "is_active", "row_version"}
SAMPLE = RECORD | {
    *["name", "description", "sample_type", "status", "barcode", "user_id", "metadata"],
    *["collected_at", "results", "rejection_reason"],
}


def _new(demo: DemoPeople, **options: str) -> dict[str, Any]:
    arguments = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", value)]
    made: dict[str, Any] = demo.mehmet.json("sample", "create", "--name", "Serum", "--type", "blood", *arguments)
    return made


def test_list_has_forty_in_two_centers_and_every_field(demo: DemoPeople) -> None:
    # By their barcodes: other files' tests make samples in the same two centers.
    istanbul = demo.elif_.json("sample", "list", "--all", "--search", "IST-26")
    ankara = demo.deniz.json("sample", "list", "--all", "--search", "ANK-26")
    assert (len(istanbul), len(ankara)) == (25, 15)
    assert all(row.keys() >= SAMPLE for row in istanbul + ankara)
    assert {row["status"] for row in ankara} == {"pending", "processing", "completed", "rejected", "archived"}
    newest = [(row["created_at"], row["id"]) for row in ankara]
    assert newest == sorted(newest, reverse=True)


def test_filters_narrow(demo: DemoPeople) -> None:
    rows = demo.elif_.json("sample", "list", "--all", "--limit", "1000")
    narrowed: dict[tuple[str, str], Callable[[dict[str, Any]], bool]] = {
        ("--status", "rejected"): lambda row: row["status"] == "rejected",
        ("--type", "tissue"): lambda row: row["sample_type"] == "tissue",
        ("--user", "ayse.admin"): lambda row: row["responsible_name"] == "Ayşe Yılmaz",
        ("--meta", "project=ANEMIA-26"): lambda row: row["metadata"].get("project") == "ANEMIA-26",
        ("--search", "citrate plasma"): lambda row: row["name"].startswith("Citrate plasma"),
        ("--since", (datetime.now(UTC) + timedelta(days=1)).isoformat()): lambda _row: False,
        ("--until", (datetime.now(UTC) + timedelta(days=1)).date().isoformat()): lambda _row: True,
    }
    for options, holds in narrowed.items():
        found = demo.elif_.json("sample", "list", "--all", *options)
        assert {row["id"] for row in found} == {row["id"] for row in rows if holds(row)}, options
    assert len(demo.elif_.json("sample", "list", "--limit", "3")) == 3
    both = demo.elif_.json("sample", "list", "--meta", "project=ANEMIA-26", "--meta", "tube=EDTA K2")
    assert both
    assert all(row["metadata"]["tube"] == "EDTA K2" for row in both)


def test_lists_are_sorted_across_pages(demo: DemoPeople) -> None:
    by_barcode = [row["barcode"] for row in demo.elif_.json("sample", "list", "--all", "--sort", "barcode")]
    assert by_barcode == sorted(by_barcode)
    assert len(by_barcode) > 10
    backwards = demo.elif_.json("sample", "list", "--sort", "barcode", "--descending", "--limit", "5")
    assert [row["barcode"] for row in backwards] == by_barcode[: -len(backwards) - 1 : -1]
    titles = [row["title"] for row in demo.elif_.json("document", "list", "--sort", "title")]
    assert [title.casefold() for title in titles] == sorted(title.casefold() for title in titles)
    names = [row["username"] for row in demo.elif_.json("user", "list", "--sort", "username")]
    assert names == sorted(names)
    slugs = [row["slug"] for row in demo.sysadmin.json("center", "list", "--sort", "slug")]
    assert slugs == sorted(slugs)
    assert {"ankara", "istanbul"} <= set(slugs)


def test_a_sample_lives_from_pending_to_archived(demo: DemoPeople) -> None:
    made = _new(demo, barcode="LIFE-1", metadata='{"tube": "EDTA"}', collected_at="2026-11-20T08:15+03:00")
    assert made["collected_at"] == "2026-11-20T05:15:00+00:00"
    assert made["metadata"] == {"tube": "EDTA"}
    edited = demo.mehmet.json("sample", "update", "LIFE-1", "--name", "Serum A", "--metadata", '{"box": 3}')
    assert (edited["name"], edited["metadata"], edited["row_version"]) == ("Serum A", {"box": 3}, 2)
    assert edited["collected_at"] == made["collected_at"]
    assert demo.mehmet.json("sample", "process", "LIFE-1")["status"] == "processing"
    assert demo.mehmet.json("sample", "complete", "LIFE-1")["processing_completed_at"] is not None
    demo.mehmet.refused("sample", "archive", "LIFE-1")
    assert demo.ayse.json("sample", "archive", "LIFE-1")["status"] == "archived"
    demo.ayse.refused("sample", "update", "LIFE-1", "--name", "B")
    assert demo.elif_.json("sample", "find", "LIFE-1")["name"] == "Serum A"
    entries = demo.elif_.json("audit", "list", "--row", made["id"])
    assert [entry["operation"] for entry in entries] == ["update"] * 4 + ["insert"]
    assert entries[0]["new"]["status"] == "archived"
    assert all(entry["id"] == entry["seq"] for entry in entries)


def test_rejecting_keeps_the_reason(demo: DemoPeople) -> None:
    _new(demo, barcode="REJECT-1")
    demo.mehmet.refused("sample", "reject", "REJECT-1", "--reason", "  ")
    rejected = demo.mehmet.json("sample", "reject", "REJECT-1", "--reason", "Clotted")
    assert (rejected["status"], rejected["rejection_reason"]) == ("rejected", "Clotted")
    newest = demo.elif_.json("audit", "list", "--row", rejected["id"])[0]
    assert newest["reason"] == "Clotted"


def test_a_reason_of_the_centers_list_is_taken_in_its_own_spelling(demo: DemoPeople) -> None:
    app = bootstrap.build({"LABKEEP_HOME": str(demo.home)})
    try:
        with app.sign_in.sign_in(app.profiles.list()[0], "ayse.admin", demo.passwords["ayse.admin"]) as lab:
            assert lab.user.center_id is not None
            work = lab.center(lab.user.center_id)
            work.vocabulary.add_rejection_reason("Too little material")
            work.close()
    finally:
        app.close()
    for number, (typed, kept) in enumerate(
        {" TOO little material": "Too little material", "too little": "too little"}.items()
    ):
        _new(demo, barcode=f"LISTED-{number}")
        rejected = demo.mehmet.json("sample", "reject", f"LISTED-{number}", "--reason", typed)
        assert rejected["rejection_reason"] == kept


def test_several_are_changed_as_one_and_it_is_said_which_were_not(demo: DemoPeople) -> None:
    for number in (1, 2):
        _new(demo, barcode=f"MANY-{number}")
    answer = demo.mehmet("sample", "process", "MANY-1", "IST-26-0001", "NO-SUCH", "MANY-2")
    assert answer.status == 1
    *moved, undo = answer.out.splitlines()
    assert moved == ["MANY-1 is processing.", "MANY-2 is processing."]
    assert undo.startswith("To undo all of it: labkeep-admin plan undo ")
    complaints = answer.err.splitlines()
    assert len(complaints) == 3
    assert complaints[0].startswith("Not done: NO-SUCH: ")
    assert complaints[1].startswith("Not done: IST-26-0001: ")
    assert complaints[2] == "2 of 4 done."
    done = demo.mehmet.json("sample", "complete", "MANY-1", "MANY-2")
    assert [sample["status"] for sample in done] == ["completed", "completed"]


def test_out_of_the_lists_and_back(demo: DemoPeople) -> None:
    made = _new(demo, barcode="GONE-1")
    assert demo.mehmet.json("sample", "deactivate", "GONE-1")["is_active"] is False
    assert made["id"] not in [row["id"] for row in demo.mehmet.json("sample", "list")]
    assert made["id"] in [row["id"] for row in demo.mehmet.json("sample", "list", "--all")]
    assert demo.mehmet.json("sample", "restore", made["id"])["is_active"] is True


def test_deleting_needs_the_barcode_and_an_administrator(demo: DemoPeople) -> None:
    made = _new(demo, barcode="DELETE-1")
    assert "DELETE-1" in demo.ayse.refused("sample", "delete", "DELETE-1", "--confirm", "DELETE-2")
    demo.mehmet.refused("sample", "delete", "DELETE-1", "--confirm", "DELETE-1")
    assert demo.elif_.json("sample", "show", "DELETE-1")["id"] == made["id"]
    deleted = demo.ayse.json("sample", "delete", "DELETE-1", "--confirm", "DELETE-1")
    assert (deleted["id"], deleted["barcode"], deleted["deleted"]) == (made["id"], "DELETE-1", True)
    assert (deleted["documents"], deleted["versions"], deleted["files_left"]) == ([], 0, 0)
    demo.elif_.refused("sample", "show", "DELETE-1")
    assert demo.ayse.json("audit", "list", "--row", made["id"])[0]["operation"] == "delete"


def test_what_was_deleted_is_forgotten_on_demand(demo: DemoPeople) -> None:
    """With the deletion or later; who did it and why stays, and the record proves itself."""
    before = demo.ayse.json("audit", "verify")["erased"]
    first, second = (_new(demo, barcode=f"FORGET-{n}", description="Hatice Demir") for n in (1, 2))
    delete = ("sample", "delete", "FORGET-1", "--confirm", "FORGET-1", "--erase-record")
    assert "reason" in demo.ayse.refused(*delete)
    assert demo.elif_.json("sample", "show", "FORGET-1")["id"] == first["id"]
    assert demo.ayse.json(*delete, "--reason", "asked to be forgotten")["erased_entries"] == 2
    demo.ayse.json("sample", "delete", "FORGET-2", "--confirm", "FORGET-2", "--reason", "made twice")
    [deletion, _insert] = demo.ayse.json("audit", "list", "--row", second["id"])
    assert (deletion["reason"], deletion["is_erased"]) == ("made twice", False)
    erase = ("audit", "erase", second["id"], "--reason", "asked, too")
    demo.mehmet.refused(*erase)
    assert demo.ayse.json(*erase)["erased_entries"] == 2
    for one, reason in ((first, "asked to be forgotten"), (second, "asked, too")):
        [erasure, *gone] = demo.elif_.json("audit", "list", "--row", one["id"])
        assert (erasure["operation"], erasure["reason"]) == ("erase", reason)
        assert [(entry["is_erased"], entry["old"], entry["new"]) for entry in gone] == [(True, None, None)] * 2
    verdict = demo.ayse.json("audit", "verify")
    assert (verdict["ok"], verdict["erased"]) == (True, before + 4)
    assert "Hatice" not in json.dumps(demo.ayse.json("audit", "list", "--limit", "5000"))


def test_a_center_may_want_reasons(demo: DemoPeople) -> None:
    settings = ("center", "update", "istanbul", "--settings")
    demo.ayse.refused(*settings, '{"reasons": {"required": ["explode"]}}')
    demo.ayse.json(*settings, '{"reasons": {"required": ["deactivate", "delete"]}}')
    try:
        made = _new(demo, barcode="REASON-1")
        assert "reason" in demo.mehmet.refused("sample", "deactivate", "REASON-1")
        done = demo.mehmet.json("sample", "deactivate", "REASON-1", "--reason", "label torn")
        assert done["is_active"] is False
        demo.mehmet.json("sample", "restore", "REASON-1")
        assert "reason" in demo.ayse.refused("sample", "delete", "REASON-1", "--confirm", "REASON-1")
        [_restored, entry, *_rest] = demo.ayse.json("audit", "list", "--row", made["id"])
        assert entry["reason"] == "label torn"
    finally:
        demo.ayse.json(*settings, "{}")


def test_a_sample_with_documents_goes_with_them_only_where_their_number_is_named(demo: DemoPeople) -> None:
    demo.ayse.refused("sample", "delete", "IST-26-0001", "--confirm", "IST-26-0001")
    named = demo.ayse("sample", "delete", "IST-26-0001")
    documents = demo.elif_.json("document", "list", "--sample", "IST-26-0001", "--all")
    assert len(documents) >= 2
    assert (named.status, "Nothing was deleted" in named.err) == (1, True)
    assert all(document["title"] in named.out for document in documents)
    assert demo.elif_.json("sample", "show", "IST-26-0001")["documents"] == len(documents)


def test_the_bin_has_what_was_deactivated_and_nothing_else(demo: DemoPeople) -> None:
    made = _new(demo, barcode="BIN-1")
    demo.mehmet.json("sample", "deactivate", "BIN-1")
    bin_ids = [row["id"] for row in demo.mehmet.json("sample", "list", "--bin")]
    assert made["id"] in bin_ids
    assert all(row["is_active"] is False for row in demo.mehmet.json("sample", "list", "--bin"))
    demo.ayse.json("sample", "delete", "BIN-1", "--confirm", "BIN-1")
    assert made["id"] not in [row["id"] for row in demo.mehmet.json("sample", "list", "--bin")]


@pytest.fixture(scope="module")
def unchanged(demo: DemoPeople) -> Iterator[None]:
    """Whatever uses this leaves no trace in the center's record."""
    before = demo.ayse.json("audit", "list", "--limit", "1")
    yield
    assert demo.ayse.json("audit", "list", "--limit", "1") == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "--name", "", "--type", "blood"],
        ["create", "--name", "x" * 201, "--type", "blood"],
        ["create", "--name", "a\nb", "--type", "blood"],
        ["create", "--name", "Serum", "--type", "blood", "--barcode", "IST-26-0001"],
        ["create", "--name", "Serum", "--type", "blood", "--metadata", "[1, 2]"],
        ["create", "--name", "Serum", "--type", "blood", "--metadata", "{tube: EDTA}"],
        ["create", "--name", "Serum", "--type", "blood", "--user", "deniz.admin"],
        ["create", "--name", "Serum", "--type", "blood", "--user", "nobody"],
        ["update", "IST-26-0002", "--name", ""],
        ["update", "IST-26-0002", "--barcode", ""],
        ["update", "IST-26-0002", "--barcode", "IST-26-0001"],
        ["update", "IST-26-0002", "--metadata", "7"],
        ["update", "IST-26-0002", "--user", "nobody"],
        ["update", "NO-SUCH", "--name", "A"],
        ["show", "NO-SUCH"],
        ["show", "00000000-0000-4000-8000-000000000000"],
        ["find", "IST-26"],
        ["process", "IST-26-0001"],
        ["complete", "IST-26-0003"],
        ["restore", "NO-SUCH"],
        ["list", "--user", "nobody"],
    ],
    ids=" ".join,
)
def test_wrong_input_is_one_sentence(demo: DemoPeople, unchanged: None, arguments: list[str]) -> None:
    demo.mehmet.refused("sample", *arguments)


def test_a_viewer_changes_nothing_and_hears_why(demo: DemoPeople) -> None:
    for arguments in (
        ["create", "--name", "Serum", "--type", "blood"],
        ["update", "IST-26-0002", "--name", "Mine"],
        ["process", "IST-26-0003"],
        ["deactivate", "IST-26-0002"],
    ):
        assert "rights" in demo.elif_.refused("sample", *arguments)
    assert demo.elif_.json("sample", "show", "IST-26-0002")["name"] != "Mine"


def test_another_centers_samples_are_as_if_they_were_not(demo: DemoPeople) -> None:
    foreign = demo.elif_.json("sample", "show", "IST-26-0001")["id"]
    unknown = demo.deniz.refused("sample", "show", "00000000-0000-4000-8000-000000000000")
    assert demo.deniz.refused("sample", "show", foreign) == unknown.replace(
        "00000000-0000-4000-8000-000000000000", foreign
    )
    demo.deniz.refused("sample", "list", "--center", "istanbul")
    assert demo.deniz.refused("sample", "list", "--center", "nowhere") == demo.deniz.refused(
        "sample", "list", "--center", "istanbul"
    ).replace("istanbul", "nowhere")


def test_a_system_administrator_names_the_center(demo: DemoPeople) -> None:
    nowhere = demo.person("sysadmin")
    assert "--center" in nowhere.refused("sample", "list")
    named = ("sample", "list", "--center", "Ankara Research Lab", "--all", "--search", "ANK-26")
    assert len(nowhere.json(*named)) == 15


def test_the_record_is_whole_and_only_administrators_read_all_of_it(demo: DemoPeople) -> None:
    verdict = demo.ayse.json("audit", "verify")
    assert verdict["ok"] is True
    assert verdict["broken_at"] is None
    assert verdict["rows"] >= verdict["links"] > 0
    entries = demo.ayse.json("audit", "list", "--limit", "700")
    assert [entry["seq"] for entry in entries] == sorted((entry["seq"] for entry in entries), reverse=True)
    assert {"id", "at", "login", "operation", "table_name", "row_id", "old", "new", "reason"} <= entries[0].keys()
    demo.elif_.refused("audit", "list")
    demo.elif_.refused("audit", "verify")
    documents = demo.ayse.json("audit", "list", "--table", "documents")
    assert documents
    assert {entry["table_name"] for entry in documents} == {"documents"}
