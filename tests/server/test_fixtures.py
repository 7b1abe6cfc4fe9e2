"""The servers that other tests rely on."""

import psycopg2

from tests.servers import TestServer


def test_each_server_is_what_it_says(database_server: TestServer) -> None:
    connection = psycopg2.connect(database_server.admin_dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000, current_user, version()")
            major, user, _ = cursor.fetchone()
    finally:
        connection.close()
    assert (major, user) == (database_server.major, database_server.superuser)


def test_both_kinds_are_there(builtin_server: TestServer, system_server_15: TestServer) -> None:
    assert builtin_server.major >= 18
    assert system_server_15.major == 15
