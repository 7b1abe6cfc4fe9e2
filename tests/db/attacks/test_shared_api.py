"""Attacks through what everybody may call: the api functions, the trust log, the record, the ways to connect."""

import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from psycopg2 import errors

from desktop_app.domain.rights import Role
from tests.db.attacks.shared_scene import DENIED, names, run
from tests.db.conftest import TwoCenters
from tests.db.installation import DATABASE, identity_says, made_up_grant, made_up_identity, place_says
from tests.db.rights.people import persons

# Ways into the definer functions

HIJACKS = [
    ("SET search_path = pg_temp, public", "SELECT api.note_sign_in('x')"),
    ("SET standard_conforming_strings = off", "SELECT api.note_sign_in('x')"),
    ("SET bytea_output = 'escape'", "SELECT api.note_sign_in('x')"),
    ("SET transform_null_equals = on", "SELECT api.note_sign_in('x')"),
    ("SET array_nulls = off", "SELECT api.note_sign_in('x')"),
    ("SET default_tablespace = 'nowhere'", "SELECT api.note_sign_in('x')"),
]


@pytest.mark.parametrize(("setting", "call"), HIJACKS)
def test_settings_of_the_caller_give_no_rights(two_centers: TwoCenters, setting: str, call: str) -> None:
    if "default_tablespace" not in setting:
        run(two_centers, two_centers.viewer_a, setting, call)
    for attack in (
        "SELECT api.set_center_active('{a_id}', false)",
        "SELECT api.update_center('{a_id}', '{{\"description\": \"mine\"}}', 1)",
        "SELECT api.end_sessions('{other_id}')",
    ):
        with pytest.raises(psycopg2.Error) as refused:
            run(two_centers, two_centers.viewer_a, setting, attack.format(**names(two_centers, two_centers.viewer_a)))
        assert refused.value.pgcode in {"42501", "LK008", "42704", "22023"}


def test_setting_of_self_grants_gives_the_maker_of_roles_nothing(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    if scene.server.major < 16:
        with pytest.raises(errors.UndefinedObject):
            run(two_centers, two_centers.system, "SET createrole_self_grant = 'set, inherit'")
        return
    center_id = uuid4()
    with scene.raw(two_centers.system) as connection, scene.shared(two_centers.system).begin() as session:
        says = {"center": str(center_id), "number": 1, "digest": secrets.token_hex(32)}
        entry = scene.next_entry(session, "key_version", says, two_centers.system.identity.id)
        grants = [made_up_grant(center_id, 1, one).to_json() for one in scene.standing_recipients()]
        cursor = connection.cursor()
        cursor.execute("SET createrole_self_grant = 'set, inherit'")
        cursor.execute(
            "SELECT api.create_center(%s, %s, %s)",
            (
                json.dumps({"id": str(center_id), "name": f"C {center_id}", "slug": center_id.hex}),
                json.dumps(entry.to_json()),
                json.dumps(grants),
            ),
        )
    given = scene.value(
        "SELECT count(*) FROM pg_auth_members WHERE member = 'labkeep_security'::regrole"
        " AND (inherit_option OR set_option) AND roleid <> 'pg_signal_backend'::regrole"
    )
    assert given == 0


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_old_snapshots_change_no_people(two_centers: TwoCenters, level: str) -> None:
    with two_centers.installation.raw(two_centers.admin_a) as connection, connection.cursor() as cursor:
        cursor.execute(f"BEGIN ISOLATION LEVEL {level}")
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute(
                "SELECT api.join_center(%s, %s, 'viewer', NULL, '{}', '[]')",
                (str(two_centers.user_a.id), str(two_centers.a)),
            )
        assert refused.value.pgcode == "LK004"


# The trust log through its functions


@pytest.fixture
def forged(two_centers: TwoCenters) -> Iterator[Any]:
    """A function that offers a role change of user.a by admin.a with a forged entry; gives the SQLSTATE."""
    scene = two_centers.installation

    def offer(**changed: Any) -> str | None:
        signer = two_centers.admin_a.identity.id
        says = {"user": str(two_centers.user_a.id), **place_says(two_centers.a, Role.VIEWER)}
        kind = changed.pop("kind", "join")
        signer = changed.pop("signer", signer)
        sequence = changed.pop("sequence", None)
        with scene.shared(two_centers.admin_a).begin() as session:
            entry = scene.next_entry(session, kind, says | changed, signer).to_json()
        if sequence is not None:
            entry["sequence"] = sequence
        with pytest.raises(psycopg2.Error) as refused:
            run(
                two_centers,
                two_centers.admin_a,
                "SELECT api.join_center(%s, %s, 'viewer', NULL, %s, '[]')",
                values=(str(two_centers.user_a.id), str(two_centers.a), json.dumps(entry)),
            )
        return str(refused.value.pgcode)

    yield offer
    role = scene.value("SELECT role FROM public.memberships WHERE user_id = %s", str(two_centers.user_a.id))
    assert role == "user"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "remove"}, "LK010"),
        ({"kind": "enrol"}, "LK010"),
        ({"role": "admin"}, "LK010"),
        ({"user": str(uuid4())}, "LK010"),
        ({"center": None}, "LK010"),
        ({"extra": 1}, "LK010"),
        ({"format": "labkeep/2"}, "LK010"),
        ({"installation": str(uuid4())}, "LK010"),
        ({"previous": "00" * 32}, "LK002"),
        ({"sequence": 1}, "LK002"),
        ({"sequence": 10_000}, "LK002"),
        ({"signer": uuid4()}, "LK010"),
    ],
)
def test_entry_that_does_not_say_what_is_done_is_refused(forged: Any, changed: dict[str, Any], code: str) -> None:
    assert forged(**changed) == code


