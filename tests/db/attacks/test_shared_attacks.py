"""Attacks on what centers share, by raw psycopg2 with real persons' credentials, on every server."""

import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from psycopg2 import errors

from desktop_app.db.scram import verifier
from desktop_app.domain.ids import schema_name
from tests.db.conftest import TwoCenters
from tests.db.installation import DATABASE, Member, identity_says, made_up_identity

DENIED = errors.InsufficientPrivilege


def run(scene: TwoCenters, who: Member, *statements: str, values: tuple[object, ...] | None = None) -> list[Any]:
    """What the person gets for the last of the statements, all in one session with autocommit."""
    with scene.installation.raw(who) as connection, connection.cursor() as cursor:
        for statement in statements[:-1]:
            cursor.execute(statement)
        cursor.execute(statements[-1], values)
        return list(cursor.fetchall()) if cursor.description else []


def names(scene: TwoCenters) -> dict[str, str]:
    """What an attacker can find out about names, for his statements."""
    return {
        "a": schema_name(scene.a),
        "b": schema_name(scene.b),
        "me": scene.viewer_a.login,
        "other": scene.user_b.login,
        "mate": scene.user_a.login,
        "my_id": str(scene.viewer_a.id),
        "other_id": str(scene.user_b.id),
        "a_id": str(scene.a),
        "b_id": str(scene.b),
        "superuser": scene.installation.server.superuser,
        "uuid": str(uuid4()),
    }


@pytest.fixture(params=["viewer_a", "user_a", "admin_a"])
def attacker(request: pytest.FixtureRequest, two_centers: TwoCenters) -> Member:
    """A person of center A in each role."""
    member: Member = getattr(two_centers, request.param)
    return member


def catalog(scene: TwoCenters) -> object:
    """Every privilege, policy, role, membership and object that an attack could change."""
    return scene.installation.value(
        """SELECT jsonb_build_array(
            (SELECT jsonb_agg(ARRAY[oid::text, relname, relacl::text, relrowsecurity::text] ORDER BY oid)
                FROM pg_class WHERE relkind IN ('r', 'v', 'S')),
            (SELECT jsonb_agg(ARRAY[attrelid::text, attname, attacl::text] ORDER BY attrelid, attnum)
                FROM pg_attribute WHERE attacl IS NOT NULL),
            (SELECT jsonb_agg(ARRAY[proname, prosrc, proacl::text] ORDER BY oid) FROM pg_proc WHERE oid >= 16384),
            (SELECT jsonb_agg(ARRAY[nspname, nspacl::text] ORDER BY oid) FROM pg_namespace
                WHERE nspname !~ '^pg_(toast_)?temp_'),
            (SELECT jsonb_agg(ARRAY[datname, datacl::text] ORDER BY oid) FROM pg_database),
            (SELECT jsonb_agg(ARRAY[polname, polroles::text, polqual::text] ORDER BY oid) FROM pg_policy),
            (SELECT jsonb_agg(ARRAY[tgname, tgenabled::text] ORDER BY oid) FROM pg_trigger),
            (SELECT jsonb_agg(to_jsonb(a) - 'rolpassword' ORDER BY oid) FROM pg_authid a),
            (SELECT jsonb_agg(to_jsonb(m) ORDER BY roleid, member) FROM pg_auth_members m),
            (SELECT count(*) FROM pg_largeobject_metadata))::text"""
    )


