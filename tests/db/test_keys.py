"""People and the key ring as the database shows them, and who sees which grant."""

import secrets
from uuid import uuid4

import psycopg2
import pytest

from desktop_app.db.keys import all_grants, own_grants, tenant_keys
from desktop_app.db.people import list_people
from desktop_app.domain.key_records import KeyState
from tests.db.centers import CenterUnderTest


def test_first_key_is_active(center: CenterUnderTest) -> None:
    with center.sessions("admin").begin() as session:
        [key] = tenant_keys(session)
    assert (key.number, key.state) == (1, KeyState.ACTIVE)


@pytest.mark.parametrize("who", ["viewer", "user", "other"])
def test_member_sees_the_grants_to_himself(center: CenterUnderTest, who: str) -> None:
    mine = center.members[who].identity.id
    with center.sessions(who).begin() as session:
        grants = all_grants(session)
        assert [(grant.key_version, grant.identity_id) for grant in grants] == [(1, mine)]
        assert own_grants(session, mine) == grants
        assert own_grants(session, center.members["admin"].identity.id) == []
    [(sealed,)] = center.really("SELECT sealed FROM key_grants WHERE identity_id = %s", str(mine))
    assert grants[0].sealed == bytes(sealed)


@pytest.mark.parametrize("who", ["admin", "system"])
def test_administrators_see_whom_the_keys_are_sealed_to(center: CenterUnderTest, who: str) -> None:
    with center.sessions(who).begin() as session:
        seen = {grant.identity_id for grant in all_grants(session)}
    everybody = {member.identity.id for member in center.members.values()}
    assert seen == everybody | {center.installation.root.id}


def test_people_are_listed_by_name_and_leavers_on_demand(center: CenterUnderTest) -> None:
    gone = uuid4()
    with center.owner() as cursor:
        cursor.execute(
            "INSERT INTO people (id, login, username, display_name, member_until)"
            " VALUES (%s, %s, 'gone', 'Aaa', now())",
            (str(gone), f"u_{secrets.token_hex(16)}"),
        )
    with center.sessions("viewer").begin() as session:
        here, ever = list_people(session), list_people(session, include_former=True)
    assert {one.username for one in here} == {member.username for member in center.members.values()}
    assert [one.display_name.lower() for one in here] == sorted(one.display_name.lower() for one in here)
    assert [one.username for one in here if one.is_system] == ["root.admin"]
    assert ever[0].id == gone
    assert ever[0].member_until is not None
    assert len(ever) == len(here) + 1


def test_there_is_one_active_key_at_a_time(center: CenterUnderTest) -> None:
    with center.owner() as cursor, pytest.raises(psycopg2.errors.UniqueViolation):
        cursor.execute("INSERT INTO tenant_keys (number) VALUES (2)")
