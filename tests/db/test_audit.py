"""The record of changes: what is in it, that the chain holds together, and that every kind of tampering shows."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from desktop_app.db.audit import count_entries, digest_at, entries_at, head, list_entries, timeline
from desktop_app.db.audit_digests import START, entry_text, link_digest, utc_text, words_digest
from desktop_app.db.audit_proof import verify_chain
from desktop_app.db.errors import NotAllowedError
from desktop_app.db.samples import step_sample, update_sample
from desktop_app.domain.audit import AuditFault, AuditVerdict
from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.lifecycle import Step
from desktop_app.domain.paging import Count, Part
from desktop_app.domain.records import SampleType
from desktop_app.errors import Cancelled
from tests.db.centers import CenterUnderTest, new_version
from tests.db.installation import Installation

ADDED = (
    "INSERT INTO audit_log (link, at, txid, login, operation, table_name, reason, salt, digest)"
    " VALUES ({a link}, now(), '5', 'u', 'insert', 'samples', '', 'x', sha256('x[null, null, \"\"]'))"
)


def verify(center: CenterUnderTest, who: str = "admin") -> AuditVerdict:
    with center.sessions(who).begin() as session:
        return verify_chain(session)


def verify_after(center: CenterUnderTest, statement: str) -> AuditVerdict:
    """The verdict after tampering as only a superuser can who turns the triggers off; undone again."""
    with center.installation.engine().connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql(f"SET LOCAL search_path = {center.schema}, pg_catalog")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        changed = connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        assert changed.rowcount > 0, "nothing was tampered with"
        with Session(connection) as session:
            verdict = verify_chain(session)
        transaction.rollback()
    return verdict


def test_first_digests_are_these() -> None:
    """The format is fixed: a known answer, made by hand from the description in audit.sql."""
    link, epoch = UUID(int=1), UUID(int=2)
    at = datetime(2026, 11, 21, 23, 4, 5, 123, tzinfo=timezone(timedelta(hours=3)))
    assert utc_text(at) == "2026-11-21T20:04:05.000123Z"
    digest = link_digest(START, 1, link, epoch, at, ["[1]", "[2]"])
    assert digest.hex() == "90a15941455a227a3e2606a8c6e0e5d5bb2d2068f76a9ff7165cdc58e89607c9"
    words = words_digest(bytes(32), None, '{"a": 1}', "why")
    assert words == hashlib.sha256(bytes(32) + b'[null, {"a": 1}, "why"]').digest()


def test_edit_keeps_old_and_new_of_what_changed_and_why(center: CenterUnderTest) -> None:
    sample = center.sample(metadata={"tube": "EDTA"})
    with center.sessions("other").begin(reason="typing error") as session:
        update_sample(session, sample.id, SampleDraft(name="Edited", sample_type=SampleType.BLOOD), 1)
    with center.sessions("viewer").begin() as session:
        made, edited = timeline(session, sample.id)
    assert (made.operation, made.old, made.who) == ("insert", None, center.members["user"].username)
    assert made.new is not None
    assert made.new["metadata"] == {"tube": "EDTA"}
    assert made.new["created_at"].endswith("+00:00"), "UTC, whatever the session's time zone"
    assert (edited.operation, edited.reason) == ("update", "typing error")
    assert edited.who == center.members["other"].username
    assert edited.old == {"name": "Blood of X", "metadata": {"tube": "EDTA"}, "row_version": 1}
    assert edited.new == {"name": "Edited", "metadata": {}, "row_version": 2}
    assert edited.at >= made.at


def test_record_is_the_same_whatever_the_session_has_set(center: CenterUnderTest) -> None:
    with center.raw("user") as cursor:
        for name, value in (("timezone", "Asia/Tokyo"), ("bytea_output", "escape"), ("datestyle", "German")):
            cursor.execute(f"SET {name} = '{value}'")
        version = center.signed(new_version(document=DocumentDraft(title="T")))
        cursor.execute(
            "INSERT INTO document_uploads (id, document_id, file_id) VALUES (%s, %s, %s)",
            (str(version.version_id), str(version.document_id), str(uuid4())),
        )
        item = version
        cursor.execute("SELECT save_versions(%s)", (json.dumps([item.to_json()]),))
    with center.sessions("viewer").begin() as session:
        entries = {entry.table_name: entry.new or {} for entry in timeline(session, version.document_id)}
    assert entries["documents"]["created_at"].endswith("+00:00")
    assert entries["document_versions"]["stored_digest"] == version.stored_digest
    assert verify(center).is_sound


def test_key_material_is_in_the_record_as_a_digest_only(new_center: CenterUnderTest) -> None:
    version = new_center.document("Sealed")
    sealed = [bytes(value) for (value,) in new_center.really("SELECT sealed FROM key_grants")]
    assert sealed
    [(whole,)] = new_center.really("SELECT string_agg(audit_log::text, ' ') FROM audit_log")
    for secret in [version.token, version.statement, version.signature, *sealed]:
        assert secret.hex() not in whole
    assert whole.count("sha256:") == len(sealed) + 2
    [(tables,)] = new_center.really("SELECT array_agg(DISTINCT table_name ORDER BY table_name) FROM audit_log")
    assert tables == ["document_versions", "documents", "key_grants", "people", "tenant_keys"]


def test_entries_that_one_statement_made_have_a_salt_each(new_center: CenterUnderTest) -> None:
    """Who knew the salt of one entry could guess the erased words of the others."""
    new_center.save(*(new_version(document=DocumentDraft(title=f"Of many {number}")) for number in range(20)))
    [(entries, salts)] = new_center.really(
        "SELECT count(*), count(DISTINCT salt) FROM audit_log WHERE table_name IN ('documents', 'document_versions')"
    )
    assert (entries, salts) == (40, 40)
    assert verify(new_center).is_sound


def test_timeline_is_for_members_the_whole_record_for_administrators(center: CenterUnderTest) -> None:
    document = center.document("With versions")
    center.save(new_version(document_id=document.document_id, number=2))
    with center.sessions("viewer").begin() as session:
        seen = [(entry.operation, entry.table_name) for entry in timeline(session, document.document_id)]
        assert timeline(session, uuid4()) == []
        assert timeline(session, center.members["user"].id) == [], "who came and went is not a record of the lab's work"
        assert head(session).seq > 0
    versions = [("insert", "document_versions")]
    assert seen == [("insert", "documents"), *versions, ("update", "documents"), *versions]
    for who in ("viewer", "user"):
        with pytest.raises(NotAllowedError), center.sessions(who).begin() as session:
            list_entries(session, AuditFilter(), None, 10)


def test_entries_are_filtered_and_paged_newest_first(new_center: CenterUnderTest) -> None:
    center = new_center
    first = center.sample()
    second = center.sample(who="other")
    with center.sessions().begin() as session:
        step_sample(session, first.id, Step.PROCESS, 1)
    with center.sessions("admin").begin() as session:

        def seen(**wanted: Any) -> list[tuple[UUID | None, str]]:
            found = list_entries(session, AuditFilter(table_name="samples", **wanted), None, 10)
            return [(entry.row_id, entry.operation) for entry in found]

        everything = [(first.id, "update"), (second.id, "insert"), (first.id, "insert")]
        assert seen() == everything
        assert seen(row_id=first.id) == [everything[0], everything[2]]
        assert seen(login=center.members["other"].login) == [everything[1]]
        assert seen(since=second.created_at) == everything[:2]
        assert seen(until=second.created_at) == everything[2:]
        whole = list_entries(session, AuditFilter(), None, 1_000)
        assert entries_at(session, AuditFilter(), Part(2, 3)) == whole[2:5]
        assert entries_at(session, AuditFilter(), Part(1, 2, from_end=True)) == whole[-3:-1]
        assert count_entries(session, AuditFilter()) == Count(len(whole))
        assert count_entries(session, AuditFilter(), 2) == Count(2, capped=True)
        paged, before = [], None
        while page := list_entries(session, AuditFilter(), before, 3):
            paged += page
            before = page[-1].seq
    assert paged == whole
    assert [entry.seq for entry in whole] == sorted((entry.seq for entry in whole), reverse=True)


def test_transaction_is_one_link_and_a_rolled_back_one_is_none(new_center: CenterUnderTest) -> None:
    center = new_center
    before = verify(center)
    with center.sessions().begin() as session:
        savepoint = session.begin_nested()
        _insert(session, "undone")
        savepoint.rollback()
        _insert(session, "kept")
        with session.begin_nested():
            _insert(session, "kept too")
    with pytest.raises(ZeroDivisionError), center.sessions().begin() as session:
        _insert(session, "lost")
        raise ZeroDivisionError
    after = verify(center)
    assert (after.links - before.links, after.rows - before.rows) == (1, 2)
    assert after.is_sound
    assert center.really("SELECT count(*) FROM audit_pending") == [(0,)]


def _insert(session: Any, name: str) -> None:
    session.connection().exec_driver_sql(
        "INSERT INTO samples (id, name, sample_type) VALUES (gen_random_uuid(), %s, 'blood')", (name,)
    )


def test_chain_is_sound_after_many_wrote_at_once(new_center: CenterUnderTest) -> None:
    barrier = threading.Barrier(6)
    failures: list[BaseException] = []

    def work(who: str) -> None:
        try:
            with new_center.raw(who) as cursor:
                barrier.wait(30)
                for number in range(20):
                    cursor.execute(
                        "INSERT INTO samples (id, name, sample_type) SELECT gen_random_uuid(), 'n', 'blood'"
                        f" FROM generate_series(0, {number % 3})"
                    )
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in ("user", "other", "admin") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    with new_center.sessions("admin").begin() as session:
        reported: list[tuple[int, int]] = []
        verdict = verify_chain(session, lambda done, total: reported.append((done, total)))
        assert verdict.is_sound, verdict
        assert verdict.links >= 120
        assert reported[-1] == (verdict.links, verdict.links)
        assert verdict.head == head(session)
        assert digest_at(session, verdict.links) == verdict.head.digest
        assert digest_at(session, verdict.links + 1) is None
    [(barcodes, samples)] = new_center.really("SELECT count(DISTINCT barcode), count(*) FROM samples")
    assert barcodes == samples


def test_verifying_can_be_stopped(center: CenterUnderTest) -> None:
    def stop(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled), center.sessions("admin").begin() as session:
        verify_chain(session, stop)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ('UPDATE audit_log SET new = new || \'{"name": "x"}\' WHERE seq = {row}', AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET login = login || 'x' WHERE seq = {row}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET at = at + interval '1 microsecond' WHERE seq = {row}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET reason = 'because' WHERE seq = {row}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET row_id = gen_random_uuid() WHERE seq = {row}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET old = 'null' WHERE seq = {row}", None),
        ("DELETE FROM audit_log WHERE seq = {row}", AuditFault.ENTRIES_CHANGED),
        (ADDED.replace("{a link}", "'{link}'"), AuditFault.ENTRIES_CHANGED),
        (ADDED.replace("{a link}", "gen_random_uuid()"), AuditFault.ENTRIES_UNSEALED),
        ("DELETE FROM audit_chain WHERE link = '{link}'", AuditFault.LINK_MISSING),
        ("DELETE FROM audit_chain WHERE seq >= {seq}", AuditFault.LINK_MISSING),
        ("UPDATE audit_chain SET previous = sha256('x') WHERE seq = {seq}", AuditFault.LINK_CHANGED),
        ("UPDATE audit_chain SET digest = sha256('x') WHERE seq = {seq}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_chain SET epoch = gen_random_uuid() WHERE seq = {seq}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_chain SET at = at - interval '1 day' WHERE seq = {seq}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_head SET digest = sha256('x')", AuditFault.HEAD_CHANGED),
        ("UPDATE audit_head SET seq = seq + 1", AuditFault.LINK_MISSING),
        (
            "UPDATE audit_head h SET seq = c.seq, digest = c.digest FROM audit_chain c WHERE c.seq = h.seq - 1",
            AuditFault.HEAD_CHANGED,
        ),
    ],
)
def test_tampering_shows(center: CenterUnderTest, statement: str, fault: AuditFault | None) -> None:
    for _ in range(3):
        center.sample()
    [(seq, link, row)] = center.really(
        "SELECT c.seq, c.link, l.seq FROM audit_chain c JOIN audit_log l USING (link)"
        " WHERE l.table_name = 'samples' ORDER BY l.seq DESC OFFSET 1 LIMIT 1"
    )
    verdict = verify_after(
        center, statement.replace("{row}", str(row)).replace("{link}", link).replace("{seq}", str(seq))
    )
    assert verdict.fault is fault
    if fault in {AuditFault.ENTRIES_CHANGED, AuditFault.LINK_CHANGED}:
        assert (verdict.broken_at, verdict.links) == (seq, seq - 1)
    assert verify(center).is_sound


def test_entries_of_two_links_swapped(center: CenterUnderTest) -> None:
    center.sample()
    center.sample()
    verdict = verify_after(
        center,
        "UPDATE audit_log l SET link = CASE l.link WHEN c1.link THEN c2.link ELSE c1.link END"
        " FROM audit_head h JOIN audit_chain c1 ON c1.seq = h.seq JOIN audit_chain c2 ON c2.seq = h.seq - 1"
        " WHERE l.link IN (c1.link, c2.link)",
    )
    assert verdict.fault is AuditFault.ENTRIES_CHANGED


@pytest.mark.parametrize("table", ["audit_log", "audit_chain"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET link = link", "DELETE FROM {}", "TRUNCATE {}"])
def test_not_even_the_owner_s_functions_change_the_record(center: CenterUnderTest, table: str, statement: str) -> None:
    with center.owner() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege, match="list_only_grows"):
        cursor.execute(statement.format(table))


def test_entries_sealed_at_once_are_links_of_their_own(new_center: CenterUnderTest) -> None:
    """SET CONSTRAINTS makes the sealing run within each statement; the chain must not notice."""
    before = verify(new_center)
    with new_center.raw(autocommit=False) as cursor:
        insert = (
            "INSERT INTO samples (id, name, sample_type)"
            " SELECT gen_random_uuid(), 'n', 'blood' FROM generate_series(1, 3)"
        )
        cursor.execute(insert)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(insert)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(insert)
        cursor.connection.commit()
    after = verify(new_center)
    assert after.is_sound
    assert after.rows - before.rows == 9
    assert after.links - before.links == 3
    assert new_center.really("SELECT count(*) FROM audit_pending") == [(0,)]


def test_shared_record_verifies_the_same_way(installation: Installation, center: CenterUnderTest) -> None:
    with installation.shared(installation.system).begin() as session:
        verdict = verify_chain(session)
        assert verdict.is_sound, verdict
        assert verdict.rows > 0
        entries = list_entries(session, AuditFilter(table_name="users"), None, 100)
        assert {entry.who for entry in entries} >= {installation.system.username}
        assert timeline(session, center.id)[0].operation == "insert"
    installation.close()


class _Row:
    """An entry as the query gives it."""

    def __init__(self, **columns: Any) -> None:
        self.__dict__.update(columns)


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=60, deadline=None)
@given(login=texts, reason=texts, key=texts, value=texts)
def test_client_writes_the_text_that_postgresql_writes(
    center: CenterUnderTest, login: str, reason: str, key: str, value: str
) -> None:
    at, link, row = "1999-12-31 23:59:59.999999+05:30", UUID(int=3), UUID(int=4)
    new = json.dumps({key: value, "n": [1.50, None, True]})
    with center.owner() as cursor:
        cursor.execute(
            "SELECT internal.entry_text(7, %(link)s, %(at)s, %(login)s, 'update', 'samples', %(row)s, NULL, digest),"
            " digest, %(new)s::jsonb::text"
            " FROM internal.words_digest('salt', NULL, %(new)s::jsonb, %(reason)s) AS digest",
            {"link": str(link), "at": at, "login": login, "row": str(row), "new": new, "reason": reason},
        )
        theirs, digest, new_text = cursor.fetchone()
    assert words_digest(b"salt", None, new_text, reason) == bytes(digest)
    ours = entry_text(
        _Row(
            seq=7,
            link=link,
            at=datetime(1999, 12, 31, 18, 29, 59, 999999, tzinfo=UTC),
            login=login,
            operation="update",
            table_name="samples",
            row_id=row,
            center_id=None,
            digest=digest,
        )
    )
    assert ours == theirs


def test_document_edit_is_recorded(center: CenterUnderTest) -> None:
    version = center.document("Before", tags=("a",))
    with center.sessions().begin() as session:
        center.rename(session, version.document_id, DocumentDraft(title="After", tags=("a",)), 1)
        entry = timeline(session, version.document_id)[-1]
    assert (entry.old, entry.new) == (
        {"title": "Before", "row_version": 1, "statement_number": 0},
        {"title": "After", "row_version": 2, "statement_number": 1},
    )
