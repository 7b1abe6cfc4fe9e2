"""Which windows are open: found while they live, gone when they are, and nobody else's to speak to."""

import os
import platform
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop_app.system.open_windows import OpenWindows

ROOT = Path(__file__).parents[2]
CHILD = """
import sys, time
from pathlib import Path
from desktop_app.system.open_windows import OpenWindows
entry = OpenWindows(Path(sys.argv[1])).register()
Path(entry.address).touch()
print(entry.address, flush=True)
time.sleep(60)
"""


@pytest.fixture
def windows(tmp_path: Path) -> OpenWindows:
    return OpenWindows(tmp_path / "windows")


def entries(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "windows").rglob("*.window")]


def test_a_window_is_found_until_it_is_closed(windows: OpenWindows, tmp_path: Path) -> None:
    assert windows.addresses() == []
    first, second = windows.register(), windows.register()
    assert first is not None
    assert second is not None
    assert sorted(windows.addresses()) == sorted([first.address, second.address])
    first.close()
    assert windows.addresses() == [second.address]
    second.close()
    assert windows.addresses() == []
    assert entries(tmp_path) == []
    assert not Path(first.address).parent.exists()


@pytest.mark.parametrize("host", ["", "ölçüm" * 50])
def test_a_computer_may_have_any_name(host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", lambda: host)
    windows = OpenWindows(tmp_path / "windows")
    entry = windows.register()
    assert entry is not None
    assert windows.addresses() == [entry.address]
    entry.close()


def test_one_that_was_killed_leaves_nothing_in_the_way(windows: OpenWindows, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, tmp_path / "windows"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert child.stdout is not None
    address = child.stdout.readline().strip()
    assert windows.addresses() == [address]
    child.kill()
    child.wait()
    child.stdout.close()
    assert windows.addresses() == []
    assert entries(tmp_path) == []
    assert not Path(address).parent.exists()


def test_only_this_account_gets_to_the_socket(windows: OpenWindows, tmp_path: Path) -> None:
    entry = windows.register()
    assert entry is not None
    folder = Path(entry.address).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(os.fsencode(entry.address)) < 100
    (note,) = (tmp_path / "windows").rglob("*.window")
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    entry.close()


def test_what_stands_in_a_dead_entry_leads_to_no_deletion(windows: OpenWindows, tmp_path: Path) -> None:
    entry = windows.register()
    assert entry is not None
    folder = next((tmp_path / "windows").iterdir())
    entry.close()
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "socket").touch()
    (folder / "a.window").write_text(str(precious / "socket"))
    assert windows.addresses() == []
    assert (precious / "socket").exists()


def test_two_starts_at_once_look_one_after_the_other(windows: OpenWindows) -> None:
    order: list[str] = []

    def other() -> None:
        with windows.looking():
            order.append("other")

    with windows.looking():
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join(10)
    assert order == ["first", "other"]


def test_a_folder_that_cannot_be_made_costs_the_entry_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "windows").touch()
    windows = OpenWindows(tmp_path / "windows")
    with windows.looking():
        assert windows.addresses() == []
        assert windows.register() is None
