"""A change whose answer may be lost on its way: it is found out whether it was done, or said that nobody knows.

A connection that breaks before COMMIT was sent has changed nothing. One that breaks after it leaves the question open;
the record itself answers it as soon as the server can be asked again.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from desktop_app.db.errors import UnconfirmedError, UnreachableError
from desktop_app.db.sessions import Session
from desktop_app.domain.records import Record
from desktop_app.domain.rights import Verb
from desktop_app.errors import NotFoundError, UnavailableError
from desktop_app.services.center_access import CenterAccess

WAITS = (0.2, 1.0, 3.0)
"""Seconds before asking again: a server that restarts is back by then."""
Row = TypeVar("Row", bound=Record)


def confirmed(
    access: CenterAccess,
    verb: Verb,
    act: Callable[[Session], Row],
    done: Callable[[Session], Row | None],
    reason: str = "",
) -> Row:
    """Change a record in one transaction; where its answer is lost, *done* looks: the record, or None if it was not.

    UnconfirmedError where even that cannot be asked.
    """
    try:
        with access.change(verb, reason) as session:
            return act(session)
    except UnconfirmedError:
        found = _look(access, done)
        if found is None:
            raise UnreachableError from None
        return found


def changed_from(
    before: Row, read: Callable[[Session], Row], fits: Callable[[Row], bool]
) -> Callable[[Session], Row | None]:
    """Whether *before* was changed once, to what *fits*; UnconfirmedError if somebody else was at it, too."""

    def look(session: Session) -> Row | None:
        now = read(session)
        if now.row_version == before.row_version:
            return None
        if now.row_version == before.row_version + 1 and fits(now):
            return now
        raise UnconfirmedError

    return look


def made(read: Callable[[Session], Row]) -> Callable[[Session], Row | None]:
    """Whether a record is there now."""

    def look(session: Session) -> Row | None:
        try:
            return read(session)
        except NotFoundError:
            return None

    return look


def _look(access: CenterAccess, done: Callable[[Session], Row | None]) -> Row | None:
    for wait in WAITS:
        time.sleep(wait)
        try:
            with access.read() as session:
                return done(session)
        except UnconfirmedError:
            raise
        except UnavailableError:
            continue
    raise UnconfirmedError
