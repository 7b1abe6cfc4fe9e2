"""A thousand centers: what a system administrator's rights, coming, going and new keys cost, on every server."""

import time
from collections.abc import Iterator
from uuid import UUID

import pytest

from desktop_app.db import administration
from desktop_app.db.scram import verifier
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from tests.db.installation import Installation, Member, identity_says, made_up_grant, made_up_identity, wipe
from tests.servers import TestServer

THOUSAND = 1_000
# Roles alone, without schemas: as many as the question about rights once took 32 seconds for.
TEN_THOUSAND = 10_000

# By the superuser, because CREATE ROLE by anybody else becomes slow with so many (on 16 and newer).
_ROLES_OF_200_CENTERS = """
DO $$ DECLARE v_center text; BEGIN
    FOR v_center IN SELECT 'center_' || replace(gen_random_uuid()::text, '-', '') FROM generate_series(1, 200) LOOP
        EXECUTE format('CREATE ROLE %1$I; CREATE ROLE %2$I; CREATE ROLE %3$I; GRANT %1$I TO %2$I; GRANT %2$I TO %3$I',
                       v_center || '_viewer', v_center || '_user', v_center || '_admin');
    END LOOP;
END $$
"""

pytestmark = [pytest.mark.full, pytest.mark.timeout(3_600)]


@pytest.fixture(scope="module")
def thousand(database_server: TestServer) -> Iterator[Installation]:
    """An installation with a thousand centers, as the program makes them."""
    wipe(database_server)
    made = Installation(database_server).make()
    for number in range(THOUSAND):
        made.add_center(f"Center {number:04}")
        if number % 20 == 19:
            # A session that makes centers keeps plans for the rules of each, and PostgreSQL looks at every plan again
            # after every statement that makes something: the five-hundredth center in one session takes 7 seconds.
            made.close()
    yield made
    made.close()
    wipe(database_server)


def seconds(began: float) -> float:
    return round(time.monotonic() - began, 2)


def test_first_question_about_rights_with_ten_thousand_centers(database_server: TestServer) -> None:
    wipe(database_server)
    lab = Installation(database_server).make()
    try:
        with lab.raw() as owner, owner.cursor() as cursor:
            for _ in range(TEN_THOUSAND // 200):
                cursor.execute(_ROLES_OF_200_CENTERS)
        with lab.raw(lab.system) as connection, connection.cursor() as cursor:
            began = time.monotonic()
            cursor.execute("SELECT count(*) FROM public.centers")
            took = seconds(began)
        print(f"{database_server.name}: first question with {TEN_THOUSAND} centers: {took} s")
        assert took < 1
    finally:
        lab.close()
        wipe(database_server)


def test_rights_are_asked_quickly(thousand: Installation) -> None:
    center: UUID = thousand.value("SELECT id::text FROM public.centers ORDER BY id LIMIT 1")
    began = time.monotonic()
    with thousand.raw(thousand.system) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {schema_name(UUID(str(center)))}.samples")
    assert seconds(began) < 1


def left(lab: Installation) -> list[tuple[str, str]]:
    with lab.raw() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT user_id::text, center_id::text FROM public.unfinished ORDER BY 1, 2")
        found: list[tuple[str, str]] = cursor.fetchall()
        return found


def settle_all(lab: Installation, by: Member, limit: int = THOUSAND, grants_to: UUID | None = None) -> None:
    for user_id, center_id in left(lab)[:limit]:
        with lab.shared(by).begin() as session:
            grants = None if grants_to is None else [made_up_grant(UUID(center_id), 1, grants_to)]
            administration.settle(session, UUID(user_id), UUID(center_id), grants)


def in_every_center(lab: Installation, query: str, *values: str) -> int:
    """The sum of what a query counts in each center."""
    with lab.raw() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT schema_name FROM public.centers")
        total = 0
        for (schema,) in cursor.fetchall():
            cursor.execute(query.replace("{schema}", schema), values)
            total += cursor.fetchall()[0][0]
        return total


GRANTS = (
    "SELECT count(*) FROM {schema}.key_grants g JOIN public.identities i ON i.id = g.identity_id WHERE i.user_id = %s"
    " AND i.retired_at IS NULL"
)
MEMBER = "SELECT count(*) FROM {schema}.people WHERE id = %s AND member_until IS NULL"


def test_system_administrator_comes_gets_new_keys_and_goes(thousand: Installation) -> None:
    lab, figures = thousand, {}
    later = THOUSAND - administration.CENTERS_AT_ONCE

    began = time.monotonic()
    deputy = lab.add_member("deputy", Role.ADMIN, None)
    figures["create"] = seconds(began)
    assert len(left(lab)) == later
    began = time.monotonic()
    settle_all(lab, lab.system, grants_to=deputy.identity.id)
    figures["settle the new one"] = seconds(began)
    assert in_every_center(lab, GRANTS, str(deputy.id)) == THOUSAND
    assert in_every_center(lab, MEMBER, str(deputy.id)) == THOUSAND

    fresh = made_up_identity()
    began = time.monotonic()
    with lab.shared(lab.system).begin() as session:
        says = {"user": str(deputy.id), "identity": identity_says(fresh), "provisional": True}
        administration.reset_password(
            session,
            deputy.id,
            verifier=verifier(deputy.password, deputy.login),
            identity=fresh,
            entry=lab.next_entry(session, "replace_keys", says, lab.system.identity.id),
            grants=lab.grants_for(None, fresh.id),
            must_change=False,
        )
    figures["reset"] = seconds(began)
    began = time.monotonic()
    settle_all(lab, lab.system, grants_to=fresh.id)
    figures["settle the new keys"] = seconds(began)
    assert in_every_center(lab, GRANTS, str(deputy.id)) == THOUSAND

    lab.value("UPDATE public.centers SET rotation_due = false RETURNING 1")
    began = time.monotonic()
    with lab.shared(lab.system).begin() as session:
        entry = lab.next_entry(session, "remove", {"user": str(deputy.id)}, lab.system.identity.id)
        administration.deactivate_user(session, deputy.id, entry)
    figures["deactivate"] = seconds(began)
    assert not lab.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", deputy.login)
    assert not lab.value("SELECT pg_has_role(%s, 'labkeep_platform', 'MEMBER')", deputy.login)
    # Interrupted half way, and gone on with by whoever comes next.
    began = time.monotonic()
    settle_all(lab, lab.system, limit=later // 2)
    assert len(left(lab)) == later - later // 2
    settle_all(lab, lab.system)
    figures["settle the leaver"] = seconds(began)
    assert left(lab) == []
    assert in_every_center(lab, GRANTS, str(deputy.id)) == 0
    assert in_every_center(lab, MEMBER, str(deputy.id)) == 0
    assert lab.value("SELECT count(*) FROM public.centers WHERE rotation_due") == THOUSAND

    print(f"{lab.server.name}, {THOUSAND} centers: {figures}")
    assert max(figures[name] for name in ("create", "reset", "deactivate")) < 5


def test_renaming_a_system_administrator(thousand: Installation) -> None:
    lab = thousand
    with lab.shared(lab.add_member("second", Role.ADMIN, None)).begin() as session:
        administration.update_user(session, lab.system.id, {"first_name": "Grace"}, 1)
    with lab.raw() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.unfinished WHERE user_id <> %s", (str(lab.system.id),))  # the second one's
    settle_all(lab, lab.system)
    name = "SELECT count(*) FROM {schema}.people WHERE id = %s AND display_name = 'Grace'"
    assert in_every_center(lab, name, str(lab.system.id)) == THOUSAND
