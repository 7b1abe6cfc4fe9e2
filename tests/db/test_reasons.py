"""A center that wants reasons gets them, whoever writes and however; they stand on the record."""

import json
from collections.abc import Iterator

import psycopg2
import pytest

from desktop_app.db import administration
from desktop_app.db.audit import list_entries
from desktop_app.db.registry import get_center
from desktop_app.domain.filters import AuditFilter
from desktop_app.errors import InvalidInputError
from tests.db.centers import CenterUnderTest
from tests.db.installation import Installation

ALL = ["deactivate", "restore", "delete", "role", "keys"]


@pytest.fixture
def strict(center: CenterUnderTest) -> Iterator[CenterUnderTest]:
    """The same center while it wants a reason for everything."""
    set_required(center, ALL)
    yield center
    set_required(center, [])


def set_required(center: CenterUnderTest, verbs: list[str]) -> None:
    with center.installation.shared(center.members["admin"]).begin() as session:
        row_version = get_center(session, center.id).row_version
        administration.update_center(session, center.id, {"settings": {"reasons": {"required": verbs}}}, row_version)


STATEMENTS = {
    "sample out of the lists": "UPDATE samples SET is_active = false, row_version = 1 WHERE id = '{sample}'",
    "sample back": "UPDATE samples SET is_active = true, row_version = 2 WHERE id = '{inactive}'",
    "sample gone": "DELETE FROM samples WHERE id = '{sample}'",
    "document out of the lists": "UPDATE documents SET is_active = false, row_version = 1 WHERE id = '{document}'",
    "document gone": "DELETE FROM documents WHERE id = '{document}'",
}


def things(center: CenterUnderTest) -> dict[str, str]:
    inactive = str(center.sample().id)
    with center.raw() as cursor:
        cursor.execute("SET labkeep.reason = 'to begin with'")
        cursor.execute("UPDATE samples SET is_active = false, row_version = 1 WHERE id = %s", (inactive,))
    document = str(center.document(f"Report {inactive}").document_id)
    return {"sample": str(center.sample().id), "inactive": inactive, "document": document}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=list(STATEMENTS))
def test_without_a_reason_nothing_is_changed(strict: CenterUnderTest, statement: str) -> None:
    said = statement.format(**things(strict))
    with strict.raw("admin") as cursor:
        for reason in ("", " ", None):
            cursor.execute("SELECT set_config('labkeep.reason', %s, false)", (reason,))
            with pytest.raises(psycopg2.Error, match="reason_required") as refused:
                cursor.execute(said)
            assert (refused.value.pgcode, refused.value.diag.column_name) == ("LK010", "reason")
        cursor.execute("SET labkeep.reason = 'mixed up'")
        cursor.execute(said)
        assert cursor.rowcount == 1
    with strict.sessions("admin").begin() as session:
        assert list_entries(session, AuditFilter(), None, 1)[0].reason == "mixed up"


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=list(STATEMENTS))
def test_where_none_is_wanted_none_is_needed(center: CenterUnderTest, statement: str) -> None:
    said = statement.format(**things(center))
    with center.raw("admin") as cursor:
        cursor.execute(said)
        assert cursor.rowcount == 1


def test_one_verb_is_wanted_and_the_others_are_not(center: CenterUnderTest) -> None:
    set_required(center, ["delete"])
    made = things(center)
    with center.raw("admin") as cursor:
        cursor.execute(STATEMENTS["sample out of the lists"].format(**made))
        with pytest.raises(psycopg2.Error, match="reason_required"):
            cursor.execute(STATEMENTS["sample gone"].format(**made))
    set_required(center, [])


def test_a_new_key_needs_one_but_not_the_first(strict: CenterUnderTest) -> None:
    with strict.owner() as cursor, pytest.raises(psycopg2.Error, match="reason_required"):
        cursor.execute("INSERT INTO tenant_keys (number, state) VALUES (2, 'retired')")


def test_closing_the_center_itself(installation: Installation, strict: CenterUnderTest) -> None:
    for active in (False, True):
        with pytest.raises(InvalidInputError, match="reason"), installation.shared(installation.system).begin() as one:
            administration.set_center_active(one, strict.id, active=active)
        with installation.shared(installation.system).begin(reason="moving house") as session:
            administration.set_center_active(session, strict.id, active=active)
            [entry] = list_entries(session, AuditFilter(row_id=strict.id), None, 1)
            assert entry.reason == "moving house"


@pytest.mark.parametrize(
    "reasons", [3, [], {}, {"required": None}, {"required": "delete"}, {"required": ["explode"]}, {"required": {}}]
)
def test_settings_of_another_form_are_refused(center: CenterUnderTest, reasons: object) -> None:
    settings = json.dumps({"settings": {"reasons": reasons}})
    with center.raw("admin") as cursor, pytest.raises(psycopg2.errors.CheckViolation):
        cursor.execute(
            "SELECT api.update_center(%s, %s, (SELECT row_version FROM public.centers WHERE id = %s))",
            (str(center.id), settings, str(center.id)),
        )
