"""A program that adds files and is killed at one point: run as a child by test_interruptions.py, never imported."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from uuid import UUID

from desktop_app.services.documents.add_results import AddResult, SilentAddReport
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.storage import folder_store
from desktop_app.storage.folder_batch import FolderBatch, PendingFile
from tests.services.killed_child import Child

child = Child()


class Report(SilentAddReport):
    def file_started(self, path: Path, size: int) -> None:
        child.point("file started")

    def bytes_done(self, path: Path, done: int) -> None:
        child.point("bytes done")

    def file_finished(self, result: AddResult) -> None:
        print(json.dumps({"id": str(result.id), "name": result.name, "state": result.state}), flush=True)
        child.point("file finished")


class DyingBatch(FolderBatch):
    @contextmanager
    def writer(self, file_id: UUID, size_hint: int = 0) -> Iterator[PendingFile]:
        child.point("before the file is made")
        with super().writer(file_id, size_hint) as pending:
            child.point("file made")
            read_back = pending.read_back

            def reading() -> RawIOBase:
                child.point("before it is read back")
                return read_back()

            pending.read_back = reading  # type: ignore[method-assign]  # of this file alone
            yield pending
            child.point("file renamed")

    def settle(self) -> None:
        child.point("before names are durable")
        super().settle()
        child.point("names are durable")


app = child.app()
lab = child.sign_in(app)
folder_store.FolderBatch = DyingBatch  # type: ignore[attr-defined]  # put in place of what the store imports
child.watch(lab._context.connection._opened.engine, {"document_uploads": "reserved", "save_versions": "saved"})
with lab, lab.center("alpha") as work:
    paths = [Path(path) for path in child.call["paths"]]
    work.documents.add(paths, on_conflict=OnConflict.VERSION, report=Report())
print(json.dumps({"passed": child.passed}), flush=True)
app.close()
