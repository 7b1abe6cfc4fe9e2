"""Two centers, things in the first that people of both want, and a way to try for them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from desktop_app.db.audit_proof import verify_chain
from desktop_app.db.samples import step_sample
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.lifecycle import Step
from tests.db.centers import CenterUnderTest, make_center, new_version
from tests.db.installation import Installation

NO_RIGHT = "42501"
TABLES = (
    "people", "samples", "documents", "document_uploads", "document_versions", "document_keys", "tenant_keys",
    "key_grants", "audit_log", "audit_pending", "audit_chain", "audit_head",
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """Center A with things in it, and center B with people who want them."""

    a: CenterUnderTest
    b: CenterUnderTest
    names: dict[str, str]
    open_connections: ExitStack
    cursors: dict[str, Any] = field(default_factory=dict)

    def attack(self, who: str, statement: str) -> str | None:
        """Run it as ``viewer``, ``user``, ``admin`` of A, or as ``b.…`` of B; the SQLSTATE, None if it went through."""
        for name, value in self.names.items():
            statement = statement.replace(f"<{name}>", value)
        cursor = self.cursor(who)
        refusal = attempt(cursor, statement)
        cursor.execute("ROLLBACK")  # psycopg2's own does nothing in autocommit, and an attack may have begun one
        cursor.execute("DISCARD ALL")
        return refusal

    def cursor(self, who: str) -> Any:
        """One connection for each person: signing in costs more than an attack."""
        home, role = (self.b, who.removeprefix("b.")) if who.startswith("b.") else (self.a, who)
        if who not in self.cursors:
            self.cursors[who] = self.open_connections.enter_context(home.raw(role))
        self.cursors[who].execute(f"SET search_path = {home.schema}, pg_catalog")
        return self.cursors[who]

    def everything(self) -> str:
        """A digest of every row of A, whoever may see it."""
        tables = " || ".join(
            f"(SELECT coalesce(string_agg(t::text, ';' ORDER BY t::text), '') FROM {table} t)" for table in TABLES
        )
        cursor = self.cursors.get("owner")
        if cursor is None:
            cursor = self.cursors["owner"] = self.open_connections.enter_context(self.a.owner())
        cursor.execute(f"SELECT md5({tables})")
        return str(cursor.fetchone()[0])


def attempt(cursor: Any, statement: str, *values: object) -> str | None:
    try:
        cursor.execute(statement, values or None)
    except psycopg2.Error as error:
        return str(error.pgcode)
    return None


@contextmanager
def two_centers_with_things(installation: Installation) -> Iterator[Scene]:
    """The scene; when it ends, the record of A must be sound."""
    a, b = make_center(installation), make_center(installation)
    sample, archived = a.sample("Open", barcode="OPEN"), a.sample("Shelved", barcode="SHELVED")
    with a.sessions("admin").begin() as session:
        rejected = step_sample(session, archived.id, Step.REJECT, 1, "clotted")
        step_sample(session, archived.id, Step.ARCHIVE, rejected.row_version)
    saved = a.document("Saved", sample_id=sample.id)
    reserved = new_version(document=DocumentDraft(title="On its way"))
    a.reserve(reserved, who="other")
    names = {
        "A": a.schema,
        "B": b.schema,
        "sample": str(sample.id),
        "archived": str(archived.id),
        "document": str(saved.document_id),
        "version": str(saved.version_id),
        "reserved": str(reserved.version_id),
        "person": str(a.members["user"].id),
        "identity": str(a.members["user"].identity.id),
        "login": a.members["user"].login,
        "b_login": b.members["user"].login,
        "b_person": str(b.members["user"].id),
    }
    with ExitStack() as open_connections:
        yield Scene(a, b, names, open_connections)
    with a.sessions("admin").begin() as session:
        assert verify_chain(session).is_sound
