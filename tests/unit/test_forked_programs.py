"""A program that is forked is to a test what one is that was started: what it gets, what it gives, how it ends."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.forking import program

STARTED = (sys.executable,)
SHOW = """
import json, os, sys, threading
threading.Thread(target=lambda: print("a thread ends first", flush=True)).start()
umask = os.umask(0)
print(json.dumps([__name__, sys.argv, sys.stdin.read(), os.getcwd(), umask, sorted(os.environ.items())]))
print("ş\\udcff".encode("utf-8", "surrogateescape"), sys.path[0], file=sys.stderr)
"""


def both(*arguments: str) -> tuple[Sequence[str], Sequence[str]]:
    return [*STARTED, *arguments], program("services", *arguments)


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"LC_ALL": "C.UTF-8", "ANY": "ş ü", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, input="given\nşö", env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    done.args = []
    return done


@pytest.mark.parametrize("way", [("-c", SHOW, "one word", "ğ"), ("-m", "shown", "--last")])
def test_it_gets_and_gives_the_same(way: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "shown.py").write_text(SHOW)
    started, forked = both(*way)
    expected, found = run(started, tmp_path), run(forked, tmp_path)
    assert expected.returncode == 0, expected
    assert "given" in expected.stdout
    assert vars(found) == vars(expected)


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(3)",
        "raise SystemExit('a sentence')",
        "raise SystemExit",
        "import os; os.kill(os.getpid(), 9)",
        "import os; os._exit(7)",
        "raise KeyboardInterrupt",
        "import atexit; atexit.register(print, 'at the end')",
        "assert False",
        # Nothing of who forked it closes a file by its number, which is another's by now.
        "import gc, os; f = [os.open('.', 0) for _ in range(20)]; gc.collect(); print([os.close(n) for n in f])",
    ],
)
def test_it_ends_the_same(code: str, tmp_path: Path) -> None:
    expected, found = (run(command, tmp_path) for command in both("-c", code))
    assert (found.returncode, found.stdout) == (expected.returncode, expected.stdout)
    assert found.stderr.splitlines()[-1:] == expected.stderr.splitlines()[-1:]


WAITING = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_is_ended_by_a_signal_to_the_command(number: signal.Signals) -> None:
    with subprocess.Popen(program("services", "-c", WAITING), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as one:
        assert one.stdout is not None
        forked = os.pidfd_open(int(one.stdout.readline()))
        one.send_signal(number)
        assert one.wait(60) == -number
    watch = select.poll()
    watch.register(forked, select.POLLIN)
    assert watch.poll(60_000), "it goes on"
    os.close(forked)


def test_each_is_a_process_of_its_own_that_knows_nothing_of_the_one_before() -> None:
    code = "import os, json; print(os.getpid(), hasattr(json, 'spoilt')); json.spoilt = True"
    said = [subprocess.check_output(program("services", "-c", code), text=True).split() for _ in range(2)]
    assert [spoilt for _, spoilt in said] == ["False", "False"]
    assert len({pid for pid, _ in said}) == 2


def test_where_nobody_says_how_it_ended_it_has_not_ended_well(tmp_path: Path) -> None:
    client = program("services")[:-1]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        with subprocess.Popen([*client, tmp_path / "socket", "-c", "pass"]) as command:
            server, _ = listener.accept()
            length = int.from_bytes(server.recv(8), "big")
            server.recv(length, socket.MSG_WAITALL)
            server.sendall(os.getpid().to_bytes(8, "big"))
            server.close()
            assert command.wait(60) == 99


def test_what_a_fork_cannot_know_is_refused(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        program("services", "-c", "pass"), env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "PYTHONIOENCODING" in done.stderr
