"""How engines are made: all of them speak one dialect, and what it has compiled is kept for all.

``create_engine`` gives each engine a dialect of its own. That asks the server five questions at its first connection,
and knows none of the statements that the engine of the person before compiled: at each sign-in all of it anew. No
center's name is in a statement (db/sessions.py), so that what is compiled for one is right for each.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg2
from sqlalchemy import URL, Connection, Engine, NullPool, Pool, QueuePool, event
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.sql.compiler import COLLECT_CARTESIAN_PRODUCTS, SQLCompiler
from sqlalchemy.util import LRUCache

from desktop_app.db.decoding import read_json

Connect = Callable[[], Any]
"""Makes a connection of psycopg2."""

_COMPILED_STATEMENTS = 500
"""As many as SQLAlchemy keeps for one engine."""
_WAIT_SECONDS = 30
"""For a connection of the pool."""


class _Dialect(PGDialect_psycopg2):
    """What it would ask is the same on every server that Labkeep works with (15 and newer).

    It would ask for standard_conforming_strings, too: it takes them to be on. No statement here has a backslash in a
    literal that means something else without them, as who sets his own login's defaults may have it.
    """

    supports_statement_cache = True
    server_version_info = (15,)
    default_schema_name = "public"
    default_isolation_level = "READ COMMITTED"

    def initialize(self, connection: Connection) -> None:
        """Ask nothing."""


_DIALECT = _Dialect(  # type: ignore[no-untyped-call]  # SQLAlchemy's __init__ has no types
    dbapi=psycopg2,
    json_deserializer=read_json,
    use_native_hstore=False,  # each connection would ask for a type that nothing here uses
    compiler_linting=COLLECT_CARTESIAN_PRODUCTS,
)
_compiled: LRUCache[Any, Any] = LRUCache(_COMPILED_STATEMENTS)


def pooled_engine(connect: Connect, url: URL, size: int) -> Engine:
    """An engine with at most *size* connections, each looked after before it is used again."""
    return _engine(QueuePool(connect, size, 0, _WAIT_SECONDS, pre_ping=True, dialect=_DIALECT), url)


def unpooled_engine(connect: Connect, url: URL) -> Engine:
    """An engine that connects each time."""
    return _engine(NullPool(connect, dialect=_DIALECT), url)


def _engine(pool: Pool, url: URL) -> Engine:
    prepare: Callable[[Any], None] = _DIALECT.on_connect()  # type: ignore[no-untyped-call]  # nor has this
    event.listen(pool, "connect", lambda connection, _record: prepare(connection))
    options = {"compiled_cache": _compiled}
    return Engine(pool, _DIALECT, url, query_cache_size=0, execution_options=options, hide_parameters=True)


def forget_values() -> None:
    """Take out the kept statements that hold values: those with which they were compiled first, a patient's name among
    them. For the end of a person's engine; statements whose values come with each execution stay.

    They are not emptied instead: another person's statement may be at work with the same ones.
    """
    for key in tuple(_compiled):
        with suppress(KeyError):  # another thread's statement has just pushed it out
            if _holds_values(_compiled[key]):
                del _compiled[key]


def _holds_values(compiled: Any) -> bool:
    if not isinstance(compiled, SQLCompiler) or compiled.cache_key is None:
        return True
    return any(each.value is not None for each in (*compiled.binds.values(), *compiled.cache_key.bindparams))
