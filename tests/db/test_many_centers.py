"""A thousand centers: what a system administrator's rights, coming, going and new keys cost, on every server."""

import time
from collections.abc import Iterator
from uuid import UUID

import pytest

from desktop_app.domain.ids import schema_name
from tests.db.installation import Installation, wipe
from tests.servers import TestServer

THOUSAND = 1_000
# Roles alone, without schemas: as many as the question about rights once took 32 seconds for.
TEN_THOUSAND = 10_000

pytestmark = [pytest.mark.full, pytest.mark.timeout(3_600)]


@pytest.fixture(scope="module")
def thousand(database_server: TestServer) -> Iterator[Installation]:
    """An installation with a thousand centers, as the program makes them."""
    wipe(database_server)
    made = Installation(database_server).make()
    for number in range(THOUSAND):
        made.add_center(f"Center {number:04}")
    yield made
    made.close()
    wipe(database_server)


def seconds(began: float) -> float:
    return round(time.monotonic() - began, 2)


def test_first_question_about_rights_with_ten_thousand_centers(database_server: TestServer) -> None:
    wipe(database_server)
    lab = Installation(database_server).make()
    try:
        with lab.raw() as owner, owner.cursor() as cursor:
            cursor.execute("SET ROLE labkeep_security")
            for _ in range(TEN_THOUSAND // 200):
                cursor.execute(
                    "SELECT security.make_center_roles(replace(gen_random_uuid()::text, '-', ''))"
                    " FROM generate_series(1, 200)"
                )
        with lab.raw(lab.system) as connection, connection.cursor() as cursor:
            began = time.monotonic()
            cursor.execute("SELECT count(*) FROM public.centers")
            took = seconds(began)
        print(f"{database_server.name}: first question with {TEN_THOUSAND} centers: {took} s")
        assert took < 1
    finally:
        lab.close()
        wipe(database_server)


def test_rights_are_asked_quickly(thousand: Installation) -> None:
    center: UUID = thousand.value("SELECT id::text FROM public.centers ORDER BY id LIMIT 1")
    began = time.monotonic()
    with thousand.raw(thousand.system) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {schema_name(UUID(str(center)))}.samples")
    assert seconds(began) < 1
