"""The life of a sample: which steps are legal, who may take them, and what two people do to each other."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import psycopg2
import pytest
from sqlalchemy.orm import Session

from desktop_app.db.documents import get_document, set_document_active
from desktop_app.db.errors import IllegalStepError, NotAllowedError
from desktop_app.db.samples import delete_sample, get_sample, set_sample_active, step_sample, update_sample
from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.lifecycle import TARGET, SampleStatus, Step, steps_from
from desktop_app.domain.records import Sample, SampleType
from desktop_app.errors import InvalidInputError
from tests.db.centers import CenterUnderTest, new_version
from tests.db.statements import document_statement

WAY = {
    SampleStatus.PENDING: (),
    SampleStatus.PROCESSING: (Step.PROCESS,),
    SampleStatus.COMPLETED: (Step.PROCESS, Step.COMPLETE),
    SampleStatus.REJECTED: (Step.REJECT,),
    SampleStatus.ARCHIVED: (Step.REJECT, Step.ARCHIVE),
}
DRAFT = SampleDraft(name="Edited", sample_type=SampleType.BLOOD)


def step(center: CenterUnderTest, sample: Sample, one: Step, who: str = "admin", reason: str = "haemolysed") -> Sample:
    with center.sessions(who).begin() as session:
        return step_sample(session, sample.id, one, sample.row_version, reason)


def sample_in(center: CenterUnderTest, status: SampleStatus) -> Sample:
    sample = center.sample()
    for one in WAY[status]:
        sample = step(center, sample, one)
    assert sample.status is status
    return sample


@pytest.mark.parametrize(("status", "one"), list(product(SampleStatus, Step)))
def test_database_allows_the_steps_of_the_domain_and_no_other(
    center: CenterUnderTest, status: SampleStatus, one: Step
) -> None:
    sample = sample_in(center, status)
    if one in steps_from(status):
        assert step(center, sample, one).status is TARGET[one]
        return
    with pytest.raises(IllegalStepError):
        step(center, sample, one)
    with center.sessions().begin() as session:
        assert get_sample(session, sample.id) == sample


def test_steps_leave_their_times(center: CenterUnderTest) -> None:
    sample = center.sample()
    assert (sample.processing_started_at, sample.processing_completed_at) == (None, None)
    started = step(center, sample, Step.PROCESS, who="user")
    completed = step(center, started, Step.COMPLETE, who="other")
    assert started.processing_started_at == started.updated_at
    assert completed.processing_started_at == started.processing_started_at
    assert completed.processing_completed_at == completed.updated_at
    assert completed.updated_at - datetime.now(UTC) < timedelta(minutes=5)


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_rejection_needs_a_reason(center: CenterUnderTest, reason: str) -> None:
    sample = center.sample()
    with pytest.raises(InvalidInputError) as refused:
        step(center, sample, Step.REJECT, reason=reason)
    assert list(refused.value.problems) == ["rejection_reason"]
    assert step(center, sample, Step.REJECT, reason="clotted").rejection_reason == "clotted"


def test_archiving_is_for_administrators(center: CenterUnderTest) -> None:
    sample = sample_in(center, SampleStatus.COMPLETED)
    with pytest.raises(NotAllowedError):
        step(center, sample, Step.ARCHIVE, who="user")
    with pytest.raises(NotAllowedError):
        step(center, sample, Step.ARCHIVE, who="viewer")
    assert step(center, sample, Step.ARCHIVE, who="system").status is SampleStatus.ARCHIVED


def test_archived_sample_is_read_only_and_so_are_its_documents(center: CenterUnderTest) -> None:
    sample = sample_in(center, SampleStatus.COMPLETED)
    saved = center.document("Filed", sample_id=sample.id)
    loose = center.document("Loose")
    sample = step(center, sample, Step.ARCHIVE)
    with center.sessions("admin").begin() as session:
        document, other = (get_document(session, one.document_id) for one in (saved, loose))
    attempts: list[Callable[[Session], object]] = [
        lambda s: update_sample(s, sample.id, DRAFT, sample.row_version),
        lambda s: set_sample_active(s, sample.id, False, sample.row_version),
        lambda s: center.rename(s, document.id, DocumentDraft(title="Other"), document.row_version, "admin"),
        lambda s: set_document_active(s, document.id, False, document.row_version),
        lambda s: center.rename(s, other.id, DocumentDraft(title="x", sample_id=sample.id), other.row_version, "admin"),
    ]
    for attempt in attempts:
        with pytest.raises(IllegalStepError), center.sessions("admin").begin() as session:
            attempt(session)
    for version in (
        new_version(document=DocumentDraft(title="New", sample_id=sample.id)),
        new_version(document_id=saved.document_id, number=2, sample_id=sample.id),
    ):
        with pytest.raises(IllegalStepError):
            center.save(version, who="admin")
    with center.sessions().begin() as session:
        assert get_sample(session, sample.id).documents == 1
        assert get_document(session, document.id) == document


def test_administrator_deletes_an_archived_sample_without_documents(center: CenterUnderTest) -> None:
    sample = sample_in(center, SampleStatus.ARCHIVED)
    with center.sessions("admin").begin() as session:
        delete_sample(session, sample.id)
    assert center.really("SELECT count(*) FROM samples WHERE id = %s", str(sample.id)) == [(0,)]


@pytest.mark.parametrize("carried", ["1", "row_version"])
def test_of_two_conflicting_steps_at_once_one_loses(center: CenterUnderTest, carried: str) -> None:
    """Both have read the sample in processing; one completes it, the other rejects it, at the same moment."""
    for _ in range(5):
        sample = sample_in(center, SampleStatus.PROCESSING)
        version = str(sample.row_version) if carried == "1" else carried
        outcomes = at_once(
            center,
            f"UPDATE samples SET status = 'completed', row_version = {version} WHERE id = '{sample.id}'",
            "UPDATE samples SET status = 'rejected', rejection_reason = 'clotted',"
            f" row_version = {version} WHERE id = '{sample.id}'",
        )
        assert sorted(outcome is None for outcome in outcomes) == [False, True], outcomes
        lost = next(outcome for outcome in outcomes if outcome)
        assert lost == ("LK001" if carried == "1" else "LK004")
        assert count_updates(center, sample.id) == 2


def at_once(center: CenterUnderTest, *statements: str) -> list[str | None]:
    """Run each statement in a connection of its own, all let go together; the SQLSTATE of each, None for success."""
    barrier = threading.Barrier(len(statements))
    outcomes: list[str | None] = [None] * len(statements)

    def run(index: int, statement: str) -> None:
        with center.raw(("user", "other")[index % 2]) as cursor:
            barrier.wait(30)
            try:
                cursor.execute(statement)
            except psycopg2.Error as error:
                outcomes[index] = error.pgcode

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(statements)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def count_updates(center: CenterUnderTest, row_id: UUID) -> int:
    query = "SELECT count(*) FROM audit_log WHERE row_id = %s AND operation = 'update'"
    [(count,)] = center.really(query, str(row_id))
    return int(count)


def test_archiving_waits_for_a_document_that_is_just_being_added(center: CenterUnderTest) -> None:
    sample = sample_in(center, SampleStatus.COMPLETED)
    document = center.document()
    with center.raw("user", autocommit=False) as adding, center.raw("admin") as archiving:
        facts = DocumentDraft(title="Report", sample_id=sample.id)
        statement = document_statement(
            center.id,
            document.document_id,
            facts,
            signer=center.members["user"].identity.id,
            trust_sequence=center.installation.trust_sequence(),
        )
        adding.execute(
            "SELECT change_document(%s, 1, %s, repeat('00', 64))", (str(document.document_id), statement.hex())
        )
        archiving.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            archiving.execute(
                "UPDATE samples SET status = 'archived', row_version = %s WHERE id = %s",
                (sample.row_version, str(sample.id)),
            )
        adding.connection.commit()
    assert step(center, sample, Step.ARCHIVE).status is SampleStatus.ARCHIVED
