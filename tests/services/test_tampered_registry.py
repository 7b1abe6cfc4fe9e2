"""What the database's superuser can do to the registry, and that each of it is refused by name or has no effect."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.bootstrap import App
from desktop_app.crypto.errors import CryptoError, PlantedKeyError, TruncatedLogError, TrustError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.key_ring import make_tenant_key, open_grant, seal_grant
from desktop_app.crypto.trust_log import place_and_sign
from desktop_app.crypto.trust_statements import JoinStatement, RemoveStatement
from desktop_app.domain.drafts import SampleDraft, UserDraft
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from desktop_app.errors import ConflictError, LabkeepError, NotFoundError, RefusedError
from desktop_app.services.context.rollback_detection import RolledBackError
from desktop_app.services.context.trusted_people import IdentityAlarmError
from desktop_app.services.session.lab import Lab
from desktop_app.system.secret import Secret
from tests.services.conftest import PASSWORDS, ROOT, World, person
from tests.services.database_state import tampering

SAMPLE = SampleDraft(name="Blood", sample_type=SampleType.BLOOD)


@pytest.fixture(autouse=True, scope="module")
def _everybody_has_keys_of_his_own(world: World) -> None:
    """A first sign-in adds to the trust log, which these tests put back as it was before each."""
    for username in PASSWORDS:
        world.lab(username)


def run(connection: Psycopg2Connection, statement: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def workstation(world: World, home: Path) -> Iterator[App]:
    app = world.elsewhere(home)
    try:
        yield app
    finally:
        app.close()


def enter(app: App, world: World, username: str) -> Lab:
    return app.sign_in.sign_in(world.profile, username, PASSWORDS[username])


def refused(kind: type[LabkeepError], act: Callable[[], object]) -> str:
    """The sentence of a refusal; whatever was opened instead is closed."""
    with pytest.raises(kind) as caught:
        opened = act()
        if isinstance(opened, Lab):
            opened.close()
    return str(caught.value)


def test_the_last_entries_cut_off(world: World) -> None:
    """Also in the window that is open already: before its next change, and before a key is read."""
    somebody = world.person(Role.USER, "alpha")
    with tampering(world) as database, world.sign_in("a.admin") as lab:
        run(database, "DELETE FROM public.trust_log WHERE sequence = (SELECT max(sequence) FROM public.trust_log)")
        with world.sign_in("a.user") as late:
            assert "this workstation saw" in (late.rollback or "")
            refused(RolledBackError, lambda: late.center("alpha").samples.create(SAMPLE))
        work = lab.center("alpha")
        draft = person(world.unused("late"), Role.VIEWER, work.center.id)
        refused(RolledBackError, lambda: lab.users.create(draft))
        refused(RolledBackError, lambda: work.samples.create(SAMPLE))
        work.samples.list()
        assert "this workstation saw" in (work.rollback or ""), "reading goes on, with the alarm"
        assert run(database, "SELECT count(*) FROM public.users WHERE username = %s", draft.username) == [(0,)]
    world.enter(somebody).close()


def test_the_whole_log_emptied(world: World) -> None:
    with tampering(world) as database:
        run(database, "DELETE FROM public.trust_log")
        refused(TruncatedLogError, lambda: world.sign_in("a.user"))


def test_another_history_from_some_point_on(world: World) -> None:
    """Signed properly by somebody who may: but this workstation saw another entry in that place."""
    somebody = world.person(Role.USER, "alpha")
    root = world.lab(ROOT)
    user = root.users.get(somebody.username)
    with tampering(world) as database:
        ((last, before),) = run(
            database,
            "SELECT t.sequence, p.digest FROM public.trust_log t JOIN public.trust_log p ON p.sequence = t.sequence - 1"
            " ORDER BY 1 DESC LIMIT 1",
        )
        statement = JoinStatement(user.id, "viewer", user.center_id)
        context = root._context
        assert isinstance(last, int)
        assert isinstance(before, memoryview)
        entry = place_and_sign(statement, last, bytes(before), context.identity, context.installation_id)
        run(
            database,
            "UPDATE public.trust_log SET payload = %s, signer = %s, signature = %s, digest = %s WHERE sequence = %s",
            entry.payload,
            str(entry.signer),
            entry.signature,
            entry.digest(),
            last,
        )
        with world.sign_in("a.user") as lab:
            assert "not the one" in (lab.rollback or "")
            refused(RolledBackError, lambda: lab.center("alpha").samples.create(SAMPLE))


def test_an_entry_in_the_middle_changed(world: World, tmp_path: Path) -> None:
    """A workstation that has never seen the log notices; one that keeps what it verified does not read it again."""
    with tampering(world) as database, workstation(world, tmp_path) as app:
        run(database, "UPDATE public.trust_log SET signature = set_byte(signature, 5, 1) WHERE sequence = 3")
        refused(TrustError, lambda: enter(app, world, "a.user"))


def test_entries_put_in_another_order(world: World, tmp_path: Path) -> None:
    with tampering(world) as database, workstation(world, tmp_path) as app:
        run(database, "UPDATE public.trust_log SET sequence = sequence + 1000 WHERE sequence IN (3, 4)")
        run(database, "UPDATE public.trust_log SET sequence = 1007 - sequence WHERE sequence > 1000")
        refused(TrustError, lambda: enter(app, world, "a.user"))


def test_an_old_entry_said_again_is_refused(world: World, tmp_path: Path) -> None:
    """A copy of the entry that gave somebody a role, after the role was taken."""
    root = world.lab(ROOT)
    somebody = world.person(Role.ADMIN, "alpha")
    enrolled = root._context.trust.state.head.sequence
    root.users.change_role(somebody.username, Role.VIEWER)
    remembered = world.app.sign_in.remembered.trust.head(world.profile.installation_id)
    with tampering(world) as database, workstation(world, tmp_path) as app:
        run(
            database,
            "INSERT INTO public.trust_log (sequence, payload, signer, signature, digest)"
            " SELECT %s, payload, signer, signature, sha256(digest) FROM public.trust_log WHERE sequence = %s",
            root._context.trust.state.head.sequence + 1,
            enrolled,
        )
        assert "copy of an earlier" in refused(TrustError, lambda: enter(app, world, "a.admin"))
        assert "copy of an earlier" in refused(TrustError, lambda: world.sign_in("a.admin"))
    assert world.app.sign_in.remembered.trust.head(world.profile.installation_id) == remembered


def test_an_entry_signed_without_the_right_counts_for_nothing(world: World, tmp_path: Path) -> None:
    """A user of alpha lets the superuser write what he signed: that the administrator is out."""
    state = world.lab(ROOT)._context.trust.state
    victim = world.lab(ROOT).users.get("a.admin")
    with tampering(world) as database, workstation(world, tmp_path) as app:
        with world.sign_in("a.user") as lab:
            context = lab._context
            head = context.trust.state.head
            entry = place_and_sign(
                RemoveStatement(victim.id), head.sequence + 1, head.digest, context.identity, context.installation_id
            )
        run(
            database,
            "INSERT INTO public.trust_log (sequence, payload, signer, signature, digest) VALUES (%s, %s, %s, %s, %s)",
            entry.sequence,
            entry.payload,
            str(entry.signer),
            entry.signature,
            hashlib.sha256(entry.payload + entry.signer.bytes + entry.signature).digest(),
        )
        with enter(app, world, "a.admin") as lab:
            assert "no right" in lab.alarms[0]
            trusted = lab._context.trust.state.person(victim.id)
            assert trusted is not None
            assert trusted.active
    assert state.person(victim.id) is not None


def test_a_swapped_public_key_gets_no_grant(world: World) -> None:
    """Whom to seal to is taken from the trust log: what is made next fits the true key, and not the planted one."""
    somebody = world.person(Role.USER, "alpha")
    root = world.lab(ROOT)
    root.users.deactivate(somebody.username)
    user = root.users.get(somebody.username)
    center = root.centers.get("alpha")
    true_id = root._context.trust.state.register.people[user.id].identity.id
    planted = Identity(Secret(os.urandom(128)), true_id)
    with closing(world.superuser()) as database:
        ((key,),) = run(database, "SELECT public_key FROM public.identities WHERE id = %s", str(true_id))
        swap = "UPDATE public.identities SET public_key = %s WHERE id = %s"
        run(database, swap, planted.public.to_bytes(), str(true_id))
        root.users.activate(somebody.username)
        grants = run(
            database,
            f"SELECT key_version, sealed FROM {center.schema_name}.key_grants WHERE identity_id = %s",
            str(true_id),
        )
        run(database, swap, key, str(true_id))
    assert grants
    for number, sealed in grants:
        assert isinstance(number, int)
        assert isinstance(sealed, memoryview)
        with pytest.raises(CryptoError):
            open_grant(world.profile.installation_id, center.id, number, bytes(sealed), planted)
    world.enter(somebody).close()


def test_an_identity_of_the_superusers_making_is_an_alarm(world: World) -> None:
    """He replaces the person's keys with ones sealed under a password that he sets: they are not the log's."""
    somebody = world.person(Role.USER, "alpha")
    user = world.lab(ROOT).users.get(somebody.username)
    other = world.person(Role.USER, "alpha")
    with tampering(world) as database:
        run(
            database,
            "UPDATE public.identity_secrets SET sealed = (SELECT s.sealed FROM public.identity_secrets s JOIN"
            " public.users u ON u.id = s.user_id WHERE u.username = %s) WHERE user_id = %s",
            other.username,
            str(user.id),
        )
        refused(IdentityAlarmError, lambda: world.enter(somebody))
        run(database, "DELETE FROM public.identity_secrets WHERE user_id = %s", str(user.id))
        assert "missing" in refused(RefusedError, lambda: world.enter(somebody))


@pytest.mark.parametrize("ahead", [0, 1])
def test_a_planted_tenant_key_is_refused_before_anything_is_sealed(world: World, tmp_path: Path, ahead: int) -> None:
    """In place of the key in force, or as a version that the trust log does not know."""
    path = tmp_path / "secret.txt"
    path.write_bytes(b"not for the superuser")
    center = world.lab(ROOT).centers.get("alpha")
    number = world.lab(ROOT).center(center).keys.list()[0].number + ahead
    with tampering(world, "alpha") as database, world.sign_in("a.user") as lab:
        me = lab._context.identity.public
        sealed = seal_grant(world.profile.installation_id, center.id, number, make_tenant_key(), me)
        run(database, f"DELETE FROM {center.schema_name}.key_grants WHERE key_version = %s", number)
        if ahead:
            run(database, f"UPDATE {center.schema_name}.tenant_keys SET state = 'retired'")
            run(
                database,
                f"INSERT INTO {center.schema_name}.tenant_keys (number, state, created_by) VALUES (%s, 'active', 'x')",
                number,
            )
        run(
            database,
            f"INSERT INTO {center.schema_name}.key_grants (key_version, identity_id, sealed) VALUES (%s, %s, %s)",
            number,
            str(me.id),
            sealed,
        )
        work = lab.center("alpha")
        assert "planted" in refused(PlantedKeyError, work._context.keys)
        before = {path for path in world.store.rglob("*") if path.is_file()}
        result = work.documents.add([path]).results[0]
        assert (result.state, "planted" in result.reason) == ("", True)
        assert {path for path in world.store.rglob("*") if path.is_file()} == before


def test_a_removed_person_brought_back_by_sql(world: World) -> None:
    """The database lets him in, and his own workstation and everyone else's do not believe it."""
    somebody = world.person(Role.USER, "alpha")
    root = world.lab(ROOT)
    user = root.users.deactivate(somebody.username).user
    with tampering(world, "alpha") as database:
        run(database, "UPDATE public.users SET is_active = true WHERE id = %s", str(user.id))
        run(database, f"ALTER ROLE {user.login} LOGIN")
        run(database, f"GRANT labkeep_app, {root.centers.get('alpha').schema_name}_user TO {user.login}")
        assert "trust log" in refused(IdentityAlarmError, lambda: world.enter(somebody))
        trusted = root._context.trust.state.recipients(root.centers.get("alpha").id)
        person_now = root._context.trust.state.person(user.id)
        assert person_now is not None
        assert person_now.identity not in trusted


