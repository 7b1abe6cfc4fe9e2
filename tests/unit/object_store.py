"""A store of objects in memory, as a bucket has them: no folders, no renaming, nothing ever gone for good.

The proof that the contract of a store asks for nothing that only a folder has.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from desktop_app.storage.errors import AlreadyStoredError, ForeignStoreError, MissingFileError, StoreMissingError
from desktop_app.storage.store import Abilities, Deletion

MARKER = "labkeep-store.toml"


@dataclass
class Bucket:
    """Every version of every object, the newest last; None marks where one was deleted."""

    versions: dict[str, list[bytes | None]] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    """Uploads that were begun and neither completed nor given up."""
    is_reached: bool = True

    def get(self, key: str) -> bytes | None:
        if not self.is_reached:
            raise StoreMissingError("The bucket {bucket} does not answer.", bucket="test")
        return self.versions[key][-1] if key in self.versions else None

    def put_new(self, key: str, content: bytes) -> None:
        """Put an object where none is, which a bucket decides in one step."""
        if self.get(key) is not None:
            raise AlreadyStoredError("An object of this id is stored already.")
        self.versions.setdefault(key, []).append(content)

    def delete(self, key: str) -> bool:
        was_there = self.get(key) is not None
        if was_there:
            self.versions[key].append(None)
        return was_there


class Content(io.RawIOBase):
    """The bytes of an object, read forward."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._rest = memoryview(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # what io calls it with
        given = min(len(buffer), len(self._rest))
        buffer[:given] = self._rest[:given]
        self._rest = self._rest[given:]
        return given


class PendingObject:
    """Parts that are sent one after the other, and become an object in the end."""

    def __init__(self, bucket: Bucket, key: str) -> None:
        self._bucket = bucket
        self._key = key
        self._parts = io.BytesIO()
        self._is_committed = False
        bucket.unfinished.add(key)

    @property
    def file(self) -> BinaryIO:
        return self._parts

    def commit(self) -> None:
        if self._is_committed:
            raise ValueError("commit() comes once")
        self._bucket.put_new(self._key, self._parts.getvalue())
        self._is_committed = True

    def read_back(self) -> io.RawIOBase:
        content = self._bucket.get(self._key)
        if content is None:
            raise MissingFileError("There is no such object.")
        return Content(content)


class ObjectBatch:
    """An object is as durable as it gets when it was put."""

    def __init__(self, bucket: Bucket, schema_name: str) -> None:
        self._bucket = bucket
        self._schema = schema_name

    @contextmanager
    def writer(self, file_id: UUID, size_hint: int = 0) -> Iterator[PendingObject]:
        del size_hint
        key = f"{self._schema}/{file_id}"
        try:
            yield PendingObject(self._bucket, key)
        finally:
            self._bucket.unfinished.discard(key)

    def settle(self) -> None:
        """Nothing is left to do."""


class ObjectStore:
    """The store of one installation in a bucket."""

    place = "bucket test"
    abilities = Abilities(removes_for_good=False, knows_free_space=False)

    def __init__(self, bucket: Bucket, installation_id: UUID) -> None:
        self._bucket = bucket
        self._installation = str(installation_id).encode()

    def check_marker(self) -> None:
        found = self._bucket.get(MARKER)
        if found is None:
            raise StoreMissingError("The bucket is no store.")
        if found != self._installation:
            raise ForeignStoreError("The bucket is the store of another installation.")

    def create_marker(self) -> None:
        if self._bucket.get(MARKER) is None:
            self._bucket.put_new(MARKER, self._installation)
        self.check_marker()

    def remove_marker(self) -> None:
        if self._bucket.get(MARKER) == self._installation:
            self._bucket.delete(MARKER)

    def check_writing(self) -> None:
        self.check_marker()

    def free_space(self) -> int:
        raise AssertionError("nobody asks a store that does not know")

    def has_center(self, schema_name: str) -> bool:
        return any(self.stored_files(schema_name))

    def centers(self) -> Iterator[str]:
        self.check_marker()
        there = [key for key in self._bucket.versions if self._bucket.get(key) is not None and "/" in key]
        yield from sorted({key.split("/")[0] for key in there})

    @contextmanager
    def writing(self, schema_name: str) -> Iterator[ObjectBatch]:
        self.check_marker()
        yield ObjectBatch(self._bucket, schema_name)

    def open(self, schema_name: str, file_id: UUID) -> io.BufferedReader:
        return io.BufferedReader(Content(self._content(schema_name, file_id)))

    def size(self, schema_name: str, file_id: UUID) -> int:
        return len(self._content(schema_name, file_id))

    def exists(self, schema_name: str, file_id: UUID) -> bool:
        self.check_marker()
        return self._bucket.get(f"{schema_name}/{file_id}") is not None

    def delete(self, schema_name: str, file_id: UUID) -> Deletion:
        self.check_marker()
        return Deletion.HIDDEN if self._bucket.delete(f"{schema_name}/{file_id}") else Deletion.ABSENT

    def delete_center(self, schema_name: str) -> Iterator[UUID]:
        for file_id in list(self.leftovers(schema_name)):
            self.delete_leftover(schema_name, file_id)
        for file_id in list(self.stored_files(schema_name)):
            self.delete(schema_name, file_id)
            yield file_id

    def stored_files(self, schema_name: str) -> Iterator[UUID]:
        self.check_marker()
        keys = [key for key in self._bucket.versions if self._bucket.get(key) is not None]
        yield from _ids(schema_name, keys)

    def leftovers(self, schema_name: str) -> Iterator[UUID]:
        self.check_marker()
        yield from _ids(schema_name, self._bucket.unfinished)

    def delete_leftover(self, schema_name: str, file_id: UUID) -> None:
        self.check_marker()
        self._bucket.unfinished.discard(f"{schema_name}/{file_id}")

    def _content(self, schema_name: str, file_id: UUID) -> bytes:
        self.check_marker()
        content = self._bucket.get(f"{schema_name}/{file_id}")
        if content is None:
            raise MissingFileError("There is no such object.")
        return content


def _ids(schema_name: str, keys: "list[str] | set[str]") -> Iterator[UUID]:
    for key in sorted(keys):
        schema, _, name = key.partition("/")
        if schema == schema_name:
            yield UUID(name)
