"""The recovery kit without anybody's login: tried, drilled, a system administrator made from it, and replaced by it."""

import threading
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import pytest
from psycopg2.extensions import make_dsn
from sqlalchemy import text

from desktop_app.crypto.errors import MistypedKitError, OtherKitError, ReplacedKitError, TrustError
from desktop_app.crypto.key_ring import make_tenant_key, seal_grant
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.db.errors import UnreachableError
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.ids import new_id
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, InvalidInputError, LabkeepError, RefusedError
from desktop_app.services.context.connections import AdministratorNeededError
from desktop_app.services.installation.kit_check import KitState
from tests.services.conftest import ROOT, World, person
from tests.services.lossy_proxy import PORT
from tests.services.wires import proxied

PASSWORD = "Copper-Meadow-41"
CONTENT = b"haemoglobin 9.8 g/dL"


@dataclass
class Held:
    """A world and the words of the kit that counts there."""

    world: World
    words: str = field(repr=False)
    documents: list[UUID]

    @property
    def dsn(self) -> str | None:
        """What the person names: the built-in server has its own."""
        return None if self.world.server is None else self.world.admin_dsn


@pytest.fixture(scope="module", params=["world", "world_on_15"])
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Held:
    world: World = request.getfixturevalue(request.param)
    root = world.lab(ROOT)
    kit, text = root.recovery.make()
    root.recovery.replace(kit)
    folder = tmp_path_factory.mktemp("files")
    for number in range(3):
        (folder / f"{number}.txt").write_bytes(CONTENT + bytes([number]))
    with root.center("alpha") as work:
        added = work.documents.add(sorted(folder.iterdir())).results
    return Held(world, text.page, [each.id for each in added if each.id is not None])


def state_of(world: World) -> list[object]:
    """What recovery could change: the trust log, the people, the record, and what is sealed to whom."""
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT schema_name FROM public.centers ORDER BY id")
        tables = [f"{schema}.key_grants" for (schema,) in cursor.fetchall()]
        tables += ["public.trust_log", "public.users", "public.audit_log", "public.identities", "public.kept_kits"]
        found: list[object] = []
        for table in tables:
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            found.append((table, cursor.fetchall()))
        return found


def test_a_kit_is_whose_it_is_and_opens_every_center(held: Held) -> None:
    world = held.world
    found = world.app.recovery.check(world.profile, held.words, held.dsn)
    assert (found.state, found.is_good) == (KitState.CURRENT, True)
    assert {each.name for each in found.centers} >= {"Alpha Hospital", "Beta Institute"}
    assert all(each.keys == each.keys_opened > 0 for each in found.centers)


def test_a_typing_error_is_told_apart_from_a_wrong_kit(held: Held) -> None:
    world, recovery = held.world, held.world.app.recovery
    words = RecoveryKit.from_words(held.words).words()
    words[4], words[5] = words[5], words[4]
    for typed in (" ".join(words), " ".join(words[:-1]), held.words.replace(words[7], words[7] + "x")):
        with pytest.raises(MistypedKitError):
            recovery.check(world.profile, typed, held.dsn)
        with pytest.raises(MistypedKitError):
            recovery.recover(world.profile, typed, world.unused("nobody"), PASSWORD, held.dsn)
    foreign = " ".join(RecoveryKit.make().words())
    former = " ".join(RecoveryKit.from_words(world.made.kit.page).words())
    for wrong, state, error in (
        (foreign, KitState.OTHER, OtherKitError),
        (former, KitState.REPLACED, ReplacedKitError),
    ):
        found = recovery.check(world.profile, wrong, held.dsn)
        assert (found.state, found.is_good, found.centers) == (state, False, ())
        before = state_of(world)
        with pytest.raises(error):
            recovery.recover(world.profile, wrong, world.unused("nobody"), PASSWORD, held.dsn)
        assert state_of(world) == before


def test_a_drill_opens_documents_of_every_center_and_changes_nothing(held: Held, tmp_path: Path) -> None:
    world, name = held.world, held.world.unused("drilled").replace(".", "-")
    # A center of its own: other tests of this installation have taken files of alpha's away.
    root = world.lab(ROOT)
    files = [tmp_path / f"{number}.txt" for number in range(3)]
    for file in files:
        file.write_bytes(CONTENT)
    with root.center(root.centers.create(CenterDraft(name=name, slug=name))) as work:
        assert len(work.documents.add(files).saved) == 3
    before = state_of(world)
    told: list[tuple[int, int]] = []
    found = world.app.recovery.drill(
        world.profile, held.words, held.dsn, sample=2, report=lambda done, total: told.append((done, total))
    )
    drilled = next(each for each in found.centers if each.name == name)
    assert (drilled.versions, drilled.tried, drilled.opened, drilled.problems) == (3, 2, 2, ())
    assert {each.name for each in found.centers} >= {"Alpha Hospital", "Beta Institute"}
    assert (found.state, found.problems) == (KitState.CURRENT, ())
    assert told[0] == (0, len(found.centers))
    assert state_of(world) == before


