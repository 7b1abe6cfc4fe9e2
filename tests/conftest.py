"""What every test runs under: no display, and a home of its own."""

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator

import pytest

# Programs that tests start keep what they compiled; some environments forbid it, and then each compiles every library.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Both before anything imports Qt or reads a path.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
# Whoever starts the tests in the background has them ignore Ctrl+C, and with them every program that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
_HOME = tempfile.mkdtemp(prefix="labkeep-home-")
os.environ["LABKEEP_HOME"] = _HOME

pytest_plugins = [
    "tests.memory",
    "tests.servers",
    "tests.light_passwords",
    "tests.prepared_cluster",
    "tests.counts",
    "tests.forking",
    "tests.rooms",
]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect no garbage while tests are looked for, and spare the collector those thousands, which stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        # Of what tests make, most lives as long as the test: to look after every 700 objects finds next to nothing.
        gc.set_threshold(10_000, 20, 20)
        gc.enable()


def pytest_unconfigure() -> None:
    """Take the session's home away: the folder made above, whatever the environment says by now."""
    shutil.rmtree(_HOME, ignore_errors=True)
