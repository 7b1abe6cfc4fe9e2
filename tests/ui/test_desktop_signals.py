"""What the desktop says, on a real bus of the test's own."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from PySide6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from desktop_app.ui.shell.desktop_signals import DesktopSignals

NAME = "labkeep-test"


@pytest.fixture
def address() -> Iterator[str]:
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        QDBusConnection.disconnectFromBus(NAME)
        daemon.terminate()


def say(address: str, signal: str, on: bool) -> None:
    tool = shutil.which("dbus-send")
    assert tool is not None
    subprocess.run(
        [tool, f"--bus={address}", "--type=signal", "/anywhere", signal, f"boolean:{str(on).lower()}"],
        check=True,
        timeout=30,
    )


@pytest.mark.parametrize("desktop", ["freedesktop", "gnome", "xfce"])
def test_the_screen_lock_of_the_desktop_is_heard(address: str, qtbot: QtBot, desktop: str) -> None:
    signals = DesktopSignals()
    heard: list[None] = []
    signals.leaving.connect(lambda: heard.append(None))
    assert signals.listen_for_lock(QDBusConnection.connectToBus(address, NAME))
    with qtbot.waitSignal(signals.leaving, timeout=20_000):
        say(address, f"org.{desktop}.ScreenSaver.ActiveChanged", on=False)
        say(address, f"org.{desktop}.ScreenSaver.ActiveChanged", on=True)
    assert len(heard) == 1, "unlocking the screen is no reason"


def test_without_a_bus_it_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    signals = DesktopSignals()
    assert not signals.listen_for_lock(QDBusConnection.connectToBus("unix:path=/nowhere", "labkeep-none"))
    assert not signals.listen_for_sleep(QDBusConnection.connectToBus("unix:path=/nowhere", "labkeep-none"))
    QDBusConnection.disconnectFromBus("labkeep-none")
