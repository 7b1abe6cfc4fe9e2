"""One installation on the built-in server for all tests of the use cases, with people in two centers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from desktop_app.bootstrap import App, build
from desktop_app.domain.drafts import CenterDraft, UserDraft
from desktop_app.domain.profiles import Profile
from desktop_app.domain.rights import Role
from desktop_app.services.center_work import CenterWork
from desktop_app.services.lab import Lab
from desktop_app.services.setup import InitRequest, InitResult

ROOT = "root.admin"
PASSWORDS = {
    ROOT: "Quartz-Lagoon-77",
    "a.admin": "Pepper-Canyon-11",
    "a.user": "Violet-Engine-22",
    "a.viewer": "Silver-Basket-33",
    "b.admin": "Orange-Bridge-44",
    "b.user": "Marble-Rocket-55",
}


@dataclass(frozen=True)
class World:
    """A running installation: centers alpha and beta, an admin, a user and a viewer in alpha, two people in beta."""

    app: App
    made: InitResult
    home: Path

    @property
    def profile(self) -> Profile:
        return self.made.profile

    @property
    def store(self) -> Path:
        return Path(self.profile.store_path)

    def sign_in(self, username: str) -> Lab:
        return self.app.sign_in.sign_in(self.profile, username, PASSWORDS[username])


def person(username: str, role: Role, center: object) -> UserDraft:
    return UserDraft(username=username, email=f"{username}@lab.example", role=role, center_id=center)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("home")
    app = build({"LABKEEP_HOME": str(home)})
    draft = person(ROOT, Role.ADMIN, None)
    made = app.set_up.init(InitRequest(display_name="Test lab", administrator=draft, password=PASSWORDS[ROOT]))
    world = World(app, made, home)
    with world.sign_in(ROOT) as lab:
        alpha = lab.centers.create(CenterDraft(name="Alpha Hospital", slug="alpha"))
        beta = lab.centers.create(CenterDraft(name="Beta Institute", slug="beta"))
        for username, role, center in (
            ("a.admin", Role.ADMIN, alpha),
            ("a.user", Role.USER, alpha),
            ("a.viewer", Role.VIEWER, alpha),
            ("b.admin", Role.ADMIN, beta),
            ("b.user", Role.USER, beta),
        ):
            lab.users.create(person(username, role, center.id), PASSWORDS[username], keep_password=True)
    yield world
    app.close()


@pytest.fixture
def at(world: World) -> Iterator[Callable[[str, str], CenterWork]]:
    """``at("a.user", "alpha")``: a person at work in a center, signed out after the test."""
    labs: list[Lab] = []

    def work(username: str, center: str) -> CenterWork:
        lab = world.sign_in(username)
        labs.append(lab)
        return lab.center(center)

    yield work
    for lab in labs:
        lab.close()
