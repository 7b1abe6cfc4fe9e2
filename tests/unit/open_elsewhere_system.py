"""A system that says for a while, as Windows does, that another program has a file open."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from desktop_app.system.folder_handles import CheckedFolder

CALLS = ("open", "rename", "replace", "unlink", "rmdir")
SHARING_VIOLATION, ACCESS_DENIED = 32, 5


@dataclass
class OtherProgram:
    """Refuses the first *times* calls to each file, for each kind of call; counts all refusals."""

    folder: Path
    kinds: frozenset[str]
    times: int
    winerror: int = SHARING_VIOLATION
    refused: dict[tuple[str, str], int] = field(default_factory=dict)

    def refuses(self, kind: str, path: object) -> None:
        """Raise what Python raises there."""
        if kind not in self.kinds or not isinstance(path, str | os.PathLike):
            return
        place = Path(os.fsdecode(path))
        if not place.is_relative_to(self.folder) or not os.path.lexists(place):
            return
        so_far = self.refused.get((kind, place.name), 0)
        if so_far < self.times:
            self.refused[kind, place.name] = so_far + 1
            error = PermissionError(errno.EACCES, "Permission denied", str(place))
            cast(Any, error).winerror = self.winerror
            raise error


@contextmanager
def another_program(folder: Path, *kinds: str, times: int, winerror: int = SHARING_VIOLATION) -> Iterator[OtherProgram]:
    """The store is reached in Windows' way, and these calls below *folder* are refused; nobody waits for real."""
    other = OtherProgram(folder, frozenset(kinds), times, winerror)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desktop_app.storage.marker.open_root", CheckedFolder.root)
        patch.setattr("desktop_app.system.open_elsewhere._WAITS", (0.0,) * 5)
        for kind in CALLS:
            patch.setattr(os, kind, _refusing(other, kind, getattr(os, kind)))
        yield other


def _refusing(other: OtherProgram, kind: str, act: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: object, *arguments: Any, **names: Any) -> Any:
        if not names.get("dir_fd") and not names.get("src_dir_fd"):
            other.refuses(kind, path)
        return act(path, *arguments, **names)

    return call