def test_a_drill_finds_a_damaged_file_and_says_which(held: Held) -> None:
    world = held.world
    file = max((path for path in world.store.rglob("*") if path.is_file()), key=lambda path: path.stat().st_mtime_ns)
    whole = file.read_bytes()
    whole_drill = world.app.recovery.drill(world.profile, held.words, held.dsn, sample=1000)
    try:
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        found = world.app.recovery.drill(world.profile, held.words, held.dsn, sample=1000)
    finally:
        file.write_bytes(whole)
    # Other tests of this installation have left damaged files of their own.
    before = {each.version_id for center in whole_drill.centers for each in center.problems}
    problems = [each for center in found.centers for each in center.problems if each.version_id not in before]
    assert len(problems) == 1
    assert problems[0].version_id is not None
    assert not found.is_good


@pytest.mark.parametrize("read_only", [True, False])
def test_what_a_drill_opens_may_change_nothing_by_postgresql_itself(held: Held, read_only: bool) -> None:
    world = held.world
    with (
        world.app.recovery.access.open(world.profile, held.dsn, read_only=read_only) as context,
        context.shared.begin() as session,
    ):
        assert session.execute(text("SHOW transaction_read_only")).scalar_one() == ("on" if read_only else "off")


def test_the_recovered_administrator_signs_in_and_opens_everything(held: Held) -> None:
    world, name = held.world, held.world.unused("recovered")
    done = world.app.recovery.recover(world.profile, held.words, name.title(), PASSWORD, held.dsn)
    assert (done.user.username, done.user.is_system_administrator, done.is_new, done.left) == (name, True, True, ())
    with world.app.sign_in.sign_in(world.profile, name, PASSWORD) as lab:
        assert not lab.alarms
        assert not lab.user.must_change_password
        with lab.center("alpha") as work:
            opened = [work.documents.content(work.documents.get(document)) for document in held.documents]
            assert opened == [CONTENT + bytes([number]) for number in range(3)]
        with closing(world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT reason FROM public.audit_log"
                " WHERE row_id = %s AND table_name = 'users' AND operation = 'insert'",
                (done.user.id,),
            )
            assert cursor.fetchall() == [("made with the recovery kit",)]
        made = person(world.unused("colleague"), Role.USER, lab.centers.get("beta").id)
        lab.users.create(made, "Granite-Window-88")
    assert world.app.recovery.check(world.profile, held.words, held.dsn).is_good


def test_again_with_the_same_password_is_the_same_and_with_another_is_refused(held: Held) -> None:
    world, name = held.world, held.world.unused("recovered")
    first = world.app.recovery.recover(world.profile, held.words, name, PASSWORD, held.dsn)
    before = state_of(world)
    again = world.app.recovery.recover(world.profile, held.words, name, PASSWORD, held.dsn)
    assert (again.user.id, again.is_new, again.left) == (first.user.id, False, ())
    for taken in (name, ROOT, "a.user"):
        with pytest.raises(InvalidInputError, match="user name is taken"):
            world.app.recovery.recover(world.profile, held.words, taken, "Other-Password-99", held.dsn)
    assert state_of(world) == before


def test_two_at_once_make_one_person(held: Held) -> None:
    world, name = held.world, held.world.unused("twice")
    found: list[bool] = []

    def run() -> None:
        found.append(world.app.recovery.recover(world.profile, held.words, name, PASSWORD, held.dsn).is_new)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False, True]


@pytest.mark.parametrize("wrong", ["short", "", "{name}"])
def test_a_bad_password_or_name_is_said_before_anything_is_opened(held: Held, wrong: str) -> None:
    world, name = held.world, held.world.unused("nobody")
    with pytest.raises(InvalidInputError):
        world.app.recovery.recover(world.profile, held.words, name, wrong.format(name=name), "host=/nowhere")
    with pytest.raises(InvalidInputError):
        world.app.recovery.recover(world.profile, held.words, "A B", PASSWORD, "host=/nowhere")


