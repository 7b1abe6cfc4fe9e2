"""What is sealed: files as they are, or what files of an older system hold, opened in memory."""

import io
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Protocol

from desktop_app.crypto.fernet_tokens import FernetKeys
from desktop_app.crypto.sealed_stream import Readable
from desktop_app.errors import RefusedError
from desktop_app.storage.dropped_files import SourceFile, open_source

LARGEST_FERNET = 128 * 1024 * 1024
"""Bytes of a file that is opened in memory: Fernet authenticates the whole before it gives anything, and takes eight
bytes of memory for each."""
_ENDINGS = (".fernet", ".enc", ".encrypted", ".token")
_LARGEST_KEY_FILE = 1024 * 1024


class Sources(Protocol):
    """How the files that were named become what is sealed."""

    def named(self, source: SourceFile) -> SourceFile:
        """The file as its document is to know it: its name, and about how many clear bytes it has."""

    def open(self, path: Path) -> AbstractContextManager[Readable]:
        """Its clear bytes; an error on the way out says that they were not those of one moment."""

    @property
    def knows_size(self) -> bool:
        """Whether the size that ``named`` gives is exact."""


class PlainFiles:
    """Files as they are."""

    def named(self, source: SourceFile) -> SourceFile:
        """As it is."""
        return source

    def open(self, path: Path) -> AbstractContextManager[Readable]:
        """The file itself."""
        return open_source(path)

    @property
    def knows_size(self) -> bool:
        """It is the file's own."""
        return True


PLAIN = PlainFiles()


@dataclass(frozen=True)
class FernetFiles:
    """Files that hold Fernet tokens. What they hold is in memory only; the files themselves are left as they are."""

    keys: FernetKeys

    def named(self, source: SourceFile) -> SourceFile:
        """Without the ending that older systems gave to what they sealed."""
        name = PurePath(source.name)
        stem = name.stem if name.suffix.lower() in _ENDINGS else source.name
        return replace(source, name=stem, size=source.size * 3 // 4)

    @property
    def knows_size(self) -> bool:
        """What a token holds is a little less than three quarters of it."""
        return False

    def open(self, path: Path) -> AbstractContextManager[Readable]:
        """The clear bytes of all of it; RefusedError for a file that is too large to be opened in memory."""
        with open_source(path) as file:
            content = file.read(LARGEST_FERNET + 1)
        if len(content) > LARGEST_FERNET:
            raise RefusedError(
                "{path} is larger than 128 MiB. A Fernet token is opened in memory, so it is not imported.",
                path=path,
            )
        return nullcontext(io.BytesIO(self.keys.open(content)))


def keys_in_file(path: Path) -> list[str]:
    """The lines of a file of Fernet keys, for FernetKeys; RefusedError where it cannot be read or holds no text."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_KEY_FILE + 1)
    except OSError as error:
        raise RefusedError("The file {path} could not be read: {reason}.", path=path, reason=error.strerror) from error
    try:
        # What Windows programs write before the first letter is nothing of a key.
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise RefusedError("The file {path} is not text in UTF-8.", path=path) from error
    if len(content) > _LARGEST_KEY_FILE:
        raise RefusedError("The file {path} is larger than a file of keys can be.", path=path)
    return lines


def opened_by(key_file: Path) -> FernetFiles:
    """What files of an older system hold, under the keys of this file; RefusedError, WrongKeyError."""
    return FernetFiles(FernetKeys(keys_in_file(key_file)))
