"""Fields of a center in the database: what samples may say in them, who defines them, and filters by the index."""

import json
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy import event, text

from desktop_app.db.field_conditions import date_digits, number_digits, range_terms
from desktop_app.db.fields import add_field, change_field, list_fields
from desktop_app.db.samples import list_samples, update_sample
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.field_filters import FieldCondition
from desktop_app.domain.fields import DefinedField, FieldDraft, FieldKind, misfit
from desktop_app.domain.filters import SampleFilter
from desktop_app.errors import InvalidInputError
from tests.db.centers import CenterUnderTest
from tests.db.installation import Installation

VALUES: tuple[object, ...] = (
    "F3", "", "a\nb", "a\x85", "x" * 2_000, "x" * 2_001, 0, 2.5, 1e300, True, False, None, [], {"a": 1},
    "2026-11-21", "2026-02-29", "2024-02-29", "2026-13-01", "1799-12-31", "2199-12-31", "EDTA", "edta",
)  # fmt: skip


def define(center: CenterUnderTest, kind: FieldKind, name: str, **facts: Any) -> DefinedField:
    draft = FieldDraft(name=name, kind=kind, **facts)
    with center.sessions("admin").begin() as session:
        return add_field(session, uuid4(), name, draft)


def found(center: CenterUnderTest, *filters: str) -> list[str]:
    wanted = SampleFilter(conditions=tuple(map(FieldCondition.parse, filters)))
    with center.sessions("viewer").begin() as session:
        return [sample.name for sample in list_samples(session, wanted, None, 100).rows]


@pytest.mark.parametrize("kind", FieldKind)
def test_database_and_domain_agree_about_every_value(center: CenterUnderTest, kind: FieldKind) -> None:
    field = DefinedField(id=uuid4(), key="f", name="f", kind=kind, choices=("EDTA",))
    said = center.really(
        "SELECT array_agg(fits_field(%s, ARRAY['EDTA'], v) ORDER BY n) FROM jsonb_array_elements(%s) "
        "WITH ORDINALITY AS e (v, n)",
        kind.value,
        json.dumps(VALUES),
    )
    assert said[0][0] == [misfit(field, value) is None for value in VALUES]


def test_a_new_or_changed_value_must_fit_and_an_old_one_hinders_nobody(new_center: CenterUnderTest) -> None:
    old = new_center.sample(metadata={"ml": "two"})
    field = define(new_center, FieldKind.NUMBER, "ml", required=True)
    assert field in list_all(new_center)
    for metadata in ({}, {"ml": "two"}):
        with pytest.raises(InvalidInputError) as refused:
            new_center.sample(metadata=metadata)
        assert list(refused.value.problems) == ["metadata.ml"]
    assert new_center.sample(metadata={"ml": 2}).metadata == {"ml": 2}

    def save(**metadata: Any) -> None:
        nonlocal old
        draft = SampleDraft(name="renamed", sample_type="blood", metadata=metadata)
        with new_center.sessions().begin() as session:
            old = update_sample(session, old.id, draft, old.row_version)

    save(ml="two", note="kept")
    for metadata in ({"ml": "three"}, {"note": "kept"}):
        with pytest.raises(InvalidInputError, match="ml"):
            save(**metadata)
    save(ml=3)
    with new_center.sessions("admin").begin() as session:
        change_field(session, field.id, is_active=False)
    save(ml="anything")


def list_all(center: CenterUnderTest) -> tuple[DefinedField, ...]:
    with center.sessions("viewer").begin() as session:
        return list_fields(session)


def test_a_field_of_one_type_is_asked_of_no_other(new_center: CenterUnderTest) -> None:
    define(new_center, FieldKind.TEXT, "depth", required=True, sample_types=("tissue",))
    blood = new_center.sample()
    with pytest.raises(InvalidInputError, match="not for samples of this type"):
        new_center.sample(metadata={"depth": "3 mm"})
    with pytest.raises(InvalidInputError, match="depth must be given"), new_center.sessions().begin() as session:
        update_sample(session, blood.id, SampleDraft(name="x", sample_type="tissue"), blood.row_version)
    assert new_center.sample(sample_type="tissue", metadata={"depth": "3 mm"}).metadata == {"depth": "3 mm"}


def test_names_and_keys_find_one_field_only(new_center: CenterUnderTest) -> None:
    field = define(new_center, FieldKind.TEXT, "Freezer")
    with new_center.sessions("admin").begin() as session:
        change_field(session, field.id, name="Cold room")
    for name in ("freezer", "COLD ROOM", "Freezer"):
        with pytest.raises(InvalidInputError, match="name"):
            define(new_center, FieldKind.TEXT, name)
    with pytest.raises(InvalidInputError, match="sample_types"):
        define(new_center, FieldKind.TEXT, "box", sample_types=("moon-rock",))


