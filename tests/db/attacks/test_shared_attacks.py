"""Attacks on what centers share, by raw psycopg2 with real persons' credentials, on every server."""

import pytest

from desktop_app.domain.ids import schema_name
from tests.db.attacks.shared_scene import DENIED, catalog, names, outcome, refusals, run
from tests.db.attacks.shared_statements import HARMLESS, OF_OTHERS, REFUSED
from tests.db.conftest import TwoCenters
from tests.db.installation import Member


@pytest.fixture(params=["viewer_a", "user_a", "admin_a"])
def attacker(request: pytest.FixtureRequest, two_centers: TwoCenters) -> Member:
    """A person of center A in each role."""
    member: Member = getattr(two_centers, request.param)
    return member


def test_refused(two_centers: TwoCenters, attacker: Member) -> None:
    before = catalog(two_centers)
    assert refusals(two_centers, attacker, REFUSED) == {}
    assert catalog(two_centers) == before


def test_refused_to_system_administrators_as_well(two_centers: TwoCenters) -> None:
    before = catalog(two_centers)
    attacks = dict(REFUSED)
    if two_centers.installation.server.major < 16:
        # Before 16 a member may always take the role on; it gives him nothing that he has not got.
        for own in ("be a system administrator", "be an administrator of B", "be a viewer of B"):
            del attacks[own]
    assert refusals(two_centers, two_centers.system, attacks) == {}
    assert catalog(two_centers) == before


def test_harmless(two_centers: TwoCenters, attacker: Member) -> None:
    filled = names(two_centers) | {"me": attacker.login}
    before = catalog(two_centers)
    with two_centers.installation.raw(attacker) as connection:
        found = {attack: outcome(connection, statement.format(**filled)) for attack, statement in HARMLESS.items()}
    assert set(found.values()) == {"done"}, found
    assert catalog(two_centers) == before
    assert run(two_centers, attacker, "SELECT name FROM public.centers") == [("Center A",)]


# The registry through row-level security


def test_registry_shows_a_member_his_own_center_and_himself(two_centers: TwoCenters) -> None:
    for member in (two_centers.viewer_a, two_centers.user_a):
        assert run(two_centers, member, "SELECT name FROM public.centers") == [("Center A",)]
        assert run(two_centers, member, "SELECT username FROM public.users") == [(member.username,)]


def test_registry_shows_an_administrator_his_own_people(two_centers: TwoCenters) -> None:
    found = run(two_centers, two_centers.admin_a, "SELECT DISTINCT center_id::text FROM public.users")
    assert found == [(str(two_centers.a),)]
    assert run(two_centers, two_centers.admin_a, "SELECT count(*) FROM public.users") == [(3,)]


def test_rows_of_others_are_not_there(two_centers: TwoCenters, attacker: Member) -> None:
    with two_centers.installation.raw(two_centers.user_b) as other:
        other.cursor().execute("SELECT api.note_sign_in('bench 1')")
        two_centers.installation.value("ANALYZE public.users; ANALYZE public.centers; SELECT 1")
        filled = names(two_centers) | {"me": attacker.login, "my_id": str(attacker.id)}
        for statement in OF_OTHERS:
            assert run(two_centers, attacker, statement.format(**filled)) == [], statement


def test_switching_row_security_off_is_an_error_and_not_a_way(two_centers: TwoCenters, attacker: Member) -> None:
    with pytest.raises(DENIED):
        run(two_centers, attacker, "SET row_security = off", "SELECT * FROM public.users")


def test_sealed_keys_are_ones_own_even_for_system_administrators(two_centers: TwoCenters) -> None:
    found = run(two_centers, two_centers.system, "SELECT user_id::text FROM public.identity_secrets")
    assert found == [(str(two_centers.system.id),)]


def test_record_of_the_registry_is_for_administrators(two_centers: TwoCenters) -> None:
    for member in (two_centers.viewer_a, two_centers.user_a):
        assert run(two_centers, member, "SELECT count(*) FROM public.audit_log") == [(0,)]
    found = run(two_centers, two_centers.admin_a, "SELECT DISTINCT center_id::text FROM public.audit_log")
    assert found == [(str(two_centers.a),)]
    assert run(two_centers, two_centers.system, "SELECT count(*) > 10 FROM public.audit_log") == [(True,)]


def test_policies_cannot_be_dropped_by_dropping_what_a_role_owns(two_centers: TwoCenters) -> None:
    # DROP OWNED BY a role drops the policies that name nobody else, and every member of the role may say it.
    for role in ("labkeep_app", f"{schema_name(two_centers.a)}_viewer"):
        run(two_centers, two_centers.viewer_a, f"DROP OWNED BY {role} CASCADE")
    assert run(two_centers, two_centers.system, "SELECT count(*) FROM public.centers") == [(2,)]
