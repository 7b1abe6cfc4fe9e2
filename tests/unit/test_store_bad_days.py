"""The store when the disk is full, failing or forbidden, and when the program is killed."""

import errno
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from desktop_app.errors import LabkeepError, UnavailableError
from desktop_app.storage.errors import (
    AlreadyStoredError,
    MissingFileError,
    StorageError,
    StoreFullError,
    StoreReadOnlyError,
    StoreUnavailableError,
    UnsafeStoreError,
)
from desktop_app.storage.folder_store import FolderStore
from desktop_app.storage.marker import MARKER_NAME
from desktop_app.storage.store import remove_traces
from desktop_app.storage.store_errors import reading_problem, translated_store_errors, writing_problem
from desktop_app.storage.translating_file import TranslatingFile
from tests.unit.store_support import (
    FILE,
    KILL_BEFORE,
    SCHEMA,
    everything,
    installation,
    public_folder,
    put,
    python,
    store,
)

__all__ = ["installation", "public_folder", "store"]


# The wall


@pytest.mark.parametrize(
    ("number", "writing", "kind"),
    [
        (errno.ENOSPC, True, StoreFullError),
        (errno.EDQUOT, True, StoreFullError),
        (errno.EFBIG, True, StoreFullError),
        (errno.EROFS, True, StoreReadOnlyError),
        (errno.EACCES, True, StoreReadOnlyError),
        (errno.EPERM, True, StoreReadOnlyError),
        (errno.EACCES, False, StoreUnavailableError),
        (errno.EIO, True, StoreUnavailableError),
        (errno.EIO, False, StoreUnavailableError),
        (errno.ESTALE, False, StoreUnavailableError),
        (errno.ENOTCONN, True, StoreUnavailableError),
        (errno.EHOSTDOWN, True, StoreUnavailableError),
        (errno.ETIMEDOUT, True, StoreUnavailableError),
        (errno.ENOENT, False, MissingFileError),
        (errno.ELOOP, True, UnsafeStoreError),
        (errno.EEXIST, True, AlreadyStoredError),
    ],
)
def test_every_system_error_becomes_a_sentence(number: int, writing: bool, kind: type[StorageError]) -> None:
    with pytest.raises(kind) as caught, translated_store_errors(Path("/share"), writing=writing):
        raise OSError(number, os.strerror(number))
    assert isinstance(caught.value, LabkeepError)
    assert str(caught.value).endswith(".")
    assert "Errno" not in str(caught.value)
    if kind in (StoreFullError, StoreReadOnlyError, StoreUnavailableError):
        assert isinstance(caught.value, UnavailableError)


def test_a_full_disk_is_told_while_writing() -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    with (
        TranslatingFile(descriptor, "wb", lambda error: writing_problem(error, Path("/share"))) as file,
        pytest.raises(StoreFullError, match="full"),
    ):
        file.write(b"x")


def test_a_failing_read_is_told() -> None:
    descriptor = os.open("/proc/self/mem", os.O_RDONLY)  # address 0 is mapped nowhere: EIO
    with TranslatingFile(descriptor, "rb", lambda error: reading_problem(error, Path("/share"))) as file:
        for read in (lambda: file.read(10), file.readall, lambda: file.readinto(bytearray(10))):
            with pytest.raises(StoreUnavailableError, match="does not answer properly"):
                read()


LIMITED = """
import os, resource, signal, sys
from pathlib import Path
from uuid import UUID
from desktop_app.storage.errors import StoreFullError
from desktop_app.storage.folder_store import FolderStore
store = FolderStore(Path(sys.argv[1]), UUID(sys.argv[2]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with store.writing(sys.argv[3]) as batch, batch.writer(UUID(sys.argv[4])) as pending:
        for _ in range(300_000 // int(sys.argv[5])):
            pending.file.write(bytes(int(sys.argv[5])))
        pending.commit()
        print("committed")
except StoreFullError as error:
    print("full:", error)
"""


@pytest.mark.parametrize("at_once", [30_000, 300_000])
def test_running_out_of_room_in_the_middle_leaves_nothing(store: FolderStore, installation: UUID, at_once: int) -> None:
    """The system takes as much of a write as there is room for, and refuses only the next one."""
    run = python(LIMITED, store.root, installation, SCHEMA, FILE, at_once)
    assert run.stdout.startswith("full: The store"), run.stderr
    assert everything(store) == {SCHEMA, f"{SCHEMA}/ab"}


