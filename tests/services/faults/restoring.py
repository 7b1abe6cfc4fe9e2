"""Bringing an installation back while something goes wrong: it is back as a whole, or the server has nothing of it."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode

import psycopg2
import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.bootstrap import build
from desktop_app.db import restored_database
from desktop_app.db.bootstrap_checks import DatabaseInUseError, LeftoverRolesError
from desktop_app.db.errors import UnconfirmedError
from desktop_app.db.restored_database import HalfRestoredError
from desktop_app.errors import LabkeepError
from desktop_app.server.launcher import BuiltinServer
from tests.db.installation import DATABASE, wipe
from tests.servers import TestServer, short_folder, sync_nothing, wait_until
from tests.services.faults.cases import NOTHING, Fault, Steps, happened
from tests.services.faults.counting_proxy import CountingProxy, Cut, WireFault
from tests.services.faults.killing import Ended, Programs, When, died
from tests.services.faults.operations import BackingUp, Told
from tests.services.faults.scene import Scene
from tests.services.faults.system_calls import SystemCalls
from tests.services.faults.work import restore
from tests.services.lossy_proxy import PORT
from tests.services.test_interruptions import kill_the_server

MAKING = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%' AND state = 'active'"
OWN = (
    "SELECT rolname FROM pg_roles"
    " WHERE rolname ~ '^(labkeep_(owner|security|app|platform|backup|restoring)|center_|u_)'"
)


@dataclass
class Place:
    """Where the installation comes back: a server over a wire that fails, and one workstation for each try."""

    scene: Scene
    builtin: BuiltinServer
    server: TestServer
    kept_up: ExitStack
    proxy: CountingProxy
    wire: Path
    call: dict[str, Any]
    numbers: Iterator[int]
    home: Path
    calls: SystemCalls

    def next(self) -> dict[str, Any]:
        """A server and a workstation that know nothing; what the work is called with."""
        wipe(self.server)
        folder = self.scene.folder / f"restored {next(self.numbers)}"
        self.home, share = folder / "home", folder / "share"
        share.mkdir(parents=True)
        self.calls = SystemCalls(self.scene.backups, share, self.home)
        return self.call | {"store": str(share)}

    def superuser(self) -> Psycopg2Connection:
        """The server's administrator."""
        connection: Psycopg2Connection = psycopg2.connect(self.server.admin_dsn)
        return connection

    def kill_server(self) -> None:
        """Its processes are killed, and it is started again at once."""
        kill_the_server(self)
        self.kept_up.enter_context(closing(self.builtin.start()))

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        """By the server's administrator."""
        with closing(self.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    @cached_property
    def steps(self) -> Steps:
        """What it does when nothing goes wrong."""
        call, told, app = self.next(), Told(), build({"LABKEEP_HOME": str(self.home)})
        self.proxy.watch()
        with closing(app), self.calls.watching() as calls:
            restore(app, call, told.append)
        steps = Steps(list(calls), self.proxy.questions)
        self.proxy.let_in()
        self.judge(call, told, None, is_away=False)
        return steps

    def suffer(self, fault: Fault) -> str:
        """Let it go wrong once."""
        call, told = self.next(), Told()
        error: LabkeepError | None = None
        app = build({"LABKEEP_HOME": str(self.home)})
        try:
            with closing(app), ExitStack() as stack:
                stack.callback(self.proxy.let_in)
                self.proxy.watch(fault if isinstance(fault, WireFault) else None)
                if not isinstance(fault, WireFault):
                    stack.enter_context(self.calls.watching(fault))
                restore(app, call, told.append)
        except LabkeepError as raised:
            error = raised
        is_away = isinstance(fault, WireFault) and fault.stays
        self._judged(call, told, error, str(fault), is_away=is_away)
        if not happened(fault, self.proxy, self.calls):
            return NOTHING
        return "done" if error is None else type(error).__name__

    def killed(self, programs: Programs, when: When) -> str:
        """The program dies in the middle."""
        call = self.next()
        more = {"work": "restore", "call": call, "home": str(self.home)}
        watched = [self.scene.backups, Path(call["store"]), self.home]
        ended: Ended = died(programs, self.home.parent, self.proxy, when, more, watched)
        self._judged(call, ended.told, ended.error, f"killed {when}", is_away=ended.is_killed)
        return "killed" if ended.is_killed else NOTHING

    def cut_off_while_it_makes_the_database(self) -> None:
        """The server goes on with CREATE DATABASE, and is done with it once the restore has given up."""
        at = next(at for at, said in enumerate(self.steps.questions) if said.startswith("CREATE DATABASE"))
        call, told = self.next(), Told()
        with closing(self.superuser()) as other, other.cursor() as cursor:
            # Whoever makes a database out of template0 waits for the end of this.
            cursor.execute("COMMENT ON DATABASE template0 IS 'held'")
            self.proxy.watch(WireFault(at, Cut.DURING))
            with closing(build({"LABKEEP_HOME": str(self.home)})) as app, pytest.raises(LabkeepError) as raised:
                restore(app, call, told.append)
            other.rollback()
        self.proxy.let_in()
        wait_until(lambda: not self.asked(MAKING))
        self._judged(call, told, raised.value, "cut off in CREATE DATABASE", is_away=False)

    def _judged(self, call: dict[str, Any], told: Told, error: LabkeepError | None, how: str, *, is_away: bool) -> None:
        try:
            self.judge(call, told, error, is_away=is_away)
        except BaseException as failed:
            failed.add_note(f"restore: {how}; told {told}, {error!r}")
            raise

    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, is_away: bool) -> None:
        """Back and whole where that was reported; else nothing is left, unless nobody could ask or clear away. In the
        end it comes back, on the same workstation."""
        is_away = is_away or isinstance(error, UnconfirmedError)  # which says that nobody knows
        if not told:
            assert error is not None or is_away
            if not is_away and not isinstance(error, HalfRestoredError):
                databases = self.asked(f"SELECT datname FROM pg_database WHERE datname = '{DATABASE}'")
                assert (databases, self.asked(OWN)) == ([], []), "something is left on the server"
            try:
                with closing(build({"LABKEEP_HOME": str(self.home)})) as app:
                    restore(app, call, told.append)
            except (DatabaseInUseError, LeftoverRolesError):
                # It was done, and who was away could not hear of it: then it is all there.
                assert is_away
        assert all(said["problems"] == 0 for said in told)
        self._is_whole()

    def _is_whole(self) -> None:
        admin, expected = self.scene.admin, self.scene.expected
        with closing(build({"LABKEEP_HOME": str(self.home)})) as app:
            [profile] = app.profiles.list()
            with app.sign_in.sign_in(profile, admin.username, admin.password) as lab:
                documents = lab.center(self.scene.center.id).documents
                found = {row.title: documents.content(row) for row in documents.list().rows}
                assert found == expected.contents
                left = [str(finding.text) for finding in lab.examine(repair=True)]
                assert left == [], left


