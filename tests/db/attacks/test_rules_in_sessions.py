"""Attacks on the rules of rows by who is signed in while his rights change: plans that are kept, settings, order."""

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

import psycopg2
import pytest

from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from tests.db.admin_actions import change_role, join, leave
from tests.db.conftest import TwoCenters
from tests.db.installation import Member
from tests.db.test_last_day import let_time_pass, today

numbers = count(1)
Ask = Callable[[], dict[str, Any]]

KEPT = {
    "centers": "SELECT array_agg(name ORDER BY name) FROM public.centers",
    "users": "SELECT array_agg(login::text ORDER BY login) FROM public.users",
    "memberships": "SELECT count(*) FROM public.memberships",
    "own": "SELECT public.own_centers()::text[]",
    "administered": "SELECT public.administered_centers()::text[]",
    "visible": "SELECT cardinality(public.visible_users())",
    "record": "SELECT count(*) > 0 FROM public.audit_log",
}
# What a session may set for itself that has to do with plans, names, texts or rows.
SETTINGS = [
    "plan_cache_mode = force_generic_plan", "plan_cache_mode = force_custom_plan",
    "search_path = pg_temp, public, pg_catalog", "search_path = ''", "row_security = on",
    "standard_conforming_strings = off", "backslash_quote = on", "transform_null_equals = on",
    "quote_all_identifiers = on", "timezone = 'Etc/GMT+12'", "datestyle = 'SQL, DMY'", "lc_messages = 'C'",
    "plpgsql.variable_conflict = use_variable", "plpgsql.extra_errors = 'all'", "check_function_bodies = off",
    "default_transaction_isolation = 'serializable'", "default_transaction_read_only = on", "jit = on",
    "constraint_exclusion = on", "enable_seqscan = off", "enable_indexscan = off", "from_collapse_limit = 1",
    "debug_parallel_query = on", "force_parallel_mode = on", "parallel_setup_cost = 0", "array_nulls = off",
]  # fmt: skip


def kept(cursor: Any, mode: str) -> Ask:
    """Prepare each query, and run it until its plan and those of the rules are kept."""
    cursor.execute(f"SET plan_cache_mode = {mode}")
    for name, query in KEPT.items():
        cursor.execute(f"PREPARE kept_{name} AS {query}")

    def ask() -> dict[str, Any]:
        found = {}
        for name in KEPT:
            cursor.execute(f"EXECUTE kept_{name}")
            found[name] = cursor.fetchone()[0]
        return found

    for _ in range(8):
        ask()
    return ask


