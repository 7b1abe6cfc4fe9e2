"""The application on Windows and macOS, as far as Linux can play them: every import, files, locks and a store."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.db.dump_rows import SequencePlace, TableRows, dumped
from tests.source_tree import ROOT
from tests.unit.store_support import python

AS = "from tests.unit.foreign_system import become, import_application\nimport sys\n"
IMPORT = """
become(sys.argv[1])
try:
    __import__(sys.argv[2])
except ImportError:
    print(import_application(), sys.platform)
"""
FILES = """
import ctypes.wintypes, concurrent.futures, shutil, subprocess, tempfile, tomli_w, tomllib, uuid
become("win32", everything=False)
import os
from pathlib import Path
from uuid import uuid4
from desktop_app import config, log
from desktop_app.storage.dropped_files import open_source, walk
from desktop_app.storage.folder_store import FolderStore
from desktop_app.storage.open_folder import OpenFolder
from desktop_app.system.folder_handles import CheckedFolder, open_root
from tests.unit.foreign_system import _CreateFile

home = Path(sys.argv[1])
config.save_settings(home / "settings.toml", config.Settings(idle_lock_minutes=3))
assert config.load_settings(home / "settings.toml").settings.idle_lock_minutes == 3
assert log.set_up(home / "log").is_file()
log.shut_down()

store, file_id, schema = FolderStore(home, uuid4()), uuid4(), "center_" + "0" * 32
assert isinstance(open_root(home), CheckedFolder)
store.create_marker()
content = bytes(range(256)) * 9_000
with store.writing(schema) as batch:
    with batch.writer(file_id, len(content)) as pending:
        pending.file.write(content)
        pending.commit()
        with pending.read_back() as back:
            assert back.readall() == content
    batch.settle()
assert _CreateFile.count == 1, "what was written is read back past the cache"
with store.open(schema, file_id) as file:
    assert file.read() == content
store.delete(schema, file_id)
assert list(store.stored_files(schema)) == []

opened = OpenFolder(home / "open")
copy = opened.new_folder() / "a.pdf"
copy.write_bytes(content)
assert {source.path for source in walk([home / "open"]) if source.size == len(content)} == {copy}
with open_source(copy) as source:
    assert source.readall() == content
copy.chmod(0o400)
assert opened.close() == []
assert OpenFolder(home / "open").start() == []
print("whole")
"""
LOCKS = """
import random
become("win32", everything=False)
from contextlib import ExitStack
from pathlib import Path
from desktop_app.system.locks import FileLock, LockBusyError, hold_alone
path = Path(sys.argv[1])
with ExitStack() as held:
    sharers = [held.enter_context(FileLock(path)) for _ in range(40)]
    for sharer in sharers:
        sharer.take_shared()
    alone = held.enter_context(FileLock(path))
    assert not alone.try_exclusive()
    for sharer in sharers[1:]:
        sharer.release()
        assert not alone.try_exclusive()
    sharers[0].release()
    assert alone.try_exclusive()
    try:
        hold_alone(path, 0.05)
    except LockBusyError:
        alone.release()
        hold_alone(path, 0).close()
        sharers[0].take_shared()
        sharers[0].close()
        assert alone.try_exclusive()
        print("one alone, or many")
"""


ELSEWHERE = {
    "win32": {
        "services/installation/backup_schedule.py": "asks whose it is for Linux only, by the system that it is given",
        "storage/direct_file.py": "where a folder opens a file past the cache by a descriptor: on Linux",
        "storage/translating_file.py": "asks whether there is such a call",
        "system/folder_handles.py": "HeldFolder, where the system has such calls",
        "ui/preview_decoder/child.py": "its limits, after a look at the system",
        "ui/shell/desktop_signals.py": "D-Bus, after a look at the system",
    },
    "darwin": {
        "system/page_cache.py": "asks whether there is such a call",
        "ui/shell/desktop_signals.py": "D-Bus, after a look at the system",
    },
}
"""Files that name what the other system lacks, and why they do not come to it there."""


@pytest.mark.parametrize(("system", "lacking"), [("win32", "fcntl"), ("darwin", "msvcrt")])
def test_every_module_can_be_imported_there(system: str, lacking: str) -> None:
    run = python(AS + IMPORT, system, lacking)
    count, platform = run.stdout.split() or ("0", run.stderr)
    assert (platform, sys.platform) == (system, "linux")
    assert int(count) > len(list((ROOT / "desktop_app" / "ui").rglob("*.py")))


def test_files_of_this_workstation_and_a_store_are_written_and_read_in_windows_way(tmp_path: object) -> None:
    run = python(AS + FILES, tmp_path)
    assert run.stdout == "whole\n", run.stderr


def test_locks_of_windows_are_held_by_one_alone_or_by_many(tmp_path: object) -> None:
    run = python(AS + LOCKS, f"{tmp_path}/a.lock")
    assert run.stdout == "one alone, or many\n", run.stderr


def test_windows_leaves_memory_out_of_its_reports_of_a_crash() -> None:
    run = python(
        AS + "become('win32', everything=False)\nfrom desktop_app.core_dumps import forbid_core_dumps\n"
        "forbid_core_dumps()"
    )
    assert run.stdout == "reports of a crash: 1\n", run.stderr


def test_windows_may_open_a_window_again_that_an_installer_closed() -> None:
    run = python(
        "import os, ctypes.wintypes, PySide6.QtWidgets\nos.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        + AS
        + "become('win32', everything=False)\nfrom desktop_app.ui.shell.exit_signals import ExitSignals\n"
        "application = PySide6.QtWidgets.QApplication([])\nsignals = ExitSignals(application)"
    )
    assert run.stdout == "opened again: None, 11\n", run.stderr


@pytest.mark.full
@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_nothing_else_asks_of_the_other_system_what_it_lacks(system: str, tmp_path: Path) -> None:
    """The type checker knows what each system's Python has."""
    command = [sys.executable, "-m", "mypy", "--platform", system, "--cache-dir", str(tmp_path), "-p", "desktop_app"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert set(re.findall(r"^desktop_app/(\S+?):\d+: error", run.stdout, re.MULTILINE)) == set(ELSEWHERE[system])


def test_rows_of_a_dump_are_the_same_with_the_line_ends_of_windows() -> None:
    text = b"--\nCOPY c.t (a, b) FROM stdin;\n1\tx\\ry\n2\t\\N\n\\.\n\nSELECT pg_catalog.setval('c.s', 3, true);\n"

    def found(content: bytes) -> list[object]:
        return [
            (each.table, list(each.lines)) if isinstance(each, TableRows) else each
            for each in dumped(io.BytesIO(content))
        ]

    assert found(text) == [("t", [b"1\tx\\ry\n", b"2\t\\N\n"]), SequencePlace("c", "s", 3, True)]
    assert found(text.replace(b"\n", b"\r\n")) == found(text)
