"""What was changed as one is listed, shown and undone as one; what somebody changed since is named and left."""

from pathlib import Path

from tests.e2e.conftest import DemoPeople


def moved(demo: DemoPeople, *barcodes: str) -> str:
    """Samples that were made and moved on by one command; the plan's id."""
    for barcode in barcodes:
        demo.mehmet.json("sample", "create", "--name", "Tube", "--type", "blood", "--barcode", barcode)
    answer = demo.mehmet("sample", "process", *barcodes)
    assert answer.status == 0
    return answer.out.split()[-1]


def test_a_plan_is_listed_shown_and_undone(demo: DemoPeople) -> None:
    plan = moved(demo, "PLAN-1", "PLAN-2")
    listed = demo.mehmet.json("plan", "list", "--limit", "1")
    assert [(each["id"], each["action"], each["rows"], each["undone"]) for each in listed] == [(plan, "process", 2, 0)]
    shown = demo.elif_.json("plan", "show", plan)
    assert shown["plan"]["created_by"] == listed[0]["created_by"]
    assert {each["name"]: each["state"] for each in shown["changes"]} == {"PLAN-1": "unchanged", "PLAN-2": "unchanged"}
    assert "PLAN-1: status: pending → processing" in demo.mehmet("plan", "show", plan).out

    tried = demo.mehmet.json("plan", "undo", plan, "--dry-run")
    assert (tried["undone"], tried["left"]) == (["PLAN-1", "PLAN-2"], [])
    assert demo.mehmet.json("sample", "show", "PLAN-1")["status"] == "processing", "nothing was changed"
    demo.mehmet.json("sample", "update", "PLAN-2", "--name", "Changed since")
    answer = demo.mehmet("plan", "undo", plan)
    assert answer.status == 1
    assert answer.out.splitlines()[0] == "1 of 2 are as they were before."
    assert answer.err == "Not undone: PLAN-2: Somebody changed it since.\n"
    assert [demo.mehmet.json("sample", "show", each)["status"] for each in ("PLAN-1", "PLAN-2")] == [
        "pending",
        "processing",
    ]


def test_documents_and_bad_ids(demo: DemoPeople) -> None:
    made = demo.mehmet.json("document", "list", "--limit", "2")
    gone = demo.mehmet.json("document", "deactivate", *[each["id"] for each in made])
    assert [each["is_active"] for each in gone] == [False, False]
    (plan,) = demo.mehmet.json("plan", "list", "--limit", "1")
    assert len(demo.mehmet.json("plan", "undo", plan["id"])["undone"]) == 2
    assert all(demo.mehmet.json("document", "versions", each["id"]) for each in made)
    assert "no plan" in demo.mehmet.refused("plan", "show", "nonsense")
    unknown = "00000000-0000-4000-8000-000000000000"
    for words in (("show", unknown), ("undo", unknown)):
        assert "no such plan" in demo.mehmet.refused("plan", *words)
        assert demo.deniz.refused("plan", *[plan["id"] if each == unknown else each for each in words])


def test_documents_are_attached_to_a_sample_and_back(demo: DemoPeople, tmp_path: Path) -> None:
    for barcode in ("PLAN-5", "PLAN-6"):
        demo.mehmet.json("sample", "create", "--name", "Tube", "--type", "blood", "--barcode", barcode)
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name)
        demo.mehmet.json("document", "add", str(tmp_path / name), "--sample", "PLAN-6")
    before = demo.mehmet.json("document", "list", "--sample", "PLAN-6")
    assert len(before) == 2
    ids = [each["id"] for each in before]
    attached = demo.mehmet.json("document", "attach", *ids, "--sample", "PLAN-5", "--reason", "the right patient")
    assert [each["sample_barcode"] for each in attached] == ["PLAN-5", "PLAN-5"]
    again = demo.mehmet("document", "attach", ids[0], "--sample", "PLAN-5")
    assert (again.status, again.err) == (1, "It is so already.\n")
    assert "PLAN-404" in demo.mehmet.refused("document", "attach", *ids, "--sample", "PLAN-404")
    demo.elif_.refused("document", "attach", *ids, "--no-sample")
    (plan,) = demo.mehmet.json("plan", "list", "--limit", "1")
    assert (plan["action"], plan["rows"], plan["reason"]) == ("attach", 2, "the right patient")
    assert len(demo.mehmet.json("plan", "undo", plan["id"])["undone"]) == 2
    found = demo.mehmet.json("document", "list", "--limit", "50")
    after = {each["id"]: each["sample_barcode"] for each in found}
    assert [after[each["id"]] for each in before] == [each["sample_barcode"] for each in before]
    said = demo.mehmet("document", "attach", *ids, "--no-sample").out.splitlines()
    assert said[0] == f"{before[0]['title']} belongs to no sample."
    assert said[-1].startswith("To undo all of it: labkeep-admin plan undo ")
    demo.mehmet("plan", "undo", said[-1].split()[-1])


def test_a_colleague_s_plan_is_the_administrator_s_to_undo(demo: DemoPeople) -> None:
    plan = moved(demo, "PLAN-3", "PLAN-4")
    assert "rights" in demo.elif_.refused("plan", "undo", plan)
    assert demo.ayse.json("plan", "undo", plan)["undone"] == ["PLAN-3", "PLAN-4"]
