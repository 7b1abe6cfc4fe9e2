"""What everybody knows of the two lines of revisions: where they lie, who owns what they make, how SQL is sent."""

from pathlib import Path

from sqlalchemy import Connection

OWNER = "labkeep_owner"
SECURITY = "labkeep_security"
VERSION_TABLE = "alembic_version"
SCRATCH_HEX = "0" * 32
FOLDER = Path(__file__).parent / "migrations"


def run_text(connection: Connection, text: str) -> None:
    """Send *text*, one statement or several, exactly as it is."""
    connection.exec_driver_sql(text, execution_options={"no_parameters": True})


def act_as(connection: Connection, role: str) -> None:
    """Let the rest of the transaction run as *role*; what is made belongs to it."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(f"SET LOCAL ROLE {quoted}")
