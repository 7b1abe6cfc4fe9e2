"""Installations on real servers, for tests of the database: each of them runs on every server."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from desktop_app.domain.rights import Role
from tests.db.centers import CenterUnderTest, make_center
from tests.db.installation import Installation, Member, wipe
from tests.servers import TestServer


@pytest.fixture
def empty_cluster(database_server: TestServer) -> Iterator[TestServer]:
    """A server without any installation."""
    wipe(database_server)
    yield database_server
    wipe(database_server)


@pytest.fixture(scope="module")
def installation(database_server: TestServer) -> Iterator[Installation]:
    """An installation with one system administrator, shared by the tests of a module."""
    wipe(database_server)
    made = Installation(database_server).make()
    yield made
    made.close()
    wipe(database_server)


@pytest.fixture(scope="module")
def center(installation: Installation) -> CenterUnderTest:
    """One center with its people, shared by the tests of a module."""
    return make_center(installation)


@pytest.fixture
def new_center(installation: Installation) -> CenterUnderTest:
    """A center that no other test has touched."""
    return make_center(installation)


@dataclass(frozen=True)
class TwoCenters:
    """Centers A and B with a person of every role, and a system administrator."""

    installation: Installation
    a: UUID
    b: UUID
    admin_a: Member
    user_a: Member
    viewer_a: Member
    admin_b: Member
    user_b: Member
    viewer_b: Member

    @property
    def system(self) -> Member:
        return self.installation.system


@pytest.fixture(scope="module")
def two_centers(installation: Installation) -> TwoCenters:
    """The scene of most tests about rights."""
    a, b = installation.add_center("Center A"), installation.add_center("Center B")
    people = [
        installation.add_member(f"{role.value}.{name}", role, center)
        for name, center in (("a", a), ("b", b))
        for role in (Role.ADMIN, Role.USER, Role.VIEWER)
    ]
    return TwoCenters(installation, a, b, *people)
