"""What a membership gives and when it ends; who is a member of what stands in rights/test_roles.py."""

import threading

import psycopg2
import pytest
from psycopg2 import sql

from desktop_app.db import administration
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError
from tests.db.admin_actions import change_role
from tests.db.conftest import TwoCenters


def test_role_that_was_taken_on_before_16_ends_with_the_session(two_centers: TwoCenters) -> None:
    """Before 16 a session that has set a role keeps its rights after the membership is gone: sessions must end."""
    scene = two_centers.installation
    member = scene.add_member("keeps.role", Role.ADMIN, two_centers.a)
    group = f"{schema_name(two_centers.a)}_admin"
    read = f"SELECT count(*) FROM {schema_name(two_centers.a)}.audit_log"
    kept = scene.server.major < 16
    with scene.raw(member) as connection, connection.cursor() as cursor:
        if kept:
            cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(group)))
            cursor.execute("SELECT session_user::text")
            assert cursor.fetchall() == [(member.login,)], "whom the functions ask for, whatever role was taken on"
        change_role(scene, member, Role.VIEWER, by=two_centers.admin_a)
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

    if scene.server.major < 16:
        change_role(scene, member, Role.VIEWER)
        assert scene.value("SELECT pg_has_role(%s, %s, 'MEMBER')", member.login, group) is False
        return
    with pytest.raises(LabkeepError, match="database's administrator"):
        change_role(scene, member, Role.VIEWER)
    assert scene.value("SELECT role FROM public.memberships WHERE user_id = %s", str(member.id)) == "admin"


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
