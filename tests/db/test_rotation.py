"""The database's side of a new key: all document keys or none, by whoever may, in whatever order somebody calls."""

import base64
import secrets
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import psycopg2
import pytest

from desktop_app.db import administration, keys
from desktop_app.db.api_rows import EntryRow, GrantRow
from desktop_app.db.errors import (
    GrantsMissingError,
    KeyNotActiveError,
    KeysNotRewrappedError,
    NotAllowedError,
    TrustLogMovedError,
)
from desktop_app.errors import InvalidInputError, LabkeepError
from tests.db.centers import CenterUnderTest, make_center
from tests.db.installation import Installation, made_up_grant


@pytest.fixture
def center(installation: Installation) -> Iterator[CenterUnderTest]:
    made = make_center(installation)
    made.document()
    made.document()
    yield made
    installation.close()


def made_up_token() -> bytes:
    """In the letters of a Fernet token, as any is."""
    return base64.urlsafe_b64encode(secrets.token_bytes(138))


def wrap(center: CenterUnderTest, rotation: UUID, who: str = "admin", at_most: int = 10) -> int:
    """Wrap (made up) what is not wrapped yet; how many."""
    with center.sessions(who).begin() as session:
        page = keys.keys_to_rewrap(session, rotation, None, at_most)
        kept = keys.keep_rewrapped(session, rotation, {one.version_id: made_up_token() for one in page})
        assert set(kept) == {one.version_id for one in page}
        return len(kept)


def rotate(
    center: CenterUnderTest,
    rotation: UUID,
    who: str = "admin",
    number: int = 2,
    change: Callable[[list[GrantRow]], object] = lambda grants: None,
    entry: Callable[[EntryRow], EntryRow] = lambda made: made,
) -> int:
    made, signer = center.installation, center.members[who].identity.id
    recipients = [made.root.id, *(member.identity.id for member in center.members.values())]
    with made.shared(center.members[who]).begin() as session:
        says = {"center": str(center.id), "number": number, "digest": secrets.token_hex(32)}
        signed = entry(made.next_entry(session, "key_version", says, signer))
        grants = [made_up_grant(center.id, number, one) for one in recipients]
        change(grants)
        return administration.rotate_key(session, center.id, number, rotation, signed, grants)


def state(center: CenterUnderTest) -> list[tuple[object, ...]]:
    return center.really(
        "SELECT (SELECT array_agg(number || state ORDER BY number) FROM tenant_keys),"
        " (SELECT array_agg(DISTINCT key_version) FROM document_keys), (SELECT count(*) FROM key_grants),"
        " (SELECT max(sequence) FROM public.trust_log)"
    )


def test_all_document_keys_come_under_the_new_one(center: CenterUnderTest) -> None:
    rotation = uuid4()
    assert wrap(center, rotation) == 2
    wrapped = center.really("SELECT version_id, token FROM rewrapped_keys ORDER BY 1")
    assert rotate(center, rotation) == 2
    assert center.really("SELECT version_id, token FROM document_keys WHERE key_version = 2 ORDER BY 1") == wrapped
    assert center.really("SELECT number, state FROM tenant_keys ORDER BY 1") == [(1, "retired"), (2, "active")]
    assert center.really("SELECT count(*) FROM rewrapped_keys") == [(0,)]


@pytest.mark.parametrize("who", ["viewer", "user", "other"])
def test_only_an_administrator_of_the_center(center: CenterUnderTest, who: str) -> None:
    before = state(center)
    rotation = uuid4()
    with pytest.raises(NotAllowedError):
        wrap(center, rotation, who)
    wrap(center, rotation)
    with pytest.raises(NotAllowedError):
        rotate(center, rotation, who)
    with pytest.raises(LabkeepError), center.installation.shared(center.members[who]).begin() as session:
        administration.is_rotation_due(session, center.id)
    assert state(center) == before


def test_what_was_added_meanwhile_is_missed(center: CenterUnderTest) -> None:
    rotation = uuid4()
    wrap(center, rotation)
    center.document()
    before = state(center)
    with pytest.raises(KeysNotRewrappedError):
        rotate(center, rotation)
    assert state(center) == before
    assert wrap(center, rotation) == 1
    assert rotate(center, rotation) == 3


def test_what_somebody_else_has_wrapped_is_not_taken(center: CenterUnderTest) -> None:
    rotation = uuid4()
    wrap(center, rotation, "system")
    with pytest.raises(KeysNotRewrappedError):
        rotate(center, rotation)
    # And his own rotation that he did not end is gone when he begins another.
    wrap(center, uuid4(), "system")
    with pytest.raises(KeysNotRewrappedError):
        rotate(center, rotation, "system")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda grants: grants.pop(), GrantsMissingError),
        (lambda grants: grants.append(made_up_grant(grants[0].center_id, 2, uuid4())), GrantsMissingError),
        (lambda grants: grants.append(made_up_grant(grants[0].center_id, 1, grants[0].identity_id)),
         GrantsMissingError),
        (lambda grants: grants.append(made_up_grant(uuid4(), 2, grants[0].identity_id)), GrantsMissingError),
        (lambda grants: grants.append(grants[0]), LabkeepError),
    ],
)  # fmt: skip
def test_it_is_sealed_to_everybody_and_to_nobody_else(
    center: CenterUnderTest, change: Callable[[list[GrantRow]], object], error: type[Exception]
) -> None:
    rotation, before = uuid4(), state(center)
    wrap(center, rotation)
    with pytest.raises(error):
        rotate(center, rotation, change=change)
    assert state(center) == before


def test_numbers_follow_each_other_and_the_entry_is_about_this(center: CenterUnderTest) -> None:
    rotation, before = uuid4(), state(center)
    wrap(center, rotation)
    for number in (1, 3):
        with pytest.raises(KeyNotActiveError):
            rotate(center, rotation, number=number)

    def of_another_center(made: EntryRow) -> EntryRow:
        payload = made.payload.replace(str(center.id).encode(), str(uuid4()).encode())
        return EntryRow(made.sequence, payload, made.signer, made.signature)

    with pytest.raises(InvalidInputError):
        rotate(center, rotation, entry=of_another_center)
    with pytest.raises(TrustLogMovedError):
        rotate(center, rotation, entry=lambda made: EntryRow(99, made.payload, made.signer, made.signature))
    assert state(center) == before


def test_a_deleted_document_is_not_missed(center: CenterUnderTest) -> None:
    rotation = uuid4()
    wrap(center, rotation)
    with center.owner() as cursor:
        cursor.execute("DELETE FROM documents WHERE id = (SELECT id FROM documents LIMIT 1)")
    assert rotate(center, rotation) == 1


def test_even_the_owner_leaves_no_document_key_behind(center: CenterUnderTest) -> None:
    """Whoever calls things in another order, or leaves one out, cannot commit."""
    with center.owner() as cursor:
        cursor.execute("BEGIN; UPDATE tenant_keys SET state = 'retired'")
        cursor.execute("INSERT INTO tenant_keys (number) VALUES (2)")
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute("COMMIT")
        assert refused.value.pgcode == "LK022"


def test_a_page_is_of_limited_size(center: CenterUnderTest) -> None:
    assert wrap(center, uuid4(), at_most=1) == 1
    with pytest.raises(InvalidInputError), center.sessions("admin").begin() as session:
        keys.keep_rewrapped(session, uuid4(), {uuid4(): b"x" for _ in range(10_001)})
