"""Files on their way to a person: private while they are written, never left behind half, and sentences for errors."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from desktop_app.message import Message
from desktop_app.storage.errors import TargetError, TargetExistsError
from desktop_app.storage.translating_file import TranslatingFile
from desktop_app.system.atomic_file import AtomicFile
from desktop_app.system.folders import sync_folder


class PrivateTemp(AtomicFile):
    """A file of mode 0600 in the folder of ``target`` that takes the target's name with ``commit()``, or vanishes.

    ``overwrite`` says that the person agreed to replace a plain file of that name. Raises TargetExistsError and
    TargetError.
    """

    def __init__(self, target: Path, *, overwrite: bool = False) -> None:
        super().__init__(target, replace=overwrite)

    def __enter__(self) -> Self:
        try:
            return super().__enter__()
        except OSError as error:
            raise self._problem(error) from error

    def commit(self) -> Path:
        """Give the complete file its name and return the path."""
        try:
            super().commit()
        except OSError as error:
            raise self._problem(error) from error
        with suppress(OSError):  # the file is complete; a folder that may not be read cannot be synced
            sync_folder(self.target.parent)
        return self.target

    def _file_of(self, descriptor: int) -> BinaryIO:
        return TranslatingFile(descriptor, "wb", self._problem)

    def _check_target(self) -> None:
        """Only a plain file is ever replaced: not a device, a pipe or a folder, and no link, wherever it leads."""
        try:
            mode = os.lstat(self._at).st_mode
        except FileNotFoundError:
            return
        if not self._replace:
            raise self._exists()
        if not stat.S_ISREG(mode):
            raise TargetError("{target} is not a plain file, and was not replaced.", target=self.target)

    def _problem(self, error: OSError) -> TargetError:
        if isinstance(error, FileExistsError):
            return self._exists()
        folder = self.target.parent
        if isinstance(error, FileNotFoundError):
            return TargetError(Message("The folder {folder} does not exist. The file was not saved.", folder=folder))
        return TargetError(
            Message(
                "{target} could not be written: {reason}. No part of it was left behind.",
                target=self.target,
                reason=error.strerror,
            )
        )

    def _exists(self) -> TargetExistsError:
        return TargetExistsError(Message("{target} exists already, and was not replaced.", target=self.target))