def test_a_person_of_the_installation_is_no_database_administrator(held: Held) -> None:
    world = held.world
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS somebody_else")
        cursor.execute(
            "CREATE ROLE somebody_else LOGIN PASSWORD 'Quartz-Lagoon-12' IN ROLE labkeep_platform, labkeep_app"
        )
    try:
        dsn = make_dsn(world.admin_dsn, user="somebody_else", password="Quartz-Lagoon-12")
        with pytest.raises(AdministratorNeededError):
            world.app.recovery.check(world.profile, held.words, dsn)
    finally:
        with closing(world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute("DROP ROLE somebody_else")


@pytest.mark.parametrize("held", ["world"], indirect=True)
@pytest.mark.parametrize(("damage", "opened"), [("planted", 0), ("lost", 0), ("the older one lost", 1)])
def test_a_center_whose_keys_do_not_open_is_left_and_keeps_nobody_out_of_the_others(
    held: Held, damage: str, opened: int
) -> None:
    """The database's administrator seals a key of his own to the root, which the trust log does not know; or none."""
    world, name = held.world, held.world.unused("recovered")
    boss, root = world.lab(ROOT), world.lab(ROOT)._context.trust.state.root
    center = boss.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
    with boss.center(name) as work:
        work.keys.rotate("the second")
    planted = seal_grant(world.profile.installation_id, center.id, 1, make_tenant_key(), root)
    schema, own = center.schema_name, (str(root.id),)
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT key_version, identity_id, sealed FROM {schema}.key_grants WHERE identity_id = %s", own)
        grants = cursor.fetchall()
        older = "" if damage == "lost" else "AND key_version = 1"
        cursor.execute(f"DELETE FROM {schema}.key_grants WHERE identity_id = %s {older}", own)
        if damage == "planted":
            cursor.execute(f"INSERT INTO {schema}.key_grants VALUES (1, %s, %s)", (*own, planted))
    found = world.app.recovery.check(world.profile, held.words, held.dsn)
    assert [(each.name, each.keys_opened) for each in found.centers if each.problems] == [(name, opened)]
    assert not found.is_good
    done = world.app.recovery.recover(world.profile, held.words, name, PASSWORD, held.dsn)
    (left,) = done.left
    assert (left.name, left.keys, left.keys_opened) == (name, 2, opened)
    assert ("planted" in left.problems[0].problem) is (damage == "planted")
    with world.app.sign_in.sign_in(world.profile, name, PASSWORD) as lab:
        assert lab.center("alpha").documents.list().rows
        with pytest.raises(RefusedError):
            lab.center(name)._context.keys()
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {schema}.key_grants WHERE identity_id = %s", own)
        for each in grants:
            cursor.execute(f"INSERT INTO {schema}.key_grants VALUES (%s, %s, %s)", each)
    assert world.app.recovery.recover(world.profile, held.words, name, PASSWORD, held.dsn).left == ()
    with world.app.sign_in.sign_in(world.profile, name, PASSWORD) as lab:
        assert len(lab.center(name)._context.keys().keys) == 2


def test_another_root_in_the_table_of_identities_is_not_believed(held: Held) -> None:
    """The trust log names the root. What the database's administrator calls so signs nothing, and nothing is sealed."""
    world = held.world
    root = world.lab(ROOT)._context.trust.state.root
    before = state_of(world)
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE public.identities SET retired_at = now() WHERE id = %s", (str(root.id),))
        other = RecoveryKit.make().identity(new_id()).public
        cursor.execute(
            "INSERT INTO public.identities (id, public_key) VALUES (%s, %s)", (str(other.id), other.to_bytes())
        )
    try:
        with pytest.raises(LabkeepError):
            world.app.recovery.recover(world.profile, held.words, world.unused("nobody"), PASSWORD, held.dsn)
    finally:
        with closing(world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM public.identities WHERE id = %s", (str(other.id),))
            cursor.execute("UPDATE public.identities SET retired_at = NULL WHERE id = %s", (str(root.id),))
    assert state_of(world) == before


def test_a_log_cut_short_is_read_and_nothing_is_signed_on_it(held: Held) -> None:
    world = held.world
    world.person(Role.USER, "beta")  # what is cut is not the entry of the kit itself
    world.lab(ROOT)._context.refresh_trust()
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM public.trust_log WHERE sequence = (SELECT max(sequence) FROM public.trust_log)"
            " RETURNING sequence, payload, signer, signature, digest, at"
        )
        (cut,) = cursor.fetchall()
    try:
        before = state_of(world)
        with pytest.raises(RefusedError, match="this workstation saw"):
            world.app.recovery.recover(world.profile, held.words, world.unused("nobody"), PASSWORD, held.dsn)
        assert state_of(world) == before
        found = world.app.recovery.check(world.profile, held.words, held.dsn)
        assert any("this workstation saw" in each for each in found.problems)
        assert not found.is_good
    finally:
        with closing(world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO public.trust_log VALUES (%s, %s, %s, %s, %s, %s)", cut)


# An installation of this file alone: what is lost stays lost.
@pytest.mark.parametrize("held", ["world_on_15"], indirect=True)
def test_after_a_restore_the_kit_says_so_itself(held: Held) -> None:
    """Nobody knows a password of the day of the backup, and this workstation saw what is lost."""
    world, name = held.world, held.world.unused("recovered")
    somebody = world.person(Role.USER, "beta")
    world.lab(ROOT).users.change_role(somebody.username, Role.VIEWER)
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.trust_log WHERE sequence = (SELECT max(sequence) FROM public.trust_log)")
    with pytest.raises(RefusedError, match="this workstation saw"):
        world.app.recovery.recover(world.profile, held.words, name, PASSWORD, held.dsn)
    done = world.app.recovery.recover(
        world.profile, held.words, name, PASSWORD, held.dsn, restored="the disk died; backup of Friday"
    )
    assert (done.is_new, done.left) == (True, ())
    with world.app.sign_in.sign_in(world.profile, name, PASSWORD) as lab:
        assert lab.rollback is None
        assert lab.center("alpha").documents.list().rows
    assert world.app.recovery.check(world.profile, held.words, held.dsn).is_good


def test_a_log_with_another_root_is_not_read_at_all(held: Held) -> None:
    """Whoever owns the database may begin another log with a kit of his own: the profile names the root."""
    world = held.world
    other = replace(world.profile, root_fingerprint=RecoveryKit.make().fingerprint().hex())
    for act in (world.app.recovery.check, world.app.recovery.drill):
        with pytest.raises(TrustError):
            act(other, held.words, held.dsn)
    with pytest.raises(TrustError):
        world.app.recovery.recover(other, held.words, world.unused("nobody"), PASSWORD, held.dsn)


def test_the_former_kit_puts_a_new_one_in_its_place(held: Held, tmp_path: Path) -> None:
    world, file = held.world, tmp_path / "new kit.txt"
    world.app.recovery.replace(world.profile, held.words, file, held.dsn)
    assert world.app.recovery.check(world.profile, file.read_text(), held.dsn).is_good
    assert world.app.recovery.check(world.profile, held.words, held.dsn).state is KitState.REPLACED
    assert world.lab(ROOT).recovery.is_kept()
    another = tmp_path / "another.txt"
    with pytest.raises(ReplacedKitError):
        world.app.recovery.replace(world.profile, held.words, another, held.dsn)
    assert not another.exists(), "a replaced kit makes none"
    with pytest.raises(RefusedError):
        world.app.recovery.replace(world.profile, file.read_text(), file, held.dsn)
    held.words = file.read_text()


def test_a_replacement_that_was_stopped_is_finished_with_both_kits(held: Held, tmp_path: Path) -> None:
    world, file = held.world, tmp_path / "kit.svg"

    def stop(done: int, _total: int) -> None:
        if done == 1:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        world.app.recovery.replace(world.profile, held.words, file, held.dsn, stop)
    assert not world.app.recovery.check(world.profile, file.read_text(), held.dsn).is_good
    world.app.recovery.replace(world.profile, held.words, file, held.dsn)
    assert world.app.recovery.check(world.profile, file.read_text(), held.dsn).is_good
    held.words = file.read_text()


@pytest.mark.parametrize("held", ["world"], indirect=True)
@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_answer_is_looked_up(held: Held, arrives: bool) -> None:
    world, name = held.world, held.world.unused("recovered")
    with proxied(world) as (proxy, profile):
        socket, words = make_dsn(world.admin_dsn, host=profile.host, port=PORT), held.words
        proxy.word, proxy.answers_to_lose, proxy.keeps_commits = b"create_user", 1, not arrives
        if arrives:
            assert world.app.recovery.recover(world.profile, words, name, PASSWORD, socket).is_new
        else:
            with pytest.raises(UnreachableError):
                world.app.recovery.recover(world.profile, words, name, PASSWORD, socket)
        assert proxy.answers_to_lose == 0
    again = world.app.recovery.recover(world.profile, held.words, name, PASSWORD)
    assert (again.is_new, again.left) == (not arrives, ())
    world.app.sign_in.sign_in(world.profile, name, PASSWORD).close()
