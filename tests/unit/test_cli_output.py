"""What commands print: JSON by the database's names, tables that cannot steer a terminal."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from desktop_app.cli.output import plain, print_problem, print_record, print_records, table, visible
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.records import Sample, SampleType, Version

ID = UUID("00000000-0000-4000-8000-000000000001")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SAMPLE = Sample(
    id=ID,
    created_at=NOON,
    updated_at=NOON,
    created_by="Ayşe Yılmaz",
    updated_by="Ayşe Yılmaz",
    is_active=True,
    row_version=3,
    name="Serum",
    sample_type=SampleType.BLOOD,
    status=SampleStatus.PENDING,
    barcode="IST-1",
    user_id=ID,
    metadata={"tube": "EDTA", "volume_ml": 4.0},
)


def test_a_record_as_json_has_the_databases_names_and_plain_values(capsys: pytest.CaptureFixture[str]) -> None:
    print_record(SAMPLE, as_json=True)
    values = json.loads(capsys.readouterr().out)
    assert values["id"] == str(ID)
    assert values["created_at"] == "2026-11-21T12:00:00+00:00"
    assert (values["status"], values["sample_type"]) == ("pending", "blood")
    assert values["metadata"] == {"tube": "EDTA", "volume_ml": 4.0}
    assert values["collected_at"] is None
    assert values["created_by"] == "Ayşe Yılmaz"


def test_letters_stay_letters_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_record({"name": "Şişli"}, as_json=True)
    assert "Şişli" in capsys.readouterr().out


def test_wrapped_keys_and_signed_bytes_are_not_printed() -> None:
    version = Version(
        id=ID,
        document_id=ID,
        number=1,
        file_id=ID,
        file_name="a.txt",
        mime_type="text/plain",
        size=1,
        stored_size=57,
        stored_digest="blake3:0102",
        statement=b"s",
        signature=b"s",
        key_version=1,
        token=b"wrapped",
        created_at=NOON,
        created_by="x",
        login="u_x",
    )
    values = plain(version)
    assert values["stored_digest"] == "blake3:0102"
    assert not {"token", "statement", "signature"} & values.keys()


def test_an_empty_list_is_an_empty_list_or_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_records([], ("name",), as_json=True)
    assert json.loads(capsys.readouterr().out) == []
    print_records([], ("name",), as_json=False)
    assert capsys.readouterr().out == "Nothing found.\n"


def test_columns_line_up_also_with_wide_letters() -> None:
    lines = list(table(("name", "n"), [("試料", "1"), ("ab", "22")]))
    assert lines == ["name  n", "----  --", "試料  1", "ab    22"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", "a�[2Jb"),
        ("first\nsecond", "first second"),
        ("abc\u202etxt.exe", "abc�txt.exe"),
        ("\x9b31m", "�31m"),
        ("Ayşe", "Ayşe"),
    ],
)
def test_nothing_that_is_printed_steers_the_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_table_cuts_long_texts_and_keeps_each_row_on_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_records([{"name": "x" * 200 + "\n\x1b[31m"}], ("name",), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[2].endswith("…")
    assert len(lines[2]) == 60


def test_a_problem_stays_one_line_whatever_it_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    print_problem("There is no sample a\r\nb\x1b]0;title\x07.")
    assert capsys.readouterr().err == "There is no sample a  b�]0;title�.\n"


def test_times_for_people_carry_their_offset(capsys: pytest.CaptureFixture[str]) -> None:
    print_records([SAMPLE], ("barcode", "created_at"), as_json=False)
    shown = capsys.readouterr().out.splitlines()[2].split("  ", 1)[1]
    assert datetime.fromisoformat(shown.strip()) == NOON
