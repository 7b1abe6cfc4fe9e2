"""The store's marker: a small file that says whose store a folder is, so that an unmounted share is noticed."""

import os
import tomllib
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from desktop_app.storage.errors import (
    AlreadyStoredError,
    ForeignStoreError,
    MissingFileError,
    StoreMissingError,
    UnsafeStoreError,
)
from desktop_app.storage.store_errors import translated_store_errors
from desktop_app.system.folder_handles import Folder, open_root
from desktop_app.system.folders import sync_file

MARKER_NAME = "labkeep-store.toml"
_FORMAT = 1
_LARGEST = 4096  # bytes


def create_marker(root: Path, installation_id: UUID) -> None:
    """Make the folder ``root``, which must exist, the store of this installation; doing so twice is harmless.

    Raises StoreMissingError (no such folder), ForeignStoreError (another installation's), and what writing raises.
    """
    with open_store_root(root) as folder:
        if _read(folder) is None:
            # Two set-ups at once: the check that follows tells which of them has the folder.
            with suppress(AlreadyStoredError):
                _write(folder, installation_id)
        require_marker(folder, installation_id)


def open_store_root(root: Path) -> Folder:
    """Open the store's folder; raises StoreMissingError when there is none."""
    try:
        with translated_store_errors(root, writing=False):
            return open_root(root)
    except (MissingFileError, UnsafeStoreError) as error:
        raise StoreMissingError(
            "The store's folder {root} is not there. If it is a network share, connect it, then try again.", root=root
        ) from error


def require_marker(folder: Folder, installation_id: UUID) -> None:
    """Raise unless the open folder is this installation's store; nothing may be written before this was asked."""
    content = _read(folder)
    if content is None:
        raise StoreMissingError(
            "The folder {path} is there, but it is not the store: its file {marker_name} is missing. "
            "Most often a network share is not connected. Connect it, then try again. Nothing was "
            "written.",
            path=folder.path,
            marker_name=MARKER_NAME,
        )
    if _installation_of(content) is None:
        raise ForeignStoreError(
            "The file {marker_name} in {path}, which says whose store this folder is, is damaged. "
            "Nothing was written. Bring the file back from a backup of the store.",
            marker_name=MARKER_NAME,
            path=folder.path,
        )
    if _installation_of(content) != installation_id:
        raise ForeignStoreError(
            "The folder {path} is the store of another installation of Labkeep (see {marker_name} in "
            "it). Nothing was written. Check the path of the store in your profile.",
            path=folder.path,
            marker_name=MARKER_NAME,
        )


def _read(folder: Folder) -> bytes | None:
    try:
        with (
            translated_store_errors(folder.path, writing=False),
            os.fdopen(folder.open_file(MARKER_NAME), "rb") as file,
        ):
            return file.read(_LARGEST)
    except MissingFileError:
        return None


def _installation_of(content: bytes) -> UUID | None:
    try:
        values = tomllib.loads(content.decode("utf-8"))
        return UUID(values["installation_id"]) if values.get("format") == _FORMAT else None
    except (ValueError, KeyError, TypeError, AttributeError):  # TOML's and Unicode's errors are ValueErrors
        return None


def _write(folder: Folder, installation_id: UUID) -> None:
    """Through the open folder and with the share's permissions, as all files of the store are written."""
    text = (
        "# This folder is a store of Labkeep. Without this file Labkeep writes nothing here.\n"
        f'format = {_FORMAT}\ninstallation_id = "{installation_id}"\n'
    )
    temporary = f".{MARKER_NAME}.{uuid4().hex}"
    with translated_store_errors(folder.path, writing=True):
        descriptor = folder.new_file(temporary)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                file.write(text.encode())
                sync_file(file.fileno())
            folder.rename(temporary, MARKER_NAME)
        except BaseException:
            folder.unlink(temporary)
            raise
        folder.sync()
