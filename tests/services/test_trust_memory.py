"""The verified trust log kept on the workstation: used where it is ours, noticed where it was changed."""

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from desktop_app.bootstrap import App
from desktop_app.crypto.trust_entries import TrustEntry
from desktop_app.crypto.trust_log import verify_log
from desktop_app.crypto.trust_state import TrustState
from desktop_app.domain.rights import Role
from desktop_app.services.context import trust_log, trust_memory
from desktop_app.storage.errors import StorageError
from tests.services.conftest import PASSWORDS, ROOT, Person, World
from tests.services.test_tampered_registry import enter

Reads = list[int]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """How many entries were verified each time; and every log is worth keeping."""
    counts: Reads = []

    def counting(entries: Sequence[TrustEntry], *arguments: Any, **more: Any) -> TrustState:
        counts.append(len(entries))
        return verify_log(entries, *arguments, **more)

    monkeypatch.setattr(trust_log, "verify_log", counting)
    monkeypatch.setattr(trust_memory, "WORTH_KEEPING", 1)
    return counts


@pytest.fixture
def station(world: World, tmp_path: Path) -> Iterator[App]:
    for username in PASSWORDS:
        world.lab(username)
    with closing(world.elsewhere(tmp_path)) as app:
        yield app


def kept(station: App, world: World) -> list[Path]:
    folder = station.paths.state_dir / "trust" / str(world.profile.installation_id)
    return sorted(folder.iterdir())


def test_the_second_start_verifies_what_is_new(world: World, station: App, reads: Reads) -> None:
    with enter(station, world, "a.user") as lab:
        length = lab._context.trust.state.head.sequence
    assert max(reads) == length
    (path,) = kept(station, world)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    reads.clear()
    with enter(station, world, "a.user") as lab:
        state = lab._context.trust.state
        assert lab.notices == []
    assert set(reads) == {1}, "the newest entry, which must be there"
    assert state == world.lab(ROOT)._context.trust.state or state.head.sequence == length
    world.person(Role.VIEWER, "alpha")
    reads.clear()
    enter(station, world, "a.user").close()
    assert max(reads) == 2
    reads.clear()
    enter(station, world, "a.user").close()
    assert max(reads) == 1, "what is new was kept, too"


def test_a_changed_file_is_noticed_and_replaced(world: World, station: App, reads: Reads) -> None:
    enter(station, world, "a.user").close()
    (path,) = kept(station, world)
    whole = path.read_bytes()
    for changed in (
        whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
        whole[:-1],
        whole[:60] + bytes(32) + whole[92:],
    ):
        path.write_bytes(changed)
        reads.clear()
        with enter(station, world, "a.user") as lab:
            assert any("changed by somebody" in notice for notice in lab.notices)
            assert lab.center("alpha").documents.list().rows is not None
        assert max(reads) > 1, "verified again"
        reads.clear()
        with enter(station, world, "a.user") as lab:
            assert lab.notices == []
        assert max(reads) == 1


@pytest.mark.parametrize("content", [b"", b"LKTS", bytes(10_000)])
def test_a_file_that_is_none_is_not_used(world: World, station: App, reads: Reads, content: bytes) -> None:
    enter(station, world, "a.user").close()
    (path,) = kept(station, world)
    path.write_bytes(content)
    reads.clear()
    enter(station, world, "a.user").close()
    assert max(reads) > 1


def test_people_of_one_computer_have_files_of_their_own(world: World, station: App, reads: Reads) -> None:
    for username in ("a.user", "a.viewer", "b.user"):
        enter(station, world, username).close()
    paths = kept(station, world)
    assert len(paths) == 3
    paths[0].write_bytes(paths[1].read_bytes())
    for username in ("a.user", "a.viewer", "b.user"):
        with enter(station, world, username) as lab:
            assert lab.notices == [], "somebody else's is not ours, and no alarm"


def test_new_keys_take_what_was_verified_along(world: World, station: App, reads: Reads) -> None:
    somebody = world.person(Role.USER, "alpha")
    with closing(station.sign_in.sign_in(world.profile, somebody.username, somebody.password)) as lab:
        lab.account.change_password(somebody.password, "Copper-Lantern-66")
    reads.clear()
    again = Person(somebody.username, "Copper-Lantern-66")
    with closing(station.sign_in.sign_in(world.profile, again.username, again.password)) as lab:
        assert lab.notices == []
    assert max(reads) == 1


def test_an_older_file_is_only_a_shorter_beginning(world: World, station: App, reads: Reads) -> None:
    enter(station, world, "a.user").close()
    (path,) = kept(station, world)
    older = path.read_bytes()
    world.person(Role.VIEWER, "alpha")
    enter(station, world, "a.user").close()
    path.write_bytes(older)
    with enter(station, world, "a.user") as lab:
        assert lab._context.trust.state.head.sequence == world.lab(ROOT)._context.trust.state.head.sequence


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
    world: World, station: App, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = station.paths.state_dir / "trust"
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(b"in the way")
    with enter(station, world, "a.user") as lab:
        assert lab.center("alpha").documents.list().rows is not None


def test_a_full_disk_after_the_commit_does_not_call_the_change_failed(world: World, station: App) -> None:
    folder = station.paths.state_dir / "remembered"
    with enter(station, world, ROOT) as lab:
        context = lab._context

        def act(change: trust_log.TrustChange) -> None:
            change.session.execute(text("SELECT 1"))
            folder.rename(folder.with_name("moved"))
            folder.write_bytes(b"in the way")

        context.trust.change(context.shared, context.identity, act)
        with pytest.raises(StorageError), context.shared.begin() as session:
            context.trust.refresh(session)
        folder.unlink()
        folder.with_name("moved").rename(folder)


def test_where_nothing_is_worth_keeping_nothing_is_kept(world: World, station: App) -> None:
    with enter(station, world, "a.user") as lab:
        state = lab._context.trust.state
    is_long: Callable[[TrustState], bool] = lambda found: found.head.sequence >= trust_memory.WORTH_KEEPING  # noqa: E731
    assert is_long(state) == (station.paths.state_dir / "trust").exists()
