"""A scripted day at two real windows: 1,000 scans, 20 imports, 50 steps of many, 5 undos, 10 restarts of the server.

In the end the center has what the oracle says, and its record every change once.
"""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

from desktop_app.bootstrap import App, build
from desktop_app.domain.drafts import CenterDraft, UserDraft
from desktop_app.domain.profiles import Profile
from desktop_app.domain.rights import Role
from desktop_app.services.installation.setup import InitRequest
from tests.counts import count
from tests.e2e.labkeep_admin import PROJECT
from tests.e2e.scripted_day.script import WINDOWS, Act, Center, Listed, Open, Sheet, Undo, script
from tests.servers import TestServer, restartable_server

PASSWORD = "Quartz-Lagoon-77"
RESTARTS = 10


@dataclass(frozen=True)
class Place:
    """A lab with a server of its own that may be restarted, and a center with somebody for each window."""

    server: TestServer
    restart: Callable[[], None]
    app: App
    profile: Profile
    schema: str

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """As the database's administrator; ``{}`` is the center's schema."""
        with closing(psycopg2.connect(self.server.dsn(self.profile.database))) as connection:
            cursor = connection.cursor()
            cursor.execute(sql.SQL(statement).format(sql.Identifier(self.schema)))
            return list(cursor.fetchall())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with restartable_server() as (server, restart):
        app = build({"LABKEEP_HOME": str(tmp_path / "home")})
        share = tmp_path / "share"
        share.mkdir()
        draft = UserDraft(username="root.admin", email="root@lab.example", role=Role.ADMIN, center_id=None)
        profile = app.set_up.init(InitRequest("Day", draft, PASSWORD, store=share, dsn=server.dsn())).profile
        try:
            with app.sign_in.sign_in(profile, "root.admin", PASSWORD) as lab:
                center = lab.centers.create(CenterDraft(name="Day", slug="day"))
                for name in WINDOWS:
                    person = UserDraft(username=name, email=f"{name}@lab.example", role=Role.USER, center_id=center.id)
                    lab.users.create(person, PASSWORD, keep_password=True)
            yield Place(server, restart, app, profile, center.schema_name)
        finally:
            app.close()


class RunningWindow:
    """The process of one window, and how far it has come."""

    def __init__(self, name: str, profile: Profile, home: Path, came: threading.Condition) -> None:
        with closing(build({"LABKEEP_HOME": str(home)})) as app:
            app.profiles.save(profile)
        self.name, self.done, self._came = name, 0, came
        self._log = home / "errors"
        environment = os.environ | {"LABKEEP_HOME": str(home), "PYTHONPATH": str(PROJECT)}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.scripted_day.window"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=PROJECT,
                env=environment,
            )
        call = {"home": str(home), "window": name, "username": name, "password": PASSWORD}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(call))
        self.process.stdin.close()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for _line in self.process.stdout:
            with self._came:
                self.done += 1
                self._came.notify_all()
        with self._came:
            self._came.notify_all()

    def end(self) -> str:
        """Wait for the end of the day; what it has to say about itself where it ended otherwise."""
        self.process.wait(60)
        self._listener.join()
        said = self._log.read_text(errors="replace")
        return f"{self.name} after {self.done} acts:\n{said}" if self.process.returncode or said else ""

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(60)
        self._listener.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def acts_of(kind: type[Act], acts: list[Act]) -> int:
    return sum(isinstance(act, kind) for act in acts)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_a_day_at_two_windows_ends_as_the_oracle_says(
    place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    acts = [act for name in WINDOWS for act in script(name)]
    scans = acts_of(Open, acts) + sum(len(act.barcodes) for act in acts if isinstance(act, Listed))
    numbers = (scans, acts_of(Sheet, acts), acts_of(Listed, acts), acts_of(Undo, acts))
    assert numbers == (1_000, 20, 50, 5)

    came = threading.Condition()
    windows = [RunningWindow(name, place.profile, tmp_path / name, came) for name in WINDOWS]
    try:
        for number in range(1, RESTARTS + 1):
            due = len(acts) * number // (RESTARTS + 1)
            with came:
                came.wait_for(partial(has_come, windows, due), 600)
            if any(each.process.poll() is not None for each in windows) and sum(each.done for each in windows) < due:
                break
            place.restart()
        with came:
            came.wait_for(lambda: has_come(windows, len(acts)), 600)
        assert [said for each in windows if (said := each.end())] == []
    finally:
        for each in windows:
            each.stop()
    assert sum(each.done for each in windows) == len(acts)
    assert_is(place, acts)
    count(request, "scans, imports, steps of many, undos and restarts in a scripted day", sum(numbers) + RESTARTS)


def has_come(windows: list[RunningWindow], due: int) -> bool:
    """So many acts were done by both together, or one of them is gone."""
    return sum(each.done for each in windows) >= due or any(each.process.poll() is not None for each in windows)


def assert_is(place: Place, acts: list[Act]) -> None:
    """Every sample is as it is to be, everything on the record once, and the record proves itself."""
    center = Center()
    for act in acts:
        center.do(act)
    found = place.ask("SELECT barcode, name, collected_place, status FROM {}.samples")
    wanted = [(barcode, tube.name, tube.place, tube.status) for barcode, tube in center.tubes.items()]
    assert sorted(found) == sorted(wanted)
    entries = place.ask("""
        SELECT s.barcode, l.operation, count(*) FROM {0}.audit_log l JOIN {0}.samples s ON s.id = l.row_id
        WHERE l.table_name = 'samples' GROUP BY 1, 2
    """)
    on_record = {(barcode, "insert"): 1 for barcode in center.tubes}
    on_record |= {(barcode, "update"): tube.changes for barcode, tube in center.tubes.items() if tube.changes}
    assert {(barcode, operation): number for barcode, operation, number in entries} == on_record
    operations = Counter(
        dict(place.ask("SELECT operation, count(*) FROM {}.audit_log WHERE table_name = 'samples' GROUP BY 1"))
    )
    assert (operations["insert"], operations["delete"]) == (center.made, center.removed)
    assert place.ask("SELECT count(*) FROM {}.change_plans") == [(center.plans,)]
    with place.app.sign_in.sign_in(place.profile, "root.admin", PASSWORD) as lab, lab.center("day") as work:
        assert work.audit.verify().is_sound
