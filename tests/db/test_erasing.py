"""The record can forget: what entries said is erased for good; who did it and why stays, and the chain proves it."""

from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from sqlalchemy.orm import Session

from desktop_app.db.audit import erase, list_entries, timeline
from desktop_app.db.audit_proof import verify_chain
from desktop_app.db.errors import NotAllowedError
from desktop_app.db.samples import delete_sample, update_sample
from desktop_app.domain.audit import AuditFault, AuditVerdict
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.records import SampleType
from desktop_app.errors import InvalidInputError
from tests.db.centers import CenterUnderTest, make_center, new_version
from tests.db.installation import Installation

NAME = "Ayse Yilmaz"
WHY = "The patient asked to be forgotten."


def verdict_of(center: CenterUnderTest) -> AuditVerdict:
    with center.sessions("admin").begin() as session:
        return verify_chain(session)


def everything_kept(center: CenterUnderTest) -> str:
    [(kept,)] = center.really("SELECT string_agg(l::text, ' ') FROM audit_log l")
    return str(kept)


def erased_sample(center: CenterUnderTest) -> tuple[UUID, int]:
    """A sample with a name in its values and in a reason, deleted and erased in one transaction."""
    sample = center.sample(name=NAME)
    with center.sessions().begin(reason=f"{NAME} was misspelt") as session:
        update_sample(session, sample.id, SampleDraft(name=f"{NAME} x", sample_type=SampleType.BLOOD), 1)
    with center.sessions("admin").begin(reason=f"{NAME} withdrew") as session:
        delete_sample(session, sample.id)
        return sample.id, erase(session, sample.id, WHY)


def test_what_entries_said_is_gone_and_the_record_still_proves_itself(center: CenterUnderTest) -> None:
    other = center.sample(name="Somebody else")
    before = verdict_of(center)
    row_id, erased = erased_sample(center)
    assert erased == 3
    kept = everything_kept(center)
    assert NAME not in kept
    assert "Somebody else" in kept
    verdict = verdict_of(center)
    assert verdict.is_sound, verdict
    assert (verdict.erased - before.erased, verdict.rows - before.rows) == (3, 4)
    with center.sessions("viewer").begin() as session:
        *gone, erasure = timeline(session, row_id)
        assert [entry.is_erased for entry in timeline(session, other.id)] == [False]
    assert [(one.operation, one.is_erased, one.old, one.new, one.reason) for one in gone] == [
        (operation, True, None, None, "") for operation in ("insert", "update", "delete")
    ]
    assert [one.who for one in gone] == [center.members[who].username for who in ("user", "user", "admin")]
    assert (erasure.operation, erasure.reason, erasure.is_erased) == ("erase", WHY, False)
    assert erasure.who == center.members["admin"].username
    assert erasure.new == {"entries": [one.seq for one in gone]}


def test_a_document_is_forgotten_with_its_versions_also_those_that_are_gone(center: CenterUnderTest) -> None:
    version = center.document(NAME, tags=(NAME,))
    second = new_version(document_id=version.document_id, number=2, file_name=f"{NAME}.pdf")
    center.save(second)
    with center.sessions("admin").begin() as session:
        session.connection().exec_driver_sql("DELETE FROM documents WHERE id = %s", (str(version.document_id),))
    with center.sessions("admin").begin() as session:
        assert erase(session, version.document_id, WHY) == 7
        assert erase(session, version.document_id, WHY) == 0, "nothing is left to erase"
    assert NAME not in everything_kept(center)
    assert verdict_of(center).is_sound


def test_a_living_record_goes_on_after_an_erasure(center: CenterUnderTest) -> None:
    sample = center.sample(name=NAME)
    with center.sessions("admin").begin() as session:
        assert erase(session, sample.id, WHY) == 1
    with center.sessions().begin() as session:
        update_sample(session, sample.id, SampleDraft(name="Renamed", sample_type=SampleType.BLOOD), 1)
        assert [entry.is_erased for entry in timeline(session, sample.id)] == [True, False, False]
    assert verdict_of(center).is_sound


def test_an_erasure_is_never_erased_and_neither_are_keys(center: CenterUnderTest) -> None:
    row_id, _ = erased_sample(center)
    [(identity,)] = center.really("SELECT identity_id FROM key_grants LIMIT 1")
    with center.sessions("admin").begin() as session:
        assert erase(session, row_id, "again") == 0
        assert erase(session, UUID(identity), WHY) == 0
        assert erase(session, uuid4(), WHY) == 0


@pytest.mark.parametrize("who", ["viewer", "user"])
def test_only_administrators_erase(center: CenterUnderTest, who: str) -> None:
    sample = center.sample()
    with pytest.raises(NotAllowedError), center.sessions(who).begin() as session:
        erase(session, sample.id, WHY)


@pytest.mark.parametrize("reason", ["", " ", "\n"])
def test_erasing_needs_a_reason(center: CenterUnderTest, reason: str) -> None:
    sample = center.sample()
    with pytest.raises(InvalidInputError, match="reason"), center.sessions("admin").begin() as session:
        erase(session, sample.id, reason)


