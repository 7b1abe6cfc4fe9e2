"""The record of changes is narrowed by person, time and field, and written out with the head of its chain."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest

from desktop_app.domain.audit import RecordForm, field_changes, matches
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.paging import Part
from desktop_app.domain.records import AuditEntry, Sample
from desktop_app.errors import Cancelled, NotFoundError, RefusedError
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, World

At = Callable[[str, str], CenterServices]
EVIL = '=HYPERLINK("http://x")<b>\u202eabc ünïcode'


@pytest.fixture
def sample(at: At) -> Sample:
    made = at("a.user", "alpha").samples.create(
        SampleDraft(name=EVIL, sample_type="blood", metadata={"freezer": "F1", "box": "3"})
    )
    return at("a.admin", "alpha").samples.edit(
        made, SampleDraft(name="plain", sample_type="blood", metadata={"freezer": "F2", "box": "3"})
    )


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_the_filters_find_what_they_say(world: World, at: At, sample: Sample) -> None:
    record = at("a.admin", "alpha").audit

    def found(**wanted: object) -> list[AuditEntry]:
        whole = AuditFilter(row_id=sample.id, **wanted)  # type: ignore[arg-type]  # each test names its own
        entries = list(record.list(whole))
        assert entries == [each for each in record.list(AuditFilter(row_id=sample.id)) if matches(each, whole)]
        return entries

    [changed, made] = found()
    assert found(login=record.login_of("a.user")) == [made]
    assert found(field="name") == found(field="metadata.freezer") == found(field="metadata") == [changed]
    assert found(field="metadata.box") == found(field="barcode") == []
    assert found(since=made.at, until=changed.at) == [made]
    assert [each.field for each in field_changes(changed) if each.field.startswith("metadata")] == ["metadata.freezer"]
    with pytest.raises(NotFoundError):
        record.login_of("nobody.here")


@pytest.mark.parametrize("form", list(RecordForm))
def test_a_record_is_written_out_with_its_head(at: At, sample: Sample, tmp_path: Path, form: RecordForm) -> None:
    record = at("a.admin", "alpha").audit
    target = tmp_path / f"record.{form.value}"
    made = record.export(AuditFilter(), target, form)
    assert made.entries == record.count(AuditFilter()).number
    assert made.head == record.head()
    if form is RecordForm.PDF:
        text = text_of(target).replace("\r\n", "").replace("\n", "")
        for part in (made.head.digest.hex(), f"link {made.head.seq:,}", "a.admin", "freezer", "F2", "ünïcode"):
            assert part in text
        return
    with target.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len({line["entry"] for line in lines}) == made.entries
    names = {line["operation"]: line for line in lines if line["row_id"] == str(sample.id) and line["field"] == "name"}
    assert names["insert"]["after"] == names["update"]["before"] == f"'{EVIL}"
    assert names["update"]["after"] == "plain"


def test_nothing_is_left_of_a_cancelled_file_and_nobody_else_may(at: At, sample: Sample, tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        at("a.admin", "alpha").audit.export(AuditFilter(), tmp_path / "r.csv", RecordForm.CSV, stop)
    with pytest.raises(RefusedError):
        at("a.user", "alpha").audit.export(AuditFilter(), tmp_path / "r.csv", RecordForm.CSV)
    assert list(tmp_path.iterdir()) == []


def test_the_installation_has_a_record_of_its_own(world: World, tmp_path: Path) -> None:
    record = world.lab(ROOT).audit
    assert any(
        entry.label == "a.user · Alpha Hospital"
        for entry in record.part(AuditFilter(table_name="memberships"), Part(from_end=True))
    )
    since = datetime.now(UTC) + timedelta(days=1)
    assert record.list(AuditFilter(since=since)) == ()
    made = record.export(AuditFilter(table_name="users"), tmp_path / "r.pdf", RecordForm.PDF)
    assert made.entries == record.count(AuditFilter(table_name="users")).number
    assert "Only a part of the record" in text_of(tmp_path / "r.pdf")
    with pytest.raises(RefusedError):
        world.lab("a.admin").audit.list()
