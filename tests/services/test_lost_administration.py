"""Whatever administrators do to people and centers: a lost answer is looked up, and what was done is called done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from desktop_app.cli.users import _print_new, _told
from desktop_app.db.errors import UnconfirmedError, UnreachableError
from desktop_app.domain.drafts import CenterDraft, UserDetails
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.services.context import retries
from desktop_app.services.records.user_results import Changed, NewUser
from desktop_app.services.session.lab import Lab
from tests.services.conftest import PASSWORDS, ROOT, Person, World, person
from tests.services.lossy_proxy import LossyProxy
from tests.services.wires import proxied

NEW_PASSWORD = "Cobalt-Harvest-19"


@dataclass(frozen=True)
class Office:
    """The system administrator behind the proxy, and somebody in alpha to whom things are done."""

    world: World
    proxy: LossyProxy
    lab: Lab
    somebody: Person

    @property
    def now(self) -> User:
        """Somebody as the registry names him, by another way."""
        return self.world.lab(ROOT).users.get(self.somebody.username)


@pytest.fixture(scope="module")
def line(world: World) -> Iterator[tuple[LossyProxy, Lab]]:
    """Signed in once over one wire: whoever lost an answer goes on."""
    with proxied(world) as (proxy, profile), world.app.sign_in.sign_in(profile, ROOT, PASSWORDS[ROOT]) as lab:
        yield proxy, lab


@pytest.fixture
def office(world: World, line: tuple[LossyProxy, Lab]) -> Office:
    proxy, lab = line
    proxy.answers_to_lose, proxy.keeps_commits = 0, False
    proxy.closes_after_loss = proxy.closed = False
    lab.users.refresh_own()  # on a connection that is whole
    return Office(world, proxy, lab, world.person(Role.USER, "alpha"))


def create_user(office: Office) -> None:
    alpha = office.lab.centers.get("alpha").id
    made = office.lab.users.create(person(office.world.unused("lost"), Role.VIEWER, alpha))
    assert made.user == office.world.lab(ROOT).users.get(made.user.username)
    entered = office.world.app.sign_in.sign_in(
        office.world.profile, made.user.username, made.password, new_password=NEW_PASSWORD
    )
    entered.close()


def update_user(office: Office) -> None:
    user = office.now
    changed = office.lab.users.update(user, replace(UserDetails.of(user), first_name="Renamed"))
    assert (changed.first_name, changed.row_version) == ("Renamed", user.row_version + 1)
    assert office.now == changed


def change_role(office: Office) -> None:
    office.lab.users.change_role(office.somebody.username, Role.VIEWER)
    assert [each.role for each in office.now.memberships] == [Role.VIEWER]


def change_center(office: Office) -> None:
    office.lab.users.change_center(office.somebody.username, "beta")
    beta = office.world.lab(ROOT).centers.get("beta").id
    assert [each.center_id for each in office.now.memberships] == [beta]


def join(office: Office) -> None:
    office.lab.users.join(office.somebody.username, "beta", Role.VIEWER)
    root = office.world.lab(ROOT)
    alpha, beta = (root.centers.get(slug).id for slug in ("alpha", "beta"))
    assert {each.center_id: each.role for each in office.now.memberships} == {alpha: Role.USER, beta: Role.VIEWER}


def leave(office: Office) -> None:
    office.lab.users.leave(office.somebody.username, "alpha")
    beta = office.world.lab(ROOT).centers.get("beta").id
    assert [each.center_id for each in office.now.memberships] == [beta]


def deactivate_user(office: Office) -> None:
    assert office.lab.users.deactivate(office.somebody.username).sessions_left == 0
    assert not office.now.is_active


def activate_user(office: Office) -> None:
    assert office.lab.users.activate(office.somebody.username).is_active
    assert office.now.is_active


def reset_password(office: Office) -> None:
    reset = office.lab.users.reset_password(office.somebody.username)
    entered = office.world.app.sign_in.sign_in(
        office.world.profile, office.somebody.username, reset.password, new_password=NEW_PASSWORD
    )
    entered.close()


def create_center(office: Office) -> None:
    slug = office.world.unused("lost-center").replace(".", "-")
    made = office.lab.centers.create(CenterDraft(name=slug, slug=slug))
    assert office.world.lab(ROOT).centers.get(slug) == made
    with office.world.lab(ROOT).center(slug) as work:
        assert work.samples.list().rows == ()


def create_with_administrator(office: Office) -> None:
    slug = office.world.unused("lost-pair").replace(".", "-")
    first = person(office.world.unused("lost"), Role.ADMIN, None)
    made = office.lab.centers.create_with_administrator(CenterDraft(name=slug, slug=slug), first)
    assert office.world.lab(ROOT).centers.get(slug) == made.center
    new = made.administrator
    with office.world.app.sign_in.sign_in(
        office.world.profile, new.user.username, new.password, new_password=NEW_PASSWORD
    ) as lab:
        assert lab.center(slug).samples.list().rows == ()


def update_center(office: Office) -> None:
    center = office.lab.centers.get("beta")
    changed = office.lab.centers.update(center, replace(CenterDraft.of(center), description=office.world.unused("d")))
    assert changed.row_version == center.row_version + 1
    assert office.world.lab(ROOT).centers.get("beta") == changed


def close_center(office: Office) -> None:
    assert not office.lab.centers.deactivate("beta").is_active
    assert not office.world.lab(ROOT).centers.get("beta").is_active
    office.world.lab(ROOT).centers.restore("beta")


def restore_center(office: Office) -> None:
    assert office.lab.centers.restore("beta").is_active
    assert office.world.lab(ROOT).centers.get("beta").is_active


AdminAction = Callable[[Office], None]
ADMIN_ACTIONS: list[tuple[AdminAction, bytes]] = [
    (create_user, b"api.create_user"),
    (update_user, b"api.update_user"),
    (change_role, b"api.join_center"),
    (change_center, b"api.change_center"),
    (join, b"api.join_center"),
    (leave, b"api.leave_center"),
    (deactivate_user, b"api.deactivate_user"),
    (activate_user, b"api.activate_user"),
    (reset_password, b"api.reset_password"),
    (create_center, b"api.create_center"),
    (create_with_administrator, b"api.create_center"),
    (update_center, b"api.update_center"),
    (close_center, b"api.set_center_active"),
    (restore_center, b"api.set_center_active"),
]
NAMES = [action.__name__ for action, _word in ADMIN_ACTIONS]
SILENT = [
    each
    for each in ADMIN_ACTIONS
    if each[0] in (create_user, update_user, join, leave, create_center, create_with_administrator, update_center)
]


def prepare(office: Office, action: AdminAction) -> None:
    """What must be so before the action."""
    root = office.world.lab(ROOT)
    if action is leave:
        root.users.join(office.somebody.username, "beta", Role.USER)
    if action is activate_user:
        root.users.deactivate(office.somebody.username)
    if action is restore_center:
        root.centers.deactivate("beta")


@pytest.mark.parametrize(("action", "word"), ADMIN_ACTIONS, ids=NAMES)
def test_an_answer_that_is_lost_is_looked_up(office: Office, action: AdminAction, word: bytes) -> None:
    prepare(office, action)
    office.proxy.word, office.proxy.answers_to_lose = word, 1
    action(office)
    assert office.proxy.answers_to_lose == 0


@pytest.mark.parametrize(("action", "word"), ADMIN_ACTIONS, ids=NAMES)
def test_a_commit_that_did_not_arrive_is_called_unchanged_and_can_be_done_again(
    office: Office, action: AdminAction, word: bytes
) -> None:
    prepare(office, action)
    before = office.now
    office.proxy.word, office.proxy.answers_to_lose, office.proxy.keeps_commits = word, 1, True
    with pytest.raises(UnreachableError, match="nothing was changed"):
        action(office)
    assert office.now == before or action is deactivate_user, "the login is closed by itself, and that is said"
    action(office)


@pytest.mark.parametrize(("action", "word"), SILENT, ids=[action.__name__ for action, _word in SILENT])
def test_without_any_answer_nobody_claims_anything(
    office: Office, action: AdminAction, word: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "WAITS", (0.0, 0.0))
    prepare(office, action)
    office.proxy.word, office.proxy.answers_to_lose, office.proxy.closes_after_loss = word, 1, True
    with pytest.raises(UnconfirmedError, match="Look whether it was saved"):
        action(office)
    office.proxy.closed = False


def lower_role(office: Office) -> Changed:
    return office.lab.users.change_role(office.somebody.username, Role.VIEWER, "alpha")


def join_lower(office: Office) -> Changed:
    return office.lab.users.join(office.somebody.username, "alpha", Role.VIEWER)


def leave_alpha(office: Office) -> Changed:
    return office.lab.users.leave(office.somebody.username, "alpha")


def move_to_beta(office: Office) -> Changed:
    return office.lab.users.change_center(office.somebody.username, "beta")


def give_a_password(office: Office) -> NewUser:
    reset = office.lab.users.reset_password(office.somebody.username)
    office.world.app.sign_in.sign_in(
        office.world.profile, office.somebody.username, reset.password, new_password=NEW_PASSWORD
    ).close()
    return reset


@pytest.mark.parametrize("closes", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("ending", [lower_role, join_lower, leave_alpha, move_to_beta, give_a_password])
def test_a_change_is_done_although_nobody_hears_how_the_sessions_ended(
    office: Office,
    ending: Callable[[Office], Changed | NewUser],
    closes: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(retries, "WAITS", (0.0, 0.0))
    if ending is leave_alpha:
        prepare(office, leave)
    before = office.now
    office.proxy.word, office.proxy.answers_to_lose = b"api.end_sessions", 1
    office.proxy.closes_after_loss = closes
    done = ending(office)
    assert office.proxy.answers_to_lose == 0
    assert done.sessions_left is None, "it is done, but nobody knows whether the sessions ended"
    assert ending is give_a_password or office.now.memberships != before.memberships
    assert done.user.memberships == office.now.memberships
    if isinstance(done, NewUser):
        _print_new(done, None, as_json=True)
    else:
        _told(done)
    assert "is changed, but whether open sessions were ended is not known." in capsys.readouterr().err


def test_the_first_sign_in_goes_on_with_the_new_keys(world: World) -> None:
    somebody = world.person(Role.USER, "alpha", keep_password=False)
    with proxied(world) as (proxy, profile):
        proxy.word, proxy.answers_to_lose = b"api.replace_own_keys", 1
        lab = world.app.sign_in.sign_in(profile, somebody.username, somebody.password, new_password=NEW_PASSWORD)
        assert proxy.answers_to_lose == 0
        with lab, lab.center("alpha") as work:
            work.documents.list()
            work.samples.list()
    world.enter(Person(somebody.username, NEW_PASSWORD)).close()
