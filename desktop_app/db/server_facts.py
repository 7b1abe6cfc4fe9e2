"""What a signed-in person can learn of the server's state."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from desktop_app.db.registry import shared_revision
from desktop_app.db.registry_tables import centers


@dataclass(frozen=True)
class ServerFacts:
    """Version, revisions and clock of the server; centers as far as the person may see them."""

    version: str
    shared_revision: str
    center_revisions: tuple[str, ...]
    """The revision of each center."""
    now: datetime


def server_facts(session: Session) -> ServerFacts:
    """Ask the server."""
    version, now = session.execute(text("SELECT current_setting('server_version'), clock_timestamp()")).one()
    revisions = session.scalars(select(func.coalesce(centers.c.schema_rev, "")))
    return ServerFacts(version.split()[0], shared_revision(session), tuple(revisions), now)


def major_version(session: Session) -> int:
    """PostgreSQL's major version."""
    return int(session.execute(text("SELECT current_setting('server_version_num')::integer / 10000")).scalar_one())
