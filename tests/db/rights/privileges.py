"""What there is in a database and what a person may do with it, as PostgreSQL itself says."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

TABLE_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
PUBLIC = "public"  # the has_…_privilege functions take it for everybody

# PostgreSQL's own schemas or ours. Tables of TOAST lie in PostgreSQL's, also those of ours.
_PLACE = "(nspname ~ '^pg_' OR nspname = 'information_schema') = %(system)s"
_RELATIONS = f"(SELECT c.*, nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE {_PLACE}) AS rels"
_COLUMNS = (
    "(SELECT a.*, relname, nspname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n"
    " ON n.oid = relnamespace"
    f" WHERE {_PLACE} AND relkind NOT IN ('i', 'I', 'S') AND attnum > 0 AND NOT attisdropped) AS columns"
)
# Ours have one function of a name: of two, each is a thing of its own, which nobody has spoken of.
_FUNCTIONS = f"""(
    SELECT f.oid, nspname, proname || CASE WHEN count(*) OVER (PARTITION BY pronamespace, proname) > 1
        THEN '(' || pg_get_function_identity_arguments(f.oid) || ')' ELSE '' END AS called
    FROM pg_proc f JOIN pg_namespace n ON n.oid = pronamespace WHERE {_PLACE}
) AS functions"""
# Each table has a type of its rows, and each type one of its arrays: these have no privileges of their own.
_TYPES = (
    "(SELECT t.*, nspname FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace"
    f" WHERE {_PLACE} AND typrelid = 0 AND typelem = 0) AS types"
)

# Everything of ours that has a list of privileges, whoever made it: kind, schema, name, column.
_THINGS = f"""
SELECT 'schema', '', nspname, '' FROM pg_namespace WHERE {_PLACE}
UNION ALL
SELECT CASE relkind WHEN 'S' THEN 'sequence' WHEN 'r' THEN 'table' ELSE 'relation of kind ' || relkind::text END,
    nspname, relname, '' FROM {_RELATIONS} WHERE relkind NOT IN ('i', 'I')
UNION ALL
SELECT 'column', nspname, relname, attname FROM {_COLUMNS}
UNION ALL
SELECT 'function', nspname, called, '' FROM {_FUNCTIONS}
UNION ALL
SELECT 'type', nspname, typname, '' FROM {_TYPES}
UNION ALL
SELECT 'database', '', datname, '' FROM pg_database
UNION ALL
SELECT 'large object', '', oid::text, '' FROM pg_largeobject_metadata
UNION ALL
SELECT 'foreign data wrapper', '', fdwname, '' FROM pg_foreign_data_wrapper
UNION ALL
SELECT 'foreign server', '', srvname, '' FROM pg_foreign_server
"""

# What somebody may do with what lies in schemas, and with the schemas themselves.
_IN_SCHEMAS = f"""
SELECT p, 'schema', '', nspname, '' FROM pg_namespace n, unnest(ARRAY['USAGE', 'CREATE']) p
WHERE {_PLACE} AND has_schema_privilege(%(who)s, n.oid, p)
UNION ALL
SELECT p, 'table', nspname, relname, '' FROM {_RELATIONS}, unnest(%(table_privileges)s) p
WHERE relkind NOT IN ('i', 'I', 'S') AND has_table_privilege(%(who)s, oid, p)
UNION ALL
SELECT p, 'column', nspname, relname, attname
FROM {_COLUMNS}, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p
WHERE has_column_privilege(%(who)s, attrelid, attnum, p)
UNION ALL
SELECT p, 'sequence', nspname, relname, '' FROM {_RELATIONS}, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) p
WHERE relkind = 'S' AND has_sequence_privilege(%(who)s, oid, p)
UNION ALL
SELECT 'EXECUTE', 'function', nspname, called, '' FROM {_FUNCTIONS}
WHERE has_function_privilege(%(who)s, oid, 'EXECUTE')
UNION ALL
SELECT 'USAGE', 'type', nspname, typname, '' FROM {_TYPES} WHERE has_type_privilege(%(who)s, oid, 'USAGE')
"""

_OF_DATABASES = """
SELECT p, 'database', '', datname, '' FROM pg_database d, unnest(ARRAY['CONNECT', 'CREATE', 'TEMP']) p
WHERE has_database_privilege(%(who)s, d.oid, p)
"""

# What initdb gives everybody outside of schemas. None of it lets a person make anything without a right on a schema.
_OF_THE_REST = """
SELECT 'USAGE', 'language', '', lanname, '' FROM pg_language l WHERE has_language_privilege(%(who)s, l.oid, 'USAGE')
UNION ALL
SELECT 'CREATE', 'tablespace', '', spcname, '' FROM pg_tablespace t
WHERE has_tablespace_privilege(%(who)s, t.oid, 'CREATE')
UNION ALL
SELECT p, 'setting', '', name, '' FROM pg_settings, unnest(ARRAY['SET', 'ALTER SYSTEM']) p
WHERE has_parameter_privilege(%(who)s, name, p)
"""


class Thing(NamedTuple):
    """Something that privileges are given on: its kind, schema, name, and for a column that too."""

    kind: str
    schema: str
    name: str
    column: str = ""

    def __str__(self) -> str:
        place = f"{self.schema}.{self.name}" if self.schema else self.name
        return f"the {self.kind} {place}" + (f".{self.column}" if self.column else "")


class Permission(NamedTuple):
    """A privilege on a thing."""

    privilege: str
    thing: Thing

    def __str__(self) -> str:
        return f"{self.privilege} on {self.thing}"


def things(cursor: Any, centers: Mapping[str, str]) -> set[Thing]:
    """Everything of ours in the database; the schemas of *centers* are called as their values say."""
    cursor.execute(_THINGS, {"system": False})
    return {_thing(row, centers) for row in cursor.fetchall()}


def permissions(cursor: Any, who: str, centers: Mapping[str, str]) -> set[Permission]:
    """What somebody may do with things of ours and with databases."""
    return _permissions(cursor, f"{_IN_SCHEMAS} UNION ALL {_OF_DATABASES}", who, centers, system=False)


def system_permissions(cursor: Any, who: str) -> set[Permission]:
    """What somebody may do with PostgreSQL's own things."""
    return _permissions(cursor, f"{_IN_SCHEMAS} UNION ALL {_OF_THE_REST}", who, {}, system=True)


def _permissions(cursor: Any, query: str, who: str, centers: Mapping[str, str], system: bool) -> set[Permission]:
    maintain = ["MAINTAIN"] if cursor.connection.server_version >= 17_00_00 else []
    cursor.execute(query, {"who": who, "system": system, "table_privileges": [*TABLE_PRIVILEGES, *maintain]})
    return {Permission(privilege, _thing(row, centers)) for privilege, *row in cursor.fetchall()}


def _thing(row: Iterable[str], centers: Mapping[str, str]) -> Thing:
    kind, schema, name, column = row
    if kind == "schema":
        name = centers.get(name, name)
    return Thing(kind, centers.get(schema, schema), name, column)
