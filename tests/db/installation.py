"""An installation for tests of the database: real roles, schemas and functions, made-up keys.

What is signed and sealed is decided by crypto and tested there; here the bytes only have to be the right ones for
the server's own checks. Everything goes through the functions that the program uses.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desktop_app.db import administration, trust
from desktop_app.db.api_rows import EntryRow, GrantRow, IdentityRow
from desktop_app.db.bootstrap import prepare_cluster
from desktop_app.db.connection import ServerAddress, open_admin_engine, open_engine
from desktop_app.db.scram import verifier
from desktop_app.db.sessions import CenterSessions, SharedSessions
from desktop_app.domain.drafts import CenterDraft, UserDraft
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from tests.servers import TestServer

DATABASE = "labkeep"
OURS = "^(labkeep_(owner|security|app|platform|backup|restoring)|center_[0-9a-f]{32}_.*|u_.{32})$"
"""The names of an installation's roles, as PostgreSQL's pattern."""
KEPT = "kept_"
"""How the names of databases begin that are copied for other modules (kept_installations.py)."""
NO_DIGEST = "00" * 32


@dataclass
class Member:
    """A person with credentials of his own."""

    username: str
    role: Role
    center_id: UUID | None
    until: date | None = None
    id: UUID = field(default_factory=uuid4)
    login: str = field(default_factory=lambda: "u_" + base64.b32encode(secrets.token_bytes(20)).decode().lower())
    password: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    identity: IdentityRow = field(default_factory=lambda: made_up_identity())

    @property
    def draft(self) -> UserDraft:
        return UserDraft(
            username=self.username,
            email=f"{self.username}@example.org",
            role=self.role,
            center_id=self.center_id,
            until=self.until,
        )


def made_up_identity() -> IdentityRow:
    """An identity of random bytes in the right lengths."""
    return IdentityRow(uuid4(), b"\x01" + secrets.token_bytes(1248), secrets.token_bytes(158), "kdf 1")


def made_up_grant(center_id: UUID, number: int, identity_id: UUID) -> GrantRow:
    """A key version sealed to an identity, of random bytes in the right length."""
    return GrantRow(center_id, number, identity_id, secrets.token_bytes(1181))


def _is_as_new(connection: Psycopg2Connection) -> bool:
    """Make it so, or close it: one that is in a transaction is given up, as whoever closes it gives it up."""
    try:
        if connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("DISCARD ALL")
            return True
    except psycopg2.Error:
        pass
    connection.close()
    return False


def identity_says(identity: IdentityRow) -> dict[str, str]:
    """How an identity stands in a signed statement."""
    return {"id": str(identity.id), "public": base64.b64encode(identity.public_key).decode()}


def place_says(center_id: UUID | None, role: Role, until: date | None = None) -> dict[str, str | None]:
    """How a place stands in a signed statement."""
    return {
        "center": None if center_id is None else str(center_id),
        "role": role.value,
        "until": None if until is None else until.isoformat(),
    }


class Installation:
    """An installation on a test server, with the persons that tests act as."""

    def __init__(self, server: TestServer) -> None:
        self.server = server
        self.id = uuid4()
        self.root = made_up_identity()
        self.address: ServerAddress
        self.system = Member("root.admin", Role.ADMIN, None)
        self._engines: dict[tuple[str, str], Engine] = {}
        self._own: Psycopg2Connection | None = None
        self._idle: list[Psycopg2Connection] = []
        """The superuser's connections that nobody uses now."""
        self.was_used = False
        """Whether anybody had a session in it."""

    def make(self) -> "Installation":
        """Make it on the server's (wiped) cluster, with its first system administrator."""
        self.address = prepare_cluster(self.server.admin_dsn, self.id, database=DATABASE, then=self._first_rows)
        return self

    def _first_rows(self, session: Session) -> None:
        entry = self.next_entry(session, "root", {"identity": identity_says(self.root)}, self.root.id)
        trust.append_root(session, self.root.id, self.root.public_key, entry)
        self.enrol(session, self.system, self.root.id)

    @property
    def admin_dsn(self) -> str:
        return self.server.dsn(DATABASE)

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        for connection in (*self._idle, *filter(None, (self._own,))):
            connection.close()
        self._idle.clear()

    # Sessions

    def engine(self, member: Member | None = None) -> Engine:
        """An engine with the member's own credentials; without one, the superuser's."""
        self.was_used = True
        if member is None:
            return open_admin_engine(self.admin_dsn)
        # One for each member, as in the program: a login may have only so many connections.
        key = (member.login, member.password)
        if key not in self._engines:
            self._engines[key] = open_engine(self.address, member.login, member.password)
        return self._engines[key]

    def shared(self, member: Member | None = None) -> SharedSessions:
        return SharedSessions(self.engine(member))

    def center(self, member: Member | None, center_id: UUID) -> CenterSessions:
        return CenterSessions(self.engine(member), schema_name(center_id))

    @contextmanager
    def raw(self, member: Member | None = None) -> Iterator[Psycopg2Connection]:
        """psycopg2 with the member's own credentials: what an attacker with psql has. Autocommit."""
        self.was_used = True
        if member is None:
            with self._as_superuser() as connection:
                yield connection
            return
        with closing(psycopg2.connect(self.server.dsn(DATABASE, member.login, member.password))) as connection:
            connection.autocommit = True
            yield connection

    @contextmanager
    def _as_superuser(self) -> Iterator[Psycopg2Connection]:
        """A connection that is as new, kept for the next one: scenes look at what is there hundreds of times."""
        connection = self._idle.pop() if self._idle else psycopg2.connect(self.admin_dsn)
        if not _is_as_new(connection):  # ended meanwhile
            connection = psycopg2.connect(self.admin_dsn)
            connection.autocommit = True
        try:
            yield connection
        finally:
            if _is_as_new(connection):
                self._idle.append(connection)

    @contextmanager
    def _owner(self) -> Iterator[Cursor]:
        """The superuser's kept connection, for what scenes look up: to connect costs more than to ask."""
        self.was_used = True
        if self._own is None or self._own.closed:
            self._own = psycopg2.connect(self.admin_dsn)
            self._own.autocommit = True
        with self._own.cursor() as cursor:
            yield cursor

    # The trust log

    def next_entry(
        self, session: Session, kind: str, says: dict[str, Any], signer: UUID, after: EntryRow | None = None
    ) -> EntryRow:
        """The entry that comes next in the log as it is now (or after that one), with a made-up signature."""
        entries = trust.entries_after(session, 0) + ([] if after is None else [after])
        last = entries[-1] if entries else None
        statement = {
            "format": "labkeep/1",
            "installation": str(self.id),
            "kind": kind,
            "sequence": len(entries) + 1,
            "previous": digest_of(last).hex() if last else NO_DIGEST,
            **says,
        }
        payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
        return EntryRow(len(entries) + 1, payload, signer, secrets.token_bytes(64))

    # Centers and people

    def add_center(self, name: str, by: Member | None = None) -> UUID:
        """A center made by a system administrator."""
        by = by or self.system
        center_id = uuid4()
        with self.shared(by).begin() as session:
            says = {"center": str(center_id), "number": 1, "digest": secrets.token_hex(32)}
            entry = self.next_entry(session, "key_version", says, by.identity.id)
            draft = CenterDraft(name=name, slug=name.lower().replace(" ", "-"))
            recipients = self.standing_recipients()
            grants = [made_up_grant(center_id, 1, one) for one in recipients]
            administration.create_center(session, center_id, draft, entry, grants)
        return center_id

    def add_member(
        self, username: str, role: Role, center_id: UUID | None, by: Member | None = None, **changed: Any
    ) -> Member:
        """A person made by a system administrator (or by the one given)."""
        by = by or self.system
        member = replace(Member(username, role, center_id), **changed)
        with self.shared(by).begin() as session:
            self.enrol(session, member, by.identity.id)
        # As after the first sign-in; provisional keys may do nothing (see attacks/test_provisional_keys.py).
        with self._owner() as cursor:
            cursor.execute("UPDATE public.identities SET provisional = false WHERE id = %s", (str(member.identity.id),))
        return member

    def trust_sequence(self) -> int:
        """The number of the newest entry."""
        return int(self.value("SELECT max(sequence) FROM public.trust_log"))

    def enrol(self, session: Session, member: Member, signer: UUID, **changed: object) -> None:
        """Make the person; *changed* are fields of the signed statement that shall be said otherwise."""
        says = {
            "user": str(member.id),
            "login": member.login,
            **place_says(member.center_id, member.role, member.until),
            "identity": identity_says(member.identity),
            "provisional": signer != self.root.id,
            **changed,
        }
        administration.create_user(
            session,
            member.id,
            member.draft,
            login=member.login,
            verifier=verifier(member.password, member.login),
            identity=member.identity,
            entry=self.next_entry(session, "enrol", says, signer),
            grants=self.grants_for(member.center_id, member.identity.id),
            must_change_password=False,
        )

    def grants_for(self, center_id: UUID | None, identity_id: UUID) -> list[GrantRow]:
        """Every key version that somebody of this place must have, sealed (made up) to the identity."""
        with self._owner() as cursor:
            cursor.execute("SELECT to_regclass('public.centers')")
            if cursor.fetchone() == (None,):
                return []
            cursor.execute("SELECT id, schema_name FROM public.centers")
            centers = [(UUID(found), schema) for found, schema in cursor.fetchall()]
            grants = []
            # A system administrator gets those of the first few at once.
            centers = sorted(centers)[: administration.CENTERS_AT_ONCE] if center_id is None else centers
            for found, schema in centers:
                if center_id in (None, found):
                    cursor.execute(sql.SQL("SELECT number FROM {}.tenant_keys").format(sql.Identifier(schema)))
                    grants += [made_up_grant(found, number, identity_id) for (number,) in cursor.fetchall()]
            return grants

    def standing_recipients(self) -> list[UUID]:
        with self._owner() as cursor:
            cursor.execute("SELECT unnest(internal.standing_recipients())::text")
            return [UUID(found) for (found,) in cursor.fetchall()]

    def join_entry(
        self,
        session: Session,
        member: Member,
        role: Role,
        center_id: UUID | None,
        signer: UUID,
        until: date | None = None,
        after: EntryRow | None = None,
    ) -> EntryRow:
        """The entry for a place, new or changed."""
        says = {"user": str(member.id), **place_says(center_id, role, until)}
        return self.next_entry(session, "join", says, signer, after)

    def leave_entry(self, session: Session, member: Member, center_id: UUID | None, signer: UUID) -> EntryRow:
        """The entry for the end of a place."""
        center = None if center_id is None else str(center_id)
        return self.next_entry(session, "leave", {"user": str(member.id), "center": center}, signer)

    def readmit_entry(self, session: Session, member: Member, signer: UUID) -> EntryRow:
        """The entry for coming back."""
        return self.next_entry(session, "readmit", {"user": str(member.id)}, signer)

    def value(self, statement: str, *values: object) -> Any:
        """The one value that the superuser gets for a statement."""
        with self._owner() as cursor:
            cursor.execute(statement, values or None)
            row = cursor.fetchone()
            return row[0] if row else None


def digest_of(entry: EntryRow) -> bytes:
    """The digest by which the next entry names this one."""
    return hashlib.sha256(entry.payload + entry.signer.bytes + entry.signature).digest()


def wipe(server: TestServer) -> None:
    """Take an installation off a test server again, with its roles, and those that are kept for other modules."""
    with closing(psycopg2.connect(server.admin_dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (KEPT,))
            for database in (DATABASE, *(row[0] for row in cursor.fetchall())):
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
            cursor.execute(f"SELECT rolname FROM pg_roles WHERE rolname ~ '{OURS}' ORDER BY rolname ~ '^labkeep'")
            roles = [row[0] for row in cursor.fetchall()]
            for role in roles:
                cursor.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
            for role in roles:
                cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
