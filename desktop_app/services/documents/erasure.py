"""Erasing everything that carries one person's mark: searched, listed, asked for, confirmed; by one or two people.

What was searched for is not kept: a request names ids, row versions and entries of the record, and a reason. Whether
another administrator has to confirm is the center's setting, and the database's to hold
(``{"erasure": {"administrators": 2}}``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from desktop_app.db import deletion
from desktop_app.db import erasure as rows
from desktop_app.db.errors import UnconfirmedError, UnreachableError
from desktop_app.db.sessions import Session
from desktop_app.domain.erasure import ErasureRequest, ErasureState, Marked
from desktop_app.domain.ids import new_id
from desktop_app.domain.reasons import erasure_administrators, require_erasing_reason
from desktop_app.domain.rights import Verb
from desktop_app.domain.text_rules import clean
from desktop_app.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.retries import asked_again
from desktop_app.services.documents.abandoned_uploads import remove

SHORTEST = 3
"""Characters of a mark: fewer stand in almost everything."""


@dataclass(frozen=True)
class Erased:
    """What was erased; ``files_left`` could not be removed from the store now, and the next writer removes them."""

    samples: int
    documents: int
    entries: int
    files_left: int


@dataclass(frozen=True)
class Erasure:
    """Erasing in one center, by its administrators."""

    context: CenterContext

    @property
    def needs_another(self) -> bool:
        """Whether this center wants another administrator to confirm."""
        return erasure_administrators(self.context.center.settings) > 1

    def search(self, mark: str) -> Marked:
        """Samples, documents and entries of the record in which *mark* stands; InvalidInputError for a short one."""
        self.context.person.require(Verb.DELETE_RECORDS, self.context.center.id)
        with self.context.read() as session:
            return self._found(session, clean(mark))

    def request(self, marked: Marked, reason: str, *, without: Collection[UUID | int] = ()) -> ErasureRequest:
        """Ask that all of it is erased but what is left out (see Marked.without).

        It is searched for once more: ConflictError where something of it is not among what carries the mark, or was
        changed since. The reason stays on the record, and must not say whom it is about.
        """
        require_erasing_reason(reason)
        chosen = marked.without(without)
        if not chosen:
            raise RefusedError("There is nothing to erase.")
        request_id = new_id()

        def find(session: Session) -> ErasureRequest | None:
            return next((each for each in rows.requests(session) if each.id == request_id), None)

        try:
            with self.context.change(Verb.DELETE_RECORDS) as session:
                if not chosen.is_part_of(self._found(session, marked.mark)):
                    raise ConflictError(
                        "Something of it was changed since, or does not carry the mark. Nothing was asked for; search "
                        "again."
                    )
                rows.request(session, request_id, chosen, reason.strip())
                found = find(session)
        except UnconfirmedError:
            found = asked_again(self.context.read, find)
        if found is None:
            raise UnreachableError
        return found

    @staticmethod
    def _found(session: Session, mark: str) -> Marked:
        if len(mark) < SHORTEST:
            raise InvalidInputError({"mark": Message("Search for three characters or more.")})
        found = rows.find(session, mark)
        if max(len(found.samples), len(found.documents), len(found.entries) // 10) > rows.AT_MOST:
            raise RefusedError("That stands in more than can be erased at once; search for more of it.")
        return found

    def requests(self, *, everything: bool = False) -> tuple[ErasureRequest, ...]:
        """What waits for somebody to confirm it; with *everything* also what was done or withdrawn."""
        self.context.person.require(Verb.DELETE_RECORDS, self.context.center.id)
        with self.context.read() as session:
            return tuple(rows.requests(session, everything=everything))

    def marked(self, request: ErasureRequest) -> Marked:
        """What a request names, as it is now, for whoever is to confirm it; what is gone is left out."""
        with self.context.read() as session:
            return rows.read_again(session, request)

    def withdraw(self, request: ErasureRequest) -> None:
        """Take a request back, one's own or another's."""
        with self.context.change(Verb.DELETE_RECORDS) as session:
            rows.withdraw(session, request.id)

    def confirm(self, request: ErasureRequest) -> Erased:
        """Delete what was asked for, erase what the record says of it, and remove the files; all or nothing.

        ConflictError where something was changed since: withdraw, and search again.
        """
        files: list[UUID] = []

        def act(session: Session) -> int:
            stored = deletion.stored_versions(session, request.documents)
            files[:] = [version.file_id for version in stored]
            return rows.confirm(session, request.id)

        def look(session: Session) -> int | None:
            state = {each.id: each.state for each in rows.requests(session, everything=True)}.get(request.id)
            if state is None:
                raise NotFoundError("There is no such request.")
            return deletion.erased_entries(session, [request.id]) if state is ErasureState.DONE else None

        try:
            with self.context.change(Verb.DELETE_RECORDS, request.reason) as session:
                erased: int | None = act(session)
        except UnconfirmedError:
            erased = asked_again(self.context.read, look)
        if erased is None:
            raise UnreachableError
        left = remove(self.context, files)
        return Erased(len(request.samples), len(request.documents), erased, left)