# Each of these must be refused, to everybody of the center. {names} are filled in.
REFUSED = {
    "be the owner": "SET ROLE labkeep_owner",
    "be the maker of roles": "SET ROLE labkeep_security",
    "be a system administrator": "SET ROLE labkeep_platform",
    "be an administrator of B": "SET ROLE {b}_admin",
    "be a viewer of B": "SET ROLE {b}_viewer",
    "be somebody else": "SET SESSION AUTHORIZATION {other}",
    "be the superuser": 'SET SESSION AUTHORIZATION "{superuser}"',
    "give oneself the platform": "GRANT labkeep_platform TO {me}",
    "give oneself B": "GRANT {b}_viewer TO {me}",
    "give a mate the highest role": "GRANT {a}_admin TO {mate}",
    "give A to somebody of B": "GRANT {a}_viewer TO {other}",
    "give oneself away": "GRANT {me} TO {other}",
    "take somebody's rights": "REVOKE {b}_user FROM {other}",
    "lock somebody out": "ALTER ROLE {other} NOLOGIN",
    "reset somebody's password": "ALTER ROLE {other} PASSWORD 'x'",
    "reset a mate's password": "ALTER ROLE {mate} PASSWORD 'x' CONNECTION LIMIT 0",
    "reset the superuser's password": "ALTER ROLE \"{superuser}\" PASSWORD 'x'",
    "set somebody's search_path": "ALTER ROLE {other} SET search_path = pg_temp",
    "set everybody's search_path": "ALTER ROLE ALL SET search_path = pg_temp",
    "set the database's search_path": "ALTER DATABASE labkeep SET search_path = pg_temp",
    "be let make roles": "ALTER ROLE {me} CREATEROLE",
    "be made superuser": "ALTER ROLE {me} SUPERUSER",
    "go past row-level security": "ALTER ROLE {me} BYPASSRLS",
    "make a role": "CREATE ROLE helper LOGIN PASSWORD 'x'",
    "drop a role": "DROP ROLE {other}",
    "make a schema": "CREATE SCHEMA mine",
    "make a table in public": "CREATE TABLE public.mine (a int)",
    "make a table in A": "CREATE TABLE {a}.mine (a int)",
    "make a temporary table": "CREATE TEMP TABLE centers (id uuid)",
    "make a temporary table at the side door": "CREATE TABLE pg_temp.centers (id uuid)",
    "make a temporary function": "CREATE FUNCTION pg_temp.now() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "put a function in api": "CREATE FUNCTION api.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "put a function in public": "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
    "replace a function of api": (
        "CREATE OR REPLACE FUNCTION api.note_sign_in(p text) RETURNS void LANGUAGE sql AS 'SELECT 1'"
    ),
    "make an operator": "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    "make an extension": "CREATE EXTENSION plpgsql SCHEMA public",
    "make a language": "CREATE LANGUAGE plpython3u",
    "make an event trigger": "CREATE EVENT TRIGGER t ON ddl_command_end EXECUTE FUNCTION public.f()",
    "make a foreign server": "CREATE FOREIGN DATA WRAPPER w",
    "make a subscription": "CREATE PUBLICATION p FOR ALL TABLES",
    "give oneself the table": "ALTER TABLE public.users OWNER TO {me}",
    "switch row-level security off": "ALTER TABLE public.users DISABLE ROW LEVEL SECURITY",
    "drop a policy": "DROP POLICY own_only ON public.identity_secrets",
    "add a policy": "CREATE POLICY p ON public.users USING (true)",
    "switch a trigger off": "ALTER TABLE public.audit_log DISABLE TRIGGER ALL",
    "be a replica": "SET session_replication_role = replica",
    "call an inner function": "SELECT internal.is_platform()",
    "append to the trust log by the inner function": "SELECT internal.append_entry('{{}}', 'root', '{{}}')",
    "write a row of the record by the inner function": (
        "SELECT internal.write_audit_row('insert', 'users', NULL, NULL, NULL, NULL)"
    ),
    "make a login by the inner function": "SELECT security.make_login('{me}', 'x')",
    "join a group by the inner function": "SELECT security.join_group('{me}', 'labkeep_platform')",
    "end somebody's sessions by the inner function": "SELECT security.end_sessions('{other}')",
    "insert a user": "INSERT INTO public.users (id) VALUES ('{uuid}')",
    "promote oneself in the registry": "UPDATE public.users SET role = 'admin' WHERE id = '{my_id}'",
    "move oneself in the registry": "UPDATE public.users SET center_id = '{b_id}' WHERE id = '{my_id}'",
    "delete a user": "DELETE FROM public.users",
    "rename a center": "UPDATE public.centers SET name = 'Mine'",
    "forge a sign-in": "INSERT INTO public.sign_ins (user_id, workstation) VALUES ('{other_id}', 'x')",
    "rewrite one's sign-ins": "UPDATE public.sign_ins SET at = now() - interval '1 year'",
    "plant an identity": "INSERT INTO public.identities (id, public_key) VALUES ('{uuid}', 'x')",
    "swap a public key": "UPDATE public.identities SET public_key = 'x'",
    "plant a trust entry": (
        "INSERT INTO public.trust_log (sequence, payload, signer, signature, digest)"
        " VALUES (9999, 'x', '{uuid}', 'x', 'x')"
    ),
    "shorten the trust log": "DELETE FROM public.trust_log WHERE sequence > 1",
    "empty the trust log": "TRUNCATE public.trust_log",
    "rewrite the trust log": "UPDATE public.trust_log SET signature = 'x'",
    "rewrite the record": "UPDATE public.audit_log SET login = 'somebody'",
    "shorten the record": "DELETE FROM public.audit_log",
    "empty the record": "TRUNCATE public.audit_log",
    "insert into the record": (
        "INSERT INTO public.audit_log (link, at, txid, login, operation, table_name, reason)"
        " VALUES ('{uuid}', now(), pg_current_xact_id(), 'x', 'x', 'x', '')"
    ),
    "forge the head": "UPDATE public.audit_head SET digest = 'x'",
    "forge a link": "DELETE FROM public.audit_chain",
    "hold back the seal": "SELECT * FROM public.audit_pending",
    "read the template": "SELECT * FROM public.center_template",
    "write the template": "UPDATE public.center_template SET statement = 'SELECT 1'",
    "another epoch": "UPDATE public.installation SET epoch = '{uuid}'",
    "hold the lock of all changes": "SELECT * FROM public.installation FOR UPDATE",
    "hold a shared lock of it": "SELECT * FROM public.installation FOR KEY SHARE",
    "lock a table": "DO $$BEGIN LOCK TABLE public.users IN EXCLUSIVE MODE; END$$",
    "hold an advisory lock": "SELECT pg_advisory_lock(1)",
    "try an advisory lock": "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
    "speak by pg_notify": "SELECT pg_notify('x', 'y')",
    "write into the WAL": "SELECT pg_logical_emit_message(false, 'x', 'y')",
    "keep a large object": "SELECT lo_create(0)",
    "keep a large object from bytes": "SELECT lo_from_bytea(0, 'x')",
    "read a file of the server": "SELECT pg_read_file('postgresql.conf')",
    "read a file by COPY": "COPY public.users FROM '/etc/passwd'",
    "write a file by COPY": "COPY public.installation TO '/tmp/labkeep-stolen'",
    "run a program by COPY": "COPY (SELECT 1) TO PROGRAM 'id'",
    "run a program by COPY FROM": "COPY public.users FROM PROGRAM 'id'",
    "load a library": "LOAD '/tmp/evil.so'",
    "import a large object": "SELECT lo_import('/etc/passwd')",
    "list the server's files": "SELECT pg_ls_dir('.')",
    "read the settings' files": "SELECT * FROM pg_file_settings",
    "read the access rules": "SELECT * FROM pg_hba_file_rules",
    "read the passwords": "SELECT rolpassword FROM pg_authid",
    "read the passwords by the view": "SELECT passwd FROM pg_shadow",
    "read statistics": "SELECT * FROM pg_statistic",
    "change the server": "ALTER SYSTEM SET log_statement = 'all'",
    "reload the server": "SELECT pg_reload_conf()",
    "begin a backup": "SELECT pg_backup_start('x')",
    "make a replication slot": "SELECT pg_create_physical_replication_slot('x')",
    "make statistics": "CREATE STATISTICS public.s ON id, name FROM public.centers",
    "index a table": "CREATE INDEX ON public.users (email)",
    "trigger on a table": (
        "CREATE TRIGGER t BEFORE INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION internal.forbid_change()"
    ),
    "a view for others": "CREATE VIEW public.v AS SELECT * FROM public.users",
}
# PostgreSQL's own words for no: no privilege, not there (nothing may be found), or simply not possible.
NO = (
    errors.InsufficientPrivilege,
    errors.UndefinedTable,
    errors.UndefinedObject,
    errors.UndefinedFile,
    errors.DuplicateObject,
    errors.InvalidSchemaName,
    errors.WrongObjectType,
    errors.ObjectNotInPrerequisiteState,
    errors.FeatureNotSupported,
)


