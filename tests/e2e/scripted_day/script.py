"""What each window does on the day, made from a seed, and what the center is to have in the end.

The window and the oracle read the same script; the oracle knows nothing of the program.
"""

import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

WINDOWS = ("north", "south")
ROUNDS, LISTED, OPENED = 25, 16, 4
"""Of each window: so many lists of scan mode with one step for all, so many scans in each, and so many that open."""
IMPORTED = 40
NEW_AT, AGAIN_AT, UPDATES_AT = (0, 1, 2, 6, 9, 17), 12, (4, 14)
UNDONE_AT = {"north": (7, 19), "south": (16,)}
NEXT = {"pending": ("process", "processing"), "processing": ("complete", "completed")}


@dataclass(frozen=True)
class Sheet:
    """A file comes in: barcode, name and place of each row."""

    rows: tuple[tuple[str, str, str], ...]
    update: bool = False


@dataclass(frozen=True)
class Open:
    """A scan that opens its sample."""

    barcode: str


@dataclass(frozen=True)
class Listed:
    """Scans in scan mode, and one step for all that are ready for it."""

    barcodes: tuple[str, ...]
    step: str
    ready: tuple[str, ...]


@dataclass(frozen=True)
class Undo:
    """What was done last is taken back."""


Act = Sheet | Open | Listed | Undo


@dataclass
class Tube:
    """A sample as it is to be, with the number of its entries on the record after that of its making."""

    name: str
    place: str
    status: str = "pending"
    changes: int = 0


@dataclass
class Center:
    """What the center is to have, and what is to be on its record."""

    tubes: dict[str, Tube] = field(default_factory=dict)
    made: int = 0
    removed: int = 0
    plans: int = 0
    _before: dict[str, Tube] = field(default_factory=dict)
    _touched: tuple[str, ...] = ()

    def do(self, act: Act) -> None:
        """One act more was done."""
        match act:
            case Sheet(rows):
                self._begin([row[0] for row in rows])
                for barcode, name, place in rows:
                    self._bring(barcode, name, place)
            case Listed(_, step, ready):
                self._begin(ready)
                for barcode in ready:
                    tube = self.tubes[barcode]
                    expected, tube.status = NEXT[tube.status]
                    assert expected == step
                    tube.changes += 1
            case Undo():
                self._undo()

    def _begin(self, touched: Sequence[str]) -> None:
        self.plans += 1
        self._touched = tuple(touched)
        self._before = {each: deepcopy(self.tubes[each]) for each in touched if each in self.tubes}

    def _bring(self, barcode: str, name: str, place: str) -> None:
        tube = self.tubes.get(barcode)
        if tube is None:
            self.tubes[barcode] = Tube(name, place)
            self.made += 1
        elif (tube.name, tube.place) != (name, place):
            tube.name, tube.place = name, place
            tube.changes += 1

    def _undo(self) -> None:
        self.plans += 1
        for barcode in self._touched:
            before, now = self._before.get(barcode), self.tubes[barcode]
            if before is None:
                del self.tubes[barcode]
                self.removed += 1
            elif before.changes != now.changes:
                before.changes = now.changes + 1
                self.tubes[barcode] = before


def script(window: str) -> list[Act]:
    """What this window does, in order."""
    return list(_acts(window, random.Random(f"a day at {window}"), Center()))


def _acts(window: str, chance: random.Random, center: Center) -> Iterator[Act]:
    def done(act: Act) -> Act:
        center.do(act)
        return act

    for number in range(ROUNDS):
        if number in NEW_AT:
            yield done(_new(window, number))
        elif number == AGAIN_AT:
            sheet = _new(window, number)
            for act in (sheet, Undo(), sheet):
                yield done(act)
        elif number in UPDATES_AT:
            yield done(_update(chance, center, number))
        for barcode in chance.sample(sorted(center.tubes), OPENED):
            yield done(Open(barcode))
        yield done(_listed(chance, center))
        if number in UNDONE_AT[window]:
            yield done(Undo())


def _new(window: str, number: int) -> Sheet:
    barcodes = [f"{window.upper()}-{number:02}-{place:03}" for place in range(IMPORTED)]
    return Sheet(tuple((barcode, f"00{at} of {number}", f"Ward {number}") for at, barcode in enumerate(barcodes)))


def _update(chance: random.Random, center: Center, number: int) -> Sheet:
    """Twelve samples, of which two are as they are."""
    barcodes = chance.sample(sorted(center.tubes), 12)
    rows = [(each, f"Changed in {number}", f"Ward {number}") for each in barcodes[:10]]
    rows += [(each, center.tubes[each].name, center.tubes[each].place) for each in barcodes[10:]]
    return Sheet(tuple(rows), update=True)


def _listed(chance: random.Random, center: Center) -> Listed:
    open_ones = [each for each, tube in sorted(center.tubes.items()) if tube.status in NEXT]
    first = chance.choice(open_ones)
    barcodes = [first, *chance.sample([each for each in sorted(center.tubes) if each != first], LISTED - 1)]
    chance.shuffle(barcodes)
    status = center.tubes[first].status
    ready = tuple(each for each in barcodes if center.tubes[each].status == status)
    return Listed(tuple(barcodes), NEXT[status][0], ready)
