"""A program that gives a center a new key and is killed at one point: run as a child, never imported."""

import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from desktop_app.bootstrap import build
from desktop_app.crypto.passwords import SignInKeys
from desktop_app.services.records import key_rotation
from desktop_app.storage.profiles import from_toml

call = json.loads(sys.stdin.read())
key_rotation.PAGE = call["page"]
passed: dict[str, int] = {}


def point(name: str) -> None:
    """Die here, if this is the point, the so-and-so-manieth time it is passed."""
    passed[name] = passed.get(name, 0) + 1
    if (name, passed[name]) == (call["point"], call["time"]):
        os.kill(os.getpid(), signal.SIGKILL)


NAMES = {"keep_rewrapped": "page", "rotate_key": "key"}


def before(_c: Any, _cursor: Any, statement: str, *_more: object) -> None:
    """A statement is about to be sent."""
    for word, name in NAMES.items():
        if word in statement:
            point(f"before the {name}")


def after(connection: Any, _cursor: Any, statement: str, *_more: object) -> None:
    """It is done, and nothing is committed."""
    for word, name in NAMES.items():
        if word in statement:
            connection.info["last"] = name
            point(f"the {name}, not committed")


def checked_in(_dbapi: Any, record: Any) -> None:
    """The transaction has ended."""
    if (name := record.info.pop("last", None)) is not None:
        point(f"the {name} and committed")


profile = from_toml(call["profile"])
app = build({"LABKEEP_HOME": call["home"]})
lab = app.sign_in._open(profile, SignInKeys.from_bytes(bytes.fromhex(call["keys"])), None)
engine = lab._context.connection._opened.engine
event.listen(engine, "before_cursor_execute", before)
event.listen(engine, "after_cursor_execute", after)
event.listen(engine, "checkin", checked_in)
with lab, lab.center(call["center"]) as work:
    print(work.keys.rotate().number, flush=True)
app.close()
