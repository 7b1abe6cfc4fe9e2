"""Samples through the program's own sessions: lists, filters, pages, edits, on every server."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from desktop_app.db.errors import IllegalStepError, NotAllowedError, StaleRowError
from desktop_app.db.samples import (
    count_samples,
    delete_sample,
    get_sample,
    insert_sample,
    list_samples,
    scanned_samples,
    set_sample_active,
    update_sample,
)
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.field_filters import FieldCondition
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.paging import Count
from desktop_app.domain.records import SampleType
from desktop_app.errors import ConflictError, InvalidInputError, NotFoundError
from tests.db.centers import CenterUnderTest


def filters(*texts: str) -> tuple[FieldCondition, ...]:
    return tuple(map(FieldCondition.parse, texts))


DRAFT = SampleDraft(name="Blood of X", sample_type=SampleType.BLOOD)


def names(center: CenterUnderTest, wanted: SampleFilter, who: str = "viewer", limit: int = 100) -> list[str]:
    with center.sessions(who).begin() as session:
        page = list_samples(session, wanted, None, limit)
        assert count_samples(session, wanted) == Count(len(page.rows))
        return [row.name for row in page.rows]


def test_new_sample_has_what_was_typed_and_what_the_server_adds(center: CenterUnderTest) -> None:
    draft = SampleDraft(
        name="Doku örneği",
        sample_type=SampleType.TISSUE,
        barcode="IST-7",
        description="from the ward\nsecond line",
        metadata={"tube": "EDTA", "ml": 2.5, "deep": {"a": [1, None]}, "😀": "é"},
        collected_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        collected_place="Ward 3",
        results="none yet",
    )
    before = datetime.now(UTC) - timedelta(minutes=5)
    with center.sessions().begin() as session:
        sample = insert_sample(session, uuid4(), draft)
    assert (sample.status, sample.row_version, sample.is_active) == (SampleStatus.PENDING, 1, True)
    assert sample.created_by == sample.updated_by == sample.responsible_name == center.members["user"].username
    assert sample.user_id == center.members["user"].id
    assert before < sample.created_at == sample.updated_at < datetime.now(UTC) + timedelta(minutes=5)
    for field in ("name", "sample_type", "barcode", "description", "metadata", "collected_at", "collected_place"):
        assert getattr(sample, field) == getattr(draft, field), field
    with center.sessions("viewer").begin() as session:
        assert get_sample(session, "IST-7") == get_sample(session, sample.id) == get_sample(session, str(sample.id))


def test_barcodes_are_made_for_the_day_and_count_on(new_center: CenterUnderTest) -> None:
    made = [new_center.sample().barcode for _ in range(3)]
    today = made[0].partition("-")[0]
    assert abs(datetime.now(UTC) - datetime.strptime(today, "%Y%m%d").replace(tzinfo=UTC)) < timedelta(days=2)
    assert made == [f"{today}-{number:04}" for number in (1, 2, 3)]
    taken = new_center.sample(barcode=f"{today}-0004")
    assert new_center.sample().barcode == f"{today}-0005", "a typed barcode of the same form is stepped over"
    assert taken.barcode == f"{today}-0004"


def test_barcode_counter_goes_on_beyond_four_digits_and_starts_again_with_the_day(new_center: CenterUnderTest) -> None:
    first = new_center.sample()
    day = first.barcode.partition("-")[0]
    [(value,)] = new_center.really("SELECT setval('sample_barcodes', last_value + 99999 - 1) FROM sample_barcodes")
    assert new_center.sample().barcode == f"{day}-100000"
    new_center.really("SELECT setval('sample_barcodes', %s)", value - 10_000_000)  # as if it were yesterday
    with new_center.owner() as cursor:
        cursor.execute("SELECT next_barcode()")
        assert cursor.fetchone() == (f"{day}-0001",)


def test_unfinished_transaction_keeps_nobody_from_a_barcode(new_center: CenterUnderTest) -> None:
    with new_center.sessions().begin() as session:
        mine = insert_sample(session, uuid4(), DRAFT).barcode
        theirs = new_center.sample(who="other").barcode
    assert mine.endswith("-0001")
    assert theirs.endswith("-0002")


def test_taken_barcode_comes_back_to_its_field(center: CenterUnderTest) -> None:
    center.sample(barcode="TWICE")
    with pytest.raises(InvalidInputError) as refused, center.sessions().begin() as session:
        insert_sample(session, uuid4(), replace(DRAFT, barcode="TWICE"))
    assert list(refused.value.problems) == ["barcode"]
    other = center.sample()
    with pytest.raises(InvalidInputError), center.sessions().begin() as session:
        update_sample(session, other.id, replace(DRAFT, barcode="TWICE"), other.row_version)


def test_repeating_a_save_is_harmless_but_an_id_is_not_taken_over(center: CenterUnderTest) -> None:
    sample_id = uuid4()
    for _ in range(2):
        with center.sessions().begin() as session:
            assert insert_sample(session, sample_id, DRAFT).row_version == 1
    with pytest.raises(ConflictError), center.sessions("other").begin() as session:
        insert_sample(session, sample_id, DRAFT)
    with pytest.raises(ConflictError), center.sessions().begin() as session:
        insert_sample(session, sample_id, replace(DRAFT, name="Another"))
    assert center.really("SELECT count(*) FROM audit_log WHERE row_id = %s", str(sample_id)) == [(1,)]


def test_responsible_person_is_an_active_member(center: CenterUnderTest) -> None:
    admin = center.members["admin"]
    sample = center.sample(user_id=admin.id)
    assert sample.responsible_name == admin.username
    with pytest.raises(InvalidInputError) as refused, center.sessions().begin() as session:
        insert_sample(session, uuid4(), replace(DRAFT, user_id=uuid4()))
    assert list(refused.value.problems) == ["user_id"]
    with center.owner() as cursor:
        cursor.execute("UPDATE people SET member_until = now() WHERE id = %s", (str(admin.id),))
    try:
        with center.sessions().begin() as session:  # somebody who has left stays named
            sample = update_sample(session, sample.id, replace(DRAFT, name="Edited"), sample.row_version)
            assert sample.user_id == admin.id
        with pytest.raises(InvalidInputError), center.sessions().begin() as session:
            insert_sample(session, uuid4(), replace(DRAFT, user_id=admin.id))
    finally:
        with center.owner() as cursor:
            cursor.execute("UPDATE people SET member_until = NULL WHERE id = %s", (str(admin.id),))


def test_edit_counts_on_and_a_stale_one_loses_whole(center: CenterUnderTest) -> None:
    sample = center.sample()
    with center.sessions("other").begin() as session:
        edited = update_sample(session, sample.id, replace(DRAFT, name="Theirs"), sample.row_version)
    assert edited.row_version == 2
    assert edited.barcode == sample.barcode
    assert edited.user_id == sample.user_id
    assert edited.updated_by == center.members["other"].username
    assert edited.created_by == center.members["user"].username
    assert edited.updated_at > sample.updated_at
    with pytest.raises(StaleRowError), center.sessions().begin() as session:
        insert_sample(session, uuid4(), replace(DRAFT, barcode="LOST"))
        update_sample(session, sample.id, replace(DRAFT, name="Mine"), sample.row_version)
    assert center.really("SELECT name FROM samples WHERE id = %s OR barcode = 'LOST'", str(sample.id)) == [("Theirs",)]


def test_unknown_samples_are_not_found(center: CenterUnderTest) -> None:
    with center.sessions().begin() as session:
        for ref in (uuid4(), str(uuid4()), "no such barcode", ""):
            with pytest.raises(NotFoundError):
                get_sample(session, ref)
        with pytest.raises(NotFoundError):
            update_sample(session, uuid4(), DRAFT, 1)
        with pytest.raises(NotFoundError):
            set_sample_active(session, uuid4(), False, 1)
    with pytest.raises(NotFoundError), center.sessions("admin").begin() as session:
        delete_sample(session, uuid4())


def test_deactivated_samples_hide_and_come_back(new_center: CenterUnderTest) -> None:
    sample = new_center.sample(name="Hidden")
    with new_center.sessions().begin() as session:
        hidden = set_sample_active(session, sample.id, False, sample.row_version)
    assert names(new_center, SampleFilter()) == []
    assert names(new_center, SampleFilter(include_inactive=True)) == ["Hidden"]
    with new_center.sessions().begin() as session:
        assert set_sample_active(session, sample.id, True, hidden.row_version).is_active
    assert names(new_center, SampleFilter()) == ["Hidden"]


def test_delete_is_for_administrators_and_not_under_documents(center: CenterUnderTest) -> None:
    sample = center.sample()
    center.document(sample_id=sample.id)
    with center.sessions("viewer").begin() as session:
        assert get_sample(session, sample.id).documents == 1
    with pytest.raises(NotAllowedError), center.sessions("user").begin() as session:
        delete_sample(session, sample.id)
    with pytest.raises(IllegalStepError, match="documents"), center.sessions("admin").begin() as session:
        delete_sample(session, sample.id)
    lonely = center.sample()
    with center.sessions("admin").begin() as session:
        delete_sample(session, lonely.id)
        with pytest.raises(NotFoundError):
            get_sample(session, lonely.id)


def test_every_filter_narrows(new_center: CenterUnderTest) -> None:
    center = new_center
    center.sample(name="one", metadata={"tube": "EDTA", "ml": 3, "ok": True})
    center.sample(name="two", sample_type=SampleType.URINE, metadata={"tube": "EDTA", "ml": "3"})
    middle = center.sample(name="three", who="other", metadata={"tube": "SST"})
    center.sample(name="four", who="other")
    other = center.members["other"].id
    assert names(center, SampleFilter()) == ["four", "three", "two", "one"]
    assert names(center, SampleFilter(status=SampleStatus.PENDING)) == ["four", "three", "two", "one"]
    assert names(center, SampleFilter(status=SampleStatus.COMPLETED)) == []
    assert names(center, SampleFilter(sample_type=SampleType.URINE)) == ["two"]
    assert names(center, SampleFilter(user_id=other)) == ["four", "three"]
    assert names(center, SampleFilter(since=middle.created_at)) == ["four", "three"]
    assert names(center, SampleFilter(until=middle.created_at)) == ["two", "one"]
    assert names(center, SampleFilter(conditions=filters("tube=EDTA"))) == ["two", "one"]
    assert names(center, SampleFilter(conditions=filters("ml=3"))) == ["two", "one"]
    assert names(center, SampleFilter(conditions=filters("ok=true"))) == ["one"]
    assert names(center, SampleFilter(conditions=filters("tube=SST", "ml=3"))) == []
    assert names(center, SampleFilter(user_id=other, conditions=filters("tube=SST"), search="THR")) == ["three"]


def test_search_finds_parts_in_any_case_and_takes_nothing_for_a_pattern(new_center: CenterUnderTest) -> None:
    center = new_center
    center.sample(name="Kan örneği", barcode="ABC-100%", description="Ayşe'nin numunesi")
    center.sample(name="50_percent", barcode="Q\\7")
    for search in ("örn", "ÖRNE", "kan", "KAN ayş", "c-1", "100%", "e'n", "ğ"):
        assert names(center, SampleFilter(search=search)) == ["Kan örneği"], search
    for search in ("50_", "0_p", "q\\7", "\\"):
        assert names(center, SampleFilter(search=search)) == ["50_percent"], search
    for search in ("50%p", "k_n", "kan 50", "%%%", "___", "xyz", "';--", "\\\\\\"):
        assert names(center, SampleFilter(search=search)) == [], search
    assert len(names(center, SampleFilter(search="   "))) == 2


def test_search_of_three_characters_uses_the_index(new_center: CenterUnderTest) -> None:
    with new_center.sessions().begin() as session:
        connection = session.connection()
        for way in ("seqscan", "indexscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        [plan] = plans_of_counts(session, SampleFilter(search="abcd"))
    assert "samples_search" in plan


def test_word_that_very_many_have_is_counted_without_trigrams(
    new_center: CenterUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_center.sample(name="Rare")
    with new_center.raw() as cursor:  # as many as make a histogram
        cursor.execute(
            "INSERT INTO samples (id, name, sample_type)"
            " SELECT gen_random_uuid(), 'Common ' || n, 'blood' FROM generate_series(1, 150) AS n"
        )
    with new_center.owner() as cursor:
        cursor.execute("ANALYZE samples")
    monkeypatch.setattr("desktop_app.db.listing.COUNT_CAP", 3)
    with new_center.sessions().begin() as session:
        [common] = plans_of_counts(session, SampleFilter(search="common"))
        [rare] = plans_of_counts(session, SampleFilter(search="rare"))
        assert count_samples(session, SampleFilter(search="common"), 3) == Count(3, capped=True)
        assert count_samples(session, SampleFilter(search="rare")) == Count(1)
    assert "trigrams" not in common
    assert "trigrams" in rare


@pytest.mark.parametrize("codes", [["B-1", "B-2"], ["B-1", str(uuid4())], [str(uuid4())]])
def test_scanned_codes_are_found_by_indexes(new_center: CenterUnderTest, codes: list[str]) -> None:
    with new_center.sessions().begin() as session:
        session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
        [plan] = plans(session, "SELECT", lambda: scanned_samples(session, codes))
    assert "Seq Scan on samples" not in plan


def plans_of_counts(session: Session, wanted: SampleFilter) -> list[str]:
    """How PostgreSQL runs what is asked of it for a count."""
    return plans(session, "SELECT count", lambda: count_samples(session, wanted))


def plans(session: Session, begins: str, work: Callable[[], object]) -> list[str]:
    """How PostgreSQL runs the statements of *work* that begin so."""
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(begins):
            cursor.execute("EXPLAIN " + cursor.mogrify(statement, parameters).decode())
            plans.append(str(cursor.fetchall()))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", explain)
    work()
    event.remove(connection, "before_cursor_execute", explain)
    return plans


def test_pages_meet_without_gap_or_repeat_while_rows_come(new_center: CenterUnderTest) -> None:
    with new_center.sessions().begin() as session:
        for number in range(10):
            insert_sample(session, uuid4(), replace(DRAFT, name=f"s{number}"))
    # Several rows of the very same moment: the id decides.
    with new_center.owner(role=None) as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE samples SET created_at = '2026-01-01' WHERE name < 's5'")
    seen, after = [], None
    with new_center.sessions("viewer").begin() as session:
        while True:
            page = list_samples(session, SampleFilter(), after, 3)
            seen += [row.name for row in page.rows]
            new_center.sample(name="newer")
            after = page.next
            if after is None:
                break
            assert len(page.rows) == 3
    assert seen[:5] == ["s9", "s8", "s7", "s6", "s5"]
    assert sorted(seen) == sorted(f"s{number}" for number in range(10))


def test_page_that_ends_with_the_list_has_no_next(new_center: CenterUnderTest) -> None:
    for _ in range(4):
        new_center.sample()
    with new_center.sessions().begin() as session:
        first = list_samples(session, SampleFilter(), None, 2)
        assert first.next is not None
        second = list_samples(session, SampleFilter(), first.next, 2)
        assert (len(second.rows), second.next) == (2, None)
        assert list_samples(session, SampleFilter(), None, 4).next is None


def test_count_stops_at_the_cap(new_center: CenterUnderTest) -> None:
    for _ in range(3):
        new_center.sample()
    with new_center.sessions().begin() as session:
        assert count_samples(session, SampleFilter(), 3) == Count(3)
    new_center.sample()
    with new_center.sessions().begin() as session:
        assert count_samples(session, SampleFilter(), 3) == Count(3, capped=True)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "x" * 201),
        ("name", ""),
        ("metadata", "[1]"),
        ("sample_type", "stone"),
        ("barcode", "b" * 65),
    ],
)
def test_database_has_the_last_word_on_values(center: CenterUnderTest, column: str, value: str) -> None:
    fields = {"id": str(uuid4()), "name": "n", "sample_type": "blood", column: value}
    with pytest.raises(InvalidInputError) as refused, center.sessions().begin() as session:
        columns, values = ", ".join(fields), ", ".join(f"%({key})s" for key in fields)
        session.connection().exec_driver_sql(f"INSERT INTO samples ({columns}) VALUES ({values})", fields)
    assert list(refused.value.problems) == [column]


def test_reason_of_the_session_stands_in_the_record(center: CenterUnderTest) -> None:
    with center.sessions().begin(reason="called by phone") as session:
        sample = insert_sample(session, uuid4(), DRAFT)
    [(reason, login)] = center.really("SELECT reason, login FROM audit_log WHERE row_id = %s", str(sample.id))
    assert (reason, login) == ("called by phone", center.members["user"].login)
