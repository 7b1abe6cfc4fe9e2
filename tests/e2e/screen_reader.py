"""What a screen reader hears: another program's view of the window over AT-SPI, on buses of its own.

The interface is that of at-spi2-core (``org.a11y.atspi.Accessible``); numbers of states are those of its
``AtspiStateType``.
"""

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

ACCESSIBLE = "org.a11y.atspi.Accessible"
ROOT = "/org/a11y/atspi/accessible/root"
ENABLED, FOCUSABLE, FOCUSED, SHOWING = 8, 11, 12, 25
SECONDS = 20.0
MOST = 5_000
"""Rows of a table are accessible, too: no walk goes through more."""


@dataclass(frozen=True)
class Heard:
    """One thing that a screen reader can say."""

    name: str
    role: str
    description: str
    states: int
    path: tuple[str, ...]
    """Roles and names of what it is in, the window first."""

    @property
    def is_reached(self) -> bool:
        """Whether the keyboard gets there and it is to be seen."""
        return self.has(FOCUSABLE) and self.has(SHOWING) and self.has(ENABLED)

    def has(self, state: int) -> bool:
        """Whether it is in a state of AtspiStateType."""
        return bool(self.states >> state & 1)


@contextmanager
def session_bus() -> Iterator[str]:
    """The address of a session bus on which assistive programs are said to be there."""
    process = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "dbus-daemon did not start"
        with closing(open_dbus_connection(address)) as bus:
            status = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.freedesktop.DBus.Properties")
            for name in ("IsEnabled", "ScreenReaderEnabled"):
                _call(bus, status, "Set", "ssv", ("org.a11y.Status", name, ("b", True)))
        yield address
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def listening(address: str) -> Iterator[DBusConnection]:
    """The bus of assistive programs that belongs to a session bus."""
    with closing(open_dbus_connection(address)) as bus:
        place = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        (accessibility,) = _call(bus, place, "GetAddress")
    with closing(open_dbus_connection(accessibility)) as connection:
        yield connection


def heard(bus: DBusConnection, program: int, only: int | None = None) -> list[Heard]:
    """Everything that the windows of the process of this id say, from the top, as far as it is to be seen.

    With *only*, a state, what has that state: the others are not asked for their names, which is most of the talk.
    """
    (children,) = _call(bus, DBusAddress(ROOT, "org.a11y.atspi.Registry", ACCESSIBLE), "GetChildren")
    names = [name for name, _ in children if _process_of(bus, name) == program]
    return [each for name in names for each in _walk(bus, name, ROOT, (), only)][:MOST]


def _walk(
    bus: DBusConnection, name: str, path: str, above: tuple[str, ...], only: int | None = None
) -> Iterator[Heard]:
    here = DBusAddress(path, name, ACCESSIBLE)
    (low_high,) = _call(bus, here, "GetState")
    states = low_high[0] | low_high[1] << 32
    if above and not states >> SHOWING & 1:
        return
    (role,) = _call(bus, here, "GetRoleName")
    is_wanted = only is None or states >> only & 1
    said = Heard(
        _property(bus, here, "Name") if is_wanted else "",
        role,
        _property(bus, here, "Description") if is_wanted else "",
        states,
        above,
    )
    if is_wanted:
        yield said
    if role in {"table", "tree table", "table cell", "list"}:
        return
    (children,) = _call(bus, here, "GetChildren")
    for child_name, child_path in children:
        if child_path != "/org/a11y/atspi/null":
            yield from _walk(bus, child_name, child_path, (*above, f"{role} {said.name!r}"), only)


def _process_of(bus: DBusConnection, name: str) -> int:
    daemon = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    (found,) = _call(bus, daemon, "GetConnectionUnixProcessID", "s", (name,))
    return int(found)


def _property(bus: DBusConnection, here: DBusAddress, name: str) -> str:
    place = here.with_interface("org.freedesktop.DBus.Properties")
    ((_, value),) = _call(bus, place, "Get", "ss", (ACCESSIBLE, name))
    return str(value)


def _call(bus: DBusConnection, place: DBusAddress, method: str, signature: str = "", body: Any = ()) -> Any:
    message = new_method_call(place, method, signature or None, body)
    reply = bus.send_and_get_reply(message, timeout=SECONDS)
    assert reply.header.message_type is MessageType.method_return, (method, reply.body)
    return reply.body


def environment_with(address: str) -> dict[str, str]:
    """For a program that is to be heard."""
    return {"DBUS_SESSION_BUS_ADDRESS": address, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
