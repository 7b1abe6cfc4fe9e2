"""Looking an installation over: store, clock, and what interrupted programs left; each finding with a next step.

Bounded: a store of a million files on a slow share is looked through as far as the time goes, and that is said.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from desktop_app.db import documents as document_rows
from desktop_app.db import uploads
from desktop_app.domain.findings import Finding
from desktop_app.domain.paging import batches
from desktop_app.domain.records import Center
from desktop_app.errors import LabkeepError
from desktop_app.message import Message, Size
from desktop_app.services.context.person_context import PersonContext
from desktop_app.storage.store import Store

LITTLE_SPACE = 1024**3
"""Bytes."""
CLOCK_SECONDS = 300.0
LOOKED_THROUGH_SECONDS = 10.0
_ASKED_AT_ONCE = 1000


@dataclass(frozen=True)
class Left:
    """What there is of files that are not saved, in all centers that the person may see."""

    under_way: int = 0
    """Attempts of programs that are at work."""
    to_sweep: int = 0
    """Attempts that are over; the next writer of their center clears them away."""
    kept: int = 0
    """Attempts from before a backup was put back; nothing of them is ever deleted, and nothing needs to be done."""
    unnamed: int = 0
    """Files in the store, half ones too, that no row names; nothing deletes them."""
    is_complete: bool = True
    """False where the time did not suffice for the whole store."""


def check_store(store: Store, *, writes: bool) -> Iterator[Finding]:
    """Whether the folder is there, is the right one, takes files and has room."""
    try:
        store.check_marker()
        if writes:
            store.check_writing()
        free = store.free_space() if store.abilities.knows_free_space else None
    except LabkeepError as error:
        step = Message("Look at {place}, and at what it is on, such as a share.", place=store.place)
        yield Finding(error.code, error.message, step)
        return
    if free is not None and free < LITTLE_SPACE:
        yield Finding(
            "little_space",
            Message("The store has only {free} left.", free=Size(free)),
            Message("Make room on the share before more files are added."),
        )


def check_clock(server_time: datetime) -> Iterator[Finding]:
    """Whether this computer and the server agree on the time."""
    apart = abs((datetime.now(UTC) - server_time).total_seconds())
    if apart > CLOCK_SECONDS:
        yield Finding(
            "clock_skew",
            Message("This computer's clock and the server's are {apart} minutes apart.", apart=round(apart / 60)),
            Message("Set the clock that is wrong; the record of changes goes by the server's."),
        )


def about_deleted(count: int) -> Iterator[Finding]:
    """Deleted centers of which the store may still have files."""
    if count:
        yield Finding(
            "deleted_centers",
            Message(
                "The store may still have sealed files of {n} deleted centers.",
                one="The store may still have sealed files of {n} deleted center.",
                n=count,
            ),
            Message("They are removed when a system administrator signs in and the store can be written."),
        )


def about_unfinished(count: int) -> Iterator[Finding]:
    """Changes of system administrators that were not carried into every center yet."""
    if count:
        yield Finding(
            "unfinished_changes",
            Message(
                "{n} centers have not been told yet of a change of a system administrator.",
                one="{n} center has not been told yet of a change of a system administrator.",
                n=count,
            ),
            Message("It is gone on with whenever a system administrator signs in."),
        )


def check_centers(context: PersonContext, centers: Iterable[Center]) -> tuple[Left, list[Finding]]:
    """What interrupted programs left, and whether each center's folder is in the store."""
    until = time.monotonic() + LOOKED_THROUGH_SECONDS
    total, findings = Left(), list[Finding]()
    for center in centers:
        if time.monotonic() > until:
            total = _sum(total, Left(is_complete=False))
            break
        try:
            left, problems = _check_center(context, center, until)
        except LabkeepError as error:
            findings.append(
                Finding(
                    "not_looked_at",
                    Message("{center} could not be looked at: {error}", center=center.name, error=error),
                    Message("Try again in a moment."),
                    center.name,
                )
            )
            continue
        total = _sum(total, left)
        findings.extend(problems)
    return total, findings


def _check_center(context: PersonContext, center: Center, until: float) -> tuple[Left, list[Finding]]:
    sessions = context.sessions(center.id)
    with sessions.begin() as session:
        counts = uploads.counts(session)
        has_versions = document_rows.has_versions(session)
    found = []
    if has_versions and not context.store.has_center(center.schema_name):
        found.append(
            Finding(
                "missing_folder",
                Message(
                    "The folder {schema_name} of {center} is missing in the store.",
                    schema_name=center.schema_name,
                    center=center.name,
                ),
                Message("Put it back from the backup; until then none of its documents opens."),
                center.name,
            )
        )
    unnamed, is_complete = 0, True
    files = chain(context.store.stored_files(center.schema_name), context.store.leftovers(center.schema_name))
    for some in batches(files, _ASKED_AT_ONCE):
        if time.monotonic() > until:
            is_complete = False
            break
        with sessions.begin() as session:
            unnamed += len(uploads.unnamed(session, some))
    left = Left(counts.under_way, counts.to_sweep, counts.kept, unnamed, is_complete)
    return left, found + list(_about(left, center))


def _about(left: Left, center: Center) -> Iterator[Finding]:
    if left.to_sweep:
        yield Finding(
            "expired_uploads",
            Message(
                "{center}: {n} files interrupted before being saved; what is left takes room.",
                one="{center}: {n} file interrupted before being saved; what is left takes room.",
                n=left.to_sweep,
                center=center.name,
            ),
            Message("It is cleared away when somebody opens the center in the window or adds a file."),
            center.name,
        )
    if left.unnamed:
        yield Finding(
            "unnamed_files",
            Message(
                "{center}: {n} files in the store belonging to no document.",
                one="{center}: {n} file in the store belonging to no document.",
                n=left.unnamed,
                center=center.name,
            ),
            Message(
                "Nothing deletes that. If the database was put back from a backup, it may be documents of later days."
            ),
            center.name,
        )


def _sum(one: Left, other: Left) -> Left:
    return Left(
        one.under_way + other.under_way,
        one.to_sweep + other.to_sweep,
        one.kept + other.kept,
        one.unnamed + other.unnamed,
        one.is_complete and other.is_complete,
    )
