"""First passwords for people to be, on a list to print: each stands there before it is needed, and only if it works."""

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from desktop_app.errors import RefusedError
from desktop_app.message import Message

_HEAD = Message(
    "First passwords. Each is replaced at the first sign-in. Cut apart, hand over in person, delete this file."
)


class PasswordList:
    """A new file of mode 0600 that grows by one person after the other; without anybody it does not stay.

    RefusedError where there is such a file already, or it cannot be written.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._count = 0
        self._start = 0

    def __enter__(self) -> Self:
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            descriptor = os.open(self._target, flags, 0o600)
        except FileExistsError:
            raise RefusedError("{target} exists already, and was not replaced.", target=self._target) from None
        except OSError as error:
            raise self._problem(error) from error
        self._file: BinaryIO = os.fdopen(descriptor, "wb", buffering=0)
        self._write(f"{_HEAD}\n")
        return self

    @property
    def is_kept(self) -> bool:
        """Whether anybody is on it."""
        return self._count > 0

    def add(self, username: str, password: str) -> None:
        """The person's lines are on the disk when this returns; RefusedError where they cannot be."""
        self._start = self._file.tell()
        try:
            self._write(f"\n- - - - - - - - - - - - - - - -\nUser name:  {username}\nPassword:   {password}\n")
        except RefusedError:
            self._cut()
            raise
        self._count += 1

    def take_back(self) -> None:
        """The one added last was not made."""
        self._count -= 1
        self._cut()

    def _cut(self) -> None:
        try:
            self._file.truncate(self._start)
            self._file.seek(self._start)
        except OSError as error:
            raise self._problem(error) from error

    def _write(self, text: str) -> None:
        content = text.encode()
        try:
            while content:
                content = content[self._file.write(content) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._problem(error) from error

    def _problem(self, error: OSError) -> RefusedError:
        return RefusedError(
            "The list of passwords {target} cannot be written: {why}.", target=self._target, why=error.strerror or ""
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self.is_kept:
            self._target.unlink(missing_ok=True)


def read_list(path: Path) -> str:
    """What stands on a list, to be printed; RefusedError where it cannot be read."""
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise RefusedError("{file} cannot be read: {why}.", file=path, why=error.strerror or str(error)) from error
