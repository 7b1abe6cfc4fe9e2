"""Settings of a server by which one person could stand in everybody's way, and how many connections one has."""

from contextlib import ExitStack
from uuid import uuid4

import psycopg2
import pytest

from desktop_app.db.bootstrap import prepare_cluster
from desktop_app.db.bootstrap_checks import FEWEST_CONNECTIONS, ServerSettingsError
from desktop_app.db.connection import POOL_SIZE
from desktop_app.domain.rights import Role
from tests.db.conftest import TwoCenters
from tests.db.installation import Installation, Member
from tests.servers import system_server_with


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("max_prepared_transactions=2", "set max_prepared_transactions = 0"),
        (f"max_connections={FEWEST_CONNECTIONS + 2}", f"has room for {FEWEST_CONNECTIONS - 1} connections"),
    ],
)
def test_server_where_one_could_stop_all_is_refused(setting: str, said: str) -> None:
    with system_server_with(setting) as server:
        with pytest.raises(ServerSettingsError, match=said):
            prepare_cluster(server.admin_dsn, uuid4())
        with psycopg2.connect(server.admin_dsn) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname ~ '^labkeep_o'")
            assert cursor.fetchone() == (0,)


def test_nothing_is_compiled_for_a_small_query(two_centers: TwoCenters) -> None:
    with two_centers.installation.raw(two_centers.user_a) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


def fill(lab: Installation, member: Member, stack: ExitStack) -> int:
    """Take as many connections as the member gets."""
    taken = 0
    with pytest.raises(psycopg2.OperationalError, match=f'too many connections for role "{member.login}"'):
        while taken < 100:
            stack.enter_context(lab.raw(member))
            taken += 1
    return taken


def test_three_people_do_not_fill_the_server(two_centers: TwoCenters) -> None:
    lab = two_centers.installation
    lab.close()
    with ExitStack() as stack:
        three = (two_centers.viewer_a, two_centers.user_a, two_centers.viewer_b)
        assert [fill(lab, one, stack) for one in three] == [10, 10, 10]
        # A window and a command of somebody else.
        for _ in range(2 * (POOL_SIZE + 1)):
            stack.enter_context(lab.raw(two_centers.admin_b))


def test_three_people_do_not_fill_the_smallest_server() -> None:
    with system_server_with(f"max_connections={FEWEST_CONNECTIONS + 3}") as server, ExitStack() as stack:
        lab = Installation(server).make()
        center = lab.add_center("Center A")
        three = [lab.add_member(f"viewer.{number}", Role.VIEWER, center) for number in range(3)]
        lab.close()
        assert [fill(lab, one, stack) for one in three] == [FEWEST_CONNECTIONS // 4] * 3
        for _ in range(POOL_SIZE + 1):
            stack.enter_context(lab.raw(lab.system))


def test_window_has_room_for_its_connections() -> None:
    """The smallest share of a login is what one window needs."""
    assert FEWEST_CONNECTIONS // 4 == POOL_SIZE + 2