def test_entry_in_somebody_elses_name_is_refused(forged: Any, two_centers: TwoCenters) -> None:
    assert forged(signer=two_centers.system.identity.id) == "LK010"
    assert forged(signer=two_centers.installation.root.id) == "LK010"
    assert forged(signer=two_centers.viewer_a.identity.id) == "LK010"


@pytest.mark.parametrize(
    "entry",
    ["{}", "[]", "null", '{"payload": "zz"}', '{"payload": "00", "signature": "00", "sequence": 1, "signer": "x"}',
     '{"payload": "ff", "signature": "00", "sequence": 1}', '{"payload": "5b5d", "signature": "00", "sequence": "a"}'],
)  # fmt: skip
def test_nonsense_for_an_entry_is_refused(two_centers: TwoCenters, entry: str) -> None:
    with pytest.raises(psycopg2.Error) as refused:
        run(
            two_centers,
            two_centers.admin_a,
            "SELECT api.join_center(%s, %s, 'viewer', NULL, %s, '[]')",
            values=(str(two_centers.user_a.id), str(two_centers.a), entry),
        )
    assert refused.value.pgcode in {"LK010", "LK002", "22P02"}


def test_own_keys_are_ones_own(two_centers: TwoCenters) -> None:
    """Own keys cannot be used to become somebody else, and not with other people's grants."""
    scene = two_centers.installation
    member = two_centers.viewer_a
    identity = made_up_identity()
    for user_id, grants in (
        (two_centers.user_a.id, scene.grants_for(two_centers.a, identity.id)),
        (member.id, scene.grants_for(two_centers.b, identity.id)),
        (member.id, scene.grants_for(two_centers.a, two_centers.user_a.identity.id)),
        (member.id, scene.grants_for(None, identity.id)),
        (member.id, []),
    ):
        with scene.shared(member).begin() as session:
            says = {"user": str(user_id), "identity": identity_says(identity), "provisional": False}
            entry = scene.next_entry(session, "replace_keys", says, member.identity.id)
        with pytest.raises(psycopg2.Error) as refused:
            run(
                two_centers,
                member,
                "SELECT api.replace_own_keys(%s, %s, %s, NULL)",
                values=(
                    json.dumps(identity.to_json()),
                    json.dumps(entry.to_json()),
                    json.dumps([grant.to_json() for grant in grants]),
                ),
            )
        assert refused.value.pgcode in {"LK005", "LK010"}


# The chain of the record