def test_only_administrators_define_and_nobody_changes_a_key(new_center: CenterUnderTest) -> None:
    define(new_center, FieldKind.TEXT, "box")
    for who in ("viewer", "user", "other"):
        with new_center.raw(who) as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("UPDATE fields SET required = true")
    for statement in ("UPDATE fields SET key = 'x'", "DELETE FROM fields"):
        with new_center.raw("admin") as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)
    with new_center.raw("admin") as cursor:
        cursor.execute("UPDATE fields SET required = true")
        cursor.execute("SELECT operation, new FROM audit_log WHERE table_name = 'fields' ORDER BY seq DESC LIMIT 1")
        assert cursor.fetchone() == ("update", {"required": True})


def test_filters_by_kind(new_center: CenterUnderTest) -> None:
    for name, metadata in (
        ("one", {"ml": 1, "day": "2026-11-01", "tube": "EDTA", "ok": True}),
        ("two", {"ml": 2.0, "day": "2026-11-21", "tube": "Serum", "ok": False}),
        ("three", {"ml": -3, "day": "2027-01-01"}),
        ("odd", {"ml": "2", "day": "soon", "a\nb\"'\\": "x"}),
        ("none", {}),
    ):
        new_center.sample(name, metadata=metadata)
    define(new_center, FieldKind.NUMBER, "ml")
    define(new_center, FieldKind.DATE, "day")
    define(new_center, FieldKind.CHOICE, "tube", choices=("EDTA", "Serum"))
    define(new_center, FieldKind.YES_NO, "ok")
    assert found(new_center, "ml>1") == ["two"]
    assert found(new_center, "ML>=1,0") == ["two", "one"]
    assert found(new_center, "ml<0.5") == ["three"]
    assert found(new_center, "ml<=2", "ml>-3") == ["two", "one"]
    assert found(new_center, "ml:2") == ["odd", "two"]
    assert found(new_center, "day>=2026-11-21") == ["three", "two"]
    assert found(new_center, "day<2026-11-21") == ["one"]
    assert found(new_center, "tube:serum") == ["two"]
    assert found(new_center, "ok:no") == ["two"]
    for wrong in ("frezer:F3", "frezer>2", "ml>two", "ml:two", "day>yesterday", "tube>EDTA"):
        with pytest.raises(InvalidInputError, match="filter"):
            found(new_center, wrong)


def test_the_index_answers_a_range_that_few_have(new_center: CenterUnderTest) -> None:
    define(new_center, FieldKind.NUMBER, "ml")
    person = new_center.members["user"].id
    with new_center.owner(None) as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO samples (id, name, sample_type, barcode, user_id, metadata) SELECT gen_random_uuid(), "
            "'S', 'blood', 'B' || n, %s, jsonb_build_object('ml', n / 10.0) FROM generate_series(1, 20000) n",
            (str(person),),
        )
        cursor.execute("ANALYZE samples")
    sent: list[Any] = []
    with new_center.sessions("viewer").begin() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *call: sent.append((call[2], call[3])))
        wanted = SampleFilter(conditions=(FieldCondition.parse("ml>=1999"),))
        assert len(list_samples(session, wanted, None, 100).rows) == 11
        statement, values = sent[-1]
        plan = session.connection().exec_driver_sql(f"EXPLAIN {statement}", values).scalars().all()
        session.execute(text("SELECT 1"))
    assert "samples_fields" in "\n".join(plan)


def test_terms_of_the_index_are_those_that_are_asked_for(installation: Installation) -> None:
    def terms(value: object) -> set[str]:
        return set(installation.value("SELECT public.field_terms(%s)", json.dumps({"k": value, "x": [1], "y": None})))

    for value in (0, 1, -1, 2.5, -2.5, 1e300, -1e300, 1e-310, 2**-33, 123456789012345678901):
        assert f"k\nn{number_digits(value)}" in terms(value)
        assert len(terms(value)) == 4
    assert installation.value("SELECT public.field_terms('{\"k\": 1e-400}')") == sorted(terms(0))
    assert installation.value("SELECT public.field_terms('{\"k\": 1e400}')") == sorted(terms(1e300))
    assert terms("F3" * 100) == {"k\ns" + "F3" * 30}
    assert terms(True) == {"k\nbtrue"}
    found = terms("2026-11-21")
    assert {"k\ns2026-11-21", f"k\nd{date_digits('2026-11-21')}"} < found
    for earlier in ("1800-01-01", "2025-12-31", "2026-10-31", "2026-11-12"):
        assert found & {f"k\nd{term}" for term in range_terms(date_digits(earlier), greater=True)}
        assert not found & {f"k\nd{term}" for term in range_terms(date_digits(earlier), greater=False)}
