"""A program that uses the recovery kit and is killed at one point: run as a child by test_unfinished.py, never
imported."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from desktop_app.bootstrap import build
from desktop_app.db import administrator_engine
from desktop_app.storage.profiles import from_toml
from tests.light_passwords import lighten

call = json.loads(sys.stdin.read())
lighten()


def point(name: str) -> None:
    """Die here, if this is the point."""
    if name == call["point"]:
        os.kill(os.getpid(), signal.SIGKILL)


def after(_connection: Any, _cursor: Any, statement: str, *_more: object) -> None:
    for word in ("create_user", "settle", "replace_kit", "seal_to_kit"):
        if word in statement:
            point(f"{word}, not committed")


class DyingEngine(administrator_engine.AdministratorEngine):
    def __init__(self, dsn: str, *, read_only: bool = False) -> None:
        super().__init__(dsn, read_only=read_only)
        event.listen(self.engine, "after_cursor_execute", after)


app = build({"LABKEEP_HOME": call["home"]})
app.servers  # noqa: B018  # loads what is replaced below
CONNECTIONS = sys.modules["desktop_app.services.context.connections"]
CONNECTIONS.AdministratorEngine = DyingEngine  # type: ignore[attr-defined]  # put in place of the real one
profile = from_toml(call["profile"])


def report(done: int, _total: int) -> None:
    point(f"{done} centers later")


if "kit" in call:
    app.recovery.replace(profile, call["words"], Path(call["kit"]), report=report)
else:
    app.recovery.recover(profile, call["words"], call["username"], call["password"], report=report)
app.close()
