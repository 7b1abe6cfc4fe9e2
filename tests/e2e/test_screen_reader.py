"""The whole window without eyes and without a mouse: a screen reader, as another program, hears every control."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from jeepney.io.blocking import DBusConnection

from tests.e2e.conftest import DemoPeople
from tests.e2e.screen_reader import FOCUSED, Heard, environment_with, heard, listening, session_bus
from tests.e2e.test_real_drag import Program, Screen, running, screen, sign_in, until

__all__ = ["screen"]
USER = "deniz.admin"
PATIENCE = 4.0
"""Seconds until a key that did nothing is given up."""
FORM = "New sample"
TABS = ("Centers", "Users", "Samples", "Documents", "Activity")
NO_ROLE = {"unknown", "invalid", "filler", "panel", "redundant object"}
BY_ARROWS = {"page tab", "page tab list", "radio button", "menu item", "menu bar", "menu"}
"""Reached by the arrow keys of what they are in, or by Alt."""
NO_STATION = {"label", "table"}
"""A label takes the pointer, for its text to be marked; a table hands the keyboard on to its cell."""


@dataclass(frozen=True)
class Ear:
    """A person who hears the window and has a keyboard."""

    screen: Screen
    labkeep: Program
    bus: DBusConnection

    def all(self) -> list[Heard]:
        return heard(self.bus, self.labkeep.process.pid)

    def reached(self, dialog: str = "") -> list[Heard]:
        """The controls that are to be seen; of a dialog, those in it."""
        inside = f"'{dialog}'"
        return [
            each
            for each in self.all()
            if each.is_reached and (not dialog or any(inside in place for place in each.path))
        ]

    def focused(self) -> tuple[str, str]:
        """Role and name of what the keyboard types into."""
        found = [(each.role, each.name) for each in heard(self.bus, self.labkeep.process.pid, FOCUSED)]
        # The tab that is open says so as if it had the keyboard.
        return next(iter(sorted(found, key=lambda each: each[0] == "page tab")), ("", ""))

    def key(self, *keys: str) -> None:
        self.screen.do("key", *keys)

    def after_tab(self, before: tuple[str, str]) -> tuple[str, str]:
        """Where one Tab leads: always to another control, or the walk is over."""
        self.key("Tab")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            now = self.focused()
            if now not in {before, ("", "")}:
                return now
        return "nowhere", f"after {before}"

    def walk(self) -> list[tuple[str, str]]:
        """What Tab goes through until it is where it was."""
        stations: list[tuple[str, str]] = []
        here = self.focused()
        for _ in range(60):
            here = self.after_tab(here)
            if stations and here == stations[0]:
                return stations
            stations.append(here)
        raise AssertionError(f"Tab goes round and round, and never through the first: {stations}")


@pytest.fixture
def ear(demo: DemoPeople, screen: Screen) -> Iterator[Ear]:
    with session_bus() as address:
        own = screen.environment | environment_with(address) | {"LABKEEP_HOME": str(demo.home)}
        with running(["-m", "desktop_app"], own) as labkeep, listening(address) as bus:
            sign_in(screen, labkeep, USER, demo.passwords[USER])
            yield Ear(screen, labkeep, bus)


@pytest.mark.full
def test_every_control_of_every_tab_says_what_it_is_and_tab_gets_to_each(ear: Ear) -> None:
    assert [wrong for number, tab in enumerate(TABS, 1) for wrong in problems_of_tab(ear, number, tab)] == []


def test_every_control_says_what_it_is_and_tab_gets_to_each(ear: Ear) -> None:
    wrong = problems_of_tab(ear, 3, "Samples")
    ear.key("ctrl+n")
    until(lambda: ear.reached(FORM), "the form")
    wrong += problems(ear, FORM, FORM)
    assert wrong == []


def problems_of_tab(ear: Ear, number: int, tab: str) -> list[str]:
    """Of its list, and of the inspector of its first row."""
    ear.key(f"ctrl+{number}")
    until(lambda: any(each.name == tab and each.role == "table" for each in ear.reached()), tab)
    ear.key("Down")
    return problems(ear, tab)


def problems(ear: Ear, place: str, dialog: str = "") -> list[str]:
    """What of a place a person without eyes or mouse could not use."""
    controls = ear.reached(dialog)
    stations = ear.walk()
    found = [f"{place}: no name: {each.role} in {each.path[-2:]}" for each in controls if is_nameless(each)]
    found += [f"{place}: no way on: {name}" for role, name in stations if role == "nowhere"]
    expected = {(each.role, each.name) for each in controls if each.role not in BY_ARROWS | NO_STATION}
    return found + [f"{place}: not reached by Tab: {role} {name!r}" for role, name in sorted(expected - set(stations))]


def is_nameless(control: Heard) -> bool:
    """Whether a screen reader could only call it by its kind, or not even that."""
    return not control.name.strip() or control.role in NO_ROLE
