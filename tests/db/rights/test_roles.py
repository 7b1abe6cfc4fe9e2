"""What lies beside the lists of privileges: groups, attributes, owners, and who may hand a right on."""

import psycopg2
import pytest
from psycopg2 import sql

from desktop_app.domain.rights import Standing
from tests.db.rights.conftest import Lab
from tests.db.rights.people import CENTERS, Person
from tools.rights_objects import rights_map

# A group of a center holds all that the groups before it hold.
GROUPS = (Standing.VIEWER, Standing.USER, Standing.ADMIN)


def groups_of(person: Person) -> set[str]:
    """The roles whose rights the person has, with A and B for the centers."""
    found = {person.member.login, "labkeep_app"}
    for center in CENTERS:
        match person.standing_in(center):
            case None:
                continue
            case Standing.SYSTEM:
                # Not the centers' groups: their rights are granted to it, and each question about rights stays short.
                found.add("labkeep_platform")
            case standing:
                found |= {f"{center}_{group}" for group in GROUPS[: GROUPS.index(standing) + 1]}
    return found


def roles(lab: Lab) -> dict[str, str]:
    """Every role of the cluster, PostgreSQL's own too: its name, and that with A and B for the centers."""
    lab.superuser.execute("SELECT rolname::text FROM pg_roles")
    found = {}
    for (name,) in lab.superuser.fetchall():
        schema, _, group = name.rpartition("_")
        found[name] = f"{lab.centers[schema]}_{group}" if schema in lab.centers else name
    return found


def test_everybody_has_the_rights_of_his_own_groups_and_no_other(lab: Lab) -> None:
    known = roles(lab)
    settable = lab.superuser.connection.server_version >= 16_00_00  # before, every member could SET ROLE
    for person in lab.people:
        cursor = lab.cursors[person.name]
        for kind in ("MEMBER", "USAGE"):
            cursor.execute("SELECT rolname::text FROM pg_roles WHERE pg_has_role(oid, %s)", (kind,))
            assert {known[name] for (name,) in cursor.fetchall()} == groups_of(person), (person.name, kind)
        cursor.execute("SELECT rolname::text FROM pg_roles WHERE pg_has_role(oid, 'MEMBER WITH ADMIN OPTION')")
        assert cursor.fetchall() == [], f"the {person} may give a group to others"
        if settable:
            cursor.execute("SELECT rolname::text FROM pg_roles WHERE pg_has_role(oid, 'SET')")
            assert cursor.fetchall() == [(person.member.login,)], person.name


@pytest.mark.parametrize("statement", ["SET ROLE {}", "SET SESSION AUTHORIZATION {}"])
def test_nobody_becomes_another_role(lab: Lab, statement: str) -> None:
    known = roles(lab)
    before_16 = lab.superuser.connection.server_version < 16_00_00
    for person in lab.people:
        cursor, become = lab.cursors[person.name], set()
        for name in known:
            try:
                cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))
                become.add(known[name])
            except psycopg2.errors.InsufficientPrivilege:
                pass
            cursor.execute("RESET SESSION AUTHORIZATION; RESET ROLE")
        # Before 16 a member may always take his group on; it gives him nothing that he has not got.
        own = groups_of(person) if before_16 and "ROLE" in statement else {person.member.login}
        assert become == own, person.name


def test_attributes_of_roles(lab: Lab) -> None:
    """Nobody but the functions' owner makes roles, and only persons and backups sign in, ten times and four at once."""
    lab.superuser.execute(
        "SELECT CASE WHEN rolname ~ '^u_' THEN 'person' WHEN rolname ~ '^center_' THEN 'group' ELSE rolname END,"
        " rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin, rolinherit, rolconnlimit,"
        " rolvaliduntil::text, rolconfig::text"
        " FROM pg_roles WHERE rolname ~ '^(u_|center_|labkeep_(owner|security|app|platform|backup)$)'"
    )
    found = dict.fromkeys(lab.superuser.fetchall())
    nothing = (False, False, False, False, False)
    groups = ("group", "labkeep_owner", "labkeep_app", "labkeep_platform")
    assert set(found) == {
        ("person", *nothing, True, True, 10, None, None),
        ("labkeep_security", False, True, False, False, False, False, True, -1, None, None),
        ("labkeep_backup", *nothing[:4], True, True, True, 4, None, "{default_transaction_read_only=on}"),
        *((group, *nothing, False, True, -1, None, None) for group in groups),
    }


