"""Run the measurements: ``python -m tests.benchmarks [--only NAME…] [--quick] [--write]``."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import command_line, files, lists, live, openings, rotation, sheets, silence, trust, window
from tests.benchmarks.harness import Figure, machine, table, write
from tests.benchmarks.place import Place, place

DOCS = Path(__file__).parents[2] / "docs"


def measurements(*, quick: bool) -> dict[str, Callable[[Place], list[Figure]]]:
    """What there is to measure, by name; *quick* is a tenth of the size and proves only that it runs."""
    scale = 10 if quick else 1
    rounds = 2 if quick else 3
    return {
        "start": lambda _at: window.start_up(5 * rounds),
        "help": lambda _at: command_line.help_(5 * rounds),
        "record": lambda _at: command_line.one_record(3 * rounds),
        "silence": lambda _at: silence.silences(1_000_000 // scale, 500 // scale, 100_000 // scale),
        "switch": lambda at: lists.switching(at, 500 // scale),
        "large": lambda at: files.large(at, 1024 // scale, 2 * rounds - 1),
        "small": lambda at: files.small(at, 10_000 // scale, rounds),
        "pages": lambda at: lists.pages(at, 1_000_000 // scale, 30 // rounds),
        "centers": lambda at: lists.centers(at, 100 // scale),
        "openings": lambda at: openings.opening(at, 500 // scale, 2 * rounds + 1),
        "rotation": lambda at: rotation.rotating(at, 100_000 // scale, rounds),
        "sheets": lambda at: sheets.sheets(at, 100_000 // scale, 1_000_000 // scale),
        "live": lambda _at: live.listening(40),
        "trust": lambda _at: trust.signing_in(10_000 // scale, 2 * rounds + 1),
    }


def main(arguments: list[str]) -> int:
    """Measure, print, and keep the results if asked to."""
    names = tuple(measurements(quick=True))  # a name that there is not would measure nothing, and say nothing
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], choices=names, help="names of measurements")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--write", action="store_true", help="keep the results in docs/measurements.md and .json")
    given = parser.parse_args(arguments)
    where = machine()
    figures: list[Figure] = []
    with place() as at:
        for name, measure in measurements(quick=given.quick).items():
            if not given.only or name in given.only:
                sys.stderr.write(f"{name} …\n")
                found = measure(at)
                # At once, so that a run that is stopped has not measured for nothing.
                sys.stderr.write(table(found) + "\n")
                figures += found
    print(table(figures))
    if given.write:
        write(figures, where, DOCS / "measurements.md", DOCS / "measurements.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
