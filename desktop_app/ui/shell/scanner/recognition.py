"""Telling a scan from typing by the times of the keys alone; no Qt, no clock.

A scanner types its code some milliseconds a key, and ends it with Enter or Tab. Nobody types six keys less than 35 ms
apart. So each printable key is held back until the next one is late: then it was typed, and is let go. Who types feels
nothing of 35 ms; who scans into whatever has the focus changes nothing there.
"""

from dataclasses import dataclass
from enum import Enum, auto

GAP = 35
"""Milliseconds: keys that follow each other faster are a scanner's."""
SHORTEST = 6
"""A code of fewer keys is a code only behind the prefix."""
PREFIX_GAP = 150
"""Behind the prefix also a slow scanner is believed."""
AFTER = 100
"""A scanner may end its code with two keys, such as Enter and Tab: so long the second belongs to the first."""
LONGEST = 128


class Kind(Enum):
    """What a key is to a scan."""

    PRINTABLE = auto()
    END = auto()
    """Enter or Tab."""
    OTHER = auto()
    """Breaks it: an arrow, a shortcut, a key that repeats because it is held down."""


@dataclass(frozen=True)
class Step:
    """What to do about a key, in this order."""

    release: bool = False
    """What was held back was typed: give it to whom it was for."""
    hold: bool = False
    """Hold this one back."""
    drop: bool = False
    """This one, and all that is held back, was a scanner's."""
    code: str = ""
    """What was scanned."""


class Recognizer:
    """Fed with keys and the milliseconds of each; says what to do about it."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self._held = ""
        self._last = 0
        self._scanned_at: int | None = None

    @property
    def is_holding(self) -> bool:
        """Whether keys are held back."""
        return bool(self._held)

    @property
    def key_timeout(self) -> int:
        """Milliseconds after the last key when what is held back was typed."""
        begun = bool(self.prefix) and self._held[: len(self.prefix)] == self.prefix[: len(self._held)]
        return PREFIX_GAP if begun and self._held else GAP

    def feed(self, kind: Kind, text: str, at: int) -> Step:
        """A key that was pressed at this moment."""
        in_time = bool(self._held) and 0 <= at - self._last < self.key_timeout
        self._last, scanned_at = at, self._scanned_at
        self._scanned_at = None
        if kind is Kind.PRINTABLE and len(self._held) < LONGEST:
            late = self.is_holding and not in_time
            self._held = text if late else self._held + text
            return Step(release=late, hold=True)
        if kind is Kind.END and in_time and (code := self._code()):
            self._held = ""
            self._scanned_at = at
            return Step(drop=True, code=code)
        if kind is Kind.END and not self._held and scanned_at is not None and 0 <= at - scanned_at < AFTER:
            self._scanned_at = scanned_at
            return Step(drop=True)
        return Step(release=self.forget())

    def forget(self) -> bool:
        """Nothing came any more, or it does not matter: what is held back was typed. Tells whether something was."""
        held, self._held = self._held, ""
        return bool(held)

    def _code(self) -> str:
        """What is held back, without the prefix; empty where it is no scan."""
        if self.prefix and self._held.startswith(self.prefix):
            return self._held.removeprefix(self.prefix).strip()
        # All of them came less than GAP apart unless the prefix stretched the timeout, and then it is there.
        return self._held.strip() if len(self._held) >= SHORTEST else ""