AS_NOBODY = """
import os, sys
from pathlib import Path
from uuid import UUID
from desktop_app.storage.errors import StorageError
from desktop_app.storage.folder_store import FolderStore
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
store = FolderStore(Path(sys.argv[1]), UUID(sys.argv[2]))

def write():
    with store.writing(sys.argv[3]) as batch, batch.writer(UUID(sys.argv[4])):
        pass

for name, act in {
    "write": write,
    "delete": lambda: store.delete(sys.argv[3], UUID(sys.argv[5])),
    "open": lambda: store.open(sys.argv[3], UUID(sys.argv[5])),
}.items():
    try:
        act()
        print(name, "done")
    except StorageError as error:
        print(name, type(error).__name__)
"""


WRITES = (
    AS_NOBODY.partition("def write")[0]
    + """
try:
    store.check_writing()
    print("writes")
except StorageError as error:
    print(type(error).__name__)
"""
)


def test_whose_center_takes_files_may_write_though_the_top_does_not(public_folder: Path, installation: UUID) -> None:
    """So a lab's server shares a store: its top is root's, each center's folder its people's."""
    FolderStore(public_folder, installation).create_marker()
    (public_folder / MARKER_NAME).chmod(0o444)
    public_folder.chmod(0o555)
    closed, own = public_folder / SCHEMA, public_folder / f"center_{'f' * 32}"
    try:
        assert python(WRITES, public_folder, installation).stdout == "StoreReadOnlyError\n"
        closed.mkdir(mode=0o700)
        if os.geteuid() == 0:
            assert python(WRITES, public_folder, installation).stdout == "StoreReadOnlyError\n"
        own.mkdir()
        own.chmod(0o777)
        assert python(WRITES, public_folder, installation).stdout == "writes\n"
        assert list(own.iterdir()) == []
    finally:
        public_folder.chmod(0o777)


def test_a_share_without_rights_says_so(public_folder: Path, installation: UUID) -> None:
    FolderStore(public_folder, installation).create_marker()
    store = FolderStore(public_folder, installation)
    hidden = UUID("ab000000-0000-4000-8000-0000000000ff")
    put(store, b"x", hidden)
    store.path_of(SCHEMA, hidden).chmod(0)
    (store.root / MARKER_NAME).chmod(0o444)
    for folder in (store.root / SCHEMA / "ab", store.root / SCHEMA, store.root):
        folder.chmod(0o555)
    try:
        run = python(AS_NOBODY, store.root, installation, SCHEMA, FILE, hidden)
    finally:
        for folder in (store.root, store.root / SCHEMA, store.root / SCHEMA / "ab"):
            folder.chmod(0o755)
    assert run.stdout.splitlines() == [
        "write StoreReadOnlyError",
        "delete StoreReadOnlyError",
        "open StoreUnavailableError",
    ], run.stderr
    assert store.exists(SCHEMA, hidden)


# Power cuts


KILLED = """
import os, sys
from pathlib import Path
from uuid import UUID
from desktop_app.storage.folder_store import FolderStore

root, installation, schema = Path(sys.argv[1]), UUID(sys.argv[2]), sys.argv[3]
content = bytes(range(256)) * 10_000

def save(file_id):
    with FolderStore(root, installation).writing(schema) as batch, batch.writer(file_id) as pending:
        for start in range(0, len(content), 1 << 20):
            pending.file.write(memoryview(content)[start:start + (1 << 20)])
        pending.commit()

step = finals = parts = 0
while True:
    file_id = UUID(int=(step << 64) | 0xab << 120)
    child = os.fork()
    if child == 0:
        kill_before(step)
        save(file_id)
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    path = FolderStore(root, installation).path_of(schema, file_id)
    if path.exists():
        finals += 1
        assert path.read_bytes() == content, f"killed before call {step}: a part under the final name"
    elif path.with_name(f".{file_id}.part").exists():
        parts += 1
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0
        assert path.exists()
        break
    step += 1
print(step, parts, finals)
"""


