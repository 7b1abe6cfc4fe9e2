"""Users: what each role may do to whom, what a refusal leaves (nothing), and what a success brings about."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desktop_app.db.errors import LastAdministratorError, SignInRefusedError
from desktop_app.db.user_engine import SignedOutError
from desktop_app.domain.drafts import CenterDraft, UserDetails
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.errors import ConflictError, InvalidInputError, LabkeepError, NotFoundError, RefusedError
from desktop_app.services.session.lab import Lab
from desktop_app.services.session.sign_in import PasswordChangeNeededError
from tests.services.conftest import PASSWORDS, ROOT, Person, World, person
from tests.services.database_state import database_state

Act = Callable[[Lab, User], object]

VERBS: dict[str, Act] = {
    "create": lambda lab, user: lab.users.create(person("not.made", Role.VIEWER, user.center_id)),
    "create an administrator": lambda lab, user: lab.users.create(person("not.made", Role.ADMIN, user.center_id)),
    "create a system administrator": lambda lab, _user: lab.users.create(person("not.made", Role.ADMIN, None)),
    "update": lambda lab, user: lab.users.update(user, replace(draft_of(user), first_name="Other")),
    "change the role": lambda lab, user: lab.users.change_role(user.id, Role.ADMIN),
    "move": lambda lab, user: lab.users.change_center(user.id, "beta"),
    "make a system administrator": lambda lab, user: lab.users.change_center(user.id, None),
    "deactivate": lambda lab, user: lab.users.deactivate(user.id),
    "activate": lambda lab, user: lab.users.activate(user.id),
    "reset the password": lambda lab, user: lab.users.reset_password(user.id),
}
OF_SYSTEM = {"create a system administrator", "move", "make a system administrator"}


def draft_of(user: User) -> UserDetails:
    return UserDetails.of(user)


def unchanged(world: World, act: Callable[[], object], *kinds: type[LabkeepError]) -> LabkeepError:
    """The refusal of *act*, which leaves every row, role and membership as it was."""
    world.put_openings_down()
    before = database_state(world)
    with pytest.raises(kinds or LabkeepError) as caught:
        act()
    assert database_state(world) == before
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("actor", "allowed"),
    [
        ("a.viewer", set()),
        ("a.user", set()),
        ("b.admin", set()),
        ("a.admin", VERBS.keys() - OF_SYSTEM),
    ],
)
def test_who_may_do_nothing_changes_nothing(world: World, actor: str, allowed: set[str]) -> None:
    """Every verb that a role has no right to: refused in a sentence, by the service and by the database alone."""
    somebody = world.lab(ROOT).users.get(world.person(Role.VIEWER, "alpha").username)
    lab = world.lab(actor)
    world.put_openings_down()
    before = database_state(world)
    for verb in VERBS.keys() - allowed:
        with pytest.raises((RefusedError, NotFoundError)) as caught:
            VERBS[verb](lab, somebody)
        assert str(caught.value).endswith("."), verb
    assert database_state(world) == before


def test_an_administrator_has_no_hand_in_another_center(world: World) -> None:
    lab, foreign = world.lab("a.admin"), world.lab(ROOT).users.get("b.user")
    for verb, act in VERBS.items():
        if verb != "make a system administrator":
            with pytest.raises((RefusedError, NotFoundError)):
                act(lab, foreign)
    with pytest.raises(NotFoundError):
        lab.users.get("b.user")
    assert {user.username for user in lab.users.list().rows}.isdisjoint({"b.user", "b.admin", ROOT})
    assert lab.users.count(UserFilter(search="b.user")).number == 0


@pytest.mark.parametrize("actor", ["a.admin", ROOT])
def test_those_who_may_do_it_all(world: World, actor: str) -> None:
    users = world.lab(actor).users
    alpha = world.lab(ROOT).centers.get("alpha")
    made = users.create(person(world.unused("made"), Role.VIEWER, alpha.id))
    user = made.user
    assert (user.center_id, user.role, user.is_active, user.must_change_password) == (
        alpha.id,
        Role.VIEWER,
        True,
        True,
    )
    edited = users.update(user, replace(draft_of(user), first_name="Ayşe", phone="+90 1"))
    assert (edited.first_name, edited.phone, edited.row_version) == ("Ayşe", "+90 1", user.row_version + 1)
    with pytest.raises(ConflictError):
        users.update(user, replace(draft_of(user), first_name="Stale"))
    assert users.change_role(user.username, Role.USER).user.role is Role.USER
    changed = users.deactivate(user.id)
    assert (changed.user.is_active, changed.sessions_left) == (False, 0)
    assert users.activate(user.id).is_active
    again = users.reset_password(user.id)
    assert again.password != made.password
    lab = world.app.sign_in.sign_in(world.profile, user.username, again.password, new_password="Cobalt-Meadow-99")
    with lab, lab.center("alpha") as work:
        assert work.documents.list().rows is not None
        assert lab.user.role is Role.USER


def newest_key(world: World, center: str) -> int:
    """Who leaves gives his center a new one."""
    return world.lab(ROOT).center(center).keys.list()[0].number


def test_a_leaver_is_out_at_once(world: World) -> None:
    """The open session ends, no new one begins, no grant is left, and he is no member any more."""
    somebody = world.person(Role.USER, "alpha")
    root = world.lab(ROOT)
    schema = root.centers.get("alpha").schema_name
    lab = world.enter(somebody)
    work = lab.center("alpha")
    assert work.documents.list().rows is not None
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (lab.login,))
        assert cursor.fetchone() != (0,)
        assert root.users.deactivate(somebody.username).sessions_left == 0
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (lab.login,))
        assert cursor.fetchone() == (0,)
        cursor.execute(
            f"SELECT count(*) FROM {schema}.key_grants g JOIN public.identities i ON i.id = g.identity_id"
            " WHERE i.user_id = %s",
            (str(lab.user.id),),
        )
        assert cursor.fetchone() == (0,)
        cursor.execute(f"SELECT member_until IS NOT NULL FROM {schema}.people WHERE id = %s", (str(lab.user.id),))
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", (lab.login,))
        assert cursor.fetchone() == (0,)
    with pytest.raises(SignInRefusedError):
        work.documents.list()
    lab.close()
    with pytest.raises(SignInRefusedError):
        world.enter(somebody)
    root.users.activate(somebody.username)
    with world.enter(somebody) as back, back.center("alpha") as again:
        assert again._context.keys().active == newest_key(world, "alpha")


def test_a_mover_takes_no_key_along(world: World, tmp_path: Path) -> None:
    """What the new center holds opens, what the old one holds does not."""
    root = world.lab(ROOT)
    paths = {name: tmp_path / f"{world.unused(name)}.txt" for name in ("alpha", "beta")}
    ids = {}
    for name, path in paths.items():
        path.write_bytes(name.encode())
        with root.center(name) as work:
            ids[name] = work.documents.add([path]).results[0].id
    somebody = world.person(Role.USER, "alpha")
    lab = world.enter(somebody)
    work = lab.center("alpha")
    document = work.documents.get(str(ids["alpha"]))
    moved = root.users.change_center(somebody.username, "beta", Role.VIEWER).user
    assert (moved.center_name, moved.role) == ("Beta Institute", Role.VIEWER)
    with pytest.raises(LabkeepError):
        work.documents.content(document)
    lab.close()
    with world.enter(somebody) as lab:
        with lab.center("beta") as work:
            assert work.documents.content(work.documents.get(str(ids["beta"]))) == b"beta"
            with pytest.raises(RefusedError):
                work.documents.add([paths["beta"]])
        with pytest.raises(NotFoundError):
            lab.center("alpha")
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {root.centers.get('alpha').schema_name}.key_grants g"
            " JOIN public.identities i ON i.id = g.identity_id WHERE i.user_id = %s",
            (str(moved.id),),
        )
        assert cursor.fetchone() == (0,)


def test_a_system_administrator_made_and_unmade(world: World) -> None:
    root = world.lab(ROOT)
    somebody = world.person(Role.USER, "alpha")
    promoted = root.users.change_center(somebody.username, None).user
    assert promoted.is_system_administrator
    with world.enter(somebody) as lab:
        for center in ("alpha", "beta"):
            with lab.center(center) as work:
                assert work._context.keys().active == newest_key(world, center)
        made = lab.centers.create(CenterDraft(name=world.unused("Delta"), slug=world.unused("delta").replace(".", "-")))
        assert lab.center(made.id)._context.keys().active == 1
    with root.center(made.id) as work:
        assert work._context.keys().active == 1, "what one makes, the other opens"
    root.users.change_center(somebody.username, "alpha", Role.USER)
    with world.enter(somebody) as lab:
        assert [center.slug for center in lab.centers.list().rows] == ["alpha"]
        for act in (
            lambda: lab.center("beta"),
            lambda: lab.center(made.id),
            lambda: lab.users.deactivate("a.viewer"),
            lambda: lab.centers.create(CenterDraft(name="No", slug="no")),
        ):
            with pytest.raises((RefusedError, NotFoundError)):
                act()


def test_a_reset_ends_the_old_password_and_sessions(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    root = world.lab(ROOT)
    lab = world.enter(somebody)
    assert lab.centers.list().rows
    fresh = root.users.reset_password(somebody.username)
    with pytest.raises(SignInRefusedError):
        lab.centers.list()
    lab.close()
    with pytest.raises(SignInRefusedError):
        world.enter(somebody)
    with pytest.raises(PasswordChangeNeededError):
        world.enter(Person(somebody.username, fresh.password))
    chosen = root.users.reset_password(somebody.username, "Harbour-Thistle-3", keep_password=True)
    assert chosen.password == "Harbour-Thistle-3"
    with world.enter(Person(somebody.username, chosen.password)) as lab:
        assert lab.center("alpha")._context.keys().active == newest_key(world, "alpha")


def test_somebody_must_stay(world: World) -> None:
    root = world.lab(ROOT)
    slug = world.unused("lone").replace(".", "-")
    root.centers.create(CenterDraft(name=slug, slug=slug))
    only = root.users.get(world.person(Role.ADMIN, slug).username)
    for act in (
        lambda: root.users.deactivate(only.id),
        lambda: root.users.change_role(only.id, Role.VIEWER),
        lambda: root.users.change_center(only.id, "alpha"),
    ):
        assert "must stay" in str(unchanged(world, act, LastAdministratorError))


def test_nobody_changes_his_own_place(world: World) -> None:
    for verb in ("change the role", "move", "deactivate", "activate", "reset the password"):
        for username in ("a.admin", ROOT):
            lab = world.lab(username)
            unchanged(world, partial(VERBS[verb], lab, lab.user), RefusedError)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("username", {"username": "a.user"}),
        ("email", {"email": "A.USER@lab.example"}),
        ("username", {"username": "Not A Name"}),
        ("username", {"username": ""}),
        ("email", {"email": "nowhere"}),
        ("first_name", {"first_name": "x" * 81}),
        ("last_name", {"last_name": "line\nbreak"}),
        ("phone", {"phone": "1" * 41}),
        ("role", {"role": Role.VIEWER, "center_id": None}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world: World, field: str, changes: dict[str, Any]) -> None:
    root = world.lab(ROOT)
    good = person(world.unused("good"), Role.VIEWER, root.centers.get("alpha").id)
    draft = replace(good, **changes)
    error = unchanged(world, lambda: root.users.create(draft), InvalidInputError)
    assert isinstance(error, InvalidInputError)
    assert set(error.problems) == {field}


@pytest.mark.parametrize("password", ["", "short", "password1234", "aaaaaaaaaaaaaa"])
def test_a_first_password_may_not_be_a_bad_one(world: World, password: str) -> None:
    root = world.lab(ROOT)
    draft = person(world.unused("weak"), Role.VIEWER, root.centers.get("alpha").id)
    error = unchanged(world, lambda: root.users.create(draft, password), InvalidInputError)
    assert isinstance(error, InvalidInputError)
    assert set(error.problems) == {"password"}
    unchanged(world, lambda: root.users.reset_password("a.viewer", password), InvalidInputError)


def test_edits_meet_the_same_rules(world: World) -> None:
    root = world.lab(ROOT)
    user = root.users.get(world.person(Role.VIEWER, "alpha").username)
    for field, changes in (
        ("email", {"email": "a.user@lab.example"}),
        ("email", {"email": ""}),
        ("username", {"username": "another"}),
    ):
        draft = replace(draft_of(user), **changes)
        error = unchanged(world, partial(root.users.update, user, draft), InvalidInputError)
        assert isinstance(error, InvalidInputError)
        assert set(error.problems) == {field}


def test_what_was_done_already_is_said_plainly(world: World) -> None:
    root = world.lab(ROOT)
    somebody = world.person(Role.VIEWER, "alpha")
    assert "active already" in str(unchanged(world, lambda: root.users.activate(somebody.username), RefusedError))
    assert "role already" in str(
        unchanged(world, lambda: root.users.change_role(somebody.username, Role.VIEWER), RefusedError)
    )
    assert "already" in str(
        unchanged(world, lambda: root.users.change_center(somebody.username, "alpha"), RefusedError)
    )
    root.users.deactivate(somebody.username)
    for act in (
        lambda: root.users.deactivate(somebody.username),
        lambda: root.users.change_role(somebody.username, Role.USER),
        lambda: root.users.change_center(somebody.username, "beta"),
        lambda: root.users.reset_password(somebody.username),
    ):
        assert "deactivated" in str(unchanged(world, act, RefusedError))


def test_unknown_and_foreign_are_the_same(world: World) -> None:
    lab = world.lab("a.admin")
    sentences = set()
    for ref in ("b.user", "nobody.at.all", world.lab(ROOT).users.get("b.user").id, ROOT):
        with pytest.raises(NotFoundError) as caught:
            lab.users.deactivate(ref)
        sentences.add(str(caught.value))
    assert len(sentences) == 1


def test_administrators_at_work_at_the_same_time(world: World) -> None:
    """Each appends to the trust log while the other does: both sign again as often as it takes, nobody is lost."""
    names = {actor: [world.unused("crowd") for _ in range(4)] for actor in ("a.admin", "b.admin", ROOT)}
    homes = {actor: world.lab(actor).user.center_id for actor in names}
    problems: list[BaseException] = []
    start = threading.Barrier(len(names))

    def work(actor: str) -> None:
        try:
            start.wait()
            for name in names[actor]:
                center = homes[actor] or homes["a.admin"]
                world.lab(actor).users.create(person(name, Role.VIEWER, center))
        except BaseException as error:
            problems.append(error)

    for actor in names:
        world.lab(actor)
    threads = [threading.Thread(target=work, args=(actor,)) for actor in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert problems == []
    with world.sign_in("b.user") as lab:
        assert lab.alarms == ()
    for made in names.values():
        for name in made:
            assert world.lab(ROOT).users.get(name).is_active


@pytest.mark.full
def test_two_windows_of_one_workstation_at_once(world: World) -> None:
    """A head that the other program remembered first is no alarm: it is read in the order that makes it none."""
    readers = [world.sign_in("a.user") for _ in range(2)]
    problems: list[BaseException] = []
    done = threading.Event()

    def read(lab: Lab) -> None:
        try:
            while not done.is_set():
                with lab._context.shared.begin() as session:
                    lab._context.trust.refresh(session)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=read, args=(lab,)) for lab in readers]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            world.person(Role.VIEWER, "alpha")
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
        for lab in readers:
            lab.close()
    assert problems == []


def test_signed_out_is_no_refusal_of_the_server() -> None:
    assert not issubclass(SignedOutError, RefusedError)
    assert PASSWORDS[ROOT]
