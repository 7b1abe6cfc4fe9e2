"""Fixtures of the attacks."""

from collections.abc import Iterator

import pytest

from tests.db.attacks.center_scene import Scene, two_centers_with_things
from tests.db.installation import Installation


@pytest.fixture(scope="module")
def scene(installation: Installation) -> Iterator[Scene]:
    """Center A with things in it, and center B with people who want them."""
    with two_centers_with_things(installation) as made:
        yield made


@pytest.fixture
def unchanged(scene: Scene) -> Iterator[None]:
    """After each attack every row of A is as before, also those of its record."""
    before = scene.everything()
    yield
    assert scene.everything() == before
