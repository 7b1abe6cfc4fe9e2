"""The command line: its help against a bare Typer program, and what reading one record costs beside Argon2."""

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from desktop_app.bootstrap import build
from desktop_app.crypto.passwords import derive_keys, login_for
from desktop_app.domain.profiles import Profile
from desktop_app.server.launcher import BuiltinServer
from tests.benchmarks.harness import Figure, compare
from tools import driver

ADMIN = ["-m", "desktop_app.cli.main"]
WHO, PASSWORD, SAMPLE = "elif.viewer", "Juniper-Window-52", "IST-26-0001"
"""A person and a sample of the demo, whose data are the program's own."""


def help_(rounds: int) -> list[Figure]:
    """From nothing to the words of ``--help``."""
    bare = str(Path(__file__).parent / "bare" / "command_line.py")
    with driver.temporary_home() as home:
        environment = installed(home)
        words: dict[str, Callable[[], object]] = {
            "labkeep-admin": lambda: run([*ADMIN, "--help"], environment),
            "bare Typer program": lambda: run([bare, "--help"], environment),
        }
        for work in words.values():
            work()
        return compare("--help", "labkeep-admin", words, rounds, {"bare Typer program": "at most 1.5"})


def one_record(rounds: int) -> list[Figure]:
    """CPU seconds of ``sample show``, the built-in server running already, less those of the two derivations in it."""
    with driver.temporary_home() as home:
        password = home / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        password.chmod(0o600)
        environment = installed(home) | {"LABKEEP_USER": WHO, "LABKEEP_PASSWORD_FILE": str(password)}
        run([*ADMIN, "demo"], environment)
        profile = build({"LABKEEP_HOME": str(home)}).profiles.list()[0]
        show = [*ADMIN, "sample", "show", SAMPLE]
        with BuiltinServer(Path(profile.data_dir or "")).start():
            run(show, environment)
            taken = [_cpu_of_children(lambda: run(show, environment)) - _derivations(profile) for _ in range(rounds)]
    middle, spread = statistics.median(taken), max(taken) - min(taken)
    return [Figure("read one record by command", "CPU beside Argon2", middle, spread, rounds, None, "at most 0.6 s")]


def installed(home: Path) -> dict[str, str]:
    """The environment of a program that is installed: one that compiles its modules at each start is not measured."""
    environment = os.environ | {"LABKEEP_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def run(arguments: list[str], environment: dict[str, str]) -> None:
    """Run Python with these arguments in the project's folder."""
    subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=Path(__file__).parents[2], check=True, capture_output=True
    )


def _derivations(profile: Profile) -> float:
    """CPU seconds of one sign-in's: the login from the user name, and the keys from the password."""
    login_for.cache_clear()
    before = os.times()
    derive_keys(profile.installation_id, WHO, PASSWORD, profile.kdf)
    after = os.times()
    return after.user + after.system - before.user - before.system


def _cpu_of_children(work: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
