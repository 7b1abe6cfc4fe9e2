"""The way of a file into the record: reservations, leases, and versions that go live together or not at all."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from desktop_app.db.documents import (
    find_by_titles,
    get_document,
    list_versions,
    set_document_active,
)
from desktop_app.db.errors import KeyNotActiveError, LeaseLostError, NotAllowedError, NumberTakenError, TitleTakenError
from desktop_app.db.uploads import NewVersion, abandon, renew, reserve, save_versions
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.errors import InvalidInputError, LabkeepError, NotFoundError
from tests.db.centers import CenterUnderTest, new_version

LEASE_SECONDS = 15 * 60


def new(title: str = "", **fields: Any) -> DocumentDraft:
    """A document under a title that no other has, unless one is given."""
    return DocumentDraft(title=title or f"New {uuid4()}", **fields)


def save(center: CenterUnderTest, *versions: NewVersion, who: str = "user") -> None:
    with center.sessions(who).begin() as session:
        save_versions(session, center.all_signed(*versions, who=who))


def states(center: CenterUnderTest, *versions: NewVersion) -> list[str]:
    query = "SELECT state FROM document_uploads WHERE id = ANY (%s::uuid[]) ORDER BY array_position(%s::uuid[], id)"
    ids = [str(one.version_id) for one in versions]
    return [state for (state,) in center.really(query, ids, ids)]


def seconds_left(session: Session, version_id: UUID) -> float | None:
    """How long an own reservation still holds, by the server's clock; None if it is not reserved any more."""
    left = "SELECT extract(epoch FROM lease_until - clock_timestamp()) FROM document_uploads WHERE id = :id"
    found = session.execute(text(f"{left} AND state = 'reserved'"), {"id": version_id}).scalar_one_or_none()
    return None if found is None else float(found)


def test_reservation_is_one_s_own_and_lasts_a_quarter_of_an_hour(center: CenterUnderTest) -> None:
    version = new_version(document=new())
    center.reserve(version)
    with center.sessions("user").begin() as session:
        left = seconds_left(session, version.version_id)
        assert left is not None
        assert LEASE_SECONDS - 60 < left <= LEASE_SECONDS
    with center.sessions("admin").begin() as session:
        assert seconds_left(session, version.version_id) is None, "row-level security"


def test_reserving_again_is_harmless_and_a_foreign_place_is_taken(center: CenterUnderTest) -> None:
    place = (uuid4(), uuid4(), uuid4())
    for _ in range(2):
        with center.sessions().begin() as session:
            reserve(session, [place])
    for taken in (place, (uuid4(), uuid4(), place[2])):
        with pytest.raises(LeaseLostError), center.sessions("other").begin() as session:
            reserve(session, [taken, (uuid4(), uuid4(), uuid4())])
    with center.sessions().begin() as session:
        reserve(session, [])


def test_renewing_gives_the_whole_lease_again(center: CenterUnderTest) -> None:
    version = new_version(document=new())
    center.reserve(version)
    with center.owner() as cursor:
        cursor.execute(
            "UPDATE document_uploads SET lease_until = now() - interval '1 hour' WHERE id = %s",
            (str(version.version_id),),
        )
    with center.sessions().begin() as session:
        renew(session, [version.version_id, version.version_id])
        left = seconds_left(session, version.version_id)
        assert left is not None
        assert left > LEASE_SECONDS - 60


def test_lost_reservation_stops_renewing_and_saving(center: CenterUnderTest) -> None:
    mine, given_up = new_version(document=new()), new_version(document=new())
    center.reserve(mine, given_up)
    with center.sessions().begin() as session:
        assert abandon(session, [given_up.version_id, uuid4()]) == 1
        assert abandon(session, [given_up.version_id]) == 0
    for lost in (given_up.version_id, uuid4()):
        with pytest.raises(LeaseLostError), center.sessions().begin() as session:
            renew(session, [mine.version_id, lost])
    with pytest.raises(LeaseLostError):
        save(center, mine, given_up)
    assert states(center, mine, given_up) == ["reserved", "abandoned"], "all or none"


def test_colleague_s_upload_cannot_be_renewed_given_up_or_saved(center: CenterUnderTest) -> None:
    theirs = new_version(document=new())
    center.reserve(theirs, who="other")
    with center.sessions().begin() as session:
        assert abandon(session, [theirs.version_id]) == 0
    with pytest.raises(LeaseLostError), center.sessions().begin() as session:
        renew(session, [theirs.version_id])
    with pytest.raises(LeaseLostError):
        save(center, theirs)
    save(center, theirs, who="other")


