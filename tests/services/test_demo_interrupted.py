"""The demo is made anew where the program that made it was killed, and nothing but the demo is touched by that."""

import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app.bootstrap import build
from desktop_app.domain.filters import DocumentFilter, SampleFilter
from desktop_app.services.installation import demo
from desktop_app.system.locks import LockBusyError, hold_alone
from tests.forking import program
from tests.servers import remove_server
from tests.services.killed_child import REPOSITORY
from tests.services.small_demo import small_demo


def make_and_die(home: Path, point: str) -> None:
    died = subprocess.run(
        program("services", "-m", "tests.services.demo_child", home, point),
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr


@pytest.mark.parametrize("point", ["before the profile", "with the profile", "begun", "nearly done"])
def test_a_demo_whose_maker_was_killed_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setattr(demo, "read_demo_data", small_demo)
    home, data = tmp_path / "home", small_demo()
    try:
        make_and_die(home, point)
        own = home / "data" / "demo" / "mine.txt"
        own.write_text("kept")
        with closing(build({"LABKEEP_HOME": str(home)})) as app:
            assert app.demo.existing() is None, "half a demo is none"
            made = app.demo.make()
            assert made.made
            assert [each.installation_id for each in app.profiles.list()] == [made.profile.installation_id]
            for account in data.accounts:
                app.sign_in.sign_in(made.profile, account.username, account.password).close()
            person = made.administrator
            with app.sign_in.sign_in(made.profile, person.username, person.password) as lab:
                for center in data.centers:
                    with lab.center(center.slug) as work:
                        samples = [each for each in data.samples if each.center == center.slug]
                        documents = [each for each in data.documents if each.center == center.slug]
                        assert work.samples.count(SampleFilter()).number == len(samples)
                        assert work.documents.count(DocumentFilter()).number == len(documents)
            assert not app.demo.make().made
            assert own.read_text() == "kept"
    finally:
        remove_server(home)


def test_two_programs_do_not_make_the_demo_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with closing(build({"LABKEEP_HOME": str(home)})) as app:
        folder = home / "data" / "demo"
        folder.mkdir(parents=True)
        with closing(hold_alone(folder / "making.lock")), pytest.raises(LockBusyError):
            app.demo.make()
        assert not (folder / "server").exists()
