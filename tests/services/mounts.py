"""Stores in trouble: full, read-only, silent; on file systems of the test's own where this machine lets us mount."""

import os
import resource
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

ROOM = 4 * 1024 * 1024
"""Bytes that fit into a small store."""


def _run(*command: object) -> bool:
    try:
        return subprocess.run([str(each) for each in command], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _may_mount() -> bool:
    """Containers often may not, and ordinary accounts never."""
    with tempfile.TemporaryDirectory(prefix="labkeep-mount-") as folder:
        mounted = os.geteuid() == 0 and _run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder)
        return mounted and _run("umount", folder)


MAY_MOUNT = _may_mount()


MAY_FREEZE = MAY_MOUNT and Path("/dev/loop-control").exists() and bool(which("mkfs.ext4") and which("fsfreeze"))


@dataclass
class Place:
    """A folder for a store, and how trouble begins and ends there."""

    folder: Path
    troubled: bool = False

    def begin(self) -> None:
        """From now on there is trouble."""
        self.troubled = True

    def end(self) -> None:
        """All is well again."""
        self.troubled = False


@dataclass
class FileLimit(Place):
    """No file may grow beyond the room: what the system says is nearly what a full disk says."""

    _before: tuple[int, int] = field(default_factory=lambda: resource.getrlimit(resource.RLIMIT_FSIZE))

    def begin(self) -> None:
        super().begin()
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, self._before[1]))

    def end(self) -> None:
        super().end()
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


class FullDisk(Place):
    """A memory disk that is small, and made large at the end."""

    def end(self) -> None:
        super().end()
        assert _run("mount", "-o", f"remount,size={16 * ROOM}", self.folder)


class ReadOnlyDisk(Place):
    """A memory disk that is made read-only: a share whose rights were taken away."""

    def begin(self) -> None:
        super().begin()
        assert _run("mount", "-o", "remount,ro", self.folder)

    def end(self) -> None:
        super().end()
        assert _run("mount", "-o", "remount,rw", self.folder)


class FrozenDisk(Place):
    """A real disk in a file whose writers are held by the kernel: a share that does not answer."""

    def begin(self) -> None:
        super().begin()
        assert _run("fsfreeze", "--freeze", self.folder)

    def end(self) -> None:
        if self.troubled:
            super().end()
            assert _run("fsfreeze", "--unfreeze", self.folder)


@contextmanager
def full_by_limit(folder: Path) -> Iterator[Place]:
    place = FileLimit(folder)
    try:
        yield place
    finally:
        place.end()


@contextmanager
def full_disk(folder: Path) -> Iterator[Place]:
    with _mounted("-t", "tmpfs", "-o", f"size={ROOM}", "none", folder):
        yield FullDisk(folder)


@contextmanager
def read_only_disk(folder: Path) -> Iterator[Place]:
    with _mounted("-t", "tmpfs", "-o", f"size={16 * ROOM}", "none", folder):
        yield ReadOnlyDisk(folder)


@contextmanager
def frozen_disk(folder: Path) -> Iterator[Place]:
    image = folder.with_name("image")
    with image.open("wb") as file:
        file.truncate(16 * ROOM)
    assert _run("mkfs.ext4", "-q", image)
    with _mounted("-o", "loop", image, folder):
        place = FrozenDisk(folder)
        try:
            yield place
        finally:
            place.end()


@contextmanager
def _mounted(*arguments: object) -> Iterator[None]:
    folder = arguments[-1]
    assert _run("mount", *arguments)
    try:
        yield
    finally:
        # Lazily, because a failed test may hold a file open.
        assert _run("umount", folder) or _run("umount", "--lazy", folder)


class HeldThread:
    """Holds a thread until it is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self.held = threading.Event()
        """Set once somebody waits."""

    def close(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def passed(self) -> None:
        """Wait here while it is closed."""
        if not self._open.is_set():
            self.held.set()
            self._open.wait()
