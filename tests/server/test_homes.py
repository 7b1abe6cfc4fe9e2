"""Root's servers whose data folder is gone are found, and removed only where nothing can need them any more."""

import shutil
from pathlib import Path

import pytest

from desktop_app.server.account import running_as_root
from desktop_app.server.errors import ForeignFolderError
from desktop_app.server.homes import ServerHome, remove_lost_home, server_homes
from tests.server.conftest import MakeServer
from tests.server.programs_under_test import places


def home_for(data_dir: Path) -> ServerHome | None:
    """What is found for a data folder of this test."""
    return next((found for found in server_homes() if found.data_dir == data_dir.resolve()), None)


if running_as_root():

    def test_a_server_is_lost_once_its_data_folder_is_gone(make_server: MakeServer, tmp_path: Path) -> None:
        data_dir, away = tmp_path / "server", tmp_path / "not mounted"
        server = make_server(data_dir)
        running = server.start()
        found = home_for(data_dir)
        assert found is not None
        assert (found.is_running, found.is_lost) == (True, False)
        assert not remove_lost_home(found), "it is in use"
        running.close()
        server.stop()
        found = home_for(data_dir)
        assert found is not None
        assert (found.is_running, found.is_lost) == (False, False)

        data_dir.rename(away)
        lost = home_for(data_dir)
        assert lost is not None
        assert lost.is_lost
        away.rename(data_dir)
        assert not remove_lost_home(lost), "it came back before it was removed"
        server.start().close()
        server.stop()

        home = places(server).home
        shutil.rmtree(data_dir)
        lost = home_for(data_dir)
        assert lost is not None
        assert remove_lost_home(lost)
        assert not home.exists()
        assert home_for(data_dir) is None

    def test_where_no_server_ever_was_none_is_found(tmp_path: Path) -> None:
        assert server_homes(tmp_path / "nothing") == ()
        (tmp_path / "clusters").mkdir()
        assert server_homes(tmp_path) == ()

    def test_a_running_server_and_a_stranger_in_the_home_are_left(make_server: MakeServer, tmp_path: Path) -> None:
        data_dir, away = tmp_path / "server", tmp_path / "away"
        server = make_server(data_dir)
        with server.start():
            data_dir.rename(away)
            lost = home_for(data_dir)
            assert lost is not None
            assert (lost.is_running, lost.is_lost) == (True, True)
            assert not remove_lost_home(lost)
            away.rename(data_dir)
        server.stop()
        stranger = places(server).cluster / "thesis.odt"
        stranger.write_text("years of work")
        data_dir.rename(away)
        with pytest.raises(ForeignFolderError, match=r"thesis\.odt"):
            remove_lost_home(lost)
        assert stranger.read_text() == "years of work"
        stranger.unlink()
        away.rename(data_dir)

else:

    def test_an_ordinary_users_data_lies_with_its_folder(make_server: MakeServer) -> None:
        make_server().start().close()
        assert server_homes() == ()
