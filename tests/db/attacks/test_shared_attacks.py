"""Attacks on what centers share, by raw psycopg2 with real persons' credentials, on every server."""

import pytest

from desktop_app.domain.ids import schema_name
from tests.db.attacks.shared_scene import DENIED, catalog, names, outcomes, run
from tests.db.attacks.shared_statements import HARMLESS, OF_OTHERS, REFUSED
from tests.db.conftest import TwoCenters
from tests.db.installation import Member

MEMBERS = ["viewer_a", "user_a", "admin_a", "viewer_b", "user_b", "admin_b"]


@pytest.fixture(params=[*MEMBERS, "system"])
def attacker(request: pytest.FixtureRequest, two_centers: TwoCenters) -> Member:
    """Everybody."""
    member: Member = getattr(two_centers, request.param)
    return member


@pytest.fixture(params=MEMBERS)
def member(request: pytest.FixtureRequest, two_centers: TwoCenters) -> Member:
    """A person of each center in each role."""
    member: Member = getattr(two_centers, request.param)
    return member


def test_refused(two_centers: TwoCenters, attacker: Member) -> None:
    before = catalog(two_centers)
    found = outcomes(two_centers, attacker, REFUSED)
    assert {attack: what for attack, what in found.items() if what != "refused"} == {}
    assert catalog(two_centers) == before


def test_harmless(two_centers: TwoCenters, attacker: Member) -> None:
    before = catalog(two_centers)
    seen = run(two_centers, attacker, "SELECT name FROM public.centers ORDER BY name")
    found = outcomes(two_centers, attacker, HARMLESS)
    assert set(found.values()) == {"done"}, found
    assert catalog(two_centers) == before
    assert run(two_centers, attacker, "SELECT name FROM public.centers ORDER BY name") == seen


def test_sessions_of_others_are_theirs(two_centers: TwoCenters, attacker: Member) -> None:
    victims = [getattr(two_centers, name) for name in MEMBERS] + [two_centers.system]
    for victim in victims:
        if victim is attacker:
            continue
        with two_centers.installation.raw(victim) as other:
            other.cursor().execute("SELECT 'a name that others must not read'")
            shown = "SELECT query, client_addr FROM pg_stat_activity WHERE pid = %s"
            found = run(two_centers, attacker, shown, values=(other.info.backend_pid,))
            assert found == [("<insufficient privilege>", None)]
            for function in ("pg_terminate_backend", "pg_cancel_backend"):
                with pytest.raises(DENIED):
                    run(two_centers, attacker, f"SELECT {function}({other.info.backend_pid})")
            other.cursor().execute("SELECT 'still there'")


# The registry through row-level security; who sees which rows of it at all is in tests/db/rights/test_rights_cases.py


def test_rows_of_others_are_not_there(two_centers: TwoCenters, member: Member) -> None:
    filled = names(two_centers, member)
    other = two_centers.user_b if member.center_id == two_centers.a else two_centers.user_a
    with two_centers.installation.raw(other) as connection:
        connection.cursor().execute("SELECT api.note_sign_in('bench 1')")
        two_centers.installation.value("ANALYZE public.users; ANALYZE public.centers; SELECT 1")
        for statement in OF_OTHERS:
            assert run(two_centers, member, statement.format(**filled)) == [], statement


def test_switching_row_security_off_is_an_error_and_not_a_way(two_centers: TwoCenters, attacker: Member) -> None:
    with pytest.raises(DENIED):
        run(two_centers, attacker, "SET row_security = off", "SELECT * FROM public.users")


def test_policies_cannot_be_dropped_by_dropping_what_a_role_owns(two_centers: TwoCenters) -> None:
    # DROP OWNED BY a role drops the policies that name nobody else, and every member of the role may say it, but for
    # the event trigger, which a database's administrator may switch off.
    with two_centers.installation.raw() as owner, owner.cursor() as cursor:
        cursor.execute("ALTER EVENT TRIGGER labkeep_refuse_persons_ddl DISABLE")
        try:
            for role in ("labkeep_app", f"{schema_name(two_centers.a)}_viewer"):
                run(two_centers, two_centers.viewer_a, f"DROP OWNED BY {role} CASCADE")
        finally:
            cursor.execute("ALTER EVENT TRIGGER labkeep_refuse_persons_ddl ENABLE")
    assert run(two_centers, two_centers.system, "SELECT count(*) FROM public.centers") == [(2,)]