@pytest.fixture(params=["force_generic_plan", "auto"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_rule_sees_a_place_that_was_taken_away_meanwhile(two_centers: TwoCenters, mode: str) -> None:
    scene = two_centers.installation
    member = scene.add_member(f"leaver.{next(numbers)}", Role.ADMIN, two_centers.a)
    join(scene, member, Role.ADMIN, two_centers.b)
    with scene.raw(member) as connection, connection.cursor() as cursor:
        ask = kept(cursor, mode)
        before = ask()
        assert before["centers"] == ["Center A", "Center B"]
        assert two_centers.viewer_b.login in before["users"]
        leave(scene, member, two_centers.b)
        after = ask()
    assert after["centers"] == ["Center A"]
    assert after["own"] == after["administered"] == [str(two_centers.a)]
    assert two_centers.viewer_b.login not in after["users"]
    assert after["memberships"] < before["memberships"]


def test_a_rule_sees_a_lower_role_in_an_open_transaction(two_centers: TwoCenters, mode: str) -> None:
    scene = two_centers.installation
    member = scene.add_member(f"lowered.{next(numbers)}", Role.ADMIN, two_centers.a)
    with scene.raw(member) as connection, connection.cursor() as cursor:
        ask = kept(cursor, mode)
        cursor.execute("BEGIN")
        assert two_centers.viewer_a.login in ask()["users"]
        change_role(scene, member, Role.VIEWER)
        after = ask()
    assert after["users"] == [member.login]
    assert (after["administered"], after["visible"], after["record"]) == ([], 1, False)
    assert after["centers"] == ["Center A"]


def test_a_rule_sees_a_last_day_that_is_over(two_centers: TwoCenters, mode: str) -> None:
    scene = two_centers.installation
    member = scene.add_member(f"over.{next(numbers)}", Role.ADMIN, two_centers.a, until=today())
    with scene.raw(member) as connection, connection.cursor() as cursor:
        ask = kept(cursor, mode)
        assert two_centers.viewer_a.login in ask()["users"]
        let_time_pass(scene, member, two_centers.a)
        after = ask()
    assert (after["centers"], after["users"], after["own"]) == (None, [member.login], [])


def test_a_rule_asks_the_login_whatever_role_is_set(two_centers: TwoCenters, mode: str) -> None:
    """Plans kept under one role are used under the next, and roles that a person may set show him nothing more."""
    schema = schema_name(two_centers.a)
    for member in (two_centers.viewer_a, two_centers.admin_a):
        with two_centers.installation.raw(member) as connection, connection.cursor() as cursor:
            ask = kept(cursor, mode)
            before, tried = ask(), 0
            for role in ("labkeep_app", f"{schema}_viewer", f"{schema}_user", f"{schema}_admin", "labkeep_owner"):
                try:
                    cursor.execute(f"SET ROLE {role}")
                except psycopg2.errors.InsufficientPrivilege:
                    continue
                tried += 1
                try:
                    assert ask() == before, role
                except psycopg2.errors.InsufficientPrivilege:
                    cursor.execute("SELECT 1")  # no privilege under that role is no way either
                cursor.execute("RESET ROLE")
                assert ask() == before, role
            assert (tried == 0) == (two_centers.installation.server.major >= 16)


@pytest.mark.parametrize("who", ["viewer_a", "admin_a"])
def test_no_setting_of_a_session_shows_more_rows(two_centers: TwoCenters, who: str) -> None:
    member: Member = getattr(two_centers, who)
    plain = _all_rows(two_centers, member)
    assert {setting: rows for setting in SETTINGS if (rows := _all_rows(two_centers, member, setting)) != plain} == {}


def _all_rows(scene: TwoCenters, member: Member, setting: str | None = None) -> dict[str, Any]:
    """What the member sees with the setting, or without it where he may not set it; refused is as good as the same."""
    found = {}
    with scene.installation.raw(member) as connection, connection.cursor() as cursor:
        if setting is not None:
            with suppress(psycopg2.errors.InsufficientPrivilege, psycopg2.errors.UndefinedObject):
                cursor.execute(f"SET {setting}")
        for name, query in KEPT.items():
            cursor.execute(query)
            found[name] = cursor.fetchone()[0]
    return found


# The cheapest that can fail, and say in its error what it saw: no leakproof function or operator is among them.
SPIES = [
    "SELECT count(*) FROM public.users WHERE username::integer > 0",
    "SELECT count(*) FROM public.users WHERE CAST(email AS date) > 'today'",
    "SELECT count(*) FROM public.users WHERE 1 / (CASE WHEN login = '{mine}' THEN 1 ELSE 0 END) = 1",
    "SELECT count(*) FROM public.users WHERE CASE WHEN login <> '{mine}' THEN username::uuid IS NULL END",
    "SELECT count(*) FROM public.users u JOIN public.memberships m ON m.user_id = u.id AND u.username::integer > 0",
    "SELECT count(*) FROM public.centers WHERE name::integer > 0",
    "SELECT count(*) FROM public.centers WHERE name::xml IS NULL OR name::integer > 0",
    "SELECT max(name::integer) FROM public.centers",
    "SELECT count(*) FROM public.centers GROUP BY name HAVING name::integer > 0",
    "SELECT name::integer FROM public.centers ORDER BY name DESC LIMIT 1",
    "SELECT count(*) FROM public.memberships WHERE center_id::text::integer > 0",
    "SELECT count(*) FROM public.audit_log WHERE login::text::integer > 0",
    "SELECT count(*) FROM public.identity_secrets WHERE user_id::text::integer > 0",
]


@pytest.mark.parametrize("spy", SPIES)
def test_no_condition_sees_rows_before_the_rule(two_centers: TwoCenters, spy: str) -> None:
    """What its error says is nothing of others; where one's own row passes or fails, others are still unsaid."""
    scene, member = two_centers.installation, two_centers.viewer_a
    scene.value("ANALYZE public.users; ANALYZE public.centers; ANALYZE public.memberships; SELECT 1")
    foreign = scene.value(
        "SELECT array_agg(t) FROM (SELECT unnest(ARRAY[login::text, username, email, id::text]) t FROM public.users"
        " WHERE login <> %s UNION SELECT unnest(ARRAY[name, id::text]) FROM public.centers WHERE id <> %s) x"
        " WHERE t <> ''",
        member.login,
        str(two_centers.a),
    )
    for setting in ("enable_seqscan", "enable_indexscan", "enable_hashjoin", "row_security"):
        with scene.raw(member) as connection, connection.cursor() as cursor:
            if setting != "row_security":
                cursor.execute(f"SET {setting} = off")
            said = ""
            try:
                cursor.execute(spy.format(mine=member.login))
            except psycopg2.Error as error:
                said = str(error)
            assert "division" not in said
            assert [each for each in foreign if f'"{each}"' in said] == []


def test_a_guest_whose_day_is_over_sees_no_row_by_a_condition(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    guest = scene.add_member(f"spy.{next(numbers)}", Role.USER, two_centers.a, until=today())
    schema = schema_name(two_centers.a)
    with scene.raw(guest) as connection, connection.cursor() as cursor:
        cursor.execute(f"PREPARE spy AS SELECT count(*) FROM {schema}.people WHERE username::integer > 0")
        with pytest.raises(psycopg2.errors.InvalidTextRepresentation):
            cursor.execute("EXECUTE spy")
        let_time_pass(scene, guest, two_centers.a)
        for ask in ("EXECUTE spy", f"SELECT count(*) FROM {schema}.people WHERE username::integer > 0"):
            cursor.execute(ask)
            assert cursor.fetchone() == (0,)


def test_no_function_of_ours_is_leakproof_and_each_that_lends_rights_says_its_names(two_centers: TwoCenters) -> None:
    """Also those that are plpgsql now: what a caller has set decides about no name in them."""
    ours = (
        "SELECT array_agg(p.oid::regprocedure::text) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.oid >= 16384 AND "
    )
    assert two_centers.installation.value(ours + "p.proleakproof") is None
    safe = "array_to_string(p.proconfig, '|') ~ 'search_path=[^|]*pg_catalog[^|]*, pg_temp([|]|$)'"
    assert two_centers.installation.value(f"{ours} p.prosecdef AND ({safe}) IS NOT TRUE") is None
    rules = "p.proname IN ('own_centers', 'administered_centers', 'visible_users', 'belongs_for_good', 'belongs_today')"
    first = "'search_path=pg_catalog, pg_temp' = ANY (p.proconfig)"
    assert two_centers.installation.value(f"{ours} {rules} AND NOT (p.prosecdef AND {first})") is None
