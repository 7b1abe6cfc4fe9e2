"""Open sessions end after every change that takes something away from a person, on every server.

Before PostgreSQL 16 a session that took a role on keeps its rights after the membership is gone.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import text

from desktop_app.db import administration
from desktop_app.domain.rights import Role
from desktop_app.errors import NotFoundError
from desktop_app.services.records.user_results import Changed
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, World

Act = Callable[[Lab, str], Changed]


@contextmanager
def open_session(lab: Lab) -> Iterator[int]:
    """The process that serves a person who is in the middle of something."""
    engine = lab._context.shared.engine
    with engine.connect() as connection:
        pid: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        connection.commit()
        try:
            yield pid
        finally:
            connection.invalidate()


def is_open(world: World, pid: int) -> bool:
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", (pid,))
        return cursor.fetchone() is not None


def lower_role(lab: Lab, username: str) -> Changed:
    return lab.users.change_role(username, Role.VIEWER, "alpha")


def raise_role(lab: Lab, username: str) -> Changed:
    return lab.users.change_role(username, Role.ADMIN, "alpha")


def join_lower(lab: Lab, username: str) -> Changed:
    return lab.users.join(username, "alpha", Role.VIEWER)


def leave(lab: Lab, username: str) -> Changed:
    return lab.users.leave(username, "alpha")


def change_center(lab: Lab, username: str) -> Changed:
    return lab.users.change_center(username, "beta")


@pytest.mark.parametrize(
    ("act", "by", "also_in_beta"),
    [
        (lower_role, ROOT, False),
        (lower_role, "a.admin", False),
        (lower_role, "a.admin", True),
        (join_lower, ROOT, True),
        (join_lower, "a.admin", True),
        (leave, ROOT, True),
        (leave, "a.admin", True),
        (change_center, ROOT, False),
    ],
)
def test_open_sessions_end_after_a_lowering(each_world: World, act: Act, by: str, also_in_beta: bool) -> None:
    somebody = each_world.person(Role.USER, "alpha")
    if also_in_beta:
        each_world.lab(ROOT).users.join(somebody.username, "beta", Role.USER)
    with each_world.enter(somebody) as lab, open_session(lab) as pid:
        assert is_open(each_world, pid)
        assert act(each_world.lab(by), somebody.username).sessions_left == 0
        assert not is_open(each_world, pid)


def test_open_sessions_stay_after_a_raising(each_world: World) -> None:
    somebody = each_world.person(Role.USER, "alpha")
    with each_world.enter(somebody) as lab, open_session(lab) as pid:
        raise_role(each_world.lab("a.admin"), somebody.username)
        assert is_open(each_world, pid)


def test_only_who_put_somebody_out_still_ends_his_sessions(each_world: World) -> None:
    """What another one did gives no hand in the sessions of somebody who is in other centers alone."""
    root = each_world.lab(ROOT)
    somebody, boss = each_world.person(Role.USER, "alpha"), each_world.person(Role.ADMIN, "alpha")
    user = root.users.join(somebody.username, "beta", Role.USER).user

    def end(lab: Lab) -> int:
        with lab._context.shared.begin() as session:
            return administration.end_sessions(session, user.id)

    leave(root, somebody.username)
    with each_world.enter(boss) as admin:
        with each_world.enter(somebody) as lab, open_session(lab) as pid:
            with pytest.raises(NotFoundError):
                end(admin)
            assert is_open(each_world, pid)
        root.users.join(somebody.username, "alpha", Role.USER)
        leave(admin, somebody.username)
        assert end(admin) == 0
        root.users.change_role(boss.username, Role.USER)
        with pytest.raises(NotFoundError):
            end(admin)
        assert admin.users._end_sessions(user) is None, "a change that is made is not called failed by what comes after"
