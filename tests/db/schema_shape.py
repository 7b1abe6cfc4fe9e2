"""What a center's schema looks like, line by line, so that two of them can be compared."""

from uuid import UUID

from sqlalchemy import Connection, text

from desktop_app.db.connection import open_admin_engine
from desktop_app.domain.ids import schema_name
from tests.db.installation import Installation

# One line for everything that a schema holds; :oid is the schema's.
SHAPE = """
SELECT concat_ws(' ', 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                 pg_get_expr(d.adbin, d.adrelid), a.attacl)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = :oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT concat_ws(' ', 'table', relname, relkind, relrowsecurity, relowner::regrole,
    (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(relacl) i)) FROM pg_class WHERE relnamespace = :oid
UNION ALL SELECT concat_ws(' ', 'constraint', conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE connamespace = :oid
UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(oid)) FROM pg_class
WHERE relnamespace = :oid AND relkind = 'i'
UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(oid), proowner::regrole,
    (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(proacl) i)) FROM pg_proc WHERE pronamespace = :oid
UNION ALL SELECT concat_ws(' ', 'trigger', c.relname, pg_get_triggerdef(t.oid)) FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = :oid AND NOT t.tgisinternal
UNION ALL SELECT concat_ws(' ', 'policy', c.relname, p.polname, p.polcmd, p.polroles, pg_get_expr(p.polqual, c.oid),
    pg_get_expr(p.polwithcheck, c.oid)) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = :oid
UNION ALL SELECT concat_ws(' ', 'schema', nspowner::regrole,
    (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(nspacl) i)) FROM pg_namespace WHERE oid = :oid
UNION ALL SELECT concat_ws(' ', 'comment', c.relname, d.objsubid, d.description) FROM pg_description d
JOIN pg_class c ON c.oid = d.objoid WHERE c.relnamespace = :oid
"""


def shape(connection: Connection, schema: str) -> list[str]:
    """Every line that describes a schema, with its own hexadecimal id taken out."""
    connection.exec_driver_sql("SET LOCAL search_path = pg_catalog")
    oid = connection.execute(text("SELECT oid FROM pg_namespace WHERE nspname = :schema"), {"schema": schema}).scalar()
    found = [*connection.execute(text(SHAPE), {"oid": oid}).scalars()]
    found += connection.execute(text(f"SELECT 'revision ' || version_num FROM {schema}.alembic_version")).scalars()
    return sorted(line.replace(schema.removeprefix("center_"), "HEX") for line in found)


def shape_of(scene: Installation, center_id: UUID) -> list[str]:
    with open_admin_engine(scene.admin_dsn).begin() as connection:
        return shape(connection, schema_name(center_id))
