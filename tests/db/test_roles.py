"""Tests of the roles themselves: what membership gives, and what the functions that make roles hold."""

import threading

import psycopg2
import pytest
from psycopg2 import sql

from desktop_app.db import administration
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError
from tests.db.conftest import TwoCenters
from tests.db.installation import Member


def memberships(scene: TwoCenters, member: Member) -> set[str]:
    found = scene.installation.value(
        "SELECT array_agg(roleid::regrole::text) FROM pg_auth_members WHERE member = %s::regrole", member.login
    )
    return set(found or [])


def test_person_is_in_two_groups_and_no_more(two_centers: TwoCenters) -> None:
    a = schema_name(two_centers.a)
    assert memberships(two_centers, two_centers.viewer_a) == {"labkeep_app", f"{a}_viewer"}
    assert memberships(two_centers, two_centers.user_a) == {"labkeep_app", f"{a}_user"}
    assert memberships(two_centers, two_centers.admin_a) == {"labkeep_app", f"{a}_admin"}
    assert memberships(two_centers, two_centers.system) == {"labkeep_app", "labkeep_platform"}


def test_roles_of_a_center_contain_each_other(two_centers: TwoCenters) -> None:
    a, scene = schema_name(two_centers.a), two_centers.installation
    for member, weaker in (("user", "viewer"), ("admin", "user"), ("admin", "viewer")):
        assert scene.value("SELECT pg_has_role(%s, %s, 'USAGE')", f"{a}_{member}", f"{a}_{weaker}") is True
        assert scene.value("SELECT pg_has_role(%s, %s, 'USAGE')", f"{a}_{weaker}", f"{a}_{member}") is False
    assert scene.value("SELECT pg_has_role('labkeep_platform', %s, 'USAGE')", f"{a}_admin") is True


def test_no_login_has_an_attribute(two_centers: TwoCenters) -> None:
    found = two_centers.installation.value(
        "SELECT count(*) FROM pg_roles WHERE rolname ~ '^(u_|center_)' AND"
        " (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
    )
    assert found == 0


def test_memberships_since_16_allow_no_set_role(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    if scene.server.major < 16:
        with scene.raw(two_centers.viewer_a) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(schema_name(two_centers.a) + "_viewer")))
            # The functions ask for the session's own login, whatever role it has taken on.
            cursor.execute("SELECT session_user::text")
            assert cursor.fetchall() == [(two_centers.viewer_a.login,)]
        return
    given = scene.value(
        "SELECT count(*) FROM pg_auth_members WHERE set_option"
        " AND (member::regrole::text LIKE 'u\\_%' OR roleid::regrole::text LIKE 'center\\_%')"
    )
    assert given == 0
    not_inherited = scene.value(
        "SELECT count(*) FROM pg_auth_members WHERE NOT inherit_option AND member::regrole::text LIKE 'u\\_%'"
    )
    assert not_inherited == 0
    with scene.raw(two_centers.viewer_a) as connection, connection.cursor() as cursor:
        for role in (schema_name(two_centers.a) + "_viewer", "labkeep_app"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))


def test_role_that_was_taken_on_before_16_ends_with_the_session(two_centers: TwoCenters) -> None:
    """Before 16 a session that has set a role keeps its rights after the membership is gone: sessions must end."""
    scene = two_centers.installation
    member = scene.add_member("keeps.role", Role.ADMIN, two_centers.a)
    group = f"{schema_name(two_centers.a)}_admin"
    read = f"SELECT count(*) FROM {schema_name(two_centers.a)}.audit_log"
    with scene.shared(two_centers.admin_a).begin() as session:
        kept = administration.sessions_keep_roles(session)
    assert kept == (scene.server.major < 16)
    with scene.raw(member) as connection, connection.cursor() as cursor:
        if kept:
            cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(group)))
        with scene.shared(two_centers.admin_a).begin() as session:
            entry = scene.place_entry(session, member, Role.VIEWER, two_centers.a, two_centers.admin_a.identity.id)
            administration.change_role(session, member.id, Role.VIEWER, entry)
        if kept:
            cursor.execute(read)
            with scene.shared(two_centers.admin_a).begin() as session:
                assert administration.end_sessions(session, member.id) == 0
        with pytest.raises(psycopg2.Error):
            cursor.execute(read)
    with scene.raw(member) as connection, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        connection.cursor().execute(read)


def test_membership_that_only_its_giver_can_take_stops_the_change(two_centers: TwoCenters) -> None:
    """Since 16 such a REVOKE is no more than a warning: the person would keep the right without anybody knowing."""
    scene = two_centers.installation
    member = scene.add_member("doubly.given", Role.ADMIN, two_centers.a)
    group = schema_name(two_centers.a) + "_admin"
    with scene.raw() as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(member.login)))

    def demote() -> None:
        with scene.shared(scene.system).begin() as session:
            entry = scene.place_entry(session, member, Role.VIEWER, two_centers.a, scene.system.identity.id)
            administration.change_role(session, member.id, Role.VIEWER, entry)

    if scene.server.major < 16:
        demote()
        assert scene.value("SELECT pg_has_role(%s, %s, 'MEMBER')", member.login, group) is False
        return
    with pytest.raises(LabkeepError, match="database's administrator"):
        demote()
    assert scene.value("SELECT role FROM public.users WHERE id = %s", str(member.id)) == "admin"


def test_sessions_end_whatever_they_do(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("busy", Role.USER, two_centers.a)
    started, ended = threading.Event(), threading.Event()

    def work() -> None:
        with scene.raw(member) as connection, connection.cursor() as cursor:
            started.set()
            try:
                cursor.execute("SELECT pg_sleep(60)")
            except psycopg2.Error:
                ended.set()

    threads = [threading.Thread(target=work, daemon=True)]
    for thread in threads:
        thread.start()
    assert started.wait(30)
    with scene.shared(two_centers.admin_a).begin() as session:
        assert administration.end_sessions(session, member.id) == 0
    assert ended.wait(30)
    for thread in threads:
        thread.join(30)


def test_login_has_no_more_than_twenty_connections(two_centers: TwoCenters) -> None:
    """A person who opens connections without end takes none from the others."""
    scene = two_centers.installation
    opened = []
    try:
        with pytest.raises(psycopg2.OperationalError, match="too many connections"):
            for _ in range(21):
                dsn = scene.server.dsn("labkeep", two_centers.viewer_b.login, two_centers.viewer_b.password)
                opened.append(psycopg2.connect(dsn))
    finally:
        for connection in opened:
            connection.close()
    assert len(opened) <= 20
