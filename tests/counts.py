"""What tests count (faults, kills, rounds) stands at the end of a run, summed up over all of its processes."""

from collections import Counter

import pytest
from _pytest.terminal import TerminalReporter

PREFIX = "counted: "


def count(request: pytest.FixtureRequest, what: str, how_many: int) -> None:
    """So many of them in this test."""
    request.node.user_properties.append((PREFIX + what, how_many))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """One line for each kind."""
    sums: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        if report.when == "call":
            for name, value in report.user_properties:
                if name.startswith(PREFIX):
                    sums[name.removeprefix(PREFIX)] += value
    if sums:
        terminalreporter.section("counts")
        for name, value in sorted(sums.items()):
            terminalreporter.write_line(f"{value:>8}  {name}")