def test_everything_is_owned_by_the_two_owners(lab: Lab) -> None:
    """What a person or a group owned, he could change, give away and drop."""
    lab.superuser.execute(
        "SELECT DISTINCT refobjid::regrole::text FROM pg_shdepend"
        " WHERE deptype = 'o' AND refclassid = 'pg_authid'::regclass"
    )
    assert set(lab.superuser.fetchall()) == {("labkeep_owner",), ("labkeep_security",)}
    lab.superuser.execute(
        "SELECT DISTINCT coalesce(nspname, schema_itself.name) FROM pg_shdepend"
        " LEFT JOIN pg_proc p ON classid = 'pg_proc'::regclass AND p.oid = objid"
        " LEFT JOIN pg_namespace n ON n.oid = pronamespace,"
        " LATERAL pg_identify_object(classid, objid, objsubid) AS schema_itself"
        " WHERE deptype = 'o' AND refobjid = 'labkeep_security'::regrole AND classid <> 'pg_default_acl'::regclass"
    )
    assert lab.superuser.fetchall() == [("security",)]


def test_nobody_may_hand_a_right_on(lab: Lab) -> None:
    for catalog, column in (
        ("pg_class", "relacl"), ("pg_attribute", "attacl"), ("pg_proc", "proacl"), ("pg_namespace", "nspacl"),
        ("pg_database", "datacl"), ("pg_type", "typacl"), ("pg_default_acl", "defaclacl"),
    ):  # fmt: skip
        lab.superuser.execute(
            f"SELECT grantee::regrole::text FROM {catalog}, aclexplode({column}) WHERE is_grantable"
            " AND grantee::regrole::text ~ '^(u_|center_|labkeep_|-$)' AND grantee <> grantor"
        )
        assert lab.superuser.fetchall() == [], catalog


def test_new_things_are_nobodys_and_read_by_backups(lab: Lab) -> None:
    lab.superuser.execute(
        "SELECT defaclrole::regrole::text, defaclobjtype::text, a.grantee::regrole::text,"
        " string_agg(a.privilege_type, ',') FROM pg_default_acl, aclexplode(defaclacl) a"
        " WHERE a.grantee <> defaclrole GROUP BY 1, 2, 3"
    )
    reading = {"r": "SELECT", "S": "SELECT", "n": "USAGE"}
    assert set(lab.superuser.fetchall()) == {
        ("labkeep_owner", what, "labkeep_backup", right) for what, right in reading.items()
    }
    # Without an entry of their own, functions would be everybody's.
    lab.superuser.execute("SELECT defaclrole::regrole::text FROM pg_default_acl WHERE defaclobjtype = 'f'")
    assert set(lab.superuser.fetchall()) == {("labkeep_owner",), ("labkeep_security",)}


def test_policies_and_triggers_are_those_that_the_file_names(lab: Lab) -> None:
    """Each of them makes a grant narrower; that they do is tested by what people do (test_rights_cases.py)."""
    named = {
        (called, name, tuple(sorted(table.rows)), tuple(sorted(table.steps)))
        for schema_name, schema in rights_map().schemas.items()
        for called in (CENTERS if schema_name == "center" else (schema_name,))
        for name, table in schema.tables.items()
    }
    lab.superuser.execute(
        "SELECT nspname, relname, relrowsecurity,"
        " ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid ORDER BY 1),"
        " ARRAY(SELECT DISTINCT proname::text FROM pg_trigger t JOIN pg_proc f ON f.oid = tgfoid"
        "   WHERE tgrelid = c.oid AND prosrc ~ 'pg_has_role' ORDER BY 1)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema'"
    )
    found = set()
    for schema, table, row_security, policies, steps in lab.superuser.fetchall():
        assert row_security == bool(policies), (schema, table)
        if schema in lab.centers and table != "alembic_version":
            # Of every table alike, and therefore not in the file; without the first nobody's last day would hold.
            assert "while_member" in policies, (schema, table)
            policies = [one for one in policies if one not in ("while_member", "every_row")]
        found.add((lab.centers.get(schema, schema), table, tuple(policies), tuple(steps)))
    assert found == named


def test_the_last_day_holds_on_every_table_of_a_center(lab: Lab) -> None:
    lab.superuser.execute(
        "SELECT count(*), bool_and(NOT polpermissive), bool_and(polcmd = '*'), bool_and(polroles = '{0}'),"
        " count(DISTINCT polrelid), array_agg(DISTINCT pg_get_expr(polqual, polrelid))"
        " FROM pg_policy WHERE polname = 'while_member'"
    )
    count, restrictive, every_command, for_everybody, tables, expressions = lab.superuser.fetchone()
    assert (restrictive, every_command, for_everybody, tables) == (True, True, True, count)
    assert len(expressions) == len(lab.centers)
