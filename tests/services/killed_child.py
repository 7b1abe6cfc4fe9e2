"""Programs that kill themselves at one point: how a test starts one, and what such a child needs for it.

A child is a module of this folder that is never imported: it reads what it has to do from its input, works, and dies by
SIGKILL at the point that it was told.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import event

from desktop_app.bootstrap import App, build
from desktop_app.crypto.passwords import KDF_1, SignInKeys, derive_keys
from desktop_app.domain.profiles import Profile
from desktop_app.services.session.lab import Lab
from desktop_app.storage.profiles import from_toml, to_toml
from tests.forking import program

REPOSITORY = Path(__file__).parents[2]


def killed(child: str, profile: Profile, home: Path, point: str = "", **call: object) -> list[str]:
    """Run ``tests.services.<child>`` until it dies at *point*; the lines that it had printed by then."""
    process = started(child, profile, home, point, **call)
    told, errors = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, f"“{point}” was not reached:\n{told}\n{errors}"
    return told.splitlines()


def started(child: str, profile: Profile, home: Path, point: str = "", **call: object) -> "subprocess.Popen[str]":
    """``tests.services.<child>`` at work, with what it has to do on its input."""
    call |= {"profile": to_toml(profile), "home": str(home), "point": point}
    process = subprocess.Popen(
        program("services", "-m", f"tests.services.{child}"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(call))
    process.stdin.close()
    process.stdin = None  # or communicate() writes to what is closed
    return process


def sign_in_keys(profile: Profile, username: str, password: str) -> str:
    """What a child signs in with: the derivation is the parent's, which may have made it light."""
    return derive_keys(profile.installation_id, username, password, KDF_1).to_bytes().hex()


# In the child


class Child:
    """What the parent said, and the point to die at."""

    def __init__(self) -> None:
        self.call: dict[str, Any] = json.loads(sys.stdin.read())
        self.profile = from_toml(self.call["profile"])
        self.passed: Counter[str] = Counter()

    def point(self, name: str) -> None:
        """Die here, if this is the point, the so-and-so-manieth time it is passed."""
        self.passed[name] += 1
        if (name, self.passed[name]) == (self.call["point"], self.call.get("time", 1)):
            os.kill(os.getpid(), signal.SIGKILL)

    def app(self) -> App:
        """A program with its own folder."""
        return build({"LABKEEP_HOME": self.call["home"]})

    def sign_in(self, app: App) -> Lab:
        """The person whose keys the parent gave."""
        return app.sign_in._open(self.profile, SignInKeys.from_bytes(bytes.fromhex(self.call["keys"])), None)

    def watch(self, engine: Any, names: Mapping[str, str]) -> None:
        """Points in the database: before each statement with one of these words, after it, and after its COMMIT."""

        def named(statement: str) -> list[str]:
            if statement.startswith("SELECT document"):  # only a look
                return []
            return [name for word, name in names.items() if word in statement]

        def before(_connection: Any, _cursor: Any, statement: str, *_more: object) -> None:
            for name in named(statement):
                self.point(f"before {name}")

        def after(connection: Any, _cursor: Any, statement: str, *_more: object) -> None:
            for name in named(statement):
                connection.info["last"] = name
                self.point(f"{name}, not committed")

        def checked_in(_dbapi: Any, record: Any) -> None:
            if (name := record.info.pop("last", None)) is not None:
                self.point(f"{name} and committed")

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)
        event.listen(engine, "checkin", checked_in)
