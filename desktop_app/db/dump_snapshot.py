"""One moment of an installation, for a backup: what pg_dump cannot say, read in the snapshot that it dumps."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.db.api_rows import EntryRow
from desktop_app.db.connection import admin_connection
from desktop_app.db.errors import database_errors
from desktop_app.domain.ids import parse_id, schema_name
from desktop_app.errors import NotFoundError

_AT_ONCE = 2000
_LOGINS = "SELECT login, verifier, may_sign_in, groups FROM internal.person_logins()"
_SECRETS = """
SELECT s.identity_id, s.user_id, s.sealed, s.kdf FROM public.identity_secrets s JOIN public.users u ON u.id = s.user_id
WHERE u.is_system AND u.is_active ORDER BY 1
"""
_CENTERS = "SELECT id, name, slug, description, settings, schema_rev FROM public.centers ORDER BY id"
_CENTER_SIZE = (
    "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c"
    " WHERE c.relkind = 'r' AND c.relnamespace = '{}'::regnamespace"
)


@dataclass(frozen=True)
class LoginRow:
    """A person's role: its password's verifier, whether it may sign in, and the groups it is in."""

    login: str
    verifier: str
    may_sign_in: bool
    groups: tuple[str, ...]


@dataclass(frozen=True)
class SecretRow:
    """The private halves of a system administrator's identity, sealed under the password."""

    identity_id: UUID
    user_id: UUID
    sealed: bytes
    kdf: str


@dataclass(frozen=True)
class StoredFileRow:
    """A stored file that a version names."""

    center_id: UUID
    file_id: UUID
    size: int
    digest: str


@dataclass(frozen=True)
class Head:
    """The newest link of a record; number 0 and zeros of an empty one."""

    sequence: int
    digest: bytes


@dataclass(frozen=True)
class CenterRow:
    """A center's row in the registry."""

    id: UUID
    name: str
    slug: str
    description: str
    settings: dict[str, Any]
    revision: str


@dataclass(frozen=True)
class Facts:
    """What an installation is at one moment."""

    installation_id: UUID
    epoch: UUID
    kdf: str
    revision: str
    server_version: int
    """PostgreSQL's number of itself, such as 180004."""
    centers: tuple[CenterRow, ...]
    record: Head
    center_records: dict[UUID, Head]
    logins: tuple[LoginRow, ...]
    trust_log: tuple[EntryRow, ...]
    secrets: tuple[SecretRow, ...]
    users: int

    def of_center(self, ref: str) -> "Facts":
        """The same of one center alone (name, slug or id): no other center's row, and nobody's login; NotFoundError."""
        center_id = parse_id(ref)
        for row in self.centers:
            if ref in (row.name, row.slug) or row.id == center_id:
                schema = schema_name(row.id)
                members = [each for each in self.logins if any(group.startswith(schema) for group in each.groups)]
                records = {row.id: self.center_records[row.id]}
                return replace(self, centers=(row,), center_records=records, logins=(), users=len(members))
        raise NotFoundError("There is no center {ref}.", ref=ref)


class Snapshot:
    """An open transaction that sees one moment; pg_dump sees the same by its name."""

    def __init__(self, connection: Psycopg2Connection) -> None:
        self._connection = connection
        self.name = str(self._rows("SELECT pg_export_snapshot()")[0][0])
        self.facts = self._read()

    def files(self, centers: Iterable[UUID]) -> Iterator[StoredFileRow]:
        """Every stored file that a version of these centers names, center by center, in the order of ids."""
        for center_id in centers:
            query = sql.SQL("SELECT file_id, stored_size, stored_digest FROM {} ORDER BY file_id").format(
                sql.Identifier(schema_name(center_id), "document_versions")
            )
            with self._connection.cursor(name="files") as cursor:
                cursor.itersize = _AT_ONCE
                cursor.execute(query)
                for file_id, size, digest in cursor:
                    yield StoredFileRow(center_id, UUID(file_id), size, digest)

    def database_bytes(self, center_id: UUID | None = None) -> int:
        """The size of the database, or of one center's tables and indexes, on the server's disk."""
        if center_id is None:
            return int(self._rows("SELECT pg_database_size(current_database())")[0][0])
        return int(self._rows(_CENTER_SIZE.format(schema_name(center_id)))[0][0])

    def _read(self) -> Facts:
        ((installation_id, epoch, kdf, revision, users),) = self._rows(
            "SELECT i.id, i.epoch, i.kdf, v.version_num, (SELECT count(*) FROM public.users)"
            " FROM public.installation i, public.alembic_version v"
        )
        centers = tuple(CenterRow(UUID(row[0]), *row[1:]) for row in self._rows(_CENTERS))
        return Facts(
            installation_id=UUID(installation_id),
            epoch=UUID(epoch),
            kdf=kdf,
            revision=revision,
            server_version=self._connection.server_version,
            centers=centers,
            record=read_head(self._connection, "public"),
            center_records={each.id: read_head(self._connection, schema_name(each.id)) for each in centers},
            logins=tuple(LoginRow(row[0], row[1], row[2], tuple(row[3])) for row in self._rows(_LOGINS)),
            trust_log=read_trust_log(self._connection),
            secrets=tuple(SecretRow(UUID(row[0]), UUID(row[1]), bytes(row[2]), row[3]) for row in self._rows(_SECRETS)),
            users=users,
        )

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())


@contextmanager
def open_snapshot(admin_dsn: str) -> Iterator[Snapshot]:
    """A snapshot of the DSN's database, for as long as the block lasts; people go on with their work."""
    with database_errors(), closing(admin_connection(admin_dsn)) as connection:
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with connection.cursor() as cursor:
            # Whom policies hold would back up a part of the rows: that is to be an error.
            cursor.execute("SET row_security = off")
        yield Snapshot(connection)


def named_files(admin_dsn: str, center_id: UUID, file_ids: list[UUID]) -> set[UUID]:
    """Which of these files a version names now."""
    query = sql.SQL("SELECT file_id FROM {} WHERE file_id = ANY (%s::uuid[])").format(
        sql.Identifier(schema_name(center_id), "document_versions")
    )
    with database_errors(), closing(admin_connection(admin_dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(query, ([str(each) for each in file_ids],))
        return {UUID(row[0]) for row in cursor.fetchall()}


def read_head(connection: Psycopg2Connection, schema: str) -> Head:
    """The head of a record."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT seq, digest FROM {}").format(sql.Identifier(schema, "audit_head")))
        sequence, digest = cursor.fetchone()
        return Head(sequence, bytes(digest))


def read_trust_log(connection: Psycopg2Connection) -> tuple[EntryRow, ...]:
    """All of the trust log, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequence, payload, signer, signature FROM public.trust_log ORDER BY sequence")
        return tuple(EntryRow(row[0], bytes(row[1]), UUID(row[2]), bytes(row[3])) for row in cursor.fetchall())
