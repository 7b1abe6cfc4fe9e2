"""Copying sealed files between a store and the store of a backup: what is there already is never written again."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import BinaryIO
from uuid import UUID

from desktop_app.crypto.backup_seal import copy_digested
from desktop_app.crypto.evidence import ContentDigest
from desktop_app.db.dump_snapshot import StoredFileRow
from desktop_app.domain.ids import schema_name
from desktop_app.domain.progress import Report
from desktop_app.errors import LabkeepError
from desktop_app.message import Message
from desktop_app.services.installation.backup_manifest import Manifest, changed_part, require_part
from desktop_app.storage.backup_folder import FILES
from desktop_app.storage.errors import AlreadyStoredError, MissingFileError, StoreMissingError
from desktop_app.storage.store import Batch, Store

_SETTLED_AT_ONCE = 512


@dataclass(frozen=True)
class FileProblem:
    """A stored file that was not copied, and why."""

    center_id: UUID
    file_id: UUID
    problem: str
    is_missing: bool = False


@dataclass
class Copied:
    """What a copying did."""

    files: int = 0
    """Copied now."""
    file_bytes: int = 0
    there: int = 0
    """There already, and not written again."""
    problems: list[FileProblem] = field(default_factory=list)


def write_list(rows: Iterable[StoredFileRow], target: BinaryIO) -> tuple[int, int]:
    """One line for each file: center, file, stored size, digest. How many they are, and their bytes."""
    count = total = 0
    for row in rows:
        target.write(f"{row.center_id} {row.file_id} {row.size} {row.digest}\n".encode("ascii"))
        count, total = count + 1, total + row.size
    return count, total


def read_list(source: BinaryIO, manifest: Manifest, centers: Container[UUID] | None = None) -> Iterator[StoredFileRow]:
    """What ``write_list`` wrote; TamperedError, in the end at the latest, unless it is what the *manifest* says.

    Who compared it before compares again: a share may give other bytes the next time. With *centers* no row of another
    center comes out, for whom a folder would be made before the end is read.
    """
    found, length = ContentDigest(), 0
    for line in source:
        found.write(memoryview(line))
        length += len(line)
        try:
            center, file_id, size, digest = line.decode("ascii").split()
            row = StoredFileRow(UUID(center), UUID(file_id), int(size), digest)
        except ValueError:
            raise changed_part(FILES) from None
        if centers is not None and row.center_id not in centers:
            raise changed_part(FILES)
        yield row
    require_part(FILES, manifest.parts[FILES], length, found.digest())


def copy_files(
    source: Store,
    target: Store,
    rows: Iterable[StoredFileRow],
    total: int,
    report: Report,
    *,
    checks_all: bool,
    into: UUID | None = None,
) -> Copied:
    """Bring every listed file that *target* lacks there; each is compared with its digest before it gets its name.

    They go into their own center's folder, or *into* another center's. What *target* has is compared by size, with
    *checks_all* by its digest, and is never overwritten.
    """
    done = Copied()
    numbered = enumerate(rows)
    for center_id, of_center in groupby(numbered, lambda pair: pair[1].center_id):
        folder = schema_name(into or center_id)
        with target.writing(folder) as batch:
            unsettled = 0
            for number, row in of_center:
                report(number, total)
                unsettled += _bring(source, target, folder, batch, row, done, checks_all=checks_all)
                if unsettled == _SETTLED_AT_ONCE:
                    batch.settle()
                    unsettled = 0
            batch.settle()
    return done


def _bring(
    source: Store, target: Store, folder: str, batch: Batch, row: StoredFileRow, done: Copied, *, checks_all: bool
) -> bool:
    """Whether a file was written."""
    try:
        if _is_there(target, folder, row, checks_all=checks_all):
            done.there += 1
            return False
        try:
            _copy(source, batch, row)
        except AlreadyStoredError:
            # Half of it, of a program that was killed: nobody else writes there now.
            target.delete_leftover(folder, row.file_id)
            _copy(source, batch, row)
    except StoreMissingError:
        raise
    except MissingFileError as error:
        done.problems.append(FileProblem(row.center_id, row.file_id, error.message, is_missing=True))
        return False
    except _DamagedError as error:
        done.problems.append(FileProblem(row.center_id, row.file_id, error.message))
        return False
    done.files += 1
    done.file_bytes += row.size
    return True


class _DamagedError(LabkeepError):
    """A file is not the one that was signed."""


def _is_there(target: Store, folder: str, row: StoredFileRow, *, checks_all: bool) -> bool:
    try:
        size = target.size(folder, row.file_id)
    except MissingFileError:
        return False
    found = (size, row.digest)
    if checks_all:
        with target.open(folder, row.file_id) as file:
            found = copy_digested(file, None)
    if found != (row.size, row.digest):
        raise _DamagedError("The file {file_id} in {place} is damaged.", file_id=row.file_id, place=target.place)
    return True


def _copy(source: Store, batch: Batch, row: StoredFileRow) -> None:
    with source.open(schema_name(row.center_id), row.file_id) as file, batch.writer(row.file_id, row.size) as pending:
        if copy_digested(file, pending.file) != (row.size, row.digest):
            raise _DamagedError(
                Message("The file {file_id} in {place} is damaged.", file_id=row.file_id, place=source.place)
            )
        pending.commit()
