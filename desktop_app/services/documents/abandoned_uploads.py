"""What interrupted programs left of files that were never saved: given up in the record first, then removed.

Quiet and bounded: done by the next writer of a center and when a center is opened, never instead of their work. While
the center is in an older state than was seen here (rollback_detection.py), no transaction that changes anything begins,
so nothing is given up and nothing is deleted.
"""

import logging
import time
from collections.abc import Sequence
from uuid import UUID

from desktop_app.db import uploads
from desktop_app.domain.rights import Verb, may
from desktop_app.errors import LabkeepError, UnavailableError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.storage.errors import StorageError
from desktop_app.storage.store import remove_traces

LOGGER = logging.getLogger(__name__)
AT_MOST = 256
"""Attempts at once."""
SECONDS = 2.0


def sweep(context: CenterContext, seconds: float = SECONDS) -> int:
    """Give up what is over and remove its files, as far as *seconds* go; how many attempts are cleared away.

    A file is removed after the transaction that gave its attempt up was committed: nobody can make it live any more.
    What cannot be removed now is left for the next time. UnavailableError where the server cannot be asked.
    """
    if not (may(context.standing, Verb.EDIT_DOCUMENTS) and context.center.is_active):
        return 0
    until = time.monotonic() + seconds
    swept = 0
    try:
        while True:
            cleared = _sweep_some(context, until)
            swept += cleared
            if cleared < AT_MOST or time.monotonic() > until:
                break
    except LabkeepError as error:
        if isinstance(error, UnavailableError) and not isinstance(error, StorageError):
            raise
        LOGGER.info("Sweeping stopped: %s", type(error).__name__)
    return swept


def remove(context: CenterContext, files: Sequence[UUID]) -> int:
    """Remove files whose versions were deleted by a transaction that is committed; how many had to be left.

    They are on record as given up: what is left now is swept later.
    """
    left = len(files)
    try:
        for start in range(0, len(files), AT_MOST):
            some = files[start : start + AT_MOST]
            for file_id in some:
                remove_traces(context.person.store, context.center.schema_name, file_id)
            with context.change(Verb.EDIT_DOCUMENTS) as session:
                uploads.forget(session, some)
            left -= len(some)
    except LabkeepError as error:
        LOGGER.info("Removing deleted files stopped: %s", type(error).__name__)
    return left


def _sweep_some(context: CenterContext, until: float) -> int:
    with context.change(Verb.EDIT_DOCUMENTS) as session:
        files = uploads.sweep(session, context.person.under_way.copy(), AT_MOST)
    gone = []
    try:
        for file_id in files:
            remove_traces(context.person.store, context.center.schema_name, file_id)
            gone.append(file_id)
            if time.monotonic() > until:
                break
    finally:
        if gone:
            with context.change(Verb.EDIT_DOCUMENTS) as session:
                uploads.forget(session, gone)
    return len(gone)
