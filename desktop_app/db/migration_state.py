"""Which revisions an installation has now, as its database administrator sees them."""

from dataclasses import dataclass
from uuid import UUID

from psycopg2.extensions import make_dsn
from sqlalchemy import text

from desktop_app.db.connection import open_admin_engine, read_dsn
from desktop_app.db.errors import database_errors


@dataclass(frozen=True)
class CenterRevision:
    """A center and the revision of its schema."""

    center_id: UUID
    name: str
    slug: str
    revision: str


@dataclass(frozen=True)
class Revisions:
    """The installation in a database, and what its two lines of migrations have reached."""

    installation_id: UUID
    shared: str
    centers: tuple[CenterRevision, ...]


def dsn_of_database(admin_dsn: str, database: str) -> str:
    """The same connection to another database of the cluster; InvalidInputError for what is no DSN."""
    read_dsn(admin_dsn)
    dsn: str = make_dsn(admin_dsn, dbname=database)
    return dsn


def read_revisions(admin_dsn: str) -> Revisions:
    """Read the revisions; changes nothing."""
    with database_errors(), open_admin_engine(admin_dsn).connect() as connection:
        installation_id = connection.execute(text("SELECT id FROM public.installation")).scalar_one()
        shared = connection.execute(text("SELECT version_num FROM public.alembic_version")).scalar_one()
        rows = connection.execute(
            text("SELECT id, name, slug, schema_rev FROM public.centers ORDER BY created_at, id")
        ).all()
    centers = tuple(CenterRevision(row.id, row.name, row.slug, row.schema_rev) for row in rows)
    return Revisions(installation_id, str(shared), centers)
