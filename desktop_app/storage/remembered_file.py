"""A file in which this workstation remembers something of one installation: private, whole, and errors in sentences."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from desktop_app.storage.errors import RememberedBrokenError, StorageError
from desktop_app.system.atomic_file import replace_private_file
from desktop_app.system.folders import make_private_folder
from desktop_app.system.locks import hold_alone
from desktop_app.system.open_elsewhere import read_whole

_FORMAT = 1
_DAMAGED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
Value = TypeVar("Value")


def read_remembered(path: Path, most: int | None = None) -> bytes | None:
    """What the file holds; None where there is none, or one of more than *most* bytes. Raises StorageError."""
    try:
        return read_whole(path) if most is None or path.stat().st_size <= most else None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError("{path} could not be read: {reason}.", path=path, reason=error.strerror) from error


def write_remembered(path: Path, content: bytes) -> None:
    """Put this in the file's place; raises StorageError."""
    try:
        replace_private_file(path, content)
    except OSError as error:
        raise StorageError("{path} could not be written: {reason}.", path=path, reason=error.strerror) from error


@contextmanager
def changing_remembered(folder: Path, installation_id: UUID, wait: float) -> Iterator[None]:
    """Nobody else on this computer changes what is remembered of the installation; LockBusyError, StorageError."""
    path = folder / f"{installation_id}.lock"
    try:
        lock = hold_alone(make_private_folder(folder) / path.name, wait)
    except OSError as error:
        raise StorageError("{path} could not be written: {reason}.", path=path, reason=error.strerror) from error
    with lock:
        yield


def read_heads(path: Path, installation_id: UUID, take: Callable[[Mapping[str, Any]], Value]) -> Value | None:
    """What *take* makes of the values in the file, None on first sight; RememberedBrokenError, StorageError.

    A file that protects against an older state is never taken for an empty one.
    """
    content = read_remembered(path)
    if content is None:
        return None
    try:
        values = json.loads(content.decode("utf-8"))
        if values["format"] != _FORMAT or values["installation_id"] != str(installation_id):
            raise ValueError("another format or installation")
        return take(values)
    except _DAMAGED as error:
        raise RememberedBrokenError(
            "{path}, which protects you against an older state of the data, cannot be read. Restore it "
            "from a backup, or delete it if you know why it is damaged.",
            path=path,
        ) from error


def write_heads(path: Path, installation_id: UUID, values: Mapping[str, object]) -> None:
    """Write values for ``read_heads``; raises StorageError."""
    whole = {"format": _FORMAT, "installation_id": str(installation_id), **values}
    write_remembered(path, json.dumps(whole, indent=1, sort_keys=True).encode())
