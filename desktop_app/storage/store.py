"""What a store of sealed files is asked for, whatever it is made of; folder_store.py is its form in a shared folder.

The contract fits a shared folder and an object store alike:

- A ``commit`` that fails means *not known*: the file may be there. Whoever gives it up removes its traces.
- Ids are random and each is used for one attempt only; that, and no lock, keeps two writers apart.
- That a file is on the disk is proved by reading back what the store has of it, not by what ``commit`` returned.
- Whose store it is, its marker says; nothing is written before that was read.

``tests/unit/test_store_contract.py`` runs on every form.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO, Protocol
from uuid import UUID

from desktop_app.domain.profiles import StorePlace


class Deletion(Enum):
    """What became of a file that was to be deleted."""

    REMOVED = "removed"
    HIDDEN = "hidden"
    """It is not found any more, but who runs the store can still have it: a version or a snapshot of it is kept."""
    ABSENT = "absent"
    """There was none."""


@dataclass(frozen=True)
class Abilities:
    """What one form of store can do and another cannot."""

    removes_for_good: bool
    """Whether ``delete`` removes, as far as the store itself can know, and does not only hide."""
    knows_free_space: bool
    """Whether ``free_space`` has an answer."""


class Pending(Protocol):
    """A file on its way into the store; without ``commit`` it leaves no trace."""

    @property
    def file(self) -> BinaryIO:
        """Where the sealed bytes go; each ``write`` takes all it is given, or a StorageError comes here or later."""

    def commit(self) -> None:
        """Hand the file over under its id; raises AlreadyStoredError, StoreFullError, …, and then nobody knows."""

    def read_back(self) -> io.RawIOBase:
        """After ``commit``: what the store has of this file, where it lets one ask; unbuffered; close it."""


class Batch(Protocol):
    """Writes files of one center; the marker was read when it began.

    Several threads may write at once, each a file of its own.
    """

    def writer(self, file_id: UUID, size_hint: int = 0) -> AbstractContextManager[Pending]:
        """A Pending whose ``file`` takes the bytes, about *size_hint*; only its ``commit()`` keeps them.

        Raises AlreadyStoredError, StoreFullError, StoreReadOnlyError.
        """

    def settle(self) -> None:
        """Make all that was committed outlast a power cut; before that no row may name it."""


class Store(Protocol):
    """The store of one installation. Holds nothing open between calls; may be used by several threads.

    Centers are named by their ``center_<32 hex>``, files by their ids. Raises, besides what each method names,
    StoreMissingError (unmounted share), ForeignStoreError, StoreUnavailableError, and UnsafeStoreError where something
    else stands in the way.
    """

    @property
    def place(self) -> str:
        """Where it is, for messages."""

    @property
    def abilities(self) -> Abilities:
        """What this form of store can do."""

    def check_marker(self) -> None:
        """Raise StoreMissingError or ForeignStoreError unless this is the installation's store."""

    def create_marker(self) -> None:
        """Make it the store of this installation; doing so twice is harmless. Raises ForeignStoreError."""

    def remove_marker(self) -> None:
        """Take back ``create_marker``, for an installation that could not be made; harmless where there is none."""

    def check_writing(self) -> None:
        """Raise StoreReadOnlyError, StoreFullError, … unless the store takes a file now; none is left."""

    def free_space(self) -> int:
        """Bytes that the store has left, for a store that ``knows_free_space``."""

    def has_center(self, schema_name: str) -> bool:
        """Tell whether there is anything of the center; of a new one there is nothing before its first document."""

    def centers(self) -> Iterator[str]:
        """Yield the ``center_<32 hex>`` of every center that there is anything of, whether anybody knows it or not."""

    def writing(self, schema_name: str) -> AbstractContextManager[Batch]:
        """A Batch that writes files of a center. Raises StoreFullError, StoreReadOnlyError."""

    def open(self, schema_name: str, file_id: UUID) -> io.BufferedReader:
        """Return the file for reading, which the caller closes; raises MissingFileError."""

    def size(self, schema_name: str, file_id: UUID) -> int:
        """Return the stored size in bytes; raises MissingFileError."""

    def exists(self, schema_name: str, file_id: UUID) -> bool:
        """Tell whether the store has the file; False is certain, because an absent store raises."""

    def delete(self, schema_name: str, file_id: UUID) -> Deletion:
        """Remove a file durably, or say that it can only be hidden; raises StoreReadOnlyError."""

    def delete_center(self, schema_name: str) -> Iterator[UUID]:
        """Remove all that there is of a center, half files too, and yield each id when its file is gone.

        To be gone through to its end: only then nothing of the center is left. Raises StoreReadOnlyError.
        """

    def stored_files(self, schema_name: str) -> Iterator[UUID]:
        """Yield the id of every file of a center; other things in the store are passed over."""

    def leftovers(self, schema_name: str) -> Iterator[UUID]:
        """Yield the id of every half file: of writers at work, and of those that were interrupted."""

    def delete_leftover(self, schema_name: str, file_id: UUID) -> None:
        """Remove what an interrupted writer left of a file; harmless where there is nothing."""


OpenStore = Callable[[StorePlace, UUID], Store]
"""The store at a place, for an installation; nothing is looked at yet."""


def remove_traces(store: Store, schema_name: str, file_id: UUID) -> None:
    """Remove a file and what an interrupted writer left of it; the caller knows that no row will ever name it.

    The half file first: a writer that is still at work then finds nothing to give a name, or has given it already.
    """
    store.delete_leftover(schema_name, file_id)
    store.delete(schema_name, file_id)
