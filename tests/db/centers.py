"""A center with people in it, made as the program makes it, for the tests of what lies inside a center."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desktop_app.db import uploads
from desktop_app.db.samples import insert_sample
from desktop_app.db.sessions import CenterSessions
from desktop_app.db.uploads import NewVersion
from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.ids import schema_name
from desktop_app.domain.records import Document, Sample, SampleType
from desktop_app.domain.rights import Role
from tests.db.installation import Installation, Member
from tests.db.statements import UNSIGNED, rename, signed


@dataclass(frozen=True)
class CenterUnderTest:
    """A center; ``members`` are its viewer, user, admin and other (a second user), and the system administrator."""

    installation: Installation
    id: UUID
    schema: str
    members: dict[str, Member] = field(repr=False)
    _engines: dict[str, Engine] = field(default_factory=dict, repr=False)

    def sessions(self, who: str = "user") -> CenterSessions:
        """The program's own sessions, of one of the members."""
        if who not in self._engines:
            self._engines[who] = self.installation.engine(self.members[who])
        return CenterSessions(self._engines[who], self.schema)

    @contextmanager
    def raw(self, who: str = "user", autocommit: bool = True) -> Iterator[Any]:
        """A cursor of a connection with the member's own credentials and this search_path, as psql has it."""
        with self.installation.raw(self.members[who]) as connection, connection.cursor() as cursor:
            cursor.execute(f"SET search_path = {self.schema}, pg_catalog")
            connection.autocommit = autocommit
            yield cursor

    @contextmanager
    def owner(self, role: str | None = "labkeep_owner") -> Iterator[Any]:
        """A cursor of the server's administrator acting as *role*, in this center, in autocommit."""
        with self.installation.raw() as connection, connection.cursor() as cursor:
            if role:
                cursor.execute(f"SET ROLE {role}")
            cursor.execute(f"SET search_path = {self.schema}, pg_catalog")
            yield cursor

    def really(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What is there, whatever row-level security would show to a person."""
        with self.owner() as cursor:
            cursor.execute(query, values or None)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def sample(self, name: str = "Blood of X", who: str = "user", **fields: Any) -> Sample:
        draft = SampleDraft(name=name, **({"sample_type": SampleType.BLOOD} | fields))
        with self.sessions(who).begin() as session:
            return insert_sample(session, uuid4(), draft)

    def document(self, title: str = "", who: str = "user", **fields: Any) -> NewVersion:
        """A saved document with one version, under a title of its own unless one is given."""
        draft = DocumentDraft(title=title or f"Report {secrets.token_hex(4)}", **fields)
        version = self.signed(new_version(document=draft), who)
        self.save(version, who=who)
        return version

    def signed(self, version: NewVersion, who: str = "user") -> NewVersion:
        """The version as *who* would sign it now; a statement that a test gave itself stays."""
        return self.all_signed(version, who=who)[0]

    def reserve(self, *versions: NewVersion, who: str = "user") -> None:
        with self.sessions(who).begin() as session:
            uploads.reserve(session, [(one.version_id, one.document_id, uuid4()) for one in versions])

    def save(self, *versions: NewVersion, who: str = "user") -> None:
        self.reserve(*versions, who=who)
        with self.sessions(who).begin() as session:
            uploads.save_versions(session, self.all_signed(*versions, who=who))

    def all_signed(self, *versions: NewVersion, who: str = "user") -> list[NewVersion]:
        """The same for several, of which one may be the next version of another."""
        with self.sessions("viewer").begin() as session:
            sequence = self.installation.trust_sequence()
            return signed(session, self.id, versions, self.members[who].identity.id, sequence)

    def rename(
        self, session: Session, document_id: UUID, facts: DocumentDraft, row_version: int, who: str = "user"
    ) -> Document:
        """As *who*, whose session it is, changes what a document is called."""
        signer = self.members[who].identity.id
        return rename(session, self.id, document_id, facts, row_version, signer, self.installation.trust_sequence())


def make_center(installation: Installation) -> CenterUnderTest:
    """A center of its own for a module or a test."""
    tag = secrets.token_hex(4)
    center_id = installation.add_center(f"Center {tag}")
    wanted = {"viewer": Role.VIEWER, "user": Role.USER, "admin": Role.ADMIN, "other": Role.USER}
    members = {name: installation.add_member(f"{name}.{tag}", role, center_id) for name, role in wanted.items()}
    members["system"] = installation.system
    return CenterUnderTest(installation, center_id, schema_name(center_id), members)


def new_version(**changed: Any) -> NewVersion:
    """A first version with made-up bytes; without ``document`` one of an existing document."""
    fields: dict[str, Any] = {
        "version_id": uuid4(),
        "document_id": uuid4(),
        "number": 1,
        "file_name": "result.pdf",
        "mime_type": "application/pdf",
        "size": 3,
        "stored_size": 67,
        "stored_digest": f"blake3:{secrets.token_hex(32)}",
        "statement": UNSIGNED,
        "signature": secrets.token_bytes(64),
        "key_version": 1,
        "token": secrets.token_bytes(180),
    }
    return NewVersion(**(fields | changed))
