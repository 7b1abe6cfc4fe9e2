"""What may be done, as data: one action makes button, entries of menus, shortcut and the line in the palette."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.buttons import Button, Kind, kind_icon

Thing = TypeVar("Thing")
Allowed = tuple[bool, str]
"""Whether something may be done now, and if not, why."""
YES: Allowed = (True, "")
EDIT_KEY = "F2"


class Menu(StrEnum):
    """The menus of the bar, from left to right."""

    FILE = "file"
    EDIT = "edit"
    VIEW = "view"
    SAMPLE = "sample"
    DOCUMENT = "document"
    HELP = "help"


class Rank(StrEnum):
    """Where in the head of a record an action stands."""

    OPEN = "open"
    """A filled button of its own; it changes nothing."""
    STEP = "step"
    """The filled button, where it is the next step; else behind ⋯."""
    EDIT = "edit"
    """A button of its own, and F2 in every tab: Alt and a letter is the menu bar's."""
    MORE = "more"
    """Behind ⋯."""


def plain_words(text: str) -> str:
    """The words of a menu without the letter that is underlined and without the dots that promise a question."""
    return re.sub("&(.)", r"\1", text).removesuffix("…")


def without_mnemonic(text: str) -> str:
    """The same words, of which no letter is underlined."""
    return re.sub("&([^&])", r"\1", text)


def always(_thing: object) -> Allowed:
    """It may always be done."""
    return YES


def everywhere(_thing: object) -> bool:
    """It makes sense for every thing."""
    return True


@dataclass(frozen=True)
class ActionAppearance:
    """How an action looks: its words, its icon, how much it asks for attention, and what a tooltip adds."""

    text: str
    icon: str = ""
    kind: Kind = Kind.PLAIN
    tip: str = ""


@dataclass(frozen=True)
class Action(Generic[Thing]):
    """What may be done with a thing: a record, or None for what needs none, such as making a new one."""

    name: str
    face: ActionAppearance | Callable[[Thing], ActionAppearance]
    """One for all, or one for each thing: what is deactivated is restored by the same action."""
    do: Callable[[Thing], object]
    allowed: Callable[[Thing], Allowed] = always
    """Asked whenever another thing is shown. What is not allowed is seen, with the reason."""
    shown: Callable[[Thing], bool] = everywhere
    """What makes no sense here is not seen."""
    keys: Sequence[str] = ()
    """Shortcuts, which work wherever the focus is while the tab is in front."""
    do_for_many: Callable[[Sequence[Thing]], object] | None = None
    """For several chosen records at once; None where it is for one only."""
    only_for_many: bool = False
    """Whether one chosen record has another way to it, such as its form."""
    menu: Menu | None = None
    """Where it stands in the menu bar; None: where all that its tab or its place offers does."""
    is_apart: bool = False
    """Whether a line stands above it there."""
    rank: Rank = Rank.MORE
    words: str = ""
    """What it does as long as no record says it, where that depends on the record."""


