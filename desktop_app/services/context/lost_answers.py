"""A change whose answer may be lost on its way: it is found out whether it was done, or said that nobody knows.

A connection that breaks before COMMIT was sent has changed nothing. One that breaks after it leaves the question open;
the record itself answers it as soon as the server can be asked again.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TypeVar
from uuid import UUID

from desktop_app.db.errors import UnconfirmedError, UnreachableError
from desktop_app.db.sessions import Session
from desktop_app.domain.records import Record
from desktop_app.domain.rights import Verb
from desktop_app.errors import NotFoundError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.retries import asked_again

Row = TypeVar("Row", bound=Record)
Begin = Callable[[], AbstractContextManager[Session]]


def confirmed(
    context: CenterContext,
    verb: Verb,
    act: Callable[[Session], Row],
    done: Callable[[Session], Row | None],
    reason: str = "",
) -> Row:
    """Change a record of a center in one transaction; where its answer is lost, *done* looks: the record, or None if
    it was not changed.

    UnconfirmedError where even that cannot be asked.
    """
    return _confirmed(lambda: context.change(verb, reason), context.read, act, done)


def confirmed_shared(
    context: PersonContext, act: Callable[[Session], Row], done: Callable[[Session], Row | None], reason: str = ""
) -> Row:
    """The same for a user or a center, where no entry of the trust log tells."""
    return _confirmed(lambda: context.change_shared(reason), context.shared.begin, act, done)


def _confirmed(change: Begin, read: Begin, act: Callable[[Session], Row], done: Callable[[Session], Row | None]) -> Row:
    try:
        with change() as session:
            return act(session)
    except UnconfirmedError:
        found = asked_again(read, done)
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


def edited(
    before: Row, read: Callable[[Session, UUID], Row], changes: Mapping[str, object]
) -> Callable[[Session], Row | None]:
    """As ``changed_from``, where these fields got these values."""
    return changed_from(
        before,
        lambda session: read(session, before.id),
        lambda now: all(getattr(now, name) == value for name, value in changes.items()),
    )


def made(read: Callable[[Session], Row]) -> Callable[[Session], Row | None]:
    """Whether a record is there now."""

    def look(session: Session) -> Row | None:
        try:
            return read(session)
        except NotFoundError:
            return None

    return look
