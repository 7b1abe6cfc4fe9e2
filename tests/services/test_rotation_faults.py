"""A rotation that is killed, cut off or left without an answer: one key or the other, and everything opens."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError
from desktop_app.services.context import retries
from desktop_app.services.records import key_rotation
from tests.services.conftest import World
from tests.services.killed_child import killed, sign_in_keys
from tests.services.test_key_rotation import Scene
from tests.services.wires import proxied

PAGE = 3
"""Of seven documents: three pages."""
POINTS = [
    *[(f"{when} page{rest}", time) for when, rest in (("before the", ""), ("the", ", not committed"),
                                                        ("the", " and committed")) for time in (1, 2, 3)],
    ("before the key", 1),
    ("the key, not committed", 1),
    ("the key and committed", 1),
]  # fmt: skip
SHORT = [("the page and committed", 2), ("the key, not committed", 1), ("the key and committed", 1)]


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Iterator[Scene]:
    with closing(Scene(world, tmp_path)) as made:
        yield made


def check_killed(scene: Scene, home: Path, point: str, time: int) -> None:
    admin, profile = scene.admin, scene.world.profile
    keys = sign_in_keys(profile, admin.username, admin.password)
    killed("rotating_child", profile, home, point, time=time, keys=keys, center=str(scene.center.id), page=PAGE)
    expected = 2 if point == "the key and committed" else 1
    assert scene.key_versions() == {expected}
    scene.everything_opens()
    assert scene.work_of_admin.keys.rotate().number == expected + 1
    assert scene.all("SELECT count(*) FROM {s}.rewrapped_keys") == [0]
    scene.everything_opens()


@pytest.mark.parametrize(("point", "time"), SHORT)
def test_the_program_is_killed(scene: Scene, tmp_path: Path, point: str, time: int) -> None:
    check_killed(scene, tmp_path / "home", point, time)


@pytest.mark.full
@pytest.mark.parametrize(("point", "time"), POINTS)
def test_the_program_is_killed_anywhere(scene: Scene, tmp_path: Path, point: str, time: int) -> None:
    check_killed(scene, tmp_path / "home", point, time)


@pytest.mark.parametrize("arrives", [True, False])
def test_the_answer_is_lost(scene: Scene, arrives: bool) -> None:
    """Whether the COMMIT arrived or not is looked up, and said as it was."""
    with proxied(scene.world) as (proxy, profile):
        lab = scene.world.app.sign_in.sign_in(profile, scene.admin.username, scene.admin.password)
        with closing(lab):
            work = lab.center(scene.center.id)
            proxy.word, proxy.answers_to_lose, proxy.keeps_commits = b"rotate_key", 1, not arrives
            if arrives:
                assert work.keys.rotate().number == 2
            else:
                with pytest.raises(LabkeepError):
                    work.keys.rotate()
            assert proxy.answers_to_lose == 0
    assert scene.key_versions() == {2 if arrives else 1}
    scene.everything_opens()
    assert scene.work_of_admin.keys.rotate().number == (3 if arrives else 2)
    scene.everything_opens()


def test_the_server_is_away_in_the_middle(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "WAITS", (0.0, 0.0))
    monkeypatch.setattr(key_rotation, "PAGE", PAGE)
    with proxied(scene.world) as (proxy, profile):
        lab = scene.world.app.sign_in.sign_in(profile, scene.admin.username, scene.admin.password)
        with closing(lab):
            work = lab.center(scene.center.id)

            def cut(done: int, _total: int) -> None:
                if done == PAGE:
                    proxy.cut()

            with pytest.raises(LabkeepError):
                work.keys.rotate(report=cut)
    scene.nothing_was_changed()
    assert scene.work_of_admin.keys.rotate().number == 2
    scene.everything_opens()


def test_the_session_is_ended_while_it_wraps(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An administrator who is put out meanwhile ends nothing half."""
    monkeypatch.setattr(key_rotation, "PAGE", PAGE)

    def put_out(done: int, _total: int) -> None:
        if done == PAGE:
            scene.world.person(Role.ADMIN, scene.center.name)  # the last one stays
            scene.root.users.deactivate(scene.admin.username, new_keys=False)

    with pytest.raises(LabkeepError):
        scene.work_of_admin.keys.rotate(report=put_out)
    assert scene.key_versions() == {1}
    scene.everything_opens(scene.work_of_user)
