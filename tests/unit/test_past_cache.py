"""What is read back after saving is on the disk: the system's memory holds none of it any more. Measured by mincore."""

import ctypes
import mmap
import os
from pathlib import Path
from uuid import uuid4

import pytest

from desktop_app.errors import UnavailableError
from desktop_app.storage.aligned_file import AlignedFile
from desktop_app.storage.folder_store import FolderStore
from desktop_app.storage.translating_file import TranslatingFile
from desktop_app.system.page_cache import forget_pages
from tests.unit.store_support import SCHEMA

MIB = 1024 * 1024
_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.mmap.restype = ctypes.c_void_p
_LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_LIBC.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
_LIBC.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


def pages_in_memory(path: Path) -> int:
    """How many pages of a file the page cache holds."""
    size = path.stat().st_size
    pages = -(-size // mmap.PAGESIZE)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        address = _LIBC.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
        found = ctypes.create_string_buffer(pages)
        assert _LIBC.mincore(address, size, found) == 0, os.strerror(ctypes.get_errno())
        _LIBC.munmap(address, size)
    finally:
        os.close(descriptor)
    return sum(byte & 1 for byte in found.raw)


@pytest.mark.parametrize("size", [1, 10 * 1024, 4 * MIB + 5])
def test_nothing_of_a_saved_file_is_in_memory_when_it_is_read_back(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    # What this file system can do: one that lives in memory cannot let go of it.
    control = tmp_path / "control"
    with control.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        before = pages_in_memory(control)
        forget_pages(file.fileno())
    assert before == -(-size // mmap.PAGESIZE), "as written, all of it"
    store, file_id = FolderStore(tmp_path, uuid4()), uuid4()
    store.create_marker()
    with store.writing(SCHEMA) as batch, batch.writer(file_id) as pending:
        pending.file.write(content)
        pending.commit()
        assert pages_in_memory(store.path_of(SCHEMA, file_id)) == pages_in_memory(control)
        with pending.read_back() as back:
            assert back.read() == content


@pytest.mark.parametrize(
    "size", [0, 1, 511, 512, 4096, MIB - 1, MIB, MIB + 1, 3 * MIB + 4097, 4 * MIB, 9 * MIB + 4096, 16 * MIB + 1]
)
@pytest.mark.parametrize("step", [1000, MIB, 2 * MIB])
def test_whole_sectors_are_read_as_one_likes(tmp_path: Path, size: int, step: int) -> None:
    """The way of Windows, on a descriptor of Linux with the same demands."""
    content = os.urandom(size)
    path = tmp_path / "file"
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECT)
    got = bytearray()
    buffer = bytearray(step)
    inner = TranslatingFile(descriptor, "rb", lambda error: UnavailableError(str(error)))
    with AlignedFile(inner) as file:
        while count := file.readinto(buffer):
            got += buffer[:count]
        assert file.readinto(buffer) == 0
    assert got == content