@contextmanager
def place_for(scene: Scene, builtin: BuiltinServer) -> Iterator[Place]:
    """A backup of the scene's installation, and where it comes back: that server is removed in the end."""
    backing_up = BackingUp(scene)
    told = backing_up.again(backing_up.prepare())
    assert [said["problems"] for said in told] == [0]
    with ExitStack() as stack:
        stack.callback(builtin.remove)
        stack.enter_context(patch.object(restored_database, "WAITS", (0.05, 0.1)))
        kept_up = stack.enter_context(ExitStack())
        running, folder = kept_up.enter_context(closing(builtin.start())), stack.enter_context(short_folder())
        password = running.superuser_password.reveal().decode()
        server = TestServer("killed", 18, running.socket_dir, running.port, running.superuser, password)
        sync_nothing(server.admin_dsn)
        proxy = CountingProxy(folder, Path(server.host) / f".s.PGSQL.{server.port}")
        way = urlencode({"host": str(folder), "port": PORT})
        dsn = f"postgresql://{quote(server.superuser, '')}:{quote(server.superuser_password, '')}@/postgres?{way}"
        call = {"folder": str(scene.backups), "kit": scene.world.made.kit.page, "dsn": dsn}
        stack.callback(proxy.stop)
        yield Place(scene, builtin, server, kept_up, proxy, folder, call, count(), scene.home, scene.calls)
