"""The persons of the matrix on each server, each with one connection of his own."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.db.conftest import TwoCenters
from tests.db.installation import Installation, wipe
from tests.db.rights.people import Person, persons, schemas_of_centers
from tests.servers import TestServer


@dataclass(frozen=True)
class Lab:
    """Two centers, the seven persons with a cursor each, and the server's administrator with one."""

    scene: TwoCenters
    people: list[Person]
    cursors: dict[str, Any]
    superuser: Any

    @property
    def centers(self) -> dict[str, str]:
        """A and B by the names of their schemas."""
        return schemas_of_centers(self.scene)


@pytest.fixture(scope="module")
def installation(database_server: TestServer) -> Iterator[Installation]:
    """Alone on its server: every database there is compared, and a center is deleted with its roles."""
    wipe(database_server)
    made = Installation(database_server).make()
    yield made
    made.close()
    wipe(database_server)


@pytest.fixture(scope="module")
def lab(two_centers: TwoCenters) -> Iterator[Lab]:
    """Connections for the whole module: signing in costs more than asking."""
    scene = two_centers.installation
    people = persons(two_centers)
    with ExitStack() as stack:

        def cursor(*member: Any) -> Any:
            return stack.enter_context(scene.raw(*member)).cursor()

        yield Lab(two_centers, people, {person.name: cursor(person.member) for person in people}, cursor())
