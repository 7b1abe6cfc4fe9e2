"""Hints that something changed: who hears what, floods, lost connections, and ways on which none arrives."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.db import notifications
from desktop_app.db.notifications import Hint, Notifications, channel_name
from desktop_app.domain.drafts import CenterDraft, SampleDraft
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from tests.servers import wait_until
from tests.services.conftest import PASSWORDS, ROOT, World
from tests.services.test_interruptions import kill_the_server
from tests.services.wires import proxied


@dataclass
class Ear:
    """Who listens: what was told, and how often."""

    lab: Lab
    work: CenterServices
    hints: list[Hint] = field(default_factory=list)
    last: float = 0.0

    def hear(self, hint: Hint) -> None:
        self.hints.append(hint)
        self.last = time.monotonic()

    def wait_for_silence(self) -> None:
        wait_until(lambda: time.monotonic() - self.last > 2 * notifications.BETWEEN_SECONDS, 20)

    def look(self) -> int:
        head = self.lab.live.look(self.work).center
        assert head is not None
        return head

    @property
    def channel(self) -> Any:
        return self.work.audit.head().channel

    def hears(self, *, by_others: bool | None = None) -> bool:
        return any(each.channels and by_others in (None, each.by_others) for each in tuple(self.hints))

    @property
    def is_proved(self) -> bool:
        return bool(self.hints) and self.hints[-1].is_heard

    def rest(self) -> None:
        """Until it is proved that hints arrive, and what was to be told at the beginning was told."""
        wait_until(lambda: self.is_proved, 10)
        self.look()
        wait_until(lambda: self.hears(), 10)
        self.wait_for_silence()
        self.hints.clear()


@contextmanager
def listening(lab: Lab, center: str = "alpha") -> Iterator[Ear]:
    ear = Ear(lab, lab.center(center))
    lab.live.listen(ear.hear)
    ear.look()
    try:
        yield ear
    finally:
        lab.live.stop()


@pytest.fixture
def ear(world: World) -> Iterator[Ear]:
    for each in ("a.user", "b.user"):  # to sign in is a change of the installation
        world.lab(each)
    with listening(world.lab("a.viewer")) as found:
        found.rest()
        yield found


def make_sample(world: World, username: str = "a.user", center: str = "alpha") -> None:
    with world.lab(username).center(center) as work:
        work.samples.create(SampleDraft(name=world.unused("heard"), sample_type=SampleType.BLOOD))


def test_what_another_does_is_heard_within_a_second(ear: Ear, world: World) -> None:
    before = ear.look()
    began = time.monotonic()
    make_sample(world)
    wait_until(lambda: ear.hears(by_others=True), 5)
    assert time.monotonic() - began < 1
    assert ear.look() == before + 1
    assert not ear.lab.live.concerns_all(ear.hints[-1]), "the installation has nothing to do with it"


def test_what_happens_in_another_center_is_not_heard(ear: Ear, world: World) -> None:
    make_sample(world, "b.user", "beta")
    make_sample(world)
    wait_until(lambda: ear.hears(), 5)
    assert {each for hint in ear.hints for each in hint.channels} == {ear.channel}


def test_own_work_is_told_as_one_s_own(world: World) -> None:
    with listening(world.lab("a.user")) as own:
        own.rest()
        make_sample(world)
        wait_until(lambda: own.hears(), 5)
        assert not own.hears(by_others=True)


def test_a_change_of_the_installation_is_heard_by_all(ear: Ear, world: World) -> None:
    name = world.unused("heard")
    world.lab(ROOT).centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
    wait_until(lambda: any(each.channels and ear.lab.live.concerns_all(each) for each in ear.hints), 5)


@contextmanager
def psql(world: World, *channels: str) -> Iterator[Psycopg2Connection]:
    with closing(psycopg2.connect(world.admin_dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for each in channels:
                cursor.execute(f'LISTEN "{each}"')
        yield connection


def heard_by(connection: Psycopg2Connection) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return [(each.channel, each.payload) for each in connection.notifies]


def test_a_hint_says_nothing_and_a_leaver_hears_of_no_more(ear: Ear, world: World) -> None:
    """He knows the name, and may LISTEN for ever; the last thing he hears is that he was put out."""
    known = ear.channel
    with psql(world, channel_name(known)) as connection:
        make_sample(world)
        assert heard_by(connection) == [(channel_name(known), "")]
        connection.notifies.clear()
        leaver = world.person(Role.VIEWER, "alpha")
        assert ear.channel != known, "who comes is a change of the people, too"
        make_sample(world)
        assert heard_by(connection) == [(channel_name(known), "")]
        assert leaver.username
    wait_until(lambda: (ear.look(), ear.hears(by_others=True))[1], 5)


def test_a_flood_is_not_listened_to(ear: Ear, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any member knows the channel, and PostgreSQL lets everybody send."""
    stop = threading.Event()

    def flood() -> None:
        with psql(world) as connection, connection.cursor() as cursor:
            while not stop.is_set():
                cursor.execute(
                    "SELECT count(pg_notify(%s, repeat('x', 3000) || n)) FROM generate_series(1, 500) n",
                    (channel_name(ear.channel),),
                )

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        wait_until(lambda: bool(ear.hints) and not ear.hints[-1].is_heard, 20)
        assert len([each for each in ear.hints if each.channels]) < 10
        before = ear.look()
        make_sample(world)
        assert ear.look() == before + 1, "what is looked for is found meanwhile"
    finally:
        stop.set()
        thread.join()


def test_a_cut_wire_is_mended_and_nothing_is_missed(world: World) -> None:
    service = world.app.sign_in
    with (
        proxied(world) as (proxy, profile),
        service.sign_in(profile, "a.viewer", PASSWORDS["a.viewer"]) as lab,
        listening(lab) as ear,
    ):
        ear.rest()
        proxy.cut()
        wait_until(lambda: bool(ear.hints) and not ear.hints[-1].is_heard, 5)
        make_sample(world)
        make_sample(world)
        ear.hints.clear()
        proxy.closed = False
        lab.live.hurry()
        wait_until(lambda: ear.is_proved and ear.hears(), 20)
        ear.wait_for_silence()
        assert len([each for each in ear.hints if each.channels]) == 1, "what was missed is looked for once"


def test_where_none_arrives_one_has_to_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind a pooler that lends connections out by the transaction: LISTEN succeeds, and that is all."""
    monkeypatch.setattr(notifications, "PROOF_SECONDS", 0.3)
    hints: list[Hint] = []
    channel = world.lab("a.viewer").center("alpha").audit.head().channel
    assert channel is not None
    listener = Notifications(lambda: psycopg2.connect(world.admin_dsn), lambda _channel: None, frozenset, hints.append)
    listener.listen_to(frozenset({channel}))
    try:
        wait_until(lambda: any(not each.is_heard and not each.channels for each in hints), 10)
        assert not any(each.is_heard for each in hints)
    finally:
        listener.close()


def test_after_signing_out_nobody_listens(world: World) -> None:
    lab = world.sign_in("a.viewer")
    with listening(lab):
        lab.live.stop()
    lab.close()
    assert not [each for each in threading.enumerate() if each.name == "labkeep-notifications"]


def test_a_real_restart(world: World) -> None:
    with listening(world.lab("a.viewer")) as ear:
        ear.rest()
        kill_the_server(world)
        wait_until(lambda: any(not each.is_heard for each in ear.hints), 10)
        ear.hints.clear()
        make_sample(world)
        wait_until(lambda: ear.is_proved and ear.hears(), 30)
