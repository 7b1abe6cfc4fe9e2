"""A program that adds files and is killed at one point: run as a child by test_interruptions.py, never imported."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event

from desktop_app.bootstrap import build
from desktop_app.crypto.passwords import SignInKeys
from desktop_app.services.documents.add_results import AddResult, SilentAddReport
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.storage import folder_store
from desktop_app.storage.folder_batch import FolderBatch, PendingFile
from desktop_app.storage.profiles import from_toml

call = json.loads(sys.stdin.read())
passed: dict[str, int] = {}


def point(name: str) -> None:
    """Die here, if this is the point, the so-and-so-manieth time it is passed."""
    passed[name] = passed.get(name, 0) + 1
    if (name, passed[name]) == (call["point"], call["time"]):
        os.kill(os.getpid(), signal.SIGKILL)


class Report(SilentAddReport):
    def file_started(self, path: Path, size: int) -> None:
        point("file started")

    def bytes_done(self, path: Path, done: int) -> None:
        point("bytes done")

    def file_finished(self, result: AddResult) -> None:
        print(json.dumps({"id": str(result.id), "name": result.name, "state": result.state}), flush=True)
        point("file finished")


class DyingBatch(FolderBatch):
    @contextmanager
    def writer(self, file_id: UUID, size_hint: int = 0) -> Iterator[PendingFile]:
        point("before the file is made")
        with super().writer(file_id, size_hint) as pending:
            point("file made")
            read_back = pending.read_back

            def reading() -> RawIOBase:
                point("before it is read back")
                return read_back()

            pending.read_back = reading  # type: ignore[method-assign]  # of this file alone
            yield pending
            point("file renamed")

    def settle(self) -> None:
        point("before names are durable")
        super().settle()
        point("names are durable")


def watch(engine: Any) -> None:
    """The steps in the database: each statement before and after it, and each end of a transaction."""
    names = {"document_uploads": "reserved", "save_versions": "saved"}

    def before(_c: Any, _cursor: Any, statement: str, *_more: object) -> None:
        for word, name in names.items():
            if word in statement and not statement.startswith("SELECT document"):
                point(f"before {name}")

    def after(connection: Any, _cursor: Any, statement: str, *_more: object) -> None:
        for word, name in names.items():
            if word in statement:
                connection.info["last"] = name
                point(f"{name}, not committed")

    def checked_in(_dbapi: Any, record: Any) -> None:
        if (name := record.info.pop("last", None)) is not None:
            point(f"{name} and committed")

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "checkin", checked_in)


profile = from_toml(call["profile"])
app = build({"LABKEEP_HOME": call["home"]})
lab = app.sign_in._open(profile, SignInKeys.from_bytes(bytes.fromhex(call["keys"])), None)
folder_store.FolderBatch = DyingBatch  # type: ignore[attr-defined]  # put in place of what the store imports
watch(lab._context.connection._opened.engine)
with lab, lab.center("alpha") as work:
    work.documents.add([Path(path) for path in call["paths"]], on_conflict=OnConflict.VERSION, report=Report())
print(json.dumps({"passed": passed}), flush=True)
app.close()
