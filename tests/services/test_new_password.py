"""A new password is a new identity: what the old one and an old dump open, and what they do not."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from uuid import UUID

import pytest

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.key_ring import open_grant
from desktop_app.crypto.passwords import KDF_1, derive_keys
from desktop_app.db.errors import IllegalStepError, UnconfirmedError, UnreachableError
from desktop_app.domain.profiles import Profile
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError
from desktop_app.server.programs import find_programs
from desktop_app.services.context import retries
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.documents.add_results import AddOutcome
from desktop_app.services.records.own_keys import PasswordUnconfirmedError
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, Person, World
from tests.services.wires import Wire, wire

__all__ = ["wire"]
NEW = "Copper-Lantern-66"
Grants = list[tuple[UUID, int, bytes]]


def dump(world: World) -> str:
    """The whole database as its administrator's backup has it."""
    assert world.profile.data_dir is not None
    running = world.app.servers.start_builtin(Path(world.profile.data_dir))
    command: list[str | Path] = [find_programs().path("pg_dump"), "--dbname", running.admin_dsn(world.profile.database)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def rows(dumped: str, table: str) -> list[list[str]]:
    """The rows of a table in a dump, as COPY writes them."""
    found = re.search(rf"^COPY {re.escape(table)} \([^\n]*\n(.*?)^\\\.$", dumped, re.MULTILINE | re.DOTALL)
    assert found is not None, table
    return [line.split("\t") for line in found[1].splitlines()]


def identity_in(dumped: str, world: World, somebody: Person, password: str) -> Identity:
    """What the password opens in the dump: the person's keys."""
    (user_id,) = (row[0] for row in rows(dumped, "public.users") if somebody.username in row)
    (identity_id, _, sealed, kdf) = next(row for row in rows(dumped, "public.identity_secrets") if row[1] == user_id)
    keys = derive_keys(world.profile.installation_id, somebody.username, password, kdf)
    private = bytes.fromhex(sealed.removeprefix("\\\\x"))
    return Identity.unseal(
        private, keys.unseal_key, world.profile.installation_id, UUID(user_id), UUID(identity_id), KDF_1
    )


def grants_in(dumped: str, schema: str) -> Grants:
    return [
        (UUID(row[1]), int(row[0]), bytes.fromhex(row[2].removeprefix("\\\\x")))
        for row in rows(dumped, f"{schema}.key_grants")
    ]


def opened(world: World, center_id: UUID, grants: Grants, identity: Identity) -> int:
    """How many of the grants the keys open."""
    count = 0
    for _identity_id, number, sealed in grants:
        try:
            open_grant(world.profile.installation_id, center_id, number, sealed, identity)
        except CryptoError:
            continue
        count += 1
    return count


def test_an_old_password_with_an_old_dump_opens_no_grant_made_later(world: World) -> None:
    root, somebody = world.lab(ROOT), world.person(Role.USER, "alpha")
    alpha, beta = root.centers.get("alpha"), root.centers.get("beta")
    with world.enter(somebody) as lab:
        before = dump(world)
        former = identity_in(before, world, somebody, somebody.password)
        of_that_day = len(root.center(alpha).keys.list())
        assert opened(world, alpha.id, grants_in(before, alpha.schema_name), former) == of_that_day, "it does"
        lab.account.change_password(somebody.password, NEW)
        root.users.change_center(somebody.username, beta.slug)
    after = dump(world)
    with pytest.raises(CryptoError):
        identity_in(after, world, somebody, somebody.password)
    for center in (alpha, beta):
        grants = grants_in(after, center.schema_name)
        assert len(grants) >= 3
        assert opened(world, center.id, grants, former) == 0
        assert former.public.id not in {identity_id for identity_id, _, _ in grants}
    now = identity_in(after, world, somebody, NEW)
    assert opened(world, beta.id, grants_in(after, beta.schema_name), now) == len(root.center(beta).keys.list())


def test_the_open_lab_and_other_windows(world: World, tmp_path: Path) -> None:
    somebody = world.person(Role.USER, "alpha")
    paths = [tmp_path / name for name in ("before.txt", "after.txt", "other.txt")]
    for path in paths:
        path.write_text(f"{path.name} of {somebody.username}")
    with world.enter(somebody) as lab, world.enter(somebody) as other:
        work, elsewhere = lab.center("alpha"), other.center("alpha")
        assert work.documents.add([paths[0]]).results[0].outcome is AddOutcome.SAVED
        former = lab._context.identity.public
        lab.account.change_password(somebody.password, NEW)
        assert lab._context.identity.public != former
        assert work.documents.add([paths[1]]).results[0].outcome is AddOutcome.SAVED
        (refused,) = elsewhere.documents.add([paths[2]]).results
        assert refused.outcome is AddOutcome.FAILED
        assert "Sign in again" in refused.reason
        for path in paths[:2]:
            document = work.documents.get(path.name)
            assert work.documents.content(document) == path.read_bytes(), "also what the former keys signed"
    with world.enter(Person(somebody.username, NEW)) as lab:
        assert lab.alarms == ()
        person = lab._context.trust.state.person(lab.user.id)
        assert person is not None
        assert not person.provisional


class SwapOnLock:
    """Stands for the lock: whoever waits for the new keys finds them."""

    def __init__(self, context: PersonContext, new: Identity) -> None:
        self.context, self.new, self.entered = context, new, 0

    def __enter__(self) -> None:
        self.entered += 1
        self.context.held = self.new

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def test_what_is_being_saved_meanwhile_is_signed_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that were sealed while the password changed: their statements were signed with the former keys."""
    somebody = world.person(Role.USER, "alpha")
    files = [tmp_path / f"{name}.txt" for name in ("one", "two", "three")]
    for path in files:
        path.write_text(f"{path.name} of {somebody.username}")
    with world.enter(somebody) as lab:
        context = lab._context
        former = context.identity
        lab.account.change_password(somebody.password, NEW)
        lock = SwapOnLock(context, context.identity)
        context.held = former
        monkeypatch.setattr(context, "changing_keys", lock)
        results = lab.center("alpha").documents.add(files).results
        assert [result.outcome for result in results] == [AddOutcome.SAVED] * 3
        assert lock.entered >= 1


def test_a_system_administrators_new_keys_open_every_center(world: World) -> None:
    somebody = world.person(Role.ADMIN, None)
    with world.enter(somebody) as lab:
        lab.account.change_password(somebody.password, NEW)
        for center in ("alpha", "beta"):
            assert lab.center(center)._context.keys().keys
    with world.enter(Person(somebody.username, NEW)) as lab:
        for center in ("alpha", "beta"):
            assert lab.center(center)._context.keys().keys


def test_ten_times_a_day(world: World) -> None:
    somebody = world.person(Role.VIEWER, "alpha")
    with world.enter(somebody) as lab:  # the hand-over is the first
        password = somebody.password
        for number in range(9):
            lab.account.change_password(password, f"{NEW}-{number}")
            password = f"{NEW}-{number}"
        with pytest.raises(IllegalStepError, match="ten times within a day"):
            lab.account.change_password(password, NEW)
    world.enter(Person(somebody.username, password)).close()


def test_the_same_password_again_is_none(world: World) -> None:
    somebody = world.person(Role.VIEWER, "alpha")
    with world.enter(somebody) as lab, pytest.raises(InvalidInputError, match="another one"):
        lab.account.change_password(somebody.password, somebody.password)


# Lost answers


@pytest.fixture
def far(world: World, wire: Wire) -> Iterator[Callable[[Person], Lab]]:
    """Somebody's Lab whose way to the server goes through the lossy proxy."""
    labs: list[Lab] = []
    profile: Profile = wire.work._context.person.profile

    def enter(somebody: Person) -> Lab:
        labs.append(world.app.sign_in.sign_in(profile, somebody.username, somebody.password))
        return labs[-1]

    yield enter
    for lab in labs:
        lab.close()


def test_a_lost_answer_is_looked_up(world: World, wire: Wire, far: Callable[[Person], Lab]) -> None:
    somebody = world.person(Role.USER, "alpha")
    lab = far(somebody)
    wire.proxy.word, wire.proxy.answers_to_lose = b"replace_own_keys", 1
    lab.account.change_password(somebody.password, NEW)
    assert wire.proxy.answers_to_lose == 0
    assert lab.center("alpha")._context.keys().keys, "the Lab goes on with the new keys"
    world.enter(Person(somebody.username, NEW)).close()


def test_a_change_that_never_arrived_is_not_called_done(
    world: World, wire: Wire, far: Callable[[Person], Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = world.person(Role.USER, "alpha")
    lab = far(somebody)

    def lost(*_arguments: object) -> None:
        raise UnconfirmedError

    monkeypatch.setattr(lab._context.trust, "change", lost)
    with pytest.raises(UnreachableError):
        lab.account.change_password(somebody.password, NEW)
    monkeypatch.undo()
    assert lab.center("alpha")._context.keys().keys, "the Lab goes on with the former keys"
    world.enter(somebody).close()


def test_without_any_answer_both_passwords_are_named(
    world: World, wire: Wire, far: Callable[[Person], Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "WAITS", (0.0, 0.0))
    somebody = world.person(Role.USER, "alpha")
    lab = far(somebody)
    wire.proxy.word, wire.proxy.answers_to_lose = b"replace_own_keys", 1
    wire.proxy.closes_after_loss = True
    with pytest.raises(PasswordUnconfirmedError, match="with the new one, or with the old one"):
        lab.account.change_password(somebody.password, NEW)
    with closing(world.enter(Person(somebody.username, NEW))) as found:
        assert found.user.username == somebody.username
