"""What was scanned in scan mode: each sample once, in the order in which it was first scanned."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from desktop_app.domain.records import Sample


@dataclass(frozen=True)
class Scanned:
    """One row of the list: a code, and its sample as soon as that is known."""

    code: str
    """As it was scanned for the first time."""
    times: int = 1
    sample: Sample | None = None
    is_looked_up: bool = False
    caps_lock: bool = False
    """Whether the keys of the scanner told that Caps Lock is on."""

    @property
    def is_unknown(self) -> bool:
        """Whether no sample has this code."""
        return self.is_looked_up and self.sample is None

    @property
    def is_turned_over(self) -> bool:
        """Whether its sample was found only with large and small letters turned over."""
        return self.sample is not None and is_turned_over(self.code, self.sample)


class ScanList:
    """The rows of one center; knows what is still to be looked up, and looks nothing up itself."""

    def __init__(self) -> None:
        self._rows: dict[str, Scanned] = {}
        self._same: dict[str, str] = {}
        """By another code of a sample the code of its row."""
        self._row_of: dict[UUID, str] = {}
        self._waiting: dict[str, None] = {}
        self.is_handled = True
        """Whether nothing would be lost with the list: it is empty, or something was done with its samples."""

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def __contains__(self, code: str) -> bool:
        """Whether a row has this code."""
        return self._same.get(code, code) in self._rows

    @property
    def rows(self) -> tuple[Scanned, ...]:
        """In the order of the scans."""
        return tuple(self._rows.values())

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Those that are known, in the order of the scans."""
        return tuple(row.sample for row in self._rows.values() if row.sample is not None)

    @property
    def unknown(self) -> int:
        """How many codes are no sample's."""
        return sum(row.is_unknown for row in self._rows.values())

    @property
    def twice(self) -> int:
        """How many rows were scanned more than once."""
        return sum(row.times > 1 for row in self._rows.values())

    @property
    def is_settled(self) -> bool:
        """Whether it is known of each code what it is."""
        return all(row.is_looked_up for row in self._rows.values())

    def take(self, code: str, *, caps_lock: bool = False) -> Scanned:
        """A code was scanned: a new row, or one scan more of the row that is there."""
        key = self._same.get(code, code)
        before = self._rows.get(key)
        if before is None:
            self._rows[key] = Scanned(code, caps_lock=caps_lock)
            self._waiting[key] = None
            self.is_handled = False
        else:
            self._rows[key] = replace(before, times=before.times + 1)
        return self._rows[key]

    def ask(self, most: int) -> dict[str, str]:
        """The next codes to be looked up, at most so many, each with what to look for: a known sample by its id.

        They wait no more: either their answer is given to ``settle``, or there is none, and they go to ``wait_again``.
        """
        asked = {}
        for code in list(islice(self._waiting, most)):
            del self._waiting[code]
            sample = self._rows[code].sample
            asked[code] = code if sample is None else str(sample.id)
        return asked

    def settle(self, asked: Mapping[str, str], found: Mapping[str, Sample]) -> None:
        """These were looked up, and *found* has by what was looked for the samples that there are."""
        for code, name in asked.items():
            if code in self._rows:  # it may have been taken out meanwhile
                self._put(code, found.get(name))

    def wait_again(self, asked: Mapping[str, str]) -> None:
        """These could not be looked up."""
        self._waiting = dict.fromkeys(code for code in (*asked, *self._waiting) if code in self._rows)

    def look_again(self) -> None:
        """Samples may have been changed or made: each code is to be looked up anew."""
        self._waiting = dict.fromkeys(self._rows)

    def remove(self, codes: Iterable[str]) -> None:
        """Take rows out, by their codes."""
        for code in codes:
            self._drop(code)
        self.is_handled = self.is_handled or not self._rows

    def note_done(self, samples: Collection[UUID]) -> None:
        """Something was done with these samples."""
        self.is_handled = self.is_handled or any(each in self._row_of for each in samples)

    def _put(self, code: str, sample: Sample | None) -> None:
        row = self._rows[code]
        if row.sample is not None:
            self._row_of.pop(row.sample.id, None)
        first = code if sample is None else self._row_of.setdefault(sample.id, code)
        if first == code:
            self._rows[code] = replace(row, sample=sample, is_looked_up=True)
            return
        self._drop(code)
        self._same[code] = first
        self._rows[first] = replace(self._rows[first], times=self._rows[first].times + row.times)

    def _drop(self, code: str) -> None:
        row = self._rows.pop(code)
        self._waiting.pop(code, None)
        self._same = {other: key for other, key in self._same.items() if key != code}
        if row.sample is not None:
            self._row_of.pop(row.sample.id, None)


def is_turned_over(code: str, sample: Sample) -> bool:
    """Whether the code is the sample's barcode with large and small letters turned over, as Caps Lock does."""
    return code != sample.barcode == code.swapcase()
