"""The two lines of revisions, and how a revision runs the SQL files that lie beside it.

``shared`` makes the schemas public, internal, api and security; ``center`` makes one center's schema and is run
once for each of them, with that schema first in the search_path. A revision ``versions/c0001_first.py`` keeps its
SQL in ``versions/c0001_first/*.sql``, cut by subject, and says which role runs each file.

A center's SQL writes its own tables without a schema, and inside functions, which know no search_path, with the
schema of zeros: ``center_000…``. The zeros are the center's hexadecimal id wherever it runs (db/center_template.py does
the same for new centers).
"""

from pathlib import Path

from alembic import command, context, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from desktop_app.db.migration_lines import FOLDER, OWNER, SCRATCH_HEX, SECURITY, VERSION_TABLE, act_as, run_text
from desktop_app.message import Message

__all__ = ["FOLDER", "OWNER", "SCRATCH_HEX", "SECURITY", "act_as", "head", "run_line", "run_sql", "run_text", "upgrade"]


def head(line: str) -> str:
    """The newest revision of a line."""
    found = ScriptDirectory.from_config(_config(line)).get_current_head()
    if found is None:
        raise LookupError(Message("the line {line} has no revision", line=line))
    return found


def upgrade(connection: Connection, line: str, schema: str) -> None:
    """Run what a schema lacks of its line in the connection's own transaction.

    LookupError for a schema at a revision that is not in the line.
    """
    config = _config(line)
    config.attributes.update(connection=connection, schema=schema)
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise LookupError(str(error)) from error


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


def _config(line: str) -> Config:
    config = Config()
    # The percent sign would begin an interpolation of the configuration's own.
    config.set_main_option("script_location", str(FOLDER / line).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
