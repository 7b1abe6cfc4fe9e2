"""A closed Lab holds no key, no password and no connection; only the person's own password brings it back."""

import gc
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from desktop_app.crypto.identities import Identity
from desktop_app.db.user_engine import SignedOutError, UserEngine
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError
from desktop_app.services.context.center_keys import CenterKeys
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from desktop_app.services.session.sign_in import AccountChangedError
from tests.services.conftest import PASSWORDS, ROOT, Person, World


@pytest.fixture(scope="module")
def somebody(world: World) -> Person:
    """Whose connections can be counted: nobody else's test signs in as him."""
    return world.person(Role.USER, "alpha")


@pytest.fixture
def lab(world: World, somebody: Person) -> Iterator[Lab]:
    with world.enter(somebody) as made:
        yield made


def connections(world: World, lab: Lab) -> int:
    with world.superuser() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [lab.login])
        (number,) = cursor.fetchone() or (0,)
    connection.close()
    return int(number)


def keys_in_memory() -> int:
    """Objects in this process that hold key material of a person or a center."""
    gc.collect()
    return sum(isinstance(each, Identity | CenterKeys) for each in gc.get_objects())


def test_a_lock_leaves_no_key_and_no_connection(world: World, lab: Lab) -> None:
    before = keys_in_memory()
    work = lab.center("alpha")
    work._context.keys()
    assert keys_in_memory() > before
    assert connections(world, lab) > 0
    lab.close()
    assert keys_in_memory() == before - 1, "the center's keys, and the person's own"
    opened = lab._context.connection._opened
    assert isinstance(opened, UserEngine)
    assert opened._password is None
    assert connections(world, lab) == 0
    with pytest.raises(SignedOutError):
        work.documents.list()
    with pytest.raises(SignedOutError):
        work._context.keys()


def test_what_is_being_read_at_that_moment_keeps_no_connection(world: World, lab: Lab) -> None:
    session = lab._context.shared.begin()
    reading = session.__enter__()
    reading.execute(text("SELECT 1"))
    assert connections(world, lab) == 1
    lab.close()
    session.__exit__(None, None, None)
    assert connections(world, lab) == 0


def test_the_password_brings_back_what_was_open(world: World, lab: Lab, somebody: Person) -> None:
    work = lab.center("alpha")
    lab.close()
    world.app.sign_in.unlock(lab, somebody.password)
    assert works(work)
    assert connections(world, lab) > 0


def works(work: CenterServices) -> bool:
    work.documents.list()
    return work._context.keys().active > 0


@pytest.mark.parametrize("password", ["", "Granite-Window-89", PASSWORDS["a.admin"]])
def test_another_password_does_not(world: World, lab: Lab, password: str) -> None:
    lab.close()
    with pytest.raises(InvalidInputError) as refused:
        world.app.sign_in.unlock(lab, password)
    assert refused.value.problems == {"password": "This is not your password."}
    assert lab._context.held is None
    assert connections(world, lab) == 0


def test_an_open_lab_is_not_harmed_by_a_wrong_try(world: World, lab: Lab, somebody: Person) -> None:
    """While files are still being sealed, the keys are there; the password is asked for all the same."""
    with pytest.raises(InvalidInputError):
        world.app.sign_in.unlock(lab, "wrong")
    assert works(lab.center("alpha"))
    world.app.sign_in.unlock(lab, somebody.password)
    assert works(lab.center("alpha"))


def test_a_password_changed_elsewhere_is_the_one_that_counts(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    with world.enter(somebody) as here, world.enter(somebody) as elsewhere:
        work = here.center("alpha")
        here.close()
        elsewhere.account.change_password(somebody.password, "Copper-Lantern-66")
        with pytest.raises(InvalidInputError):
            world.app.sign_in.unlock(here, somebody.password)
        world.app.sign_in.unlock(here, "Copper-Lantern-66")
        assert works(work)


def test_who_was_given_another_role_or_password_signs_in_anew(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    root = world.lab(ROOT)
    with world.enter(somebody) as lab:
        lab.close()
        root.users.change_role(somebody.username, Role.VIEWER)
        with pytest.raises(AccountChangedError):
            world.app.sign_in.unlock(lab, somebody.password)
        made = root.users.reset_password(somebody.username)
        with pytest.raises(AccountChangedError):
            world.app.sign_in.unlock(lab, made.password)
        assert lab._context.held is None
        assert connections(world, lab) == 0
