"""An installation of its own, in which nothing is but what was done here: whatever the doctor finds is ours."""

from collections.abc import Iterator

import pytest

from tests.services.conftest import World, made_world
from tests.services.faults.killing import Programs, programs


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made_world(tmp_path_factory.mktemp("home of faults")) as made:
        yield made


@pytest.fixture(scope="package")
def killable() -> Iterator[Programs]:
    with programs() as made:
        yield made
