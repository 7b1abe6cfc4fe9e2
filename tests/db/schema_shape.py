"""What a center's schema looks like, with its revision, so that two of them can be compared."""

from uuid import UUID

from sqlalchemy import Connection, text

from desktop_app.db import schema_shape
from desktop_app.db.connection import open_admin_engine
from desktop_app.domain.ids import schema_name
from tests.db.installation import Installation


def shape(connection: Connection, schema: str) -> list[str]:
    """Every line that describes a schema, with its own hexadecimal id taken out."""
    found = schema_shape.shape(connection, schema)
    found += connection.execute(text(f"SELECT 'revision ' || version_num FROM {schema}.alembic_version")).scalars()
    return sorted(found)


def shape_of(scene: Installation, center_id: UUID) -> list[str]:
    with open_admin_engine(scene.admin_dsn).begin() as connection:
        return shape(connection, schema_name(center_id))
