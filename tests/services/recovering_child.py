"""A program that uses the recovery kit and is killed at one point: run as a child by test_unfinished.py, never
imported."""

import sys
from pathlib import Path

from desktop_app.db import administrator_engine
from tests.light_passwords import lighten
from tests.services.killed_child import Child

child = Child()
call = child.call
lighten()


class DyingEngine(administrator_engine.AdministratorEngine):
    def __init__(self, dsn: str, *, read_only: bool = False) -> None:
        super().__init__(dsn, read_only=read_only)
        child.watch(self.engine, {word: word for word in ("create_user", "settle", "replace_kit", "seal_to_kit")})


app = child.app()
app.servers  # noqa: B018  # loads what is replaced below
CONNECTIONS = sys.modules["desktop_app.services.context.connections"]
CONNECTIONS.AdministratorEngine = DyingEngine  # type: ignore[attr-defined]  # put in place of the real one


def report(done: int, _total: int) -> None:
    child.point(f"{done} centers later")


if "kit" in call:
    app.recovery.replace(child.profile, call["words"], Path(call["kit"]), report=report)
else:
    app.recovery.recover(child.profile, call["words"], call["username"], call["password"], report=report)
app.close()
