"""Erasing in memory, for tests of widgets."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from desktop_app.domain.erasure import ErasureRequest, ErasureState, Marked
from desktop_app.domain.ids import new_id
from desktop_app.domain.records import Document, Sample
from desktop_app.services.documents import erasure
from desktop_app.services.documents.erasure import Erased
from tests.ui.in_memory import Rows, Trouble, stands_for
from tests.ui.made_records import START


@stands_for(erasure.Erasure, handles="asked two", uncalled="marked")
class Erasure:
    def __init__(self, samples: Rows[Sample], documents: Rows[Document], trouble: Trouble) -> None:
        self._samples, self._documents, self._trouble = samples, documents, trouble
        self.asked: list[ErasureRequest] = []
        self.two = False

    @property
    def needs_another(self) -> bool:
        return self.two

    def search(self, mark: str) -> Marked:
        self._trouble.meet("erasure.search")
        samples = tuple(each for each in self._samples.rows.values() if mark in each.name)
        return Marked(samples, tuple(each for each in self._documents.rows.values() if mark in each.title), (4, 9))

    def request(self, marked: Marked, reason: str, *, without: Collection[UUID | int] = ()) -> ErasureRequest:
        marked = marked.without(without)
        self._trouble.meet("erasure.request")
        samples, documents = (tuple(each.id for each in rows) for rows in (marked.samples, marked.documents))
        made = ErasureRequest(
            new_id(), samples, documents, marked.entries, reason, ErasureState.OPEN, START, "Selin", is_own=True
        )
        self.asked.append(made)
        return made

    def requests(self, *, everything: bool = False) -> tuple[ErasureRequest, ...]:
        self._trouble.meet("erasure.requests")
        return tuple(each for each in self.asked if everything or each.state is ErasureState.OPEN)

    def withdraw(self, request: ErasureRequest) -> None:
        self._end(request, ErasureState.WITHDRAWN)

    def confirm(self, request: ErasureRequest) -> Erased:
        self._trouble.meet("erasure.confirm")
        for document_id in request.documents:
            del self._documents.rows[document_id]
        self._end(request, ErasureState.DONE)
        return Erased(len(request.samples), len(request.documents), 7, 0)

    def _end(self, request: ErasureRequest, state: ErasureState) -> None:
        self.asked[self.asked.index(request)] = replace(request, state=state)
