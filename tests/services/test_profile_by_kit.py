"""A workstation that knows nothing, and somebody with the kit: it finds the installation, and believes no other."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.bootstrap import App
from desktop_app.crypto.errors import MistypedKitError, OtherKitError, ReplacedKitError
from desktop_app.crypto.recovery_kit import RecoveryKit, fingerprint_words
from desktop_app.domain.profiles import ServerKind
from desktop_app.errors import InvalidInputError, NotFoundError
from desktop_app.services.context.connections import AdministratorNeededError
from desktop_app.services.installation.profile_by_kit import ReplacedRootError
from tests.services.conftest import ROOT, World

PASSWORD = "Copper-Meadow-41"


@pytest.fixture
def nobody(world_on_15: World, tmp_path: Path) -> Iterator[App]:
    """A program on a computer that knows no installation."""
    with closing(world_on_15.elsewhere(tmp_path / "another computer")) as app:
        yield app


def current_kit(world: World) -> str:
    """The page of a kit that took the place of the first one."""
    root = world.lab(ROOT)
    kit, text = root.recovery.make()
    root.recovery.replace(kit)
    return text.page


# The world of this module: until this test, its kit is the one it was set up with.
def test_the_first_kit_finds_the_installation_and_makes_an_administrator(world_on_15: World, nobody: App) -> None:
    world, page = world_on_15, world_on_15.made.kit.page
    finder = nobody.profile_by_kit
    made = finder.make(page, world.admin_dsn, world.store)
    assert made == world.profile, "the page of the kit says its name"
    assert finder.make(page, world.admin_dsn, world.store) == made, "again it is known"
    name = world.unused("found")
    nobody.recovery.recover(made, page, name, PASSWORD, world.admin_dsn)
    with nobody.sign_in.sign_in(made, name, PASSWORD) as lab:
        assert lab.user.is_system_administrator
    nobody.profiles.remove(made.installation_id)
    current_kit(world)
    with pytest.raises(ReplacedKitError):
        finder.make(page, world.admin_dsn, world.store)
    assert nobody.profiles.list() == []


def test_a_later_kit_needs_the_beginning_from_elsewhere(world_on_15: World, nobody: App) -> None:
    """Whoever owns the database could write a log of his own that ends in the public half of this kit."""
    world, finder = world_on_15, nobody.profile_by_kit
    page = current_kit(world)
    with pytest.raises(ReplacedRootError, match="where the trust log begins"):
        finder.make(page, world.admin_dsn, world.store)
    with pytest.raises(InvalidInputError, match="another root"):
        finder.make(page, world.admin_dsn, world.store, root="academic acid acne")
    assert nobody.profiles.list() == []
    words = fingerprint_words(bytes.fromhex(world.profile.root_fingerprint))
    made = finder.make(page, world.admin_dsn, world.store, root=f" {words.upper()} ", name="Found again")
    assert made == replace(world.profile, display_name="Found again")
    assert finder.make(page, world.admin_dsn, world.store, root=made.root_fingerprint) == made


def test_what_is_wrong_is_said_and_nothing_is_kept(world_on_15: World, nobody: App, tmp_path: Path) -> None:
    world, finder = world_on_15, nobody.profile_by_kit
    page = current_kit(world)
    root = world.profile.root_fingerprint
    with pytest.raises(MistypedKitError):
        finder.make("academic acid", world.admin_dsn, world.store)
    with pytest.raises(OtherKitError):
        finder.make(" ".join(RecoveryKit.make().words()), world.admin_dsn, world.store, root=root)
    with pytest.raises(InvalidInputError, match="store"):
        finder.make(page, world.admin_dsn, tmp_path, root=root)
    with pytest.raises(AdministratorNeededError, match="no built-in server"):
        finder.make(page, None, world.store, root=root)
    with pytest.raises(NotFoundError):
        nobody.profiles.get(world.profile.installation_id)
    assert not (tmp_path / "another computer" / "data" / "server").exists()


def test_the_lost_profile_of_the_built_in_server_comes_back(world: World) -> None:
    page = current_kit(world)
    app, known = world.app, world.profile
    assert known.server is ServerKind.BUILT_IN
    app.profiles.remove(known.installation_id)
    try:
        made = app.profile_by_kit.make(page, root=known.root_fingerprint, name=known.display_name)
        assert made == known
    finally:
        app.profiles.save(known)
