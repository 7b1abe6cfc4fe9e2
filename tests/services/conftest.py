"""One installation on the built-in server for all tests of the use cases, with people in two centers."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg2
import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.bootstrap import App, build
from desktop_app.domain.drafts import CenterDraft, UserDraft
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.profiles import Profile
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError
from desktop_app.services.installation.setup import InitRequest, InitResult
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from tests.db.installation import wipe
from tests.files_in_memory import factory_in_memory  # noqa: F401  # the files of these tests
from tests.servers import TestServer, remove_server, sync_nothing

ROOT = "root.admin"
MOST_CENTERS = 12
"""Of the shared installation; with more, another one costs less than each change of a system administrator."""
MOST_ENTRIES = 200
"""Of its trust log, which makes every sign-in longer, and that at a new workstation twice as long for each hundred."""
LASTING = ("alpha", "beta")
PASSWORDS = {
    ROOT: "Quartz-Lagoon-77",
    "a.admin": "Pepper-Canyon-11",
    "a.user": "Violet-Engine-22",
    "a.viewer": "Silver-Basket-33",
    "b.admin": "Orange-Bridge-44",
    "b.user": "Marble-Rocket-55",
}


@dataclass(frozen=True)
class Person:
    """Somebody made for one test."""

    username: str
    password: str


@dataclass(frozen=True)
class World:
    """A running installation: centers alpha and beta, an admin, a user and a viewer in alpha, two people in beta."""

    app: App
    made: InitResult
    home: Path
    labs: dict[str, Lab] = field(default_factory=dict)
    lasting_people: dict[tuple[Role, str | None, int], Person] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    server: TestServer | None = None
    """The lab's own; None is the built-in one."""
    doubts: list[str] = field(default_factory=list)
    """Whoever was there, since it was last found sound, and could leave traces of a forgery."""
    _onlookers: list[Psycopg2Connection] = field(default_factory=list)

    @property
    def profile(self) -> Profile:
        return self.made.profile

    @property
    def store(self) -> Path:
        return Path(self.profile.store.path)

    def sign_in(self, username: str) -> Lab:
        return self.app.sign_in.sign_in(self.profile, username, PASSWORDS[username])

    def lab(self, username: str) -> Lab:
        """One of the lasting people, signed in once for all tests."""
        if username not in self.labs:
            self.labs[username] = self.sign_in(username)
        return self.labs[username]

    def put_openings_down(self) -> None:
        """What was opened before goes on the record by and by: before a test compares states, it is there."""
        for lab in self.labs.values():
            lab._context.openings.flush(5.0)

    def unused(self, stem: str) -> str:
        """A name that nobody and no center had before."""
        return f"{stem}.{next(self.numbers)}"

    def person(self, role: Role, center: str | None, *, keep_password: bool = True) -> Person:
        """Somebody new, made by the system administrator; signs in with provisional keys the first time."""
        root = self.lab(ROOT)
        username, password = self.unused("somebody"), "Granite-Window-88"
        center_id = None if center is None else root.centers.get(center).id
        root.users.create(person(username, role, center_id), password, keep_password=keep_password)
        return Person(username, password)

    def enter(self, somebody: Person) -> Lab:
        """That person, signed in on this workstation; the caller closes."""
        return self.app.sign_in.sign_in(self.profile, somebody.username, somebody.password)

    def lasting(self, role: Role, center: str | None, number: int = 1) -> Person:
        """Somebody who is made once: somebody new, who gets keys of his own at the first sign-in, takes as long as most
        tests."""
        if (role, center, number) not in self.lasting_people:
            self.lasting_people[role, center, number] = self.person(role, center)
        return self.lasting_people[role, center, number]

    def colleague(self, role: Role, center: str, number: int = 1) -> tuple[Person, Lab]:
        """Somebody lasting of alpha who gets a place in this center, too, and is signed in."""
        known = self.lasting(role, "alpha", number)
        if known.username not in self.labs:
            self.labs[known.username] = self.enter(known)
        self.lab(ROOT).users.join(known.username, center, role)
        self.labs[known.username].users.refresh_own()
        return known, self.labs[known.username]

    def elsewhere(self, home: Path) -> App:
        """Another workstation, which has seen nothing yet; the caller closes."""
        return build({"LABKEEP_HOME": str(home)})

    @property
    def admin_dsn(self) -> str:
        """The database administrator's."""
        self.doubts.append("superuser")
        return self._admin_dsn

    @property
    def _admin_dsn(self) -> str:
        if self.server is not None:
            return self.server.dsn(self.profile.database)
        assert self.profile.data_dir is not None
        return self.app.servers.start_builtin(Path(self.profile.data_dir)).admin_dsn(self.profile.database)

    def superuser(self) -> Psycopg2Connection:
        """The database's administrator at work: each statement at once, and no trigger in his way."""
        connection = self._connection(self.admin_dsn)
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        return connection

    def _connection(self, dsn: str) -> Psycopg2Connection:
        connection: Psycopg2Connection = psycopg2.connect(dsn)
        connection.autocommit = True
        return connection

    def onlooker(self) -> Psycopg2Connection:
        """The database's administrator on one connection that stays, for who only looks."""
        if self._onlookers:
            with suppress(psycopg2.Error), self._onlookers[0].cursor() as cursor:
                cursor.execute("SELECT")
                return self._onlookers[0]
            self._onlookers.pop().close()  # the server was restarted
        self._onlookers.append(self._connection(self._admin_dsn))
        return self._onlookers[0]

    def close(self) -> None:
        for connection in self._onlookers:
            connection.close()
        for lab in self.labs.values():
            lab.close()
        self.app.close()


