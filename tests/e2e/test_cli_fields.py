"""Fields of a center by the command line: defined, used, asked for, renamed, taken out of use."""

import json
from pathlib import Path

from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import Admin


def barcodes(who: Admin, *options: str) -> list[str]:
    return [row["barcode"] for row in who.json("sample", "list", *options)]


def test_a_field_is_defined_used_asked_for_renamed_and_taken_out_of_use(demo: DemoPeople) -> None:
    admin, user = demo.ayse, demo.mehmet
    added = admin.json("field", "create", "rack", "--kind", "choice", "--choices", 'R1,"R2, upper"', "--type", "urine")
    assert (added["name"], added["kind"], added["choices"]) == ("rack", "choice", ["R1", "R2, upper"])
    assert (added["sample_types"], added["required"], added["unit"]) == (["urine"], False, "")
    admin.json("field", "create", "dose_mg", "--kind", "number", "--unit", "mg", "--type", "urine", "--required")
    assert {"rack", "dose_mg"} <= {row["name"] for row in user.json("field", "list")}
    create = ("sample", "create", "--name", "Cup", "--type", "urine", "--barcode")
    assert "dose_mg must be given" in user.refused(*create, "RACK-0")
    assert "must be a number" in user.refused(*create, "RACK-0", "--metadata", '{"dose_mg": "2"}')
    user.json(*create, "RACK-1", "--metadata", '{"dose_mg": 2.5, "rack": "R1"}')
    user.json(*create, "RACK-2", "--metadata", '{"dose_mg": 20, "rack": "R2, upper"}')
    assert barcodes(user, "--meta", "dose_mg>2", "--meta", "rack:r1") == ["RACK-1"]
    assert barcodes(user, "--meta", 'rack="R2, upper"') == ["RACK-2"]
    admin.json("field", "update", "dose_mg", "--name", "Dose", "--not-required")
    assert barcodes(user, "--meta", "Dose >= 2,5", "--sort", "barcode") == ["RACK-1", "RACK-2"]
    for order in ("Dose", "field.dose_mg"):
        assert barcodes(user, "--sort", order, "--limit", "2") == ["RACK-1", "RACK-2"]
    assert barcodes(user, "--sort", "dose", "--descending", "--limit", "2") == ["RACK-2", "RACK-1"]
    assert "no field “frezer” to sort by" in user.refused("sample", "list", "--sort", "frezer")
    assert user.json("sample", "show", "RACK-1")["metadata"] == {"dose_mg": 2.5, "rack": "R1"}
    assert "no field “frezer”" in user.refused("sample", "list", "--meta", "frezer:F3")
    assert "compared with numbers" in user.refused("sample", "list", "--meta", "Dose>much")
    assert not admin.json("field", "deactivate", "Dose")["is_active"]
    assert "Dose" not in {row["name"] for row in user.json("field", "list")}
    assert admin.json("field", "restore", "dose")["is_active"]
    for name in ("Dose", "rack"):
        admin.json("field", "deactivate", name)


def test_what_is_refused_is_a_sentence(demo: DemoPeople) -> None:
    demo.mehmet.refused("field", "create", "Colour", "--kind", "text")
    assert "at least one" in demo.ayse.refused("field", "create", "Colour", "--kind", "choice")
    assert "no field" in demo.ayse.refused("field", "update", "Moon", "--unit", "ml")
    demo.ayse.refused("field", "create", "Colour", "--kind", "picture", status=2)
    demo.ayse.refused("field", "update", "Moon", status=2)
    demo.ayse.refused("sample", "list", "--meta", "Colour", status=2)


def test_fields_come_from_a_sheet_go_back_and_out_and_in_again(demo: DemoPeople, tmp_path: Path) -> None:
    admin, file = demo.ayse, tmp_path / "fields.csv"
    file.write_text(
        'Label,Kind,Choices,Types,Order,Nonsense\nShelf,choice,"S1, S2",Blood,,x\nLevel,colour,,,9,x\n', "utf-8"
    )
    command = ("field", "import", str(file), "--map", "Label=name")
    tried = json.loads(admin(*command, "--dry-run", "--json").out)
    assert (tried["plan"], tried["created"], tried["ignored"]) == (None, 1, ["Nonsense"])
    assert [(each["row"], each["column"], each["value"]) for each in tried["problems"]] == [(3, "Kind", "colour")]
    refused = admin(*command)
    assert (refused.status, refused.out.splitlines()[-1]) == (1, "Nothing came in.")
    assert refused.err.startswith("Row 3, Kind: A kind is text, number")
    assert "Shelf" not in {row["name"] for row in admin.json("field", "list")}

    done = json.loads(admin(*command, "--skip-bad", "--json", "--reason", "the new form").out)
    assert (done["created"], done["updated"], len(done["problems"])) == (1, 0, 1)
    shelf = next(row for row in admin.json("field", "list") if row["name"] == "Shelf")
    assert (shelf["kind"], shelf["choices"], shelf["sample_types"]) == ("choice", ["S1", "S2"], ["blood"])
    assert "rights of an administrator" in demo.mehmet.refused("plan", "undo", done["plan"])
    assert admin("plan", "undo", done["plan"]).status == 0
    assert "Shelf" not in {row["name"] for row in admin.json("field", "list", "--all")}
    assert demo.mehmet(*command, "--skip-bad").status == 1, "only administrators define fields"

    admin.json("field", "create", "=Rack", "--kind", "choice", "--choices", 'R1,"R2, upper"')
    for name in ("out.csv", "out.xlsx"):
        written = admin.json("field", "export", str(tmp_path / name))
        assert written["rows"] == len(admin.json("field", "list", "--all"))
        again = admin.json("field", "import", str(tmp_path / name), "--update", "--dry-run")
        assert (again["unchanged"], again["created"], again["updated"], again["problems"]) == (
            written["rows"],
            0,
            0,
            [],
        )
    assert admin("field", "export", str(tmp_path / "out.csv")).status == 1, "it is there already"
    assert admin("field", "import", str(tmp_path / "out.csv")).status == 1, "all of them are there already"
    admin.json("field", "deactivate", "=Rack")
