"""Both lines of migrations, run by code: the shared one, and the center line once for each center.

They need the database administrator's DSN: a superuser, or a login that may act as labkeep_owner and
labkeep_security. Every step waits at most three seconds for a lock and then gives up, so that nobody's work queues
behind a migration; a second run does what is left.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection, text

from desktop_app import __version__
from desktop_app.db.center_template import has_shape, record_template, template_revision
from desktop_app.db.connection import open_admin_engine
from desktop_app.db.errors import database_errors
from desktop_app.db.migration_lines import OWNER, act_as
from desktop_app.db.schema_shape import expected_shared_shape, keep_shared_shape
from desktop_app.deferred import deferred
from desktop_app.domain.ids import SCHEMA_PATTERN
from desktop_app.domain.versions import is_older
from desktop_app.errors import LabkeepError, RefusedError

if TYPE_CHECKING:
    from desktop_app.db import migrations
else:
    # Alembic brings mako and more, and most programs migrate nothing.
    migrations = deferred("desktop_app.db.migrations")

LOCK_TIMEOUT = "3s"
_SHARED_REVISION = text("SELECT version_num FROM public.alembic_version")


class UnknownRevisionError(RefusedError):
    """The database is at a revision of a newer program."""

    code = "unknown_revision"


@dataclass(frozen=True)
class Heads:
    """The newest revision of each line that this program knows."""

    shared: str
    center: str


@dataclass(frozen=True)
class CenterMigration:
    """What became of one center: its revision before and after, and the sentence of a failure."""

    center_id: UUID
    name: str
    before: str
    after: str
    problem: str | None = None


def heads() -> Heads:
    """The newest revisions in this program."""
    return Heads(_head("shared"), _head("center"))


def migrate_shared(admin_dsn: str) -> str:
    """Bring the shared line to its head and record the template of new centers; the revision it is at then."""
    with database_errors():
        engine = open_admin_engine(admin_dsn)
        with engine.begin() as connection:
            before = connection.execute(_SHARED_REVISION).scalar()
            upgrade_shared(connection)
            # Only what was just made, or was never looked at: what somebody changed since is not to become right.
            if connection.execute(_SHARED_REVISION).scalar() != before or not expected_shared_shape(connection):
                keep_shared_shape(connection)
            _note_version(connection)
            if template_revision(connection) != _head("center") or not has_shape(connection):
                record_center_template(connection)
    return _head("shared")


def migrate_centers(admin_dsn: str, only: UUID | None = None) -> list[CenterMigration]:
    """Bring every center (or one) to the head of the center line, each in a transaction of its own.

    A center that fails keeps its revision, and the others are done all the same.
    """
    with database_errors():
        engine = open_admin_engine(admin_dsn)
        with engine.connect() as connection:
            found = connection.execute(
                text("SELECT id, name, schema_name, schema_rev FROM public.centers ORDER BY created_at, id")
            ).all()
    done = []
    head = _head("center")
    for center_id, name, schema, before in found:
        if only in (None, center_id):
            problem = None if before == head else _migrate_center(admin_dsn, center_id, schema)
            done.append(CenterMigration(center_id, name, before, before if problem else head, problem))
    return done


def _migrate_center(admin_dsn: str, center_id: UUID, schema: str) -> str | None:
    """The sentence of what went wrong, or None."""
    try:
        with database_errors(), open_admin_engine(admin_dsn).begin() as connection:
            _limit_waiting(connection)
            connection.execute(text("SELECT FROM public.centers WHERE id = :id FOR UPDATE"), {"id": center_id})
            upgrade_center(connection, schema)
            _note_version(connection)
            connection.execute(
                text("UPDATE public.centers SET schema_rev = :rev WHERE id = :id AND schema_rev <> :rev"),
                {"rev": _head("center"), "id": center_id},
            )
    except LabkeepError as error:
        return str(error)
    return None


def _note_version(connection: Connection) -> None:
    """Write down which program was here, so that an older one can say which version it takes."""
    found = connection.execute(text("SELECT migrated_by FROM public.installation")).scalar_one()
    if is_older(found, __version__):
        connection.execute(text("UPDATE public.installation SET migrated_by = :version"), {"version": __version__})


def upgrade_shared(connection: Connection) -> None:
    """Run the shared line in the connection's own transaction, as labkeep_owner where a revision says nothing else."""
    _limit_waiting(connection)
    _run(connection, "shared", "public")


def upgrade_center(connection: Connection, schema: str) -> None:
    """Run the center line for one schema in the connection's own transaction."""
    if not SCHEMA_PATTERN.fullmatch(schema):
        raise ValueError("not the name of a center's schema")
    connection.exec_driver_sql(f"SET LOCAL search_path = {schema}, pg_catalog, pg_temp")
    _run(connection, "center", schema)


def record_center_template(connection: Connection) -> None:
    """Run the center line for a schema of zeros, keep what was sent, and undo it; see center_template.py."""
    record_template(connection, _head("center"), upgrade_center)


def _run(connection: Connection, line: str, schema: str) -> None:
    act_as(connection, OWNER)
    try:
        migrations.upgrade(connection, line, schema)
        if line == "center":
            connection.exec_driver_sql(f"SELECT internal.give_platform('{schema}')")
    except LookupError as error:
        raise UnknownRevisionError(
            "{schema} is at a revision that this Labkeep does not know; a newer one has been here.", schema=schema
        ) from error
    connection.exec_driver_sql("RESET ROLE")


def _limit_waiting(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")


def _head(line: str) -> str:
    return migrations.head(line)