def _edit(cursor: Any, two_centers: TwoCenters, phone: str) -> None:
    """A change that stands in the shared record, by an administrator."""
    user = str(two_centers.user_a.id)
    cursor.execute("SELECT row_version FROM public.users WHERE id = %s", (user,))
    cursor.execute("SELECT api.update_user(%s, %s, %s)", (user, json.dumps({"phone": phone}), cursor.fetchone()[0]))


def test_sealing_at_once_leaves_no_row_out(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.raw(two_centers.admin_a) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN; SET CONSTRAINTS ALL IMMEDIATE")
        for phone in ("1", "2", "3", "4"):
            _edit(cursor, two_centers, phone)
        cursor.execute("COMMIT")
    unsealed = scene.value(
        "SELECT count(*) FROM public.audit_log l LEFT JOIN public.audit_chain c USING (link) WHERE c.link IS NULL"
    )
    assert unsealed == 0
    wrong = scene.value(
        "SELECT count(*) FROM public.audit_chain c WHERE c.rows <> "
        "(SELECT count(*) FROM public.audit_log l WHERE l.link = c.link)"
    )
    assert wrong == 0


def test_rolled_back_savepoints_leave_the_chain_whole(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.raw(two_centers.admin_a) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN; SAVEPOINT a")
        _edit(cursor, two_centers, "11")
        cursor.execute("ROLLBACK TO a")
        _edit(cursor, two_centers, "12")
        cursor.execute("SAVEPOINT b")
        _edit(cursor, two_centers, "13")
        cursor.execute("ROLLBACK TO b; COMMIT")
    assert scene.value("SELECT count(*) FROM public.audit_pending") == 0
    wrong = scene.value(
        "SELECT count(*) FROM public.audit_chain c WHERE c.rows <> "
        "(SELECT count(*) FROM public.audit_log l WHERE l.link = c.link)"
    )
    assert wrong == 0


def test_even_the_owner_does_not_rewrite_the_record(two_centers: TwoCenters) -> None:
    for table in ("audit_log", "audit_chain", "trust_log"):
        for statement in (f"DELETE FROM public.{table}", f"TRUNCATE public.{table} CASCADE"):
            with pytest.raises(DENIED):
                two_centers.installation.value(f"SET ROLE labkeep_owner; {statement}")


# Other ways in


@pytest.mark.parametrize("database", ["postgres", "template1", "template0"])
def test_other_databases_are_closed(two_centers: TwoCenters, database: str) -> None:
    for person in persons(two_centers):
        login, password = person.member.login, person.member.password
        with pytest.raises(psycopg2.OperationalError, match=r"permission denied|not currently accepting connections"):
            psycopg2.connect(two_centers.installation.server.dsn(database, login, password))


@pytest.mark.parametrize("login", ["labkeep_owner", "labkeep_security", "labkeep_app", "labkeep_platform"])
def test_fixed_roles_do_not_sign_in(two_centers: TwoCenters, login: str) -> None:
    for password in ("", login, None):
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(two_centers.installation.server.dsn(DATABASE, login, password))


def test_verifier_is_no_password(two_centers: TwoCenters) -> None:
    member = two_centers.viewer_a
    stored = two_centers.installation.value("SELECT rolpassword FROM pg_authid WHERE rolname = %s", member.login)
    assert str(stored).startswith("SCRAM-SHA-256$4096:")
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(two_centers.installation.server.dsn(DATABASE, member.login, str(stored)))


def test_own_login_setting_breaks_nothing_for_the_functions(two_centers: TwoCenters) -> None:
    """A person may set his own login's defaults; the functions do not care."""
    member = two_centers.viewer_a
    run(two_centers, member, f"ALTER ROLE {member.login} SET search_path = pg_temp, public")
    try:
        with closing(psycopg2.connect(two_centers.installation.server.dsn(DATABASE, member.login, member.password))):
            run(two_centers, member, "SELECT api.note_sign_in('x')")
            with pytest.raises(DENIED):
                run(two_centers, member, f"SELECT api.set_center_active('{two_centers.a}', false)")
    finally:
        run(two_centers, member, f"ALTER ROLE {member.login} RESET search_path")
