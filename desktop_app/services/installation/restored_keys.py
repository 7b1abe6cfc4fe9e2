"""The keys of a center in a backup: opened by whoever opened the backup, and wrapped under the key of a new center."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.key_ring import KeyRing
from desktop_app.db.api_rows import GrantRow
from desktop_app.db.dump import DumpPrograms, read_rows
from desktop_app.db.dump_rows import TableRows, binary, binary_field, dumped
from desktop_app.db.restored_center import DOCUMENT_KEYS, KEY_GRANTS
from desktop_app.domain.ids import schema_name
from desktop_app.services.context.center_keys import CenterKeys, open_center_keys
from desktop_app.services.installation.opened_backup import OpenedBackup

COLUMNS = ("version_id", "key_version", "token")


@dataclass
class StoredKeys:
    """What a dump has of a center's keys, all of it sealed."""

    grants: list[GrantRow] = field(default_factory=list)
    """Of whoever opened the backup."""
    wrapped: dict[UUID, tuple[int, bytes]] = field(default_factory=dict)
    """By version: the number of the key it is under, and the token."""


def stored_keys(opened: OpenedBackup, programs: DumpPrograms, center_id: UUID) -> StoredKeys:
    """Read what the backup has of a center's keys."""
    found, mine = StoredKeys(), str(opened.identity.public.id)

    def take(source: io.BufferedReader) -> None:
        for part in dumped(source):
            if not isinstance(part, TableRows):
                continue
            if part.table == DOCUMENT_KEYS:
                for version_id, number, token in _fields(part, COLUMNS):
                    found.wrapped[UUID(version_id.decode())] = (int(number), binary(token))
            elif part.table == KEY_GRANTS:
                for number, identity_id, sealed in _fields(part, ("key_version", "identity_id", "sealed")):
                    if identity_id.decode() == mine:
                        row = GrantRow(center_id, int(number), opened.identity.public.id, binary(sealed))
                        found.grants.append(row)

    read_rows(programs, schema_name(center_id), (DOCUMENT_KEYS, KEY_GRANTS), opened.write_database, take)
    return found


@dataclass
class Rewrapping:
    """Document keys of one center on their way under another's key."""

    former: CenterKeys
    """Checked against the trust log of the backup."""
    ring: KeyRing
    """The new center's."""
    unreadable: list[UUID] = field(default_factory=list)
    """The versions whose key does not open: what is damaged in the backup is damaged afterwards."""

    def lines(self, wrapped: dict[UUID, tuple[int, bytes]], report: Callable[[int], None]) -> Iterator[bytes]:
        """A line of COPY for each document key, in the order of ``COLUMNS``; each was opened again before."""
        before, self.unreadable = self.former.ring(), []
        for nth, (version_id, (number, token)) in enumerate(wrapped.items()):
            report(nth)
            try:
                key = before.unwrap(version_id, number, token)
            except CryptoError:
                self.unreadable.append(version_id)
                yield _line(version_id, token)
                continue
            made = self.ring.wrap(version_id, key)
            if self.ring.unwrap(version_id, made.key_version, made.token) != key:
                raise AssertionError("a document key is another one under the new key")
            yield _line(version_id, made.token)


def rewrapping(opened: OpenedBackup, center_id: UUID, found: StoredKeys, new: CenterKeys) -> Rewrapping:
    """How the keys of the backup come under those of a new center; PlantedKeyError for one the log does not name."""
    identity, installation_id = opened.identity, opened.manifest.installation_id
    former = open_center_keys(found.grants, installation_id, center_id, identity, opened.state)
    return Rewrapping(former, new.ring())


def _line(version_id: UUID, token: bytes) -> bytes:
    return b"\t".join((str(version_id).encode(), b"1", binary_field(token))) + b"\n"


def _fields(part: TableRows, names: tuple[str, ...]) -> Iterator[list[bytes]]:
    places = [part.columns.index(name) for name in names]
    for line in part.lines:
        values = line[:-1].split(b"\t")
        yield [values[place] for place in places]
