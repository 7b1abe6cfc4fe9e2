"""labkeep-admin view, worklist and sample list --view and --barcodes, on the demo."""

import json
from pathlib import Path

from tests.e2e.conftest import DemoPeople


def test_views_and_work_lists(demo: DemoPeople, tmp_path: Path) -> None:
    made = [demo.mehmet.json("sample", "create", "--name", f"view {at}", "--type", "other") for at in range(3)]
    codes = [each["barcode"] for each in made]
    pasted = tmp_path / "codes.txt"
    pasted.write_text("\n".join([codes[0], "", f" {codes[2]} ", "no-such"]), encoding="utf-8")
    answer = demo.mehmet("sample", "list", "--barcodes", pasted, "--json")
    assert {each["barcode"] for each in answer.json} == {codes[0], codes[2]}
    assert "no-such" in answer.err
    view = tmp_path / "view.json"
    view.write_text(
        json.dumps({"labkeep_view": 1, "filter": {"search": "view"}, "sort": ["name", "ascending"], "columns": []})
    )
    demo.elif_.refused("view", "save", "ours", view, "--shared")
    kept = demo.mehmet.json("view", "save", "ours", view, "--shared")
    assert demo.mehmet.json("view", "save", "ours", view, "--shared")["id"] == kept["id"], (
        "the same name, the same view"
    )
    shown = demo.elif_.json("sample", "list", "--view", "ours")
    assert [each["name"] for each in shown] == ["view 0", "view 1", "view 2"]
    demo.mehmet.json("view", "delete", "ours")
    view.write_text("{}")
    demo.mehmet.refused("view", "save", "broken", view)

    listed = demo.mehmet.json("worklist", "create", "PCR", codes[1], codes[0], "--user", "mehmet.user")
    assert (listed["samples"], listed["person"] != "") == (2, True)
    assert [each["barcode"] for each in demo.elif_.json("worklist", "show", "PCR")] == [codes[1], codes[0]]
    answer = demo.mehmet("worklist", "tick", "PCR", codes[0], codes[2])
    assert (answer.status, answer.out) == (1, "1 of 2 are done.\n")
    assert demo.mehmet.json("worklist", "tick", "PCR", codes[0])["ticks"] == {codes[0]: "again"}
    assert demo.mehmet.json("worklist", "list")[0]["done"] == 1
    arranged = demo.mehmet.json("worklist", "arrange", "PCR", codes[0])
    assert [each["barcode"] for each in arranged] == [codes[0], codes[1]]
    renamed = demo.mehmet.json("worklist", "update", "PCR", "--name", "PCR of Tuesday", "--user", "")
    assert (renamed["name"], renamed["person"]) == ("PCR of Tuesday", "")
    assert "needs the rights" in demo.elif_.refused("worklist", "arrange", "PCR of Tuesday", codes[1])
    demo.mehmet.json("worklist", "delete", "PCR of Tuesday")