def test_killed_before_any_call_only_whole_files_have_final_names(store: FolderStore, installation: UUID) -> None:
    """Killed before its first, second, ... call into C, system calls among them, until one program gets through."""
    run = python(KILL_BEFORE + KILLED, store.root, installation, SCHEMA)
    assert run.returncode == 0, run.stderr
    steps, parts, finals = map(int, run.stdout.split())
    assert steps > 20
    assert parts > 3, "some kills must hit between making and renaming"
    assert finals > 1, "some kills must hit after renaming"
    assert len(list(store.leftovers(SCHEMA))) == parts
    for file_id in list(store.leftovers(SCHEMA)):
        remove_traces(store, SCHEMA, file_id)
    assert len(list(store.stored_files(SCHEMA))) == finals


class Recorder:
    """Notes the durable steps of one save in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[tuple[str, str]] = []
        fsync, rename = os.fsync, os.rename

        def noting_fsync(descriptor: int) -> None:
            self.steps.append(("fsync", Path(f"/proc/self/fd/{descriptor}").readlink().name))
            fsync(descriptor)

        def noting_rename(old: str, new: str, **folders: int) -> None:
            self.steps.append(("rename", new))
            rename(old, new, **folders)

        monkeypatch.setattr(os, "fsync", noting_fsync)
        monkeypatch.setattr(os, "rename", noting_rename)


def test_content_is_on_the_disk_before_the_name_and_the_name_before_the_answer(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(monkeypatch)
    put(store, b"content")
    assert recorder.steps == [
        ("fsync", "share"),  # the center's folder is new in it
        ("fsync", SCHEMA),  # the folder of two digits is new in it
        ("fsync", f".{FILE}.part"),
        ("rename", str(FILE)),
        ("fsync", "ab"),
    ]
    recorder.steps.clear()
    put(store, b"content", UUID("ab000000-0000-4000-8000-000000000002"))
    assert [step for step, _ in recorder.steps] == ["fsync", "rename", "fsync"]


def test_many_names_are_made_durable_together(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [UUID(f"{prefix}000000-0000-4000-8000-00000000000{number}") for prefix in ("ab", "cd") for number in (1, 2)]
    for file_id in ids:
        with suppress(AlreadyStoredError):  # one for each folder is enough
            put(store, b"warm", UUID(str(file_id)[:-1] + "f"))
    recorder = Recorder(monkeypatch)
    with store.writing(SCHEMA) as batch:
        for file_id in ids:
            with batch.writer(file_id) as pending:
                pending.file.write(b"content")
                pending.commit()
        assert [step for step, _ in recorder.steps] == ["fsync", "rename"] * 4
        recorder.steps.clear()
        batch.settle()
        assert recorder.steps == [("fsync", "ab"), ("fsync", "cd")]
        batch.settle()
        assert recorder.steps == [("fsync", "ab"), ("fsync", "cd")]
    assert set(ids) < set(store.stored_files(SCHEMA))


def test_names_that_cannot_be_made_durable_are_an_error(store: FolderStore) -> None:
    with store.writing(SCHEMA) as batch:
        with batch.writer(FILE) as pending:
            pending.commit()
        store.path_of(SCHEMA, FILE).unlink()
        store.path_of(SCHEMA, FILE).parent.rmdir()
        with pytest.raises(StorageError):
            batch.settle()


RACER = """
import os, sys
from pathlib import Path
from uuid import UUID
from desktop_app.storage.errors import AlreadyStoredError
from desktop_app.storage.folder_store import FolderStore
store = FolderStore(Path(sys.argv[1]), UUID(sys.argv[2]))
won = 0
for number in range(100):
    try:
        with store.writing(sys.argv[3]) as batch, batch.writer(UUID(int=number << 120 | number)) as pending:
            pending.file.write(sys.argv[4].encode() * 50_000)
            pending.commit()
        won += 1
    except AlreadyStoredError:
        pass
print(won)
"""


def test_of_programs_that_race_for_the_same_ids_one_wins_each(store: FolderStore, installation: UUID) -> None:
    command = [sys.executable, "-c", RACER, str(store.root), str(installation), SCHEMA]
    racers = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        for name in "ABCD"
    ]
    wins = [int(racer.communicate(timeout=120)[0]) for racer in racers]
    assert sum(wins) == 100
    ids = sorted(store.stored_files(SCHEMA))
    assert len(ids) == 100
    assert list(store.leftovers(SCHEMA)) == []
    for file_id in ids:
        with store.open(SCHEMA, file_id) as file:
            content = file.read()
        assert content == content[:1] * 50_000, "of one writer only"