def test_an_administrators_group_given_by_sql(world: World, tmp_path: Path) -> None:
    """To a viewer. The registry unchanged: he is what he was. Changed too: an alarm before a key is read."""
    somebody = world.person(Role.VIEWER, "alpha")
    world.enter(somebody).close()
    root = world.lab(ROOT)
    user = root.users.get(somebody.username)
    schema = root.centers.get("alpha").schema_name
    path = tmp_path / "no.txt"
    path.write_bytes(b"no")
    with tampering(world, "alpha") as database:
        run(database, f"GRANT {schema}_admin TO {user.login}")
        with world.enter(somebody) as lab:
            refused(RefusedError, lambda: lab.center("alpha").documents.add([path]))
            draft = person(world.unused("crony"), Role.ADMIN, user.center_id)
            refused(RefusedError, lambda: lab.users.create(draft))
        run(database, "UPDATE public.memberships SET role = 'admin' WHERE user_id = %s", str(user.id))
        assert "another role" in refused(IdentityAlarmError, lambda: world.enter(somebody))


def test_what_a_false_administrator_signs_is_not_even_sent(world: World) -> None:
    """Past his own program's first check: the trust log would not count it, so it is not written."""
    somebody = world.person(Role.VIEWER, "alpha")
    world.enter(somebody).close()
    root = world.lab(ROOT)
    user = root.users.get(somebody.username)
    schema = root.centers.get("alpha").schema_name
    with tampering(world, "alpha") as database, world.enter(somebody) as lab:
        run(database, f"GRANT {schema}_admin TO {user.login}")
        run(database, "UPDATE public.memberships SET role = 'admin' WHERE user_id = %s", str(user.id))
        lab._context.user = root.users.get(somebody.username)
        before = run(database, "SELECT max(sequence) FROM public.trust_log")
        draft = UserDraft(
            username=world.unused("crony"), email="crony@lab.example", role=Role.ADMIN, center_id=user.center_id
        )
        refused(RefusedError, lambda: lab.users.create(draft))
        refused(RefusedError, lambda: lab.users.change_role("a.user", Role.VIEWER))
        with pytest.MonkeyPatch.context() as past_the_first_check:
            past_the_first_check.setattr(type(lab._context), "require", lambda *_: None)
            assert "no right" in refused(TrustError, lambda: lab.users.create(draft))
        refused(IdentityAlarmError, lab.users.refresh_own)
        assert run(database, "SELECT max(sequence) FROM public.trust_log") == before


def test_a_viewers_document_counts_for_nobody(world: World, tmp_path: Path) -> None:
    """The superuser lets a viewer write: what he saves is refused by everyone who opens it."""
    somebody = world.person(Role.VIEWER, "alpha")
    world.enter(somebody).close()
    root = world.lab(ROOT)
    user = root.users.get(somebody.username)
    schema = root.centers.get("alpha").schema_name
    path = tmp_path / f"{somebody.username}.txt"
    path.write_bytes(b"forged result")
    with tampering(world, "alpha") as database, world.enter(somebody) as lab:
        run(database, f"GRANT {schema}_user TO {user.login}")
        lab._context.user = root.users.get("a.user")
        result = lab.center("alpha").documents.add([path]).results[0]
        if result.id is None:
            assert result.reason
            return
        work = world.lab("a.admin").center("alpha")
        refused(CryptoError, lambda: work.documents.content(work.documents.get(path.name)))


def test_a_foreign_center_stays_unknown(world: World) -> None:
    refused(NotFoundError, lambda: world.lab("b.user").center("alpha"))
    assert not issubclass(NotFoundError, ConflictError)
