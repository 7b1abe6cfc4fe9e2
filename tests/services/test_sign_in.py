"""Signing in: one sentence for every refusal, keys of one's own, and a profile that means what it says."""

import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop_app.crypto.errors import TrustError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.key_ring import open_grant
from desktop_app.crypto.passwords import KDF_1, SignInKeys, derive_keys
from desktop_app.db.errors import DatabaseUnavailableError, SignInRefusedError
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, LabkeepError, RefusedError, UnavailableError
from desktop_app.services.session.sign_in import PasswordChangeNeededError
from tests.services.conftest import PASSWORDS, ROOT, Person, World
from tests.services.database_state import database_state

OWN = "Cobalt-Meadow-99"


def refusal(world: World, username: str, password: str) -> LabkeepError:
    with pytest.raises(LabkeepError) as caught:
        world.app.sign_in.sign_in(world.profile, username, password).close()
    return caught.value


def test_wrong_password_unknown_name_and_leaver_hear_the_same(world: World) -> None:
    leaver = world.person(Role.VIEWER, "alpha")
    world.lab(ROOT).users.deactivate(leaver.username)
    refusals = [
        refusal(world, "a.user", PASSWORDS["a.user"] + "!"),
        refusal(world, "a.user", PASSWORDS["a.viewer"]),
        refusal(world, "nobody.here", PASSWORDS["a.user"]),
        refusal(world, leaver.username, "not the password"),
        refusal(world, leaver.username, leaver.password),
    ]
    assert {type(error) for error in refusals} == {SignInRefusedError}
    assert len({str(error) for error in refusals}) == 1
    assert not any(word in str(refusals[0]) for word in ("SQL", "role", "a.user", "FATAL"))


@pytest.mark.parametrize(("username", "password"), [("", "x"), ("a.user", ""), ("   ", "x"), ("", "")])
def test_nothing_typed(world: World, username: str, password: str) -> None:
    assert isinstance(refusal(world, username, password), InvalidInputError)


@pytest.mark.parametrize("username", ["a user", "a" * 41, "ayşe", "a.user'; --", "\x00", "a.user\n b"])
def test_what_is_no_username_is_refused_in_one_sentence(world: World, username: str) -> None:
    error = refusal(world, username, "whatever it is")
    assert "\n" not in str(error)
    assert str(error).endswith(".")


def test_a_username_may_be_typed_in_any_case(world: World) -> None:
    with world.app.sign_in.sign_in(world.profile, "  A.Viewer ", PASSWORDS["a.viewer"]) as lab:
        assert lab.user.username == "a.viewer"


def test_a_password_is_the_same_however_the_keyboard_composes_it(world: World) -> None:
    root = world.lab(ROOT)
    somebody = world.person(Role.VIEWER, "alpha")
    root.users.reset_password(somebody.username, "Z\u00fcrich-Lantern-5", keep_password=True)
    world.enter(Person(somebody.username, "Zu\u0308rich-Lantern-5")).close()


def test_a_made_password_must_be_replaced_first(world: World) -> None:
    somebody = world.person(Role.USER, "alpha", keep_password=False)
    before = database_state(world)
    with pytest.raises(PasswordChangeNeededError):
        world.enter(somebody)
    for new in ("", "short", somebody.password, somebody.username * 2, "password1234"):
        with pytest.raises(InvalidInputError) as caught:
            world.app.sign_in.sign_in(world.profile, somebody.username, somebody.password, new_password=new)
        assert set(caught.value.problems) == {"new_password"}
    assert database_state(world) == before, "neither the password nor a key was changed"
    with world.app.sign_in.sign_in(world.profile, somebody.username, somebody.password, new_password=OWN) as lab:
        assert not lab.user.must_change_password
        assert lab.center("alpha").documents.list().rows is not None
    assert isinstance(refusal(world, somebody.username, somebody.password), SignInRefusedError)
    world.enter(Person(somebody.username, OWN)).close()


def test_a_new_password_given_unasked_is_taken_too(world: World) -> None:
    """What the person typed twice is the password from then on, whether it had to be changed or not."""
    somebody = world.person(Role.USER, "alpha")
    world.enter(somebody).close()
    world.app.sign_in.sign_in(world.profile, somebody.username, somebody.password, new_password=OWN).close()
    assert isinstance(refusal(world, somebody.username, somebody.password), SignInRefusedError)
    world.enter(Person(somebody.username, OWN)).close()


def identity_under(world: World, somebody: Person) -> Identity:
    """What an administrator who made the password can do: read the sealed identity and open it."""
    keys = derive_keys(world.profile.installation_id, somebody.username, somebody.password, KDF_1)
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.id, s.identity_id, s.sealed FROM public.users u JOIN public.identity_secrets s"
            " ON s.user_id = u.id WHERE u.username = %s",
            (somebody.username,),
        )
        user_id, identity_id, sealed = cursor.fetchone()
    return Identity.unseal(
        bytes(sealed), keys.unseal_key, world.profile.installation_id, UUID(user_id), UUID(identity_id), KDF_1
    )


