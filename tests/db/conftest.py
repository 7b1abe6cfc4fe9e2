"""Installations on real servers, for tests of the database: each of them runs on every server."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

import pytest

from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from tests.db.centers import CenterUnderTest, make_center
from tests.db.installation import Installation, Member, wipe
from tests.db.kept_installations import fresh_installation, furnished, take_off
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
    made = fresh_installation(database_server)
    yield made
    made.close()
    take_off(database_server)


@pytest.fixture(scope="module")
def center(installation: Installation) -> CenterUnderTest:
    """One center with its people, shared by the tests of a module."""
    return furnished(installation, "center", make_center, _facts, _center_again)


def _facts(center: CenterUnderTest) -> object:
    return center.id, center.members


def _center_again(installation: Installation, facts: tuple[UUID, dict[str, Member]]) -> CenterUnderTest:
    center_id, members = facts
    return CenterUnderTest(installation, center_id, schema_name(center_id), members | {"system": installation.system})


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
    return furnished(installation, "two centers", make_two_centers, _facts_of_two, _two_again)


def _facts_of_two(scene: TwoCenters) -> object:
    return [getattr(scene, each.name) for each in fields(scene) if each.name != "installation"]


def _two_again(installation: Installation, facts: list[Any]) -> TwoCenters:
    return TwoCenters(installation, *facts)


def make_two_centers(installation: Installation) -> TwoCenters:
    """Two centers of its own for a module."""
    a, b = installation.add_center("Center A"), installation.add_center("Center B")
    people = [
        installation.add_member(f"{role.value}.{name}", role, center)
        for name, center in (("a", a), ("b", b))
        for role in (Role.ADMIN, Role.USER, Role.VIEWER)
    ]
    return TwoCenters(installation, a, b, *people)
