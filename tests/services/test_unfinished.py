"""A change of a system administrator with more centers than are done at once: finished, interrupted, gone on with."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.bootstrap import App, build
from desktop_app.db.administration import CENTERS_AT_ONCE
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.profiles import Profile
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, RefusedError
from desktop_app.services.installation.setup import InitRequest
from desktop_app.services.maintenance.recovery import KitText
from desktop_app.services.session.lab import Lab
from tests.servers import remove_server
from tests.services.conftest import person
from tests.services.killed_child import killed

CENTERS = CENTERS_AT_ONCE + 3
FIRST, OWN = "Granite-Window-88", "Copper-Meadow-41"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, Profile]]:
    """An installation with a few centers more than are done at once."""
    home = tmp_path_factory.mktemp("many")
    app = build({"LABKEEP_HOME": str(home)})
    try:
        draft = person("root.admin", Role.ADMIN, None)
        made = app.set_up.init(InitRequest(display_name="Many", administrator=draft, password=FIRST))
        with app.sign_in.sign_in(made.profile, "root.admin", FIRST) as lab:
            for number in range(CENTERS):
                lab.centers.create(CenterDraft(name=f"Center {number}", slug=f"c{number}"))
        yield app, made.profile
    finally:
        app.close()
        remove_server(home)


def opens(lab: Lab) -> int:
    """In how many centers the person holds every key."""
    found = 0
    for number in range(CENTERS):
        work = lab.center(f"c{number}")
        try:
            found += bool(work._context.keys().keys)
        except RefusedError:
            continue
    return found


def test_keys_of_every_center_come_with_a_new_system_administrator(many: tuple[App, Profile]) -> None:
    """Provisional keys first, then his own, then those of a changed password."""
    app, profile = many
    with app.sign_in.sign_in(profile, "root.admin", FIRST) as root:
        root.users.create(person("deputy", Role.ADMIN, None), FIRST)
        assert root.status().unfinished == 0
        with app.sign_in.sign_in(profile, "deputy", FIRST, new_password=OWN) as deputy:
            assert opens(deputy) == CENTERS
            deputy.account.change_password(OWN, FIRST)
            assert opens(deputy) == CENTERS
        with app.sign_in.sign_in(profile, "deputy", FIRST) as deputy:
            assert opens(deputy) == CENTERS
        again = root.users.reset_password("deputy")
        with app.sign_in.sign_in(profile, "deputy", again.password, new_password=OWN) as deputy:
            assert opens(deputy) == CENTERS


def test_what_was_stopped_is_told_and_gone_on_with_at_the_next_sign_in(many: tuple[App, Profile]) -> None:
    app, profile = many

    def stop(sentence: str) -> None:
        if "centers are done" in sentence:
            raise Cancelled("Stopped.")

    with app.sign_in.sign_in(profile, "root.admin", FIRST) as root:
        root.users.create(person("leaver", Role.ADMIN, None), FIRST)
        changed = root.users.deactivate("leaver", stop)
        assert (changed.user.is_active, changed.sessions_left) == (False, 0), "out, whatever is left to do"
        status = root.status()
        assert status.unfinished == CENTERS - CENTERS_AT_ONCE - 1
        assert any("have not been told yet" in finding.text for finding in status.findings)
    with app.sign_in.sign_in(profile, "root.admin", FIRST) as root:
        assert root.status().unfinished == 0


def test_an_administrator_of_the_recovery_kit_is_finished_by_the_kit_alone(many: tuple[App, Profile]) -> None:
    app, profile = many

    def stop(done: int, _total: int) -> None:
        if done == 1:
            raise Cancelled("Stopped.")

    words = new_kit(app, profile).page
    with pytest.raises(Cancelled):
        app.recovery.recover(profile, words, "recovered", OWN, report=stop)
    with app.sign_in.sign_in(profile, "recovered", OWN) as lab:
        assert lab.status().unfinished == CENTERS - CENTERS_AT_ONCE - 1, "he is in, and cannot give himself the rest"
    done = app.recovery.recover(profile, words, "recovered", OWN)
    assert (done.is_new, done.left) == (False, ())
    with app.sign_in.sign_in(profile, "recovered", OWN) as lab:
        assert lab.status().unfinished == 0
        assert all(lab.center(f"c{number}")._context.keys().keys for number in range(CENTERS))


def new_kit(app: App, profile: Profile) -> KitText:
    """The kit that counts from now on."""
    with app.sign_in.sign_in(profile, "root.admin", FIRST) as root:
        kit, text = root.recovery.make()
        root.recovery.replace(kit)
    return text


@pytest.mark.parametrize("point", ["create_user, not committed", "settle, not committed", "1 centers later"])
def test_a_recovery_that_was_killed_is_made_whole_by_the_same_words(
    many: tuple[App, Profile], tmp_path: Path, point: str
) -> None:
    app, profile = many
    text, name = new_kit(app, profile), f"killed.{hashlib.sha256(point.encode()).hexdigest()[:8]}"
    killed("recovering_child", profile, tmp_path, point, words=text.page, username=name, password=OWN)
    some = " ".join(text.words[:3]).encode()  # one alone stands in other texts, too
    assert not any(path.is_file() and some in path.read_bytes() for path in tmp_path.rglob("*"))
    done = app.recovery.recover(profile, text.page, name, OWN)
    assert (done.is_new, done.left) == (point.startswith("create_user"), ())
    with app.sign_in.sign_in(profile, name, OWN) as lab:
        assert opens(lab) == CENTERS


@pytest.mark.parametrize("point", ["replace_kit, not committed", "seal_to_kit, not committed", "9 centers later"])
def test_a_kit_that_was_killed_on_its_way_into_force_is_finished_with_both(
    many: tuple[App, Profile], tmp_path: Path, point: str
) -> None:
    app, profile = many
    former, file = new_kit(app, profile), tmp_path / "kit.txt"
    killed("recovering_child", profile, tmp_path, point, words=former.page, kit=str(file))
    written = file.read_text()
    assert not app.recovery.check(profile, written).is_good
    app.recovery.replace(profile, former.page, file)
    assert file.read_text() == written, "the very words that were written first"
    assert app.recovery.check(profile, written).is_good
