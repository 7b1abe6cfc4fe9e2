"""Openings on the record: in one's own name alone, of versions that there are, as the center wants it, and bounded."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg2 import errors

from desktop_app.db.audit import list_entries, timeline
from desktop_app.db.audit_proof import verify_chain
from desktop_app.db.audit_rows import rows_unlike_record
from desktop_app.db.openings import note_openings
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.openings import OpenedVersion, Opening
from desktop_app.domain.records import AuditEntry
from desktop_app.errors import InvalidInputError
from tests.db.centers import CenterUnderTest

KINDS = ("preview", "open", "export")


def note(center: CenterUnderTest, who: str, *opened: OpenedVersion) -> int:
    with center.sessions(who).begin() as session:
        return note_openings(session, "bench-7", opened)


def previewed(version: UUID, late: int = 0) -> OpenedVersion:
    return OpenedVersion(version, Opening.PREVIEW, late)


def openings(center: CenterUnderTest) -> list[AuditEntry]:
    with center.sessions("admin").begin() as session:
        return list_entries(session, AuditFilter(operations=KINDS), None, 1000)[::-1]


def want(center: CenterUnderTest, settings: dict[str, str]) -> None:
    with center.owner() as cursor:
        cursor.execute("UPDATE public.centers SET settings = %s WHERE id = %s", (json.dumps(settings), str(center.id)))


def test_what_a_viewer_opened_is_in_the_documents_history(new_center: CenterUnderTest) -> None:
    document, other = new_center.document(), new_center.document()
    opened = [OpenedVersion(document.version_id, kind) for kind in (Opening.PREVIEW, Opening.EXPORT)]
    assert note(new_center, "viewer", *opened, previewed(other.version_id, late=40)) == 3
    with new_center.sessions("other").begin() as session:
        *_, first, second = timeline(session, document.document_id)
    assert [first.operation, second.operation] == ["preview", "export"]
    assert first.who == new_center.members["viewer"].username
    assert (first.row_id, first.new) == (document.version_id, {"version": 1, "workstation": "bench-7"})
    last = openings(new_center)[-1]
    assert last.new == {"version": 1, "workstation": "bench-7", "seconds_late": 40}
    assert len({entry.link for entry in openings(new_center)}) == 1, "one link for all that was told at once"
    with new_center.sessions("admin").begin() as session:
        assert verify_chain(session).is_sound
        assert rows_unlike_record(session) == [], "opening says nothing of what a row is"


def test_the_same_again_within_minutes_is_no_second_entry(new_center: CenterUnderTest) -> None:
    version = new_center.document().version_id
    assert note(new_center, "viewer", previewed(version), previewed(version)) == 1
    assert note(new_center, "viewer", previewed(version)) == 0
    assert note(new_center, "user", previewed(version)) == 1, "somebody else's is another one"
    assert note(new_center, "viewer", OpenedVersion(version, Opening.OPEN)) == 1


def test_a_center_may_want_to_know_of_exports_only(new_center: CenterUnderTest) -> None:
    version = new_center.document().version_id
    want(new_center, {"openings": "exports"})
    assert note(new_center, "viewer", *(OpenedVersion(version, kind) for kind in Opening)) == 2
    assert [entry.operation for entry in openings(new_center)] == ["open", "export"]
    want(new_center, {"openings": "all"})
    assert note(new_center, "viewer", previewed(version)) == 1


@pytest.mark.parametrize("value", ['"none"', "null", '["all"]', "{}", "true", '["all", "exports"]'])
def test_other_settings_are_refused(new_center: CenterUnderTest, value: str) -> None:
    with pytest.raises(errors.CheckViolation, match="centers_settings_check"):
        want(new_center, {"openings": json.loads(value)})


def test_nobody_fills_the_record(new_center: CenterUnderTest) -> None:
    version = new_center.document().version_id
    one = {"operation": "open", "version": str(version)}
    for said in ({}, {"openings": 1}, {"openings": [one] * 201}, {"openings": [one], "more": "x" * 70_000}):
        with new_center.raw("viewer") as cursor, pytest.raises(errors.DatabaseError) as refused:
            cursor.execute("SELECT note_openings(%s)", (json.dumps(said),))
        assert (refused.value.pgcode, refused.value.diag.message_primary) == ("LK010", "openings_malformed")
    said = {"openings": [{"operation": kind, "version": str(version)} for kind in ("insert", "erase", "sign_in", "")]}
    with new_center.raw("viewer") as cursor:
        for each in (said, {"openings": [{"operation": "open", "version": str(uuid4())}]}):
            cursor.execute("SELECT note_openings(%s)", (json.dumps(each),))
            assert cursor.fetchone() == (0,), "no other operation, and no version that is not there"
    assert openings(new_center) == []
    enough = "INSERT INTO audit_log (link, at, txid, login, operation, table_name, reason, digest) SELECT"
    with new_center.owner() as cursor:
        cursor.execute(
            f"{enough} gen_random_uuid(), now(), '3', %s, 'open', 'document_versions', '', ''"
            " FROM generate_series(1, 20000)",
            (new_center.members["viewer"].login,),
        )
    with pytest.raises(InvalidInputError, match="takes no more of you"):
        note(new_center, "viewer", previewed(version))
    assert note(new_center, "user", previewed(version)) == 1, "each person has his own measure"


def test_what_the_program_says_of_time_and_place_is_bounded(new_center: CenterUnderTest) -> None:
    version = str(new_center.document().version_id)
    said: Any = {"workstation": "x" * 500, "openings": [{"operation": "open", "version": version, "seconds_late": 1e9}]}
    with new_center.raw("viewer") as cursor:
        cursor.execute("SET labkeep.reason = 'said by the client'")
        cursor.execute("SELECT note_openings(%s)", (json.dumps(said),))
    [entry] = openings(new_center)
    assert entry.new == {"version": 1, "workstation": "x" * 100, "seconds_late": 604_800}
    assert entry.reason == ""


def test_a_sign_in_is_on_the_records_of_ones_own_centers(new_center: CenterUnderTest) -> None:
    viewer = new_center.members["viewer"]
    with new_center.installation.raw(viewer) as connection, connection.cursor() as cursor:
        for workstation in ("bench-7", "bench-7", "office"):
            cursor.execute("SELECT api.note_sign_in(%s)", (workstation,))
    with new_center.sessions("admin").begin() as session:
        entries = list_entries(session, AuditFilter(operations=("sign_in",)), None, 100)[::-1]
    mine = [entry for entry in entries if entry.login == viewer.login]
    assert [(entry.row_id, entry.new) for entry in mine] == [
        (viewer.id, {"workstation": "bench-7"}),
        (viewer.id, {"workstation": "office"}),
    ], "a script's many sign-ins are one"
