"""How an installation is: server, schemas, store, record; for `labkeep-admin status` and About."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from desktop_app import __version__
from desktop_app.db import kit, registry
from desktop_app.db.audit import head as record_head
from desktop_app.db.migrate import heads
from desktop_app.db.server_facts import server_facts
from desktop_app.domain.findings import Finding
from desktop_app.domain.profiles import Profile
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Verb, may
from desktop_app.errors import LabkeepError
from desktop_app.message import Message
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.maintenance.checks import (
    Left,
    about_deleted,
    about_unfinished,
    check_centers,
    check_clock,
    check_store,
)

KIT_NOT_KEPT = Finding(
    "kit_not_kept",
    Message("Nobody has shown that the recovery kit is kept."),
    Message("Sign in to the window as a system administrator, and choose “Make a new kit…” in its banner."),
)
"""Said to system administrators, who alone can make another."""


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
    store_problem: Message | None
    store_free: int | None
    """Bytes that the store has left; None where that cannot be known."""
    trust_sequence: int
    trust_digest: str
    record_sequence: int
    record_digest: str
    """The newest link of the installation's own record of changes."""
    alarms: tuple[Message, ...]
    unfinished: int
    """In so many centers a system administrator's change is not finished (services/records/unfinished_changes.py)."""
    server_time: datetime
    left: Left
    """What interrupted programs left in the centers."""
    findings: tuple[Finding, ...]
    """What is not as it should be, also what stands above; empty on a quiet day."""


def read_status(context: PersonContext, alarms: tuple[Finding, ...], centers: Iterable[Center]) -> Status:
    """Ask the server and the store how they are, and look the given centers over; *alarms* are about trust."""
    with context.shared.begin() as session:
        server = server_facts(session)
        head = context.trust.refresh(session).head
        record = record_head(session)
        unfinished = len(registry.unfinished(session))
        deleted = len(registry.deleted_centers(session))
        kit_is_kept = not context.user.is_system_administrator or kit.is_kept(session, context.trust.state.root.id)
    behind = sum(revision != heads().center for revision in server.center_revisions)
    left, store_problem, findings = _look(context, centers)
    findings = [
        *alarms,
        *_about_revisions(behind),
        *about_unfinished(unfinished),
        *about_deleted(deleted),
        *check_clock(server.now),
        *findings,
    ]
    if not kit_is_kept:
        findings.append(KIT_NOT_KEPT)
    return Status(
        version=__version__,
        profile=context.profile,
        server_version=server.version,
        shared_revision=server.shared_revision,
        centers=len(server.center_revisions),
        centers_behind=behind,
        store_problem=store_problem,
        store_free=_free(context),
        trust_sequence=head.sequence,
        trust_digest=head.digest.hex(),
        record_sequence=record.seq,
        record_digest=record.digest.hex(),
        alarms=tuple(each.text for each in alarms),
        unfinished=unfinished,
        server_time=server.now,
        left=left,
        findings=tuple(findings),
    )


def _about_revisions(behind: int) -> Iterator[Finding]:
    if behind:
        yield Finding(
            "centers_behind",
            Message(
                "{n} centers are at another revision than this program's.",
                one="{n} center is at another revision than this program's.",
                n=behind,
            ),
            Message("The database's administrator runs labkeep-admin migrate."),
        )


def _look(context: PersonContext, centers: Iterable[Center]) -> tuple[Left, Message | None, list[Finding]]:
    """The store, and with a store that is there also the centers."""
    writes = may(context.user.standing, Verb.EDIT_DOCUMENTS)
    found = list(check_store(context.store, writes=writes))
    try:
        context.store.check_marker()
    except LabkeepError as error:
        return Left(is_complete=False), error.message, found
    left, more = check_centers(context, centers)
    return left, None, found + more


def _free(context: PersonContext) -> int | None:
    try:
        return context.store.free_space() if context.store.abilities.knows_free_space else None
    except LabkeepError:
        return None
