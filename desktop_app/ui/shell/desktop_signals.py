"""What the desktop says by D-Bus: the computer goes to sleep, or the session's own lock is on (Linux only)."""

import os
import sys
from typing import Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot

if sys.platform == "linux":
    from PySide6.QtDBus import QDBusConnection

_SLOT: Any = SLOT("on_leaving(bool)")  # PySide takes the text, its stubs want bytes
_SCREEN_SAVERS = tuple(f"org.{name}.ScreenSaver" for name in ("freedesktop", "gnome", "cinnamon", "mate", "xfce"))


class DesktopSignals(QObject):
    """Says when whoever sat here is leaving; silent where there is no such bus.

    What is not heard here is found out by ``IdleWatch`` when the computer wakes up.
    """

    leaving = Signal()

    def listen(self) -> bool:
        """Listen at the buses that are there already (none is started); False if there is none."""
        if sys.platform != "linux":
            return False
        heard = self.listen_for_sleep(QDBusConnection.systemBus())
        # Without an address the library would start a bus of its own.
        if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
            heard = self.listen_for_lock(QDBusConnection.sessionBus()) or heard
        return heard

    def listen_for_sleep(self, bus: "QDBusConnection") -> bool:
        """systemd's logind, or what stands in for it."""
        return bus.isConnected() and bus.connect(
            "org.freedesktop.login1",
            "/org/freedesktop/login1",
            "org.freedesktop.login1.Manager",
            "PrepareForSleep",
            self,
            _SLOT,
        )

    def listen_for_lock(self, bus: "QDBusConnection") -> bool:
        """The screen lock of the desktops, whichever it is."""
        heard = [
            bus.connect("", "", name, "ActiveChanged", self, _SLOT) for name in _SCREEN_SAVERS if bus.isConnected()
        ]
        return any(heard)

    @Slot(bool)
    def on_leaving(self, on: bool) -> None:
        """For the bus: something begins (True) or has ended."""
        if on:
            self.leaving.emit()
