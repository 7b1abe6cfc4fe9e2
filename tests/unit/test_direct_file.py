"""Large files go past the page cache where the file system can, whole in every case, and errors are told."""

import errno
import os
from pathlib import Path
from uuid import uuid4

import pytest

from desktop_app.storage.direct_file import BLOCK, DirectFile
from desktop_app.storage.errors import StoreFullError
from desktop_app.storage.folder_store import FolderStore
from desktop_app.storage.store_errors import writing_problem
from tests.unit.store_support import SCHEMA
from tests.unit.test_past_cache import pages_in_memory

SIZES = [0, 1, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK, 6 * BLOCK + 4097]


def direct(path: Path, flags: int = os.O_DIRECT) -> DirectFile:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    second = os.open(path, os.O_WRONLY | flags)
    return DirectFile(descriptor, second, lambda error: writing_problem(error, path.parent))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [1000 * 1000, BLOCK // 2, 3 * BLOCK])
def test_all_of_it_is_written_in_any_steps(tmp_path: Path, size: int, step: int) -> None:
    content = os.urandom(size)
    buffer = bytearray(step)
    with direct(tmp_path / "file") as file:
        for start in range(0, size, step):
            piece = content[start : start + step]
            buffer[: len(piece)] = piece
            assert file.write(memoryview(buffer)[: len(piece)]) == len(piece)
            buffer[:] = bytes(step)  # what was taken is no longer the caller's
        file.finish()
        assert file.is_direct
    assert (tmp_path / "file").read_bytes() == content


def test_what_is_written_directly_is_in_no_cache(tmp_path: Path) -> None:
    with direct(tmp_path / "file") as file:
        file.write(os.urandom(4 * BLOCK))
        file.finish()
        assert pages_in_memory(tmp_path / "file") == 0


def test_a_file_system_without_it_gets_the_same_bytes_through_its_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pwrite
    content = os.urandom(3 * BLOCK + 77)
    with direct(tmp_path / "file") as file:

        def refusing(descriptor: int, data: memoryview, at: int) -> int:
            # Some file systems let one open a file so, and refuse what is written then.
            if descriptor != file.fileno():
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            return real(descriptor, data[:100_000], at)

        monkeypatch.setattr(os, "pwrite", refusing)
        file.write(content)
        file.finish()
        assert not file.is_direct
    assert (tmp_path / "file").read_bytes() == content


@pytest.mark.parametrize("blocks", [1, 12])
def test_a_disk_that_is_full_is_told_while_writing_or_at_the_end(blocks: int) -> None:
    descriptor, second = (os.open("/dev/full", os.O_WRONLY) for _ in range(2))
    file = DirectFile(descriptor, second, lambda error: writing_problem(error, Path("/share")))
    with file, pytest.raises(StoreFullError, match="full"):
        file.write(bytes(blocks * BLOCK))
        file.finish()


@pytest.mark.parametrize("size", SIZES)
def test_a_stored_file_of_any_size_is_read_back_and_opened(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    store, file_id = FolderStore(tmp_path, uuid4()), uuid4()
    store.create_marker()
    with store.writing(SCHEMA) as batch, batch.writer(file_id, max(size, BLOCK)) as pending:
        pending.file.write(content)
        pending.commit()
        with pending.read_back() as back:
            assert back.read() == content
    with store.open(SCHEMA, file_id) as stored:
        assert stored.read() == content


def test_a_file_that_was_not_finished_leaves_no_trace_and_no_descriptor(tmp_path: Path) -> None:
    store, file_id = FolderStore(tmp_path, uuid4()), uuid4()
    store.create_marker()
    before = len(list(Path("/proc/self/fd").iterdir()))
    with store.writing(SCHEMA) as batch, batch.writer(file_id, 10 * BLOCK) as pending:
        pending.file.write(bytes(5 * BLOCK))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert not list(store.leftovers(SCHEMA))
    assert not store.exists(SCHEMA, file_id)
