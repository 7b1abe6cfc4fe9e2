"""The two lines of revisions, and how a revision runs the SQL files that lie beside it.

``shared`` makes the schemas public, internal, api and security; ``center`` makes one center's schema and is run
once for each of them, with that schema first in the search_path. A revision ``versions/c0001_first.py`` keeps its
SQL in ``versions/c0001_first/*.sql``, cut by subject, and says which role runs each file.

A center's SQL writes its own tables without a schema, and inside functions, which know no search_path, with the
schema of zeros: ``center_000…``. The zeros are the center's hexadecimal id wherever it runs (db/template.py does the
same for new centers).
"""

from pathlib import Path

from alembic import context, op
from sqlalchemy import Connection

OWNER = "labkeep_owner"
SECURITY = "labkeep_security"
VERSION_TABLE = "alembic_version"
SCRATCH_HEX = "0" * 32
FOLDER = Path(__file__).parent


def run_sql(revision_file: str, *names: str, role: str = OWNER) -> None:
    """Run SQL files of a revision's own folder, as *role*: ``run_sql(__file__, "tables.sql")``.

    Each file is sent whole: ``%`` and ``:`` mean nothing, because no parameters are bound.
    """
    folder = Path(revision_file).with_suffix("")
    hex_id = str(context.config.attributes["schema"]).removeprefix("center_")
    connection = op.get_bind()
    act_as(connection, role)
    for name in names:
        run_text(connection, (folder / name).read_text(encoding="utf-8").replace(SCRATCH_HEX, hex_id))


def run_text(connection: Connection, text: str) -> None:
    """Send *text*, one statement or several, exactly as it is."""
    connection.exec_driver_sql(text, execution_options={"no_parameters": True})


def act_as(connection: Connection, role: str) -> None:
    """Let the rest of the transaction run as *role*; what is made belongs to it."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(f"SET LOCAL ROLE {quoted}")


def run_line() -> None:
    """What the env.py of both lines does: upgrade or downgrade on the connection that migrate.py handed over."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        version_table=VERSION_TABLE,
        version_table_schema=attributes["schema"],
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