def outcome(connection: Any, statement: str) -> str:
    """What became of a statement: "refused", or what else happened."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except NO:
            return "refused"
        except psycopg2.Error as error:
            return f"{type(error).__name__}: {error}"
        return "done"


def refusals(scene: TwoCenters, who: Member, attacks: dict[str, str]) -> dict[str, str]:
    """The attacks that were not plainly refused, tried one after the other in one session."""
    filled = names(scene) | {"me": who.login, "my_id": str(who.id)}
    with scene.installation.raw(who) as connection:
        found = {attack: outcome(connection, statement.format(**filled)) for attack, statement in attacks.items()}
    return {attack: what for attack, what in found.items() if what != "refused"}


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


# What is allowed to be said but must change nothing

HARMLESS = {
    "drop what everybody's role owns": "DROP OWNED BY labkeep_app CASCADE",
    "drop what the viewers' role owns": "DROP OWNED BY {a}_viewer CASCADE",
    "drop what one owns": "DROP OWNED BY {me} CASCADE",
    "give what is theirs to oneself": "REASSIGN OWNED BY {a}_viewer TO {me}",
    "give everybody the schema": "GRANT ALL ON SCHEMA public TO PUBLIC",
    "give everybody a table": "GRANT SELECT ON public.trust_log TO PUBLIC",
    "take everybody's table": "REVOKE SELECT ON public.centers FROM labkeep_app",
    "analyze": "ANALYZE public.users",
    "vacuum": "VACUUM public.users",
    "discard": "DISCARD ALL",
}


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


OF_OTHERS = [
    "SELECT 1 FROM public.users WHERE id = '{other_id}'",
    "SELECT 1 FROM public.users WHERE username = 'user.b' OR email LIKE '%.b@%'",
    "SELECT 1 FROM public.centers WHERE id = '{b_id}'",
    # A function that tells what it sees must not be asked before the policy.
    "SELECT 1 FROM public.users WHERE CASE WHEN username = 'user.b' THEN 1 / (id::text = '')::int = 1 ELSE false END",
    "SELECT 1 FROM public.centers c JOIN public.users u ON u.center_id = c.id WHERE c.name = 'Center B'",
    "SELECT 1 FROM public.sign_ins s WHERE s.user_id = '{other_id}'",
    "SELECT 1 FROM public.audit_log WHERE center_id = '{b_id}' OR new::text LIKE '%user.b%'",
    "SELECT 1 FROM public.audit_chain",
    "SELECT 1 FROM public.identity_secrets WHERE user_id <> '{my_id}'",
    "SELECT 1 FROM pg_stats WHERE schemaname = 'public' AND tablename IN ('users', 'centers')",
    "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%users%' AND usename <> session_user",
    "SELECT 1 FROM pg_stat_activity WHERE application_name NOT IN ('labkeep', '') AND usename LIKE 'u\\_%'",
]


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
            run(two_centers, two_centers.viewer_a, setting, attack.format(**names(two_centers)))
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
        grants = [
            {"center_id": str(center_id), "key_version": 1, "identity_id": str(one), "sealed": "00"}
            for one in scene.standing_recipients()
        ]
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
            cursor.execute("SELECT api.change_role(%s, 'viewer', '{}')", (str(two_centers.user_a.id),))
        assert refused.value.pgcode == "LK004"


def test_error_keeps_no_lock_for_somebody_without_the_right(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.raw(two_centers.viewer_a) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        with pytest.raises(DENIED):
            cursor.execute("SELECT api.change_role(%s, 'admin', '{}')", (str(two_centers.viewer_a.id),))
        # The transaction is still open, and whoever has the right goes on.
        run(
            two_centers,
            two_centers.system,
            "SET lock_timeout = '2s'",
            f"SELECT api.set_center_active('{two_centers.a}', true)",
        )


# The trust log through the front door


@pytest.fixture
def forged(two_centers: TwoCenters) -> Iterator[Any]:
    """A function that offers a role change of user.a by admin.a with a forged entry; gives the SQLSTATE."""
    scene = two_centers.installation

    def offer(**changed: Any) -> str | None:
        signer = two_centers.admin_a.identity.id
        says = {"user": str(two_centers.user_a.id), "role": "viewer", "center": str(two_centers.a)}
        kind = changed.pop("kind", "place")
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
                "SELECT api.change_role(%s, 'viewer', %s)",
                values=(str(two_centers.user_a.id), json.dumps(entry)),
            )
        return str(refused.value.pgcode)

    yield offer
    role = scene.value("SELECT role FROM public.users WHERE id = %s", str(two_centers.user_a.id))
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
            "SELECT api.change_role(%s, 'viewer', %s)",
            values=(str(two_centers.user_a.id), entry),
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


def test_sealing_at_once_leaves_no_row_out(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.raw(two_centers.viewer_a) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN; SET CONSTRAINTS ALL IMMEDIATE")
        for _ in range(2):
            cursor.execute(
                "SELECT api.change_own_password(%s, 'aa', %s)",
                (str(two_centers.viewer_a.identity.id),
                 verifier(two_centers.viewer_a.password, two_centers.viewer_a.login)),
            )  # fmt: skip
            cursor.execute(
                "SELECT api.change_own_password(%s, 'bb', %s)",
                (str(two_centers.viewer_a.identity.id),
                 verifier(two_centers.viewer_a.password, two_centers.viewer_a.login)),
            )  # fmt: skip
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
    change = "SELECT api.change_own_password(%s, %s, %s)"
    member = two_centers.viewer_a
    known = verifier(member.password, member.login)
    with scene.raw(member) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN; SAVEPOINT a")
        cursor.execute(change, (str(member.identity.id), "01", known))
        cursor.execute("ROLLBACK TO a")
        cursor.execute(change, (str(member.identity.id), "02", known))
        cursor.execute("SAVEPOINT b")
        cursor.execute(change, (str(member.identity.id), "03", known))
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
def test_other_databases_are_closed(two_centers: TwoCenters, attacker: Member, database: str) -> None:
    dsn = two_centers.installation.server.dsn(database, attacker.login, attacker.password)
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(dsn)


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
