"""A program that backs up or restores and kills itself: run as a child, never imported."""

import io
from pathlib import Path
from typing import BinaryIO

from desktop_app.db.dump_snapshot import StoredFileRow
from desktop_app.services.installation import backup_files
from desktop_app.services.installation.opened_backup import OpenedBackup, Opener
from desktop_app.services.installation.restore import RestoreRequest
from desktop_app.storage.store import Batch, Store
from tests.services.killed_child import Child

child = Child()
_copy = backup_files._copy
_write_database = OpenedBackup.write_database


def copies_one(source: Store, batch: Batch, row: StoredFileRow) -> None:
    _copy(source, batch, row)
    child.point("a file was copied")


def writes_half(opened: OpenedBackup, target: BinaryIO) -> None:
    whole = io.BytesIO()
    _write_database(opened, whole)
    half = len(whole.getvalue()) // 2
    target.write(whole.getvalue()[:half])
    target.flush()
    child.point("half of the dump")  # the first time only the list of contents is read
    target.write(whole.getvalue()[half:])


backup_files._copy = copies_one
setattr(OpenedBackup, "write_database", writes_half)  # noqa: B010  # a method is not assigned to
call, folder = child.call, Path(child.call["folder"])
app = child.app()
if "store" in call:
    app.restore.run(RestoreRequest(folder, Opener(kit=call["kit"]), store=Path(call["store"]), dsn=call["dsn"]))
else:
    app.backup.run(child.profile, folder)
app.close()
