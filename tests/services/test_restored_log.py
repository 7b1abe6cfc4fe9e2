"""A trust log that was put back from a backup: an alarm until somebody signs it who is believed here."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.bootstrap import App
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.trust_log import place_and_sign
from desktop_app.crypto.trust_state import TrustHead
from desktop_app.crypto.trust_statements import RestoredStatement
from desktop_app.domain.rights import Role
from tests.services.conftest import PASSWORDS, ROOT, World, person
from tests.services.database_state import tampering
from tests.services.test_tampered_registry import enter, run


@pytest.fixture(autouse=True, scope="module")
def _everybody_has_keys_of_his_own(world: World) -> None:
    for username in PASSWORDS:
        world.lab(username)


@pytest.fixture
def station(world: World, tmp_path: Path) -> Iterator[App]:
    """A workstation of its own, whose memory is not the other tests'."""
    with closing(world.elsewhere(tmp_path)) as app:
        yield app


def put_back(database: Psycopg2Connection, entries: int) -> None:
    """The log as a backup has it that is older by so many entries."""
    run(
        database,
        "DELETE FROM public.trust_log WHERE sequence > (SELECT max(sequence) - %s FROM public.trust_log)",
        entries,
    )


def sign_restored(database: Psycopg2Connection, world: World, lost: TrustHead, signer: Identity) -> None:
    """The next entry says that the log was restored."""
    ((last, before),) = run(database, "SELECT sequence, digest FROM public.trust_log ORDER BY sequence DESC LIMIT 1")
    assert isinstance(last, int)
    assert isinstance(before, memoryview)
    said = RestoredStatement(lost.sequence, lost.digest)
    entry = place_and_sign(said, last + 1, bytes(before), signer, world.profile.installation_id)
    run(
        database,
        "INSERT INTO public.trust_log (sequence, payload, signer, signature, digest) VALUES (%s, %s, %s, %s, %s)",
        entry.sequence,
        entry.payload,
        str(entry.signer),
        entry.signature,
        entry.digest(),
    )


def test_an_honest_restore_is_taken_by_everybody_who_saw_the_later_log(world: World, station: App) -> None:
    world.person(Role.USER, "alpha")
    world.person(Role.USER, "alpha")
    remembered = station.sign_in.remembered.trust
    installation = world.profile.installation_id
    with tampering(world) as database, enter(station, world, ROOT) as open_window:
        lost = open_window._context.trust.state.head
        put_back(database, 2)
        with enter(station, world, "a.user") as lab:
            assert "has to sign" in (lab.rollback or "")
        sign_restored(database, world, lost, open_window._context.identity)
        with enter(station, world, "a.user") as lab:
            assert lab.rollback is None
        head = remembered.head(installation)
        assert head is not None
        assert head.sequence == lost.sequence - 1
        assert head.lineage == head.digest, "the restoration is the newest entry"
        # The window that was open all the time works on, past the numbers that were seen before.
        alpha = open_window.centers.get("alpha").id
        for _ in range(3):
            open_window.users.create(person(world.unused("after"), Role.USER, alpha))
        enter(station, world, "a.user").close()
        head = remembered.head(installation)
        assert head is not None
        assert head.sequence == lost.sequence + 2


def test_who_was_removed_meanwhile_does_not_bless_it(world: World, station: App) -> None:
    """He is a system administrator in the restored log, and was none any more in the newest that was seen here."""
    former = world.person(Role.ADMIN, None)
    with world.enter(former) as lab:
        theirs = lab._context.identity
    world.lab(ROOT).users.deactivate(former.username, new_keys=False)
    with tampering(world) as database:
        with enter(station, world, ROOT) as lab:
            lost = lab._context.trust.state.head
        put_back(database, 1)
        sign_restored(database, world, lost, theirs)
        with enter(station, world, "a.user") as lab:
            assert "not the one this workstation saw" in (lab.rollback or "")
        # The honest one after it is believed all the same.
        sign_restored(database, world, lost, world.lab(ROOT)._context.identity)
        with enter(station, world, "a.user") as lab:
            assert lab.rollback is None