def test_batch_goes_live_with_one_link_and_three_entries_less_the_key(center: CenterUnderTest) -> None:
    batch = [new_version(document=DocumentDraft(title=f"Batch {number}")) for number in range(3)]
    center.reserve(*batch)
    [(links,)] = center.really("SELECT seq FROM audit_head")
    save(center, *batch)
    assert center.really("SELECT seq FROM audit_head") == [(links + 1,)]
    assert states(center, *batch) == ["live"] * 3
    entries = center.really(
        "SELECT table_name, count(*), count(DISTINCT link) FROM audit_log"
        " WHERE link = (SELECT link FROM audit_chain WHERE seq = %s) GROUP BY 1 ORDER BY 1",
        links + 1,
    )
    assert entries == [("document_versions", 3, 1), ("documents", 3, 1)]


def test_repeating_a_save_after_a_lost_answer_changes_nothing(center: CenterUnderTest) -> None:
    version = new_version(document=new())
    center.reserve(version)
    save(center, version)
    [(before,)] = center.really("SELECT seq FROM audit_head")
    save(center, version)
    assert center.really("SELECT seq FROM audit_head") == [(before,)]
    with pytest.raises(LeaseLostError):
        save(center, replace(version, statement=b"another statement"))


def test_two_versions_of_one_document_in_a_batch(center: CenterUnderTest) -> None:
    first = new_version(document=new())
    second = new_version(document_id=first.document_id, number=2)
    center.reserve(second, first)
    save(center, second, first)
    with center.sessions().begin() as session:
        assert get_document(session, first.document_id).latest_number == 2


@pytest.mark.parametrize("number", [0, 1, 3, -1])
def test_only_the_next_number_is_free(center: CenterUnderTest, number: int) -> None:
    first = center.document()
    next_one = new_version(document_id=first.document_id, number=number)
    center.reserve(next_one)
    with pytest.raises(NumberTakenError):
        save(center, next_one)
    save(center, replace(next_one, number=2))


def test_new_document_begins_with_one_and_an_old_one_is_not_made_again(center: CenterUnderTest) -> None:
    skipping = new_version(document=new(), number=2)
    again = new_version(document=new(), document_id=center.document().document_id)
    center.reserve(skipping, again)
    for version in (skipping, again, replace(again, number=2)):
        with pytest.raises(NumberTakenError):
            save(center, version)


def test_unknown_document_or_sample(center: CenterUnderTest) -> None:
    orphan = new_version()
    lost = new_version(document=replace(new(), sample_id=uuid4()))
    center.reserve(orphan, lost)
    for version in (orphan, lost):
        with pytest.raises(NotFoundError):
            save(center, version)


def test_reserved_document_cannot_be_swapped_for_another(center: CenterUnderTest) -> None:
    version = new_version(document=new())
    center.reserve(version)
    with pytest.raises(LeaseLostError):
        save(center, replace(version, document_id=uuid4()))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stored_digest", "sha256:" + "0" * 64),
        ("size", -1),
        ("stored_size", 0),
        ("file_name", ""),
        ("statement", b""),
        ("signature", b""),
        ("document", DocumentDraft(title="")),
        ("document", DocumentDraft(title="x" * 301)),
    ],
)
def test_database_has_the_last_word_on_values(center: CenterUnderTest, field: str, value: Any) -> None:
    version = new_version(document=new())
    center.reserve(version)
    with pytest.raises(InvalidInputError):
        save(center, replace(version, **{field: value}))
    assert states(center, version) == ["reserved"]


def test_only_the_active_key_wraps(center: CenterUnderTest) -> None:
    version = new_version(document=new())
    center.reserve(version)
    with pytest.raises(KeyNotActiveError):
        save(center, replace(version, key_version=2))
    with center.owner() as cursor:
        cursor.execute("BEGIN; UPDATE tenant_keys SET state = 'retired' WHERE number = 1")
        cursor.execute("INSERT INTO tenant_keys (number) VALUES (2)")
        cursor.execute("UPDATE document_keys SET key_version = 2; COMMIT")
    try:
        with pytest.raises(KeyNotActiveError):
            save(center, version)
        save(center, replace(version, key_version=2))
    finally:
        with center.owner() as cursor:
            cursor.execute("UPDATE tenant_keys SET state = 'retired' WHERE number = 2")
            cursor.execute("UPDATE tenant_keys SET state = 'active' WHERE number = 1")
            cursor.execute("UPDATE document_keys SET key_version = 1")