class LiveAction(QAction, Generic[Thing]):
    """An action and what it is done to now; button, menu and shortcut are faces of this one object."""

    refreshed = Signal()

    def __init__(self, action: Action[Thing], owner: QWidget) -> None:
        """*owner* is the widget that must be visible for the shortcuts."""
        super().__init__(owner)
        self.setObjectName(action.name)
        own = (*action.keys, EDIT_KEY) if action.rank is Rank.EDIT else action.keys
        self.setShortcuts([QKeySequence(keys) for keys in own])
        self.triggered.connect(self._on_triggered)
        self.action = action
        self.face = action.face if isinstance(action.face, ActionAppearance) else ActionAppearance("")
        self.allowed = YES
        self.is_busy = False
        self.needs_record = True
        self._barred = False
        self._is_asked = False
        self._things: tuple[Thing, ...] = ()
        owner.addAction(self)
        self._put_on(self.face)
        self.show_for(())

    @staticmethod
    def at_once(action: "Action[None]", owner: QWidget) -> "LiveAction[None]":
        """What is done to nothing in particular, and so may be done from the first moment on."""
        live: LiveAction[None] = LiveAction(action, owner)
        live.needs_record = False
        live.show_for((None,))
        return live

    @property
    def words(self) -> str:
        """What it does, for the palette and the sheet of shortcuts."""
        return plain_words(self.face.text or self.action.words) or self.action.name

    @property
    def standing(self) -> Allowed:
        """Whether it may be done now, and if not, why: for where it is seen also when it makes no sense."""
        if self._things:
            busy = QCoreApplication.translate("LiveAction", "This is being done.")
            return (False, busy) if self.is_busy or (self._barred and self.allowed[0]) else self.allowed
        if not self._is_asked:
            return False, QCoreApplication.translate("LiveAction", "Choose a record first.")
        return False, QCoreApplication.translate("LiveAction", "Not for what is chosen.")

    def show_for(self, things: Sequence[Thing]) -> None:
        """From now on it is done to these."""
        action = self.action
        fits = (len(things) == 1 and not action.only_for_many) or (len(things) > 1 and action.do_for_many is not None)
        seen = fits and any(action.shown(thing) for thing in things)
        self._things = tuple(things) if seen else ()
        self._is_asked = bool(things)
        if fits:
            if not isinstance(action.face, ActionAppearance):
                self._put_on(action.face(things[0]))
            first = action.allowed(things[0])
            # Of many those that may are done; the rest is the action's to tell. One is enough to know that.
            others = (answer for thing in things[1:] if (answer := action.allowed(thing))[0])
            self.allowed = first if first[0] else next(others, first)
        self.setVisible(seen)
        self._refresh()

    def click(self) -> None:
        """Do it as by a button of it."""
        self.trigger()

    def set_busy(self, busy: bool) -> None:
        """Its work began or ended: it is not begun twice."""
        self.is_busy = busy
        self._refresh()

    def set_barred(self, barred: bool) -> None:
        """Nothing is done for the moment: the thing that is meant is being looked for."""
        self._barred = barred
        self.setEnabled(self.allowed[0] and not self.is_busy and not barred)

    def _put_on(self, face: ActionAppearance) -> None:
        self.face = face
        self.setText(face.text)
        # In menus; a button has its own, in the colour of its kind.
        self.setIcon(kind_icon(face.icon, Kind.DANGER if face.kind is Kind.DANGER else Kind.PLAIN))

    def _refresh(self) -> None:
        allowed, reason = self.allowed
        self.setEnabled(allowed and not self.is_busy and not self._barred)
        give_tip(self, self.face.tip if allowed else reason)
        self.refreshed.emit()

    def _on_triggered(self) -> None:
        if len(self._things) == 1:
            self.action.do(self._things[0])
        elif self._things and self.action.do_for_many is not None:
            self.action.do_for_many(self._things)


class ActionButton(Button):
    """A button that looks as its action does, and does it."""

    def __init__(self, action: LiveAction[Any], parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self.action = action
        self._wanted = True
        self.clicked.connect(action.trigger)
        action.refreshed.connect(self._on_refreshed)
        self._on_refreshed()

    def set_wanted(self, wanted: bool) -> None:
        """Whether it is seen where its action makes sense."""
        self._wanted = wanted
        self._on_refreshed()

    def _on_refreshed(self) -> None:
        action = self.action
        # Without the underlined letter: Alt and a letter is the menu bar's.
        self.set_face(without_mnemonic(action.face.text), action.face.icon, action.face.kind)
        self.set_tip(action.face.tip)
        self.set_allowed(*action.allowed)
        if action.is_busy is not self.is_busy:
            self.set_busy(action.is_busy)
        # Without a parent it would be a window.
        if self.parentWidget() is not None or not action.isVisible():
            self.setVisible(action.isVisible() and self._wanted)
