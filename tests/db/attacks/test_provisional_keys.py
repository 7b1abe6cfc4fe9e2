"""Keys that somebody else made, former keys and old knowledge: what the server lets nobody sign with them."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest

from desktop_app.db import administration
from desktop_app.db.errors import IllegalStepError, KeysReplacedError, TrustLogMovedError
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError
from tests.db.admin_actions import change_role
from tests.db.centers import CenterUnderTest, make_center, new_version
from tests.db.conftest import TwoCenters
from tests.db.installation import Installation, Member, identity_says, made_up_identity


@pytest.fixture(scope="module")
def center(installation: Installation) -> CenterUnderTest:
    return make_center(installation)


def make_provisional(lab: Installation, member: Member) -> None:
    """As a reset by an administrator leaves him."""
    with lab.raw() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE public.identities SET provisional = true WHERE id = %s", (str(member.identity.id),))


def hand_over(lab: Installation, member: Member) -> None:
    identity = made_up_identity()
    with lab.shared(member).begin() as session:
        says = {"user": str(member.id), "identity": identity_says(identity), "provisional": False}
        administration.replace_own_keys(
            session,
            identity=identity,
            entry=lab.next_entry(session, "replace_keys", says, member.identity.id),
            grants=lab.grants_for(member.center_id, identity.id),
        )
    member.identity = identity


def test_made_keys_are_provisional_until_the_hand_over(two_centers: TwoCenters) -> None:
    lab = two_centers.installation
    member = Member("newcomer", Role.USER, two_centers.a)
    with lab.shared(two_centers.admin_a).begin() as session:
        lab.enrol(session, member, two_centers.admin_a.identity.id)
    query = "SELECT provisional FROM public.identities WHERE user_id = %s AND retired_at IS NULL"
    assert lab.value(query, str(member.id)) is True
    hand_over(lab, member)
    assert lab.value(query, str(member.id)) is False
    assert lab.value("SELECT provisional FROM public.identities WHERE user_id IS NULL") is False
    assert lab.value(query, str(two_centers.system.id)) is False, "the first one's, signed by the root"


def test_a_provisional_administrator_administers_nothing(two_centers: TwoCenters) -> None:
    lab = two_centers.installation
    admin = lab.add_member("provisional.admin", Role.ADMIN, two_centers.a)
    make_provisional(lab, admin)
    with pytest.raises(IllegalStepError, match="sign nothing but"):
        change_role(lab, two_centers.viewer_a, Role.USER, by=admin)
    hand_over(lab, admin)
    change_role(lab, two_centers.viewer_a, Role.USER, by=admin)
    change_role(lab, two_centers.viewer_a, Role.VIEWER, by=admin)


def save(center: CenterUnderTest, signer: UUID, sequence: object) -> None:
    version = center.signed(new_version(document=DocumentDraft(title=f"T {uuid4()}")))
    said = json.loads(version.statement) | {"signer": str(signer), "trust_sequence": sequence}
    center.save(replace(version, statement=json.dumps(said).encode()))


def test_provisional_keys_sign_no_document(center: CenterUnderTest) -> None:
    member = center.members["user"]
    lab = center.installation
    make_provisional(lab, member)
    with pytest.raises(IllegalStepError, match="sign nothing but"):
        save(center, member.identity.id, lab.trust_sequence())
    hand_over(lab, member)
    save(center, member.identity.id, lab.trust_sequence())


def test_the_signer_is_the_session_and_his_current_keys(center: CenterUnderTest) -> None:
    lab, member = center.installation, center.members["user"]
    former = member.identity.id
    hand_over(lab, member)
    others = (former, center.members["other"].identity.id, center.members["system"].identity.id, lab.root.id, uuid4())
    for signer in others:
        with pytest.raises(KeysReplacedError):
            save(center, signer, lab.trust_sequence())
    save(center, member.identity.id, lab.trust_sequence())


def test_what_the_signer_knew_is_recent(center: CenterUnderTest) -> None:
    """A quarter of an hour after an entry nobody may say any more that he did not know it."""
    lab, member = center.installation, center.members["user"]
    before = lab.trust_sequence()
    hand_over(lab, center.members["other"])
    save(center, member.identity.id, before)
    with lab.raw() as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE public.trust_log SET at = at - interval '16 minutes' WHERE sequence <= %s", (before + 1,)
        )
    with pytest.raises(TrustLogMovedError):
        save(center, member.identity.id, before)
    with pytest.raises(TrustLogMovedError):
        save(center, member.identity.id, 1)
    save(center, member.identity.id, before + 1)


@pytest.mark.parametrize("sequence", [0, -1, 10**6, 10**30, 1.5, "1", None, True, [1]])
def test_knowledge_that_nobody_can_have(center: CenterUnderTest, sequence: object) -> None:
    with pytest.raises(InvalidInputError):
        save(center, center.members["user"].identity.id, sequence)


@pytest.mark.parametrize("statement", ["", "5b5d", "ff", "31", "7b7d", "5b" * 50_000, None])
def test_no_statement_at_all(center: CenterUnderTest, statement: str | None) -> None:
    version = center.signed(new_version(document=DocumentDraft(title=str(uuid4()))))
    center.reserve(version)
    item: dict[str, Any] = version.to_json() | {"statement": statement}
    with center.raw() as cursor, pytest.raises(psycopg2.Error) as refused:
        cursor.execute("SELECT save_versions(%s)", (json.dumps([item]),))
    assert refused.value.pgcode in {"LK010", "LK011"}


def test_a_signature_has_its_length(center: CenterUnderTest) -> None:
    for length in (0, 63, 65):
        with pytest.raises(InvalidInputError):
            center.save(new_version(document=DocumentDraft(title=str(uuid4())), signature=bytes(length)))