def test_save_waits_for_a_rotation_and_then_sees_the_new_key(center: CenterUnderTest) -> None:
    version = new_version(document=new())
    center.reserve(version)
    outcome: list[LabkeepError | None] = []

    def saving() -> None:
        try:
            save(center, version)
            outcome.append(None)
        except LabkeepError as error:
            outcome.append(error)

    with center.owner() as rotation:
        rotation.execute("BEGIN")
        rotation.execute("SELECT 1 FROM tenant_keys WHERE number = 1 FOR UPDATE")
        thread = threading.Thread(target=saving)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), "the save must wait for the rotation's lock"
        rotation.execute("UPDATE tenant_keys SET state = 'retired' WHERE number = 1")
        rotation.execute("COMMIT")
        thread.join(30)
        rotation.execute("UPDATE tenant_keys SET state = 'active' WHERE number = 1")
    assert isinstance(outcome[0], KeyNotActiveError)


def test_of_two_who_add_the_next_version_at_once_one_is_told(center: CenterUnderTest) -> None:
    first = center.document()
    rivals = {who: new_version(document_id=first.document_id, number=2) for who in ("user", "other")}
    for who, version in rivals.items():
        center.reserve(version, who=who)
        center.sessions(who)
    barrier, outcomes = threading.Barrier(2), []

    def saving(who: str) -> None:
        barrier.wait(30)
        try:
            save(center, rivals[who], who=who)
            outcomes.append("saved")
        except NumberTakenError:
            outcomes.append("taken")

    threads = [threading.Thread(target=saving, args=(who,)) for who in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["saved", "taken"]
    with center.sessions().begin() as session:
        assert [one.number for one in list_versions(session, first.document_id)] == [2, 1]


def test_of_two_who_make_one_title_at_once_one_is_told(center: CenterUnderTest) -> None:
    """Both looked, and neither saw the other's document."""
    sample = center.sample()
    for of_sample in (None, sample.id):
        draft = new("At once", sample_id=of_sample)
        rivals = {who: new_version(document=draft) for who in ("user", "other")}
        for who, version in rivals.items():
            center.reserve(version, who=who)
        with center.sessions("user").begin() as slow:
            save_versions(slow, [center.signed(rivals["user"])])
            outcome: list[str] = []

            def saving(version: NewVersion = rivals["other"], told: list[str] = outcome) -> None:
                try:
                    save(center, version, who="other")
                    told.append("saved")
                except TitleTakenError:
                    told.append("taken")

            thread = threading.Thread(target=saving)
            thread.start()
            thread.join(0.3)
            assert thread.is_alive(), "it waits until the first one is through"
        thread.join(30)
        assert outcome == ["taken"]
        assert states(center, rivals["user"], rivals["other"]) == ["live", "reserved"]


def test_a_title_is_taken_in_its_own_place_only(center: CenterUnderTest) -> None:
    one, other = center.sample(), center.sample()
    title = f"report {uuid4()}"
    for of_sample in (None, one.id, other.id):
        center.save(new_version(document=new(title, sample_id=of_sample)))
    for of_sample in (None, one.id, other.id):
        with pytest.raises(TitleTakenError):
            center.save(new_version(document=new(title, sample_id=of_sample)))
    with pytest.raises(TitleTakenError):
        center.save(*[new_version(document=new("twice in one batch")) for _ in range(2)])
    with center.sessions().begin() as session:
        found = find_by_titles(session, [title], one.id)[title]
        set_document_active(session, found[0].id, False, 1)
    center.save(new_version(document=new(title, sample_id=one.id)))


def test_a_version_does_not_follow_its_document_to_another_sample(center: CenterUnderTest) -> None:
    one, other = center.sample(), center.sample()
    first = center.document(sample_id=one.id)
    second = new_version(document_id=first.document_id, number=2, sample_id=one.id)
    center.reserve(second)
    assert first.document is not None
    with center.sessions("other").begin() as session:
        center.rename(session, first.document_id, replace(first.document, sample_id=other.id), 1, "other")
    with pytest.raises(TitleTakenError):
        save(center, second)
    with center.sessions("other").begin() as session:
        center.rename(session, first.document_id, first.document, 2, "other")
        set_document_active(session, first.document_id, False, 3)
    with pytest.raises(TitleTakenError):
        save(center, second)
    with center.sessions("other").begin() as session:
        set_document_active(session, first.document_id, True, 4)
    save(center, second)


def test_viewer_reserves_and_saves_nothing(center: CenterUnderTest) -> None:
    version = new_version(document=new())
    acts: list[Callable[[Session], object]] = [
        lambda session: reserve(session, [(version.version_id, version.document_id, uuid4())]),
        lambda session: renew(session, [version.version_id]),
        lambda session: abandon(session, [version.version_id]),
        lambda session: save_versions(session, center.all_signed(version)),
    ]
    for act in acts:
        with pytest.raises(NotAllowedError), center.sessions("viewer").begin() as session:
            act(session)
