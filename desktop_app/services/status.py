"""How an installation is: server, schemas, store, record; for `labkeep-admin status` and About."""

from dataclasses import dataclass
from datetime import datetime

from desktop_app import __version__
from desktop_app.db.audit import head as record_head
from desktop_app.db.migrate import heads
from desktop_app.db.server_facts import server_facts
from desktop_app.domain.profiles import Profile
from desktop_app.errors import LabkeepError
from desktop_app.services.access import Access


@dataclass(frozen=True)
class Status:
    """What a signed-in person can see of the installation's health; sentences where something is wrong."""

    version: str
    profile: Profile
    server_version: str
    shared_revision: str
    centers: int
    centers_behind: int
    """Centers whose schema is older than this program knows."""
    store_problem: str | None
    trust_sequence: int
    trust_digest: str
    record_sequence: int
    record_digest: str
    """The newest link of the installation's own record of changes."""
    alarms: tuple[str, ...]
    server_time: datetime


def read_status(access: Access, alarms: tuple[str, ...]) -> Status:
    """Ask the server and the store how they are."""
    with access.shared.begin() as session:
        server = server_facts(session)
        head = access.trust.refresh(session).head
        record = record_head(session)
    return Status(
        version=__version__,
        profile=access.profile,
        server_version=server.version,
        shared_revision=server.shared_revision,
        centers=len(server.center_revisions),
        centers_behind=sum(revision != heads().center for revision in server.center_revisions),
        store_problem=_store_problem(access),
        trust_sequence=head.sequence,
        trust_digest=head.digest.hex(),
        record_sequence=record.seq,
        record_digest=record.digest.hex(),
        alarms=alarms,
        server_time=server.now,
    )


def _store_problem(access: Access) -> str | None:
    try:
        access.store.check_marker()
    except LabkeepError as error:
        return str(error)
    return None
