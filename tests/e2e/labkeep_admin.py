"""labkeep-admin as a script runs it, and inside this process where a thousand small cases must be quick."""

import contextlib
import functools
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from desktop_app.cli import main as cli
from desktop_app.cli.command_tree import ListedCommand
from desktop_app.crypto import passwords
from tests.forking import program as forked_program

PROGRAM = (sys.executable, "-m", "desktop_app.cli.main")
PROJECT = Path(__file__).resolve().parents[2]
SENTENCE = re.compile(r"[^\n]*\S[.?!)]?\n")
_LONGEST = 120.0  # seconds
# A pure function, made slow on purpose: the same people sign in hundreds of times in one session.
_ARGON2ID = passwords._argon2id
_argon2id_once = functools.cache(_ARGON2ID)
_LOAD = ListedCommand.load
_loaded: dict[str | None, Any] = {}
"""Commands by their names: a program reads its one from the annotations at each start, some 20 ms for a large group."""


def _load_once(command: ListedCommand) -> Any:
    if command.name not in _loaded:
        _loaded[command.name] = _LOAD(command)
    return _loaded[command.name]


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Admin:
    """Somebody who runs labkeep-admin with a home, and perhaps a name and a password in the environment."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def as_user(self, name: str, password: str, center: str = "") -> "Admin":
        """The same home, another person."""
        person = {"LABKEEP_USER": name, "LABKEEP_PASSWORD": password, "LABKEEP_CENTER": center}
        return Admin(self.home, {**self.variables, **person})

    def using(self, **variables: str) -> "Admin":
        """The same with other variables."""
        return Admin(self.home, {**self.variables, **variables})

    def environment(self) -> dict[str, str]:
        """The process's own environment without what a developer may have set, with ours."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LABKEEP_", "PG"))}
        given = {name: value for name, value in self.variables.items() if value}
        return kept | given | {"LABKEEP_HOME": str(self.home)}

    def run(self, *arguments: str | Path, stdin: str = "", anew: bool = False) -> Answer:
        """A process of its own, without a terminal; *anew* also loads the program, which takes most of its time."""
        program = PROGRAM if anew else forked_program("services", *PROGRAM[1:])
        done = subprocess.run(
            [*program, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.environment(),
            cwd=PROJECT,
            timeout=_LONGEST,
            check=False,
        )
        return _checked(Answer(done.returncode, done.stdout, done.stderr))

    def __call__(self, *arguments: str | Path) -> Answer:
        """The same command inside this process: everything real but the new interpreter."""
        out, err = io.StringIO(), io.StringIO()
        # Where a test has made it cheap, it stays so.
        derive = _argon2id_once if passwords._argon2id is _ARGON2ID else passwords._argon2id
        with (
            patch.dict(os.environ, self.environment(), clear=True),
            patch.object(sys, "stdin", io.StringIO()),
            patch.object(passwords, "_argon2id", derive),
            patch.object(ListedCommand, "load", _load_once),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            status = cli.run([str(argument) for argument in arguments], os.environ)
        return _checked(Answer(status, out.getvalue(), err.getvalue()))

    def json(self, *arguments: str | Path) -> Any:
        """What a command that must succeed prints with --json."""
        answer = self(*arguments, "--json")
        assert answer.status == 0, answer
        assert answer.err == "", answer
        return answer.json

    def refused(self, *arguments: str | Path, status: int = 1) -> str:
        """The one sentence of a command that must fail and print nothing else."""
        answer = self(*arguments)
        assert answer.status == status, answer
        assert answer.out == "", answer
        assert SENTENCE.fullmatch(answer.err), answer
        return answer.err.strip()


def _checked(answer: Answer) -> Answer:
    assert "Traceback" not in answer.out + answer.err, answer
    assert "unexpected" not in answer.err, answer
    return answer