ERASED = "SET old = NULL, new = NULL, reason = '', salt = NULL"


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE audit_log {ERASED} WHERE seq = {{seq}}",
        f"SET labkeep.erase = 'on'; UPDATE audit_log {ERASED} WHERE seq = {{seq}}",
        # An erasure of an earlier transaction lets nothing through, and one of this transaction only what it names.
        f"UPDATE audit_log {ERASED} WHERE seq = (SELECT max((new -> 'entries' ->> 0)::bigint) FROM audit_log)",
        f"SELECT erase_record('{{row}}', 'x'); UPDATE audit_log {ERASED} WHERE seq = {{seq}} - 1",
        f"SELECT erase_record('{{row}}', 'x'); UPDATE audit_log {ERASED} WHERE operation = 'erase'",
        "SELECT erase_record('{row}', 'x'); UPDATE audit_log SET login = 'x' WHERE seq = {seq}",
        "SELECT erase_record('{row}', 'x'); UPDATE audit_log SET new = '{{}}' WHERE seq = {seq}",
        "SELECT erase_record('{row}', 'x'); UPDATE audit_log SET digest = 'x' WHERE seq = {seq}",
        "SELECT erase_record('{row}', 'x'); DELETE FROM audit_log WHERE seq = {seq}",
    ],
)
def test_not_even_the_owner_s_functions_erase_otherwise(center: CenterUnderTest, statement: str) -> None:
    erased_sample(center)
    sample = center.sample()
    [(seq,)] = center.really("SELECT max(seq) FROM audit_log WHERE row_id = %s", str(sample.id))
    with center.owner() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege, match="list_only_grows"):
        cursor.connection.autocommit = False
        cursor.execute(statement.format(seq=seq, row=sample.id))
    assert verdict_of(center).is_sound


def after_tampering(center: CenterUnderTest, *statements: str) -> AuditVerdict:
    """The verdict after what only a superuser can do who turns the triggers off; undone again."""
    with center.installation.engine().connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql(f"SET LOCAL search_path = {center.schema}, pg_catalog")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            changed = connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
            assert changed.rowcount > 0, "nothing was tampered with"
        with Session(connection) as session:
            verdict = verify_chain(session)
        transaction.rollback()
    return verdict


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (f"UPDATE audit_log {ERASED} WHERE seq = {{seq}}", AuditFault.ERASED_UNSIGNED),
        ("UPDATE audit_log SET salt = NULL WHERE seq = {seq}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET old = NULL, new = NULL WHERE seq = {seq}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET salt = sha256('x') WHERE seq = {seq}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET digest = sha256('x') WHERE seq = {seq}", AuditFault.ENTRIES_CHANGED),
        # He computes the digest anew, but the link seals the one that was.
        (
            "UPDATE audit_log SET new = '1', digest = internal.words_digest(salt, old, '1', reason) WHERE seq = {seq}",
            AuditFault.ENTRIES_CHANGED,
        ),
        ("UPDATE audit_log SET login = 'x' WHERE seq = {erased}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET row_id = gen_random_uuid() WHERE seq = {erased}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET new = '{{}}' WHERE seq = {erased}", AuditFault.ENTRIES_CHANGED),
        ("UPDATE audit_log SET reason = 'x' WHERE seq = {erased}", AuditFault.ENTRIES_CHANGED),
        # He names his own erasure in somebody's, or takes that away.
        (
            "UPDATE audit_log SET new = '{{\"entries\": [{seq}, {erased}]}}' WHERE seq = {erasure}",
            AuditFault.ENTRIES_CHANGED,
        ),
        ("UPDATE audit_log SET operation = 'insert' WHERE seq = {erasure}", AuditFault.ENTRIES_CHANGED),
        (f"UPDATE audit_log {ERASED} WHERE seq = {{erasure}}", AuditFault.ERASED_UNSIGNED),
    ],
)
def test_a_superuser_who_changes_or_erases_is_found(center: CenterUnderTest, statement: str, fault: AuditFault) -> None:
    row_id, _ = erased_sample(center)
    sample = center.sample()
    [(seq,)] = center.really("SELECT max(seq) FROM audit_log WHERE row_id = %s", str(sample.id))
    [(erased, erasure)] = center.really("SELECT min(seq), max(seq) FROM audit_log WHERE row_id = %s", str(row_id))
    values: dict[str, Any] = {"seq": seq, "erased": erased, "erasure": erasure}
    verdict = after_tampering(center, statement.format(**values))
    assert verdict.fault is fault
    if fault is AuditFault.ERASED_UNSIGNED and "{seq}" in statement:
        assert verdict.broken_at == seq
    assert verdict_of(center).is_sound


def test_erasing_while_somebody_verifies_is_no_alarm(installation: Installation) -> None:
    center = make_center(installation)
    sample = center.sample(name=NAME)
    for _ in range(3):
        center.sample()
    erasures: list[int] = []

    def erase_now(_done: int, _total: int) -> None:
        if not erasures:
            with center.sessions("admin").begin() as other:
                erasures.append(erase(other, sample.id, WHY))

    with center.sessions("admin").begin() as session:
        # Reported once all links were read; the second walk, which begins here, meets an erased entry.
        assert verify_chain(session, erase_now).is_sound
        verdict = verify_chain(session)
    assert erasures == [1]
    assert (verdict.is_sound, verdict.erased) == (True, 1)


def test_the_installations_own_record_forgets_a_person(installation: Installation, center: CenterUnderTest) -> None:
    person = center.members["other"]
    with installation.shared(installation.system).begin() as session:
        said = list_entries(session, AuditFilter(row_id=person.id), None, 100)
        assert said
        assert not any(entry.is_erased for entry in said)
        assert erase(session, person.id, WHY) == len(said)
    with installation.shared(installation.system).begin() as session:
        erasure, *gone = list_entries(session, AuditFilter(row_id=person.id), None, 100)
        assert (erasure.operation, erasure.reason) == ("erase", WHY)
        assert len(gone) == len(said)
        assert all(entry.is_erased and entry.new is None for entry in gone)
        verdict = verify_chain(session)
        assert verdict.is_sound, verdict
        assert verdict.erased == len(said)
        assert erase(session, installation.id, WHY) == 0
    with (
        pytest.raises(NotAllowedError),
        installation.shared(center.members["admin"]).begin() as session,
    ):
        erase(session, person.id, WHY)
