"""What a center's schema looks like, line by line, so that it can be compared with what its template makes.

Shapes are texts of the server's own making (``pg_get_functiondef`` and the like), so that only those of one major
version are compared.
"""

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

SHARED_SCHEMAS = ("public", "internal", "api", "security")
# One line for everything that a schema holds; :oid is the schema's.
_SHAPE = """
SELECT concat_ws(' ', 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                 pg_get_expr(d.adbin, d.adrelid), a.attacl)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = :oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT concat_ws(' ', 'table', relname, relkind, relrowsecurity, relforcerowsecurity, relpersistence,
    relowner::regrole, (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(relacl) i))
FROM pg_class WHERE relnamespace = :oid
UNION ALL SELECT concat_ws(' ', 'constraint', conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE connamespace = :oid
UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(oid)) FROM pg_class
WHERE relnamespace = :oid AND relkind = 'i'
UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(oid), proowner::regrole,
    (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(proacl) i)) FROM pg_proc WHERE pronamespace = :oid
UNION ALL SELECT concat_ws(' ', 'trigger', c.relname, pg_get_triggerdef(t.oid), t.tgenabled) FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = :oid AND NOT t.tgisinternal
UNION ALL SELECT concat_ws(' ', 'constraint', k.conname, 'is', t.tgenabled) FROM pg_trigger t
JOIN pg_constraint k ON k.oid = t.tgconstraint
WHERE k.connamespace = :oid AND t.tgisinternal AND t.tgenabled <> 'O'
UNION ALL SELECT concat_ws(' ', 'rule', c.relname, r.rulename) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = :oid
UNION ALL SELECT concat_ws(' ', 'policy', c.relname, p.polname, p.polpermissive, p.polcmd, p.polroles,
    pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = :oid
UNION ALL SELECT concat_ws(' ', 'schema', nspowner::regrole,
    (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(nspacl) i)) FROM pg_namespace WHERE oid = :oid
UNION ALL SELECT concat_ws(' ', 'comment', c.relname, d.objsubid, d.description) FROM pg_description d
JOIN pg_class c ON c.oid = d.objoid WHERE c.relnamespace = :oid
"""
# What the installation's schemas have that a superuser made is written anew for each server, in its own superuser's
# name: of that the names count.
_SHARED = (
    _SHAPE.replace("WHERE pronamespace = :oid", "WHERE pronamespace = :oid AND NOT {mighty}")
    + """
UNION ALL SELECT concat_ws(' ', 'function of a superuser', proname, pg_get_function_identity_arguments(oid))
FROM pg_proc WHERE pronamespace = :oid AND {mighty}
"""
)
_MIGHTY = "(SELECT rolsuper FROM pg_roles WHERE pg_roles.oid = proowner)"
_OID = text("SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = :schema")
_PATH = text("SELECT set_config('search_path', 'pg_catalog', true)")
_MAJOR = text("SELECT current_setting('server_version_num')::integer / 10000")
_EXPECTED = text(
    "SELECT line FROM public.center_shape WHERE server = current_setting('server_version_num')::integer / 10000"
)
_SHARED_EXPECTED = text(
    "SELECT line FROM public.shared_shape WHERE server = current_setting('server_version_num')::integer / 10000"
)
_KEEP_SHARED = text("INSERT INTO public.shared_shape (server, line) SELECT :server, unnest(CAST(:lines AS text[]))")
_FORGET = text("DELETE FROM public.center_shape")
# In one statement: one for each of a thousand lines took a seventh of the time in which an installation is made.
_KEEP = text("INSERT INTO public.center_shape (server, line) SELECT :server, unnest(CAST(:lines AS text[]))")


def shape(connection: Connection | Session, schema: str) -> list[str]:
    """Every line that describes a schema, with its own hexadecimal id taken out; the search path is its own then."""
    connection.execute(_PATH)
    oid = connection.execute(_OID, {"schema": schema}).scalar()
    found = connection.execute(text(_SHAPE), {"oid": oid}).scalars()
    return sorted(line.replace(schema.removeprefix("center_"), "HEX") for line in found)


def keep_shape(connection: Connection, lines: list[str]) -> None:
    """Keep what the template makes, in the place of what was kept before."""
    server = connection.execute(_MAJOR).scalar_one()
    connection.execute(_FORGET)
    connection.execute(_KEEP, {"server": server, "lines": lines})


def expected_shape(connection: Connection | Session) -> list[str]:
    """What the template makes on a server of this version; empty where that was never looked at."""
    return list(connection.execute(_EXPECTED).scalars())


def shared_shape(connection: Connection | Session) -> list[str]:
    """Every line that describes what all centers share, each with its schema; the search path is its own then."""
    connection.execute(_PATH)
    query, found = text(_SHARED.format(mighty=_MIGHTY)), []
    for schema in SHARED_SCHEMAS:
        oid = connection.execute(_OID, {"schema": schema}).scalar()
        found += [f"{schema}: {line}" for line in connection.execute(query, {"oid": oid}).scalars()]
    return sorted(found)


def keep_shared_shape(connection: Connection) -> None:
    """Keep what the shared line has just made, in the place of what was kept before."""
    server, lines = connection.execute(_MAJOR).scalar_one(), shared_shape(connection)
    connection.execute(text("DELETE FROM public.shared_shape"))
    connection.execute(_KEEP_SHARED, {"server": server, "lines": lines})


def expected_shared_shape(connection: Connection | Session) -> list[str]:
    """What the shared line made on a server of this version; empty where that was never looked at."""
    return list(connection.execute(_SHARED_EXPECTED).scalars())
