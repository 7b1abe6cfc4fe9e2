"""What wants to be looked at today, for people and for programs."""

from tests.e2e.conftest import DemoPeople


def test_today_names_what_was_rejected(demo: DemoPeople) -> None:
    demo.mehmet.json("sample", "create", "--name", "Tube", "--type", "blood", "--barcode", "TODAY-1")
    assert demo.mehmet("sample", "reject", "TODAY-1", "--reason", "tube broke").status == 0
    found = demo.mehmet.json("today")
    assert found["rejected"][0]["barcode"] == "TODAY-1"
    assert found["space_left"] > 0
    out = demo.elif_("today").out
    assert "Rejected today: " in out
    assert "TODAY-1  Tube" in out