def test_the_administrators_copy_of_first_keys_opens_nothing_new(world: World) -> None:
    root = world.lab(ROOT)
    center = root.centers.create(CenterDraft(name=world.unused("Gamma"), slug=world.unused("gamma").replace(".", "-")))
    somebody = world.person(Role.USER, center.slug, keep_password=False)
    kept = identity_under(world, somebody)
    assert root._context.trust.state.identity(kept.public.id) is not None
    world.app.sign_in.sign_in(world.profile, somebody.username, somebody.password, new_password=OWN).close()
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT identity_id, key_version, sealed FROM {center.schema_name}.key_grants")
        grants = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM public.identity_secrets WHERE identity_id = %s", (str(kept.public.id),))
        assert cursor.fetchone() == (0,), "the sealed provisional keys are gone"
    assert len(grants) >= 3  # the person, the system administrator, the root
    for identity_id, number, sealed in grants:
        assert identity_id != str(kept.public.id)
        with pytest.raises(LabkeepError):
            open_grant(world.profile.installation_id, center.id, number, bytes(sealed), kept)


def test_provisional_keys_go_although_the_password_stays(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    kept = identity_under(world, somebody)
    world.enter(somebody).close()
    now = identity_under(world, somebody)
    assert now.public != kept.public
    world.enter(somebody).close()
    assert identity_under(world, somebody).public == now.public, "once is enough"


def test_a_changed_password(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    with world.enter(somebody) as lab:
        before = database_state(world)
        with pytest.raises(InvalidInputError) as caught:
            lab.account.change_password("not the old one", OWN)
        assert set(caught.value.problems) == {"old_password"}
        for bad in ("", "short", somebody.username, "aaaaaaaaaaaaaaaa"):
            with pytest.raises(InvalidInputError) as caught:
                lab.account.change_password(somebody.password, bad)
            assert set(caught.value.problems) == {"password"}
        assert database_state(world) == before
        lab.account.change_password(somebody.password, OWN)
        assert lab.center("alpha").documents.list().rows is not None, "the open window goes on"
    assert isinstance(refusal(world, somebody.username, somebody.password), SignInRefusedError)
    with world.enter(Person(somebody.username, OWN)) as lab:
        assert lab.alarms == ()
        assert lab.center("alpha").documents.list().rows is not None


def test_a_changed_password_works_after_the_change(world: World) -> None:
    """The pool may open another connection at any time: under the password that counts now."""
    somebody = world.person(Role.USER, "alpha")
    with world.enter(somebody) as lab:
        lab.account.change_password(somebody.password, OWN)
        with closing(world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s", (lab.login,)
            )
        assert lab.center("alpha").documents.list().rows is not None


def test_after_close_nothing_is_left_in_hand(world: World, tmp_path: Path) -> None:
    lab = world.enter(world.person(Role.USER, "alpha"))
    work = lab.center("alpha")
    path = tmp_path / "kept.txt"
    path.write_bytes(b"sealed")
    result = work.documents.add([path]).results[0]
    assert result.id is not None
    document = work.documents.get(result.id)
    assert work.documents.content(document) == b"sealed"
    login = lab.login
    lab.close()
    lab.close()
    for use in (
        lambda: work.documents.content(document),
        lambda: work.documents.get(document.id),
        lambda: work.documents.add([path]),
        lambda: lab.centers.list(),
        lambda: lab.center("alpha"),
        lambda: lab.account.change_password("Granite-Window-88", OWN),
    ):
        with pytest.raises(UnavailableError, match="signed out"):
            use()
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (login,))
        assert cursor.fetchone() == (0,)


def test_a_profile_that_names_another_installation(world: World) -> None:
    other = replace(world.profile, installation_id=uuid4())
    keys = derive_keys(world.profile.installation_id, "a.user", PASSWORDS["a.user"], KDF_1)
    with pytest.raises(SignInRefusedError):
        world.app.sign_in.sign_in(other, "a.user", PASSWORDS["a.user"]).close()
    with pytest.raises(RefusedError, match="another installation"):
        world.app.sign_in._open(other, keys, None)


def test_a_profile_with_another_root(world: World) -> None:
    other = replace(world.profile, root_fingerprint="ab" * 32)
    with pytest.raises(TrustError, match="root is not the one"):
        world.app.sign_in.sign_in(other, "a.user", PASSWORDS["a.user"]).close()


def test_a_profile_with_another_database(world: World) -> None:
    with pytest.raises(DatabaseUnavailableError, match="no such database"):
        world.app.sign_in.sign_in(replace(world.profile, database="elsewhere"), "a.user", PASSWORDS["a.user"]).close()


@pytest.fixture
def stranger(world: World) -> Person:
    return world.person(Role.VIEWER, "beta")


def test_refused_sign_ins_leave_no_connection(world: World, stranger: Person) -> None:
    login = derive_keys(world.profile.installation_id, stranger.username, stranger.password, KDF_1).login
    wrong_root = replace(world.profile, root_fingerprint="ab" * 32)
    for _again in range(3):
        with pytest.raises(TrustError):
            world.app.sign_in.sign_in(wrong_root, stranger.username, stranger.password)
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (login,))
        assert cursor.fetchone() == (0,)


def test_passwords_of_several_people_at_once(world: World) -> None:
    """Two jobs of one window, or a window and its timer: without turns, OpenSSL never comes back."""
    done: list[str] = []

    def derive(number: int) -> None:
        done.append(derive_keys(world.profile.installation_id, f"person.{number}", "a password", KDF_1).login)

    threads = [threading.Thread(target=derive, args=(number,), daemon=True) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(done)) == len(threads)


def test_remembered_bytes_are_not_the_password(world: World) -> None:
    keys = derive_keys(world.profile.installation_id, "a.user", PASSWORDS["a.user"], KDF_1)
    stored = keys.to_bytes()
    assert PASSWORDS["a.user"].encode() not in stored
    with world.app.sign_in._open(world.profile, SignInKeys.from_bytes(stored), None) as lab:
        assert lab.user.username == "a.user"