def person(username: str, role: Role, center: UUID | None) -> UserDraft:
    return UserDraft(username=username, email=f"{username}@lab.example", role=role, center_id=center)


@contextmanager
def made_world(home: Path) -> Iterator[World]:
    """An installation on the built-in server in which nobody is but its administrator."""
    app = build({"LABKEEP_HOME": str(home)})
    draft = person(ROOT, Role.ADMIN, None)
    made = app.set_up.init(InitRequest(display_name="Test lab", administrator=draft, password=PASSWORDS[ROOT]))
    world = World(app, made, home)
    sync_nothing(world.admin_dsn)
    try:
        yield world
    finally:
        world.close()
        remove_server(home)


class Worlds:
    """The installation that the files of tests share, and another one when it is worn, or wiped from its server."""

    def __init__(self, make: Callable[[], AbstractContextManager[World]]) -> None:
        self._making = make
        self._now: World | None = None
        self._end = ExitStack()

    def current(self) -> World:
        """The one that is there, unless it has grown or somebody left traces of a forgery in it."""
        if self._now is not None and is_worn(self._now):
            self.close()
        if self._now is None:
            self._now = self._make()
        return self._now

    def lent(self) -> Iterator[World]:
        """The same for the tests of one file."""
        world = self.current()
        yield world
        take_centers_away(world)

    def _make(self) -> World:
        world = self._end.enter_context(self._making())
        furnish(world)
        return world

    def close(self) -> None:
        self._end.close()
        self._now = None


def is_worn(world: World) -> bool:
    """Whatever is done for all centers takes its time for each of them; and what disagrees is an alarm everywhere."""
    try:
        root = world.lab(ROOT)
        centers = root.centers.list(CenterFilter(include_inactive=True)).rows
        if len(centers) > MOST_CENTERS or root._context.trust.state.head.sequence > MOST_ENTRIES:
            return True
        if world.doubts:
            if root.trust.disagreements() != () or not all(has_sound_record(root, slug) for slug in LASTING):
                return True
            world.doubts.clear()
        return False
    except LabkeepError:
        return True


def take_centers_away(world: World, besides: Iterable[str] = LASTING) -> None:
    """Delete what a file's tests made, so that the next one has little to go through; what cannot be deleted stays."""
    with suppress(LabkeepError):
        centers = world.lab(ROOT).centers
        for center in centers.list(CenterFilter(include_inactive=True)).rows:
            if center.slug not in besides:
                closed = centers.deactivate(center.id) if center.is_active else center
                centers.deleted.delete(closed, "The tests are done with it.")


def has_sound_record(root: Lab, slug: str) -> bool:
    with root.center(slug) as work:
        return work.audit.verify().is_sound


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    made = Worlds(lambda: made_world(tmp_path_factory.mktemp("home")))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> Iterator[World]:
    yield from worlds.lent()


@contextmanager
def made_world_on(server: TestServer, home: Path, store: Path) -> Iterator[World]:
    """The same on a lab's own server, which others wipe for tests of their own."""
    wipe(server)
    app = build({"LABKEEP_HOME": str(home)})
    draft = person(ROOT, Role.ADMIN, None)
    made = app.set_up.init(
        InitRequest(
            display_name="Test lab on 15",
            administrator=draft,
            password=PASSWORDS[ROOT],
            store=store,
            dsn=server.dsn(),
        )
    )
    world = World(app, made, home, server=server)
    try:
        yield world
    finally:
        world.close()
        wipe(server)


@pytest.fixture(scope="session")
def worlds_on_15(system_server_15: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    made = Worlds(
        lambda: made_world_on(system_server_15, tmp_path_factory.mktemp("home on 15"), tmp_path_factory.mktemp("share"))
    )
    yield made
    made.close()


@pytest.fixture(scope="module")
def world_on_15(worlds_on_15: Worlds) -> Iterator[World]:
    """The same on a lab's own PostgreSQL 15."""
    yield from worlds_on_15.lent()


@pytest.fixture(scope="module", params=["world", "world_on_15"])
def each_world(request: pytest.FixtureRequest) -> World:
    """Each of them in turn: for what must hold on every server."""
    world: World = request.getfixturevalue(request.param)
    return world


def furnish(world: World) -> None:
    """Two centers and their people."""
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


@pytest.fixture(scope="module")
def newcomer(world: World) -> Iterator[Lab]:
    """Somebody new in alpha, for all tests of a file: what he has not done himself he finds done by others."""
    with world.enter(world.person(Role.USER, "alpha")) as lab:
        yield lab


@pytest.fixture
def at(world: World) -> Iterator[Callable[[str, str], CenterServices]]:
    """``at("a.user", "alpha")``: a person at work in a center, whose keys are forgotten after the test."""
    works: list[CenterServices] = []

    def work(username: str, center: str) -> CenterServices:
        works.append(world.lab(username).center(center))
        return works[-1]

    yield work
    for opened in works:
        opened.close()
