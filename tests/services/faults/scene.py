"""A center in which something goes wrong all the time, and the oracle that knows what must be true of it.

Whoever looks does so from another workstation, which nothing ever happens to.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode

from psycopg2.extensions import parse_dsn

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.profiles import Profile
from desktop_app.domain.records import Center, Document
from desktop_app.domain.rights import Role
from desktop_app.services.context import retries
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, Person, World, take_centers_away
from tests.services.faults.counting_proxy import CountingProxy
from tests.services.faults.system_calls import SystemCalls
from tests.services.faults.work import Station
from tests.services.wires import proxied_by

NEEDLE = b"NEEDLE-4711"
"""All that is entrusted begins with it; nobody ever finds it on the share or in a backup."""
LASTING = "every day.txt"


@dataclass
class Expected:
    """What must be there: of each title, how many versions, and what the newest one says."""

    versions: dict[str, int] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    """What was not opened since it came."""

    def put(self, title: str, content: bytes) -> None:
        """A document, or its next version."""
        self.versions[title] = self.versions.get(title, 0) + 1
        self.contents[title] = content
        self.fresh.add(title)

    def drop(self, title: str) -> None:
        """It was deleted for good."""
        del self.versions[title], self.contents[title]
        self.fresh.discard(title)


class Scene:
    """The center, who works there over a wire that fails, and who looks."""

    def __init__(self, world: World, folder: Path, proxy: CountingProxy, profile: Profile) -> None:
        self.world, self.proxy, self.profile = world, proxy, profile
        self.folder = folder
        self.files, self.backups, self.home = folder / "files", folder / "backups", folder / "home"
        self.files.mkdir(parents=True)
        self.calls = SystemCalls(world.store, self.backups, self.home)
        self.numbers = count()
        self.root = world.lab(ROOT)
        name = world.unused("faults")
        self.center: Center = self.root.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
        self.watch: CenterServices = self.root.center(self.center)
        self.leaver: Person = world.person(Role.USER, name)
        self.admin: Person = world.lasting(Role.ADMIN, None)
        self.expected = Expected()
        self.station = self.opened_station()
        self.save(LASTING)

    def opened_station(self) -> Station:
        """The person at work, on the workstation that things go wrong on."""
        app = self.world.elsewhere(self.home)
        lab = app.sign_in.sign_in(self.profile, self.admin.username, self.admin.password)
        return Station(app, self.profile, lab, lab.center(self.center.id))

    def be_connected(self) -> None:
        """Let the workstation have connections as it had before the last fault: each step then has its number."""
        self.station.lab.due_keys.centers()

    def close(self) -> None:
        """Sign out."""
        self.station.lab.close()
        self.station.app.close()

    def new_file(self, name: str) -> Path:
        """A file to be added."""
        path = self.files / name
        path.write_bytes(NEEDLE + f" {next(self.numbers)} ".encode() + os.urandom(200).hex().encode())
        return path

    def unused(self, stem: str) -> str:
        """A title that is new."""
        return f"{stem} {next(self.numbers)}.txt"

    def save(self, *names: str) -> list[Document]:
        """Documents that are there without anything going wrong."""
        paths = [self.new_file(name) for name in names]
        done = self.watch.documents.add(paths, on_conflict=OnConflict.VERSION)
        assert done.not_saved == ()
        for path in paths:
            self.expected.put(path.name, path.read_bytes())
        return [self.watch.documents.get(result.id) for result in done.saved if result.id is not None]

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Asked by the database's administrator."""
        with closing(self.world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(statement.replace("{s}", self.center.schema_name), values or None)
            return cursor.fetchall() if cursor.description else []

    @cached_property
    def dsn(self) -> str:
        """The database administrator's, over the wire that fails."""
        parts = parse_dsn(self.world.admin_dsn)
        way = urlencode({"host": self.profile.host, "port": self.profile.port})
        return f"postgresql://{quote(parts['user'], '')}:{quote(parts['password'], '')}@/{parts['dbname']}?{way}"

    @property
    def key(self) -> int:
        """The number of the center's key."""
        return self.watch.keys.list()[0].number

    def there(self) -> dict[str, Document]:
        """Every document by its title, which stands there once."""
        rows = self.watch.documents.list().rows
        found = {row.title: row for row in rows}
        assert len(found) == len(rows), "a title stands there twice"
        return found

    def content(self, document: Document) -> bytes:
        """What it says now."""
        return self.watch.documents.content(document)

    def check(self) -> None:
        """The oracle: exactly what must be there is there and opens, the doctor finds nothing, nothing is readable."""
        left = self.root.examine(self.center, repair=True)
        assert left == (), [str(finding.text) for finding in left]
        there = self.there()
        assert {title: row.latest_number for title, row in there.items()} == self.expected.versions
        for title in sorted(self.expected.fresh):
            assert self.content(there[title]) == self.expected.contents[title], title
        self.expected.fresh.clear()
        self._nothing_is_left_over()
        self.nothing_is_readable()

    def check_all(self) -> None:
        """The same, with every document opened, and the installation's own record and trust log."""
        self.expected.fresh = set(self.expected.versions)
        self.check()
        assert self.root.examine(repair=True) == ()
        assert self.root.alarms == ()
        assert self.root.rollback is None

    def _nothing_is_left_over(self) -> None:
        """What lies in the store is named by a version, or by an attempt that is on record."""
        folder = self.world.store / self.center.schema_name
        on_disk = {path.name.strip(".").removesuffix(".part") for path in folder.rglob("*-*") if path.is_file()}
        versions = {row[0] for row in self.rows("SELECT file_id::text FROM {s}.document_versions")}
        attempts = {row[0] for row in self.rows("SELECT file_id::text FROM {s}.document_uploads")}
        assert versions <= on_disk <= versions | attempts

    def nothing_is_readable(self) -> None:
        """On the share, in the backups, and in what the workstation keeps."""
        for place in (self.world.store, self.backups, self.home):
            for path in place.rglob("*"):
                if path.is_file():
                    assert NEEDLE not in path.read_bytes(), f"{path} can be read"


@contextmanager
def opened_scene(world: World, folder: Path) -> Iterator[Scene]:
    """A scene; a server that does not answer is asked again for a moment only. Its centers are gone in the end, where
    nothing failed: what looks at all of them is done at every step."""
    before = {center.slug for center in world.lab(ROOT).centers.list(CenterFilter(include_inactive=True)).rows}
    with ExitStack() as stack:
        for name, value in (("WAITS", (0.0, 0.05, 0.1)), ("LATER", 0.1), ("LONGEST", 0.4)):
            stack.enter_context(patch.object(retries, name, value))
        proxy, profile = stack.enter_context(proxied_by(CountingProxy, world))
        scene = Scene(world, folder, proxy, replace(profile))
        stack.callback(scene.close)
        yield scene
    take_centers_away(world, before)
